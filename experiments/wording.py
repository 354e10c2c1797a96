"""Numbers and lists as a sentence has them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..model.calendar import quarter_of


def when(step: int) -> str:
    """A moment of a run."""
    return f"step {step}"


def in_quarters(text: str, start: str | None) -> str:
    """The text with quarters for steps, if `start` says which quarter step 0 is."""
    if start is None:
        return text
    return re.sub(r"\b(at )?step (\d+)\b", lambda found: _quarter(found, start), text)


def _quarter(found: re.Match[str], start: str) -> str:
    return ("in " if found[1] else "") + quarter_of(int(found[2]), start)


def amount(value: float) -> str:
    """A quantity with about three digits."""
    size = abs(value)
    if size >= 99.95:
        text = f"{value:,.0f}"
    elif size >= 0.0095 or size == 0.0:
        text = f"{value:.1f}" if size >= 9.995 else f"{value:.2f}"
    else:
        text = f"{value:.1g}"
    return "0" if text in ("0.00", "-0.00") else text.replace("-", "−", 1) if value < 0 else text


def percent(share: float) -> str:
    """A share; what is little but not nothing stays visible."""
    if 0.0 < share < 0.001:
        return "under 0.1 %"
    return f"{100 * share:.1f} %" if share < 0.9995 else "100 %"


def of_cost(markup: float) -> str:
    """A mark-up, which may be larger than the cost that it comes on top of."""
    return f"{100 * markup:.1f} %" if markup < 0.9995 else f"{100 * markup:,.0f} %"


def in_cell(share: float) -> str:
    """A share in a table: nothing where there is none."""
    if share <= 0.0:
        return ""
    return f"{100 * share:.0f} %" if share >= 0.005 else "< 1 %"


def counted(count: int, one: str, many: str = "") -> str:
    """A number with its noun: no firm, one firm, 2 firms."""
    if count == 1:
        return f"one {one}"
    return f"{count or 'no'} {many or one + 's'}"


def joined(parts: Sequence[str]) -> str:
    """a; a and b; a, b and c."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def first_of(parts: Sequence[str], most: int, rest: str = "others") -> str:
    """The first few of a list, and how many others there are."""
    if len(parts) <= most + 1:
        return joined(parts)
    return joined([*parts[:most], f"{len(parts) - most} {rest}"])
