"""Whether to build a unit, and with what it starts, by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackrace.agents.build import (
    BuildView,
    entry_gain,
    gain_of_building,
    make_cost,
    newcomer_capability,
    newcomer_capacity,
)

positive = st.floats(0.01, 100.0)


def test_a_newcomer_trails_the_best_it_knows_by_the_gap_and_never_starts_below_nothing() -> None:
    assert newcomer_capability(1.0, 0.22) == pytest.approx(0.78)
    assert newcomer_capability(0.1, 0.22) == 0.0


def test_making_costs_stage_inputs_and_the_fixed_and_build_cost_of_each_unit() -> None:
    # 1 + .6 * 5 + (4 + 36 / 12) / 3.5
    assert make_cost(1.0, 0.6, 5.0, 4.0, 36.0, 12.0, 3.5) == pytest.approx(6.0)


@given(positive, st.floats(1.0, 100.0))
def test_making_is_cheaper_in_volume(volume: float, factor: float) -> None:
    assert make_cost(1.0, 0.5, 3.0, 4.0, 36.0, 12.0, volume * factor) <= make_cost(
        1.0, 0.5, 3.0, 4.0, 36.0, 12.0, volume
    )


def test_entry_pays_when_the_margin_captured_exceeds_fixed_and_build_cost() -> None:
    # 12 (.3 * 20 - 4) - 20 = 4
    assert entry_gain(20.0, 4.0, 20.0, 0.3, 12.0) == pytest.approx(4.0)
    assert entry_gain(0.0, 4.0, 20.0, 0.3, 12.0) == pytest.approx(-68.0)


@given(positive, positive, positive)
def test_entry_gains_from_margins_and_loses_from_cost(margin: float, fixed: float, build: float) -> None:
    gain = entry_gain(margin, fixed, build, 0.3, 12.0)
    assert entry_gain(margin + 1.0, fixed, build, 0.3, 12.0) > gain
    assert entry_gain(margin, fixed + 1.0, build, 0.3, 12.0) < gain
    assert entry_gain(margin, fixed, build + 1.0, 0.3, 12.0) < gain


@pytest.mark.parametrize(
    ("own", "seen", "start", "size"), [(10.0, 4.0, 8.0, 12.0), (1.0, 40.0, 8.0, 20.0), (0.0, 0.0, 8.0, 2.0)]
)
def test_a_new_unit_is_as_large_as_the_largest_of_three_needs(
    own: float, seen: float, start: float, size: float
) -> None:
    assert newcomer_capacity(own, seen, start) == pytest.approx(size)


VIEW = BuildView(True, 1.5, 1.2, 20.0, 0.8, 4.0, 20.0, 100.0, 0.3, 12.0)


def test_building_backward_gains_what_making_has_in_appeal_over_the_best_supplier() -> None:
    assert gain_of_building(VIEW) == pytest.approx(0.3)


def test_building_forward_gains_what_entry_does() -> None:
    assert gain_of_building(VIEW._replace(backward=False)) == entry_gain(20.0, 4.0, 20.0, 0.3, 12.0)
