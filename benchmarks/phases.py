"""Where the time of a step goes: every phase, entered alone step after step, less what an empty call costs.

python benchmarks/phases.py [--firms 552 10000] [--steps 60] [--quick]
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from statistics import mean, median
from time import perf_counter

import pandas as pd
from conditions import STACK, machine, scaled

from stackrace.model.advance import PHASES, addresses, lead_up, pass_through, take_steps
from stackrace.model.columns import empty_table
from stackrace.model.measures import empty_records
from stackrace.model.stack import read_stack
from stackrace.model.world import opened


def times(firms: int, steps: int, seed: int) -> pd.Series:
    """Mean time of every phase, in ns per firm and step."""
    state = opened(read_stack(STACK), seed, scaled(firms)).state
    phases, record, overall = addresses(state), *empty_records(1, state.operates.shape[0])
    ledgers, took = empty_table("market", 1), defaultdict(list)
    for _ in range(steps):
        lead_up(state, "offer")
        for _ in range(5):
            begun = perf_counter()
            pass_through(state, phases[:0])
            took["a call"].append(perf_counter() - begun)
        for n, name in enumerate(PHASES):
            begun = perf_counter()
            pass_through(state, phases[n : n + 1])
            took[name].append(perf_counter() - begun)
        begun = perf_counter()
        take_steps(state, phases[:0], record, overall, ledgers)  # all that is left of the step
        took["measure"].append(perf_counter() - begun)
    call = median(took.pop("a call"))
    return pd.Series({name: (mean(each) - call) / len(state.firms) * 1e9 for name, each in took.items()})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--firms", type=int, nargs="+", default=[552, 10_000])
    parser.add_argument("--steps", type=int, default=120)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--quick", action="store_true", help="one short run: shows that it works, no more")
    given = parser.parse_args()
    runs, steps = (1, 5) if given.quick else (given.runs, given.steps)
    print(machine(), end="\n\n")
    times(given.firms[0], 2, 0)  # compiles, or reads what was compiled before
    table = pd.DataFrame()
    for firms in given.firms:
        found = pd.concat([times(firms, steps, seed) for seed in range(runs)], axis=1).median(axis=1)
        table[f"{firms:,} firms"] = found = pd.concat([found, pd.Series({"all": found.sum()})])
        table[f"%, {firms:,}"] = 100.0 * found / found["all"]
    print(f"ns per firm and step, {steps} steps")
    print(table.round(1).to_string())


if __name__ == "__main__":
    main()
