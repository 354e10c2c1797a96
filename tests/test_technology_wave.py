"""A technology wave that incumbents can take up, each at a time of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from stackrace.model.parameters import Value
from stackrace.model.world import World, opened

from .markets import stack_named

DATE, STEPS, LEAP, KEEP, MODEL = 8, 6, 0.7, 0.5, 2
WAVE = {"kind": "technology_wave", "from": DATE, "layer": "model", "leap": LEAP, "keep": KEEP, "steps": STEPS}


def struck(uptake: float, set: Mapping[str, Value] | None = None, **more: Any) -> World:
    """A market right before the step in which the wave comes."""
    world = opened(stack_named("ai-2025"), 1, set, interventions=[{**WAVE, "uptake": uptake, **more}])
    world.advance(DATE)
    return world


def leaps(world: World) -> Any:
    """Which units take the new technology up in the coming step; they leap, and lose experience, and no other does."""
    before, experience = (world.state.units[name][MODEL].copy() for name in ("capability", "experience"))
    world.prepare()
    units = world.state.units[MODEL]
    leapt = units.capability != before
    assert np.allclose(units.capability, before + LEAP * leapt)
    assert np.allclose(units.experience, np.where(leapt, KEEP, 1.0) * experience)
    return leapt


def test_incumbents_take_it_up_one_after_the_other_and_once() -> None:
    world, done, counts = struck(0.3), 0, []
    for _ in range(STEPS):
        leapt = leaps(world)
        assert not (leapt & done).any()
        assert not (leapt & ~world.state.operates[MODEL]).any()
        done |= leapt
        counts.append(int(leapt.sum()))
        world.advance()
    assert min(counts[:3]) > 0 and counts[0] > counts[-1]
    assert not leaps(world).any()  # it is over


def test_with_certainty_all_take_it_up_at_once() -> None:
    world = struck(1.0)
    there = world.state.operates[MODEL].copy()
    assert (leaps(world) == there).all()


def test_it_ends_early_with_the_intervention() -> None:
    world = struck(0.3, until=DATE + 2)
    for left in (True, True, False, False):
        assert leaps(world).any() == left
        assert (world.state.layers.leap[MODEL] == LEAP) == left
        world.advance()


def test_newcomers_have_the_new_technology_already() -> None:
    world = struck(0.1, {"entry_rate": 1.0, "capture": 1.0}, steps=30)
    births = world.state.firms.birth.copy()
    entered = births > births
    for _ in range(20):
        assert not leaps(world)[entered].any()
        world.advance()
        entered = (world.state.firms.birth > births) & world.state.operates[MODEL]
    assert entered.any()
