"""Which decision a market's concentration, margins or anything else comes from.

Each of the decisions that firms may take (to ally, build, switch, merge) is allowed or not, in all combinations, on
common seeds; a decision's share of the whole change is its Shapley value, taken for each seed on its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from ...model.checks import meant
from ...model.errors import InputError, SimulationError, checked_names
from ...model.measures import MEASURES, OVERALL
from ...model.parameters import MARKET, Floats, Value
from ...model.stack import Stack, read_stack
from ..comparisons.compare import known
from ..comparisons.comparison import WHOLE
from ..comparisons.paired import CHANCE, RESAMPLES, holm, interval, ratio, sign_flip
from ..ensemble import checked_seeds
from ..horizon import default_steps
from ..regimes import WINDOW
from ..sweeps.design import Design, Factor
from ..sweeps.drive import Progress, sweep
from ..sweeps.results import Results
from ..sweeps.sweep import swept
from .shapley import Coalition, coalitions, shapley

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

RULES = ("ally", "build", "switch", "merge")
KNOWN = tuple(name.removeprefix("decisions.") for name in MARKET if name.startswith("decisions."))
"""All decisions that can be forbidden."""
MEASURED = ("hhi", "lerner")
ALL = "all"
"""Stands for a decision in the rows of the whole change."""


@dataclass(frozen=True, eq=False)
class Attribution:
    """What each decision contributes to each measure.

    `shares` has a row per layer, measure and decision, and one for `ALL` of them together: unit; without, with_all:
    means over seeds with no decision allowed and with all; effect: the mean Shapley value (of `ALL`, the whole change),
    with low and high (95 %, bootstrap over seeds); part: effect over the whole change, with part_low and part_high, NaN
    where the whole change cannot be told from 0; alone, last: what allowing it does when no other is, and when all
    others are; seeds: those with a value in all combinations; p, p_holm: as in `paired_effect`, over all rows.
    `values` has a row per combination, seed, layer and measure.
    """

    stack: Stack
    rules: tuple[str, ...]
    seeds: tuple[int, ...]
    steps: int
    window: int
    shares: pd.DataFrame = field(repr=False)
    values: pd.DataFrame = field(repr=False)

    def figure(self, measure: str) -> Figure:
        """Shapley shares of a measure with their intervals, a column a decision, see `attribution_figure.drawn`."""
        from .attribution_figure import drawn

        return drawn(self, measure)


def attribute(
    stack: Stack | str | Path,
    measures: Iterable[str] = MEASURED,
    *,
    seeds: int | Iterable[int],
    steps: int | None = None,
    set: Mapping[str, Value] | None = None,
    rules: Iterable[str] = RULES,
    window: int = WINDOW,
    store: str | Path | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Attribution:
    """Run a market with every combination of decisions allowed and divide what they change among them.

    `measures` are names of measures of layers or of the whole stack, means over the last `window` steps. Runs go to
    the `store` (a folder, as in `sweep`; a temporary one if left out), where the same call finds them again. They are
    made in this process, by `workers` processes if they are several, or by an `executor`.

    Raises InputError for what cannot be used, SimulationError when a run fails, and what `sweep` raises.
    """
    names, asked = known(measures), _known_rules(rules)
    design = Design("grid", tuple(Factor(f"decisions.{rule}", (False, True)) for rule in asked))
    read = stack if isinstance(stack, Stack) else read_stack(stack)
    steps = default_steps(read) if steps is None else steps
    wanted = swept(read, design, seeds=checked_seeds(seeds), steps=steps, set=set, window=window)
    with ExitStack() as closing:
        place = store or closing.enter_context(TemporaryDirectory(prefix="stackrace-"))
        if executor is None and workers in (None, 1):
            executor = closing.enter_context(ThreadPoolExecutor(1))
        results = Results(sweep(wanted, place, workers=workers, executor=executor, progress=progress))
        for failed in results.failures().itertuples():
            raise SimulationError(f"seed {failed.seed} with {failed.set}: {failed.error}")
        values = _of_interest(_tidy(results.frame(names), asked, names), read)
    return Attribution(read, asked, wanted.seeds, wanted.steps, wanted.window, shares(values, asked), values)


def shares(values: pd.DataFrame, rules: tuple[str, ...]) -> pd.DataFrame:
    """The shares behind values of all combinations: see `Attribution`."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for (layer, measure), of_measure in values.groupby(["layer", "measure"], sort=False):
        table = of_measure.pivot_table(index="seed", columns=list(rules), values="value").dropna()
        if len(table.columns) == 2 ** len(rules) and len(table):
            worth = {each: table[_column(each, rules)].to_numpy() for each in coalitions(rules)}
            unit = (OVERALL if layer == WHOLE else MEASURES)[str(measure)].unit
            rows += [{"layer": layer, "measure": measure, "unit": unit, **row} for row in _rows(worth, rules)]
    if not rows:
        raise InputError("these measures have no value in all combinations of decisions: take others, or more seeds")
    found = pd.DataFrame(rows)
    found["p_holm"] = holm(found.p.to_numpy())
    return found


