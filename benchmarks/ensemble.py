"""How many runs of the default stack fit into a minute, what of a run is not the engine, and whether memory stays put.

One process runs seeds, then other parameters each time; one spawned process runs against two; a process of its own
runs a thousand times.

    python benchmarks/ensemble.py [--runs 200] [--steps 120] [--long 1000] [--quick]
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from statistics import median
from time import perf_counter
from typing import Any

import pandas as pd
from conditions import STACK, machine

import stackrace
from stackrace.model import advance

CHUNK = 5
KIB_OF_PEAK = 1 / 1024 if sys.platform == "darwin" else 1


def one(job: tuple[int, dict[str, float], int]) -> None:
    """A run."""
    seed, settings, steps = job
    stackrace.simulate(STACK, seed=seed, steps=steps, set=settings)


def seeds(runs: int, steps: int) -> list[tuple[int, dict[str, float], int]]:
    """Runs that differ in their seed."""
    return [(seed, {}, steps) for seed in range(runs)]


def parameter_sets(runs: int, steps: int) -> list[tuple[int, dict[str, float], int]]:
    """Runs that differ in three parameters."""
    sets = [
        {
            "*.switching_cost": 0.5 * n / runs,
            "*.taste": 0.1 + 0.3 * (n * 7 % runs) / runs,
            "price_weight": 2.0 + n / runs,
        }
        for n in range(runs)
    ]
    return [(1, settings, steps) for settings in sets]


def rates(jobs: list[tuple[int, dict[str, float], int]]) -> dict[str, float]:
    """Runs per minute in this process, and the time of a run within and outside the compiled engine."""
    engine: list[float] = []
    steps_taken: Callable[..., None] = advance.take_steps

    def timed(*given: Any) -> None:
        begun = perf_counter()
        steps_taken(*given)
        engine[-1] += perf_counter() - begun

    walls = []
    advance.take_steps = timed
    for job in jobs:
        engine.append(0.0)
        begun = perf_counter()
        one(job)
        walls.append(perf_counter() - begun)
    advance.take_steps = steps_taken
    outside = [wall - within for wall, within in zip(walls, engine, strict=True)]
    return {
        "runs per minute": 60.0 * len(jobs) / sum(walls),
        "run ms": median(walls) * 1e3,
        "engine ms": median(engine) * 1e3,
        "outside ms": median(outside) * 1e3,
        "outside %": 100.0 * sum(outside) / sum(walls),
    }


def pooled(processes: int, runs: int, steps: int) -> float:
    """Runs per minute of so many spawned processes, once they are ready."""
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        list(pool.map(one, seeds(4 * processes, steps)))
        begun = perf_counter()
        list(pool.map(one, seeds(runs, steps), chunksize=CHUNK))
        return 60.0 * runs / (perf_counter() - begun)


def peaks(runs: int, steps: int) -> tuple[float, float]:
    """Peak memory of a process after a tenth of the runs and after all of them, in MiB."""
    found = []
    for n, job in enumerate(seeds(runs, steps), 1):
        one(job)
        if n in (runs // 10, runs):
            found.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIB_OF_PEAK / 1024)
    return found[0], found[-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--steps", type=int, default=120)
    parser.add_argument("--long", type=int, default=1000, help="runs of the process whose memory is watched")
    parser.add_argument("--quick", action="store_true", help="few short runs: shows that it works, no more")
    given = parser.parse_args()
    runs, steps, long = (10, 10, 20) if given.quick else (given.runs, given.steps, given.long)
    print(machine("pandas"), end="\n\n")
    one((0, {}, 2))  # compiles, or reads what was compiled before

    kinds = {"seeds": seeds(runs, steps), "parameter sets": parameter_sets(runs, steps)}
    table = pd.DataFrame({name: rates(jobs) for name, jobs in kinds.items()}).T
    print(f"{runs} runs of {steps} steps, one process")
    print(table.round(2).to_string())

    alone, two = pooled(1, runs, steps), pooled(2, runs, steps)
    print(f"\nspawned: one process {alone:,.0f} runs per minute, two {two:,.0f}: {two / alone:.2f} times as many")
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        first, last = pool.submit(peaks, long, steps).result()
    print(f"peak memory after {long // 10} runs {first:.1f} MiB, after {long} runs {last:.1f} MiB")


if __name__ == "__main__":
    main()
