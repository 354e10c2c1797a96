"""What a comparison found, in sentences with numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..summary import spelt
from ..wording import amount, counted, first_of, joined
from .comparison import SURE, WHOLE, Comparison
from .paired import ENUMERATED, smallest_p

if TYPE_CHECKING:
    import pandas as pd

MOST = 8
"""So many parameters are named."""


def told(comparison: Comparison) -> Iterator[str]:
    """The whole comparison, a line each: what differs, what that does, regimes, and what a reader has to know."""
    yield heading(comparison)
    yield setting(comparison)
    yield verdict(comparison)
    for row in comparison.sure.itertuples():
        yield effect(row)
    yield from regimes(comparison)
    if helped := pairing(comparison):
        yield helped
    yield from comparison.cautions


def heading(comparison: Comparison) -> str:
    """Which two, over how many seeds and which steps."""
    base, other = comparison.labels
    seeds = comparison.seeds
    paired = f"{len(seeds)} seeds in pairs" if len(seeds) > 1 else f"seed {seeds[0]} alone"
    first, last = comparison.paths.step.min(), comparison.paths.step.max()
    return (
        f"{other} against {base} ({comparison.stack.name}): {paired}, means over the last {comparison.window} of the"
        f" steps {first} to {last}."
    )


def setting(comparison: Comparison) -> str:
    """What the two differ in."""
    rows = comparison.parameters.itertuples()
    parts = [f"{row.name} is {spelt(row.other)} instead of {spelt(row.base)}" for row in rows]
    for label, names in zip(comparison.labels, comparison.interventions, strict=True):
        if names:
            parts.append(f"{label} has the {'intervention' if len(names) == 1 else 'interventions'} {joined(names)}")
    return f"What differs: {first_of(parts, MOST)}." if parts else "No parameter and no intervention differs."


def verdict(comparison: Comparison) -> str:
    """How many effects there are."""
    effects = comparison.effects
    tests = int(effects.p.notna().sum())
    holm = "Holm" if comparison.tests == tests else f"Holm over the {comparison.tests} tests of all comparisons"
    if is_nothing(comparison):
        return f"Every difference is exactly zero, in all {counted(len(effects), 'row')} of layers and measures."
    if comparison.sure.empty:
        return f"No effect can be told from chance: none of {counted(tests, 'test')} holds at 5 % ({holm})."
    held = len(comparison.sure)
    return f"Of {counted(tests, 'test')} {'one holds' if held == 1 else f'{held} hold'} at 5 % ({holm}):"


def is_nothing(comparison: Comparison) -> bool:
    """Whether the two are the same in every measure compared and every regime."""
    return not (comparison.effects.effect.fillna(0.0) != 0.0).any() and not (comparison.changes.changed > 0).any()


def power(comparison: Comparison) -> Iterator[str]:
    """That no effect can hold, if there are too few seeds for so many tests."""
    n, tests = len(comparison.seeds), comparison.tests
    if n > 1 and smallest_p(n) * tests >= SURE:
        more = "more seeds or " if n <= ENUMERATED else ""
        yield (
            f"With {n} seeds no p value is below {smallest_p(n):.2g}, so none of {tests} tests can hold after Holm's"
            f" correction: take {more}fewer measures."
        )


def effect(row: Any) -> str:
    """One effect: direction and size, interval, p value, and from what to what."""
    moves = "rises" if row.effect > 0 else "falls"
    unit = "" if row.unit in ("share", "0 or 1") else f" {row.unit}"
    relative = f", {100 * abs(row.relative):.0f} %" if math.isfinite(row.relative) else ""
    within = f"95 % interval {between(row.low, row.high)}, " if math.isfinite(row.low) else ""
    return (
        f"{row.measure} of {_the(row.layer)} {moves} by {amount(abs(row.effect))}{unit}{relative}"
        f" ({within}{probability(row.p_holm)}): from {amount(row.base)} to {amount(row.other)}."
    )


def regimes(comparison: Comparison) -> Iterator[str]:
    """Which layers change their regime in how many seeds, and how often each regime occurs."""
    net, changes = comparison.regime_effects, comparison.changes
    changed: list[Any] = list(changes[changes.changed > 0].itertuples())
    for row in changed:
        there: list[Any] = list(net[net.layer == row.layer].itertuples())
        counts = [f"{each.regime} {each.base} → {each.other}{_star(each.p_holm)}" for each in there]
        yield (
            f"Regime of {row.layer}: another one in {row.changed} of {row.seeds} seeds"
            f" ({100 * row.low:.0f}–{100 * row.high:.0f} %); seeds with {', '.join(counts)}."
        )
    tests = counted(len(net), "test")
    if changed and (net.p_holm < SURE).any():
        yield f"* These shifts hold at 5 % (McNemar, Holm over {tests})."
    elif changed:
        yield f"No shift of regimes can be told from seeds coming and going (McNemar, Holm over {tests})."


def pairing(comparison: Comparison) -> str:
    """What pairing was worth: how much smaller the variance is than that of unpaired seeds."""
    ratios: pd.Series[Any] = comparison.effects.pairing.dropna()
    if ratios.empty or not (comparison.effects.effect.fillna(0.0) != 0.0).any():
        return ""
    return (
        f"Variance of the paired differences over that of unpaired ones: median {ratios.median():.2f}, from"
        f" {ratios.min():.2f} to {ratios.max():.2f}."
    )


def probability(p: float) -> str:
    """A p value, as precise as it is worth."""
    if math.isnan(p):
        return "no p value"
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def between(low: float, high: float) -> str:
    """An interval; a dash where there is none."""
    return "–" if math.isnan(low) or math.isnan(high) else f"{amount(low)} to {amount(high)}"


def _the(layer: str) -> str:
    return f"the {WHOLE}" if layer == WHOLE else layer


def _star(p: float) -> str:
    return "*" if p < SURE else ""
