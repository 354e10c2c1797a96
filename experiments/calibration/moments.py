"""Moments: what a run says where a fact speaks, in the fact's units.

Over a run of T steps, a quarter each: `level` is the mean of the last year, `year` the sum over it, `change` the last
step less the first per year, `growth` the same of logs, as % per year. Shares and rates count in %. The price of a
layer is the volume-weighted mean of its log list prices; at constant quality, what buyers would pay for the rise of
log quality, quality_weight / price_weight each, is taken off. Revenue is its volume at list prices, own use included.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...model.calendar import QUARTERS
from ...model.measures import COLUMNS, MEASURES
from ...model.parameters import Floats
from ...model.stack import Stack
from ...model.world import World
from .targets import AT_ENDS, Target


@dataclass(frozen=True)
class Played:
    """What moments are taken of: the record, shape (steps, layers, measures), and logs at its two ends.

    `ends` has shape (2, AT_ENDS, layers): first and last step, and what they are logs of.
    """

    record: Floats
    ends: Floats


def played(world: World, steps: int) -> Played:
    """Let a market take so many steps; raises SimulationError."""
    first = world.advance(1).record
    begin = _logs(world)
    rest = world.advance(steps - 1).record
    return Played(np.concatenate([first, rest]), np.stack([begin, _logs(world)]))


def _logs(world: World) -> Floats:
    """Of each layer the mean log price, the same at constant quality, and log revenue; not finite without volume."""
    units, market = world.state.units, world.parameters.market
    volume, price, quality = (np.asarray(units[name]) for name in ("volume", "price", "quality"))
    sold = np.where(price > 0.0, volume, 0.0)
    logs = np.log(np.where(price > 0.0, price, 1.0))
    worth = logs - market.quality_weight / market.price_weight * quality
    total = sold.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = [(sold * each).sum(axis=1) / total for each in (logs, worth)]
        return np.stack([*means, np.log((sold * price).sum(axis=1))])


def moments(seen: Played, stack: Stack, targets: Sequence[Target]) -> Floats:
    """One number per target, in its units; NaN where the run has none."""
    return np.array([_moment(seen, stack.names.index(each.layer), each.statistic) for each in targets])


def _moment(seen: Played, layer: int, statistic: str) -> float:
    years = (len(seen.record) - 1) / QUARTERS
    if statistic in AT_ENDS:
        first, last = seen.ends[:, AT_ENDS.index(statistic), layer]
        return 100.0 * math.expm1((last - first) / years)
    name, kind = statistic.split(" ")
    values = seen.record[:, layer, COLUMNS.index(name)]
    scale = 1.0 if MEASURES[name].unit in ("points", "units") else 100.0
    if kind == "growth":
        return (
            100.0 * math.expm1(math.log(values[-1] / values[0]) / years) if values[0] > 0.0 < values[-1] else math.nan
        )
    if kind == "change":
        return scale * float(values[-1] - values[0]) / years
    last = values[-QUARTERS:]
    known = last[~np.isnan(last)]
    if not len(known):
        return math.nan
    return scale * float(known.mean()) * (QUARTERS if kind == "year" else 1)
