"""The figure of an attribution: what each decision contributes to a measure, layer by layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from ...model.errors import InputError
from ..plots.forest_plot import forest_plot

if TYPE_CHECKING:
    from .attribute import Attribution


def drawn(found: Attribution, measure: str) -> Figure:
    """Shapley shares with their 95 % intervals: a column a decision and one for all, a row a layer, one scale for all.

    Filled points hold at 5 % after Holm's correction over all rows of the attribution.
    """
    rows = found.shares[found.shares.measure == measure]
    if rows.empty:
        raise InputError(f"{measure!r} was not attributed: attribute(..., measures=[...]) names what is")
    columns = {str(rule): each for rule, each in rows.groupby("rule", sort=False)}
    title = f"{measure} ({rows.unit.iloc[0]}): Shapley shares of what decisions change, {len(found.seeds)} seeds"
    return forest_plot(columns, list(dict.fromkeys(rows.layer)), "mean", title, one_scale=True)[0]
