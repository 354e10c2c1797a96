"""What can happen to firms, and how a phase writes it down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..agents.rule import part
from .columns import State, empty_table


@dataclass(frozen=True)
class Kind:
    """One kind of event: who does what with whom, and what its gain counts."""

    name: str
    meaning: str
    gain: str


KINDS = (
    Kind("switched", "moves an input from the former supplier to the counterparty", "appeal over the former supplier"),
    Kind(
        "built",
        "founds a unit, to make what the counterparty supplied; without one, in a layer that it sells to",
        "appeal over buying; without a counterparty money, over the planning horizon",
    ),
    Kind("closed", "gives up a unit off its home layer", "the unit's surplus in its last step, money/step"),
    Kind("allied", "forms the alliance that it proposed to the counterparty", "value to the proposer, money/step"),
    Kind(
        "parted",
        "dissolves the alliance with the counterparty, from which it gains least; or the counterparty is gone",
        "value left in it to the firm, money/step; none if the counterparty is gone",
    ),
    Kind("entered", "is founded in a vacant slot", "gain expected from entry over the planning horizon, money"),
    Kind("left", "fails, and nobody takes it over", "its cash: the creditors' loss, money"),
    Kind("acquired", "takes over the counterparty, which failed", "its bid less debt and one step's cost, money"),
    Kind("adopted", "becomes an active buyer", "none"),
)
"""In the order of their numbers."""
SWITCHED, BUILT, CLOSED, ALLIED, PARTED, ENTERED, LEFT, ACQUIRED, ADOPTED = range(len(KINDS))


def most_events(state: State) -> int:
    """How many events one step can bring at most."""
    return int(state.links.size + 2 * state.operates.size + 2 * state.ties.size + 3 * len(state.firms))


def with_room(state: State, events: int) -> State:
    """The same market with room for so many events, none of them noted yet.

    Memory that no event fills is never touched, so that room for the worst case costs nothing.
    """
    state.market.noted = 0
    made = np.empty(events, dtype=empty_table("events", 0).dtype).view(np.recarray)
    return state._replace(events=made)


@part
def note(state: State, kind: int, i: int, j: int, former: int, k: int, volume: float, gain: float) -> None:
    """Write down that row i did something, with row j and away from row `former` (-1: nobody), if that is recorded."""
    noted = state.market[0].noted
    if noted >= state.events.shape[0]:
        return
    event = state.events[noted]
    state.market[0].noted = noted + 1
    event.step, event.kind, event.layer = state.market[0].step, kind, k
    event.volume, event.gain = volume, gain
    event.firm, event.firm_birth = state.firms[i].slot, state.firms[i].birth
    event.counterparty = event.counterparty_birth = event.former = event.former_birth = -1
    if j >= 0:
        event.counterparty, event.counterparty_birth = state.firms[j].slot, state.firms[j].birth
    if former >= 0:
        event.former, event.former_birth = state.firms[former].slot, state.firms[former].birth
