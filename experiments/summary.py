"""What is said of an ensemble, in words and rounded numbers, the same on screen and in the report."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .ensemble import frequencies

if TYPE_CHECKING:
    import pandas as pd


def summary(regimes: pd.DataFrame) -> Iterator[tuple[str, list[Any], dict[str, float]]]:
    """Layer, its regimes with their frequencies (commonest first), and the means over seeds of what they rest on."""
    means = regimes.groupby("layer", sort=False).mean(numeric_only=True)
    for layer, found in frequencies(regimes).groupby("layer", sort=False):
        yield (
            str(layer),
            list(found.itertuples()),
            {
                str(name): value
                for name, value in zip(means.columns, means.loc[[layer]].to_numpy()[0].tolist(), strict=True)
            },
        )


def spelt(value: object) -> str:
    """A value as settings spell it."""
    if value is None:
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value).removesuffix(".0")


def number(value: float, digits: int = 0) -> str:
    """A rounded number, a dash where there is none."""
    return "–" if math.isnan(value) else f"{value:,.{digits}f}"


def figures_of(means: dict[str, float]) -> tuple[str, ...]:
    """HHI, Lerner index, units and share made in-house, as printed."""
    in_house = means["in_house_share"]
    share = "–" if math.isnan(in_house) else f"{in_house:.0%}"
    return number(means["hhi"]), number(means["lerner"], 2), number(means["units"]), share
