"""Mark-ups from the win/loss report, and whether to give a product away."""

from math import exp, log
from typing import NamedTuple

from .rule import rule


class Deal(NamedTuple):
    """One reviewed contract as the seller hears of it."""

    volume: float  # units per step
    price: float  # list price, money per unit
    unit_cost: float  # the seller's, money per unit
    distance: float  # appeal by which it won (positive) or lost (negative)
    cost_share: float  # the price's share in the client's unit cost


class PriceView(NamedTuple):
    """What the owner of a unit knows when it sets the next mark-up: the unit's books and the win/loss report."""

    markup: float  # on unit cost
    unit_cost: float  # money per unit
    price: float  # list price, money per unit
    quality: float  # log quality delivered
    capability: float  # log quality of the stage
    capacity: float  # units per step
    volume: float  # units this step, own use included
    external_volume: float  # units sold to others
    external_margin: float  # money earned on them
    profit_up: float  # money on reviewed deals, had the price been higher by the probe
    profit_down: float  # money, had it been lower
    revenue_won: float  # money, of the deals that it won
    speed: float  # parameter price_speed
    step_max: float  # parameter price_step_max
    cap: float  # parameter markup_cap


@rule
def profit_at(deal: Deal, change: float, price_weight: float) -> float:
    """Profit of the deal had the price been (1 + change) p: it is won if its distance outweighs the appeal moved."""
    wins = deal.distance > price_weight * change * deal.cost_share
    return deal.volume * (deal.price * (1.0 + change) - deal.unit_cost) if wins else 0.0


@rule
def markup_after(view: PriceView) -> float:
    """The next mark-up.

    Change of ln(1 + mu) = speed (profit_up - profit_down) / (2 revenue won), within +-step_max. A unit that won
    nothing steps down if it lost narrowly (a lower price would have paid) or has no external sales.
    """
    if view.revenue_won > 0.0:
        change = view.speed * (view.profit_up - view.profit_down) / (2.0 * view.revenue_won)
        change = min(max(change, -view.step_max), view.step_max)
    elif view.profit_down > 0.0 or view.external_volume <= 0.0:
        change = -view.step_max
    else:
        change = 0.0
    return exp(log(1.0 + view.markup) + change) - 1.0


@rule
def bounded(markup: float, cap: float) -> float:
    """Mark-ups stay between cost and the cap, whoever sets them."""
    return min(max(markup, 0.0), cap)


@rule
def opens(margins_adjacent: float, own_margin: float) -> bool:
    """Commoditise your complement: open if a quarter of one's margins next door exceeds what the unit would earn."""
    return 0.25 * margins_adjacent > own_margin
