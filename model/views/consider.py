"""Asking one firm what it would decide in the coming step."""

from __future__ import annotations

from ..calendar import quarter_of
from ..errors import InputError
from ..world import World
from . import ally, build, price, switch
from .moment import Moment
from .question import Consideration

DECISIONS = {"switch": switch, "build": build, "ally": ally, "price": price}


class Foresight:
    """The coming step of a market, up to each decision; nothing of it changes the market.

    Made once for a moment of the market, it answers for all firms.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self._moments: dict[str, Moment] = {}

    def moment(self, phase: str) -> Moment:
        """The market right before a phase of the coming step."""
        if phase not in self._moments:
            self._moments[phase] = Moment(self.world, phase)
        return self._moments[phase]

    def consider(self, i: int, decision: str) -> Consideration:
        """What the firm in row i would decide, with its options term by term; raises InputError."""
        if decision not in DECISIONS:
            raise InputError(f"firms do not consider {decision!r}: ask for {', '.join(DECISIONS)}")
        m = self.moment(DECISIONS[decision].PHASE)
        if decision == "ally":
            asked = [*ally.questions(m, i, self.suitors(i))]
        elif decision == "build":  # what to make is decided when suppliers are reviewed
            asked = [*switch.makings(self.moment(switch.PHASE), i), *build.questions(m, i)]
        else:
            asked = [*DECISIONS[decision].questions(m, i)]
        return Consideration(m.name(i), decision, self.when, tuple(asked))

    @property
    def when(self) -> str:
        """The coming step, as a quarter where the stack is dated."""
        start, step = self.world.stack.start, self.world.step
        return f"step {step}" if start is None else quarter_of(step, start)

    def suitors(self, i: int) -> list[int]:
        """Who proposes an alliance to firm i in the coming step: letters that it receives, not what it decides."""
        if not self.world.parameters.market.decisions_ally:
            return []
        return [j for j, whom in enumerate(self.moment("life").firms.suitor) if whom == i]
