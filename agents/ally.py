"""What an alliance is worth to one side, per step; both sides must gain more than its upkeep."""

from typing import NamedTuple

from .rule import rule

LEAST_TASTE = 0.05
RICH = 4.0


class AllyView(NamedTuple):
    """What an alliance would bring to and take from one side, money per step; costs are negative."""

    discount: float  # as client: on what it buys from the other
    options: float  # as client: the options given up while contracts are bound
    business: float  # as supplier: business retained
    granted: float  # as supplier: the discount given
    learnt: float  # from the other's lead in shared layers
    leaked: float  # from one's own lead
    capital: float  # put in (or got) by the richer side, spread over the horizon
    trust: float  # by one's own allies that are allied with the other, who vouch for it


@rule
def value_of_alliance(view: AllyView) -> float:
    """What the alliance is worth to this side before upkeep: the sum of all terms."""
    traded = view.discount + view.options + view.business + view.granted
    return traded + view.learnt + view.leaked + view.capital + view.trust


@rule
def client_gain(
    discount: float, margin_paid: float, exclusivity: float, itch: float, spending: float, price_weight: float
) -> tuple[float, float]:
    """As client: the discount, and the options given up (the itch, priced by beta) while the contract is bound."""
    return discount * margin_paid, -exclusivity * itch * spending / price_weight


@rule
def supplier_gain(
    exclusivity: float, churn: float, horizon: float, discount: float, margin_earned: float
) -> tuple[float, float]:
    """As supplier: business retained over the horizon, and the discount granted."""
    return exclusivity * churn * horizon * margin_earned, -discount * margin_earned


@rule
def needs_capital(client_cash: float, client_fixed_cost: float, supplier_cash: float, runway: float) -> bool:
    """Whether the client is short of cash (below its runway) while the supplier has four times that."""
    asked = runway * client_fixed_cost
    return client_cash < asked and supplier_cash >= RICH * asked


@rule
def knowledge_gain(
    own: float, other: float, own_margin: float, both_sell: bool, spillover: float, taste: float
) -> float:
    """One shared layer: what the other's lead is worth in sales, or half of what one's own lead costs when it leaks."""
    moved = spillover * (other - own) / max(taste, LEAST_TASTE) * own_margin
    if other > own:
        return moved
    return 0.5 * moved if both_sell else 0.0
