"""Claims about firms known by name: where they are, what they have, and who buys from them at the start."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from stackrace.model import start as start_module
from stackrace.model.advance import advance
from stackrace.model.columns import State, empty_table
from stackrace.model.first_links import assign_links, buyers_wants, flow_down, quotes
from stackrace.model.incumbents import place_incumbents, slot_names
from stackrace.model.measures import empty_records
from stackrace.model.settings import ParameterError, resolve
from stackrace.model.stack import Stack, read_stack
from stackrace.model.start import start

Table = dict[str, Any]
CHIPS, CLOUD = 0, 1


def unit(layer: str, **known: Any) -> Table:
    return {"layer": layer, "source": "a report", **known}


def link(layer: str, bought: str, by: str) -> Table:
    return {"layer": layer, "input": bought, "by": by, "source": "a filing"}


FIRMS: Table = {
    "Zeta": {"home": "chips", "units": [unit("chips", share=0.6, capability=0.3)]},
    "Beta": {"home": "chips", "units": [unit("chips", share=0.1)]},
    "Alpha": {
        "home": "cloud",
        "units": [unit("cloud", share=0.3, open=True), unit("chips", share=0.2)],
        "links": [link("cloud", "chips", "Alpha"), link("cloud", "chips", "Zeta")],
    },
}


def market(named: Table = FIRMS, **cloud: Any) -> Stack:
    """Chips, cloud (which has two sources of chips) and buyers."""
    return Stack.from_dict(
        {
            "name": "small",
            "title": "A small stack",
            "layers": {
                "chips": {"firms": 8},
                "cloud": {
                    "firms": 12,
                    "openable": True,
                    "inputs": [{"layer": "chips", "weight": 0.5, "passthrough": 0.5, "sources": 2}],
                    **cloud,
                },
                "buyers": {"firms": 150, "inputs": [{"layer": "cloud", "weight": 1.0, "passthrough": 1.0}]},
            },
            "firms": named,
        }
    )


def begun(stack: Stack, seed: int = 1) -> State:
    return start(stack, resolve(stack), seed)


def step(state: State) -> None:
    """One step of the market."""
    advance(state, *empty_records(1, len(state.operates)), empty_table("market", 1))


def shares(state: State) -> NDArray[np.float64]:
    """Share of each unit in its layer's volume, (K, N)."""
    volumes = state.units.volume * state.traded
    return volumes / volumes.sum(axis=1, keepdims=True)


def tables(state: State) -> dict[str, bytes]:
    """All of a state, to be compared bit for bit."""
    return {name: np.ascontiguousarray(table).tobytes() for name, table in state._asdict().items()}


# Where they are


def test_named_firms_take_the_first_slots_of_their_home_layer_by_name() -> None:
    assert slot_names(market()) == {0: "Beta", 1: "Zeta", 8: "Alpha"}


def test_slots_follow_the_numbers_of_firms_in_force() -> None:
    stack = market()
    assert slot_names(stack, resolve(stack, {"chips.firms": 20})) == {0: "Beta", 1: "Zeta", 20: "Alpha"}


def test_the_order_in_which_a_file_lists_firms_changes_nothing() -> None:
    turned = market(dict(reversed(FIRMS.items())))
    assert slot_names(turned) == slot_names(market())
    assert tables(begun(turned)) == tables(begun(market()))


