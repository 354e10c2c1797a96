"""PRIM, the patient rule induction method: a box of parameters in which a response is high.

Friedman & Fisher, Bump Hunting in High-Dimensional Data (1999); what is gained is counted per point removed, which is
fair to parameters of few values (Kwakkel & Jaxa-Rozen, Improving Scenario Discovery, 2016); limits are tested as Bryant
& Lempert do (Thinking Inside the Box, 2010).

A box has a lower bound on each of its faces. A point's place on them is its parameters and, for the upper limits, their
negatives: `z`, shape (points, faces). A bound of minus infinity is none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ...model.parameters import Flags, Floats

SLICE = 0.05
"""Share of a box's points that a peel takes away or a paste adds: patience."""
LEAST = 0.05
"""A box holds at least this share of all points, and FEW of them."""
FEW = 5
SURE = 0.05
"""A limit whose quasi-p-value is above this is dropped."""
Bounds = Floats


class Fit(NamedTuple):
    """How a box does: its share of all cases, the share of cases in it, and its share of all points."""

    coverage: float
    density: float
    mass: float


Worth = Callable[[Fit], float]
"""How good a box is."""


def excess(of: Fit) -> float:
    """The share of all cases that lie in a box beyond those that as many points at random would hold.

    Times the share of cases it is the weighted relative accuracy of Lavrac, Flach & Zupan (1999).
    """
    return of.coverage - of.mass


def faces(x: Floats) -> Floats:
    """Places on the faces of boxes, shape (points, 2 * parameters), from parameters, shape (points, parameters)."""
    return np.hstack([x, -x])


def inside(z: Floats, bounds: Bounds) -> Flags:
    """Which points lie in a box."""
    held: Flags = np.all(z >= bounds, axis=1)
    return held


def fit(z: Floats, y: Floats, bounds: Bounds) -> Fit:
    """Coverage, density and mass of a box, where y is each point's share of cases, 0 to 1."""
    held = inside(z, bounds)
    cases, points = float(y[held].sum()), int(held.sum())
    return Fit(cases / max(float(y.sum()), 1e-300), cases / max(points, 1), float(held.mean()))


def box(z: Floats, y: Floats, worth: Worth = excess) -> Bounds:
    """The best box: the worthiest of a peeling trajectory, pasted, without the limits that can be chance."""
    best = max(peeled(z, y), key=lambda bounds: worth(fit(z, y, bounds)))
    return without_chance(z, y, pasted(z, y, best, worth))


def peeled(z: Floats, y: Floats) -> list[Bounds]:
    """Boxes from the whole space inwards, each without the slice whose loss raises the density most per point lost."""
    bounds = np.full(z.shape[1], -np.inf)
    found, least = [bounds], max(FEW, LEAST * len(z))
    while True:
        held = inside(z, bounds)
        inner, cases = z[held], y[held]
        stays = inner > np.quantile(inner, SLICE, axis=0, method="lower")
        counts = stays.sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            gains = (cases @ stays / counts - cases.mean()) / (len(cases) - counts)
        gains[counts < least] = -np.inf
        face = int(gains.argmax())
        if not gains[face] > 0.0:
            return found
        bounds = bounds.copy()
        bounds[face] = inner[stays[:, face], face].min()
        found.append(bounds)


def pasted(z: Floats, y: Floats, bounds: Bounds, worth: Worth) -> Bounds:
    """The box with its limits moved outwards, a slice at a time, as long as that makes it worthier."""
    while True:
        wider = [_widened(z, bounds, int(face)) for face in np.flatnonzero(np.isfinite(bounds))]
        best = max([bounds, *wider], key=lambda each: worth(fit(z, y, each)))
        if best is bounds:
            return bounds
        bounds = best


def _widened(z: Floats, bounds: Bounds, face: int) -> Bounds:
    """The box with one limit moved so that a slice of points comes in, or without it where no more are left."""
    wider = bounds.copy()
    wider[face] = -np.inf
    beyond = np.sort(z[inside(z, wider) & (z[:, face] < bounds[face]), face])
    count = max(1, round(SLICE * int(inside(z, bounds).sum())))
    if len(beyond) > count:
        wider[face] = beyond[-count]
    return wider


def quasi_p(z: Floats, y: Floats, bounds: Bounds) -> Floats:
    """Per face: probability of as many cases in the box if its limit there chose points at random, NaN without limit.

    The binomial tail (as a regularised incomplete beta function, since cases need not be whole) at the density of the
    box without the limit. A point whose share comes from several seeds counts for more than one trial, by how much less
    the shares vary than single cases would. It is called quasi because the same points chose the limit.
    """
    from scipy.special import betainc

    found, own = np.full(len(bounds), np.nan), fit(z, y, bounds).density
    for face in np.flatnonzero(np.isfinite(bounds)):
        wider = inside(z, np.where(np.arange(len(bounds)) == face, -np.inf, bounds))
        density, variance = float(y[wider].mean()), float(y[wider].var())
        found[face] = 1.0
        if own > density and variance > 0.0:
            trials = inside(z, bounds).sum() * density * (1.0 - density) / variance
            found[face] = betainc(own * trials, (1.0 - own) * trials + 1.0, density)
    return found


def without_chance(z: Floats, y: Floats, bounds: Bounds) -> Bounds:
    """The box without the limits that are not sure, the least sure one dropped first."""
    bounds = bounds.copy()
    while np.isfinite(bounds).any():
        p = quasi_p(z, y, bounds)
        if not np.nanmax(p) > SURE:
            break
        bounds[int(np.nanargmax(p))] = -np.inf
    return bounds
