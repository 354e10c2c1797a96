"""A forecast: a market's next years from every part of the calibrated set, as it is and under policies.

It is conditional on the model: the rules, the facts at the start, the set of parameters that a calibration left. Each
draw is a particle and a seed; policies are tried on the same draws, so that a difference is the policy's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...model.calendar import QUARTERS
from ...model.errors import InputError, checked_count
from ...model.interventions import Intervention, InterventionError, check, never_in_force
from ...model.measures import COLUMNS
from ...model.parameters import Floats
from ...model.policy import Policy, policies, read_policy
from ...model.settings import resolve
from ...model.stack import Stack
from ..ensemble import frequencies
from ..history import dated
from ..regimes import regimes
from ..sweeps.one_run import means
from .particles import Particles, read_particles
from .setup import HERE, Calibration, read_calibration
from .trial import Markets

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

MEASURES = ("hhi", "cr1", "lerner")
"""What fan charts and effects are of."""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
DRAWS, YEARS = 100, 5
CONDITIONAL = "Conditional on the model: its rules, the facts it starts from, and the calibrated set of parameters."


@dataclass(frozen=True, eq=False)
class Forecast:
    """What the draws do: `measures`, tidy as a run's with the draw as its seed; `effects` of policies on them.

    `effects` has a row per policy, layer and measure: the mean difference in the last year with its 95 % interval
    (low, high), and within which differences of single draws lie (band_low, band_high, 90 %).
    """

    stack: Stack
    measures: pd.DataFrame
    effects: pd.DataFrame
    titles: Mapping[str, str]

    @property
    def fans(self) -> pd.DataFrame:
        """Quantiles over draws: step, date, layer, measure, and a column per quantile in `QUANTILES`."""
        import pandas as pd

        keys = [name for name in ("step", "date", "layer") if name in self.measures]
        of_sellers = self.measures[self.measures.layer.isin(list(self.stack.selling_layers))]
        long = of_sellers.melt(keys, list(MEASURES), "measure")
        table = (
            long.groupby([*keys, "measure"], sort=False)["value"].quantile(np.array(QUANTILES)).unstack().reset_index()
        )
        return pd.DataFrame(table.rename_axis(columns=None))

    def fan(self, measure: str = "hhi") -> Figure:
        """Fan chart of a measure ("hhi", "cr1", "lerner"), a panel per layer that sells."""
        from ..plots.figures import shaded
        from .forecast_figure import fan

        layers = self.stack.selling_layers
        return shaded(fan(self.measures[self.measures.layer.isin(list(layers))], layers, measure), self.stack)

    def effects_figure(self, measure: str = "hhi") -> Figure:
        """Effects of all policies on a measure in the last year, a panel per layer."""
        from .forecast_figure import effects_figure

        return effects_figure(self.effects, self.titles, measure)

    @property
    def regimes(self) -> pd.DataFrame:
        """How likely each layer is to be in which regime in the last year: see `ensemble.frequencies`."""
        return frequencies(regimes(self.measures, self.stack.selling_layers, QUARTERS))


def shipped_set(name: str) -> Path:
    """Where the set of a calibration that comes along is."""
    return HERE / f"{name}-particles.csv"


def forecast(
    calibration: str | Path,
    *,
    years: int = YEARS,
    draws: int = DRAWS,
    particles: str | Path | None = None,
    policies: Iterable[str | Path] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Forecast:
    """The next years of a calibrated market, and what policies do to them.

    `calibration` is one that comes along ("ai-2025") or a TOML file, `particles` the set that it left (the one that
    comes along if left out), `policies` names or files: if left out, all that fit the stack and begin in time;
    `progress` gets the number of runs done. Raises InputError, SimulationError.
    """
    wanted = read_calibration(calibration)
    steps, count = QUARTERS * checked_count("years", years, 1), checked_count("draws", draws, 2)
    known = _set(wanted, read_particles(Path(particles) if particles else shipped_set(Path(calibration).stem)))
    tried = applicable(wanted.stack, steps) if policies is None else chosen(wanted.stack, policies, steps)
    draw = Draws(wanted, known, steps, count)
    base = draw.records((), progress)
    others = {}
    for n, policy in enumerate(tried, 1):
        later = None if progress is None else (lambda done, before=n * count: progress(before + done))
        others[policy.name] = draw.records(policy.interventions, later)
    titles = {policy.name: policy.title for policy in tried}
    return Forecast(wanted.stack, _tidy(wanted.stack, base), effects(wanted.stack, base, others), titles)


@dataclass(frozen=True)
class Draws:
    """Particles, each with a seed of its own; markets are drawn up once and taken up again under every policy."""

    wanted: Calibration
    particles: Particles
    steps: int
    count: int

    @cached_property
    def markets(self) -> Markets:
        """Where they start."""
        return Markets(self.wanted.stack, self.wanted.table.set)

    def records(self, interventions: Sequence[Intervention], progress: Callable[[int], None] | None = None) -> Floats:
        """The record of every draw, shape (draws, steps, layers, measures)."""
        found = []
        for seed, values in enumerate(self.particles.drawn(self.count)):
            world = self.markets.at(seed, self.wanted.settings(values), interventions)
            found.append(world.advance(self.steps).record)
            if progress:
                progress(seed + 1)
        return np.stack(found)


def applicable(stack: Stack, steps: int) -> list[Policy]:
    """The policies that come along, fit the stack and begin within so many steps."""
    found = []
    for policy in map(read_policy, policies()):
        try:
            check(policy.interventions, stack, resolve(stack))
        except InterventionError:
            continue
        if begins(policy, stack, steps):
            found.append(policy)
    return found


def begins(policy: Policy, stack: Stack, steps: int) -> bool:
    """Whether anything of a policy is in force within so many steps."""
    return len(never_in_force(policy.interventions, stack, steps)) < len(policy.interventions)


def chosen(stack: Stack, names: Iterable[str | Path], steps: int) -> list[Policy]:
    """The policies named; raises InterventionError when one does not fit the stack or begins after so many steps."""
    found = [read_policy(name) for name in dict.fromkeys([names] if isinstance(names, str | Path) else names)]
    for policy in found:
        check(policy.interventions, stack, resolve(stack))
        if not begins(policy, stack, steps):
            raise InterventionError(f"{policy.name}: begins after the {steps} steps of this forecast: take more years")
    return found


def effects(stack: Stack, base: Floats, others: Mapping[str, Floats]) -> pd.DataFrame:
    """Differences in the last year, draw by draw: see `Forecast`."""
    import pandas as pd

    from ..comparisons.paired import interval

    rows = []
    before = _last_year(base)
    for name, record in others.items():
        differences = _last_year(record) - before
        for layer in stack.selling_layers:
            for measure in MEASURES:
                moved = differences[:, stack.names.index(layer), COLUMNS.index(measure)]
                moved = moved[~np.isnan(moved)]
                if len(moved):
                    band = np.quantile(moved, (QUANTILES[0], QUANTILES[-1]))
                    rows.append((name, layer, measure, moved.mean(), *interval(moved), *band))
    columns = ["policy", "layer", "measure", "effect", "low", "high", "band_low", "band_high"]
    return pd.DataFrame(rows, columns=columns)


def _last_year(record: Floats) -> Floats:
    return np.stack([means(each[-QUARTERS:]) for each in record])


def _tidy(stack: Stack, record: Floats) -> pd.DataFrame:
    import pandas as pd

    draws, steps, layers, _ = record.shape
    table = pd.DataFrame(record.reshape(-1, len(COLUMNS)), columns=list(COLUMNS))
    table.insert(0, "seed", np.repeat(np.arange(draws), steps * layers))
    table.insert(1, "step", np.tile(np.repeat(np.arange(steps), layers), draws))
    table.insert(2, "layer", np.tile(np.array(stack.names, dtype=object), draws * steps))
    return dated(table, stack.start)


def _set(wanted: Calibration, particles: Particles) -> Particles:
    """The set, if it is of the calibration's parameters; raises InputError."""
    if particles.names != wanted.names:
        raise InputError(
            f"the set is of {', '.join(particles.names)}, and the calibration of {', '.join(wanted.names)}:"
            " give the set that it left"
        )
    return particles
