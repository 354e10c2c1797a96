"""Phase 1, bottom-up: every unit works out its cost, its quality and its list price."""

from ...agents.offer import list_price, stage_cost
from ...agents.rule import rule
from .sight import delivers, price_for


@rule
def offer(state, parameters):
    """Quote for every operated unit, suppliers before clients."""
    layers, firms = state.units.operated.shape
    for k in range(layers):
        for i in range(firms):
            if state.units.operated[k, i]:
                quote(state, parameters, k, i)


@rule
def quote(state, parameters, k, i):
    """C = s + sum w paid, Q = a + sum o Q_supplier; a unit lacking an input is not able and quotes nothing."""
    units, layer, edges = state.units, parameters.layer, state.edges
    units.stage_cost[k, i] = cost = stage_cost(
        layer.base_cost[k],
        units.experience[k, i],
        parameters.market.experience_scale,
        layer.learning[k],
        units.volume[k, i] / units.capacity[k, i] if units.capacity[k, i] > 0.0 else 0.0,
        layer.congestion[k],
    )
    quality = units.capability[k, i]
    able = True
    for e in range(state.layout.first_edge[k], state.layout.first_edge[k + 1]):
        j = state.links.supplier[e, i]
        if delivers(units, edges.input[e], j):
            cost += edges.weight[e] * price_for(state, parameters, e, i, j)
            quality += edges.passthrough[e] * units.quality[edges.input[e], j]
        else:
            able = False
    units.able[k, i] = able
    units.unit_cost[k, i] = cost
    units.quality[k, i] = quality
    units.price[k, i] = list_price(cost, units.markup[k, i], units.open[k, i])
