"""A set of equally good parameters: weighted particles, in a small CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...model.errors import InputError
from ...model.parameters import Floats

BAND = (0.05, 0.95)
"""Of what is called the 90 % band or set."""


@dataclass(frozen=True)
class Particles:
    """Values of the free parameters, shape (particles, parameters), their weights, which sum to 1, and distances."""

    names: tuple[str, ...]
    values: Floats
    weights: Floats
    distances: Floats

    def __len__(self) -> int:
        return len(self.weights)

    def row(self, n: int) -> dict[str, float]:
        """One particle: name -> value."""
        return dict(zip(self.names, map(float, self.values[n]), strict=True))

    def drawn(self, count: int) -> list[dict[str, float]]:
        """So many, each as often as its weight says (systematic resampling, Kitagawa 1996), always the same."""
        places = (np.arange(count) + 0.5) / count
        rows = np.searchsorted(np.cumsum(self.weights), places).clip(max=len(self) - 1)
        return [self.row(int(n)) for n in rows]

    def text(self) -> str:
        """As CSV."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("weight", "distance", *self.names))
        for weight, off, values in zip(self.weights, self.distances, self.values, strict=True):
            writer.writerow(f"{number:.6g}" for number in (weight, off, *values))
        return out.getvalue()


def read_particles(file: Path) -> Particles:
    """What `Particles.text` made; raises InputError."""
    try:
        with file.open(newline="", encoding="utf-8") as opened:
            head, *rows = list(csv.reader(opened)) or [[]]
        table = np.array(rows, dtype=np.float64)
        known = head[:2] == ["weight", "distance"] and table.ndim == 2 and table.shape[1] == len(head) > 2
    except OSError as error:
        raise InputError(f"{file}: no set of particles can be read: {error.strerror}") from None
    except (ValueError, csv.Error):
        known = False
    if not known:
        raise InputError(f"{file}: not a set of particles: its columns are weight, distance and parameters")
    return Particles(tuple(head[2:]), table[:, 2:], table[:, 0] / table[:, 0].sum(), table[:, 1])


def quantile(values: Floats, weights: Floats, shares: Sequence[float]) -> Floats:
    """Weighted quantiles of numbers, those that are NaN left out."""
    known = ~np.isnan(values)
    order = np.argsort(values[known])
    sorted_values, heights = values[known][order], weights[known][order]
    if not len(heights):
        return np.full(len(shares), np.nan)
    middles = (np.cumsum(heights) - heights / 2) / heights.sum()
    return np.interp(shares, middles, sorted_values)


def within_set(particles: Particles, truth: Mapping[str, float], logs: Sequence[bool]) -> tuple[bool, list[bool]]:
    """Whether values lie in the joint 90 % set, and each in its own 90 % interval.

    The joint set is where the Mahalanobis distance from the particles' weighted mean is below the 90 % quantile of what
    it is for each particle from all others; a particle that counted among those it is compared with would seem nearer
    than any other point. Parameters with a prior in logs are taken in logs.
    """
    scale = [np.log if log else np.asarray for log in logs]
    points = np.column_stack([f(particles.values[:, n]) for n, f in enumerate(scale)])
    point = np.array([float(f(truth[name])) for name, f in zip(particles.names, scale, strict=True)])
    weights, rows = particles.weights, np.arange(len(particles))
    far = np.array([_distance(points[n], points[rows != n], weights[rows != n]) for n in rows])
    (limit,) = quantile(far, weights, [0.9])
    bounds = [quantile(points[:, n], weights, BAND) for n in range(len(logs))]
    inside = [bool(low <= each <= high) for each, (low, high) in zip(point, bounds, strict=True)]
    return _distance(point, points, weights) <= limit, inside


def _distance(point: Floats, points: Floats, weights: Floats) -> float:
    """Square of the Mahalanobis distance of one point from weighted others."""
    off = point - np.average(points, axis=0, weights=weights)
    covariance = np.cov(points.T, aweights=weights).reshape(len(point), -1)
    return float(off @ np.linalg.pinv(covariance) @ off)
