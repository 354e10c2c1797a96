"""Phase 1, bottom-up: every unit works out its cost, its quality and its list price."""

from ...agents.address import rows, share_out
from ...agents.offer import list_price, stage_cost
from ...agents.rule import loop, part, phase
from ..columns import State
from .sight import base_cost, call_roll, delivers, on_roster, price_for


@phase
def offer(state: State) -> None:
    """Quote for every unit in operation, suppliers before clients."""
    call_roll(state)
    for k in range(state.operates.shape[0]):
        share_out(state.market[0].team, quote_layer, state, k, state.layers[k].listed)


@loop
def quote_layer(state: State, k: int, first: int, last: int, thread: int) -> None:
    """Quote for layer k, whose suppliers have all quoted."""
    for n in rows(first, last):
        i = on_roster(state, k, n)
        if state.operates[k, i]:
            quote_unit(state, k, i)


@part
def quote_unit(state: State, k: int, i: int) -> None:
    """C = s + sum w paid, Q = a + sum o Q_supplier; a unit lacking an input is not able and sells nothing."""
    unit, layer = state.units[k, i], state.layers[k]
    sells = not state.layers[k].is_demand and unit.capacity > 0.0
    load = unit.volume / unit.capacity if sells else 0.0  # buyers have no capacity to run short of
    unit.stage_cost = stage_cost(
        base_cost(state, k),
        unit.experience,
        state.market[0].experience_scale,
        layer.learning,
        load,
        layer.congestion,
    )
    unit.able = draw_on_sources(state, k, i) and not unit.halted
    cost, quality = unit.stage_cost, unit.capability
    for e in range(state.layers[k].first_edge, state.layers[k + 1].first_edge):
        edge, link = state.edges[e], state.links[e, i]
        if link.drawn > 0.0:
            cost += link.drawn * price_for(state, e, i, link.supplier)
            share = edge.passthrough * (link.drawn / edge.weight)
            quality += share * state.units[edge.input, link.supplier].quality
    unit.unit_cost = cost
    unit.quality = quality
    unit.price = list_price(cost, unit.markup, unit.open)


@part
def draw_on_sources(state: State, k: int, i: int) -> bool:
    """Settle how much each link will draw; returns whether every input has a source that delivers.

    Where an input has parallel sources, those that deliver take over the workload of those that do not.
    """
    able = True
    for e in range(state.layers[k].first_edge, state.layers[k + 1].first_edge):
        edge, whole, served = state.edges[e], 0.0, 0.0
        for other in range(state.layers[k].first_edge, state.layers[k + 1].first_edge):
            if state.edges[other].input == edge.input:
                whole += state.edges[other].weight
                if delivers(state, edge.input, state.links[other, i].supplier):
                    served += state.edges[other].weight
        link = state.links[e, i]
        link.drawn = edge.weight * (whole / served) if delivers(state, edge.input, link.supplier) else 0.0
        able = able and served > 0.0
    return able
