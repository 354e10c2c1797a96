"""Running the markets of a claim, and reading its criteria from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ...model.measures import MEASURES, OVERALL
from ...model.parameters import Floats
from ..comparisons.comparison import WHOLE
from ..interrupt import check_interrupt
from ..run import Run, simulate
from ..sweeps.one_run import means
from .claim import Claim, Criterion, Market, Quantity
from .criteria import Finding, found, judged, verdict
from .statistics import RANK_CORRELATION, STATISTICS, Span, needed, rank_correlation

Values = Mapping[tuple[str, Quantity], Floats]
"""(market, quantity) -> values, shape (seeds, layers): of its layers, then of those that are subtracted."""


@dataclass(frozen=True)
class Verdict:
    """What came out of a claim's experiment."""

    claim: Claim
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> str:
        """Holds, does not hold, or mixed."""
        return verdict(self.findings)


def examined(claim: Claim, progress: Callable[[int], None] | None = None) -> Verdict:
    """Run all markets of a claim with all its seeds and judge; `progress` gets the number of steps done in all.

    Raises SimulationError.
    """
    values = _values(claim, progress)
    return Verdict(claim, judged([_finding(claim, criterion, values) for criterion in claim.criteria]))


def quantities(claim: Claim, market: str) -> list[Quantity]:
    """What has to be read from the runs of a market."""
    asked: list[Quantity] = []
    for each in claim.criteria:
        if each.statistic == RANK_CORRELATION and each.goes_with:
            asked += [each, each.goes_with]
        elif market in (each.market, each.against):
            asked.append(each)
    return asked


def layers_of(claim: Claim, quantity: Quantity) -> tuple[str, ...]:
    """The layers that a quantity is of: those named, else all that sell; the whole stack where only that has it."""
    if quantity.layers:
        return quantity.layers
    return (WHOLE,) if quantity.of in OVERALL and quantity.of not in MEASURES else claim.stack.selling_layers


def unit_of(quantity: Criterion) -> str:
    """In what the difference is counted."""
    if quantity.statistic == RANK_CORRELATION:
        return "rank correlation"
    return STATISTICS[quantity.statistic].unit or {**OVERALL, **MEASURES}[quantity.of].unit


def _values(claim: Claim, progress: Callable[[int], None] | None) -> Values:
    read: dict[tuple[str, Quantity], list[list[float]]] = {}
    runs = ((name, market, seed) for name, market in claim.markets.items() for seed in claim.seeds)
    for n, (name, market, seed) in enumerate(runs, 1):
        asked = quantities(claim, name)
        run = _played(claim, market, asked, seed)
        for each in asked:
            row = [_read(claim, run, each, layer) for layer in _places(claim, each)]
            read.setdefault((name, each), []).append(row)
        check_interrupt()
        if progress:
            progress(n * claim.table.steps)
    return {key: np.array(rows) for key, rows in read.items()}


def _places(claim: Claim, each: Quantity) -> tuple[str, ...]:
    return (*layers_of(claim, each), *each.less_layers)


def _played(claim: Claim, market: Market, asked: list[Quantity], seed: int) -> Run:
    events, firms = needed(each.statistic for each in asked)
    return simulate(
        claim.stack,
        seed=seed,
        steps=claim.table.steps,
        set=market.set,
        interventions=market.interventions,
        events=events,
        firms=firms,
    )


def _read(claim: Claim, run: Run, quantity: Quantity, layer: str) -> float:
    statistic = STATISTICS[quantity.statistic].value
    first, end = quantity.steps or (max(0, claim.table.steps - claim.table.window), claim.table.steps)
    value = statistic(run, Span(layer, first, end, quantity.since), quantity.of)
    if quantity.less_steps is None:
        return value
    return value - statistic(run, Span(layer, *quantity.less_steps, quantity.since), quantity.of)


def _finding(claim: Claim, criterion: Criterion, values: Values) -> Finding:
    unit = unit_of(criterion)
    if criterion.goes_with is not None:
        correlations = _correlations(claim, criterion, criterion.goes_with, values)
        return found(criterion, unit, np.full(len(claim.seeds), criterion.than), correlations)
    other = values[criterion.market, criterion]
    base = values[criterion.against, criterion] if criterion.against else np.full_like(other, criterion.than)
    layers = layers_of(claim, criterion)
    by_layer: tuple[tuple[str, float], ...] = ()
    if len(layers) > 1 and not criterion.less_layers:
        by_layer = tuple(zip(layers, means(other - base).tolist(), strict=True))
    return found(criterion, unit, _combined(criterion, base), _combined(criterion, other), layers=by_layer)


def _combined(quantity: Quantity, values: Floats) -> Floats:
    """One number a seed: that of the layers, less the mean over those subtracted."""
    count = values.shape[1] - len(quantity.less_layers)
    one = COMBINED[quantity.combined](values[:, :count])
    return one - _row_means(values[:, count:]) if quantity.less_layers else one


def _correlations(claim: Claim, one: Quantity, other: Quantity, values: Values) -> Floats:
    """Per seed: rank correlation of two quantities over all markets."""
    pair = [np.array([_combined(each, values[name, each]) for name in claim.markets]) for each in (one, other)]
    return np.array([rank_correlation(a, b) for a, b in zip(pair[0].T, pair[1].T, strict=True)])


def _row_means(values: Floats) -> Floats:
    """Means of rows over what has a value; NaN where nothing has."""
    return means(values.T)


COMBINED: Mapping[str, Callable[[Floats], Floats]] = {
    "mean": _row_means,
    "total": lambda values: values.sum(axis=1),
    "largest": lambda values: values.max(axis=1),
}
"""How the values of several layers, shape (seeds, layers), become one a seed."""
