"""stackrace against the same market written the way one writes in Mesa: do they agree, and how much faster is it?

The peer in `mesa_peer/` is a second statement of the model, with agents, objects and links, and shares with stackrace
only the stack and its parameters. Two claims are put to the test:

1. Both are the same market: the means of the last twenty steps have the same distribution over seeds, by layer and
   measure (difference of means in standard errors; p value of the two-sample Kolmogorov-Smirnov test).
2. stackrace runs more firm-steps per second (slots, buyers included, times steps), in alternating runs of both within
   one process, on one thread, without compilation.

    python benchmarks/idiomatic_mesa.py [--seeds 30] [--steps 120] [--firms 552 10000] [--set NAME=VALUE] [--quick]
"""

from __future__ import annotations

import argparse
import gc
from statistics import median
from time import perf_counter

import pandas as pd
from conditions import STACK, machine, scaled
from mesa_peer.market import MEASURES, Market
from scipy.stats import ks_2samp

import stackrace
from stackrace.model.parameters import Value
from stackrace.model.settings import parse_setting
from stackrace.model.stack import read_stack

Settings = dict[str, Value]

LATE = 20
FIRST_SEED = 5000
OURS_PER_PEER = 10
NEAR = 2.0


def peer_run(seed: int, steps: int, settings: Settings) -> pd.DataFrame:
    """The peer's measures of every step and layer."""
    market = Market(STACK, seed=seed, settings=settings)
    gc.freeze()  # firms live long: looking through them for garbage would cost a third of the time at 10,000
    market.run(steps)
    gc.unfreeze()
    market.end()
    return market.datacollector.get_table_dataframe("layers")


def our_run(seed: int, steps: int, settings: Settings) -> pd.DataFrame:
    """The measures of stackrace."""
    return stackrace.simulate(STACK, seed=seed, steps=steps, set=settings).measures


def late_means(measures: pd.DataFrame) -> pd.DataFrame:
    """Means of the last steps per layer; steps without sales or volume are left out."""
    late = measures[measures.step > measures.step.max() - LATE]
    return late.groupby("layer", sort=False)[list(MEASURES)].mean().reset_index()


def agreement(seeds: int, steps: int, settings: Settings) -> pd.DataFrame:
    """Both sides' means per layer and measure, their distance in standard errors, and the p value of the KS test."""
    peers = pd.concat(late_means(peer_run(FIRST_SEED + n, steps, settings)) for n in range(seeds))
    ours = pd.concat(late_means(our_run(FIRST_SEED + n, steps, settings)) for n in range(OURS_PER_PEER * seeds))
    rows = []
    for layer in read_stack(STACK).selling_layers:
        for measure in MEASURES:
            peer, our = (table.loc[table.layer == layer, measure].dropna() for table in (peers, ours))
            error = (peer.var() / len(peer) + our.var() / len(our)) ** 0.5
            apart = (peer.mean() - our.mean()) / error
            rows.append((layer, measure, peer.mean(), our.mean(), apart, ks_2samp(peer, our).pvalue))
    return pd.DataFrame(rows, columns=["layer", "measure", "peer", "stackrace", "z", "ks_p"])


def speed(firms: int, steps: int, pairs: int) -> dict[str, float]:
    """Firm-steps per second of both in alternating runs, set-up included, and their ratio (median of the pairs)."""
    settings = scaled(firms)
    slots = sum(settings.values())
    our_run(0, 2, {})  # compiles, or reads what was compiled before
    rates: dict[str, list[float]] = {"peer": [], "stackrace": []}
    for seed in range(pairs):
        for name, run in (("peer", peer_run), ("stackrace", our_run)):
            gc.collect()
            begun = perf_counter()
            run(seed, steps, settings)
            rates[name].append(slots * steps / (perf_counter() - begun))
    ratios = [ours / peer for ours, peer in zip(rates["stackrace"], rates["peer"], strict=True)]
    return {
        "firms": slots,
        "steps": steps,
        "peer": median(rates["peer"]),
        "stackrace": median(rates["stackrace"]),
        "ratio": median(ratios),
        "lowest": min(ratios),
        "highest": max(ratios),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=30, help="of the peer; stackrace runs ten times as many")
    parser.add_argument("--steps", type=int, default=120)
    parser.add_argument("--firms", type=int, nargs="+", default=[552, 10_000], help="sizes at which speed is measured")
    parser.add_argument("--quick", action="store_true", help="few seeds, few steps: shows that it works, no more")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="compare at other parameters")
    given = parser.parse_args()
    seeds, steps, pairs = (3, 40, 1) if given.quick else (given.seeds, given.steps, 3)
    print(machine("mesa", "networkx"), end="\n\n")

    table = agreement(seeds, steps, dict(parse_setting(text) for text in given.set))
    print(table.round({"peer": 3, "stackrace": 3, "z": 2, "ks_p": 3}).to_string(index=False))
    near, unlike = int((table.z.abs() <= NEAR).sum()), int((table.ks_p < 0.05).sum())
    print(
        f"\n{seeds} seeds against {OURS_PER_PEER * seeds}: {near} of {len(table)} means within {NEAR:g} standard errors"
        f" (largest {table.z.abs().max():.2f}), {unlike} distributions with a KS p value below .05\n"
    )

    speeds = pd.DataFrame([speed(firms, steps, pairs) for firms in given.firms])
    print("firm-steps per second")
    print(speeds.to_string(index=False, float_format=lambda value: f"{value:,.0f}"))


if __name__ == "__main__":
    main()