def _column(allowed: Coalition, rules: tuple[str, ...]) -> Any:
    """The name of a coalition's column in a table by decisions: of one decision it is no tuple."""
    found = tuple(rule in allowed for rule in rules)
    return found if len(found) > 1 else found[0]


def _rows(worth: Mapping[Coalition, Floats], rules: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Each decision's share, then the whole change."""
    everyone, nobody = frozenset(rules), Coalition()
    whole = worth[everyone] - worth[nobody]
    low, high = interval(whole)
    is_sure = low > 0.0 or high < 0.0
    alone = {rule: worth[Coalition({rule})] - worth[nobody] for rule in rules}
    last = {rule: worth[everyone] - worth[everyone - {rule}] for rule in rules}
    for rule, effects in {**shapley(worth, rules), ALL: whole}.items():
        low, high = interval(effects)
        part_low, part_high = _part(effects, whole) if is_sure else (np.nan, np.nan)
        yield {
            "rule": rule,
            "without": float(worth[nobody].mean()),
            "with_all": float(worth[everyone].mean()),
            "effect": float(effects.mean()),
            "low": low,
            "high": high,
            "part": ratio(float(effects.mean()), float(whole.mean())) if is_sure else np.nan,
            "part_low": part_low,
            "part_high": part_high,
            "alone": float(alone.get(rule, whole).mean()),
            "last": float(last.get(rule, whole).mean()),
            "seeds": len(effects),
            "p": sign_flip(effects),
        }


def _part(effects: Floats, whole: Floats) -> tuple[float, float]:
    """95 % bootstrap interval of one mean over another, percentiles."""
    chosen = np.random.default_rng(CHANCE).integers(0, len(effects), (RESAMPLES, len(effects)))
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = effects[chosen].mean(axis=1) / whole[chosen].mean(axis=1)
    low, high = np.nanquantile(parts, [0.025, 0.975])
    return float(low), float(high)


def _tidy(frame: pd.DataFrame, rules: tuple[str, ...], measures: tuple[str, ...]) -> pd.DataFrame:
    """A column per decision, seed, layer, measure, value; no rows without a value."""
    named = frame.rename(columns={f"decisions.{rule}": rule for rule in rules})
    table = named.melt([*rules, "seed", "layer"], list(measures), var_name="measure").dropna(subset="value")
    order: dict[Any, int] = {name: n for n, name in enumerate((*dict.fromkeys(named.layer), *measures))}
    return table.sort_values(["measure", "layer"], key=lambda names: names.map(order), kind="stable", ignore_index=True)


def _of_interest(values: pd.DataFrame, stack: Stack) -> pd.DataFrame:
    """Without buyers, but for measures that no layer that sells has."""
    buyers = values.layer.isin(stack.demand_layers)
    sold = values.measure.isin(values.measure[~buyers])
    return values[~(buyers & sold)].reset_index(drop=True)


def _known_rules(rules: Iterable[str]) -> tuple[str, ...]:
    """The decisions, each once; raises InputError."""
    asked = checked_names("rules", rules, "build")
    for rule in asked:
        if rule not in KNOWN:
            raise InputError(f"no decision is called {rule!r}: {meant(str(rule), KNOWN)}")
    if not asked:
        raise InputError(f"no decision is named: choose from {', '.join(KNOWN)}")
    return asked
