"""Recovery: does the fit find parameters again that made the market's own output?

For every trial parameters are planted, their moments take the place of the facts, and the fit has to have them within
its 90 % sets. Planted are points of a Latin hypercube over the prior, one in each stratum of every parameter: of one
that nothing tells the set is the prior's, which leaves its ends out, and drawn points may crowd there. An instrument
that fails this says nothing about the real market.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.stats.qmc import LatinHypercube

from .fit import fit
from .particles import within_set
from .setup import Calibration
from .trial import Trials

FRESH = 1000
"""Planted markets have seeds from here on, which no trial of the fit has."""


@dataclass(frozen=True)
class Recovery:
    """One trial: what was planted, whether it is in the joint 90 % set, and which of it in their own 90 % intervals."""

    planted: dict[str, float]
    joint: bool
    each: dict[str, bool]


def recover(
    wanted: Calibration,
    folder: Path,
    trials: int,
    *,
    seed: int = 1,
    told: Callable[[int, Recovery], None] | None = None,
) -> list[Recovery]:
    """Plant, fit and look, so many times; each trial has a folder of its own, and what is there is kept."""
    found, runs = [], Trials(wanted)
    for number, planted in enumerate(planted_points(wanted, trials, seed)):
        first = FRESH + number * wanted.table.replicates
        observed = runs.mean(planted, range(first, first + wanted.table.replicates))
        particles = fit(with_seed(wanted, number), folder / f"{number:02d}", observed=observed, trials=runs)
        joint, inside = within_set(particles, planted, [each.log for each in wanted.free])
        found.append(Recovery(planted, joint, dict(zip(wanted.names, inside, strict=True))))
        if told:
            told(number, found[-1])
    return found


def planted_points(wanted: Calibration, count: int, seed: int) -> list[dict[str, float]]:
    """So many points of a Latin hypercube over the prior: name -> value."""
    low, high = np.array([each.ends for each in wanted.free]).T
    points = low + (high - low) * LatinHypercube(len(low), rng=np.random.default_rng(seed)).random(count)
    return [{each.name: each.value(place) for each, place in zip(wanted.free, row, strict=True)} for row in points]


def with_seed(wanted: Calibration, seed: int) -> Calibration:
    """The same with another seed of the fit."""
    return replace(wanted, table=wanted.table.model_copy(update={"seed": seed}))
