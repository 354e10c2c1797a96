"""Phase 6: mark-ups follow the win/loss reports; owners open or close what can be released."""

from ...agents.price import PriceView, bounded, markup_after, opens
from ...agents.rule import part, phase
from .. import chance
from ..columns import State
from .sight import are_joined, on_roster, own_answer

OPENING_RATE = 0.05


@phase
def price(state: State) -> None:
    """Reprice every unit, then reconsider openness."""
    for k in range(state.operates.shape[0]):
        if not state.layers[k].is_demand:
            for n in range(state.layers[k].listed):
                i = on_roster(state, k, n)
                if state.operates[k, i]:
                    reprice(state, k, i)
                    if state.market[0].decisions_open and state.layers[k].openable:
                        open_or_close(state, k, i)


@part
def reprice(state: State, k: int, i: int) -> None:
    """One unit's next mark-up; for an open unit, the one that it would charge if it closed."""
    view, market = price_view(state, k, i), state.market[0]
    rule = market.price_rule
    markup = markup_after(view) if rule == 0 else own_answer(state, rule, i, view)
    state.units[k, i].markup = 0.0 if state.firms[i].public else bounded(markup, market.markup_cap)


@part
def price_view(state: State, k: int, i: int) -> PriceView:
    """What firm i knows when it sets the mark-up of its unit in layer k."""
    unit, market = state.units[k, i], state.market[0]
    return PriceView(
        unit.markup,
        unit.unit_cost,
        unit.price,
        unit.quality,
        unit.capability,
        unit.capacity,
        unit.volume,
        unit.external_volume,
        unit.external_margin,
        unit.profit_up,
        unit.profit_down,
        unit.revenue_won,
        market.price_speed,
        market.price_step_max,
        market.markup_cap,
    )


@part
def open_or_close(state: State, k: int, i: int) -> None:
    """Now and then the owner asks whether the unit earns more by being given away."""
    market, firm, unit = state.market[0], state.firms[i], state.units[k, i]
    if unit.released:
        return
    if chance.uniform(market.seed, market.step, firm.slot, firm.birth, chance.OPENING, k) >= OPENING_RATE:
        return
    next_door = 0.0
    for other in range(state.operates.shape[0]):
        if are_joined(state, k, other) and state.operates[other, i]:
            next_door += state.units[other, i].external_margin
    unit.open = opens(next_door, state.units[k, i].volume * state.units[k, i].unit_cost * unit.markup)
