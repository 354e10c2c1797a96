"""The books of single firms, as a table: a row for every unit, with columns of the unit and of its owner."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from .checks import meant
from .columns import Firm, Quote, Sales, State, Unit, columns_of
from .errors import InputError, checked_names
from .parameters import Floats, Integers
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
    names = checked_names("firms", asked, "cash")
    for name in names:
        if name not in {**OF_UNIT, **OF_FIRM}:
            raise InputError(f"firms have no column {name!r}: {meant(name, [*OF_UNIT, *OF_FIRM])}")
    return names


class Books(NamedTuple):
    """Some books: for each unit the step just played, its slot, birth number and layer, and the chosen columns."""

    keys: Integers  # (units, 4)
    values: Floats  # (units, columns)


def look(state: State, columns: Sequence[str]) -> Books:
    """The books of every unit that is run, or was sold of, in the step just played."""
    k, i = np.nonzero(state.operates | (state.traded & (state.units["volume"] > 0.0)))
    units, place = state.units.reshape(-1), k * state.operates.shape[1] + i
    keys, values = np.empty((len(i), 4), np.int64), np.empty((len(i), len(columns)))
    keys[:, 0], keys[:, 1] = state.market.step[0] - 1, state.firms["slot"][i]
    keys[:, 2], keys[:, 3] = state.firms["birth"][i], k
    gone = ~state.firms["alive"][i]  # its purse is settled; what it sold this step stays in the books
    for n, name in enumerate(columns):
        values[:, n] = units[name][place] if name in OF_UNIT else np.where(gone, np.nan, state.firms[name][i])
    return Books(keys, values)


def bound(books: Sequence[Books]) -> Books:
    """Books of several steps in one."""
    return Books(np.concatenate([each.keys for each in books]), np.concatenate([each.values for each in books]))
