"""Markets whose outcome is known beforehand."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks.docking import SETTINGS
from stackrace import simulate

from .markets import advanced, opened

STEPS = 120
FRICTIONLESS: dict[str, Any] = {
    "*.taste": 0,
    "*.switching_cost": 0,
    "*.learning": 0,
    "*.innovation": 0,
    "*.escalation": 0,
    "choice_noise": 0,
    "frontier_share": 0,
    "price_probe": 0.01,
}
MANY_EQUAL_SELLERS: dict[str, Any] = {
    "*.fixed_cost": 0,
    "*.congestion": 0,
    "*.network_effect": 0,
    "*.flywheel": 0,
    "*.imitation": 1,
    "open_share": 0,
    "decisions.open": False,
    "decisions.ally": False,
}
EVERYONE_OPEN: dict[str, Any] = {"*.openable": True, "open_share": 1, "decisions.open": False, "foreclosure": 0}
STANDSTILL: dict[str, Any] = {
    **{f"decisions.{name}": False for name in ("ally", "build", "switch", "merge", "open")},
    **{f"*.{name}": 0 for name in ("fixed_cost", "innovation", "learning", "flywheel", "imitation")},
    "demand_growth": 0,
    "demand_elasticity": 0,
    "quality_elasticity": 0,
    "adoption_initial": 1,
    "entry_rate": 0,
}


def margins_of(seed: int, changed: dict[str, Any]) -> pd.Series[float]:
    """Lerner index per selling layer over the last 20 steps of ai-stack."""
    margins = simulate("ai-stack", seed=seed, steps=STEPS, set=changed).regimes().set_index("layer").lerner
    assert margins.notna().all()
    return margins


def mean_margins(changed: dict[str, Any]) -> pd.Series[float]:
    """The mean of six seeds."""
    return sum(margins_of(seed, changed) for seed in range(1, 7)) / 6


def test_without_frictions_and_with_many_equal_sellers_margins_are_competed_away_in_every_layer() -> None:
    margins = mean_margins({**FRICTIONLESS, **MANY_EQUAL_SELLERS})
    assert margins.max() <= 0.05, margins.to_dict()


def test_frictions_are_what_most_of_the_margins_come_from() -> None:
    without, default = mean_margins(FRICTIONLESS), mean_margins({})
    assert (without < 0.8 * default).all(), (without.to_dict(), default.to_dict())


def test_margins_are_exactly_zero_when_everyone_is_open() -> None:
    run = simulate("ai-stack", steps=STEPS, set=EVERYONE_OPEN)
    margins = run.measures.loc[run.measures.layer.isin(run.stack.selling_layers), "lerner"].dropna()
    assert len(margins) > STEPS
    assert (margins == 0.0).all(), margins[margins != 0.0]


def test_an_open_unit_earns_exactly_nothing_among_closed_ones() -> None:
    state = opened("ai-stack", 1, {"open_share": 0.5, "decisions.open": False})
    sold = 0.0
    for _ in range(40):
        was_open = state.units.open & state.operates
        advanced(state)
        if state.layers.acquired.any():
            continue  # an open unit that took over a closed one has its margins of this step
        still = was_open & state.units.open & state.operates
        assert (state.units.external_margin[still] == 0.0).all()
        sold += state.units.external_volume[still].sum()
    assert sold > 0.0


def test_shares_stand_still_when_nobody_decides_and_nothing_grows() -> None:
    state = opened("ai-stack", 1, STANDSTILL)
    advanced(state)
    volumes = state.units.volume.copy()
    assert (volumes.sum(axis=1) > 0.0).all()
    shares = volumes / volumes.sum(axis=1, keepdims=True)
    for _ in range(STEPS):
        advanced(state)
        volumes = state.units.volume
        np.testing.assert_allclose(volumes / volumes.sum(axis=1, keepdims=True), shares, rtol=0, atol=1e-12)


LONE_MARKET: dict[str, Any] = {
    **FRICTIONLESS,
    "decisions.build": False,
    "*.review": 1,
    "*.fixed_cost": 0,
    "adoption_initial": 1,
    "markup_cap": 5,
}


def markups_with(sellers: int) -> list[float]:
    """The largest mark-up of a layer with some equal sellers, step by step."""
    state = opened("tiny", 1, {**LONE_MARKET, "chips.firms": sellers, "buyers.review": 1})
    state.units.capability[0] = 0.0
    found = []
    for _ in range(80):
        advanced(state)
        found.append(float(state.units.markup[0, :sellers].max()))
    return found


def test_a_monopolist_whom_no_one_can_leave_raises_its_markup_to_the_cap() -> None:
    markups = markups_with(sellers=1)
    assert markups[0] > 0.3
    assert markups == sorted(markups)
    assert markups[-1] == pytest.approx(5.0)


@pytest.mark.parametrize("sellers", [3, 4, 10])
def test_three_sellers_of_the_same_compete_the_monopolists_markup_away(sellers: int) -> None:
    assert markups_with(sellers)[-1] < 0.1


def test_without_buyers_every_seller_runs_out_of_cash() -> None:
    no_demand = {"adoption_initial": 0, "adoption_spontaneous": 0, "entry_rate": 0}
    run = simulate("ai-stack", steps=80, set=no_demand)
    selling = run.measures[run.measures.layer.isin(run.stack.selling_layers)]
    assert (selling.volume == 0.0).all()
    assert selling.hhi.isna().all()
    assert (selling[selling.step == 0].units > 0).all()
    assert (selling[selling.step == 79].units == 0).all()


def test_need_is_unserved_where_every_supplier_has_gone() -> None:
    state = opened("tiny", 1, {"adoption_initial": 1, "entry_rate": 0, "decisions.build": False})
    state.firms.alive[state.firms.home == 0] = False
    state.operates[0] = False
    record, _ = advanced(state, 5)
    unserved = record[:, :, 7]
    assert (unserved == 1.0).all()


def test_unmet_need_brings_entrants() -> None:
    state = opened("tiny", 1, {"adoption_initial": 1, "entry_rate": 1, "decisions.build": False})
    state.firms.alive[state.firms.home == 0] = False
    state.operates[0] = False
    advanced(state, 6)
    assert state.operates[0].any()
    assert state.units.volume[0].sum() > 0.0


def modal_regimes(changed: dict[str, Any]) -> dict[str, str]:
    """The regime that most of twelve seeds end in, per layer."""
    seen: dict[str, Counter[str]] = {}
    for seed in range(1, 13):
        for row in simulate("ai-stack", seed=seed, steps=STEPS, set=changed).regimes().itertuples():
            seen.setdefault(str(row.layer), Counter())[str(row.regime)] += 1
    return {layer: counts.most_common(1)[0][0] for layer, counts in seen.items()}


def test_regimes_emerge_from_parameters_alone() -> None:
    default, commodity, consolidation = (
        modal_regimes(SETTINGS[name]) for name in ("default", "commodity", "consolidation")
    )
    for layer in ("hosting", "model", "application"):
        assert commodity[layer] == "commoditised"
        assert consolidation[layer] == "consolidated"
        assert default[layer] not in ("commoditised", "consolidated")
