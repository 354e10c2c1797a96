"""Growth by pure luck: a table of sizes with no market behind it (Gibrat, Les inégalités économiques, 1931)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

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

    luck, names = luck_of(true.firms), np.array(true.stack.names, dtype=object)
    first = true.firms[(true.firms.step == 0) & (true.firms.volume > 0)]
    layers = pd.Categorical(first.layer, categories=names).codes.astype(np.int64)
    sizes, numbers = np.log(first.volume.to_numpy()), np.arange(len(first))
    units, happened, born = [(numbers, layers, sizes)], [], len(numbers)
    for step in range(1, true.steps):
        stays = chance.draws(true.seed, numbers, EXIT, step) >= luck.exit
        parents = layers[chance.draws(true.seed, numbers, ENTRY, step) < luck.entry]
        new = born + np.arange(len(parents))
        born += len(parents)
        happened += [("left", step, numbers[~stays], layers[~stays]), ("entered", step, new, parents)]
        means = np.bincount(layers, sizes, len(names)) / np.maximum(np.bincount(layers, minlength=len(names)), 1)
        fresh = means[parents] + luck.newcomer + luck.newcomer_spread * normal(true.seed, new, SIZE, 0)
        grown = sizes + luck.growth + luck.spread * normal(true.seed, numbers, GROWTH, step)
        numbers, layers = np.append(numbers[stays], new), np.append(layers[stays], parents)
        sizes = np.append(grown[stays], fresh)
        units.append((numbers, layers, sizes))
    firms, events = unit_table(units, names), event_table(happened, names)
    return true._replace(measures=measured(firms, events, true), events=events, firms=firms)


def luck_of(firms: pd.DataFrame) -> Luck:
    """What the table of a market's units says of growth, entry and exit of those that produce."""
    table = firms[firms.volume > 0].pivot_table(index="step", columns=["layer", "firm"], values="volume", observed=True)
    logs: Any = np.log(table)
    growth = logs.diff().to_numpy()
    growth = growth[~np.isnan(growth)]
    there = logs.notna().to_numpy()
    before, after = np.maximum.accumulate(there), np.maximum.accumulate(there[::-1])[::-1]  # seen by now, seen yet
    fresh, gone, at_risk = there[1:] & ~before[:-1], there[:-1] & ~after[1:], there[:-1].sum()
    means = logs.T.groupby(level="layer", observed=True).transform("mean").T
    relative = (logs - means).to_numpy()[1:][fresh]
    newcomer = (float(relative.mean()), float(relative.std())) if len(relative) else (0.0, 0.0)
    rates = float(fresh.sum() / at_risk), float(gone.sum() / at_risk)
    return Luck(float(growth.mean()), float(growth.std(ddof=1)), *rates, *newcomer)


def normal(seed: int, numbers: Integers, purpose: int, index: int) -> Floats:
    """Standard normal draws, one per number."""
    from scipy.special import ndtri

    return np.asarray(ndtri(chance.draws(seed, numbers, purpose, index)))


def unit_table(units: list[tuple[Integers, Integers, Floats]], names: Any) -> pd.DataFrame:
    """Numbers, layers and log volumes of every step as `History.firms`."""
    import pandas as pd

    numbers, layers, sizes = (np.concatenate(each) for each in zip(*units, strict=True))
    table = pd.DataFrame({"step": np.repeat(np.arange(len(units)), [len(each[0]) for each in units])})
    table["layer"] = pd.Categorical.from_codes(layers, categories=names)
    table["firm"] = called(table.layer, numbers)
    return table.assign(home=table.layer.astype(object), volume=np.exp(sizes), capability=np.nan, markup=np.nan)


def event_table(happened: list[tuple[str, int, Integers, Integers]], names: Any) -> pd.DataFrame:
    """Kind, step, numbers and layers as `History.events`."""
    import pandas as pd

    kinds, steps, numbers, layers = zip(*happened, strict=True)
    lengths = [len(each) for each in numbers]
    table = pd.DataFrame({"step": np.repeat(steps, lengths), "kind": np.repeat(kinds, lengths)})
    table["layer"] = pd.Categorical.from_codes(np.concatenate(layers), categories=names)
    table["firm"] = called(table.layer, np.concatenate(numbers))
    return table.assign(counterparty=None, gain=np.nan)


def called(layers: pd.Series, numbers: Integers) -> pd.Series:
    """What firms are called: home layer and number."""
    return (layers.astype(str) + "-" + numbers.astype(str)).astype("category")


def measured(firms: pd.DataFrame, events: pd.DataFrame, true: History) -> pd.DataFrame:
    """The measures that a table of sizes has, in the form of a run's; NaN are those that need a market."""
    import pandas as pd

    index = pd.MultiIndex.from_product([range(true.steps), true.stack.selling_layers], names=["step", "layer"])
    table = pd.DataFrame(np.nan, index=index, columns=list(MEASURES))
    shares = firms.pivot_table(index="step", columns=["layer", "firm"], values="volume", observed=True).fillna(0.0)
    shares /= shares.T.groupby(level="layer", observed=True).transform("sum").T

    def per_layer(values: Any) -> Any:
        return values.T.groupby(level="layer", observed=True).sum().T.stack()

    ranks = shares.T.groupby(level="layer", observed=True).rank(ascending=False, method="first").T
    table["units"] = per_layer(1.0 * (shares > 0))
    table["hhi"] = 1e4 * per_layer(shares**2)
    table["cr1"], table["cr4"] = per_layer(shares.where(ranks <= 1)), per_layer(shares.where(ranks <= 4))
    table["turbulence"] = per_layer(shares.diff().abs())
    table.loc[0, "turbulence"] = np.nan
    table["unserved"] = 0.0
    before = table.units.groupby(level="layer").shift()
    for column, kind in (("entry_rate", "entered"), ("exit_rate", "left")):
        count = events[events.kind == kind].groupby(["step", "layer"], observed=True).size()
        table[column] = count.reindex(index, fill_value=0) / before
    return table.reset_index().assign(seed=true.seed)
