"""Phase 2, top-down: buyers want a volume, and what they want flows down the chains that serve them."""

from math import exp

from ...agents.demand import ceiling_upstream, valued_quality, wanted_volume
from ...agents.rule import part, phase
from ..columns import Row, State
from .sight import ceiling_now, client_ceiling, on_roster, price_for


@phase
def trade(state: State) -> None:
    """Write this step's volumes, margins and client mix."""
    layers = state.operates.shape[0]
    for k in range(layers - 1, -1, -1):
        for n in range(state.layers[k].listed):
            i = on_roster(state, k, n)
            if state.traded[k, i]:
                clear_flows(state.units[k, i])
            state.traded[k, i] = state.operates[k, i]
    for k in range(layers - 1, -1, -1):
        if state.layers[k].is_demand:
            buy(state, k)
        for n in range(state.layers[k].listed):
            i = on_roster(state, k, n)
            if state.traded[k, i] and state.units[k, i].volume > 0.0:
                if not state.layers[k].is_demand:
                    mix_clients(state.units[k, i])
                draw_inputs(state, k, i)
        pass_unserved_down(state, k)


@part
def clear_flows(unit: Row) -> None:
    """Forget a unit's flows of the step."""
    unit.volume = 0.0
    unit.external_volume = 0.0
    unit.external_margin = 0.0
    unit.external_revenue = 0.0
    unit.ceiling_bound = 0.0
    unit.ceiling_sum = 0.0


@part
def buy(state: State, k: int) -> None:
    """Active buyers of demand layer k want a volume if an able supplier serves them."""
    layer = state.layers[k]
    growth = exp(layer.demand_rise)
    ceiling = ceiling_now(state, k)
    for slot in range(state.layers[k].first_slot, state.layers[k + 1].first_slot):
        i = state.firms[slot].row_of_slot
        firm, unit = state.firms[i], state.units[k, i]
        unit.ceiling = ceiling
        if not firm.active:
            continue
        if not unit.able or unit.quality < layer.quality_floor:
            state.layers[k].unserved += firm.demand * growth
            continue
        unit.volume = wanted_volume(
            firm.demand,
            growth,
            unit.unit_cost,
            layer.demand_reference_cost,
            layer.demand_elasticity,
            valued_quality(unit.quality, unit.frontier_weight, ceiling),
            layer.quality_elasticity,
        )


@part
def mix_clients(unit: Row) -> None:
    """Whom a unit ultimately serves: volume-weighted frontier weight, and mean ceiling of the rest."""
    unit.frontier_weight = 1.0 - unit.ceiling_bound / unit.volume
    if unit.ceiling_bound > 0.0:
        unit.ceiling = unit.ceiling_sum / unit.ceiling_bound


@part
def draw_inputs(state: State, k: int, i: int) -> None:
    """Pass a unit's volume on to its suppliers, with its client mix and what it pays."""
    unit = state.units[k, i]
    for e in range(state.layers[k].first_edge, state.layers[k + 1].first_edge):
        edge, link = state.edges[e], state.links[e, i]
        if link.drawn == 0.0:
            continue
        j = link.supplier
        theirs = state.units[edge.input, j]
        volume = link.drawn * unit.volume
        bound = volume * (1.0 - unit.frontier_weight)
        theirs.volume += volume
        if bound > 0.0:
            own_ceiling, share = client_ceiling(state, k, i), edge.passthrough * (link.drawn / edge.weight)
            theirs.ceiling_bound += bound
            theirs.ceiling_sum += bound * ceiling_upstream(own_ceiling, unit.quality, theirs.quality, share)
        if j != i:
            paid = price_for(state, e, i, j)
            theirs.external_volume += volume
            theirs.external_revenue += volume * paid
            theirs.external_margin += volume * (paid - theirs.unit_cost)


@part
def pass_unserved_down(state: State, k: int) -> None:
    """Need that was not met at k would have drawn on k's inputs: it counts as unmet there too."""
    for e in range(state.layers[k].first_edge, state.layers[k + 1].first_edge):
        edge = state.edges[e]
        state.layers[edge.input].unserved += edge.weight * state.layers[k].unserved
