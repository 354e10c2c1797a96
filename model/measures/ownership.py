"""Who owns how much of the whole stack: firms by number of layers, and control across layers."""

import numpy as np

from ...agents.rule import part
from ..columns import Row, State
from ..phases.partner import is_seller
from ..phases.sight import on_roster
from .concentration import over, sold


@part
def count_holdings(state: State) -> None:
    """Note for every firm how many layers it operates and what it makes, as value, in the layers that sell."""
    for i in range(state.holdings.shape[0]):
        state.holdings[i].layers_run = 0
        state.holdings[i].control = 0.0
    for k in range(state.operates.shape[0]):
        sells, value = not state.layers[k].is_demand, state.layers[k].mean_stage_cost
        for n in range(state.layers[k].listed):
            i = on_roster(state, k, n)
            if state.operates[k, i]:
                state.holdings[i].layers_run += 1
            if sells and sold(state, k, i):
                state.holdings[i].control += value * state.units[k, i].volume


@part
def layers_per_firm(state: State, k: int) -> float:
    """Mean number of layers (1 or more) that the firms in operation in layer k operate."""
    firms = layers = 0
    for n in range(state.layers[k].listed):
        i = on_roster(state, k, n)
        if state.operates[k, i]:
            firms += 1
            layers += state.holdings[i].layers_run
    return layers / firms if firms > 0 else np.nan


@part
def measure_ownership(state: State, overall: Row) -> None:
    """Control HHI = 10,000 sum c^2 / (sum c)^2 over owners' values c (points), and sellers by number of layers."""
    total = squares = 0.0
    single = two = many = 0
    for i in range(state.holdings.shape[0]):
        firm = state.holdings[i]
        total += firm.control
        squares += firm.control * firm.control
        if is_seller(state, i):
            single += firm.layers_run == 1
            two += firm.layers_run == 2
            many += firm.layers_run >= 3
    overall.control_hhi = over(10_000.0 * squares, total * total)
    overall.single_layer_firms, overall.two_layer_firms, overall.many_layer_firms = single, two, many
