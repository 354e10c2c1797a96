"""What criteria are read from: small functions of one run, each a number for a layer.

Every statistic gets the run, a layer (or `WHOLE`), the first step and the first that no longer counts, what it is of,
and a step that it looks back to; NaN is no value. What it needs recorded stands beside it in `STATISTICS`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...model.measures import COLUMNS, OVERALL
from ...model.parameters import Floats
from ..comparisons.comparison import WHOLE
from ..regimes import regime
from ..sweeps.one_run import READ, means
from .survival import matched_survival

if TYPE_CHECKING:
    import pandas as pd

    from ..run import Run

MEAN, REGIME, RANK_CORRELATION = "mean", "regime", "rank correlation"
LAYERS = ("a layer",)
"""What a statistic is of that is of an input layer, whatever the stack calls it."""
FEWEST = 3
"""Points that a correlation needs."""


@dataclass(frozen=True)
class Span:
    """Which part of a run is looked at: a layer, steps from `first` to before `end`, and one to look back to."""

    layer: str
    first: int
    end: int
    since: int = 0


@dataclass(frozen=True)
class Statistic:
    """A function of a run with its unit, what it can be of, and what it needs recorded."""

    value: Callable[[Run, Span, str], float]
    meaning: str
    unit: str = "share"
    measures: tuple[str, ...] = ("",)
    events: bool = False
    firms: tuple[str, ...] = ()


def mean(run: Run, span: Span, of: str) -> float:
    """A measure's mean over the steps that have a value."""
    return float(means(_record(run, span, of)[:, None])[0])


def in_regime(run: Run, span: Span, of: str) -> float:
    """1 if the layer is in this regime, read from its means over the steps, else 0."""
    read = means(run.record[span.first : span.end, run.stack.names.index(span.layer)])
    return float(regime(*(float(value) for value in read[READ])) == of)


def loss(run: Run, span: Span, of: str) -> float:
    """Share of a measure that is lost between the step before the first and the last of the steps."""
    record = _record(run, Span(span.layer, max(0, span.first - 1), span.end), of)
    return float(1.0 - record[-1] / record[0]) if record[0] > 0.0 else math.nan


def newcomers(run: Run, span: Span, of: str) -> float:
    """Share of the layer's volume that firms have which were not in it in the step `since`."""
    books = run.firms[run.firms.layer == span.layer]
    incumbents = set(books.firm[books.step == span.since])
    return _share(_within(books, span), lambda table: ~table.firm.isin(incumbents))


def open_lead(run: Run, span: Span, of: str) -> float:
    """Open suppliers' share of the volume of buyers with a requirement, less that with frontier buyers."""
    books = _within(run.firms[run.firms.layer == span.layer], span)
    frontier = books.volume * books.frontier_weight
    return _open_share(books, books.volume - frontier) - _open_share(books, frontier)


def open_with_sufficiency(run: Run, span: Span, of: str) -> float:
    """Open suppliers' share of the volume that ends with buyers who have a requirement and pay for no more."""
    books = _within(run.firms[run.firms.layer == span.layer], span)
    return _open_share(books, books.volume * (1.0 - books.frontier_weight))


def allies_survival(run: Run, span: Span, of: str) -> float:
    """By how much likelier start-ups with an ally live on, see `matched_survival`."""
    return matched_survival(run.events, run.firms, run.steps)


def largest_size(run: Run, span: Span, of: str) -> float:
    """The largest absolute value of a measure in any of the steps."""
    found = np.abs(_record(run, span, of))
    return float(np.nanmax(found)) if not np.isnan(found).all() else math.nan


def drift_of_shares(run: Run, span: Span, of: str) -> float:
    """How far the volume share of any firm in the layer is from its share in the first of the steps, at most."""
    books = _within(run.firms[run.firms.layer == span.layer], span)
    volumes = books.pivot_table(index="step", columns="slot", values="volume", aggfunc="sum", fill_value=0.0).to_numpy()
    shares = volumes / volumes.sum(axis=1, keepdims=True)
    return float(np.abs(shares - shares[0]).max()) if len(shares) else math.nan


def integrated(run: Run, span: Span, of: str) -> float:
    """Share of the layer's volume whose makers make the input layer `of` for themselves, mean over steps."""
    return float(integration(run, span.layer, of).reindex(range(span.first, span.end)).mean())


