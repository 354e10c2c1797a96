"""What is told to a user when input cannot be used or a run cannot be finished."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np


class InputError(ValueError):
    """Input that cannot be used: what is wrong, where, and what would be right, in one line."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


class SimulationError(RuntimeError):
    """A run that could not be finished: what happened and at which step, in one line."""


MOST_NAMES = 12
"""A message lists at most this many names."""


def listed(names: Iterable[str]) -> str:
    """Join names with commas; of a long list only the first ones, and how many there are besides."""
    every = list(names)
    rest = f" and {len(every) - MOST_NAMES} more" if len(every) > MOST_NAMES else ""
    return ", ".join(every[:MOST_NAMES]) + rest or "none"


def printable(name: str | Path) -> str:
    """Return a file's name as text that can be written: bytes of it that are not UTF-8 become replacement signs."""
    return str(name).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def plain_value(value: Any) -> Any:
    """Return a scalar of numpy as Python's own; anything else as it is."""
    return value.item() if isinstance(value, np.generic) else value


def is_whole(value: object) -> bool:
    """Tell whether a value is a whole number, which may be stored as a float (10.0) but is no truth value."""
    value = plain_value(value)
    return not isinstance(value, bool) and (isinstance(value, int) or (isinstance(value, float) and value.is_integer()))


def checked_count(name: str, value: Any, least: int) -> int:
    """Return a whole number from `least` to what 63 bits hold, such as 10 or 10.0; raises InputError."""
    if not is_whole(value) or value < least:
        raise InputError(f"{name} = {value!r} is not a whole number of {least} or more")
    if value >= 2**63:
        raise InputError(f"{name} = {value!r} is too large: it must be below 2^63")
    return int(value)


def checked_names(what: str, given: Any, example: str) -> tuple[str, ...]:
    """Return names, each once, of one name or several; raises InputError for what is neither."""
    names = (given,) if isinstance(given, str) else tuple(given) if isinstance(given, Iterable) else (given,)
    for name in names:
        if not isinstance(name, str):
            raise InputError(f"{what}: {name!r} is no name: give one or several, such as {example!r}")
    return tuple(dict.fromkeys(names))


def checked_mapping(what: str, given: Any, example: str) -> dict[str, Any]:
    """Return names and values of any mapping, such as a dict or a row of pandas; raises InputError for another kind."""
    if given is None:
        return {}
    if isinstance(given, Mapping) or (hasattr(given, "keys") and hasattr(given, "items")):
        values = dict(given.items())
        for name in values:
            if not isinstance(name, str):
                raise InputError(f"{what}: {name!r} is no name: give names and values, such as {example}")
        return values
    raise InputError(f"{what} is {given!r}: give names and values, such as {example}")
