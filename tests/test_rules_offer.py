"""What a product costs and what a client pays, by hand."""

from __future__ import annotations

from math import exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackrace.agents.offer import congestion_factor, escalated, list_price, price_paid, stage_cost

positive = st.floats(0.01, 100.0)
share = st.floats(0.0, 1.0)


def test_a_doubling_of_output_cuts_cost_by_wrights_exponent() -> None:
    # 1 + x/x0 = 2 and 4: each doubling takes 2^-.1
    assert stage_cost(3.0, 50.0, 50.0, 0.1, 0.5, 1.0) == pytest.approx(3.0 * exp(-0.1 * log(2.0)), rel=1e-14)
    assert stage_cost(3.0, 150.0, 50.0, 0.1, 0.5, 1.0) == pytest.approx(3.0 * exp(-0.1 * log(4.0)), rel=1e-14)


def test_without_experience_or_learning_the_stage_costs_its_base() -> None:
    assert stage_cost(3.0, 0.0, 50.0, 0.1, 1.0, 1.0) == 3.0
    assert stage_cost(3.0, 1e6, 50.0, 0.0, 1.0, 1.0) == 3.0


@pytest.mark.parametrize(
    ("load", "factor"), [(0.0, 1.0), (1.0, 1.0), (1.5, 1.125), (2.0, 1.5), (3.0, 3.0), (4.0, 5.0), (5.0, 7.0)]
)
def test_cost_rises_with_the_square_of_overload_and_then_along_its_tangent(load: float, factor: float) -> None:
    assert congestion_factor(load, 0.5) == pytest.approx(factor, rel=1e-14)


def test_congestion_has_no_jump_and_no_kink_where_it_turns_linear() -> None:
    step = 1e-6
    below = (congestion_factor(3.0, 1.0) - congestion_factor(3.0 - step, 1.0)) / step
    above = (congestion_factor(3.0 + step, 1.0) - congestion_factor(3.0, 1.0)) / step
    assert below == pytest.approx(4.0, rel=1e-5)
    assert above == pytest.approx(4.0, rel=1e-5)


@given(st.floats(0.0, 10.0), st.floats(0.0, 10.0), positive)
def test_more_load_never_lowers_cost(load: float, more: float, congestion: float) -> None:
    assert congestion_factor(load + more, congestion) >= congestion_factor(load, congestion) >= 1.0


@given(st.floats(0.0, 1e4), st.floats(0.0, 1e4), share)
def test_experience_never_raises_cost(experience: float, more: float, learning: float) -> None:
    before = stage_cost(1.0, experience, 50.0, learning, 0.0, 1.0)
    assert stage_cost(1.0, experience + more, 50.0, learning, 0.0, 1.0) <= before <= 1.0


def test_escalation_multiplies_cost_by_e_for_each_unit_of_kappa_times_quality() -> None:
    assert escalated(6.0, 0.4, 2.5) == pytest.approx(6.0 * 2.718281828459045, rel=1e-14)
    assert escalated(6.0, 0.4, 0.0) == 6.0
    assert escalated(6.0, 0.0, 5.0) == 6.0


def test_a_price_is_cost_and_markup_and_an_open_product_sells_at_cost() -> None:
    assert list_price(4.0, 0.25, False) == 5.0
    assert list_price(4.0, 0.25, True) == 4.0


def test_what_an_ally_pays_by_hand() -> None:
    # margin 1 on cost 4; the ally gets 15 % of it back, a bundle 20 % of the rest
    assert price_paid(5.0, 4.0, 0.0, 0.15, 0.0) == pytest.approx(4.85)
    assert price_paid(5.0, 4.0, 0.0, 0.15, 0.2) == pytest.approx(4.0 + 0.85 * 0.8)


def test_a_competitor_pays_the_foreclosure_on_the_whole_price() -> None:
    assert price_paid(5.0, 4.0, 0.1, 0.0, 0.0) == pytest.approx(5.5)
    assert price_paid(5.0, 4.0, 0.1, 0.5, 0.0) == pytest.approx(4.0 + 1.5 / 2)


def test_a_stranger_pays_the_list_price() -> None:
    assert price_paid(5.0, 4.0, 0.0, 0.0, 0.0) == 5.0


@given(positive, positive, share, share)
def test_discounts_never_take_a_price_below_cost_or_above_the_list(
    cost: float, markup: float, ally: float, bundle: float
) -> None:
    price = list_price(cost, markup, False)
    paid = price_paid(price, cost, 0.0, ally, bundle)
    assert cost <= paid <= price * (1 + 1e-15)
