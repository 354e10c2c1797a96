"""The response that an analysis explains: a measure or a regime at every point of a design, with every seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...model.checks import meant
from ...model.errors import InputError
from ...model.measures import MEASURES, OVERALL
from ...model.parameters import Floats
from ..regimes import REGIMES
from ..wording import counted, joined

if TYPE_CHECKING:
    import pandas as pd

    from ..sweeps.results import Results


@dataclass(frozen=True, eq=False)
class Responses:
    """What is explained: its name, a table of values (a row per point, a column per seed, NaN: none), and the points.

    `values` of a regime are 1 where the layer ended in it and 0 elsewhere, so that their mean is its probability.
    `points` has a row per point and a column per parameter. `missing` says in a line what is not there, or nothing.
    """

    name: str
    file: str
    values: pd.DataFrame
    points: pd.DataFrame
    missing: str = ""

    def numbers(self) -> Floats:
        """The points as numbers, shape (points, parameters); names of choices are counted in order of appearance."""
        from pandas.api.types import is_numeric_dtype

        columns = [one if is_numeric_dtype(one) else one.factorize()[0] for _, one in self.points.items()]
        return np.array(columns, dtype=float).T


def responses(
    results: Results, layer: str, *, measure: str | None = None, regime: str | None = None, policy: str | None = None
) -> Responses:
    """The response of a layer under one policy (the sweep's first one if left out); raises InputError."""
    policies = tuple(results.about["policies"])
    chosen = policies[0] if policy is None else _known("policy", policy, policies)
    if (measure is None) == (regime is None):
        raise InputError("name one measure, such as hhi, or one regime, such as consolidated: what is to be explained")
    asked = [] if measure is None else [_known("measure", measure, (*MEASURES, *OVERALL))]
    table = results.frame(asked)
    if table.empty:
        raise InputError(f"{results.store.address}: no run is stored yet")
    table = table[(table.layer == _known("layer", layer, tuple(table.layer.unique()))) & (table.policy == chosen)]
    if measure is not None:
        table = table.assign(value=table[measure].astype(float))
    elif regime is not None:
        table = table.assign(value=(table.regime == _known("regime", regime, REGIMES)).astype(float))
        table = table[table.regime.notna()]
    design = results.design[results.design.policy == chosen]
    values = table.pivot(index="point", columns="seed", values="value")
    values = values.reindex(index=design.point.unique(), columns=design.seed.unique())
    name = f"{measure} of {layer}" if measure else f"probability that {layer} is {regime}"
    if values.isna().to_numpy().all():
        raise InputError(f"{name}: it has no value in any stored run under {chosen}")
    points = design.drop_duplicates("point").set_index("point")[list(results.parameters)]
    file = f"{measure or regime}-{layer}".replace(" ", "-")
    return Responses(name, file, values, points, _missing(results, chosen, int(values.isna().to_numpy().sum())))


def _known(kind: str, name: str, names: tuple[str, ...]) -> str:
    if name not in names:
        raise InputError(f"no {kind} here is called {name!r}: {meant(name, names)}")
    return name


def _missing(results: Results, policy: str, without: int) -> str:
    """How many values are missing, and why."""
    if not without:
        return ""
    design = results.design[results.design.policy == policy]
    failures = results.failures()
    failed = int(design.run.isin(failures.run).sum()) if len(failures) else 0
    absent = len(design) - int(design.run.isin(results.done.run).sum()) - failed
    valueless = without - failed - absent
    reasons = ((failed, "failed"), (absent, "not stored yet"), (valueless, "without a value"))
    told = joined([f"{count:,} {what}" for count, what in reasons if count > 0])
    return f"{counted(without, 'run')} of {len(design):,} cannot be used: {told}."
