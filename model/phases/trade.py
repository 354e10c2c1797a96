"""Phase 2, top-down: buyers want a volume, and what they want flows down the chains that serve them."""

from ...agents.demand import ceiling_upstream, valued_quality, wanted_volume
from ...agents.rule import rule
from .sight import ceiling_now, client_ceiling, price_for


@rule
def trade(state, parameters):
    """Write this step's volumes, margins and client mix."""
    clear(state)
    layers, firms = state.units.operated.shape
    for k in range(layers - 1, -1, -1):
        if state.layout.is_demand[k]:
            buy(state, parameters, k)
        else:
            mix_clients(state, k)
        for i in range(firms):
            if state.units.volume[k, i] > 0.0:
                draw_inputs(state, parameters, k, i)
        pass_unserved_down(state, k)


@rule
def clear(state):
    """Forget the last step's flows."""
    units, reports = state.units, state.reports
    units.volume[:] = 0.0
    units.external_volume[:] = 0.0
    units.external_margin[:] = 0.0
    units.external_revenue[:] = 0.0
    reports.sufficiency_volume[:] = 0.0
    reports.ceiling_volume[:] = 0.0


@rule
def buy(state, parameters, k):
    """Active buyers of demand layer k want a volume if an able supplier serves them."""
    firms, units, buyer = state.firms, state.units, parameters.buyer
    growth = (1.0 + buyer.demand_growth[k]) ** float(state.clock[0])
    ceiling = ceiling_now(state, parameters, k)
    for slot in range(state.layout.first_slot[k], state.layout.first_slot[k + 1]):
        i = state.layout.row_of_slot[slot]
        if not firms.active[i]:
            continue
        if not units.able[k, i] or units.quality[k, i] < parameters.layer.quality_floor[k]:
            state.tallies.unserved[k] += firms.demand[i] * growth
            continue
        units.frontier_weight[k, i] = 1.0 if firms.frontier[i] else 0.0
        units.ceiling[k, i] = ceiling
        units.volume[k, i] = wanted_volume(
            firms.demand[i],
            growth,
            units.unit_cost[k, i],
            buyer.demand_reference_cost[k],
            buyer.demand_elasticity[k],
            valued_quality(units.quality[k, i], units.frontier_weight[k, i], ceiling),
            buyer.quality_elasticity[k],
        )


@rule
def mix_clients(state, k):
    """Whom each unit ultimately serves: volume-weighted frontier weight, and mean ceiling of the rest."""
    units, reports = state.units, state.reports
    for i in range(units.operated.shape[1]):
        if units.volume[k, i] > 0.0:
            rest = reports.sufficiency_volume[k, i]
            units.frontier_weight[k, i] = 1.0 - rest / units.volume[k, i]
            if rest > 0.0:
                units.ceiling[k, i] = reports.ceiling_volume[k, i] / rest


@rule
def draw_inputs(state, parameters, k, i):
    """Pass a unit's volume on to its suppliers, with its client mix and what it pays."""
    units, edges, reports = state.units, state.edges, state.reports
    for e in range(state.layout.first_edge[k], state.layout.first_edge[k + 1]):
        m, j = edges.input[e], state.links.supplier[e, i]
        volume = edges.weight[e] * units.volume[k, i]
        rest = volume * (1.0 - units.frontier_weight[k, i])
        units.volume[m, j] += volume
        if rest > 0.0:
            ceiling = ceiling_upstream(
                client_ceiling(state, parameters, k, i), units.quality[k, i], units.quality[m, j], edges.passthrough[e]
            )
            reports.sufficiency_volume[m, j] += rest
            reports.ceiling_volume[m, j] += rest * ceiling
        if j != i:
            paid = price_for(state, parameters, e, i, j)
            units.external_volume[m, j] += volume
            units.external_revenue[m, j] += volume * paid
            units.external_margin[m, j] += volume * (paid - units.unit_cost[m, j])


@rule
def pass_unserved_down(state, k):
    """Need that was not met at k would have drawn on k's inputs: it counts as unmet there too."""
    for e in range(state.layout.first_edge[k], state.layout.first_edge[k + 1]):
        state.tallies.unserved[state.edges.input[e]] += state.edges.weight[e] * state.tallies.unserved[k]
