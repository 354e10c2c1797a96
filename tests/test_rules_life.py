"""How firms come and go, by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackrace.agents.build import entry_gain
from stackrace.agents.life import entry_probability, is_rescued, smoothed, takeover_bid

positive = st.floats(0.01, 100.0)
share = st.floats(0.0, 1.0)


def test_investors_rescue_a_firm_that_grows_by_more_than_a_twentieth_if_they_are_willing() -> None:
    assert is_rescued(10.6, 10.0, 0.5, 0.49)
    assert not is_rescued(10.6, 10.0, 0.5, 0.51)
    assert not is_rescued(10.4, 10.0, 0.5, 0.0)


def test_in_a_funding_winter_no_one_is_rescued() -> None:
    assert not is_rescued(100.0, 1.0, 0.0, 0.0)


def test_investors_remember_three_quarters_of_what_they_knew() -> None:
    assert smoothed(8.0, 4.0) == 7.0


def test_a_bid_is_the_margin_over_the_horizon_and_half_of_the_build_cost_saved() -> None:
    assert takeover_bid(3.0, 40.0, False, 12.0, 1.0) == pytest.approx(36.0)
    assert takeover_bid(3.0, 40.0, True, 12.0, 1.0) == pytest.approx(56.0)
    assert takeover_bid(3.0, 40.0, True, 12.0, 0.5) == pytest.approx(28.0)


def enters(needed: bool, margin: float, rate: float = 0.1, hope: float = 0.0, funding: float = 0.5) -> float:
    return entry_probability(needed, entry_gain(margin, 4.0, 20.0, 0.3, 12.0), rate, hope, funding)


def test_a_slot_is_entered_when_the_margins_seen_pay() -> None:
    # break-even at 12 (.3 m - 4) = 20: m = 18.9
    assert enters(False, 18.8) == 0.0
    assert enters(False, 19.0) == pytest.approx(0.1)


def test_a_slot_is_entered_when_someone_finds_no_supplier() -> None:
    assert enters(True, 0.0) == pytest.approx(0.1)


def test_entry_dries_up_with_funding() -> None:
    assert enters(True, 50.0, funding=0.25) == pytest.approx(0.05)
    assert enters(True, 50.0, funding=0.0) == 0.0
    assert enters(True, 50.0, funding=1.0) == enters(True, 50.0, funding=0.5)


def test_investors_who_pay_for_hope_enter_where_nothing_pays_until_funding_is_gone() -> None:
    assert enters(False, 0.0, hope=0.05) == pytest.approx(0.05)
    assert enters(False, 50.0, hope=0.05) == pytest.approx(0.1)  # who would have come anyway is not counted twice
    assert enters(False, 50.0, hope=0.3) == pytest.approx(0.3)
    assert enters(True, 50.0, hope=0.3, funding=0.0) == 0.0


@given(st.booleans(), positive, share, share, share)
def test_entry_is_a_probability_and_never_above_its_rate_or_that_of_hope(
    needed: bool, margin: float, rate: float, hope: float, funding: float
) -> None:
    assert 0.0 <= enters(needed, margin, rate, hope, funding) <= max(rate, hope)
