"""What if clouds knew from the start what their own chips save them?

What a firm makes for itself counts at the best outside price that it has seen at a review, and at nothing before
that: so the chip units of clouds in ai-2025 start in the red, and many close in the ninth quarter. Here that price is
written into the markets before their first step, as the largest seller's list price: an experiment on a smallest
change of the model. Printed: medians over draws of the calibrated set, of the share of compute made in-house and of
the leader's share.

    python docs/calibration/own_chips.py [--draws 40]
"""

import argparse
from functools import cached_property

import numpy as np

from stackrace.experiments.calibration.forecast import Draws, shipped_set
from stackrace.experiments.calibration.particles import read_particles
from stackrace.experiments.calibration.setup import read_calibration
from stackrace.experiments.calibration.trial import Markets
from stackrace.model.measures import COLUMNS
from stackrace.model.world import World

STEPS = 20
SHOWN = (0, 8, 9, 19)


class Knowing(Markets):
    """Markets whose firms have seen an outside price of all that they make for themselves."""

    def drawn_up(self, seed: int) -> World:
        """The market of a seed before its first step."""
        world = super().drawn_up(seed)
        offered = world.copy()
        offered.advance(1)
        state, units = world.state, offered.state.units
        everyone = np.arange(state.operates.shape[1])
        for e, edge in enumerate(state.edges):
            own = (state.links["supplier"][e] == everyone) & state.operates[edge.consumer]
            largest = int(np.argmax(units["external_volume"][edge.input]))
            state.links["outside_price"][e, own] = units["price"][edge.input, largest]
        return world


class KnowingDraws(Draws):
    """Draws from such markets."""

    @cached_property
    def markets(self) -> Markets:
        """Where they start."""
        return Knowing(self.wanted.stack, self.wanted.table.set)


def main() -> None:
    """Run both and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=40)
    asked = parser.parse_args()
    wanted, particles = read_calibration("ai-2025"), read_particles(shipped_set("ai-2025"))
    compute = wanted.stack.names.index("compute")
    for label, kind in (("as it is", Draws), ("outside price known", KnowingDraws)):
        record = kind(wanted, particles, STEPS, asked.draws).records(())[:, :, compute]
        for name in ("in_house_share", "cr1"):
            medians = np.median(record[:, list(SHOWN), COLUMNS.index(name)], axis=0)
            told = ", ".join(f"step {step}: {value:.2f}" for step, value in zip(SHOWN, medians, strict=True))
            print(f"{label}, {name}: {told}")


if __name__ == "__main__":
    main()
