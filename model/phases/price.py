"""Phase 6: mark-ups follow the win/loss reports; owners open or close what can be released."""

from ...agents.price import Report, markup_after, opens
from ...agents.rule import rule
from .. import chance

OPENING_RATE = 0.05


@rule
def price(state, parameters):
    """Reprice every closed unit, then reconsider openness."""
    layers, firms = state.units.operated.shape
    for k in range(layers):
        if not state.layout.is_demand[k]:
            for i in range(firms):
                if state.units.operated[k, i]:
                    reprice(state, parameters, k, i)
                    if parameters.market.decisions_open and parameters.layer.openable[k]:
                        open_or_close(state, k, i)


@rule
def reprice(state, parameters, k, i):
    """One unit's next mark-up; an open unit has no price to set."""
    units, reports, market = state.units, state.reports, parameters.market
    if not units.open[k, i]:
        units.markup[k, i] = markup_after(
            units.markup[k, i],
            Report(reports.profit_up[k, i], reports.profit_down[k, i], reports.revenue_won[k, i]),
            units.external_volume[k, i] > 0.0,
            market.price_speed,
            market.price_step_max,
            market.markup_cap,
        )


@rule
def open_or_close(state, k, i):
    """Now and then the owner asks whether the unit earns more by being given away."""
    units = state.units
    draw = chance.uniform(
        state.seed[0], state.clock[0], state.firms.slot[i], state.firms.birth[i], chance.OPENING, k
    )
    if draw < OPENING_RATE:
        next_door = 0.0
        for other in range(units.operated.shape[0]):
            if state.layout.adjacent[k, other] and units.operated[other, i]:
                next_door += units.external_margin[other, i]
        units.open[k, i] = opens(next_door, units.volume[k, i] * units.unit_cost[k, i] * units.markup[k, i])
