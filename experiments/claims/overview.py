"""All claims in one place: what came of each, in a table and in one figure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from ..plots.palette import ORANGE, WIDTH
from ..plots.panels import INK, LINE, bare
from . import words
from .claim import claims, read_claim
from .criteria import SIGNS, Finding, margin
from .experiment import Verdict, examined

if TYPE_CHECKING:
    import pandas as pd

ROW, FOOT = 0.24, 0.7
"""Height of a criterion and of the axis, inches."""


def all_examined(seeds: int | None = None, names: Iterable[str] | None = None) -> list[Verdict]:
    """Put all claims to the test, or those named; with seeds 1 to `seeds` instead of what each claim says.

    Raises ClaimError, SimulationError.
    """
    chosen = list(claims()) if names is None else [names] if isinstance(names, str) else [str(name) for name in names]
    return [examined(read_claim(name).with_seeds(seeds)) for name in chosen]


def overview(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """A row per claim: what it says, its verdict, how many criteria are met, and what came of the first, main one."""
    import pandas as pd

    rows = {
        each.claim.name: {
            "claim": each.claim.table.claim,
            "verdict": each.verdict,
            "criteria met": f"{sum(one.is_met for one in each.findings)} of {len(each.findings)}",
            "main effect": f"{each.findings[0].criterion.says}: {words.effect(each.findings[0])}",
        }
        for each in verdicts
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("id")


def overview_figure(verdicts: Sequence[Verdict]) -> Figure:
    """Every criterion that asks for so much more or less of something: its effect in multiples of what was asked.

    Right of the orange line is what the claim expects; dots are filled where the criterion is met.
    """
    shown = [(each, one) for each in verdicts for one in each.findings if _is_measured(one)]
    figure = Figure(figsize=(WIDTH, ROW * len(shown) + FOOT), layout="constrained")
    axes = figure.subplots()
    bare(axes)
    axes.set_xscale("symlog", linthresh=1.0)
    axes.axvline(0.0, color=INK, linewidth=0.8)
    axes.axvline(1.0, color=ORANGE, linewidth=1.2, linestyle="--")
    for place, (_, one) in enumerate(shown):
        effect, low, high = _multiples(one)
        axes.hlines(place, low, high, color=LINE, linewidth=1.6)
        axes.plot(effect, place, "o", color=LINE, markersize=4, markerfacecolor=LINE if one.is_met else "white")
    labels = [f"{one.criterion.says}  {each.claim.name}" for each, one in shown]
    axes.set_yticks(range(len(shown)), labels, fontsize=6, color=INK)
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.set_xlabel("effect with 95 % interval, in multiples of the least that was asked", fontsize=7, color=INK)
    return figure


def _is_measured(each: Finding) -> bool:
    """Whether a criterion has a direction, a smallest effect of interest, and values."""
    return each.criterion.expect in SIGNS and each.seeds > 0 and margin(each.criterion, each.base) > 0.0


def _multiples(each: Finding) -> tuple[float, float, float]:
    """Effect and ends of its interval towards what was expected, over the smallest effect of interest."""
    unit = SIGNS[each.criterion.expect] * margin(each.criterion, each.base)
    low, high = np.sort([each.low / unit, each.high / unit])
    return each.effect / unit, float(low), float(high)
