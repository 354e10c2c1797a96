"""Interventions at work: what is in force in a step, and what happens once when one begins."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING, Any

import numpy as np

from ..agents.offer import escalated
from ..agents.rule import rule
from . import chance
from .advance import begin
from .columns import State, columns_of
from .events import CLOSED, ENTERED, note
from .interventions import (
    CapacityCap,
    Failure,
    Intervention,
    MergerControl,
    OpenRelease,
    PublicOption,
    Separation,
    SetParameters,
    TechnologyWave,
    dates_of,
)
from .law import Law
from .parameters import Floats, Parameters, Value
from .phases.build import found_unit
from .phases.life import CASH_BASE
from .phases.settle import remove_unit
from .phases.takeover import follow_or_drop, leave
from .settings import overlaid, resolve
from .start import put_in_force

if TYPE_CHECKING:
    from .world import World


def changes(world: World, step: int) -> bool:
    """Whether something begins, ends or moves in a step."""
    return any(step in steps_of_change(each, world) for each in world.interventions)


def steps_of_change(each: Intervention, world: World) -> range | set[int]:
    """Steps in which an intervention changes what is in force."""
    first, end = dates_of(each, world.stack)
    found = {first} if end is None else {first, end}
    if isinstance(each, SetParameters):
        found |= set(range(first, first + each.ramp))
    if isinstance(each, TechnologyWave):
        found |= {first + each.steps, *(range(first, first + each.steps) if each.uptake else ())}
    return found


def enforce(world: World) -> None:
    """Put in force what holds in the coming step, and let happen what begins with it."""
    step = world.step
    put_in_force(world.state, parameters_at(world, step))
    pass_laws(world, step)
    for each in world.interventions:
        first, end = dates_of(each, world.stack)
        if step == first:
            if not world.state.market.begun[0]:
                begin(world.state)
            act(world, each)
        if isinstance(each, TechnologyWave) and each.uptake and is_rolling(each, step, first, end):
            take_up(world.state, layer_number(world, each.layer), each.uptake, each.leap, each.keep)
        if step == end:
            lift(world, each)


def parameters_at(world: World, step: int) -> Parameters:
    """The parameters in a step: the run's own, changed by one intervention after the other."""
    present = world.parameters
    settings: dict[str, Value] = dict(world.set)
    for each in world.interventions:
        first, end = dates_of(each, world.stack)
        if isinstance(each, SetParameters) and step >= first and (end is None or step < end):
            settings = overlaid(settings, each.set)
            target = resolve(world.stack, settings)
            present = between(present, target, min(1.0, (step - first + 1) / each.ramp))
    return present


def between(present: Parameters, target: Parameters, way: float) -> Parameters:
    """Parameters part of the way from one set to another; what is no quantity is at the target at once."""
    parts: list[Any] = []
    for now, then in zip(present, target, strict=True):
        parts.append(type(then)(*(blend(before, after, way) for before, after in zip(now, then, strict=True))))
    return Parameters(*parts)


def blend(before: Any, after: Any, way: float) -> Any:
    """A value, or one per layer, part of the way; an infinite one (no quality floor) is at the target at once."""
    if way >= 1.0 or np.asarray(after).dtype.kind != "f":
        return after
    with np.errstate(invalid="ignore"):
        found = np.where(np.isfinite(before) & np.isfinite(after), before + way * (np.asarray(after) - before), after)
    return found if found.ndim else float(found)


def pass_laws(world: World, step: int) -> None:
    """Write what policy says of layers in a step; whatever it does not say any more is lifted."""
    state = world.state
    for column in columns_of(Law):
        state.layers[column] = 0
    for each in world.interventions:
        first, end = dates_of(each, world.stack)
        if step < first or (end is not None and step >= end):
            continue
        match each:
            case MergerControl():
                for layer in each.layers or world.stack.selling_layers:
                    state.layers.merger_hhi[layer_number(world, layer)] = each.hhi
                    state.layers.merger_rise[layer_number(world, layer)] = each.rise
            case Separation():
                one, other = (layer_number(world, layer) for layer in each.layers)
                state.layers.barred_with[one] |= 1 << other
                state.layers.barred_with[other] |= 1 << one
            case TechnologyWave() if is_rolling(each, step, first, end):
                state.layers.leap[layer_number(world, each.layer)] += each.leap
            case CapacityCap():
                state.layers.capacity_cap[layer_number(world, each.layer)] = each.capacity


def is_rolling(wave: TechnologyWave, step: int, first: int, end: int | None) -> bool:
    """Whether a wave that begins in step `first` still brings the new technology in a step."""
    return first <= step < first + wave.steps and (end is None or step < end)


def lift(world: World, each: Intervention) -> None:
    """What lasted only until an intervention's end."""
    units = world.state.units
    if isinstance(each, OpenRelease):
        units.released[layer_number(world, each.layer)] = False
    if isinstance(each, Failure):
        units.halted[layer_number(world, each.layer)] = False
    if isinstance(each, PublicOption):
        world.state.firms.public[world.state.firms.home == layer_number(world, each.layer)] = False


