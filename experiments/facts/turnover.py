"""Firms that come and go, and shares that move."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from ...model.calendar import QUARTERS
from ...model.parameters import Floats
from .growth import BURN_IN
from .history import History, struck_layer

if TYPE_CHECKING:
    import pandas as pd

RISE = 1.1
LEAST_LAYERS = 4
YOUTH = range(4, 24)
PERIOD = 20
ADULT_AGE = 20


def deepest_shakeout(history: History) -> float:
    """Largest fall from the peak of the number of units, in layers where it rose before; 0 if it rose nowhere."""
    falls = [0.0]
    for _, units in history.selling.groupby("layer", sort=False).units:
        numbers = units.to_numpy()
        peak = int(numbers.argmax())
        if numbers[peak] >= RISE * numbers[0]:
            falls.append(1.0 - numbers[peak:].min() / numbers[peak])
    return float(max(falls))


def entry_exit_correlation(history: History) -> float:
    """Correlation of the mean rates of entry and exit over layers."""
    late = history.selling[history.selling.step >= BURN_IN]
    rates = late.groupby("layer", sort=False)[["entry_rate", "exit_rate"]].mean().dropna()
    if len(rates) < LEAST_LAYERS or (rates.std() == 0).any():
        return np.nan
    return float(rates.entry_rate.corr(rates.exit_rate))


def turbulence_late_to_early(history: History) -> float:
    """Turbulence of the last steps over that of early ones, geometric mean over layers."""
    table = history.selling
    late = mean_turbulence(table[table.step >= history.steps - PERIOD])
    early = mean_turbulence(table[table.step.isin(YOUTH)])
    ratios = (late / early).replace([0.0, np.inf], np.nan).dropna()
    return float(np.exp(np.log(ratios).mean())) if len(ratios) else np.nan


def turbulence_after_wave(history: History, struck: History) -> float:
    """Turbulence of the struck layer after the wave, over that of the same steps without one."""
    layer, begin = struck_layer(history.stack), wave_step(struck)
    without, with_wave = (
        mean_turbulence(each.measures[each.measures.step.isin(range(begin, begin + PERIOD))]).get(layer, np.nan)
        for each in (history, struck)
    )
    return float(with_wave / without) if without > 0 else np.nan


def mean_turbulence(table: pd.DataFrame) -> pd.Series:
    """Mean turbulence of each layer."""
    return table.groupby("layer", observed=True).turbulence.mean()


def wave_step(struck: History) -> int:
    """The step in which a history's discontinuity begins."""
    return int(struck.interventions[0].start)


def hazard_old_to_young(history: History) -> float:
    """Exits per firm and step above `ADULT_AGE` over those up to it, of firms that entered after the start.

    NaN unless both ages occur and the young leave at all.
    """
    born = history.events[history.events.kind == "entered"].set_index("firm").step
    exits = exit_steps(history, born.index)
    ages = np.minimum(exits, history.steps) - born.to_numpy()
    young, old = np.minimum(ages, ADULT_AGE).sum(), np.maximum(ages - ADULT_AGE, 0).sum()
    dies_old = (exits < np.inf) & (ages > ADULT_AGE)
    dies_young = (exits < np.inf) & (ages <= ADULT_AGE)
    if old == 0 or dies_young.sum() == 0:
        return np.nan
    return float((dies_old.sum() / old) / (dies_young.sum() / young))


def hazard_large_to_small(history: History) -> float:
    """Share of the firms above the median volume of their home layer gone within a year, over that of those below.

    NaN if no small firm goes.
    """
    firms = history.firms[history.firms.layer.astype(object) == history.firms.home.astype(object)]
    steps = range(BURN_IN, history.steps - QUARTERS + 1, QUARTERS)
    firms = firms[firms.step.isin(steps)]
    median = firms.groupby(["step", "layer"], observed=True).volume.transform("median")
    large = (firms.volume >= median).to_numpy()
    ahead = exit_steps(history, firms.firm) - firms.step.to_numpy()
    there = ahead > 0  # who went in this very step is no firm at its end
    gone = ahead <= QUARTERS
    small_gone = gone[there & ~large].mean() if (there & ~large).any() else 0.0
    return float(gone[there & large].mean() / small_gone) if small_gone > 0 and large.any() else np.nan


def exit_steps(history: History, firms: Iterable[str]) -> Floats:
    """The step in which each firm goes, taken over or not; infinite for those that stay."""
    gone = history.events[history.events.kind.isin(["left", "acquired"])]
    who = gone.firm.astype(object).where(gone.kind == "left", gone.counterparty.astype(object))
    ends = dict(zip(who, gone.step, strict=True))
    return np.array([ends.get(firm, np.inf) for firm in firms])
