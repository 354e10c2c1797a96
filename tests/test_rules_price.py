"""Mark-ups from the win/loss report, and giving a product away, by hand."""

from __future__ import annotations

from math import exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackrace.agents.price import Deal, PriceView, bounded, markup_after, opens, profit_at

DEAL = Deal(volume=10.0, price=5.0, unit_cost=4.0, distance=0.03, cost_share=0.4)
money = st.floats(-1e3, 1e3)


BOOKS = PriceView(
    markup=0.3,
    unit_cost=4.0,
    price=5.2,
    quality=1.0,
    capability=0.5,
    capacity=50.0,
    volume=40.0,
    external_volume=40.0,
    external_margin=48.0,
    profit_up=0.0,
    profit_down=0.0,
    revenue_won=0.0,
    speed=2.0,
    step_max=0.05,
    cap=20.0,
)


def next_markup(up: float, down: float, won: float, markup: float = 0.3, sold: float = 40.0) -> float:
    books = BOOKS._replace(markup=markup, profit_up=up, profit_down=down, revenue_won=won, external_volume=sold)
    return bounded(markup_after(books), books.cap)


def test_a_deal_won_by_more_than_the_probe_moves_is_won_at_the_higher_price_too() -> None:
    # the probe of 5 % moves 2 * .05 * .4 = .04 of appeal
    assert profit_at(DEAL._replace(distance=0.041), 0.05, 2.0) == pytest.approx(10.0 * (5.25 - 4.0))
    assert profit_at(DEAL._replace(distance=0.039), 0.05, 2.0) == 0.0


def test_a_deal_lost_by_less_than_the_probe_moves_would_have_been_won_at_the_lower_price() -> None:
    assert profit_at(DEAL._replace(distance=-0.039), -0.05, 2.0) == pytest.approx(10.0 * (4.75 - 4.0))
    assert profit_at(DEAL._replace(distance=-0.041), -0.05, 2.0) == 0.0


def test_the_smaller_its_share_in_cost_the_less_a_price_moves_a_client() -> None:
    deal = DEAL._replace(distance=0.01)
    assert profit_at(deal, 0.05, 2.0) == 0.0
    assert profit_at(deal._replace(cost_share=0.05), 0.05, 2.0) > 0.0


def test_markup_moves_with_what_the_probe_would_have_earned() -> None:
    # speed 2 * (12 - 11) / (2 * 100) = .01
    assert next_markup(12.0, 11.0, 100.0) == pytest.approx(1.3 * exp(0.01) - 1.0)
    assert next_markup(11.0, 12.0, 100.0) == pytest.approx(1.3 * exp(-0.01) - 1.0)


def test_markup_moves_by_the_largest_step_at_most() -> None:
    assert log(1.0 + next_markup(900.0, 0.0, 100.0)) - log(1.3) == pytest.approx(0.05)
    assert log(1.0 + next_markup(0.0, 900.0, 100.0)) - log(1.3) == pytest.approx(-0.05)


def test_markup_falls_when_every_deal_is_lost_narrowly() -> None:
    assert next_markup(0.0, 5.0, 0.0) == pytest.approx(1.3 * exp(-0.05) - 1.0)


def test_markup_falls_when_nothing_is_sold_to_others() -> None:
    assert next_markup(0.0, 0.0, 0.0, sold=0.0) == pytest.approx(1.3 * exp(-0.05) - 1.0)


def test_markup_stays_when_no_deal_was_up() -> None:
    assert next_markup(0.0, 0.0, 0.0) == pytest.approx(0.3)


def test_markup_stops_at_cost_and_at_the_cap() -> None:
    assert next_markup(0.0, 5.0, 0.0, markup=0.01) == 0.0
    assert next_markup(900.0, 0.0, 100.0, markup=20.0) == 20.0


@given(
    st.floats(0.0, 20.0),
    money,
    money,
    st.floats(0.0, 1e3),
    st.floats(0.0, 1e3),
    st.floats(0.0, 100.0),
    st.floats(0.0, 5.0),
)
def test_markup_stays_between_cost_and_the_cap(
    markup: float, up: float, down: float, won: float, sold: float, speed: float, step_max: float
) -> None:
    books = BOOKS._replace(markup=markup, profit_up=up, profit_down=down, revenue_won=won, external_volume=sold)
    after = bounded(markup_after(books._replace(speed=speed, step_max=step_max)), 20.0)
    assert 0.0 <= after <= 20.0
    assert after <= (1.0 + markup) * exp(step_max) - 1.0 + 1e-9


def test_a_complement_is_given_away_when_a_quarter_of_the_margins_next_door_is_worth_more() -> None:
    assert opens(8.1, 2.0)
    assert not opens(8.0, 2.0)
    assert not opens(0.0, 0.0)
