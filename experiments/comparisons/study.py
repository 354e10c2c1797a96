"""A study: one market as it is, and under each of several policies, compared seed by seed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...model.errors import InputError, checked_count
from ...model.interventions import Intervention, InterventionError, check, read_interventions
from ...model.parameters import Value
from ...model.policy import read_policy
from ...model.settings import given_settings, overlaid, resolve
from ...model.stack import Stack, read_stack
from ..ensemble import Ensemble, checked_seeds, repeat
from ..horizon import default_steps
from ..manifest import content_to_be
from ..regimes import WINDOW
from ..summary import spelt
from ..wording import joined
from .compare import compare, known
from .comparison import Comparison
from .paired import holm

if TYPE_CHECKING:
    import pandas as pd

BASELINE = "baseline"
CHANGED = "changed"
"""Label of a market that differs by its parameters from the first step on."""
LABEL = r"\w[\w .+-]{0,79}"
"""Labels name folders, files and columns of figures."""
RESERVED = (BASELINE, "effects")
Policies = str | Path | Iterable[str | Path] | Mapping[str, Iterable[Intervention | Mapping[str, object]] | str | Path]


@dataclass(frozen=True)
class Market:
    """One of the markets to compare with the baseline: its label, a title for reports, and what differs in it."""

    label: str
    title: str
    interventions: tuple[Intervention, ...]
    change: Mapping[str, Value]


AS_IT_IS = Market(BASELINE, "", (), {})


@dataclass(frozen=True, eq=False)
class Study:
    """A baseline and other markets, each compared with it; printed, it tells all effects in sentences.

    `base` holds the runs of the baseline, `others` those of each other market by its label, `titles` what these are
    in words; `comparisons` has one `Comparison` for each of them, in the same order. The p values of all effects are
    corrected together (Holm), since all of them are looked at together. `source` is what the stack was read from, a
    name or a file, if that is known.
    """

    base: Ensemble
    others: Mapping[str, Ensemble]
    titles: Mapping[str, str]
    comparisons: tuple[Comparison, ...]
    source: str | None = None

    def __str__(self) -> str:
        """All comparisons in sentences."""
        return "\n\n".join(map(str, self.comparisons))

    @cached_property
    def effects(self) -> pd.DataFrame:
        """The effects of all comparisons (see `Comparison.effects`), after a column that says of which `market`."""
        import pandas as pd

        tables = [each.effects.assign(market=each.labels[1]) for each in self.comparisons]
        table = pd.concat(tables, ignore_index=True)
        table.insert(0, "market", table.pop("market"))
        return table

    @property
    def window(self) -> int:
        """Over how many of the last steps values are means."""
        return self.comparisons[0].window

    def save(self, folder: str | Path, *, force: bool = False) -> Path:
        """Write all markets, their comparisons and a report to a folder; nothing half-written.

        The same study is replaced, another one only with `force`. Raises SavedRunError.
        """
        from .saved_study import save

        return save(self, folder, force=force)


def study(
    stack: Stack | str | Path,
    policies: Policies = (),
    *,
    seeds: int | Iterable[int],
    steps: int | None = None,
    set: Mapping[str, Value] | None = None,
    change: Mapping[str, Value] | None = None,
    window: int = WINDOW,
    measures: Iterable[str] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Study:
    """Run a market as it is and under each policy with the same seeds, and compare each with the first.

    `policies` are names or files of policies, or label -> interventions; `set` holds for all markets, `change` makes
    one more that differs by these parameters from the first step on. `window` and `measures` are those of `compare`.
    `progress` gets the number of steps done in all.

    Raises InputError when there is nothing to compare with, and what `simulate` raises.
    """
    read = stack if isinstance(stack, Stack) else read_stack(stack)
    given, every = given_settings(set), checked_seeds(seeds)
    count = checked_count("steps", default_steps(read) if steps is None else steps, 1)
    names, last = known(measures), checked_count("window", window, 1)
    markets = markets_of(read, policies, given, change)

    def ran(n: int, market: Market) -> Ensemble:
        before = n * count * len(every)
        return repeat(
            read,
            seeds=every,
            steps=count,
            set=overlaid(given, market.change),
            interventions=market.interventions,
            progress=(lambda step: progress(before + step)) if progress else None,
        )

    base, *others = (ran(n, market) for n, market in enumerate((AS_IT_IS, *markets)))
    named = {market.label: other for market, other in zip(markets, others, strict=True)}
    titles = {market.label: market.title for market in markets}
    source = None if isinstance(stack, Stack) else str(stack)
    return compared(base, named, titles, window=last, measures=names, source=source)


def compared(
    base: Ensemble,
    others: Mapping[str, Ensemble],
    titles: Mapping[str, str],
    *,
    window: int = WINDOW,
    measures: Sequence[str] | None = None,
    source: str | None = None,
) -> Study:
    """Each of the others compared with the base, p values corrected over all of them; raises InputError."""
    found = [
        compare(base, other, window=window, measures=measures, labels=(BASELINE, name))
        for name, other in others.items()
    ]
    return Study(base, dict(others), dict(titles), tuple(corrected(found)), source)


def corrected(comparisons: Sequence[Comparison]) -> Iterable[Comparison]:
    """The same comparisons with the p values of their effects corrected over the tests of all of them (Holm)."""
    together = holm(np.concatenate([each.effects.p.to_numpy() for each in comparisons]))
    ends = np.cumsum([len(each.effects) for each in comparisons])
    tests = sum(each.tests for each in comparisons)
    return [
        replace(each, effects=each.effects.assign(p_holm=part), tests=tests)
        for each, part in zip(comparisons, np.split(together, ends[:-1]), strict=True)
    ]


def markets_of(
    stack: Stack, policies: Policies, given: Mapping[str, Value], change: Mapping[str, Value] | None
) -> tuple[Market, ...]:
    """The markets that are compared with the baseline; raises InputError for what cannot be run or told apart."""
    return _checked([*_under(policies), *_changed(given_settings(change, "change"))], stack, given)


def contents_to_be(
    stack: Stack, markets: Iterable[Market], given: Mapping[str, Value], seeds: Sequence[int], steps: int
) -> dict[str, str]:
    """By what the runs of each market, and of the baseline, will be known: label -> content."""
    return {
        market.label: content_to_be(stack, overlaid(given, market.change), seeds, steps, market.interventions)
        for market in (AS_IT_IS, *markets)
    }


def _under(policies: Policies) -> Iterable[Market]:
    """A market for each policy."""
    if isinstance(policies, Mapping):
        for label, given in policies.items():
            yield Market(str(label), str(label), read_interventions(given), {})
        return
    if not isinstance(policies, str | Path | Iterable):
        raise InterventionError(f"policies is {policies!r}: give names or files, or label: [...]")
    for name in (policies,) if isinstance(policies, str | Path) else policies:
        if not isinstance(name, str | Path):
            raise InterventionError(
                "policies are names or files; interventions of your own need a label: {label: [...]}"
            )
        policy = read_policy(name)
        yield Market(policy.name, policy.title, policy.interventions, {})


def _changed(change: Mapping[str, Value]) -> Iterable[Market]:
    """A market with other parameters, if there are any."""
    if change:
        title = joined([f"{name} = {spelt(value)}" for name, value in change.items()])
        yield Market(CHANGED, title, (), dict(change))


def _checked(markets: Sequence[Market], stack: Stack, given: Mapping[str, Value]) -> tuple[Market, ...]:
    """Markets that can be run and told apart; raises InputError."""
    if not markets:
        raise InputError("nothing to compare with: name a policy, or change a parameter")
    for market in markets:
        try:
            check(market.interventions, stack, resolve(stack, overlaid(given, market.change)))
        except InterventionError as error:
            raise InterventionError(f"{market.label}: {error}") from None
    return tuple(_told_apart(markets))


def _told_apart(markets: Sequence[Market]) -> Iterable[Market]:
    """The same with titles that differ; raises InputError for labels that do not, or that cannot name a folder."""
    labels, titles = [market.label.lower() for market in markets], [market.title for market in markets]
    for market in markets:
        label = market.label
        if label.lower() in RESERVED or labels.count(label.lower()) > 1:  # some file systems know no capitals
            raise InputError(f"two things of the study would be called {label!r}: give a policy another name")
        if not re.fullmatch(LABEL, label) or label.endswith((".toml", ".json", ".html")):
            raise InputError(f"{label!r} cannot name a folder: give the policy a name of letters, digits, - and spaces")
        yield replace(market, title=f"{market.title} ({label})") if titles.count(market.title) > 1 else market
