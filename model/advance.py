"""A step of the market, and many."""

from ..agents.rule import rule
from .columns import State, Table
from .measures.dependence import trace
from .measures.measure import measure
from .phases.ally import ally
from .phases.build import build
from .phases.innovate import innovate
from .phases.life import life
from .phases.offer import offer
from .phases.price import price
from .phases.settle import settle
from .phases.source import source
from .phases.trade import trade

PHASES = ("offer", "trade", "settle", "innovate", "source", "price", "build", "ally", "life")
OFFER, TRADE, SETTLE, INNOVATE, SOURCE, PRICE, BUILD, ALLY, LIFE = range(len(PHASES))
END = len(PHASES)


@rule
def advance(state: State, record: Table, overall: Table, ledgers: Table) -> None:
    """Run one step for every row of `record`, shape (steps, layers), `overall` and `ledgers`, both (steps,)."""
    for n in range(record.shape[0]):
        lead_up(state, END)
        measure(state, record[n], overall[n])
        ledgers[n] = state.market[0]
        state.market[0].step += 1
        state.market[0].begun = False


@rule
def lead_up(state: State, end: int) -> None:
    """Take a market into its next step, through all phases before number `end` of `PHASES`."""
    if not state.market[0].begun:
        begin(state)
    for phase in range(end):
        if phase == OFFER:
            offer(state)
        elif phase == TRADE:
            trade(state)
            trace(state)
        elif phase == SETTLE:
            settle(state)
        elif phase == INNOVATE:
            innovate(state)
        elif phase == SOURCE:
            source(state)
        elif phase == PRICE:
            price(state)
        elif phase == BUILD:
            build(state)
        elif phase == ALLY:
            ally(state)
        elif phase == LIFE:
            life(state)


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
