"""A trial: the market with some values of the free parameters, run with some seeds, and its moments."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ...model.errors import SimulationError
from ...model.interventions import Given
from ...model.parameters import Floats, Value
from ...model.stack import Stack
from ...model.world import World, opened
from .moments import moments, played
from .setup import Calibration, CalibrationError

WORST = 10.0
"""A miss is at most so many scales."""
START = ("firms", "ties", "units", "links", "operates")
"""The tables in which a market's start could show a parameter."""


@dataclass
class Markets:
    """Markets before their first step, kept by seed: drawing one up takes longer than its first years."""

    stack: Stack
    set: Mapping[str, Value]
    _kept: dict[int, World] = field(default_factory=dict, repr=False)

    def at(self, seed: int, settings: Mapping[str, Value], interventions: Given | None = None) -> World:
        """The market of a seed with these settings and interventions in force, ready to go on."""
        if seed not in self._kept:
            self._kept[seed] = self.drawn_up(seed)
        return self._kept[seed].changed(settings, None, interventions)

    def drawn_up(self, seed: int) -> World:
        """The market of a seed before its first step."""
        return opened(self.stack, seed, self.set)

    def refuse_what_moves_the_start(self, wanted: Calibration) -> None:
        """Raises CalibrationError for a free parameter by which markets would start otherwise."""
        for each in wanted.free:
            low, high = (opened(self.stack, 0, {**self.set, **each.settings(end)}) for end in (each.low, each.high))
            if any(getattr(low.state, name).tobytes() != getattr(high.state, name).tobytes() for name in START):
                raise CalibrationError(f"{each.name} decides how a market starts: it can be [set], not fitted")


@dataclass
class Trials:
    """Runs trials of a calibration."""

    wanted: Calibration

    @cached_property
    def markets(self) -> Markets:
        """Where trials start."""
        return Markets(self.wanted.stack, self.wanted.table.set)

    @cached_property
    def scales(self) -> Floats:
        """What a miss of one is of each target: uncertainty of the fact and chance of markets, in the fact's units.

        The fact is one market's, a trial the mean of r: scale^2 = tolerance^2 + (1 + 1/r) variance over seeds, at the
        centre of the prior. It is the implausibility measure of Craig et al., Pressure Matching (1997).
        """
        centre = {each.name: each.value(sum(each.ends) / 2) for each in self.wanted.free}
        runs = [self.once(centre, seed) for seed in range(self.wanted.table.seeds)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # of a moment that no run has
            chance = np.nan_to_num(np.nanvar(runs, axis=0, ddof=1))
        tolerances = np.array([each.tolerance for each in self.wanted.targets])
        return np.sqrt(tolerances**2 + (1 + 1 / self.wanted.table.replicates) * chance)

    @cached_property
    def fitted(self) -> NDArray[np.bool_]:
        """Which targets are fitted."""
        return np.array([each.fitted for each in self.wanted.targets])

    def off(self, found: Floats, aims: Floats) -> float:
        """The distance of moments from the aims."""
        return distance(found, aims, self.scales, self.fitted)

    def once(self, values: Mapping[str, float], seed: int) -> Floats:
        """Moments of one run; NaN where it has none, all NaN if it fails."""
        world = self.markets.at(seed, self.wanted.settings(values))
        try:
            return moments(played(world, self.wanted.table.steps), self.wanted.stack, self.wanted.targets)
        except SimulationError:
            return np.full(len(self.wanted.targets), np.nan)

    def mean(self, values: Mapping[str, float], seeds: Iterable[int]) -> Floats:
        """Means over runs with these seeds; NaN where one has none."""
        return np.mean([self.once(values, int(seed)) for seed in seeds], axis=0)


def misses(found: Floats, aims: Floats, scales: Floats) -> Floats:
    """How far moments are from the aims, in scales, at most `WORST`; a moment that a run does not have is that far."""
    with np.errstate(invalid="ignore"):
        off = (found - aims) / scales
    return np.clip(np.where(np.isnan(off), WORST, off), -WORST, WORST)


def distance(found: Floats, aims: Floats, scales: Floats, fitted: NDArray[np.bool_]) -> float:
    """Root mean square of the misses of the fitted targets."""
    return float(np.sqrt(np.mean(misses(found, aims, scales)[fitted] ** 2)))
