"""Reading a market: which regime a layer is in. The thresholds belong to the reader, never to the market."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

WINDOW = 20
REGIMES = ("no market", "unserved", "consolidated", "commoditised", "oligopoly", "differentiated")
"""In the order of precedence; HHI thresholds are those of the US Merger Guidelines (2023)."""
MEANINGS = {
    "no market": "nothing was wanted and nothing was sold",
    "unserved": "more than half of the need is not met",
    "consolidated": "one firm has half of the volume, HHI 4000 or more",
    "commoditised": "prices near cost (Lerner below .25), HHI below 1800",
    "oligopoly": "HHI 1000 or more and four firms have 60 %",
    "differentiated": "none of the others",
}


def regime(hhi: float, cr1: float, cr4: float, lerner: float, unserved: float) -> str:
    """The first regime that fits; comparisons with NaN (no volume, no outside sales) are false."""
    if isnan(hhi) and isnan(unserved):
        return "no market"
    if unserved > 0.5:
        return "unserved"
    if cr1 >= 0.5 and hhi >= 4000:
        return "consolidated"
    if lerner < 0.25 and hhi < 1800:
        return "commoditised"
    if hhi >= 1000 and cr4 >= 0.6:
        return "oligopoly"
    return "differentiated"


def regimes(measures: pd.DataFrame, layers: Iterable[str], window: int = WINDOW) -> pd.DataFrame:
    """One row per seed and layer: regime and the means over the last `window` steps that it was read from."""
    columns = ["hhi", "cr1", "cr4", "lerner", "unserved", "units", "in_house_share"]
    last = measures[measures.step > measures.step.max() - window]
    means = last.groupby(["seed", "layer"], sort=False)[columns].mean()
    means = means.loc[means.index.get_level_values("layer").isin(list(layers))]
    labels = [regime(row.hhi, row.cr1, row.cr4, row.lerner, row.unserved) for row in means.itertuples()]
    means.insert(0, "regime", labels)
    return means.reset_index()
