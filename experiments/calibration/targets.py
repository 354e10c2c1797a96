"""Targets of a calibration: facts as a market's statistics, each fitted or only predicted, from a CSV file."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...model.errors import InputError
from ...model.measures import MEASURES

ROLES = ("fitted", "predicted")
KINDS = ("level", "change", "year", "growth")
AT_ENDS = ("price change", "price change at constant quality", "revenue growth")
"""Statistics that the record does not hold: of the state at the first and the last step."""
COLUMNS = ("target", "role", "layer", "statistic", "value", "low", "high", "source")


class TargetError(InputError):
    """Targets that cannot be used: where, what is wrong, and what would be right, in one line."""


@dataclass(frozen=True)
class Target:
    """A fact as a statistic of a layer: its value, and an interval that its source or its spread gives.

    `statistic` is a measure and what is made of it ("cr1 change"), or one of `AT_ENDS`, see `moments`.
    """

    name: str
    fitted: bool
    layer: str
    statistic: str
    value: float
    low: float
    high: float
    unit: str
    source: str

    @property
    def tolerance(self) -> float:
        """Half the interval."""
        return (self.high - self.low) / 2


def read_targets(file: Path, layers: Sequence[str]) -> tuple[Target, ...]:
    """The targets of a file, whose layers are those named; raises TargetError."""
    try:
        with file.open(newline="", encoding="utf-8") as opened:
            rows = list(csv.DictReader(opened))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TargetError(f"{file}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if missing := [name for name in COLUMNS if not rows or name not in rows[0]]:
        raise TargetError(f"{file}: no column {missing[0]!r}: a table of targets has {', '.join(COLUMNS)}")
    targets = tuple(_target(f"{file}, row {n}", row, layers) for n, row in enumerate(rows, 2))
    if len({each.name for each in targets}) < len(targets):
        raise TargetError(f"{file}: two targets have the same name: give each its own")
    if not any(each.fitted for each in targets):
        raise TargetError(f"{file}: nothing is to be fitted: give at least one target the role 'fitted'")
    return targets


def _target(where: str, row: dict[str, str], layers: Sequence[str]) -> Target:
    if row["role"] not in ROLES:
        raise TargetError(f"{where}: role {row['role']!r} is neither of {', '.join(ROLES)}")
    if row["layer"] not in layers:
        raise TargetError(f"{where}: no layer is called {row['layer']!r}: there are {', '.join(layers)}")
    measure, _, kind = row["statistic"].partition(" ")
    if row["statistic"] not in AT_ENDS and (measure not in MEASURES or kind not in KINDS):
        raise TargetError(
            f"{where}: statistic {row['statistic']!r} is unknown: a measure and one of {', '.join(KINDS)},"
            f" or {', '.join(AT_ENDS)}"
        )
    try:
        value, low, high = (float(row[name]) for name in ("value", "low", "high"))
    except ValueError:
        raise TargetError(f"{where}: value, low and high must be numbers") from None
    if not low <= value <= high or not low < high:
        raise TargetError(f"{where}: {value:g} is not within its interval, {low:g} to {high:g}")
    unit, fitted = row.get("unit", ""), row["role"] == "fitted"
    return Target(row["target"], fitted, row["layer"], row["statistic"], value, low, high, unit, row["source"])
