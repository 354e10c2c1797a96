"""Research, learning from others, capacity and giving up, by hand."""

from __future__ import annotations

from math import exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackrace.agents.invest import (
    attention_left,
    capacity_bought,
    capacity_decayed,
    flywheel_gain,
    gives_up,
    imitated_gain,
    is_busy,
    research_outlay,
    success_probability,
    surplus,
)

money = st.floats(-100.0, 100.0)
positive = st.floats(0.01, 100.0)
share = st.floats(0.0, 1.0)
quality = st.floats(-5.0, 5.0)


def test_research_is_a_share_of_all_margins_and_at_home_of_cash_too() -> None:
    assert research_outlay(10.0, 2.0, 100.0, False, 0.3, 0.02) == pytest.approx(3.6)
    assert research_outlay(10.0, 2.0, 100.0, True, 0.3, 0.02) == pytest.approx(5.6)


def test_a_firm_in_debt_does_no_research() -> None:
    assert research_outlay(10.0, 0.0, -1.0, True, 0.3, 0.02) == 0.0
    assert research_outlay(10.0, 0.0, 0.0, True, 0.3, 0.02) == 0.0


def test_losses_count_as_no_margin() -> None:
    assert research_outlay(-10.0, 2.0, 100.0, False, 0.3, 0.02) == 0.0
    assert research_outlay(-10.0, 2.0, 100.0, True, 0.3, 0.02) == pytest.approx(2.0)


@given(money, money, money, st.booleans(), share, share)
def test_research_never_exceeds_what_there_is(
    margin: float, captive: float, cash: float, home: bool, part: float, from_cash: float
) -> None:
    outlay = research_outlay(margin, captive, cash, home, part, from_cash)
    assert 0.0 <= outlay <= max(0.0, cash + margin)


def test_research_succeeds_by_hand() -> None:
    assert success_probability(0.0, 4.0) == 0.0
    assert success_probability(4.0, 4.0) == pytest.approx(1.0 - exp(-1.0))
    assert success_probability(1.0, 4.0) == pytest.approx(1.0 - exp(-0.5))


@given(positive, positive, st.floats(1.0, 50.0))
def test_more_money_never_lowers_the_chance_of_success_and_a_larger_scale_never_raises_it(
    outlay: float, scale: float, factor: float
) -> None:
    chance = success_probability(outlay, scale)
    assert 0.0 < chance <= 1.0
    assert success_probability(outlay * factor, scale) >= chance >= success_probability(outlay, scale * factor)


def test_the_widest_of_three_weighted_gaps_is_closed() -> None:
    # gaps 1, .5 and 2 at rates .1, .5 and .1
    assert imitated_gain(1.0, 2.0, 1.5, 3.0, 0.1, 0.5, 0.1) == pytest.approx(0.25)
    assert imitated_gain(1.0, 2.0, 1.0, 3.0, 0.1, 0.5, 0.1) == pytest.approx(0.2)
    assert imitated_gain(1.0, 2.0, 1.0, 1.0, 0.1, 0.5, 0.1) == pytest.approx(0.1)


@given(quality, quality, quality, quality, share, share, share)
def test_imitation_never_loses_quality_and_never_overtakes_the_best(
    own: float, contact: float, openly: float, ally: float, d: float, from_open: float, from_ally: float
) -> None:
    gain = imitated_gain(own, contact, openly, ally, d, from_open, from_ally)
    assert gain >= 0.0
    assert own + gain <= max(own, contact, openly, ally) + 1e-12


def test_usage_data_count_by_the_rise_of_their_logarithm() -> None:
    assert flywheel_gain(0.03, 0.0, 50.0, 50.0) == pytest.approx(0.03 * log(2.0))
    assert flywheel_gain(0.03, 50.0, 150.0, 50.0) == pytest.approx(0.03 * log(2.0))
    assert flywheel_gain(0.0, 0.0, 50.0, 50.0) == 0.0


def test_a_busy_unit_grows_as_far_as_cash_goes() -> None:
    assert capacity_bought(10.0, 100.0, 0.15, 0.5) == pytest.approx(1.5)
    assert capacity_bought(10.0, 0.3, 0.15, 0.5) == pytest.approx(0.6)
    assert capacity_bought(10.0, 0.3, 0.15, 0.0) == pytest.approx(1.5)


def test_a_unit_is_busy_above_85_per_cent_of_its_capacity() -> None:
    assert not is_busy(8.5, 10.0)
    assert is_busy(8.6, 10.0)


@given(positive, positive, share, st.floats(0.0, 10.0))
def test_capacity_is_never_bought_on_credit(capacity: float, cash: float, growth: float, capex: float) -> None:
    bought = capacity_bought(capacity, cash, growth, capex)
    assert 0.0 <= bought <= growth * capacity * (1 + 1e-12)
    assert bought * capex <= cash * (1 + 1e-12)


def test_idle_capacity_decays_to_a_quarter_of_the_start() -> None:
    assert capacity_decayed(10.0, 0.03, 10.0) == pytest.approx(9.7)
    assert capacity_decayed(2.5, 0.03, 10.0) == 2.5


def test_a_unit_off_home_is_given_up_in_its_ninth_step_in_the_red() -> None:
    assert not gives_up(8, False)
    assert gives_up(9, False)
    assert not gives_up(100, True)


def test_a_unit_earns_its_margin_and_what_captive_use_saves_less_its_fixed_cost() -> None:
    assert surplus(5.0, 2.0, 6.0) == 1.0
    assert surplus(5.0, -2.0, 6.0) == -3.0


def test_one_ally_leaves_all_attention_and_each_further_one_less() -> None:
    assert [attention_left(n, 1.0) for n in range(4)] == pytest.approx([1.0, 1.0, 1 / 2, 1 / 3])
    assert attention_left(6, 0.0) == 1.0
