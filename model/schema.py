"""How a column of the state is declared."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """What one column holds."""

    meaning: str
    unit: str
    written_by: str
    name: str = ""
    kind: type = float
