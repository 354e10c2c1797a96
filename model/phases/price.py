"""Phase 6: mark-ups follow the win/loss reports; owners open or close what can be released."""

from ...agents.price import Report, markup_after, opens
from ...agents.rule import part
from .. import chance
from ..columns import Row, State
from .sight import are_joined

OPENING_RATE = 0.05


@part
def price(state: State) -> None:
    """Reprice every unit, then reconsider openness."""
    layers, firms = state.operates.shape
    for k in range(layers):
        if not state.layers[k].is_demand:
            for i in range(firms):
                if state.operates[k, i]:
                    reprice(state.units[k, i], state.market[0])
                    if state.market[0].decisions_open and state.layers[k].openable:
                        open_or_close(state, k, i)


@part
def reprice(unit: Row, market: Row) -> None:
    """One unit's next mark-up; for an open unit, the one that it would charge if it closed."""
    unit.markup = markup_after(
        unit.markup,
        Report(unit.profit_up, unit.profit_down, unit.revenue_won),
        unit.external_volume > 0.0,
        market.price_speed,
        market.price_step_max,
        market.markup_cap,
    )


@part
def open_or_close(state: State, k: int, i: int) -> None:
    """Now and then the owner asks whether the unit earns more by being given away."""
    market, firm, unit = state.market[0], state.firms[i], state.units[k, i]
    if chance.uniform(market.seed, market.step, firm.slot, firm.birth, chance.OPENING, k) >= OPENING_RATE:
        return
    next_door = 0.0
    for other in range(state.operates.shape[0]):
        if are_joined(state, k, other) and state.operates[other, i]:
            next_door += state.units[other, i].external_margin
    unit.open = opens(next_door, state.units[k, i].volume * state.units[k, i].unit_cost * unit.markup)