def test_a_stack_without_named_firms_starts_as_if_there_were_none_to_place(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = tables(begun(read_stack("ai-stack")))
    monkeypatch.setattr(start_module, "place_incumbents", None)
    assert tables(begun(read_stack("ai-stack"))) == expected


def test_links_that_no_name_has_a_part_in_stay_as_they_were_drawn() -> None:
    stack = read_stack("ai-stack")
    state = begun(stack)
    expected = tables(state)
    assign_links(state, stack, {}, buyers_wants(state))
    assert tables(state) == expected


def test_the_order_of_rows_does_not_matter() -> None:
    stack = market()
    expected, turned = begun(replace(stack, firms=())), begun(replace(stack, firms=()))
    rows = np.random.default_rng(5).permutation(len(turned.firms))  # new row -> old row
    new = np.argsort(rows)
    turned.firms[:] = expected.firms[rows]
    turned.firms.row_of_slot[:] = new
    turned.units[:], turned.operates[:] = expected.units[:, rows], expected.operates[:, rows]
    turned.links[:] = expected.links[:, rows]
    turned.links.supplier[:] = np.where(turned.links.supplier >= 0, new[turned.links.supplier], -1)
    place_incumbents(expected, stack)
    place_incumbents(turned, stack)
    again = turned.links.supplier[:, new]
    assert (np.where(again >= 0, rows[again], -1) == expected.links.supplier).all()
    assert (turned.operates[:, new] == expected.operates).all()
    for column in ("capability", "capacity", "markup", "open"):
        np.testing.assert_allclose(turned.units[column][:, new], expected.units[column], rtol=1e-12)
    np.testing.assert_allclose(turned.firms.cash[new], expected.firms.cash, rtol=1e-12)


# What they have


def test_units_are_as_the_stack_says() -> None:
    state = begun(market())
    beta, zeta, alpha = 0, 1, 8
    assert state.operates[:, alpha].tolist() == [True, True, False]
    assert state.operates[:, zeta].tolist() == [True, False, False]
    assert state.units.capability[CHIPS, zeta] == 0.3 != state.units.capability[CHIPS, beta]
    assert state.units.open[CLOUD, alpha] and not state.units.open[CHIPS].any()


def test_a_firm_of_unknown_capability_is_as_capable_off_home_as_at_home() -> None:
    state = begun(market())
    assert state.units.capability[CHIPS, 8] == state.units.capability[CLOUD, 8] > 0


def test_named_firms_charge_the_going_price_so_that_own_inputs_are_a_margin_and_no_discount() -> None:
    for seed in range(5):
        state = begun(market(), seed)
        cost, price, _ = quotes(state)
        for k, rows in ((CHIPS, [0, 1, 8]), (CLOUD, [8])):
            here = np.flatnonzero(state.operates[k])
            latent = cost[k, rows] * (1.0 + state.units.markup[k, rows])  # an open unit's too
            others = np.setdiff1d(here, rows)
            assert latent == pytest.approx(np.maximum(np.median(price[k, others]), cost[k, rows]), rel=0.05)
        assert cost[CLOUD, 8] < np.median(cost[CLOUD, 9:20])
        assert state.units.markup[CLOUD, 8] > state.layers.initial_markup[CLOUD]


def test_a_layer_starts_with_its_own_markup() -> None:
    state = begun(market({}, initial_markup=0.9))
    assert (state.units.markup[CLOUD, 8:20] == 0.9).all()
    assert (state.units.markup[CHIPS, :8] == 0.3).all()


def test_what_a_firm_makes_for_itself_it_can_compare_with_a_price_from_the_start() -> None:
    state = begun(market())
    _, price, _ = quotes(state)
    own, bought = state.links.outside_price[:2, 8]
    assert own == price[CHIPS, 1]  # that of Zeta, which sells most
    assert np.isnan(bought)


# What clients think of them


def test_standing_is_the_log_of_a_share_over_that_of_the_others() -> None:
    state = begun(market())
    standing = state.units.standing
    beta, zeta, alpha = standing[CHIPS, [0, 1, 8]]
    assert zeta - beta == pytest.approx(np.log(0.6 / 0.1)) and alpha - beta == pytest.approx(np.log(2))
    assert beta == pytest.approx(np.log(0.1 / (1 / 24)))  # the rest of .1, shared by 6, is less than a client's 1/24
    assert standing[CLOUD, 8] == pytest.approx(np.log(0.3 / (0.7 / 11)))
    assert np.count_nonzero(standing) == 4


def test_standing_keeps_shares_that_would_be_lost_without_it() -> None:
    stack = market(review=0.5)
    left = {}
    for weight in (0.0, 1.0):
        found = []
        for seed in range(10):
            state = start(stack, resolve(stack, {"*.standing": weight, "entry_rate": 0.0}), seed)
            for _ in range(12):
                step(state)
            found.append(shares(state)[CHIPS, 1])
        left[weight] = np.mean(found)
    assert left[1.0] > left[0.0] + 0.1


def test_standing_goes_with_the_unit_that_has_it_and_newcomers_have_none() -> None:
    stack, lost = market(), 0
    for seed in range(10):
        state = start(stack, resolve(stack, {"start_cash": 3.0, "funding": 0.0}), seed)
        at_first = state.units.standing.copy()
        for _ in range(30):
            step(state)
        held = state.units.standing != 0.0
        assert state.operates[held].all()
        assert set(state.units.standing[held]) <= set(at_first[at_first != 0.0])
        entered = state.firms.birth > 0
        assert not (held[CHIPS, :8] & entered[:8] & (at_first[CHIPS, :8] == 0.0)).any()
        lost += np.count_nonzero(at_first) - np.count_nonzero(held)
    assert lost > 0


def test_an_open_unit_in_a_layer_that_cannot_be_opened_is_refused() -> None:
    with pytest.raises(ValueError, match=r"firms\.Alpha\.units\[0\]\.open must be false: units of 'cloud' cannot"):
        market(openable=False)
    with pytest.raises(ParameterError, match=r"unless cloud\.openable is true"):
        resolve(market(), {"cloud.openable": False})


def test_nobody_is_congested_or_fails_in_the_first_step() -> None:
    for seed in range(5):
        state = begun(market(), seed)
        before = state.units.capacity.copy()
        step(state)
        for slot in slot_names(market()):
            assert state.firms.alive[slot] and state.firms.birth[slot] == 0
            here = state.operates[:, slot]
            assert (state.units.volume[here, slot] <= before[here, slot]).all()


def test_cash_grows_with_what_a_firm_sells() -> None:
    state = begun(market())
    beta, zeta = state.firms.cash[:2]
    assert zeta > 2 * beta > 0
    ordinary = state.market.start_cash[0] * (state.layers.fixed_cost[CHIPS] + 0.2)
    assert beta > ordinary


# Who buys from them


def test_each_given_share_is_met_within_two_points_on_average_at_the_first_step() -> None:
    found = []
    for seed in range(30):
        state = begun(market(), seed)
        step(state)
        found.append(shares(state)[[CHIPS, CHIPS, CHIPS, CLOUD], [1, 0, 8, 8]])
    assert np.mean(found, axis=0) == pytest.approx([0.6, 0.1, 0.2, 0.3], abs=0.02)


def test_the_volumes_that_links_are_assigned_for_are_those_of_the_first_step() -> None:
    state = begun(market())
    expected = flow_down(state, buyers_wants(state))
    step(state)
    np.testing.assert_allclose(state.units.volume * state.traded, expected, rtol=1e-9)


def test_known_links_hold() -> None:
    for seed in range(5):
        state = begun(market(), seed)
        assert state.links.supplier[:2, 8].tolist() == [8, 1]


def test_buyers_that_have_not_adopted_are_drawn_by_the_same_shares() -> None:
    chosen = []
    for seed in range(30):
        state = begun(market(), seed)
        idle = (state.firms.home == 2) & ~state.firms.active
        chosen.append(np.mean(state.links.supplier[2, idle] == 8))
    assert np.mean(chosen) == pytest.approx(0.3, abs=0.03)


def test_the_rest_of_a_layer_is_shared_evenly() -> None:
    found = np.zeros(12)
    for seed in range(60):
        state = begun(market(), seed)
        step(state)
        found += shares(state)[CLOUD, 8:20] / 60
    assert found[1:] == pytest.approx(np.full(11, 0.7 / 11), abs=0.025)


def test_when_every_firm_is_named_they_have_it_all_in_the_proportions_given() -> None:
    names = {
        f"Firm {n}": {"home": "cloud", "units": [unit("cloud", share=share)]} for n, share in enumerate((0.4, 0.2))
    }
    state = begun(market(names, firms=2))
    step(state)
    assert shares(state)[CLOUD, 8:10] == pytest.approx([2 / 3, 1 / 3], abs=0.02)


def test_a_named_firm_of_unknown_share_is_served_like_the_anonymous_ones() -> None:
    stack = market({"Alpha": {"home": "cloud", "units": [unit("cloud")]}})
    found = []
    for seed in range(60):
        state = begun(stack, seed)
        step(state)
        found.append(shares(state)[CLOUD, 8])
    assert np.mean(found) == pytest.approx(1 / 12, abs=0.025)
