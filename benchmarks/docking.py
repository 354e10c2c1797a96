"""Docking: does this engine land on the figures of an independent prototype of the same specification?

`prototype.csv` holds the prototype's per-seed means of steps 100-119 at eight settings. For every setting, layer and
measure the difference of means is divided by its standard error; the prototype against itself on other seeds has 86 to
96 % within two and nothing beyond 3.6.

    python benchmarks/docking.py [SEEDS] [FIRST] [--quick]
"""

import argparse
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

import stackrace

BUILT_TO_MATCH = ["hhi", "lerner", "units"]
MEASURES = [*BUILT_TO_MATCH, "in_house_share"]
COMMODITY = {
    "*.switching_cost": 0.02,
    "*.taste": 0.1,
    "*.imitation": 0.4,
    "*.innovation": 0.01,
    "*.learning": 0.02,
    "*.fixed_cost": 0.3,
    "*.escalation": 0.0,
    "*.network_effect": 0.0,
    "*.flywheel": 0.0,
    "frontier_share": 0.0,
    "quality_ceiling": 0.5,
}
SETTINGS = {
    "default": {},
    "build_off": {"decisions.build": False},
    "ally_off": {"decisions.ally": False},
    "switch_off": {"decisions.switch": False},
    "all_frontier": {"frontier_share": 1.0},
    "no_frontier": {"frontier_share": 0.0},
    "commodity": COMMODITY,
    "consolidation": {"*.escalation": 0.8, "*.learning": 0.25, "*.taste": 0.15},
}


def late_means(job: tuple[str, int]) -> pd.DataFrame:
    """One run's means of steps 100-119 per layer; steps without sales or volume are left out."""
    setting, seed = job
    run = stackrace.simulate("ai-stack", seed=seed, steps=120, set=SETTINGS[setting])
    late = run.measures[run.measures.step >= 100].groupby("layer", sort=False)[MEASURES].mean()
    return late.assign(setting=setting, seed=seed).reset_index()


def standardised(ours: pd.DataFrame, theirs: pd.DataFrame) -> pd.DataFrame:
    """Difference of means over its standard error, per setting, layer and measure."""
    keys = ["setting", "layer"]
    stats = [table.groupby(keys, sort=False)[MEASURES].agg(["mean", "var", "count"]) for table in (theirs, ours)]
    rows = []
    for key in stats[0].index:
        for measure in MEASURES:
            a, b = (table.loc[key, measure] for table in stats)
            error = np.sqrt(a["var"] / a["count"] + b["var"] / b["count"])
            z = (b["mean"] - a["mean"]) / error if error > 0 else 0.0
            rows.append((*key, measure, a["mean"], b["mean"], z))
    return pd.DataFrame(rows, columns=[*keys, "measure", "prototype", "stackrace", "z"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seeds", type=int, nargs="?", default=100)
    parser.add_argument("first", type=int, nargs="?", default=2000)
    parser.add_argument("--quick", action="store_true", help="three seeds: shows that it works, no more")
    given = parser.parse_args()
    seeds, first = 3 if given.quick else given.seeds, given.first
    jobs = [(setting, first + n) for setting in SETTINGS for n in range(seeds)]
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        ours = pd.concat(pool.map(late_means, jobs, chunksize=20))
    table = standardised(ours, pd.read_csv(Path(__file__).with_name("prototype.csv")))
    print(table.pivot_table(index=["setting", "measure"], columns="layer", values="z", sort=False).round(1).to_string())
    z = table[table.measure.isin(BUILT_TO_MATCH)].z.abs()
    near = (z <= 2).mean()
    print(f"\n{len(z)} means, {seeds} seeds from {first}: {near:.1%} within two standard errors, largest {z.max():.2f}")


if __name__ == "__main__":
    main()
