"""Growth by pure luck: a table of sizes with no market behind it (Gibrat, Les inégalités économiques, 1931)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...model import chance
from ...model.measures import MEASURES
from ...model.parameters import Floats, Integers
from .history import History

if TYPE_CHECKING:
    import pandas as pd

GROWTH, EXIT, ENTRY, SIZE = range(2000, 2004)
"""Purposes of draws, apart from the market's own."""


class Luck(NamedTuple):
    """What is measured of a market, over all its layers that sell: one number each."""

    growth: float  # mean log growth of volume, 1/step
    spread: float  # its standard deviation
    entry: float  # new units per unit and step
    exit: float  # units gone per unit and step
    newcomer: float  # mean log volume of a new unit, less the mean of its layer
    newcomer_spread: float  # its standard deviation


def gibrat(true: History) -> History:
    """ln v(t+1) = ln v(t) + growth + spread z, z standard normal; each unit goes with probability `exit` and brings
    forth another one in its layer with probability `entry`."""
    import pandas as pd

    luck, names = luck_of(true.firms), np.array(true.stack.selling_layers, dtype=object)
    first = true.firms[(true.firms.step == true.firms.step.min()) & (true.firms.volume > 0)]
    layers, sizes = np.searchsorted(np.sort(names), first.layer.astype(object)), np.log(first.volume.to_numpy())
    layers = np.argsort(names)[layers]
    numbers, born = np.arange(len(sizes)), len(sizes)
    rows, events = [], []
    for step in range(true.steps):
        if step:
            stays = chance.draws(true.seed, numbers, EXIT, step) >= luck.exit
            parents = layers[chance.draws(true.seed, numbers, ENTRY, step) < luck.entry]
            new = born + np.arange(len(parents))
            born += len(parents)
            events += [event_rows("left", step, names[layers[~stays]], numbers[~stays])]
            events += [event_rows("entered", step, names[parents], new)]
            means = np.bincount(layers, sizes, len(names)) / np.maximum(np.bincount(layers, minlength=len(names)), 1)
            fresh = means[parents] + luck.newcomer + luck.newcomer_spread * normal(true.seed, new, SIZE, 0)
            grown = sizes + luck.growth + luck.spread * normal(true.seed, numbers, GROWTH, step)
            layers, numbers = np.append(layers[stays], parents), np.append(numbers[stays], new)
            sizes = np.append(grown[stays], fresh)
        rows.append(pd.DataFrame({"step": step, "number": numbers, "layer": names[layers], "volume": np.exp(sizes)}))
    firms = pd.concat(rows, ignore_index=True)
    firms["firm"] = firm_names(firms.layer, firms.number)
    firms["home"], firms["capability"] = firms.layer, np.nan
    happened = pd.concat(events, ignore_index=True)
    measures = measured(firms, happened, true)
    return true._replace(measures=measures, events=happened, firms=firms)


def luck_of(firms: pd.DataFrame) -> Luck:
    """What the table of a market's units says of growth, entry and exit."""
    sizes = firms[firms.volume > 0].pivot_table(
        index="step", columns=["layer", "firm"], values="volume", observed=True
    )
    logs = np.log(sizes)
    there = logs.notna().to_numpy()
    growth = logs.diff().to_numpy()
    growth = growth[~np.isnan(growth)]
    known = np.cumsum(there, axis=0) > 0
    appears = there[1:] & ~known[:-1]
    at_risk = there[:-1].sum()
    last = there[::-1].cumsum(axis=0)[::-1] > 0  # still to be seen, now or later
    gone = there[:-1] & ~last[1:]
    relative = (logs - logs.T.groupby(level="layer", observed=True).transform("mean").T).to_numpy()[1:][appears]
    return Luck(
        float(growth.mean()),
        float(growth.std(ddof=1)),
        float(appears.sum() / at_risk),
        float(gone.sum() / at_risk),
        float(relative.mean()) if len(relative) else 0.0,
        float(relative.std()) if len(relative) else 0.0,
    )


def normal(seed: int, numbers: Integers, purpose: int, index: int) -> Floats:
    """Standard normal draws, one per number."""
    from scipy.special import ndtri

    return np.asarray(ndtri(chance.draws(seed, numbers, purpose, index)))


def firm_names(layers: pd.Series, numbers: pd.Series) -> pd.Series:
    """What the firms of a table are called."""
    return (layers.astype(str) + "-" + numbers.astype(str)).astype("category")


def event_rows(kind: str, step: int, layers: object, numbers: Integers) -> pd.DataFrame:
    """Events of one kind."""
    import pandas as pd

    table = pd.DataFrame({"step": step, "kind": kind, "layer": layers, "number": numbers})
    table["firm"] = table.layer.astype(str) + "-" + table.number.astype(str)
    return table.assign(counterparty=None, gain=np.nan)


def measured(firms: pd.DataFrame, events: pd.DataFrame, true: History) -> pd.DataFrame:
    """The measures that a table of sizes has, in the form of a run's; NaN are those that need a market."""
    import pandas as pd

    index = pd.MultiIndex.from_product([range(true.steps), true.stack.selling_layers], names=["step", "layer"])
    table = pd.DataFrame(np.nan, index=index, columns=list(MEASURES))
    by_layer = firms.groupby(["step", "layer"], observed=True)
    share = firms.volume / by_layer.volume.transform("sum")
    shares = firms.assign(share=share)[["step", "layer", "firm", "share"]]
    ranked = shares.sort_values("share", ascending=False).groupby(["step", "layer"], observed=True).share
    table["units"] = by_layer.size().reindex(index, fill_value=0)
    table["hhi"] = 1e4 * (share**2).groupby([firms.step, firms.layer], observed=True).sum()
    table["cr1"], table["cr4"] = ranked.max(), ranked.apply(lambda each: each.iloc[:4].sum())
    table["unserved"] = 0.0
    wide = shares.pivot_table(index="step", columns=["layer", "firm"], values="share", observed=True).fillna(0.0)
    table["turbulence"] = wide.diff().abs().T.groupby(level="layer", observed=True).sum().T.stack()
    before = table.units.groupby(level="layer").shift()
    for column, kind in (("entry_rate", "entered"), ("exit_rate", "left")):
        count = events[events.kind == kind].groupby(["step", "layer"], observed=True).size()
        table[column] = count.reindex(index, fill_value=0) / before
    return table.reset_index().assign(seed=true.seed)
