"""A step of the market, and many."""

import numpy as np

from ..agents.address import address_of, compile_for, enter
from ..agents.first_run import helped_by
from ..agents.rule import rule
from .columns import State, Table, empty_table
from .measures import empty_records
from .measures.dependence import trace
from .measures.measure import measure
from .parameters import Integers
from .phases.ally import ally
from .phases.build import build
from .phases.innovate import innovate
from .phases.life import life
from .phases.offer import offer
from .phases.outside import move_on
from .phases.price import price
from .phases.settle import settle
from .phases.source import source
from .phases.trade import trade
from .start import smallest_state

PHASES = {
    "offer": offer,
    "trade": trade,
    "trace": trace,
    "settle": settle,
    "innovate": innovate,
    "source": source,
    "price": price,
    "build": build,
    "ally": ally,
    "life": life,
}
"""A step, in order; after the last one it is measured."""


def advance(state: State, record: Table, overall: Table, ledgers: Table) -> None:
    """Run one step for every row of `record`, shape (steps, layers), `overall` and `ledgers`, both (steps,)."""
    take_steps(state, addresses(state), record, overall, ledgers)


def lead_up(state: State, phase: str) -> None:
    """Take a market into its next step, right before a phase."""
    if not state.market[0].begun:
        begin(state)
    pass_through(state, addresses(state)[: list(PHASES).index(phase)])


_addresses: list[Integers] = []


def addresses(state: State) -> Integers:
    """Where the compiled phases stand, in order; all markets are of one type, so that it is found out once."""
    if not _addresses:
        with helped_by("from stackrace.model.advance import compile_theirs; compile_theirs()"):
            compile_for(take_steps, state, np.zeros(1, dtype=np.int64), *empty_records(1, 1), empty_table("market", 1))
            for name in PHASES.keys() - THEIRS:
                address_of(PHASES[name], state)
        _addresses.append(np.array([address_of(phase, state) for phase in PHASES.values()], dtype=np.int64))
    return _addresses[0]


THEIRS = frozenset({"ally", "build", "life", "trace", "innovate", "price"})
"""Phases that take about as long to compile as all the rest: at the very first run a second process does it."""


def compile_theirs() -> None:
    """Compile `THEIRS`."""
    for name in THEIRS:
        address_of(PHASES[name], smallest_state())


@rule
def take_steps(state: State, phases: Integers, record: Table, overall: Table, ledgers: Table) -> None:
    """Steps of all phases, each measured at its end."""
    for n in range(record.shape[0]):
        if not state.market[0].begun:
            begin(state)
        pass_through(state, phases)
        measure(state, record[n], overall[n])
        ledgers[n] = state.market[0]
        move_on(state)
        state.market[0].step += 1
        state.market[0].begun = False


@rule
def pass_through(state: State, phases: Integers) -> None:
    """Enter some phases in order."""
    for phase in phases:
        enter(phase, state)


@rule
def begin(state: State) -> None:
    """Start the step's counts and accounts at zero; interventions that act before the first phase do it themselves."""
    state.market[0].begun = True
    for layer in state.layers:
        layer.entered = layer.failed = layer.acquired = layer.built = layer.closed = layer.lost = layer.switched = 0
        layer.unserved = 0.0
    market = state.market[0]
    market.ledger_sales = market.ledger_budgets = market.ledger_investors = market.ledger_creditors = 0.0
    market.ledger_fixed = market.ledger_research = market.ledger_capex = 0.0
    market.ledger_building = market.ledger_upkeep = 0.0
