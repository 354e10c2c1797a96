"""The tables of a store, from what a sweep wants and what its runs came back with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from ...model import RULES
from ...model.interventions import as_tables
from ...model.parameters import Floats
from ...model.settings import declaration_of
from ..comparisons.comparison import WHOLE
from ..manifest import known_by
from .one_run import NAMES, OF_STACK, Outcome
from .sweep import Sweep, Task

if TYPE_CHECKING:
    import pyarrow


def about(what: Sweep) -> dict[str, Any]:
    """What sweep.json says."""
    from stackrace import __version__

    return {
        "stackrace": __version__,
        "rules": RULES,
        "stack": what.stack.as_dict(),
        "steps": what.steps,
        "window": what.window,
        "series": what.series,
        "set": dict(what.set),
        "own_rules": known_by(what.rules),
        "policies": {each.name: as_tables(each.interventions) for each in what.policies},
        "design": {name: getattr(what.design, name) for name in ("kind", "points", "seed", "second_order")},
    }


def design_table(what: Sweep) -> pyarrow.Table:
    """All runs in the order of the design, with the parameters that vary."""
    import pyarrow

    tasks = list(what.tasks())
    columns: dict[str, Any] = {name: [getattr(task, name) for task in tasks] for name in PLACE}
    return pyarrow.table({**columns, **_parameters(what, tasks)})


PLACE = ("run", "number", "point", "policy", "seed")
"""Columns that say which run a row is of."""


def varied(what: Sweep) -> tuple[str, ...]:
    """Names of the parameters that vary."""
    return tuple(dict.fromkeys(name for point in what.points for name in point))


def column_of(name: str) -> str:
    """The column of a parameter; `entry_rate` is the name of a measure as well."""
    return f"set.{name}" if name in NAMES or name in OF_STACK else name


def runs_table(what: Sweep, done: list[tuple[Task, Outcome]]) -> pyarrow.Table:
    """A row per run and layer, and one for the whole stack."""
    import pyarrow

    layers = [*what.stack.names, WHOLE]
    columns = _placed(what, [task for task, _ in done], len(layers))
    columns["digest"] = np.repeat([outcome.digest for _, outcome in done], len(layers))
    columns["layer"] = np.tile(np.array(layers, dtype=object), len(done))
    rows = {layer: n for n, layer in enumerate(what.stack.selling_layers)}
    columns["regime"] = pyarrow.array(
        [outcome.regimes[rows[layer]] if layer in rows else None for _, outcome in done for layer in layers],
        pyarrow.string(),
    )
    for n, name in enumerate(NAMES):
        own = OF_STACK.index(name) if name in OF_STACK else -1
        columns[name] = _or_null(np.concatenate([_with_whole(outcome, n, own) for _, outcome in done]))
    for n, name in enumerate(OF_STACK):
        if name not in NAMES:
            columns[name] = _or_null(np.concatenate([_only_whole(outcome, n, len(layers)) for _, outcome in done]))
    return pyarrow.table(columns)


def series_table(what: Sweep, done: list[tuple[Task, Outcome]]) -> pyarrow.Table:
    """A row per run, step and layer."""
    import pyarrow

    layers = len(what.stack.names)
    columns = _placed(what, [task for task, _ in done], what.steps * layers)
    columns["step"] = np.tile(np.repeat(np.arange(what.steps), layers), len(done))
    columns["layer"] = np.tile(np.array(what.stack.names, dtype=object), what.steps * len(done))
    every = np.concatenate([outcome.series.reshape(-1, len(NAMES)) for _, outcome in done])  # type: ignore[union-attr]
    return pyarrow.table({**columns, **{name: _or_null(every[:, n]) for n, name in enumerate(NAMES)}})


def failures_table(failed: list[tuple[Task, Outcome]]) -> pyarrow.Table:
    """A row per failed run, with its error and all that was set."""
    import pyarrow

    columns: dict[str, Any] = {name: [getattr(task, name) for task, _ in failed] for name in PLACE}
    columns["error"] = [outcome.error for _, outcome in failed]
    columns["set"] = [json.dumps(dict(task.set)) for task, _ in failed]
    return pyarrow.table(columns)


def _placed(what: Sweep, tasks: list[Task], rows: int) -> dict[str, Any]:
    """Columns that say which run a row is of, and the parameters that vary; so many rows per run."""
    columns: dict[str, Any] = {
        name: np.repeat(np.array([getattr(task, name) for task in tasks]), rows) for name in PLACE
    }
    return {**columns, **_parameters(what, tasks, rows)}


def _parameters(what: Sweep, tasks: list[Task], rows: int = 1) -> dict[str, pyarrow.Array]:
    """The parameters that vary, so many rows per run, each of its declared type so that all parts have the same."""
    import pyarrow

    kinds = {float: pyarrow.float64(), int: pyarrow.int64(), bool: pyarrow.bool_(), str: pyarrow.string()}
    columns = {}
    for name in varied(what):
        values = [what.points[task.point].get(name) for task in tasks for _ in range(rows)]
        columns[column_of(name)] = pyarrow.array(values, kinds[declaration_of(name).kind])
    return columns


def _or_null(values: Floats) -> pyarrow.Array:
    """A column in which a measure without a value is null: other readers take NaN for the largest number."""
    import pyarrow

    return pyarrow.array(values, from_pandas=True)


def _with_whole(outcome: Outcome, n: int, own: int) -> Any:
    """A measure of every layer, and of the whole stack if that has it too."""
    assert outcome.layers is not None and outcome.overall is not None
    return np.append(outcome.layers[:, n], outcome.overall[own] if own >= 0 else np.nan)


def _only_whole(outcome: Outcome, n: int, rows: int) -> Any:
    assert outcome.overall is not None
    return np.append(np.full(rows - 1, np.nan), outcome.overall[n])
