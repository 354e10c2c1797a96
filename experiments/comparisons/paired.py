"""What can be said of an effect from pairs that share a seed: interval, p value, size, seeds needed.

Runs with the same seed share all chance that both of them meet (common random numbers; Law, Simulation Modeling and
Analysis, 2015, section 11.2), so the sample is the differences d_s = other_s - base_s over seeds s, n of them.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ...model.parameters import Floats
from ..ensemble import NORMAL_95

LEVEL = 0.95
RESAMPLES = 9_999
"""Bootstrap samples: the ends of a 95 % interval then move by about 1 % of its width from one draw to another."""
FLIPS = 19_999
ENUMERATED = 14
"""Up to so many seeds every pattern of signs is tried; beyond it `FLIPS` drawn ones, so p is 1 / 20,000 or more."""
RELATIVE_WIDTH = 0.1
"""Half-width that an interval should have, relative to the mean of the base, unless another one is asked for."""
CHANCE = 2025
"""Seed of all resampling, of each row on its own: a result depends on nothing but the differences behind it."""


def paired_effect(base: Floats, other: Floats, half_width: float | None = None) -> dict[str, float]:
    """All that is said of one measure, from its values per seed; a seed that lacks one of the two drops out.

    seeds, missing: pairs with both values, and without; base, other: means over these pairs (unit of the measure);
    effect: mean difference, with low and high (95 %); relative: effect over the size of base; sd: of the differences;
    standardised: effect / sd (Cohen's d_z, 1988); pairing: variance of the paired differences over that of
    independent ones, var d / (var base + var other), below 1 where pairing helps; p: see `sign_flip`; needed: seeds
    for the half-width wanted, see `needed_seeds`. NaN is what cannot be said.
    """
    there = ~(np.isnan(base) | np.isnan(other))
    base, other = base[there], other[there]
    differences = other - base
    n = len(differences)
    before, after = (float(each.mean()) if n else math.nan for each in (base, other))
    effect = float(differences.mean()) if n else math.nan
    sd = spread(differences)
    low, high = interval(differences)
    apart = spread(base) ** 2 + spread(other) ** 2
    return {
        "seeds": n,
        "missing": len(there) - n,
        "base": before,
        "other": after,
        "effect": effect,
        "low": low,
        "high": high,
        "relative": ratio(effect, abs(before)),
        "sd": sd,
        "standardised": ratio(effect, sd),
        "pairing": sd**2 / apart if apart > 0 else math.nan,
        "p": sign_flip(differences),
        "needed": needed_seeds(sd, RELATIVE_WIDTH * abs(before) if half_width is None else half_width),
    }


def interval(differences: Floats, level: float = LEVEL) -> tuple[float, float]:
    """Bootstrap interval of the mean, bias-corrected and accelerated; NaN from fewer than two differences.

    BCa (Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapter 14) since effects are often skewed: most
    seeds hardly move and a few tip into another regime. Without any spread the interval is the value itself.
    """
    from scipy.stats import bootstrap

    if len(differences) < 2:
        return math.nan, math.nan
    if np.ptp(differences) == 0.0:
        return float(differences[0]), float(differences[0])
    options = {"n_resamples": RESAMPLES, "confidence_level": level}
    for method in ("BCa", "percentile"):  # BCa is undefined where its correction is, as for some samples of two values
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = bootstrap((differences,), np.mean, method=method, rng=np.random.default_rng(CHANCE), **options)
        low, high = map(float, found.confidence_interval)
        if math.isfinite(low) and math.isfinite(high):
            break
    return low, high


def sign_flip(differences: Floats) -> float:
    """Two-sided p value that the two settings do the same: the share of sign patterns with as large a mean.

    If they did, base and other of a seed could be exchanged, so each sign of a difference would be as likely. This
    needs no shape of distribution, and it tests the mean, which is the effect reported: Wilcoxon's test is of ranks,
    and would make little of a few seeds that tip far (Fisher, The Design of Experiments, 1935, section 21). Exact up
    to `ENUMERATED` seeds; else p = (1 + patterns as large) / (1 + patterns drawn), which is never too small (Phipson
    & Smyth, 2010).
    """
    n = len(differences)
    if n == 0:
        return math.nan
    means = np.abs(_signs(n) @ differences)
    reached = np.count_nonzero(means >= abs(differences.sum()) * (1 - 1e-9))  # equal sums may differ by rounding
    return float(reached / 2**n if n <= ENUMERATED else (1 + reached) / (1 + FLIPS))


def smallest_p(n: int) -> float:
    """The smallest p value that `sign_flip` can give for so many seeds."""
    return 2.0 ** (1 - n) if n <= ENUMERATED else 1 / (1 + FLIPS)


@lru_cache(maxsize=4)
def _signs(n: int) -> NDArray[np.int8]:
    """Patterns of n signs, one per row: all there are, or drawn ones."""
    if n <= ENUMERATED:
        bits = (np.arange(2**n)[:, None] >> np.arange(n)) & 1
    else:
        bits = np.random.default_rng(CHANCE).integers(0, 2, (FLIPS, n))
    return (2 * bits - 1).astype(np.int8)


def holm(p: Sequence[float] | Floats) -> Floats:
    """p values adjusted for all tests made: the chance of any false claim stays below the level, however they depend.

    The i-th smallest of m becomes the largest of (m - j + 1) p_j over j <= i, at most 1 (Holm, A Simple Sequentially
    Rejective Multiple Test Procedure, 1979). NaN is no test and stays NaN.
    """
    given = np.asarray(p, dtype=np.float64)
    adjusted = np.full(given.shape, np.nan)
    order = np.argsort(given)[: np.count_nonzero(~np.isnan(given))]  # NaN sorts last
    m = len(order)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate((m - np.arange(m)) * given[order]))
    return adjusted


def needed_seeds(sd: float, half_width: float) -> float:
    """Seeds for a 95 % interval of +- half_width: n = (1.96 sd / half_width)^2, rounded up, at least 2.

    sd is the standard deviation of the paired differences, half_width in the same unit; NaN without either.
    """
    if math.isnan(sd) or math.isnan(half_width) or half_width <= 0.0:
        return math.nan
    return max(2.0, math.ceil((NORMAL_95 * sd / half_width) ** 2))


def spread(values: Floats) -> float:
    """Standard deviation of the population behind a sample; NaN from fewer than two values."""
    return float(values.std(ddof=1)) if len(values) > 1 else math.nan


def ratio(part: float, whole: float) -> float:
    """part / whole: 0 of nothing is 0, something of nothing is infinite, of its sign."""
    if whole == 0.0:
        return math.copysign(math.inf, part) if part else 0.0
    return part / whole
