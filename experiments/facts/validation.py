"""Facts held against a market and its null models, over many seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...model.errors import checked_names
from ...model.parameters import Value
from ...model.settings import given_settings, overlaid
from ...model.stack import Stack, read_stack
from ..ensemble import checked_seeds, wilson
from ..regimes import regimes
from .declared import Fact, Try, convention, facts, tries
from .history import History, simulated, wave
from .nulls import NULLS, null, of_name

if TYPE_CHECKING:
    import pandas as pd

MARKET = "market"
"""What the market itself is called among the null models."""
VALUES = ("market", "fact", "seed", "value", "there")
VERDICTS = ("fact", "market", "median", "low", "high", "values", "there", "there_low", "there_high", "verdict")
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Validation:
    """What came out: a value per market, fact and seed, and the regimes in which each market ends.

    `values` has the columns market, fact, seed, value and there (whether it is within the tolerance); `tried` the same
    under the changes that were tried for facts that do not hold, each called by what is changed in place of the market;
    `regimes` market, seed, layer, regime and the means
    that it was read from.
    """

    stack: Stack
    set: Mapping[str, Value]
    seeds: tuple[int, ...]
    nulls: tuple[str, ...]
    values: pd.DataFrame
    regimes: pd.DataFrame
    tried: pd.DataFrame

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """A row per fact and market, see `verdicts_of`."""
        return verdicts_of(self.values)

    @cached_property
    def verdicts_tried(self) -> pd.DataFrame:
        """The same of the market under the changes tried."""
        return verdicts_of(self.tried)

    @property
    def changes(self) -> int:
        """How many changes were tried."""
        return len(self.tried[["fact", "market"]].drop_duplicates())

    def verdict(self, fact: str, market: str = MARKET) -> str:
        """What came out of one fact: holds, mixed, fails or has none."""
        found = self.verdicts
        return str(found.verdict[(found.fact == fact) & (found.market == market)].item())

    def failing(self, fact: str) -> list[str]:
        """The null models in which a fact fails, or which have nothing of the kind."""
        return [name for name in self.nulls if self.verdict(fact, name) in ("fails", "has none")]

    def holding(self) -> list[str]:
        """The facts that hold in the market."""
        return [fact for fact in dict.fromkeys(self.values.fact) if self.verdict(fact) == "holds"]

    def counting(self) -> list[str]:
        """Those that chance alone would not give: they fail in a null model or more."""
        return [fact for fact in self.holding() if self.failing(fact)]

    def save(self, folder: str | Path, *, force: bool = False) -> Path:
        """Write tables, page and figure to a folder; raises SavedRunError, WriteError.

        A validation of the same market with no more seeds is replaced, another one only with `force`.
        """
        from .saved import save

        return save(self, folder, force=force)


def verdicts_of(values: pd.DataFrame) -> pd.DataFrame:
    """A row per fact and market.

    median, low and high (10 and 90 % of seeds) of the values that exist, their number, there (share of seeds in which
    the fact is there) with there_low and there_high (Wilson, 95 %), verdict.
    """
    import pandas as pd

    rows = []
    for (fact, market), cell in values.groupby(["fact", "market"], sort=False):
        low, median, high = cell.value.quantile([0.1, 0.5, 0.9])
        share, bounds = float(cell.there.mean()), wilson(int(cell.there.sum()), len(cell))
        verdict = convention().verdict(share) if cell.value.notna().any() else "has none"
        rows.append((fact, market, median, low, high, cell.value.count(), share, *bounds, verdict))
    return pd.DataFrame(rows, columns=list(VERDICTS))


def validate(
    stack: Stack | str | Path = "ai-stack",
    *,
    seeds: int | Iterable[int] | None = None,
    set: Mapping[str, Value] | None = None,
    nulls: Sequence[str] | None = None,
    change: bool = False,
    progress: Progress | None = None,
) -> Validation:
    """Measure every fact in a market and its null models, all of them unless some are named.

    `seeds` are 1 to 30 if left out; a null model is calibrated to the run with the same seed. With `change` the facts
    that do not hold are measured once more, under each change that is tried for them (`tries.toml`). `progress` gets
    the number of steps done. Raises InputError for names and settings that are unknown.
    """
    *_, found = stages(stack, seeds=seeds, set=set, nulls=nulls, change=change, progress=progress)
    return found


def stages(
    stack: Stack | str | Path = "ai-stack",
    *,
    seeds: int | Iterable[int] | None = None,
    set: Mapping[str, Value] | None = None,
    nulls: Sequence[str] | None = None,
    change: bool = False,
    progress: Progress | None = None,
) -> Iterator[Validation]:
    """A validation as it grows: after each seed, then after each change tried; asked for as `validate` is."""
    import pandas as pd

    read = stack if isinstance(stack, Stack) else read_stack(stack)
    chosen = tuple(of_name(name) for name in checked_names("nulls", NULLS if nulls is None else nulls, "gibrat"))
    every = checked_seeds(convention().seeds if seeds is None else seeds)
    given, values, ends = given_settings(set), [], []
    told = counted(progress)
    empty = pd.DataFrame([], columns=list(VALUES))
    for n, seed in enumerate(every, 1):
        for market, base, struck in markets(read, seed, given, chosen):
            values += [measured(fact, market, base, struck) for fact in facts()]
            ends.append(regimes(base.measures, read.selling_layers).assign(market=market))
            told()
        table = pd.DataFrame(values, columns=list(VALUES))
        found = Validation(read, given, every[:n], chosen, table, pd.concat(ends, ignore_index=True), empty)
        yield found
    rows: list[Any] = []
    for each in tries().values() if change else ():
        if found.verdict(each.fact) != "holds":
            rows += [changed(found, each, seed, told) for seed in every]
            yield replace(found, tried=pd.DataFrame(rows, columns=list(VALUES)))


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


def measured(fact: Fact, market: str, base: History, struck: History) -> tuple[str, str, int, float, bool]:
    """One row of values."""
    value = fact.value(base, struck)
    return market, fact.id, base.seed, value, fact.is_there(value)


def changed(found: Validation, change: Try, seed: int, told: Callable[[], None]) -> tuple[str, str, int, float, bool]:
    """One row of values of the market under a change."""
    steps, settings = convention().steps, overlaid(found.set, change.settings(found.stack))
    (fact,) = (fact for fact in facts() if fact.id == change.fact)
    struck = base = simulated(found.stack, seed, steps, settings)
    if fact.wave:
        struck = simulated(found.stack, seed, steps, settings, wave(found.stack, convention().wave, change.wave))
    told()
    return measured(fact, change.of, base, struck)


def counted(progress: Progress | None) -> Callable[[], None]:
    """What is called after each market: it tells how many steps are done."""
    done = 0

    def tell() -> None:
        nonlocal done
        done += 2 * convention().steps
        if progress:
            progress(done)

    return tell
