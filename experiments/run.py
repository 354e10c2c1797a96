"""The one contract, under command line, sweeps, notebooks and app: `simulate(stack, seed, steps, set) -> Run`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..model.parameters import Floats, Parameters, Value
from ..model.settings import resolve
from ..model.stack import Stack, read_stack
from . import DEFAULT_SEED, DEFAULT_STEPS
from .regimes import WINDOW

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from .ensemble import Ensemble

CHUNK = 10


class SimulationError(RuntimeError):
    """A run that could not be finished: what happened and at which step, in one line."""


@dataclass(frozen=True)
class Run:
    """What a market did: its stack, parameters and seed, and every measure of every step.

    `record` has shape (steps, layers, measures) and `overall_record`, of the whole stack, (steps, measures); `ledger`
    has one row of accounts (money) per step. `contacts` is empty when the contact network was drawn from the
    parameters, else the SHA-256 of the one that was given.
    """

    stack: Stack
    parameters: Parameters
    seed: int
    steps: int
    set: Mapping[str, Value]
    record: Floats
    overall_record: Floats
    ledger: pd.DataFrame = field(repr=False)
    contacts: str = ""

    @cached_property
    def measures(self) -> pd.DataFrame:
        """Tidy table: seed, step, date if the stack has a start, layer, and a column per measure of a layer.

        What the measures mean is declared in `stackrace.model.measures`; a date is the first day of a quarter.
        """
        from ..model.measures import COLUMNS

        layers = self.stack.names
        table = self._dated(self.record.reshape(-1, len(COLUMNS)), COLUMNS, len(layers))
        table.insert(
            list(table.columns).index(COLUMNS[0]), "layer", np.tile(np.array(layers, dtype=object), self.steps)
        )
        return table

    @cached_property
    def overall(self) -> pd.DataFrame:
        """Tidy table: seed, step, date if the stack has a start, and a column per measure of the whole stack."""
        from ..model.measures import OVERALL

        return self._dated(self.overall_record, tuple(OVERALL), 1)

    def _dated(self, values: Floats, names: tuple[str, ...], rows: int) -> pd.DataFrame:
        """A table of measures with `rows` rows per step, behind the columns that say when."""
        import pandas as pd

        from ..model.calendar import dates

        table = pd.DataFrame(values, columns=list(names))
        table.insert(0, "seed", self.seed)
        table.insert(1, "step", np.repeat(np.arange(self.steps), rows))
        if self.stack.start is not None:
            table.insert(2, "date", dates(table.step.to_numpy(), self.stack.start))
        return table

    @cached_property
    def names(self) -> dict[int, str]:
        """Slot -> name of the known firm that starts there (whoever enters the slot after it is another firm)."""
        from ..model.incumbents import slot_names

        return slot_names(self.stack, self.parameters)

    def regimes(self, window: int = WINDOW) -> pd.DataFrame:
        """Per selling layer: the regime over the last `window` steps, and the means that it was read from."""
        from .regimes import regimes

        return regimes(self.measures, self.stack.selling_layers, window)

    def save(self, folder: str | Path) -> Path:
        """Write the run to a folder: measures, overall and ledger as Parquet, and run.json; nothing half-written.

        Raises SavedRunError when the folder holds something else or cannot be written.
        """
        from .saved import save

        return save(self, folder)


def simulate(
    stack: Stack | str | Path,
    *,
    seed: int = DEFAULT_SEED,
    steps: int = DEFAULT_STEPS,
    set: Mapping[str, Value] | None = None,
    contacts: nx.Graph[Any] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Run:
    """Run a market and return what it did.

    `stack` is a `Stack`, the name of a shipped one or a TOML file; `set` overrides parameters by public name
    ({"model.taste": .1, "*.review": .2, "price_weight": 3}); `contacts` is a networkx graph over the slots
    0 .. firms - 1 that replaces the drawn network; `progress` is called with the number of steps done.

    Raises StackError or ParameterError (both ValueError) for input that cannot be used, SimulationError when a
    quantity stops being finite.
    """
    import pandas as pd

    from ..model.advance import advance
    from ..model.columns import Ledger, columns_of, empty_table
    from ..model.contacts import pairs_of_graph
    from ..model.measures import as_floats, empty_records
    from ..model.start import start

    if not isinstance(stack, Stack):
        stack = read_stack(stack)
    parameters = resolve(stack, set)
    seed, steps = checked_count("seed", seed, 0), checked_count("steps", steps, 1)
    pairs = None if contacts is None else pairs_of_graph(contacts, int(parameters.layer.firms.sum()))
    state = start(stack, parameters, seed, pairs)
    record, overall = empty_records(steps, len(stack.names))
    ledgers = empty_table("market", steps)
    for done in range(0, steps, CHUNK):  # chunks, so that Ctrl-C and progress get a turn
        part = slice(done, min(done + CHUNK, steps))
        advance(state, record[part], overall[part], ledgers[part])
        if not np.isfinite(state.firms.cash).all():
            broken = int(np.flatnonzero(~np.isfinite(state.firms.cash))[0])
            raise SimulationError(f"cash of firm {broken} is not finite by step {part.stop}: see the parameters in use")
        if progress:
            progress(part.stop)
    ledger = pd.DataFrame({name: ledgers[name] for name in columns_of(Ledger)})
    network = "" if pairs is None else hashlib.sha256(np.ascontiguousarray(pairs).tobytes()).hexdigest()
    return Run(stack, parameters, seed, steps, dict(set or {}), as_floats(record), as_floats(overall), ledger, network)


def checked_count(name: str, value: int, least: int) -> int:
    """A whole number of at least `least`."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not least <= value < 2**63:
        raise ValueError(f"{name} = {value!r} is not a whole number of {least} or more")
    return int(value)


def load(folder: str | Path) -> Run | Ensemble:
    """Read what `Run.save` or `Ensemble.save` wrote; raises SavedRunError, one line, when it cannot be read."""
    from .saved import load

    return load(folder)
