"""Money, volumes and ownership add up after every step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest

from stackrace.model.columns import State
from stackrace.model.ledger import SINKS, SOURCES
from stackrace.model.measures import COLUMNS

from .markets import HALF_SIZE, advanced, copied, opened

STEPS = 40
MARKETS: dict[str, tuple[str, dict[str, Any]]] = {
    "tiny": ("tiny", {"entry_rate": 1}),
    "rich": ("rich", {}),
    "ai-stack": ("ai-stack", {}),
    "poor": ("ai-stack", {**HALF_SIZE, "start_cash": 2, "entry_rate": 0.5, "funding": 0.3, "*.fixed_cost": 3}),
}


class Step(NamedTuple):
    """A market before and after a step, and what the step recorded."""

    before: State
    after: State
    measures: Any
    ledger: Any


def steps_of(name: str) -> Iterator[Step]:
    stack, changed = MARKETS[name]
    state = opened(stack, 4, changed)
    for _ in range(STEPS):
        before = copied(state)
        record, ledgers = advanced(state)
        yield Step(before, state, record[0], ledgers[0])


def taken_over(step: Step) -> int:
    """Firms taken over in the step; their flows are booked with the acquirer from then on."""
    return int(step.after.layers.acquired.sum())


every_market = pytest.mark.parametrize("market", MARKETS)


@every_market
def test_cash_changes_by_sources_less_sinks(market: str) -> None:
    for step in steps_of(market):
        change = step.after.firms.cash.sum() - step.before.firms.cash.sum()
        booked = sum(step.ledger[name] for name in SOURCES) - sum(step.ledger[name] for name in SINKS)
        scale = np.abs(step.after.firms.cash).sum() + sum(abs(step.ledger[name]) for name in (*SOURCES, *SINKS))
        assert change == pytest.approx(booked, abs=1e-8 * scale)


def test_every_account_is_used_somewhere() -> None:
    totals = dict.fromkeys((*SOURCES, *SINKS), 0.0)
    for market in MARKETS:
        for step in steps_of(market):
            for name in totals:
                assert step.ledger[name] >= 0.0 or name == "ledger_sales"
                totals[name] += step.ledger[name]
    assert [name for name, total in totals.items() if total == 0.0] == []


@every_market
def test_what_buyers_spend_is_production_cost_and_margins(market: str) -> None:
    checked = 0
    for step in steps_of(market):
        if taken_over(step):
            continue
        units, demand = step.after.units, step.after.layers.is_demand[:-1]
        spending = (units.unit_cost * units.volume)[demand].sum()
        made = (units.stage_cost * units.volume).sum() + units.external_margin.sum()
        assert spending == pytest.approx(made, rel=1e-8)
        checked += 1
    assert checked > 10


@every_market
def test_a_layer_makes_what_its_clients_draw(market: str) -> None:
    for step in steps_of(market):
        volume = step.after.units.volume.sum(axis=1)
        drawn = np.zeros_like(volume)
        for edge in step.after.edges:
            drawn[edge.input] += edge.weight * volume[edge.consumer]
        sells = ~step.after.layers.is_demand[:-1]
        np.testing.assert_allclose(volume[sells], drawn[sells], rtol=1e-8)


@every_market
def test_every_delivered_unit_has_one_supplier_for_each_input(market: str) -> None:
    checked = 0
    for step in steps_of(market):
        if taken_over(step):
            continue  # the acquirer's units have the flows of the firm that is gone
        before, volume = step.before, step.after.units.volume
        served = np.zeros_like(volume)
        for e, edge in enumerate(before.edges):
            drawn = step.after.links.drawn[e]  # parallel sources stand in for one that does not deliver
            clients = np.flatnonzero((volume[edge.consumer] > 0.0) & (drawn > 0.0))
            suppliers = before.links.supplier[e, clients]
            assert (suppliers >= 0).all()
            assert before.operates[edge.input, suppliers].all()
            np.add.at(served[edge.input], suppliers, drawn[clients] * volume[edge.consumer, clients])
            checked += len(clients)
        sells = ~before.layers.is_demand[:-1]
        np.testing.assert_allclose(volume[sells], served[sells], rtol=1e-8)
    assert checked > 0


@every_market
def test_a_firm_sells_to_others_no_more_than_it_makes(market: str) -> None:
    for step in steps_of(market):
        units = step.after.units
        assert (units.external_volume <= units.volume * (1 + 1e-12)).all()
        assert (units.external_volume >= 0.0).all()


@every_market
def test_alliances_are_mutual_and_within_the_places_there_are(market: str) -> None:
    seen = 0
    for step in steps_of(market):
        state = step.after
        pairs = [(i, int(j)) for i, row in enumerate(state.ties.ally) for j in row if j >= 0]
        assert len(set(pairs)) == len(pairs)
        assert {(j, i) for i, j in pairs} == set(pairs)
        assert all(i != j for i, j in pairs)
        assert all(state.firms.alive[i] and not state.layers.is_demand[state.firms.home[i]] for i, _ in pairs)
        assert state.ties.shape[1] == state.market.max_allies[0]
        seen += len(pairs)
    assert seen > 0 or market == "tiny"


@every_market
def test_no_one_deals_with_the_dead(market: str) -> None:
    for step in steps_of(market):
        state = step.after
        assert not state.operates[:, ~state.firms.alive].any()
        for e, edge in enumerate(state.edges):
            suppliers = state.links.supplier[e, state.operates[edge.consumer]]
            suppliers = suppliers[suppliers >= 0]
            assert state.firms.alive[suppliers].all(), (int(state.market.step[0]), e)
            assert state.operates[edge.input, suppliers].all(), (int(state.market.step[0]), e)


@every_market
def test_units_come_and_go_only_as_counted(market: str) -> None:
    events = 0
    for step in steps_of(market):
        tally = step.after.layers[:-1]
        came, went = tally.entered + tally.built, tally.closed + tally.lost
        change = step.after.operates.sum(axis=1) - step.before.operates.sum(axis=1)
        np.testing.assert_array_equal(change, came - went)
        events += int((came + went).sum())
    assert events > 0


@every_market
def test_capability_and_prices_stay_finite(market: str) -> None:
    for step in steps_of(market):
        units = step.after.units[step.after.operates]
        for name in ("capability", "experience", "capacity", "markup", "unit_cost", "price", "quality", "churn"):
            assert np.isfinite(units[name]).all(), name
        assert (units.markup >= 0.0).all()
        assert (units.capacity >= 0.0).all()
        assert (units.price >= units.unit_cost * (1 - 1e-12)).all()


@every_market
def test_measures_say_what_the_volumes_say(market: str) -> None:
    for step in steps_of(market):
        measured = dict(zip(COLUMNS, step.measures.T, strict=True))
        units = step.after.units
        for k, volume in enumerate(units.volume):
            if volume.sum() == 0.0:
                assert np.isnan(measured["hhi"][k])
                continue
            shares = np.sort(volume / volume.sum())[::-1]
            assert shares.sum() == pytest.approx(1.0, abs=1e-12)
            assert measured["hhi"][k] == pytest.approx(10_000 * (shares**2).sum(), rel=1e-9)
            assert measured["cr1"][k] == pytest.approx(shares[0], rel=1e-9)
            assert measured["cr4"][k] == pytest.approx(shares[:4].sum(), rel=1e-9)
            captive = 1.0 - units.external_volume[k].sum() / volume.sum()
            assert measured["in_house_share"][k] == pytest.approx(captive, abs=1e-9) or step.after.layers.is_demand[k]
            revenue = units.external_revenue[k].sum()
            if revenue > 0.0:
                assert measured["lerner"][k] == pytest.approx(units.external_margin[k].sum() / revenue, abs=1e-9)
            assert measured["leader"][k] == step.after.firms.slot[volume.argmax()]
            assert measured["volume"][k] == pytest.approx(volume.sum(), rel=1e-12)
        np.testing.assert_array_equal(measured["units"], step.after.operates.sum(axis=1))


@every_market
def test_measures_count_who_came_left_and_switched(market: str) -> None:
    switches = 0
    for step in steps_of(market):
        measured = dict(zip(COLUMNS, step.measures.T, strict=True))
        before, after, home = step.before.firms, step.after.firms, step.after.firms.home
        layers = len(step.measures)
        came = np.bincount(home[after.birth > before.birth], minlength=layers)
        left = np.bincount(home[before.alive & ~after.alive], minlength=layers)
        np.testing.assert_array_equal(measured["entry"], came)
        np.testing.assert_array_equal(measured["exit"], left)
        if not left.any():  # else links also follow an acquirer
            moved = np.zeros(layers)
            for e, edge in enumerate(step.after.edges):
                old, new = step.before.links.supplier[e], step.after.links.supplier[e]
                clients = step.before.operates[edge.consumer] & step.after.operates[edge.consumer]
                moved[edge.input] += (clients & (old >= 0) & (new >= 0) & (old != new)).sum()
            assert (measured["switches"] <= moved).all()  # a move away from who could not deliver is no switch
            switches += int(measured["switches"].sum())
    assert switches > 0 or market == "poor"  # where somebody leaves in every step
