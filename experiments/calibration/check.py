"""The check of a calibration: target by target against the ensemble, and what the facts leave open.

Bands are 5 to 95 % over runs of one seed each, so that they hold the uncertainty of the parameters and the chance of
markets: of the prior, with parameters drawn from it, and of the ensemble, with particles drawn by weight.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from ...model.parameters import Floats
from .particles import BAND, Particles, quantile
from .setup import Calibration
from .trial import Trials

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

RUNS, FIRST_SEED = 400, 5000
"""Runs behind each band, with seeds that no trial of the fit has had; they cycle through as many markets as a trial."""


@dataclass(frozen=True, eq=False)
class Check:
    """Tables: `targets`, one row each with both bands; `parameters`, prior and posterior; `correlations` of pairs.

    In `targets`, `inside` says whether the fact is within the ensemble's band and `width` is its width over that of the
    prior's band. In `parameters`, `width` is that of the 90 % interval over the prior's, both on the prior's scale.
    """

    targets: pd.DataFrame
    parameters: pd.DataFrame
    correlations: pd.DataFrame

    def share_inside(self, role: str) -> float:
        """Share of the targets of a role that are inside the ensemble's band."""
        return float(self.targets.inside[self.targets.role == role].mean())

    def figure(self) -> Figure:
        """Every fact beside both bands: see `check_figure`."""
        from .check_figure import check_figure

        return check_figure(self.targets)

    def sentences(self) -> list[str]:
        """What it comes to."""
        told = []
        for role in ("fitted", "predicted"):
            of_role = self.targets[self.targets.role == role]
            told.append(
                f"{of_role.inside.sum()} of {len(of_role)} {role} targets are inside the ensemble's 90 % band, which is"
                f" {of_role.width.median():.2f} times as wide as the prior's (median)."
            )
        outside = self.targets.target[~self.targets.inside]
        return [*told, f"Outside: {', '.join(outside) or 'none'}."]


def check(
    wanted: Calibration,
    particles: Particles,
    progress: Callable[[int], None] | None = None,
    trials: Trials | None = None,
    runs: int = RUNS,
) -> Check:
    """Run prior and ensemble, so many `runs` of each, and compare both with every target.

    `progress` gets the number of runs done; `trials` are those of the same calibration, if there are any.
    """
    dice = np.random.default_rng((wanted.table.seed, FIRST_SEED))
    prior = [{each.name: each.value(dice.uniform(*each.ends)) for each in wanted.free} for _ in range(runs)]
    made = trials or Trials(wanted)
    before = ensemble(made, prior, progress)
    after = ensemble(made, particles.drawn(runs), (lambda done: progress(runs + done)) if progress else None)
    return Check(_targets(wanted, before, after), _parameters(wanted, particles), _correlations(wanted, particles))


def ensemble(
    trials: Trials, drawn: Sequence[Mapping[str, float]], progress: Callable[[int], None] | None = None
) -> Floats:
    """Moments of one run with each of the values, shape (runs, targets)."""
    rows = []
    for n, values in enumerate(drawn):
        rows.append(trials.once(values, FIRST_SEED + n % trials.wanted.table.seeds))
        if progress:
            progress(n + 1)
    return np.array(rows)


def _targets(wanted: Calibration, before: Floats, after: Floats) -> pd.DataFrame:
    import pandas as pd

    rows, even = [], np.full(len(before), 1.0 / len(before))
    for n, each in enumerate(wanted.targets):
        first, last = (quantile(runs[:, n], even, (BAND[0], 0.5, BAND[1])) for runs in (before, after))
        row = {
            "target": each.name,
            "role": "fitted" if each.fitted else "predicted",
            "unit": each.unit,
            "value": each.value,
            "low": each.low,
            "high": each.high,
        }
        row |= dict(zip(("prior_low", "prior_median", "prior_high"), first, strict=True))
        row |= dict(zip(("band_low", "median", "band_high"), last, strict=True))
        row["inside"] = bool(last[0] <= each.value <= last[2])
        row["width"] = (last[2] - last[0]) / (first[2] - first[0]) if first[2] > first[0] else np.nan
        rows.append(row)
    return pd.DataFrame(rows)


def _places(wanted: Calibration, particles: Particles) -> Floats:
    """The particles on the scales on which their priors are uniform, from 0 to 1."""
    columns = []
    for n, each in enumerate(wanted.free):
        low, high = each.ends
        columns.append(((np.log(particles.values[:, n]) if each.log else particles.values[:, n]) - low) / (high - low))
    return np.column_stack(columns)


def _parameters(wanted: Calibration, particles: Particles) -> pd.DataFrame:
    import pandas as pd

    rows, places = [], _places(wanted, particles)
    for n, each in enumerate(wanted.free):
        shares = (BAND[0], 0.5, BAND[1])
        low, middle, high = quantile(particles.values[:, n], particles.weights, shares)
        begin, _, end = quantile(places[:, n], particles.weights, shares)
        rows.append((each.name, each.low, each.high, low, middle, high, (end - begin) / (BAND[1] - BAND[0])))
    columns = ["parameter", "prior_low", "prior_high", "band_low", "median", "band_high", "width"]
    return pd.DataFrame(rows, columns=columns)


def _correlations(wanted: Calibration, particles: Particles) -> pd.DataFrame:
    """Of all pairs over the particles, the strongest first."""
    import pandas as pd

    spread = np.cov(_places(wanted, particles).T, aweights=particles.weights).reshape(len(wanted.free), -1)
    scale = np.sqrt(np.diag(spread))
    pairs = [
        (wanted.names[one], wanted.names[other], spread[one, other] / (scale[one] * scale[other]))
        for one, other in combinations(range(len(wanted.free)), 2)
    ]
    table = pd.DataFrame(pairs, columns=["one", "other", "correlation"])
    return table.sort_values("correlation", key=abs, ascending=False, ignore_index=True)
