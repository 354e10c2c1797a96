"""What an alliance is worth to one side, by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackrace.agents.ally import (
    AllyView,
    client_gain,
    knowledge_gain,
    needs_capital,
    supplier_gain,
    value_of_alliance,
)

quality = st.floats(-5.0, 5.0)
positive = st.floats(0.01, 100.0)


def test_a_client_weighs_the_discount_against_the_options_it_gives_up() -> None:
    # .15 * 10 - .7 * .1 * 20 / 2
    assert client_gain(0.15, 10.0, 0.7, 0.1, 20.0, 2.0) == pytest.approx((1.5, -0.7))


def test_a_client_that_itches_to_leave_gains_less() -> None:
    assert sum(client_gain(0.15, 10.0, 0.7, 1.0, 20.0, 2.0)) < 0.0 < sum(client_gain(0.15, 10.0, 0.7, 0.0, 20.0, 2.0))


def test_a_supplier_weighs_the_business_it_keeps_against_the_discount() -> None:
    # (.7 * .05 * 12 - .15) * 10
    assert supplier_gain(0.7, 0.05, 12.0, 0.15, 10.0) == pytest.approx((4.2, -1.5))


def test_a_supplier_that_loses_no_one_has_only_the_discount_to_lose() -> None:
    assert supplier_gain(0.7, 0.0, 12.0, 0.15, 10.0) == pytest.approx((0.0, -1.5))


def test_an_alliance_is_worth_the_sum_of_what_it_brings_and_takes() -> None:
    assert value_of_alliance(AllyView(1.5, -0.7, 4.2, -1.5, 5.0, -2.5, 3.0, 0.5)) == pytest.approx(9.5)


def test_capital_goes_to_a_client_short_of_cash_from_a_supplier_with_four_times_that() -> None:
    # runway 8 steps of 2: 16; four times that: 64
    assert needs_capital(15.9, 2.0, 64.0, 8.0)
    assert not needs_capital(16.0, 2.0, 64.0, 8.0)
    assert not needs_capital(15.9, 2.0, 63.9, 8.0)


def test_the_others_lead_is_worth_sales() -> None:
    # .1 * (2 - 1) / .4 * 20
    assert knowledge_gain(1.0, 2.0, 20.0, False, 0.1, 0.4) == pytest.approx(5.0)


def test_ones_own_lead_costs_half_when_both_sell() -> None:
    assert knowledge_gain(2.0, 1.0, 20.0, True, 0.1, 0.4) == pytest.approx(-2.5)
    assert knowledge_gain(2.0, 1.0, 20.0, False, 0.1, 0.4) == 0.0


def test_equals_have_nothing_to_tell_each_other() -> None:
    assert knowledge_gain(1.0, 1.0, 20.0, True, 0.1, 0.4) == 0.0


def test_without_any_taste_a_lead_has_a_finite_worth() -> None:
    assert knowledge_gain(1.0, 2.0, 20.0, True, 0.1, 0.0) == pytest.approx(0.1 / 0.05 * 20.0)


@given(quality, quality, positive, st.booleans())
def test_knowledge_is_worth_something_only_to_who_knows_less(
    own: float, other: float, margin: float, both_sell: bool
) -> None:
    gain = knowledge_gain(own, other, margin, both_sell, 0.1, 0.4)
    assert gain >= 0.0 if other > own else gain <= 0.0
