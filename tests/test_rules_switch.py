"""Whom to buy from, by hand."""

from __future__ import annotations

from math import exp, isfinite, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackrace.agents import switch
from stackrace.agents.switch import (
    Need,
    Option,
    SwitchView,
    comes_up,
    cost_of_leaving,
    itch_after,
    own_cost,
    weigh,
)

NEED = Need(2.0, 0.5, 1.5, 0.4, 0.25, 1.0)
OPTION = Option(2.0, 4.0, 0.3, 0.5, True, -0.1)
positive = st.floats(0.01, 100.0)
share = st.floats(0.0, 1.0)


def appeal(
    need: Need, option: Option, theta: float = 1.0, beta: float = 2.0, nu: float = 0.2, cost: float = 0.4
) -> float:
    return switch.appeal(SwitchView(need, option, theta, beta, nu, cost))


def test_appeal_term_by_term() -> None:
    # Q' = .5 + .4 * 2 = 1.3, ceiling 1, a quarter frontier; C' = 2 + 1.5 * 4 = 8
    terms = weigh(SwitchView(NEED, OPTION, 1.0, 2.0, 0.2, 0.4))
    assert terms.quality == pytest.approx(0.25 * 1.3 + 0.75 * 1.0)
    assert terms.price == pytest.approx(-2.0 * log(8.0))
    assert terms.taste == 0.3
    assert terms.peers == pytest.approx(0.1)
    assert terms.switching == -0.4
    assert terms.noise == -0.1
    assert appeal(NEED, OPTION) == pytest.approx(1.075 - 2.0 * log(8.0) + 0.3 + 0.1 - 0.4 - 0.1)


def test_staying_costs_no_switching() -> None:
    assert weigh(SwitchView(NEED, OPTION._replace(leaves=False), 1.0, 2.0, 0.2, 0.4)).switching == 0.0


@given(positive, st.floats(1.01, 10.0), positive)
def test_appeal_falls_in_price(paid: float, factor: float, other_cost: float) -> None:
    need = NEED._replace(other_cost=other_cost)
    assert appeal(need, OPTION._replace(paid=paid * factor)) < appeal(need, OPTION._replace(paid=paid))


@given(st.floats(-2.0, 2.0), st.floats(0.0, 2.0), share)
def test_appeal_never_falls_in_quality(quality: float, more: float, frontier: float) -> None:
    need = NEED._replace(frontier_weight=frontier)
    better = appeal(need, OPTION._replace(quality=quality + more))
    assert better >= appeal(need, OPTION._replace(quality=quality)) - 1e-12


def test_beyond_its_ceiling_a_sufficiency_client_does_not_reward_quality() -> None:
    need = NEED._replace(frontier_weight=0.0)
    assert appeal(need, OPTION._replace(quality=5.0)) == appeal(need, OPTION._replace(quality=2.0))


def test_an_input_counts_by_its_share_in_the_products_cost() -> None:
    small, large = NEED._replace(other_cost=100.0), NEED._replace(other_cost=0.0)
    dearer = OPTION._replace(paid=8.0)
    assert appeal(large, OPTION) - appeal(large, dearer) == pytest.approx(2.0 * log(2.0))
    assert appeal(small, OPTION) - appeal(small, dearer) == pytest.approx(2.0 * log(112.0 / 106.0))


def test_a_product_that_costs_nothing_has_a_finite_appeal() -> None:
    assert isfinite(appeal(NEED._replace(other_cost=0.0), OPTION._replace(paid=0.0)))


def test_leaving_costs_nothing_at_first_and_all_of_sigma_in_the_end() -> None:
    assert cost_of_leaving(0.4, 0.0, 4.0) == 0.0
    assert cost_of_leaving(0.4, 4.0, 4.0) == pytest.approx(0.4 * (1.0 - exp(-1.0)))
    assert cost_of_leaving(0.4, 1e6, 4.0) == 0.4


@given(positive, st.floats(0.0, 100.0), st.floats(0.0, 100.0), positive)
def test_the_older_the_relation_the_dearer_to_leave(sigma: float, tenure: float, more: float, scale: float) -> None:
    assert 0.0 <= cost_of_leaving(sigma, tenure, scale) <= cost_of_leaving(sigma, tenure + more, scale) <= sigma


def test_ones_own_unit_counts_with_the_fixed_cost_that_it_could_save() -> None:
    assert own_cost(3.0, 6.0, 2.0, 1.0) == 6.0
    assert own_cost(3.0, 6.0, 2.0, 12.0) == 3.5
    assert isfinite(own_cost(3.0, 6.0, 0.0, 0.0))


def test_without_a_supplier_one_is_always_sought() -> None:
    assert comes_up(False, False, 0.0, True, 1.0, 0.999)


def test_contracts_come_up_with_the_review_probability() -> None:
    assert comes_up(True, True, 0.4, False, 0.7, 0.399)
    assert not comes_up(True, True, 0.4, False, 0.7, 0.4)


def test_an_allys_contract_is_passed_over_with_the_probability_of_exclusivity() -> None:
    assert comes_up(True, True, 0.4, True, 0.7, 0.119)
    assert not comes_up(True, True, 0.4, True, 0.7, 0.121)
    assert not comes_up(True, True, 1.0, True, 1.0, 0.0)


def test_nothing_that_works_is_reviewed_when_switching_is_off() -> None:
    assert not comes_up(True, False, 1.0, False, 0.0, 0.0)


def test_the_itch_by_hand() -> None:
    assert itch_after(1.0, 0.5, False) == pytest.approx(0.9)
    assert itch_after(1.0, 0.5, True) == pytest.approx(0.45)


@given(st.floats(0.0, 10.0), st.floats(-10.0, 10.0), st.booleans())
def test_the_itch_is_never_negative(itch: float, advantage: float, switched: bool) -> None:
    assert 0.0 <= itch_after(itch, advantage, switched) <= max(itch, advantage) * (1 + 1e-12)
