"""Every measure on a market of fifteen firms, worked out on paper."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from stackrace.model.measures import MEASURES, OVERALL

from .hand_made import BUYERS, CHIPS, CLOUD, MAKERS, SENSORS, market, measured

NAN = math.nan
CHIP = 21.5 / 12  # mean stage cost of a chip
VALUES = np.array([5.5 * CHIP, 3.5 * CHIP, 3 * CHIP + 3 * 2, 7 * 2, 2 * 2, 3 * 4])  # made by firms 0, 1, 5, 4, 6, 8

# Per measure what it must be in chips, cloud, sensors, buyers and makers.
LAYERS: dict[str, tuple[float, float, float, float, float]] = {
    "hhi": (1e4 * 51.5 / 144, 1e4 * 62 / 144, 1e4, 1e4 * 29 / 81, 1e4 * 5 / 9),
    "effective_firms": (144 / 51.5, 144 / 62, 1, 81 / 29, 9 / 5),
    "hhi_merchant": (1e4 * 42.5 / 81, 1e4 * 62 / 144, 1e4, NAN, NAN),
    "cr1": (5.5 / 12, 7 / 12, 1, 4 / 9, 2 / 3),
    "cr4": (1, 1, 1, 1, 1),
    "lerner": (2 / 16, 5 / 10, 1 / 4, NAN, NAN),
    "units": (5, 4, 3, 4, 2),
    "in_house_share": (3 / 12, 0, 0, 1, 1),
    "volume": (12, 12, 3, 9, 3),
    "unserved": (1 / 13, 1 / 13, 0, 1 / 10, 0),
    "entry": (1, 0, 0, 0, 0),
    "exit": (2, 0, 0, 0, 0),
    "acquisitions": (1, 0, 0, 0, 0),
    "entry_rate": (1 / 5, 0, 0, 0, 0),
    "exit_rate": (2 / 5, 0, 0, 0, 0),
    "acquisition_rate": (1 / 5, 0, 0, 0, 0),
    "switches": (1, 0, 0, 0, 0),
    "switch_rate": (1 / 5, 0, 0, NAN, NAN),
    "leader": (0, 4, 8, 9, 14),
    "leader_changed": (1, NAN, NAN, NAN, NAN),
    "turbulence": (0.5 - 5.5 / 12 + 0.5 - 3.5 / 12 + 3 / 12, NAN, NAN, NAN, NAN),
    "alliances": (4, 2, 1, 0, 0),
    "alliance_degree": (5 / 4, 2 / 3, 1 / 2, NAN, NAN),
    "alliance_clustering": ((1 / 3 + 1) / 2, 1, NAN, NAN, NAN),
    "multi_homing": (NAN, 1 / 3, NAN, 0, 0),
    "open_volume": (3.5 / 12, 0, 0, 0, 0),
    "profit_share": (2 / 8, 5 / 8, 1 / 8, 0, 0),
    "capability_spread": (math.sqrt(2), 0, 0, NAN, NAN),
    "layers_per_firm": ((1 + 1 + 2 + 1 + 3) / 5, (1 + 3 + 1 + 2) / 4, (1 + 1 + 3) / 3, 1, 1),
    "fragility": (2 / 12, 7 / 12, 3 / 12, NAN, NAN),
    "independent_stacks": (NAN, NAN, NAN, 81 / (3.5**2 + 3.5**2 + 2**2), 1),
}
STACK: dict[str, float] = {
    "control_hhi": 1e4 * float((VALUES**2).sum() / VALUES.sum() ** 2),
    "single_layer_firms": 7,
    "two_layer_firms": 1,
    "many_layer_firms": 1,
    "alliances": 4,
    "alliance_degree": 8 / 9,
    "alliance_clustering": (1 / 3 + 1 + 1) / 3,
    "margin": 8,
    "final_volume": 12,
    "unserved": 1 / 13,
    "independent_stacks": (9 * 81 / 28.5 + 3 * 1) / 12,
}


@pytest.fixture(scope="module")
def found() -> tuple[Any, Any]:
    state = market()
    state.units.capability[SENSORS] = 0.0
    return measured(state)


def test_every_declared_measure_is_worked_out_here() -> None:
    assert set(LAYERS) == set(MEASURES)
    assert set(STACK) == set(OVERALL)


@pytest.mark.parametrize("name", MEASURES)
def test_a_measure_of_a_layer_is_what_it_is_on_paper(found: tuple[Any, Any], name: str) -> None:
    assert found[0][name].tolist() == pytest.approx(LAYERS[name], rel=1e-12, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("name", OVERALL)
def test_a_measure_of_the_whole_stack_is_what_it_is_on_paper(found: tuple[Any, Any], name: str) -> None:
    assert found[1][name] == pytest.approx(STACK[name], rel=1e-12)


def test_a_market_that_has_stopped_has_no_shares_but_counts() -> None:
    state = market()
    state.units.volume[:] = 0.0
    state.units.external_volume[:] = state.units.external_margin[:] = state.units.external_revenue[:] = 0.0
    rows, overall = measured(state)
    for name in ("hhi", "hhi_merchant", "effective_firms", "cr1", "cr4", "lerner", "open_volume", "fragility"):
        assert np.isnan(rows[name]).all(), name
    for name in ("turbulence", "leader_changed", "independent_stacks", "profit_share"):
        assert np.isnan(rows[name]).all(), name
    assert (rows.leader == -1).all()
    assert rows.units.tolist() == [5, 4, 3, 4, 2]
    assert (overall.margin, overall.final_volume, overall.unserved) == (0, 0, 1)
    assert np.isnan([overall.control_hhi, overall.independent_stacks]).all()


def test_what_was_measured_is_what_the_next_step_is_compared_with() -> None:
    state = market()
    measured(state)
    rows, _ = measured(state)
    assert rows.turbulence.tolist() == [0.0] * 5
    assert rows.leader_changed.tolist() == [0.0] * 5
    state.units.volume[CHIPS, 0], state.units.volume[CHIPS, 1] = 3.5, 5.5
    rows, _ = measured(state)
    assert rows.turbulence.tolist() == pytest.approx([2 * 2 / 12, 0, 0, 0, 0])
    assert rows.leader_changed.tolist() == [1, 0, 0, 0, 0]


def test_a_tie_for_the_lead_goes_to_the_lower_slot() -> None:
    state = market()
    state.units.volume[CHIPS, 1] = 5.5
    assert measured(state)[0].leader[CHIPS] == 0
    state.units.volume[CHIPS, 0] = 5.4
    assert measured(state)[0].leader[CHIPS] == 1


def test_a_second_source_saves_a_client_from_the_leader_and_its_loss_is_felt_downstream() -> None:
    state = market()
    state.links.drawn[1, 4], state.links.drawn[0, 4] = 0.0, 1.0  # firm 4 is left with chips of firm 0 alone
    assert measured(state)[0].fragility[CHIPS] == pytest.approx((2 + 7) / 12)
    state.links.supplier[1, 4], state.links.drawn[1, 4] = 0, 0.5  # two sources of one supplier are no help
    assert measured(state)[0].fragility[CHIPS] == pytest.approx((2 + 7) / 12)


def test_one_supplier_of_all_chips_leaves_one_stack_however_many_clouds_there_are() -> None:
    state = market()
    for (e, i), drawn in np.ndenumerate(state.links.drawn[:2]):
        if drawn > 0.0:
            state.links.supplier[e, i] = 3
    rows, overall = measured(state)
    assert rows.independent_stacks[[BUYERS, MAKERS]].tolist() == [1, 1]
    assert overall.independent_stacks == 1
    assert rows.effective_firms[CLOUD] > 2


def test_two_sellers_of_one_half_each_in_every_layer_are_the_textbook_duopoly() -> None:
    state = market()
    state.units.volume[CHIPS] = state.units.external_volume[CHIPS] = 0.0
    state.units.volume[CHIPS, :2] = state.units.external_volume[CHIPS, :2] = 6.0
    chips = measured(state)[0][CHIPS]
    assert (chips.hhi, chips.hhi_merchant, chips.effective_firms) == (5000, 5000, 2)
    assert (chips.cr1, chips.cr4, chips.in_house_share) == (0.5, 1, 0)
