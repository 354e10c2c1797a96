"""How long a user waits: the first run ever, which compiles, the first of a new process, and `--help`.

Each is a process of its own, wall time from start to end. The first run ever has an empty cache folder and is helped by
a second process, which the processor time counts as well. The compile time of a phase depends on the order: whoever
comes first compiles what is shared.

    python benchmarks/cold.py [--repeats 5] [--firsts 3] [--quick]
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from statistics import median
from time import perf_counter

import pandas as pd
from conditions import STACK, machine

COMMAND = [sys.executable, "-m", "stackrace"]
SIMULATE = f"import stackrace; stackrace.simulate({STACK!r})"
WAITS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "import stackrace": [sys.executable, "-c", "import stackrace"],
    "python -c simulate": [sys.executable, "-c", SIMULATE],
    f"stackrace run {STACK} --json": [*COMMAND, "run", STACK, "--json"],
    "stackrace --help": [*COMMAND, "--help"],
}
COMPILE = """
from time import perf_counter
from stackrace.agents.address import address_of, compile_for
from stackrace.model.advance import PHASES, take_steps
from stackrace.model.columns import empty_table
from stackrace.model.measures import empty_records
from stackrace.model.start import smallest_state
import numpy as np
state = smallest_state()
def timed(name, compile):
    begun = perf_counter()
    compile()
    print(name, perf_counter() - begun)
rest = (np.zeros(1, dtype=np.int64), *empty_records(1, 1), empty_table("market", 1))
for name, phase in PHASES.items():
    timed(name, lambda: address_of(phase, state))
timed("measure", lambda: compile_for(take_steps, state, *rest))
"""


def waited(command: list[str], cache: str | None = None) -> tuple[float, float]:
    """Wall time and processor time of a process and its children, in seconds."""
    environment = {**os.environ, "STACKRACE_CACHE_DIR": cache} if cache else None
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=environment)
    wall, after = perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def first_ever() -> tuple[float, float]:
    """A run with nothing compiled before."""
    with tempfile.TemporaryDirectory() as cache:
        return waited([sys.executable, "-c", SIMULATE], cache)


def compile_times() -> pd.Series:
    """Seconds that each phase takes to compile in one process, in the order of the step."""
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "STACKRACE_CACHE_DIR": cache}
        command = [sys.executable, "-c", COMPILE]
        said = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
    found = pd.Series({name: float(took) for name, took in (line.split() for line in said.splitlines())})
    return pd.concat([found, pd.Series({"all": found.sum()})])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--firsts", type=int, default=3, help="how often a first run ever is repeated")
    parser.add_argument("--quick", action="store_true", help="only with a warm cache, once each")
    given = parser.parse_args()
    repeats, firsts = (1, 0) if given.quick else (given.repeats, given.firsts)
    print(machine("typer", "pandas"), end="\n\n")

    waited([sys.executable, "-c", SIMULATE])  # compiles what was not compiled before
    times = {name: [waited(command) for _ in range(repeats)] for name, command in WAITS.items()}
    if firsts:
        times["first run ever"] = [first_ever() for _ in range(firsts)]
    table = pd.DataFrame(
        {
            name: {
                "times": len(found),
                "wall s": median(wall for wall, _ in found),
                "shortest": min(wall for wall, _ in found),
                "longest": max(wall for wall, _ in found),
                "processor s": median(busy for _, busy in found),
            }
            for name, found in times.items()
        }
    ).T
    print("seconds")
    print(table.astype({"times": int}).round(2).to_string())
    if firsts:
        print("\nseconds to compile, one process")
        print(compile_times().round(1).to_string())


if __name__ == "__main__":
    main()
