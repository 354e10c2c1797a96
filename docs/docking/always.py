"""What if firms always wished to make their components? `python docs/docking/always.py [SEEDS]` tells.

A build rule of our own in the place of `gain_of_building`, which then compares with nobody. How often units are built,
and which share of mainframes integrated producers make in steps 100 to 119, means over seeds.
"""

from __future__ import annotations

import sys

import numpy as np

from stackrace.agents.build import BuildView, gain_of_building
from stackrace.experiments.claims.statistics import Span, integrated
from stackrace.experiments.run import simulate


def always(view: BuildView) -> float:
    """Backward it is always wished for; forward as ever."""
    return 1.0 if view.backward else gain_of_building(view)


def told(name: str, seeds: int, rules: dict[str, object]) -> str:
    """One line of the result."""
    built, shares = [], []
    for seed in range(1, seeds + 1):
        run = simulate(
            "computers", seed=seed, steps=120, interventions="computer-history", rules=rules, events=True,
            firms=["volume", "external_volume"],
        )  # fmt: skip
        built.append(((run.events.kind == "built") & (run.events.layer == "component")).sum())
        shares.append(integrated(run, Span("mainframe", 100, 120), "component"))
    return f"{name}: built {np.mean(built):.1f} times, integrated {np.mean(shares):.2f}"


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    print(told("as it is", count, {}))
    print(told("always", count, {"build": always}))