def integration_lost(run: Run, span: Span, of: str) -> float:
    """Share of the integration of the step `since` that is gone, mean over the steps; NaN if there was none."""
    before = integrated(run, Span(span.layer, span.since, span.since + 1), of)
    return 1.0 - integrated(run, span, of) / before if before > 0.0 else math.nan


def integration(run: Run, layer: str, of: str) -> pd.Series[float]:
    """Step -> share of the layer's volume whose makers make the input layer `of` for themselves; no volume, no step.

    Needs the books of firms with volume and external volume.
    """
    books = run.firms[run.firms.volume > 0.0]
    makes = books[(books.layer == of) & (books.volume > books.external_volume)]
    sold = books[books.layer == layer]
    part = sold.volume.where(_who(sold).isin(_who(makes)), 0.0).groupby(sold.step).sum()
    return part / sold.volume.groupby(sold.step).sum()


def rank_correlation(one: Floats, other: Floats) -> float:
    """Spearman's rank correlation over the markets that have both values; NaN for fewer than three."""
    from scipy.stats import spearmanr

    there = ~(np.isnan(one) | np.isnan(other))
    if there.sum() < FEWEST or np.ptp(one[there]) == 0.0 or np.ptp(other[there]) == 0.0:
        return math.nan
    return float(spearmanr(one[there], other[there]).statistic)


MEASURED = tuple(dict.fromkeys((*COLUMNS, *OVERALL)))
STATISTICS = {
    MEAN: Statistic(mean, "mean over the steps", "", MEASURED),
    REGIME: Statistic(in_regime, "1 if the layer is in this regime"),
    RANK_CORRELATION: Statistic(mean, "Spearman's rank correlation over markets of two means", "", MEASURED),
    "loss": Statistic(loss, "share lost from the step before the first to the last", "share", MEASURED),
    "largest size": Statistic(largest_size, "largest absolute value in any step", "", MEASURED),
    "newcomers": Statistic(newcomers, "volume share of firms that came into the layer later", firms=("volume",)),
    "open lead": Statistic(
        open_lead,
        "open share with buyers who have a requirement, less that with frontier buyers",
        firms=("volume", "frontier_weight", "open"),
    ),
    "open with sufficiency": Statistic(
        open_with_sufficiency,
        "open share with buyers who have a requirement",
        firms=("volume", "frontier_weight", "open"),
    ),
    "allies' survival": Statistic(
        allies_survival, "share of start-ups that live on, with allies less without", events=True, firms=("cash",)
    ),
    "integrated": Statistic(
        integrated,
        "volume share of firms that make an input themselves",
        measures=LAYERS,
        firms=("volume", "external_volume"),
    ),
    "integration lost": Statistic(
        integration_lost,
        "share of the integration of an earlier step that is gone",
        measures=LAYERS,
        firms=("volume", "external_volume"),
    ),
    "drift of shares": Statistic(drift_of_shares, "largest move of a firm's volume share", firms=("volume",)),
}
"""Name -> statistic."""


def needed(names: Iterable[str]) -> tuple[bool, tuple[str, ...]]:
    """What has to be recorded for these statistics: events or not, and columns of firms."""
    asked = [STATISTICS[name] for name in names]
    return any(each.events for each in asked), tuple(dict.fromkeys(name for each in asked for name in each.firms))


def _record(run: Run, span: Span, of: str) -> Floats:
    """A measure of the steps, shape (steps,)."""
    if span.layer == WHOLE:
        return run.overall_record[span.first : span.end, tuple(OVERALL).index(of)]
    return run.record[span.first : span.end, run.stack.names.index(span.layer), COLUMNS.index(of)]


def _within(books: pd.DataFrame, span: Span) -> pd.DataFrame:
    return books[(books.step >= span.first) & (books.step < span.end)]


def _who(books: pd.DataFrame) -> pd.Index[Any]:
    """Which firm a row is of, and when."""
    return books.set_index(["step", "slot"]).index


def _share(books: pd.DataFrame, which: Callable[[pd.DataFrame], pd.Series[bool]]) -> float:
    """Share of the volume that these rows have, mean over steps."""
    volume = books.volume.groupby(books.step).sum()
    part = books.volume.where(which(books), 0.0).groupby(books.step).sum()
    return float((part / volume)[volume > 0.0].mean())


def _open_share(books: pd.DataFrame, volume: pd.Series[float]) -> float:
    """Share of a volume that open units sold, over all steps; NaN of none."""
    total = float(volume.sum())
    return float(volume[books.open].sum()) / total if total > 0.0 else math.nan
