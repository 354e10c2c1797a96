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


class Report(NamedTuple):
    """All deals of one unit in a step, added up."""

    profit_up: float  # money, had the price been higher by the probe
    profit_down: float  # money, had it been lower
    revenue_won: float  # money, of the deals that it won


@rule
def profit_at(deal: Deal, change: float, price_weight: float) -> float:
    """Profit of the deal had the price been (1 + change) p: it is won if its distance outweighs the appeal moved."""
    wins = deal.distance > price_weight * change * deal.cost_share
    return deal.volume * (deal.price * (1.0 + change) - deal.unit_cost) if wins else 0.0


@rule
def markup_after(markup: float, report: Report, sells: bool, speed: float, step_max: float, cap: float) -> float:
    """The next mark-up.

    Change of ln(1 + mu) = speed (profit_up - profit_down) / (2 revenue won), within +-step_max. A unit that won
    nothing steps down if it lost narrowly (a lower price would have paid) or has no external sales.
    """
    if report.revenue_won > 0.0:
        change = speed * (report.profit_up - report.profit_down) / (2.0 * report.revenue_won)
        change = min(max(change, -step_max), step_max)
    elif report.profit_down > 0.0 or not sells:
        change = -step_max
    else:
        change = 0.0
    return min(max(exp(log(1.0 + markup) + change) - 1.0, 0.0), cap)


@rule
def opens(margins_adjacent: float, own_margin: float) -> bool:
    """Commoditise your complement: open if a quarter of one's margins next door exceeds what the unit would earn."""
    return 0.25 * margins_adjacent > own_margin
