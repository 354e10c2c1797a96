"""What if each layer started with the mark-up that its margin of 2025 means?

`initial_markup` is one for all layers, so no calibration brings the margins of ai-2025 apart within two years. Here the
mark-ups are written into the markets before their first step, which no parameter can do, and the same calibration is
made with them: an experiment on the smallest change of the model that would reach those facts.

    python docs/calibration/own_markups.py [--particles 100] [--generations 7] [--out out/own-markups]
"""

import argparse
import time
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from stackrace.experiments.calibration.check import check
from stackrace.experiments.calibration.fit import fit
from stackrace.experiments.calibration.setup import Calibration, read_calibration
from stackrace.experiments.calibration.trial import Markets, Trials
from stackrace.model.world import World


def markups_of(wanted: Calibration) -> dict[str, float]:
    """Layer -> mark-up, from its margin target: mu = L / (1 - L)."""
    margins = {each.layer: each.value / 100 for each in wanted.targets if each.statistic == "lerner level"}
    return {layer: margin / (1 - margin) for layer, margin in margins.items()}


class OwnMarkups(Markets):
    """Markets whose layers start with these mark-ups."""

    def drawn_up(self, seed: int) -> World:
        """The market of a seed before its first step."""
        world = super().drawn_up(seed)
        for layer, markup in markups_of(read_calibration("ai-2025")).items():
            world.state.units["markup"][self.stack.names.index(layer)] = markup
        return world


@dataclass
class Tried(Trials):
    """Trials in such markets."""

    @cached_property
    def markets(self) -> Markets:
        """Where they start."""
        return OwnMarkups(self.wanted.stack, self.wanted.table.set)


def main() -> None:
    """Calibrate, check and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--particles", type=int, default=100)
    parser.add_argument("--generations", type=int, default=7)
    parser.add_argument("--out", type=Path, default=Path("out/own-markups"))
    asked = parser.parse_args()
    plain = read_calibration("ai-2025")
    smaller = {"particles": asked.particles, "generations": asked.generations}
    wanted = replace(plain, table=plain.table.model_copy(update=smaller))
    trials, began = Tried(wanted), time.perf_counter()

    def told(made: object) -> None:
        print(made, f"{time.perf_counter() - began:.0f} s", flush=True)

    found = check(wanted, fit(wanted, asked.out, trials=trials, told=told), trials=trials)
    columns = ["target", "role", "value", "band_low", "median", "band_high", "inside", "width"]
    print(found.targets[columns].round(2).to_string(index=False))
    print(found.parameters.round(3).to_string(index=False))
    print("\n".join(found.sentences()))


if __name__ == "__main__":
    main()
