"""Who sells how much: shares, Herfindahl index, leader, and how far apart the products are."""

from math import sqrt

import numpy as np

from ...agents.rule import part
from ..columns import Row, State
from ..phases.sight import on_roster


@part
def sold(state: State, k: int, i: int) -> bool:
    """Whether unit (k, i) made anything this step."""
    return state.traded[k, i] and state.units[k, i].volume > 0.0


@part
def over(part_of: float, whole: float) -> float:
    """A share, NaN where the whole is nothing."""
    return part_of / whole if whole > 0.0 else np.nan


@part
def measure_concentration(state: State, k: int, row: Row) -> None:
    """HHI = 10,000 sum s^2 with s = v / sum v (points), its inverse, CR1, CR4, units, volume and leader of layer k."""
    volume = squares = 0.0
    operated, leader, largest = 0, -1, 0.0
    first = second = third = fourth = 0.0
    for n in range(state.layers[k].listed):
        i = on_roster(state, k, n)
        operated += state.operates[k, i]
        if not sold(state, k, i):
            continue
        v = state.units[k, i].volume
        volume += v
        squares += v * v
        if v > largest or (v == largest and state.firms[i].slot < leader):
            leader, largest = state.firms[i].slot, v
        if v > fourth:
            first, v = max(first, v), min(first, v)
            second, v = max(second, v), min(second, v)
            third, v = max(third, v), min(third, v)
            fourth = max(fourth, v)
    row.volume, row.units, row.leader = volume, operated, leader
    row.hhi = over(10_000.0 * squares, volume * volume)
    row.effective_firms = over(volume * volume, squares)
    row.cr1 = over(first, volume)
    row.cr4 = over(first + second + third + fourth, volume)
    row.unserved = over(state.layers[k].unserved, state.layers[k].unserved + volume)


@part
def measure_sales(state: State, k: int, row: Row) -> None:
    """Lerner index L = (p - C) / p over sales to others (0 to 1), merchant HHI, and the share made in-house.

    Also notes the layer's mean stage cost, by volume (money/unit): one value for all, so that who makes dearly is not
    counted as controlling more.
    """
    volume = cost = captive = margin = revenue = merchant = squares = 0.0
    for n in range(state.layers[k].listed):
        i = on_roster(state, k, n)
        if not sold(state, k, i):
            continue
        unit = state.units[k, i]
        volume += unit.volume
        cost += unit.stage_cost * unit.volume
        captive += unit.volume - unit.external_volume
        margin += unit.external_margin
        revenue += unit.external_revenue
        merchant += unit.external_volume
        squares += unit.external_volume * unit.external_volume
    row.lerner = over(margin, revenue)
    row.in_house_share = over(captive, volume)
    row.hhi_merchant = over(10_000.0 * squares, merchant * merchant)
    state.layers[k].mean_stage_cost = over(cost, volume)
    row.profit_share = margin  # divided by the whole stack's once that is known


@part
def capability_spread(state: State, k: int) -> float:
    """sqrt(mean (a - mean a)^2) over units in operation (log quality, 0 or more); NaN without units or for buyers."""
    units, total, squares = 0, 0.0, 0.0
    if state.layers[k].is_demand:
        return np.nan
    for n in range(state.layers[k].listed):
        i = on_roster(state, k, n)
        if state.operates[k, i]:
            units += 1
            total += state.units[k, i].capability
    for n in range(state.layers[k].listed):  # a second pass, since a difference of sums would lose digits
        i = on_roster(state, k, n)
        if state.operates[k, i]:
            apart = state.units[k, i].capability - total / units
            squares += apart * apart
    return sqrt(squares / units) if units > 0 else np.nan
