"""A study: one market as it is, and under each of several policies, compared seed by seed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..model.errors import InputError
from ..model.interventions import Given, check, read_interventions
from ..model.parameters import Value
from ..model.policy import read_policy
from ..model.settings import resolve
from ..model.stack import Stack, read_stack
from . import DEFAULT_STEPS
from .compare import compare
from .comparison import Comparison
from .ensemble import Ensemble, repeat
from .paired import holm
from .regimes import WINDOW

if TYPE_CHECKING:
    import pandas as pd

BASELINE = "baseline"
CHANGED = "changed"
"""Label of a side that differs by its parameters from the first step on."""
Policies = Iterable[str | Path] | Mapping[str, Given]


@dataclass(frozen=True)
class Side:
    """One of the markets of a study before it is run: its label, a title for reports, and what differs in it."""

    label: str
    title: str
    interventions: Given = ()
    change: Mapping[str, Value] | None = None


@dataclass(frozen=True, eq=False)
class Study:
    """A baseline and other markets, each compared with it; `titles` say in words what the others are.

    The p values of all comparisons are corrected together (Holm), since all of them are looked at together.
    """

    base: Ensemble
    others: Mapping[str, Ensemble]
    titles: Mapping[str, str]
    comparisons: tuple[Comparison, ...]

    def __str__(self) -> str:
        """All comparisons in sentences."""
        return "\n\n".join(map(str, self.comparisons))

    @cached_property
    def effects(self) -> pd.DataFrame:
        """The effects of all comparisons (see `Comparison.effects`), with a first column that says of which market."""
        import pandas as pd

        tables = [each.effects.assign(other=each.labels[1]) for each in self.comparisons]
        table = pd.concat(tables, ignore_index=True)
        table.insert(0, "other", table.pop("other"))
        return table

    def save(self, folder: str | Path) -> Path:
        """Write all markets, their comparisons and a report to a folder; nothing half-written."""
        from .saved_study import save

        return save(self, folder)


def study(
    stack: Stack | str | Path,
    policies: Policies = (),
    *,
    seeds: Iterable[int],
    steps: int = DEFAULT_STEPS,
    set: Mapping[str, Value] | None = None,
    change: Mapping[str, Value] | None = None,
    window: int = WINDOW,
    measures: Iterable[str] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Study:
    """Run a market as it is and under each policy with the same seeds, and compare each with the first.

    `policies` are names or files of policies, or label -> interventions; `set` holds for all markets, `change` makes
    one more that differs by these parameters from the first step on. `window` and `measures` are those of `compare`.

    Raises InputError when there is nothing to compare with, and what `simulate` raises.
    """
    read, every = read_stack(stack) if not isinstance(stack, Stack) else stack, tuple(seeds)
    given = dict(set or {})
    named = planned(read, policies, given, change)
    done = 0

    def ran(interventions: Given, changed: Mapping[str, Value]) -> Ensemble:
        nonlocal done
        before = done
        told = (lambda step: progress(before + step)) if progress else None
        made = repeat(
            read, seeds=every, steps=steps, set=given | dict(changed), interventions=interventions, progress=told
        )
        done += steps * len(every)
        return made

    base = ran((), {})
    others = {side.label: ran(side.interventions, side.change or {}) for side in named}
    return compared(base, others, {side.label: side.title for side in named}, window=window, measures=measures)


def planned(
    stack: Stack, policies: Policies, set: Mapping[str, Value], change: Mapping[str, Value] | None = None
) -> list[Side]:
    """The markets to compare with the baseline, checked; raises InputError."""
    sides = []
    if isinstance(policies, str | Path):
        policies = [policies]
    if isinstance(policies, Mapping):
        for label, given in policies.items():
            read = read_interventions(given)
            sides.append(Side(str(label), str(label), read))
    else:
        for name in policies:
            policy = read_policy(name)
            sides.append(Side(policy.name, policy.title, policy.interventions))
    if change:
        sides.append(Side(CHANGED, " and ".join(f"{name} = {value}" for name, value in change.items()), (), change))
    labels = [side.label for side in sides]
    for label in labels:
        if label == BASELINE or labels.count(label) > 1:
            raise InputError(f"two markets of the study would be called {label!r}: give a policy another name")
        if not label.strip(". ") or "/" in label or "\0" in label:
            raise InputError(f"{label!r} cannot be the name of a folder: give the policy another name")
    if not sides:
        raise InputError("nothing to compare with: name a policy, or change a parameter")
    for side in sides:
        check(side.interventions, stack, resolve(stack, {**set, **(side.change or {})}))  # type: ignore[arg-type]
    return sides


def compared(
    base: Ensemble,
    others: Mapping[str, Ensemble],
    titles: Mapping[str, str],
    *,
    label: str = BASELINE,
    window: int = WINDOW,
    measures: Iterable[str] | None = None,
) -> Study:
    """Each of the others compared with the base, p values corrected over all of them; raises InputError."""
    asked = None if measures is None else list(measures)
    found = [
        compare(base, other, window=window, measures=asked, labels=(label, name)) for name, other in others.items()
    ]
    return Study(base, dict(others), dict(titles), tuple(corrected(found)))


def corrected(comparisons: Sequence[Comparison]) -> Iterable[Comparison]:
    """The same comparisons with p values corrected over the tests of all of them (Holm)."""
    if len(comparisons) < 2:
        return comparisons
    together = holm(np.concatenate([each.effects.p.to_numpy() for each in comparisons]))
    ends = np.cumsum([len(each.effects) for each in comparisons])
    remark = f"P values are corrected over the tests of all comparisons together, {len(together)} of them."
    return [
        replace(each, effects=each.effects.assign(p_holm=part), remarks=(*each.remarks, remark))
        for each, part in zip(comparisons, np.split(together, ends[:-1]), strict=True)
    ]
