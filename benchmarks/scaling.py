"""What a firm-step costs as the market grows from a thousand to a million firms, and what two threads gain on it.

Every size has a process of its own, so that its peak memory is its own. The cost per firm and step is that of the whole
run of 40 steps after the start, measures included; at small sizes the median of several runs.

Threads take the same step of the same market again and again, in turns; the shortest time of each counts, and
afterwards every column must be equal in every bit.

    python benchmarks/scaling.py [--firms 1000 10000 100000 1000000] [--steps 40] [--shared 100000] [--quick]
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
from statistics import median
from time import perf_counter

import pandas as pd
from conditions import STACK, differing, machine, restore, scaled, seconds

from stackrace.agents.team import Team
from stackrace.model.advance import PHASES, addresses, lead_up, pass_through, take_steps
from stackrace.model.columns import State, empty_table
from stackrace.model.measures import empty_records
from stackrace.model.stack import read_stack
from stackrace.model.world import opened, with_scratch

ENOUGH = 200_000
"""Firms that are looked at before a size is left: 20 runs of 10,000."""
BASE = 10_000
"""Firms of the market that the largest one is held against."""
MIB = 2**20
UNIT_OF_PEAK = 1 if sys.platform == "darwin" else 1024


def peak() -> float:
    """Peak memory of this process so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT_OF_PEAK / MIB


def measured(firms: int, steps: int) -> dict[str, float]:
    """Time to start, cost of a firm-step and memory, in this process."""
    stack, settings = read_stack(STACK), scaled(firms)
    opened(stack, 1).advance(2)  # compiles, or reads what was compiled before
    before, starts, costs = peak(), [], []
    for seed in range(max(1, ENOUGH // firms)):
        begun = perf_counter()
        world = opened(stack, seed, settings)
        starts.append(perf_counter() - begun)
        begun = perf_counter()
        world.advance(steps)
        costs.append((perf_counter() - begun) / steps)
    count = len(world.state.firms)
    return {
        "firms": count,
        "runs": len(costs),
        "start s": median(starts),
        "step ms": median(costs) * 1e3,
        "ns per firm-step": median(costs) / count * 1e9,
        "tables MiB": sum(table.nbytes for table in world.state) / MIB,
        "peak MiB": peak(),
        "peak before": before,
    }


def one_step(state: State, team: Team) -> dict[str, float]:
    """Seconds that sourcing and a whole step of a large market take."""
    phases, number = addresses(state), list(PHASES).index("source")
    records = *empty_records(1, state.operates.shape[0]), empty_table("market", 1)
    state.market.team = team.address
    before = seconds(team.lead, lead_up, state, "source")
    sourcing = seconds(team.lead, pass_through, state, phases[number : number + 1])
    after = seconds(team.lead, pass_through, state, phases[number + 1 :])
    measuring = seconds(team.lead, take_steps, state, phases[:0], *records)
    return {"sourcing": sourcing, "step": before + sourcing + after + measuring}


def shared_out(firms: int, steps: int, repeats: int, threads: int) -> pd.DataFrame:
    """Shortest times of one thread and of several, ratios, and columns that differ."""
    world = opened(read_stack(STACK), 1, scaled(firms))
    world.advance(steps)
    kept = with_scratch(world.state, threads)
    teams = {count: Team(count) for count in (1, threads)}
    states = {count: State._make(table.copy() for table in kept) for count in teams}
    took: dict[int, list[dict[str, float]]] = {count: [] for count in teams}
    for n in range(repeats):
        for count in list(teams)[:: 1 if n % 2 else -1]:
            restore(states[count], kept)
            took[count].append(one_step(states[count], teams[count]))
    table = pd.DataFrame({f"threads={count}, ms": pd.DataFrame(took[count]).min() * 1e3 for count in teams})
    table["ratio"] = table.iloc[:, 0] / table.iloc[:, 1]
    return table.assign(differing=differing(*states.values(), "candidates", "market.team"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--firms", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--shared", type=int, default=100_000, help="firms of the market that threads share")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=30)
    parser.add_argument("--quick", action="store_true", help="two small sizes, few steps: shows that it works, no more")
    parser.add_argument("--here", action="store_true", help="measure one size in this process and print it as JSON")
    given = parser.parse_args()
    sizes, steps = (given.firms[:2], 4) if given.quick else (given.firms, given.steps)
    shared, repeats = (sizes[0], 3) if given.quick else (given.shared, given.repeats)
    if given.here:
        print(json.dumps(measured(given.firms[0], given.steps)))
        return
    print(machine(), end="\n\n")
    rows = []
    for firms in sizes:
        command = [sys.executable, __file__, "--here", "--firms", str(firms), "--steps", str(steps)]
        rows.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    table = pd.DataFrame(rows)
    print(f"{steps} steps at every size")
    print(table.round({"start s": 3, "step ms": 2}).round(dict.fromkeys(list(table)[4:], 1)).to_string(index=False))
    costs = dict(zip(sizes, table["ns per firm-step"], strict=True))
    base = BASE if BASE in costs else sizes[0]
    print(f"\na firm-step at {sizes[-1]:,} firms costs {costs[sizes[-1]] / costs[base]:.2f} times one at {base:,}")

    table = shared_out(shared, steps, repeats, given.threads)
    print(f"\none step of {shared:,} firms, shortest of {repeats}")
    print(table.round(2).to_string())
    if (table.differing != "none").any():
        raise SystemExit("the number of threads shows in the results")


if __name__ == "__main__":
    main()
