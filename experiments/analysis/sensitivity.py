"""Which parameters a response depends on: Morris screening and Sobol indices of what a sweep stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...model.errors import InputError
from ..wording import counted
from .indices import METHODS, Sample, block_size
from .responses import Responses, responses

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from ..sweeps.results import Results


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """How much each parameter matters to a response, the most important one first.

    `table` of a Morris design: parameter, mu_star (mean size of a change by the whole range of the parameter, in units
    of the response), mu_star_conf (half of its 95 % interval), mu (the same, signed), sigma (how much it differs from
    place to place: interactions and curvature), chance. Of a Sobol design: parameter, ST (share of the variance between
    points that the parameter explains, interactions included), ST_conf, S1 (that it explains alone), S1_conf, chance.

    `chance` is the mu_star or ST of a parameter without any effect, since means over few seeds differ by chance; NaN
    with one seed. `blocks` are trajectories or base samples; `remarks` say what was left out.
    """

    response: str
    method: str
    blocks: int
    seeds: int
    table: pd.DataFrame = field(repr=False)
    remarks: tuple[str, ...] = ()
    file: str = field(default="sensitivity", repr=False)

    @property
    def heading(self) -> str:
        """What is explained, and from what."""
        sizes = f"{counted(self.blocks, *METHODS[self.method].block)}, {counted(self.seeds, 'seed')}"
        return f"{self.response}: {self.method.capitalize()}, {sizes}"

    def __str__(self) -> str:
        table = self.table.to_string(index=False, float_format=lambda value: f"{value:.3g}")
        return "\n".join([self.heading, table, *self.remarks])

    def figure(self) -> Figure:
        """Both indices with their confidence, a row a parameter, see `analysis_figures.of_sensitivity`."""
        from .analysis_figures import of_sensitivity

        return of_sensitivity(self)

    def save(self, folder: str | Path) -> list[Path]:
        """Write table (CSV) and figure (SVG) into a folder, beside what is there; raises WriteError."""
        from ..folder import put_files
        from ..plots.figures import svg

        table, drawn = self.table.to_csv(index=False), svg(self.figure(), self.file)
        return put_files(folder, {f"{self.file}-{self.method}.csv": table, f"{self.file}-{self.method}.svg": drawn})


def sensitivity(
    results: Results, layer: str, *, measure: str | None = None, regime: str | None = None, policy: str | None = None
) -> Sensitivity:
    """Indices of a measure, or of the probability of a regime, by the method that the design is made for.

    Raises InputError, also when the design is neither of Morris nor of Sobol.
    """
    import pandas as pd

    design = results.about["design"]
    if design["kind"] not in METHODS:
        raise InputError(f'{results.store.address}: has a {design["kind"]} design: indices need "morris" or "sobol"')
    method = METHODS[design["kind"]]
    asked = responses(results, layer, measure=measure, regime=regime, policy=policy)
    sample, left_out = _sampled(asked, block_size(design, len(results.parameters)), method.block)
    if np.ptp(sample.means()) == 0.0:
        raise InputError(f"{asked.name} is {sample.values.flat[0]:g} at all points: there is nothing to explain")
    table = pd.DataFrame({"parameter": list(results.parameters), **method.table(sample)})
    table = table.sort_values(method.columns[0], ascending=False, ignore_index=True)
    alone = "With one seed chance cannot be told from effects." if sample.seeds == 1 else ""
    remarks = tuple(each for each in (asked.missing, left_out, alone) if each)
    return Sensitivity(asked.name, design["kind"], len(sample.values), sample.seeds, table, remarks, asked.file)


def _sampled(asked: Responses, size: int, block: tuple[str, str]) -> tuple[Sample, str]:
    """The blocks that have a seed at all their points, and a remark on those that have none."""
    table = asked.values.to_numpy(dtype=float)
    values = table.reshape(-1, size, table.shape[1])
    values = np.where(np.isnan(values).any(axis=1, keepdims=True), np.nan, values)
    kept = ~np.isnan(values).all(axis=(1, 2))
    lost = int((~kept).sum())
    if len(kept) - lost < 2:
        raise InputError(f"{asked.name}: indices need two {block[1]} or more with all their points. {asked.missing}")
    remark = f"{lost:,} of {counted(len(kept), *block)} left out, no seed has all their points: this is of the others."
    points = asked.numbers().reshape(-1, size, asked.points.shape[1])
    return Sample(values[kept], points[kept]), remark if lost else ""
