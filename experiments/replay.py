"""A run once more: to record what it did not record, or to take up its market at some moment."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..model.books import chosen_columns
from ..model.calendar import step_of
from ..model.errors import InputError, SimulationError, is_whole
from ..model.parameters import Floats
from ..model.world import World, opened
from .run import Run, recorded


def replay(run: Run, events: bool, firms: bool | Iterable[str]) -> Run:
    """The same run with more recorded; raises SimulationError when it comes out differently here."""
    again = recorded(beginning(run), run.start, run.steps, events, chosen_columns(firms))
    check_same(run, again.record)
    return again


def state_at(run: Run, step: int | str) -> World:
    """The market before a step of the run, or after its last one; raises SimulationError when it cannot be made again.

    A step may be a quarter ("2027-Q1") if the stack has a start.
    """
    first, last = run.first_step, run.first_step + run.steps
    if isinstance(step, str) and run.stack.start is not None:
        step = step_of(step, run.stack.start)
    if not is_whole(step) or not first <= int(step) <= last:
        raise InputError(f"step {step!r} is not one of this run: it has {first} to {last}")
    world = beginning(run)
    if (steps := int(step) - first) > 0:
        check_same(run, world.advance(steps).record)
    return world


def check_same(run: Run, record: Floats) -> None:
    """Raises SimulationError unless the first steps of the run, as far as `record` goes, came out as they did."""
    before = run.record[: len(record)]
    measured = ~np.isnan(run.record).all(axis=(0, 1))  # an older version did not measure all
    if not np.array_equal(before[..., measured], record[..., measured], equal_nan=True):
        raise SimulationError(
            "played once more, this run comes out differently: it was made by other rules or on another machine;"
            " make it anew, with events and firms recorded"
        )


def beginning(run: Run) -> World:
    """The market before the run's first step."""
    if run.start is not None:
        return run.start.copy()
    return opened(run.stack, run.seed, run.set, run.contacts, run.rules, run.interventions)
