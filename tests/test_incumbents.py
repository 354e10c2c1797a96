"""Claims about firms known by name: where they are, what they have, and who buys from them at the start."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stackrace.model import start as start_module
from stackrace.model.columns import State
from stackrace.model.first_links import assign_links, buyers_wants, flow_down
from stackrace.model.incumbents import place_incumbents, slot_names
from stackrace.model.settings import ParameterError, resolve
from stackrace.model.stack import read_stack

from .named import CHIPS, CLOUD, FIRMS, begun, market, shares, step, unit


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


def test_a_layer_starts_with_its_own_markup() -> None:
    state = begun(market({}, initial_markup=0.9))
    assert (state.units.markup[CLOUD, 8:20] == 0.9).all()
    assert (state.units.markup[CHIPS, :8] == 0.3).all()


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
