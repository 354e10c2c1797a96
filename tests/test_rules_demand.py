"""What quality is worth to a buyer and how much it wants, by hand."""

from __future__ import annotations

from math import exp, isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackrace.agents.demand import adoption_probability, ceiling_upstream, valued_quality, wanted_volume

quality = st.floats(-5.0, 5.0)
share = st.floats(0.0, 1.0)


def test_beyond_the_ceiling_quality_is_worth_nothing_to_a_sufficiency_client() -> None:
    assert valued_quality(1.0, 0.0, 1.5) == 1.0
    assert valued_quality(1.5, 0.0, 1.5) == 1.5
    assert valued_quality(4.0, 0.0, 1.5) == 1.5


def test_a_frontier_client_values_all_quality() -> None:
    assert valued_quality(4.0, 1.0, 1.5) == 4.0


def test_a_mix_of_clients_values_the_excess_in_proportion() -> None:
    assert valued_quality(3.5, 0.25, 1.5) == pytest.approx(0.25 * 3.5 + 0.75 * 1.5)


@given(quality, st.floats(0.0, 3.0), share, quality)
def test_more_quality_is_never_worth_less(base: float, more: float, frontier: float, ceiling: float) -> None:
    assert valued_quality(base + more, frontier, ceiling) >= valued_quality(base, frontier, ceiling) - 1e-12


@given(quality, quality, quality, st.floats(0.05, 2.0))
def test_a_supplier_at_the_ceiling_expressed_upstream_takes_its_client_to_the_ceiling(
    ceiling: float, own: float, supplier: float, passthrough: float
) -> None:
    upstream = ceiling_upstream(ceiling, own + passthrough * supplier, supplier, passthrough)
    assert own + passthrough * upstream == pytest.approx(ceiling, abs=1e-9)


def test_demand_by_hand() -> None:
    # 2 units, grown by 1.21, at four times the reference cost with elasticity .5: halved
    assert wanted_volume(2.0, 1.21, 20.0, 5.0, 0.5, 0.0, 0.05) == pytest.approx(1.21)
    assert wanted_volume(2.0, 1.0, 5.0, 5.0, 0.5, 2.0, 0.05) == pytest.approx(2.0 * exp(0.1))
    assert wanted_volume(2.0, 1.0, 5.0, 5.0, 0.5, 0.0, 0.05) == 2.0


@given(st.floats(0.01, 100.0), st.floats(1.0, 10.0), share)
def test_demand_falls_in_cost(cost: float, factor: float, elasticity: float) -> None:
    dearer = wanted_volume(1.0, 1.0, cost * factor, 5.0, elasticity, 0.0, 0.0)
    assert dearer <= wanted_volume(1.0, 1.0, cost, 5.0, elasticity, 0.0, 0.0) * (1 + 1e-12)


def test_a_product_that_costs_nothing_is_wanted_in_a_finite_volume() -> None:
    assert isfinite(wanted_volume(1.0, 1.0, 0.0, 5.0, 0.5, 0.0, 0.0))


def test_adoption_is_spontaneous_or_caught() -> None:
    assert adoption_probability(0.02, 0.12, 0.0) == 0.02
    assert adoption_probability(0.02, 0.12, 0.5) == pytest.approx(0.08)
