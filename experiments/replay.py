"""A run once more: to record what it did not record, or to take up its market at some moment."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..model.books import chosen_columns
from ..model.errors import InputError, SimulationError
from ..model.world import World, opened
from .run import Run, recorded


def replay(run: Run, events: bool, firms: bool | Iterable[str]) -> Run:
    """The same run with more recorded; raises SimulationError when it comes out differently here."""
    again = recorded(beginning(run), run.start, run.steps, events, chosen_columns(firms))
    measured = ~np.isnan(run.record).all(axis=(0, 1))  # an older version did not measure all
    if not np.array_equal(run.record[..., measured], again.record[..., measured], equal_nan=True):
        raise SimulationError(
            "played once more, this run comes out differently: it was made by other rules or on another machine;"
            " make it anew, with events and firms recorded"
        )
    return again


def state_at(run: Run, step: int) -> World:
    """The market before a step of the run, or after its last one."""
    first, last = run.first_step, run.first_step + run.steps
    if isinstance(step, bool) or not isinstance(step, int | np.integer) or not first <= step <= last:
        raise InputError(f"step {step!r} is not one of this run: it has {first} to {last}")
    world = beginning(run)
    if step > first:
        world.advance(int(step) - first)
    return world


def beginning(run: Run) -> World:
    """The market before the run's first step."""
    if unknown := [rule for rule in run.rules.values() if not rule.address]:
        raise InputError(
            f"this run followed an own rule for {unknown[0].decision!r} ({unknown[0].name}), of which only name and"
            " hash are saved: make it anew with that rule"
        )
    if run.start is not None:
        return run.start.changed(None, None)
    return opened(run.stack, run.seed, run.set, run.contacts, run.rules)