def act(world: World, each: Intervention) -> None:
    """What happens once, when an intervention begins."""
    state = world.state
    match each:
        case Separation():
            one, other = (layer_number(world, layer) for layer in each.layers)
            for i in np.flatnonzero(state.operates[one] & state.operates[other]).tolist():
                close_unit(state, one if int(state.firms.home[i]) == other else other, i)
        case TechnologyWave():
            k = layer_number(world, each.layer)
            if each.uptake:
                state.units.outdated[k] = state.operates[k]
            else:
                state.units.experience[k] *= each.keep
        case OpenRelease():
            k = layer_number(world, each.layer)
            i = best_unit(world, k) if each.firm == "best" else row_of(world, each.firm, k)
            if i >= 0:
                state.units.open[k, i] = state.units.released[k, i] = True
        case Failure():
            k = layer_number(world, each.layer)
            i = largest_unit(world, k) if each.firm == "largest" else row_of(world, each.firm, k)
            if i >= 0 and each.until is None:
                fail(state, i)
            elif i >= 0:
                state.units.halted[k, i] = True
        case PublicOption():
            found_public_firm(world, each)


def layer_number(world: World, layer: str) -> int:
    """Number of a layer."""
    return world.stack.names.index(layer)


def row_of(world: World, firm: str, k: int) -> int:
    """Row of a named firm if it is there and has a unit in layer k, else -1."""
    slot, birth = world.register.find(firm)
    row = int(world.state.firms.row_of_slot[slot])
    there = world.state.firms.alive[row] and world.state.firms.birth[row] == birth and world.state.operates[k, row]
    return row if there else -1


def largest_unit(world: World, k: int) -> int:
    """Row with the largest volume in layer k, the lowest slot among equals; -1 if nobody sold."""
    state = world.state
    volumes = np.where(state.operates[k], state.units.volume[k], 0.0)
    return first_of(world, volumes) if volumes.max() > 0.0 else -1


def best_unit(world: World, k: int) -> int:
    """Row with the highest capability in layer k, the lowest slot among equals; -1 if nobody is there."""
    state = world.state
    if not state.operates[k].any():
        return -1
    return first_of(world, np.where(state.operates[k], state.units.capability[k], -np.inf))


def first_of(world: World, values: Floats) -> int:
    """Row with the highest value, the lowest slot among equals."""
    rows = np.flatnonzero(values == values.max())
    return int(rows[np.argmin(world.state.firms.slot[rows])])


def found_public_firm(world: World, each: PublicOption) -> None:
    """Open the public supplier in a vacant slot of the layer, or in the place of its smallest firm."""
    state, k = world.state, layer_number(world, each.layer)
    at_home = np.flatnonzero(state.firms.home == k)
    vacant = at_home[~state.firms.alive[at_home]]
    if vacant.size:
        units = state.units[k][state.operates[k]]
        capability, experience = (
            float(units[name].mean()) if len(units) else 0.0 for name in ("capability", "experience")
        )
        capacity = max(each.share * float(units.volume.sum()), float(state.layers.start_capacity[k]))
        slots = state.firms.slot[vacant]
        i = int(vacant[np.argmin(slots)])
        found(state, k, i, capability, experience, capacity)
    else:
        volumes = state.units.volume[k, at_home]
        smallest = at_home[volumes == volumes.min()]
        i = int(smallest[np.argmin(state.firms.slot[smallest])])
    state.firms.public[i] = True
    state.units.markup[k, i] = 0.0


@rule
def take_up(state: State, k: int, uptake: float, leap: float, keep: float) -> None:
    """Units of layer k that were there before a technology wave take it up, each with the odds of a step."""
    market = state.market[0]
    for i in range(state.firms.shape[0]):
        firm, unit = state.firms[i], state.units[k, i]
        if not (unit.outdated and state.operates[k, i]):
            continue
        if chance.uniform(market.seed, market.step, firm.slot, firm.birth, chance.UPTAKE, k) < uptake:
            unit.capability += leap
            unit.experience *= keep
            unit.outdated = False


@rule
def close_unit(state: State, k: int, i: int) -> None:
    """Firm i gives its unit in layer k up."""
    note(state, CLOSED, i, -1, -1, k, state.units[k, i].volume, nan)
    remove_unit(state, k, i)
    state.layers[k].closed += 1


@rule
def fail(state: State, i: int) -> None:
    """Firm i fails, and nobody takes it over."""
    state.firms[i].fails = True
    state.firms[i].acquirer = -1
    leave(state, i)
    follow_or_drop(state)
    state.firms[i].fails = False


@rule
def found(state: State, k: int, i: int, capability: float, experience: float, capacity: float) -> None:
    """A firm is founded in the vacant row i, with a unit in its home layer k and the cash of an entrant."""
    firm, unit, market, layer = state.firms[i], state.units[k, i], state.market[0], state.layers[k]
    firm.alive = True
    firm.birth += 1
    firm.cash = market.start_cash * (escalated(layer.fixed_cost, layer.escalation, capability) + CASH_BASE)
    market.ledger_investors += firm.cash
    state.layers[k].entered += 1
    unit.next_capability, unit.next_experience, unit.next_capacity = capability, experience, capacity
    found_unit(state, k, i, 0.0)
    note(state, ENTERED, i, -1, -1, k, 0.0, nan)
