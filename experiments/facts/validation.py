"""Facts held against a market and its null models, over many seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ...model.parameters import Value
from ...model.stack import Stack, read_stack
from ..ensemble import checked_seeds, wilson
from ..regimes import regimes
from .declared import Fact, convention, facts
from .history import History, simulated, wave
from .nulls import NULLS, null, of_name

if TYPE_CHECKING:
    import pandas as pd

MARKET = "market"
"""What the market itself is called among the null models."""


@dataclass(frozen=True)
class Validation:
    """What came out: a value per market, fact and seed, and the regimes in which each market ends.

    `values` has the columns market, fact, seed, value and there (whether it is within the tolerance); `regimes` market,
    seed, layer, regime and the means behind it.
    """

    stack: Stack
    set: Mapping[str, Value]
    seeds: tuple[int, ...]
    nulls: tuple[str, ...]
    values: pd.DataFrame
    regimes: pd.DataFrame

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """A row per fact and market: median, low and high (10 and 90 % of seeds) of the values that exist, their count,
        there (share of seeds in which the fact is there), there_low and there_high (Wilson, 95 %), and verdict."""
        import pandas as pd

        rows = []
        for (fact, market), cell in self.values.groupby(["fact", "market"], sort=False, observed=True):
            low, median, high = cell.value.quantile([0.1, 0.5, 0.9])
            share, bounds = cell.there.mean(), wilson(int(cell.there.sum()), len(cell))
            verdict = convention().verdict(share) if cell.value.notna().any() else "has none"
            rows.append((fact, market, median, low, high, cell.value.count(), share, *bounds, verdict))
        names = ["fact", "market", "median", "low", "high", "values", "there", "there_low", "there_high", "verdict"]
        return pd.DataFrame(rows, columns=names)

    def verdict(self, fact: str, market: str = MARKET) -> str:
        """What came out of one fact: holds, mixed, fails or has none."""
        found = self.verdicts
        return str(found.verdict[(found.fact == fact) & (found.market == market)].item())

    def failing(self, fact: str) -> list[str]:
        """The null models in which a fact fails, or which have nothing of the kind."""
        return [name for name in self.nulls if self.verdict(fact, name) in ("fails", "has none")]

    def counts(self, fact: str) -> bool:
        """Whether the market has the fact and chance alone would not give it: it fails in a null model or more."""
        return self.verdict(fact) == "holds" and bool(self.failing(fact))

    def save(self, folder: str | Path) -> Path:
        """Write tables, page and figures to a folder; raises SavedRunError, WriteError."""
        from .saved import save

        return save(self, folder)


def validate(
    stack: Stack | str | Path = "ai-stack",
    *,
    seeds: Iterable[int] | None = None,
    set: Mapping[str, Value] | None = None,
    nulls: Sequence[str] | None = None,
    only: Sequence[Fact] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Validation:
    """Measure every fact (or `only` some) in a market and its null models, all of them unless named.

    `seeds` are 1 to 30 if left out; each null model is calibrated to the run with the same seed. `progress` gets the
    number of markets done. Raises InputError for names and settings that are unknown.
    """
    import pandas as pd

    read = stack if isinstance(stack, Stack) else read_stack(stack)
    chosen = tuple(dict.fromkeys(of_name(name) for name in (NULLS if nulls is None else nulls)))
    every = checked_seeds(range(1, convention().seeds + 1) if seeds is None else seeds)
    given, asked, values, ends, done = dict(set or {}), facts() if only is None else only, [], [], 0
    for seed in every:
        for market, base, struck in markets(read, seed, given, chosen):
            found = [(fact.id, fact.value(base, struck), fact) for fact in asked]
            values += [(market, name, seed, value, fact.is_there(value)) for name, value, fact in found]
            ends.append(regimes(base.measures, read.selling_layers).assign(market=market))
            done += 1
            if progress:
                progress(done)
    table = pd.DataFrame(values, columns=["market", "fact", "seed", "value", "there"])
    return Validation(read, given, every, chosen, table, pd.concat(ends, ignore_index=True))


def markets(
    stack: Stack, seed: int, set: Mapping[str, Value], nulls: Iterable[str]
) -> Iterator[tuple[str, History, History]]:
    """The market and its null models, each as it is and with a discontinuity."""
    steps = convention().steps
    base = simulated(stack, seed, steps, set)
    struck = simulated(stack, seed, steps, set, wave(stack, convention().wave))
    yield MARKET, base, struck
    for name in nulls:
        yield name, null(name, base), null(name, struck)
