"""The books of single firms, as a table: a row for every unit, with columns of the unit and of its owner."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

import numpy as np

from .columns import Firm, Quote, Sales, State, Unit, columns_of
from .errors import InputError
from .schema import Column

OF_UNIT: Mapping[str, Column] = columns_of(Quote, Unit, Sales)
OF_FIRM: Mapping[str, Column] = {
    name: column for name, column in columns_of(Firm).items() if name in ("cash", "smoothed_volume", "demand", "active")
}
USUAL = (
    *("volume", "external_volume", "external_margin", "unit_cost", "price", "markup", "quality"),
    *("capability", "capacity", "open", "cash"),
)
"""What is recorded unless columns are chosen."""


def chosen_columns(asked: bool | Iterable[str]) -> tuple[str, ...]:
    """Names of the columns to record: none, the usual ones, or those asked for; raises InputError for unknown ones."""
    if isinstance(asked, bool):
        return USUAL if asked else ()
    names = (asked,) if isinstance(asked, str) else tuple(dict.fromkeys(asked))
    every = [*OF_UNIT, *OF_FIRM]
    for name in names:
        if name not in every:
            close = get_close_matches(str(name), every, 1)
            likely = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(every)}"
            raise InputError(f"firms have no column {name!r}: {likely}")
    return names


def look(state: State, columns: Iterable[str]) -> dict[str, Any]:
    """The step just played, slot, birth number, layer and the columns of every unit that is run or sold this step."""
    k, i = np.nonzero(state.operates | (state.traded & (state.units["volume"] > 0.0)))
    firms, units = state.firms, state.units
    rows = {
        "step": np.full(len(i), state.market.step[0] - 1),
        "slot": firms["slot"][i],
        "birth": firms["birth"][i],
        "layer": k,
    }
    for name in columns:
        rows[name] = units[name][k, i] if name in OF_UNIT else firms[name][i]
    return rows
