"""What an alliance is worth to one side, per step; both sides must gain more than its upkeep."""

from .rule import rule

LEAST_TASTE = 0.05
RICH = 4.0


@rule
def client_gain(
    discount: float, margin_paid: float, exclusivity: float, itch: float, spending: float, price_weight: float
) -> float:
    """As client: the discount, less the options given up (the itch, priced by beta) while the contract is bound."""
    return discount * margin_paid - exclusivity * itch * spending / price_weight


@rule
def supplier_gain(exclusivity: float, churn: float, horizon: float, discount: float, margin_earned: float) -> float:
    """As supplier: business retained over the horizon, less the discount granted."""
    return (exclusivity * churn * horizon - discount) * margin_earned


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
