"""What a comparison of two ensembles holds: tables, and ways to read, draw and save them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ...model.stack import Stack

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

WHOLE = "whole stack"
"""Stands for a layer in the rows of measures of the whole stack."""
SURE = 0.05
"""A p value, corrected for all tests, below which an effect is told as one."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """What `other` does differently from `base`, over the seeds that both have.

    `effects` has a row per layer and measure (columns: unit, those of `paired_effect`, p_holm); `pairs` the values
    per seed behind it, means over the last `window` steps; `paths` the difference of every seed in every step, a
    column per measure; `regimes` how many seeds went from which regime to which (layer, base, other, count, seeds,
    share, low and high at 95 %); `parameters` those that differ (name, base, other); `interventions` those that only
    one side has; `remarks` what a reader has to know; `tests` how many tests p_holm is corrected for.
    """

    labels: tuple[str, str]
    stack: Stack
    seeds: tuple[int, ...]
    window: int
    effects: pd.DataFrame = field(repr=False)
    pairs: pd.DataFrame = field(repr=False)
    paths: pd.DataFrame = field(repr=False)
    regimes: pd.DataFrame = field(repr=False)
    parameters: pd.DataFrame = field(repr=False)
    interventions: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    remarks: tuple[str, ...] = ()
    tests: int = 0

    def __str__(self) -> str:
        """The whole comparison in sentences."""
        from .effect_words import told

        return "\n".join(told(self))

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures compared, in the order asked for."""
        return tuple(name for name in self.paths.columns if name not in ("seed", "step", "date", "layer"))

    @property
    def sure(self) -> pd.DataFrame:
        """The rows of `effects` that hold at 5 % after Holm's correction over `tests` tests."""
        return self.effects[self.effects.p_holm < SURE]

    @property
    def cautions(self) -> tuple[str, ...]:
        """The remarks, and whether any effect could hold with so many seeds and tests."""
        from .effect_words import power

        return (*self.remarks, *power(self))

    @property
    def changes(self) -> pd.DataFrame:
        """Per layer: in how many seeds the regime is another one.

        Columns: layer, changed, seeds, share, and low and high of share at 95 % (Wilson).
        """
        from .transitions import changes

        return changes(self.regimes)

    @property
    def regime_effects(self) -> pd.DataFrame:
        """Per layer and regime: in how many seeds it is that in base and in other, and whether that differs.

        Columns: layer, regime, base, other, come and go (seeds that enter and leave the regime), p of the exact test
        of McNemar (1947) that as many come as go, and p_holm, corrected over the table.
        """
        from .transitions import net

        return net(self.regimes)

    def trajectory(self, measure: str) -> Figure:
        """The paired difference of a measure against time, a panel a layer: median and 10-90 % band over seeds.

        Raises InputError for a measure that was not compared or has no value in both.
        """
        from .effect_figures import trajectory

        return trajectory(self, measure)

    def forest(self, measures: Iterable[str] | None = None) -> Figure:
        """Mean paired differences with 95 % intervals: a column a measure, a row a layer.

        Filled points hold at 5 % after Holm's correction. The first four measures of layers unless some are named.
        Raises InputError for one that was not compared.
        """
        from .effect_figures import forest

        return forest(self, measures)

    def save(self, folder: str | Path, *, force: bool = False) -> Path:
        """Write tables (CSV, differences by step as Parquet), text and figures to a folder; nothing half-written.

        A comparison of the same two is replaced, another one only with `force`. Raises SavedRunError.
        """
        from .saved_comparison import save

        return save(self, folder, force=force)
