"""What moves: firms that come and go, shares, leaders and links."""

import numpy as np

from ...agents.rule import part
from ..columns import Row, State
from .concentration import over, sold


@part
def measure_turnover(state: State, k: int, row: Row) -> None:
    """Entry, exit and acquisition of firms at home in layer k, as counts and over n, the firms at the step's start."""
    layer = state.layers[k]
    left = layer.failed + layer.acquired
    before = living_firms(state, k) - layer.entered + left
    row.entry, row.exit, row.acquisitions = layer.entered, left, layer.acquired
    row.entry_rate = over(layer.entered, before)
    row.exit_rate = over(left, before)
    row.acquisition_rate = over(layer.acquired, before)
    row.switches = layer.switched
    row.switch_rate = over(layer.switched, layer.served_links)


@part
def living_firms(state: State, k: int) -> int:
    """Firms at home in layer k."""
    count = 0
    for slot in range(state.layers[k].first_slot, state.layers[k + 1].first_slot):
        count += state.firms[state.firms[slot].row_of_slot].alive
    return count


@part
def measure_turbulence(state: State, k: int, row: Row) -> None:
    """Turbulence = sum |s - s of the step before| (0 to 2), and whether the leader is another; then remember both.

    NaN where either step has no volume.
    """
    layer = state.layers[k]
    compared = layer.last_volume > 0.0 and row.volume > 0.0
    moved = shares_moved(state, k, row.volume)
    row.turbulence = moved if compared else np.nan
    changed = 1.0 if row.leader != layer.last_leader else 0.0
    row.leader_changed = changed if compared else np.nan
    layer.last_volume, layer.last_leader = row.volume, row.leader


@part
def shares_moved(state: State, k: int, volume: float) -> float:
    """Sum of the absolute changes of shares in layer k; the present ones are remembered."""
    moved = 0.0
    for i in range(state.operates.shape[1]):  # who left is on no roster any more
        share = state.units[k, i].volume / volume if sold(state, k, i) else 0.0
        before = state.traces[k, i].last_share
        if share != before:
            moved += abs(share - before)
            state.traces[k, i].last_share = share
    return moved
