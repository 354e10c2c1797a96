"""Phase 1, bottom-up: every unit works out its cost, its quality and its list price."""

from ...agents.offer import list_price, stage_cost
from ...agents.rule import part
from ..columns import State
from .sight import delivers, price_for


@part
def offer(state: State) -> None:
    """Quote for every unit in operation, suppliers before clients."""
    layers, firms = state.operates.shape
    for k in range(layers):
        for i in range(firms):
            if state.operates[k, i]:
                quote_unit(state, k, i)


@part
def quote_unit(state: State, k: int, i: int) -> None:
    """C = s + sum w paid, Q = a + sum o Q_supplier; a unit lacking an input is not able and sells nothing."""
    unit, layer = state.units[k, i], state.layers[k]
    unit.stage_cost = stage_cost(
        layer.base_cost,
        unit.experience,
        state.market[0].experience_scale,
        layer.learning,
        unit.volume / unit.capacity if unit.capacity > 0.0 else 0.0,
        layer.congestion,
    )
    cost, quality, able = unit.stage_cost, unit.capability, True
    for e in range(state.layers[k].first_edge, state.layers[k + 1].first_edge):
        edge, j = state.edges[e], state.links[e, i].supplier
        if delivers(state, edge.input, j):
            cost += edge.weight * price_for(state, e, i, j)
            quality += edge.passthrough * state.units[edge.input, j].quality
        else:
            able = False
    unit.able = able
    unit.unit_cost = cost
    unit.quality = quality
    unit.price = list_price(cost, unit.markup, unit.open)
