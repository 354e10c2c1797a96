"""Calendar time: a step is a quarter, and a stack may say which quarter its step 0 is."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from .parameters import Integers

Dates = NDArray[np.datetime64]

QUARTERS = 4
"""Of a year: as many steps."""
MONTHS = 3
EXAMPLE = "2025-Q1"
PATTERN = "^([1-9][0-9]{3})-Q([1-4])$"


def quarter_number(text: str) -> int | None:
    """Quarters since the year 0 of "2025-Q1"; None for what is no quarter."""
    found = re.fullmatch(PATTERN, text)
    return QUARTERS * int(found[1]) + int(found[2]) - 1 if found else None


def step_of(quarter: str, start: str) -> int:
    """The step that a quarter is when `start` is step 0; negative before it. Raises ValueError for what is none."""
    return _number(quarter) - _number(start)


def quarter_of(step: int, start: str) -> str:
    """The quarter of a step: the inverse of `step_of`."""
    year, quarter = divmod(_number(start) + step, QUARTERS)
    return f"{year}-Q{quarter + 1}"


def dates(steps: Integers, start: str) -> Dates:
    """First day of the quarter of each of some steps."""
    months = MONTHS * (_number(start) - _number("1970-Q1") + steps)  # numpy counts from 1970
    return months.astype("datetime64[M]").astype("datetime64[ms]")  # as a file gives it back


def _number(quarter: str) -> int:
    number = quarter_number(quarter)
    if number is None:
        raise ValueError(f"{quarter!r} is no quarter: write it as in {EXAMPLE!r}")
    return number
