"""What several phases look up: who delivers, who is allied, what a client pays, what a firm's fixed costs are."""

from ...agents.demand import valued_quality
from ...agents.offer import escalated, price_paid
from ...agents.rule import rule


@rule
def are_allied(firms, i, j):
    """Whether rows i and j are allied."""
    for place in range(firms.allies.shape[1]):
        if firms.allies[i, place] == j:
            return True
    return False


@rule
def count_allies(firms, i):
    """Allies of row i."""
    count = 0
    for place in range(firms.allies.shape[1]):
        if firms.allies[i, place] >= 0:
            count += 1
    return count


@rule
def delivers(units, m, j):
    """Whether row j can supply layer m in this step; anything else counts as no supplier."""
    return j >= 0 and units.operated[m, j] and units.able[m, j]


@rule
def bundles(state, e, i, j):
    """Whether j supplies another input of the unit that edge e of firm i belongs to."""
    k = state.edges.consumer[e]
    for other in range(state.layout.first_edge[k], state.layout.first_edge[k + 1]):
        if state.edges.input[other] != state.edges.input[e] and state.links.supplier[other, i] == j:
            return True
    return False


@rule
def price_for(state, parameters, e, i, j):
    """Price per unit that firm i pays to j on edge e; its own unit at cost."""
    units, market = state.units, parameters.market
    m = state.edges.input[e]
    if i == j:
        return units.unit_cost[m, i]
    competes = units.operated[state.edges.consumer[e], j] and not state.layout.is_demand[state.firms.home[i]]
    return price_paid(
        units.price[m, j],
        units.unit_cost[m, j],
        market.foreclosure if competes else 0.0,
        market.alliance_discount if are_allied(state.firms, i, j) else 0.0,
        market.bundle_discount if market.bundle_discount > 0.0 and bundles(state, e, i, j) else 0.0,
    )


@rule
def fixed_cost(state, parameters, k, i):
    """Fixed cost per step of a unit at its present capability."""
    return escalated(parameters.layer.fixed_cost[k], parameters.layer.escalation[k], state.units.capability[k, i])


@rule
def firm_fixed_cost(state, parameters, i):
    """Fixed cost per step of all units of a firm."""
    cost = 0.0
    for k in range(state.units.operated.shape[0]):
        if state.units.operated[k, i]:
            cost += fixed_cost(state, parameters, k, i)
    return cost


@rule
def ceiling_now(state, parameters, k):
    """Quality ceiling of layer k's buyers in this step."""
    return parameters.buyer.quality_ceiling[k] + parameters.buyer.ceiling_drift[k] * state.clock[0]


@rule
def client_ceiling(state, parameters, k, i):
    """Mean quality ceiling of a unit's final buyers; the plain one as long as it never sold."""
    ceiling = state.units.ceiling[k, i]
    return ceiling if ceiling == ceiling else ceiling_now(state, parameters, k)  # NaN is not equal to itself


@rule
def value_to_clients(state, parameters, k, i):
    """Valued quality V(Q) of a unit's product."""
    units = state.units
    return valued_quality(units.quality[k, i], units.frontier_weight[k, i], client_ceiling(state, parameters, k, i))
