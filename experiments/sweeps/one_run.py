"""One run of a sweep, as a worker does it: what it was asked, and what comes back, without data frames."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...model import RULES
from ...model.errors import SimulationError
from ...model.interventions import Intervention
from ...model.measures import MEASURES, OVERALL
from ...model.parameters import Floats, Value
from ...model.stack import Stack
from ..regimes import regime

NAMES, OF_STACK = tuple(MEASURES), tuple(OVERALL)
READ = [NAMES.index(name) for name in ("hhi", "cr1", "cr4", "lerner", "unserved")]
"""What a regime is read from."""
LONGEST_MESSAGE = 500


@dataclass(frozen=True)
class Job:
    """What a worker needs to know of a run."""

    stack: Stack
    set: Mapping[str, Value]
    interventions: tuple[Intervention, ...]
    seed: int
    steps: int
    window: int
    series: bool
    own_rules: Mapping[str, Any] = field(default_factory=dict)
    rules: int = RULES


@dataclass(frozen=True)
class Outcome:
    """What a run comes back with: means over the last steps, or why it failed.

    `layers` has shape (layers, measures), `overall` (measures,), `regimes` a word per selling layer; `series` is the
    whole record, shape (steps, layers, measures), where it was asked for.
    """

    layers: Floats | None = None
    overall: Floats | None = None
    regimes: tuple[str, ...] = ()
    series: Floats | None = None
    error: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of the numbers, first 16 digits."""
        found = hashlib.sha256()
        for values in (self.layers, self.overall):
            if values is not None:
                found.update(np.where(np.isnan(values), np.nan, values).astype("<f8").tobytes())
        found.update(self.error.encode())
        return found.hexdigest()[:16]


def run_one(job: Job) -> Outcome:
    """Run it; an error becomes part of the outcome, so that the rest of the sweep goes on.

    Raises SimulationError where the rules of the market are others than the driver's: what came out would not fit.
    """
    from ..run import simulate

    if job.rules != RULES:
        raise SimulationError(f"a worker has version {RULES} of the rules, the driver {job.rules}: install the same")
    try:
        run = simulate(
            job.stack,
            seed=job.seed,
            steps=job.steps,
            set=job.set,
            rules=job.own_rules,
            interventions=job.interventions,
        )
    except Exception as error:
        return Outcome(error=f"{type(error).__name__}: {' '.join(str(error).split())}"[:LONGEST_MESSAGE])
    layers = means(run.record[-job.window :])
    rows = [run.stack.names.index(layer) for layer in run.stack.selling_layers]
    regimes = tuple(regime(*(float(value) for value in layers[row, READ])) for row in rows)
    return Outcome(layers, means(run.overall_record[-job.window :]), regimes, run.record if job.series else None)


def means(values: Floats) -> Floats:
    """Means over the steps that have a value; NaN where none has."""
    known = ~np.isnan(values)  # by hand, since nanmean warns of a mean of nothing, and threads share such filters
    count = known.sum(axis=0)
    found: Floats = np.full(count.shape, np.nan)
    np.divide(np.where(known, values, 0.0).sum(axis=0), count, out=found, where=count > 0)
    return found
