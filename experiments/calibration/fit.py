"""The fit: approximate Bayesian computation by sequential Monte Carlo, as pyABC does it.

Each generation draws particles around those of the one before and keeps trials within a tolerance, which is the median
distance of the generation before. Sisson, Fan & Tanaka, Sequential Monte Carlo without Likelihoods (2007); Toni et al.
(2009); Schälte et al., pyABC (2022). A generation is in the database when it is whole, and draws its chance from the
seed and its own number alone: a calibration that was stopped goes on with the generation that it was in, to the same
end.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ...model.errors import InputError
from ...model.parameters import Floats
from ..folder import put_files
from ..interrupt import check_interrupt
from .particles import Particles, quantile
from .setup import Calibration, CalibrationError
from .trial import WORST, Trials

DATABASE, IDENTITY = "generations.db", "identity.txt"
MOMENTS = "moments"


class Generation(NamedTuple):
    """What is told of a generation: its number from 1, its tolerance, the share of trials within it, and how many
    particles of equal weight would say as much (effective sample size, Kong 1992)."""

    number: int
    tolerance: float
    acceptance: float
    effective: float


def fit(
    wanted: Calibration,
    folder: Path,
    *,
    observed: Floats | None = None,
    trials: Trials | None = None,
    told: Callable[[Generation], None] | None = None,
) -> Particles:
    """Fit the free parameters to the targets, or to `observed` moments in their place; what is in the folder is kept.

    `trials` are those of the same calibration, if there are any, whose markets are drawn up already.
    Raises InputError when pyABC is missing or the folder holds another calibration.
    """
    pyabc = _pyabc()
    aims = np.array([each.value for each in wanted.targets]) if observed is None else observed
    trials = trials or Trials(wanted)
    trials.markets.refuse_what_moves_the_start(wanted)
    _claim(folder, f"{wanted.identity}-{digest(aims)}")
    database = f"sqlite:///{folder / DATABASE}"
    history = pyabc.History(database)
    while not _is_done(wanted, history):
        sampler = _sampler(pyabc, wanted, trials, aims, _tolerance(history))
        if history.all_runs():
            sampler.load(database, history.id)
        else:
            sampler.new(database, {MOMENTS: aims})
        np.random.seed((wanted.table.seed, _whole(history)))  # noqa: NPY002 (pyABC draws from this one)
        sampler.run(max_nr_populations=1)
        history = sampler.history
        if told:
            told(_last(history))
    return _particles(wanted, history)


def digest(values: Floats) -> str:
    """Of numbers, in 16 digits."""
    return hashlib.sha256(values.astype("<f8").tobytes()).hexdigest()[:16]


def _pyabc() -> Any:
    try:
        import pyabc
    except ImportError:
        raise InputError("calibrating needs pyABC: pip install 'stackrace[calibration]'") from None
    logging.getLogger("ABC").setLevel(logging.WARNING)
    return pyabc


def _claim(folder: Path, identity: str) -> None:
    """Note whose folder it is; raises CalibrationError when it is another's."""
    file = folder / IDENTITY
    if file.exists() and file.read_text("utf-8").strip() != identity:
        raise CalibrationError(f"{folder} holds another calibration, or one of other rules: give a new folder")
    if not file.exists() and (folder / DATABASE).exists():
        raise CalibrationError(f"{folder / DATABASE} is not of a calibration of ours: give a new folder")
    put_files(folder, {IDENTITY: identity + "\n"})


def _sampler(pyabc: Any, wanted: Calibration, trials: Trials, aims: Floats, tolerance: float) -> Any:
    """pyABC's sampler for the next generation."""
    from .kernel import Moves

    def simulate(places: Mapping[str, float]) -> dict[str, Floats]:
        check_interrupt()
        values = {each.name: each.value(places[each.name]) for each in wanted.free}
        seeds = np.random.choice(wanted.table.seeds, wanted.table.replicates, replace=False)  # noqa: NPY002
        return {MOMENTS: trials.mean(values, seeds)}

    def off(found: Mapping[str, Floats], known: Mapping[str, Floats]) -> float:
        return trials.off(found[MOMENTS], known[MOMENTS])

    ends = {each.name: each.ends for each in wanted.free}
    return pyabc.ABCSMC(
        pyabc.FunctionModel(simulate, name="market"),
        pyabc.Distribution(**{name: pyabc.RV("uniform", low, high - low) for name, (low, high) in ends.items()}),
        pyabc.FunctionDistance(off),
        population_size=wanted.table.particles,
        eps=pyabc.ConstantEpsilon(tolerance),
        transitions=Moves(ends),
        sampler=pyabc.sampler.SingleCoreSampler(),
    )


def _whole(history: Any) -> int:
    """How many generations are whole; pyABC numbers them from 0 and has a preliminary one, -1."""
    return 0 if history.max_t is None else int(history.max_t) + 1


def _tolerance(history: Any) -> float:
    """Of the next generation: the weighted median distance of the last, in the first everything will do."""
    if not _whole(history):
        return WORST
    last = history.get_weighted_distances()
    return float(quantile(last.distance.to_numpy(), last.w.to_numpy(), [0.5])[0])


def _last(history: Any) -> Generation:
    row = history.get_all_populations().iloc[-1]
    weights = history.get_weighted_distances().w.to_numpy()
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    return Generation(int(row.t) + 1, float(row.epsilon), float(row.particles / row.samples), effective)


def _is_done(wanted: Calibration, history: Any) -> bool:
    if not _whole(history):
        return False
    last = _last(history)
    return last.number >= wanted.table.generations or last.acceptance < wanted.table.least_acceptance


def _particles(wanted: Calibration, history: Any) -> Particles:
    """The last generation, values on their own scale."""
    places, weights = history.get_distribution()
    off = history.get_weighted_distances().distance.to_numpy()
    values = np.column_stack([[each.value(at) for at in places[each.name]] for each in wanted.free])
    return Particles(wanted.names, values, np.asarray(weights) / np.sum(weights), off)
