"""What an alliance would be worth to one side, gathered from what that side can see."""

from ...agents.ally import AllyView, client_gain, knowledge_gain, needs_capital, supplier_gain, value_of_alliance
from ...agents.rule import part
from ..columns import State
from .sight import firm_fixed_cost, own_answer, shared_allies


@part
def is_seller(state: State, i: int) -> bool:
    """Whether row i is a living firm whose home is not a demand layer."""
    return state.firms[i].alive and not state.layers[state.firms[i].home].is_demand


@part
def buys(state: State, e: int, i: int, j: int) -> bool:
    """Whether firm i sources edge e from j (who operates what fits in the nearest cache: asked first)."""
    edge = state.edges[e]
    return state.operates[edge.consumer, i] and state.operates[edge.input, j] and state.links[e, i].supplier == j


@part
def list_margin(state: State, e: int, i: int, j: int) -> float:
    """What j would earn at list price from firm i on edge e per step."""
    edge = state.edges[e]
    unit = state.units[edge.input, j]
    return edge.weight * state.units[edge.consumer, i].volume * (unit.price - unit.unit_cost)


@part
def value_of_ally(state: State, i: int, j: int) -> float:
    """What an alliance with j is worth to firm i per step, before upkeep, in money, by the rule in force."""
    view, rule = ally_view(state, i, j), state.market[0].ally_rule
    return value_of_alliance(view) if rule == 0 else own_answer(state, rule, i, view)


@part
def ally_view(state: State, i: int, j: int) -> AllyView:
    """What an alliance with j would bring to and take from firm i, over all that they trade and all layers shared."""
    market = state.market[0]
    discount, options, business, granted, capital = 0.0, 0.0, 0.0, 0.0, 0.0
    is_client, is_supplier = False, False
    for e in range(state.edges.shape[0]):
        if buys(state, e, i, j):
            is_client = True
            unit = state.units[state.edges[e].consumer, i]
            margin, spending = list_margin(state, e, i, j), unit.unit_cost * unit.volume
            got, lost = client_gain(
                market.alliance_discount,
                margin,
                market.exclusivity,
                state.links[e, i].itch,
                spending,
                market.price_weight,
            )
            discount += got
            options += lost
        if buys(state, e, j, i):
            is_supplier = True
            margin, churn = list_margin(state, e, j, i), state.units[state.edges[e].input, i].churn
            got, lost = supplier_gain(
                market.exclusivity, churn, market.planning_horizon, market.alliance_discount, margin
            )
            business += got
            granted += lost
    if is_client != is_supplier:
        capital = capital_between(state, i, j) / market.planning_horizon
    learnt, leaked = knowledge_between(state, i, j)
    trust = market.alliance_trust * shared_allies(state.ties, i, j) if market.alliance_trust > 0.0 else 0.0
    return AllyView(discount, options, business, granted, learnt, leaked, capital, trust)


@part
def knowledge_between(state: State, i: int, j: int) -> tuple[float, float]:
    """What firm i gains and what it loses by sharing knowledge with j, over the layers that both are in."""
    learnt, leaked = 0.0, 0.0
    for k in range(state.operates.shape[0]):
        if state.operates[k, i] and state.operates[k, j] and not state.layers[k].is_demand:
            mine, theirs = state.units[k, i], state.units[k, j]
            gain = knowledge_gain(
                state.units[k, i].capability,
                state.units[k, j].capability,
                mine.external_margin,
                mine.external_volume > 0.0 and theirs.external_volume > 0.0,
                state.market[0].alliance_spillover,
                state.layers[k].taste,
            )
            if gain > 0.0:
                learnt += gain
            else:
                leaked += gain
    return learnt, leaked


@part
def capital_between(state: State, i: int, j: int) -> float:
    """Capital that i would get from j (positive) or give to it (negative); only along a one-way relation."""
    is_client, is_supplier = False, False
    for e in range(state.edges.shape[0]):
        is_client = is_client or buys(state, e, i, j)
        is_supplier = is_supplier or buys(state, e, j, i)
    if is_client and not is_supplier:
        return capital_due(state, i, j)
    if is_supplier and not is_client:
        return -capital_due(state, j, i)
    return 0.0


@part
def capital_due(state: State, client: int, supplier: int) -> float:
    """Money that the supplier hands to a client short of cash when they ally; 0 when it does not."""
    fixed, runway = firm_fixed_cost(state, client), state.market[0].runway
    if needs_capital(state.firms[client].cash, fixed, state.firms[supplier].cash, runway):
        return runway * fixed
    return 0.0
