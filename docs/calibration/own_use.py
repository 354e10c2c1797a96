"""What if some enterprises began with an application of their own, as the survey says that they have?

Buyers start without cash and set 2 % of their spending aside, which does not pay for a unit within two years: nobody
makes applications for itself. Here a quarter of the enterprises are given one before the first step, as good as the
one that they would otherwise buy. Printed: medians over draws of the calibrated set of the share made in-house.

    python docs/calibration/own_use.py [--share .24] [--draws 40]
"""

import argparse
from functools import cached_property

import numpy as np

from stackrace.experiments.calibration.forecast import Draws, shipped_set
from stackrace.experiments.calibration.particles import read_particles
from stackrace.experiments.calibration.setup import read_calibration
from stackrace.experiments.calibration.trial import Markets
from stackrace.model.incumbents import give_own_standing
from stackrace.model.measures import COLUMNS
from stackrace.model.world import World

LAYER, BUYERS = "application", "enterprise"
STEPS = 20
SHOWN = (0, 3, 7, 11, 19)


class WithOwn(Markets):
    """Markets in which some enterprises start with an application of their own."""

    share = 0.0

    def drawn_up(self, seed: int) -> World:
        """The market of a seed before its first step."""
        world = super().drawn_up(seed)
        offered = world.copy()
        offered.advance(1)
        enterprises = np.flatnonzero(world.state.firms.home == self.stack.names.index(BUYERS))
        chosen = np.random.default_rng(seed).permutation(enterprises)[: round(self.share * len(enterprises))]
        for row in chosen:
            self.give_own(world, offered, int(row))
        return world

    def give_own(self, world: World, offered: World, row: int) -> None:
        """A unit like that of the firm's supplier, with the same inputs and room for all its demand."""
        state, k = world.state, self.stack.names.index(LAYER)
        (e,) = np.flatnonzero(state.edges.consumer == state.firms.home[row])
        former = state.links.supplier[e, row]
        state.operates[k, row] = True
        state.units[k, row] = state.units[k, former]
        state.units[k, row].open = False
        state.units[k, row].capacity = state.market[0].capacity_slack * state.firms.demand[row]
        inputs = state.edges.consumer == k
        state.links[inputs, row] = state.links[inputs, former]
        state.links.supplier[e, row] = row
        state.links.outside_price[e, row] = offered.state.units.price[k, former]
        give_own_standing(state, {str(row): row})


class DrawsWithOwn(Draws):
    """Draws from such markets."""

    share = 0.0

    @cached_property
    def markets(self) -> Markets:
        """Where they start."""
        made = WithOwn(self.wanted.stack, self.wanted.table.set)
        made.share = self.share
        return made


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", type=float, default=0.24)
    parser.add_argument("--draws", type=int, default=40)
    asked = parser.parse_args()
    wanted, particles = read_calibration("ai-2025"), read_particles(shipped_set("ai-2025"))
    layer, column = wanted.stack.names.index(LAYER), COLUMNS.index("in_house_share")
    for share in (0.0, asked.share):
        draws = DrawsWithOwn(wanted, particles, STEPS, asked.draws)
        draws.share = share
        medians = np.median(draws.records(())[:, SHOWN, layer, column], axis=0)
        told = ", ".join(f"step {step}: {value:.2f}" for step, value in zip(SHOWN, medians, strict=True))
        print(f"{share:.0%} of enterprises with one of their own: {told}")


if __name__ == "__main__":
    main()
