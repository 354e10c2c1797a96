"""From values per seed to a verdict: criteria are met or not by numbers alone, and claims hold or not by criteria."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...model.parameters import Floats
from ..comparisons.comparison import SURE
from ..comparisons.paired import holm, interval, sign_flip, spread
from .claim import Criterion

HOLDS, MIXED, FAILS = "holds", "mixed", "does not hold"
MET, OPPOSITE, UNTOLD, TOO_SMALL, UNLIKE, ABOVE, VALUELESS = (
    "met",
    "the opposite",
    "cannot be told from chance",
    "smaller than of interest",
    "cannot be shown to be the same",
    "above the limit",
    "not every seed has a value",
)
"""What a criterion may come to."""
SIGNS = {"more": 1.0, "less": -1.0}


@dataclass(frozen=True)
class Finding:
    """What came out of one criterion: the values of all seeds, and what is said of them.

    `base` are the values that `other` is compared with, seed by seed; effect, low and high the mean difference and
    its 95 % bootstrap interval, or the largest value of any seed where a limit is asked for; p is adjusted for all
    criteria of the claim. `layers` has the same effect layer by layer where the criterion is of several.
    """

    criterion: Criterion
    unit: str
    base: Floats
    other: Floats
    effect: float
    low: float
    high: float
    p: float
    result: str
    layers: tuple[tuple[str, float], ...] = ()

    @property
    def seeds(self) -> int:
        """Seeds that have both values."""
        return int(np.count_nonzero(~np.isnan(self.other - self.base)))

    @property
    def before(self) -> float:
        """Mean of what it is compared with."""
        return float(np.nanmean(self.base)) if self.seeds else math.nan

    @property
    def is_met(self) -> bool:
        """Whether what was expected came out."""
        return self.result == MET


def verdict(findings: Sequence[Finding]) -> str:
    """Holds when all criteria are met; does not when none is, or when the first goes the other way; else mixed."""
    if all(each.is_met for each in findings):
        return HOLDS
    if not any(each.is_met for each in findings) or findings[0].result == OPPOSITE:
        return FAILS
    return MIXED


def judged(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings of a claim with p values adjusted for each other (Holm), and what each comes to."""
    adjusted = holm([each.p for each in findings])
    return tuple(
        replace(each, p=float(p), result=_result(each, float(p))) for each, p in zip(findings, adjusted, strict=True)
    )


def found(criterion: Criterion, unit: str, base: Floats, other: Floats, **others: Any) -> Finding:
    """What values per seed say of a criterion, before any correction."""
    differences = (other - base)[~np.isnan(other - base)]
    if criterion.expect == "at most":
        largest = float((other - base).max())  # NaN where a seed has no value: nothing is known of it
        return Finding(criterion, unit, base, other, largest, math.nan, math.nan, math.nan, "", **others)
    effect = float(differences.mean()) if len(differences) else math.nan
    low, high = interval(differences)
    p = sign_flip(differences) if criterion.expect in SIGNS else equivalence(differences, margin(criterion, base))
    return Finding(criterion, unit, base, other, effect, low, high, p, "", **others)


def margin(criterion: Criterion, base: Floats) -> float:
    """The smallest difference of interest, in the unit of the quantity."""
    return criterion.least * (abs(float(np.nanmean(base))) if criterion.relative else 1.0)


def level_of(each: Finding) -> float:
    """The number that a quantity is compared with where no market is; effects are shown as levels then."""
    return 0.0 if each.criterion.against else each.criterion.than


def equivalence(differences: Floats, margin: float) -> float:
    """p value that the mean lies within +- margin: the larger of two one-sided t tests (Schuirmann, 1987)."""
    from scipy.stats import t

    n, sd = len(differences), spread(differences)
    if n < 2 or margin <= 0.0:
        return math.nan
    room = margin - abs(float(differences.mean()))
    if sd == 0.0:
        return 0.0 if room > 0.0 else 1.0
    return float(t.sf(room / (sd / math.sqrt(n)), n - 1))


def _result(each: Finding, p: float) -> str:
    criterion, least = each.criterion, margin(each.criterion, each.base) if each.seeds else math.nan
    if criterion.expect == "at most":
        return VALUELESS if math.isnan(each.effect) else MET if each.effect <= least else ABOVE
    if criterion.expect == "same":
        return MET if p < SURE else UNLIKE
    towards = SIGNS[criterion.expect] * each.effect
    if not p < SURE:  # NaN is no proof either
        return UNTOLD
    if towards < 0.0:
        return OPPOSITE
    return MET if towards >= least else TOO_SMALL
