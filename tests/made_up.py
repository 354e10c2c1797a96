"""Sweeps of a made-up response: all is as for a market but what a run comes back with, so that the answer is known."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import stackrace
from stackrace.experiments.sweeps.one_run import NAMES, OF_STACK, Job, Outcome
from stackrace.experiments.sweeps.results import Results

STACK = Path(__file__).parent / "stacks" / "tiny.toml"
PARAMETERS = ("chips.taste", "chips.switching_cost", "chips.escalation", "chips.innovation", "chips.imitation")
"""Each varies from 0 to 1."""
Response = Callable[[np.ndarray, int, np.random.Generator], tuple[float, str]]
"""HHI and regime of a run, from its parameters, its seed, and chance of its own."""


def swept(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    response: Response,
    design: str,
    seeds: int = 1,
    count: int = 3,
    more: str = "",
) -> Results:
    """The opened store of a sweep over so many parameters with this response."""

    def run(job: Job) -> Outcome:
        x = np.array([float(job.set[name]) for name in PARAMETERS[:count]])
        try:
            hhi, regime = response(x, job.seed, np.random.default_rng([job.seed, *x.view(np.uint64)]))
        except ArithmeticError as error:
            return Outcome(error=str(error))
        layers = np.full((len(job.stack.names), len(NAMES)), np.nan)
        layers[0, NAMES.index("hhi")] = hhi
        return Outcome(layers, np.full(len(OF_STACK), np.nan), (regime,))

    monkeypatch.setattr("stackrace.experiments.sweeps.drive.run_one", run)
    monkeypatch.setattr("stackrace.experiments.sweeps.drive.is_compiled_before", lambda: True)
    varied = "".join(f'"{name}" = {{ low = 0.0, high = 1.0 }}\n' for name in PARAMETERS[:count])
    file = folder / "sweep.toml"
    head = f'stack = "{STACK}"\nsteps = 1\nseeds = {list(range(seeds))}\n'
    file.write_text(f"{head}[design]\n{design}\n[design.parameters]\n{varied}{more}")
    with ThreadPoolExecutor(1) as team:
        store = stackrace.sweep(file, folder / "store", executor=team)
    return stackrace.open(store.address)
