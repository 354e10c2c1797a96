"""A step of the market, and many."""

from ..agents.rule import rule
from .measures import measure
from .phases.ally import ally
from .phases.build import build
from .phases.innovate import innovate
from .phases.life import life
from .phases.offer import offer
from .phases.price import price
from .phases.settle import settle
from .phases.source import source
from .phases.trade import trade


@rule
def advance(state, parameters, record, ledger):
    """Run one step for every row of `record`, shape (steps, layers, measures), and `ledger`, (steps, accounts)."""
    for n in range(record.shape[0]):
        clear_tallies(state.tallies)
        offer(state, parameters)
        trade(state, parameters)
        settle(state, parameters)
        innovate(state, parameters)
        source(state, parameters)
        price(state, parameters)
        build(state, parameters)
        ally(state, parameters)
        life(state, parameters)
        measure(state, record[n])
        ledger[n] = state.tallies.accounts
        state.clock[0] += 1


@rule
def clear_tallies(tallies):
    """Start the step's counts and accounts at zero."""
    for column in tallies:
        column[:] = 0.0
