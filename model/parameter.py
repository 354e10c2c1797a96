"""What a parameter is: its default, unit, range, meaning and source, as the annotation of a field says it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, get_type_hints

Value = float | int | bool | str

INFINITE = float("inf")
OWN = "stackrace"
GROUPS = ("contacts", "decisions")


@dataclass(frozen=True)
class Parameter:
    """What is known of one parameter besides its value."""

    default: Value
    meaning: str
    unit: str = "-"
    low: float = 0.0
    high: float = INFINITE
    symbol: str = ""
    source: str = OWN
    choices: tuple[str, ...] = ()
    name: str = ""
    scope: str = ""
    at_start: bool = False

    @property
    def kind(self) -> type:
        """float, int, bool or str: the type its values are cast to."""
        return type(self.default)

    @property
    def range(self) -> str:
        """The valid values in words, as shown to users."""
        if self.choices:
            return " | ".join(self.choices)
        if self.kind is bool:
            return "true | false"
        if self.low == -INFINITE:
            return f"{self.high:g} or less"
        return f"{self.low:g} to {self.high:g}"


def public_name(field: str) -> str:
    """`contacts_kind` -> `contacts.kind`; other names stay."""
    group, _, rest = field.partition("_")
    return f"{group}.{rest}" if group in GROUPS else field


def declarations(table: Any, scope: str) -> dict[str, Parameter]:
    """Public name -> declaration of those fields of a class that carry one."""
    declared = {}
    for field, hint in get_type_hints(table, include_extras=True).items():
        for found in getattr(hint, "__metadata__", ()):
            name = public_name(field)
            declared[name] = replace(found, name=name, scope=scope)
    return declared
