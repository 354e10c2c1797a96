"""Indices of sensitivity, as SALib computes them from means over seeds, and what chance adds to them."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from ...model.parameters import Floats
from ..ensemble import NORMAL_95
from ..sweeps.design import LEVELS

RESAMPLES = 1000
SEED = 1
"""Of the bootstrap: the same store gives the same confidence."""
STEP = LEVELS / (2 * (LEVELS - 1))
"""How far a Morris step goes, as a share of the range."""


class Sample(NamedTuple):
    """Responses by block, point of the block and seed, and the points as numbers, by block, point and parameter.

    A block is what an index needs whole: a trajectory of Morris, a base sample of Sobol. A seed of a block has a value
    at all its points, so that they share its chance, or is NaN at all of them.
    """

    values: Floats
    points: Floats

    @property
    def seeds(self) -> int:
        return self.values.shape[2]

    def means(self, without: int | None = None) -> Floats:
        """Means over seeds, by block and point, `without` one of the seeds where another one is left."""
        found: Floats = np.nanmean(self.values, axis=2)
        if without is not None:
            rest = np.delete(self.values, without, axis=2)
            some = ~np.isnan(rest).all(axis=(1, 2))
            found[some] = np.nanmean(rest[some], axis=2)
        return found


Indices = dict[str, Floats]
"""Column -> a value per parameter."""


class Method(NamedTuple):
    """How a design is analysed: the name of one block and of several, its columns, importance first, and functions."""

    block: tuple[str, str]
    size: Callable[[int, bool], int]
    columns: tuple[str, ...]
    indices: Callable[[Sample, Floats, int], Indices]
    chance: Callable[[Sample, Floats], Floats]

    def table(self, sample: Sample) -> Indices:
        """Indices with confidence and chance.

        The interval of an index adds up, as variances, the bootstrap over blocks and the jackknife over seeds: seeds
        are the same at all points, so that resampling blocks alone would take what they have in common for certain.
        """
        means = sample.means()
        found = self.indices(sample, means, RESAMPLES)
        for name, reach in self._of_seeds(sample).items():
            found[name] = np.hypot(found[name], reach)
        several = (~np.isnan(sample.values[:, 0])).sum(axis=1) > 1
        found["chance"] = np.full(sample.points.shape[2], np.nan)
        if several.any():
            found["chance"] = self.chance(Sample(sample.values[several], sample.points[several]), means)
        return found

    def _of_seeds(self, sample: Sample) -> Indices:
        """Column of confidence -> half of the 95 % interval that seeds make, by a jackknife over them."""
        if sample.seeds < 2:
            return {}
        without = [self.indices(sample, sample.means(seed), 2) for seed in range(sample.seeds)]
        return {
            name: NORMAL_95
            * math.sqrt(sample.seeds - 1)
            * np.std([each[name.removesuffix("_conf")] for each in without], axis=0)
            for name in self.columns
            if name.endswith("_conf")
        }


def _morris(sample: Sample, means: Floats, resamples: int) -> Indices:
    from SALib.analyze import morris

    points = sample.points.reshape(-1, sample.points.shape[2])
    found = morris.analyze(_problem(sample), points, means.ravel(), resamples, num_levels=LEVELS, seed=SEED)
    return _asked("morris", found)


def _chance_of_morris(sample: Sample, means: Floats) -> Floats:
    """Mean size of a change that is chance alone, normal and centred at zero, from how far the seeds are off."""
    moved = np.diff(sample.points, axis=1) != 0.0
    off, seeds = _off(np.einsum("bks,bkp->bps", np.diff(sample.values, axis=1), moved))
    size: Floats = (np.nanmean(np.abs(off), axis=2) / np.sqrt(seeds - 1)).mean(axis=0) / STEP
    return size


def _sobol(sample: Sample, means: Floats, resamples: int) -> Indices:
    from SALib.analyze import sobol

    if np.ptp(means) == 0.0:  # without one of the seeds, that is
        return dict.fromkeys(METHODS["sobol"].columns, np.zeros(sample.points.shape[2]))
    second = sample.points.shape[1] > sample.points.shape[2] + 2
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Constant values encountered")  # in a resample
        return _asked("sobol", sobol.analyze(_problem(sample), means.ravel(), second, resamples, seed=SEED))


def _chance_of_sobol(sample: Sample, means: Floats) -> Floats:
    """Half the variance by chance of the change that a parameter makes, over the variance between points."""
    off, seeds = _off(sample.values[:, 1 : sample.points.shape[2] + 1] - sample.values[:, :1])
    variance = np.nansum(off * off, axis=2) / (seeds * (seeds - 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        share: Floats = variance.mean(axis=0) / 2 / means[:, [0, -1]].var()
    return share


def _off(changes: Floats) -> tuple[Floats, Floats]:
    """How far each seed's change is off the mean over seeds, the last axis, and how many seeds there are."""
    return changes - np.nanmean(changes, axis=-1, keepdims=True), (~np.isnan(changes)).sum(axis=-1).astype(float)


def _asked(method: str, found: Any) -> Indices:
    return {name: np.array(found[name], dtype=float) for name in METHODS[method].columns}


def _problem(sample: Sample) -> dict[str, Any]:
    count = sample.points.shape[2]
    return {"num_vars": count, "names": [str(n) for n in range(count)], "bounds": [[0.0, 1.0]] * count}


METHODS = {
    "morris": Method(
        ("trajectory", "trajectories"),
        lambda parameters, second_order: parameters + 1,
        ("mu_star", "mu_star_conf", "mu", "sigma"),
        _morris,
        _chance_of_morris,
    ),
    "sobol": Method(
        ("base sample", "base samples"),
        lambda parameters, second_order: (parameters * 2 if second_order else parameters) + 2,
        ("ST", "ST_conf", "S1", "S1_conf"),
        _sobol,
        _chance_of_sobol,
    ),
}
"""Kind of design -> how it is analysed."""


def block_size(design: Mapping[str, Any], parameters: int) -> int:
    """Points of a design, as sweep.json tells of it, that are related and follow each other; 1 where none are."""
    method = METHODS.get(design["kind"])
    return method.size(parameters, design.get("second_order", False)) if method else 1
