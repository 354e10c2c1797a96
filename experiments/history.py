"""What was recorded of single firms, as tables with their names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..model.books import OF_UNIT, Books
from ..model.calendar import dates
from ..model.columns import Table
from ..model.events import KINDS
from ..model.register import Register

if TYPE_CHECKING:
    import pandas as pd

EVENTS = ("seed", "step", "kind", "firm", "counterparty", "former", "layer", "volume", "gain")
BOOKS = ("seed", "step", "firm", "slot", "layer")


def event_table(events: Table, register: Register, seed: int, start: str | None) -> pd.DataFrame:
    """The events of a run in the order in which they happened; columns as in `EVENTS`, dated if there is a start."""
    import pandas as pd

    names = pd.Index([kind.name for kind in KINDS], dtype=object)
    table = {
        "seed": np.full(len(events), seed),
        "step": events["step"],
        "kind": pd.Categorical.from_codes(events["kind"], categories=names),
        "layer": layer_column(events["layer"], register),
        "volume": events["volume"],
        "gain": events["gain"],
    }
    for who in ("firm", "counterparty", "former"):
        table[who] = register.labels(events[who], events[f"{who}_birth"])
    return dated(pd.DataFrame({name: table[name] for name in EVENTS}), start)


def firm_table(books: Books, columns: Sequence[str], register: Register, seed: int, start: str | None) -> pd.DataFrame:
    """The books of firms: a row per step and unit, columns as in `BOOKS` and those that were chosen."""
    import pandas as pd

    step, slot, birth, layer = books.keys.T
    table = pd.DataFrame(books.values, columns=list(columns))
    kinds = {name: OF_UNIT[name].kind for name in columns if name in OF_UNIT}  # of a firm that is gone there is none
    table = table.astype({name: kind for name, kind in kinds.items() if kind is not float})
    keys = (seed, step, register.labels(slot, birth), slot, layer_column(layer, register))
    for n, (name, column) in enumerate(zip(BOOKS, keys, strict=True)):
        table.insert(n, name, column)
    return dated(table, start)


def dated(table: pd.DataFrame, start: str | None) -> pd.DataFrame:
    """The table with the first day of each step's quarter beside the step, if it is known which quarter step 0 is."""
    if start is not None:
        table.insert(list(table.columns).index("step") + 1, "date", dates(table.step.to_numpy(), start))
    return table


def layer_column(numbers: Any, register: Register) -> Any:
    """Layers by name."""
    import pandas as pd

    names: Any = np.array(register.layers, dtype=object)
    return pd.Categorical.from_codes(numbers, categories=names)
