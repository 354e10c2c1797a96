"""Which seeds end in another regime: from which to which, and whether there is more to it than coming and going."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..ensemble import wilson
from ..regimes import REGIMES
from .paired import holm

if TYPE_CHECKING:
    import pandas as pd


def transitions(one: pd.DataFrame, two: pd.DataFrame, seeds: tuple[int, ...]) -> pd.DataFrame:
    """How many seeds went from which regime to which: layer, base, other, count, seeds, share, low, high (Wilson).

    `one` and `two` have a row per seed and layer; per layer the commonest transition comes first.
    """
    merged = one.merge(two, on=["seed", "layer"], suffixes=("_base", "_other"))
    merged = merged[merged.seed.isin(seeds)].rename(columns={"regime_base": "base", "regime_other": "other"})
    layers = list(dict.fromkeys(merged.layer))
    found = merged.groupby(["layer", "base", "other"]).size().rename("count").reset_index()
    found["place"] = [layers.index(layer) for layer in found.layer]
    found = found.sort_values(["place", "count"], ascending=[True, False], kind="stable").drop(columns="place")
    found["seeds"], found["share"] = len(seeds), found["count"] / len(seeds)
    found["low"], found["high"] = np.transpose([wilson(count, len(seeds)) for count in found["count"]])
    return found.reset_index(drop=True)


def changes(table: pd.DataFrame) -> pd.DataFrame:
    """Per layer: in how many seeds the regime is another one, with share, low and high at 95 % (Wilson)."""
    import pandas as pd

    rows = []
    for layer, found in table.groupby("layer", sort=False):
        count, seeds = int(found["count"][found.base != found.other].sum()), int(found.seeds.iloc[0])
        rows.append((layer, count, seeds, count / seeds, *wilson(count, seeds)))
    return pd.DataFrame(rows, columns=["layer", "changed", "seeds", "share", "low", "high"])


def net(table: pd.DataFrame) -> pd.DataFrame:
    """Per layer and regime: how many seeds end in it, in base and other, how many come and go, p, and p by Holm.

    Where small causes decide who leads, many seeds change their regime in both directions, and that is no effect:
    the test is of those that come against those that go, the exact one of McNemar (1947), corrected over the table.
    """
    import pandas as pd
    from scipy.stats import binomtest

    rows = []
    for layer, found in table.groupby("layer", sort=False):
        for regime in REGIMES:
            base, other, count = found.base == regime, found.other == regime, found["count"]
            come, go = int(count[other & ~base].sum()), int(count[base & ~other].sum())
            if (base | other).any():
                p = binomtest(come, come + go).pvalue if come + go else 1.0
                rows.append((layer, regime, int(count[base].sum()), int(count[other].sum()), come, go, p))
    effects = pd.DataFrame(rows, columns=["layer", "regime", "base", "other", "come", "go", "p"])
    effects["p_holm"] = holm(effects.p.to_numpy())
    return effects
