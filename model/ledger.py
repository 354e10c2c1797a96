"""The books of the whole market: where firms' cash comes from and where it goes."""

from __future__ import annotations

from typing import Annotated

from .schema import Column

C = Column


class Ledger:
    """The step's money, one row: the first four accounts are sources of firms' cash, the others sinks."""

    ledger_sales: Annotated[float, C("margins received from others", "money", "settle")]
    ledger_budgets: Annotated[float, C("set aside by buyers out of their spending", "money", "settle")]
    ledger_investors: Annotated[float, C("put into rescued and new firms", "money", "life")]
    ledger_creditors: Annotated[float, C("debts of failed firms that nobody takes over", "money", "life")]
    ledger_fixed: Annotated[float, C("cost of being in the layer", "money", "settle")]
    ledger_research: Annotated[float, C("research", "money", "settle")]
    ledger_capex: Annotated[float, C("capacity", "money", "settle")]
    ledger_building: Annotated[float, C("new units", "money", "build")]
    ledger_upkeep: Annotated[float, C("alliances", "money", "settle")]


SOURCES = ("ledger_sales", "ledger_budgets", "ledger_investors", "ledger_creditors")
SINKS = ("ledger_fixed", "ledger_research", "ledger_capex", "ledger_building", "ledger_upkeep")
