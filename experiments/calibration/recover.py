"""Recovery: does the fit find parameters again that made the market's own output?

For every trial parameters are drawn from the prior, their moments taken the place of the facts, and the fit has to have
them within its 90 % sets. An instrument that fails this says nothing about the real market.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

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
    for number in range(trials):
        dice = np.random.default_rng((seed, number))
        planted = {each.name: each.value(dice.uniform(*each.ends)) for each in wanted.free}
        first = FRESH + number * wanted.table.replicates
        observed = runs.mean(planted, range(first, first + wanted.table.replicates))
        particles = fit(with_seed(wanted, number), folder / f"{number:02d}", observed=observed, trials=runs)
        joint, inside = within_set(particles, planted, [each.log for each in wanted.free])
        found.append(Recovery(planted, joint, dict(zip(wanted.names, inside, strict=True))))
        if told:
            told(number, found[-1])
    return found


def with_seed(wanted: Calibration, seed: int) -> Calibration:
    """The same with another seed of the fit."""
    return replace(wanted, table=wanted.table.model_copy(update={"seed": seed}))
