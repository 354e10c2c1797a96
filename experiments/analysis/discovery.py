"""Scenario discovery: which regions of the parameters give a regime, as boxes that PRIM finds in a sweep's store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ...model.errors import InputError
from ...model.parameters import Floats, Integers, Value
from ..wording import counted
from . import prim
from .indices import block_size
from .responses import responses

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from ..sweeps.results import Results

RESAMPLES = 50
SEED = 1
"""Of the bootstrap: the same store gives the same shares."""
ENOUGH = 20
"""Points without which there is no box."""
UNUSED = "on points not used to find it"


@dataclass(frozen=True, eq=False)
class Boxes:
    """Regions of the parameters in which a layer ends in a regime, best first; each is sought where the others are not.

    `table`, a row per box: box (from 1), coverage (share of all such runs that lie in it), density (share of its runs
    that are such), mass (its share of the points), coverage_new and density_new (the same on points that were not used
    to find it: what to expect elsewhere). `limits`, a row per limit: box, parameter, relation (≥, ≤, is, is not), its
    value, quasi_p, again (share of bootstrap samples in which the parameter is limited on that side).
    `tradeoff`, a row per box and step of its peeling: box, coverage, density, mass, limits (how many). `share` is that
    of such runs among all; `points` has a column per parameter, and the share of such runs at each as the last one.
    """

    response: str
    share: float
    table: pd.DataFrame = field(repr=False)
    limits: pd.DataFrame = field(repr=False)
    tradeoff: pd.DataFrame = field(repr=False)
    points: pd.DataFrame = field(repr=False)
    remarks: tuple[str, ...] = ()
    file: str = field(default="boxes", repr=False)

    def __len__(self) -> int:
        return len(self.table)

    @property
    def heading(self) -> str:
        """What was sought, and how often it comes about at all."""
        return f"{self.response}: {100 * self.share:.0f} % over {counted(len(self.points), 'point')}"

    def sentences(self, number: int) -> list[str]:
        """The limits of a box in words, such as "price_weight ≥ 2.5"."""
        rows: list[Any] = list(self.limits[self.limits.box == number].itertuples())
        return [f"{row.parameter} {row.relation} {spelt(row.value)}" for row in rows]

    def __str__(self) -> str:
        told = [self.heading]
        rows: list[Any] = list(self.table.itertuples())
        for row in rows:
            fit = f"coverage {row.coverage:.2f}, density {row.density:.2f}, mass {row.mass:.2f}"
            new = f"coverage {row.coverage_new:.2f}, density {row.density_new:.2f}"
            told.append(f"{row.box}. {' and '.join(self.sentences(row.box))}: {fit}; {UNUSED}: {new}")
        return "\n".join([*told, *self.remarks])

    def figure(self) -> Figure:
        """Trade-off of coverage and density, and the limits of each box, see `analysis_figures.of_boxes`."""
        from .analysis_figures import of_boxes

        return of_boxes(self)

    def save(self, folder: str | Path) -> list[Path]:
        """Write tables (CSV) and figure (SVG) into a folder, beside what is there; raises WriteError."""
        from ..folder import put_files
        from ..plots.figures import svg

        tables = {"boxes": self.table, "limits": self.limits, "tradeoff": self.tradeoff}
        texts = {f"{self.file}-{name}.csv": table.to_csv(index=False) for name, table in tables.items()}
        return put_files(folder, {**texts, f"{self.file}-boxes.svg": svg(self.figure(), self.file)})


def discover(
    results: Results,
    regime: str,
    layer: str,
    *,
    policy: str | None = None,
    density: float | None = None,
    boxes: int = 3,
) -> Boxes:
    """At most so many boxes in which a layer ends in a regime; raises InputError.

    A box is chosen for the cases that it holds beyond chance (coverage less mass), or, where a `density` is asked for,
    for its coverage among boxes as dense as that. The search ends at a box that nothing limits for sure, or that is no
    denser than the whole space, be it only on points that were not used to find it.
    """
    if density is not None and not 0.0 < density <= 1.0:
        raise InputError(f"density should be a share above 0, up to 1, not {density:g}")
    asked = responses(results, layer, regime=regime, policy=policy)
    shares = asked.values.mean(axis=1)
    known = shares.notna().to_numpy()
    y, points = shares[known].to_numpy(dtype=float), asked.points[known]
    if len(y) < ENOUGH:
        raise InputError(
            f"{asked.name}: boxes need {ENOUGH} points or more, here are {len(y)}. {asked.missing}".strip()
        )
    if np.ptp(y) == 0.0:
        raise InputError(f"{asked.name} is {y[0]:g} at all points: no region is set apart")
    sides, x = _sides(points)
    blocks = points.index.to_numpy() // block_size(results.about["design"], len(results.parameters))
    found = list(_boxes(prim.faces(x), y, blocks, prim.excess if density is None else _dense(density), boxes))
    remarks = [asked.missing] if asked.missing else []
    if not found:
        remarks.append("No region is set apart by limits that could not be chance.")
    elif density is not None:
        if found[0].fit.density < density:
            remarks.append(f"No box with a density of {density:g} was found: this one comes nearest.")
        found = [found[0], *(one for one in found[1:] if one.fit.density >= density)]
    table, limits, tradeoff = _tables(found, sides)
    return Boxes(
        asked.name, float(y.mean()), table, limits, tradeoff, points.assign(share=y), tuple(remarks), asked.file
    )


class _Found(NamedTuple):
    bounds: Floats
    fit: prim.Fit
    new: prim.Fit
    quasi_p: Floats
    again: Floats
    steps: list[tuple[prim.Fit, int]]


def _boxes(z: Floats, y: Floats, blocks: Integers, worth: prim.Worth, most: int) -> Iterator[_Found]:
    """One box after the other, each from the points that are in none before it."""
    left, cases = np.ones(len(y), dtype=bool), y.sum()
    for _ in range(most):
        if left.sum() < ENOUGH or y[left].sum() == 0.0 or np.ptp(blocks[left]) == 0:
            return
        here, of_here = z[left], y[left]
        bounds = prim.box(here, of_here, worth)
        part = of_here.sum() / cases, left.mean()
        fit = _overall(prim.fit(here, of_here, bounds), *part)
        if not np.isfinite(bounds).any():
            return
        new, again = _resampled(here, of_here, blocks[left], worth)
        if min(fit.density, new.density) <= y.mean():
            return
        steps = [
            (_overall(prim.fit(here, of_here, each), *part), int(np.isfinite(each).sum()))
            for each in prim.peeled(here, of_here)
        ]
        yield _Found(bounds, fit, _overall(new, *part), prim.quasi_p(here, of_here, bounds), again, steps)
        left &= ~prim.inside(z, bounds)


def _overall(fit: prim.Fit, cases: float, points: float) -> prim.Fit:
    """A fit to what is left, as a share of all cases and points."""
    return prim.Fit(fit.coverage * cases, fit.density, fit.mass * points)


def _resampled(z: Floats, y: Floats, blocks: Integers, worth: prim.Worth) -> tuple[prim.Fit, Floats]:
    """Mean fit of boxes from bootstrap samples to the points that are not in them, and how often each face is limited.

    Whole blocks are drawn, of points that are related by design: else relatives of its own points would judge a box.
    """
    chance = np.random.default_rng(SEED)
    fits, limited = [], np.zeros(z.shape[1])
    names, of = np.unique(blocks, return_inverse=True)
    members = [np.flatnonzero(of == n) for n in range(len(names))]
    for _ in range(RESAMPLES):
        times = _drawn(chance, len(names))
        drawn = np.concatenate([np.tile(rows, count) for rows, count in zip(members, times, strict=True)])
        out = times[of] == 0
        bounds = prim.box(z[drawn], y[drawn], worth)
        fits.append(prim.fit(z[out], y[out], bounds))
        limited += np.isfinite(bounds)
    return prim.Fit(*np.mean(fits, axis=0).tolist()), limited / RESAMPLES


def _drawn(chance: np.random.Generator, count: int) -> Integers:
    """How often each of so many is in a bootstrap sample that does not have them all."""
    while (times := np.bincount(chance.integers(count, size=count), minlength=count)).all():
        pass
    return times


def _dense(density: float) -> prim.Worth:
    """The worth of a box where a density is asked for: its coverage; of others, how near they come."""
    return lambda fit: fit.coverage if fit.density >= density else fit.density - density


class Side(NamedTuple):
    """A parameter as a column of numbers, and how to tell its lower and its upper limit."""

    parameter: str
    value: Value | None = None

    def told(self, upper: bool, bound: float) -> tuple[str, str, Value]:
        """Parameter, relation and value of a limit on the column."""
        if self.value is None:
            return self.parameter, "≤" if upper else "≥", -bound if upper else bound
        if self.value is True:
            return self.parameter, "is", not upper
        return self.parameter, "is not" if upper else "is", self.value


def _sides(points: pd.DataFrame) -> tuple[list[Side], Floats]:
    """Columns of numbers that stand for the parameters: of choices one for each, 1 where it is made."""
    sides, columns = [], []
    for name, values in points.items():
        if values.dtype.kind in "iuf":
            sides.append(Side(str(name)))
            columns.append(values.to_numpy(dtype=float))
            continue
        kinds = [True] if values.dtype.kind == "b" else list(values.unique())
        sides += [Side(str(name), kind) for kind in kinds]
        columns += [(values == kind).to_numpy(dtype=float) for kind in kinds]
    return sides, np.array(columns).T


def _tables(found: Sequence[_Found], sides: Sequence[Side]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    import pandas as pd

    table, limits, tradeoff = [], [], []
    for number, one in enumerate(found, 1):
        table.append((number, *one.fit, one.new.coverage, one.new.density))
        for face in np.flatnonzero(np.isfinite(one.bounds)):
            upper, column = divmod(int(face), len(sides))
            told = sides[column].told(bool(upper), float(one.bounds[face]))
            limits.append((number, *told, one.quasi_p[face], one.again[face]))
        tradeoff += [(number, *fit, count) for fit, count in one.steps]
    fits = ["box", "coverage", "density", "mass"]
    return (
        pd.DataFrame(table, columns=[*fits, "coverage_new", "density_new"]),
        pd.DataFrame(limits, columns=["box", "parameter", "relation", "value", "quasi_p", "again"]),
        pd.DataFrame(tradeoff, columns=[*fits, "limits"]),
    )


def spelt(value: Value) -> str:
    """A limit in words."""
    return f"{value:.4g}" if isinstance(value, float) else str(value).lower()
