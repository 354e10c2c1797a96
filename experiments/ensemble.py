"""Many seeds of one setting: an outcome is a frequency over seeds, not the story of a single run."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..agents.own import OwnRule, own_rules
from ..model.contacts import fingerprint
from ..model.errors import InputError, checked_count
from ..model.interventions import Given, read_interventions
from ..model.parameters import Parameters, Value
from ..model.settings import public_values
from ..model.stack import Stack, read_stack
from . import DEFAULT_SEED
from .horizon import default_steps
from .regimes import REGIMES, WINDOW
from .run import Run, simulate

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

NORMAL_95 = 1.959964
"""Quantile of the normal distribution for a two-sided interval of 95 %."""


@dataclass(frozen=True)
class Ensemble:
    """Runs of one setting that differ in nothing but their seed: one point of a design, saved as one folder.

    It holds whole runs rather than a wider record, so that whatever explains or continues a run needs no seed axis.
    """

    runs: tuple[Run, ...]

    def __post_init__(self) -> None:
        first = self.runs[0] if self.runs else None
        if first is None:
            raise ValueError("an ensemble needs at least one run")
        if len({*self.seeds}) < len(self.runs):
            raise ValueError("an ensemble holds each seed once")
        if any(identity(run) != identity(first) for run in self.runs):
            raise ValueError(
                "the runs of an ensemble differ in nothing but their seed: stack, parameters, rules, steps"
            )
        if first.start is not None and len(self.runs) > 1:
            raise ValueError("runs that go on from different markets are no ensemble: keep them one by one")

    def __repr__(self) -> str:
        return f"Ensemble of {self.stack.name}, {len(self.runs)} seeds, {self.steps} steps"

    @property
    def stack(self) -> Stack:
        """The stack of all runs."""
        return self.runs[0].stack

    @property
    def parameters(self) -> Parameters:
        """The parameters of all runs."""
        return self.runs[0].parameters

    @property
    def set(self) -> Mapping[str, Value]:
        """What was set apart from what the stack says."""
        return self.runs[0].set

    @property
    def steps(self) -> int:
        """Length of each run, in steps."""
        return self.runs[0].steps

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds, in the order of the runs."""
        return tuple(run.seed for run in self.runs)

    @cached_property
    def measures(self) -> pd.DataFrame:
        """Tidy table: seed, step, date if the stack has a start, layer, and a column per measure of a layer."""
        import pandas as pd

        return pd.concat([run.measures for run in self.runs], ignore_index=True)

    @cached_property
    def overall(self) -> pd.DataFrame:
        """Tidy table: seed, step, date if the stack has a start, and a column per measure of the whole stack."""
        import pandas as pd

        return pd.concat([run.overall for run in self.runs], ignore_index=True)

    @cached_property
    def events(self) -> pd.DataFrame:
        """What happened in all runs, see `Run.events`; raises NotRecordedError."""
        return stacked([run.events for run in self.runs])

    @cached_property
    def firms(self) -> pd.DataFrame:
        """The books of firms in all runs, see `Run.firms`; raises NotRecordedError."""
        return stacked([run.firms for run in self.runs])

    def regimes(self, window: int = WINDOW) -> pd.DataFrame:
        """Per seed and selling layer: the regime over the last `window` steps and the means it was read from."""
        from .regimes import regimes

        return regimes(self.measures, self.stack.selling_layers, window)

    def frequencies(self, window: int = WINDOW) -> pd.DataFrame:
        """Per selling layer and regime that occurs: in how many seeds, see `frequencies`."""
        return frequencies(self.regimes(window))

    def save(self, folder: str | Path, *, force: bool = False) -> Path:
        """Write all runs to one folder, as `Run.save` does; the tables have a column for the seed."""
        from .saved import save

        return save(self, folder, force=force)


def checked_seeds(seeds: int | Iterable[int]) -> tuple[int, ...]:
    """Return the seeds, each once: those given, or as many as a number says, from 1 on; raises InputError."""
    if isinstance(seeds, str | bytes) or not isinstance(seeds, Iterable) or getattr(seeds, "ndim", 1) == 0:
        count = checked_count("seeds", seeds, 1)
        return tuple(range(DEFAULT_SEED, DEFAULT_SEED + count))
    every = tuple(checked_count("seed", seed, 0) for seed in seeds)
    if not every or len({*every}) < len(every):
        raise InputError(f"seeds are {', '.join(map(str, every[:5])) or 'none'}: give one or more, each once")
    return every


