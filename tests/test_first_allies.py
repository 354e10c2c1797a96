"""Claims about alliances that a stack starts with: who is tied to whom, and what an exclusive one does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from stackrace.model.advance import advance
from stackrace.model.columns import State, empty_table
from stackrace.model.incumbents import slot_names
from stackrace.model.measures import empty_records
from stackrace.model.settings import ParameterError, resolve
from stackrace.model.stack import Stack
from stackrace.model.start import start

Table = dict[str, Any]
CHIPS = 0


def ally(name: str, **known: Any) -> Table:
    return {"with": name, "source": "a press release", **known}


def market(*allies: Table, **others: Any) -> Stack:
    """Chips and clouds, which have two sources of chips; Alpha, a cloud, has the given allies."""
    firms: Table = {
        "Beta": {"home": "chips"},
        "Zeta": {"home": "chips"},
        "Alpha": {"home": "cloud", "allies": list(allies)},
        **others,
    }
    chips = [{"layer": "chips", "weight": 0.5, "passthrough": 0.5, "sources": 2}]
    cloud = [{"layer": "cloud", "weight": 1.0, "passthrough": 1.0}]
    layers = {"chips": {"firms": 8}, "cloud": {"firms": 12, "inputs": chips}, "buyers": {"firms": 90, "inputs": cloud}}
    return Stack.from_dict({"name": "small", "title": "A small stack", "layers": layers, "firms": firms})


def begun(stack: Stack, seed: int = 1, **set: Any) -> State:
    return start(stack, resolve(stack, set), seed)


def allies_of(state: State, slot: int) -> list[int]:
    """Slots that a firm is tied to, in the order of its places."""
    return [each for each in state.ties.ally[slot].tolist() if each >= 0]


BETA, ZETA, ALPHA = 0, 1, 8


def test_slots_are_those_that_the_tests_speak_of() -> None:
    assert slot_names(market()) == {BETA: "Beta", ZETA: "Zeta", ALPHA: "Alpha"}


def test_an_alliance_binds_both_sides() -> None:
    state = begun(market(ally("Zeta")))
    assert allies_of(state, ALPHA) == [ZETA] and allies_of(state, ZETA) == [ALPHA]
    assert allies_of(state, BETA) == []
    assert np.sum(state.ties.ally >= 0) == 2


def test_the_side_and_the_order_in_which_alliances_are_listed_change_nothing() -> None:
    one = begun(market(ally("Beta"), ally("Zeta")))
    turned = begun(market(ally("Zeta"), ally("Beta")))
    elsewhere = begun(market(ally("Zeta"), Beta={"home": "chips", "allies": [ally("Alpha")]}))
    assert one.ties.tobytes() == turned.ties.tobytes() == elsewhere.ties.tobytes()
    assert allies_of(one, ALPHA) == [BETA, ZETA]


def test_a_market_that_forms_no_alliances_starts_without() -> None:
    assert (begun(market(ally("Zeta")), **{"decisions.ally": False}).ties.ally == -1).all()


def test_the_books_know_the_upkeep_from_the_first_step_on() -> None:
    state = begun(market(ally("Zeta")))
    advance(state, *empty_records(1, 3), empty_table("market", 1))
    assert state.market.ledger_upkeep[0] == pytest.approx(2 * state.market.alliance_upkeep[0])


def test_an_exclusive_ally_supplies_all_that_it_sells_and_the_firm_buys() -> None:
    suppliers = [begun(market(ally("Zeta", exclusive=True)), seed).links.supplier[:2, ALPHA] for seed in range(8)]
    assert (np.array(suppliers) == ZETA).all()


def test_an_ally_that_is_not_exclusive_may_supply_a_part_or_nothing() -> None:
    suppliers = [begun(market(ally("Zeta")), seed).links.supplier[:2, ALPHA] for seed in range(8)]
    assert not (np.array(suppliers) == ZETA).all()


def test_alliances_survive_the_way_through_plain_tables() -> None:
    stack = market(ally("Zeta", exclusive=True))
    assert Stack.from_dict(stack.as_dict()) == stack
    (alpha,) = (firm for firm in stack.firms if firm.name == "Alpha")
    assert [(tie.ally, tie.source, tie.exclusive) for tie in alpha.allies] == [("Zeta", "a press release", True)]


def test_more_allies_than_there_are_places_are_refused() -> None:
    stack = market(ally("Zeta"), ally("Beta"))
    with pytest.raises(ParameterError, match=r"^max_allies must be 2 or more, not 1: Alpha has so many allies"):
        resolve(stack, {"max_allies": 1})
    resolve(stack, {"max_allies": 1, "decisions.ally": False})
