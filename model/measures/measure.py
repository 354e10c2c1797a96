"""All measures of a step: what `trace` noted after trade, and what can be seen when the step is over."""

from ...agents.rule import part
from ..columns import Row, State, Table
from .alliances import measure_alliances
from .concentration import capability_spread, measure_concentration, measure_sales, over
from .ownership import count_holdings, layers_per_firm, measure_ownership
from .turnover import measure_turbulence, measure_turnover


@part
def measure(state: State, rows: Table, overall: Row) -> None:
    """Write this step's measures: of each layer to its row, shape (layers,), and of the whole stack to `overall`."""
    for k in range(state.operates.shape[0]):
        measure_layer(state, k, rows[k])
    count_holdings(state)
    for k in range(state.operates.shape[0]):
        rows[k].layers_per_firm = layers_per_firm(state, k)
    measure_alliances(state, 0, state.firms.shape[0], overall)
    measure_ownership(state, overall)
    measure_profits(rows, overall)
    measure_final_demand(state, rows, overall)


@part
def measure_layer(state: State, k: int, row: Row) -> None:
    """Write the measures of layer k."""
    layer = state.layers[k]
    measure_concentration(state, k, row)
    measure_sales(state, k, row)
    measure_turnover(state, k, row)
    measure_turbulence(state, k, row)
    measure_alliances(state, layer.first_slot, state.layers[k + 1].first_slot, row)
    row.capability_spread = capability_spread(state, k)
    row.multi_homing = layer.multi_homing
    row.open_volume = layer.open_volume
    row.fragility = layer.fragility
    row.independent_stacks = layer.independent_stacks


@part
def measure_profits(rows: Table, overall: Row) -> None:
    """Margin = sum of external margins (money/step); each layer's share of it, 0 to 1."""
    margin = 0.0
    for row in rows:
        margin += row.profit_share
    for row in rows:
        row.profit_share = over(row.profit_share, margin)
    overall.margin = margin


@part
def measure_final_demand(state: State, rows: Table, overall: Row) -> None:
    """What all buyers got, the share of need that is unmet, and the mean of independent stacks, by volume."""
    volume = unserved = stacks = 0.0
    for k in range(rows.shape[0]):
        if state.layers[k].is_demand:
            unserved += state.layers[k].unserved
            volume += rows[k].volume
            if rows[k].volume > 0.0:
                stacks += rows[k].volume * rows[k].independent_stacks
    overall.final_volume = volume
    overall.unserved = over(unserved, unserved + volume)
    overall.independent_stacks = over(stacks, volume)