def as_ensemble(runs: Run | Ensemble) -> Ensemble:
    """One run as an ensemble of one seed."""
    return Ensemble((runs,)) if isinstance(runs, Run) else runs


def repeat(
    stack: Stack | str | Path,
    *,
    seeds: int | Iterable[int],
    steps: int | None = None,
    set: Mapping[str, Value] | None = None,
    contacts: nx.Graph[Any] | None = None,
    rules: Mapping[str, Callable[[Any], float] | OwnRule] | None = None,
    interventions: Given = (),
    events: bool = False,
    firms: bool | Iterable[str] = False,
    progress: Callable[[int], None] | None = None,
    threads: int = 1,
) -> Ensemble:
    """Run one setting with each of the seeds, one after another; `progress` gets the number of steps done in all.

    `seeds` are numbers, or how many: 30 are 1 to 30, as on the command line. All else is as in `simulate`.

    Raises what `simulate` raises, and ValueError when there is no seed or one comes twice.
    """
    if not isinstance(stack, Stack):
        stack = read_stack(stack)
    steps = checked_count("steps", default_steps(stack) if steps is None else steps, 1)
    done, ready, planned = 0, own_rules(rules), read_interventions(interventions)
    runs = []
    for seed in checked_seeds(seeds):
        before = done
        told = (lambda step, before=before: progress(before + step)) if progress else None
        runs.append(
            simulate(
                stack,
                seed=seed,
                steps=steps,
                set=set,
                contacts=contacts,
                rules=ready,
                interventions=planned,
                events=events,
                firms=firms,
                progress=told,
                threads=threads,
            )
        )
        done += steps
    return Ensemble(tuple(runs))


def identity(run: Run) -> tuple[Any, ...]:
    """What the runs of an ensemble have in common."""
    given = public_values(run.parameters, run.stack)
    return run.stack, given, dict(run.rules), run.interventions, fingerprint(run.contacts), run.first_step, run.steps


def stacked(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Tables one below the other, columns of names staying categories."""
    import pandas as pd
    from pandas.api.types import union_categoricals

    table = pd.concat([each.astype(dict.fromkeys(_named(each), object)) for each in tables], ignore_index=True)
    for name in _named(tables[0]):
        table[name] = union_categoricals([each[name] for each in tables])
    return table


def _named(table: pd.DataFrame) -> list[str]:
    return [str(name) for name, kind in table.dtypes.items() if kind == "category"]


def frequencies(regimes: pd.DataFrame) -> pd.DataFrame:
    """How often each layer ends in which regime: layer, regime, count, seeds, share, and low and high of share.

    `regimes` has one row per seed and layer. Per layer the commonest regime comes first, among equals the one that
    takes precedence; low and high bound the share at 95 % (Wilson).
    """
    import pandas as pd

    rows = []
    for layer, labels in regimes.groupby("layer", sort=False)["regime"]:
        counts = {name: int((labels == name).sum()) for name in REGIMES}
        for name in sorted(REGIMES, key=lambda name: -counts[name]):
            if counts[name]:
                low, high = wilson(counts[name], len(labels))
                rows.append((layer, name, counts[name], len(labels), counts[name] / len(labels), low, high))
    return pd.DataFrame(rows, columns=["layer", "regime", "count", "seeds", "share", "low", "high"])


def wilson(count: int, trials: int, z: float = NORMAL_95) -> tuple[float, float]:
    """Wilson's score interval for a frequency: unlike the normal one it stays within 0 and 1 and holds for few trials.

    Wilson, Probable Inference, the Law of Succession, and Statistical Inference (1927).
    """
    share, spread = count / trials, z * z / trials
    centre = share + spread / 2
    reach = z * math.sqrt((share * (1 - share) + spread / 4) / trials)
    return max(0.0, (centre - reach) / (1 + spread)), min(1.0, (centre + reach) / (1 + spread))
