"""Measures in markets that run: within their ranges, and equal to what other means find."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import networkx as nx
import numpy as np
import pytest

from stackrace.model.columns import State
from stackrace.model.measures import MEASURES, OVERALL
from stackrace.model.stack import Stack

from .hand_made import bought
from .markets import HALF_SIZE, copied, opened, recorded

STEPS = 40
MARKETS: dict[str, tuple[str, dict[str, Any]]] = {
    "tiny": ("tiny", {"entry_rate": 1}),
    "rich": ("rich", {"maker.quality_floor": -100}),
    "ai-stack": ("ai-stack", {}),
    "ai-2025": ("ai-2025", {}),
    "poor": ("ai-stack", {**HALF_SIZE, "start_cash": 2, "entry_rate": 0.5, "funding": 0.3, "*.fixed_cost": 3}),
}
every_market = pytest.mark.parametrize("market", MARKETS)


class Step(NamedTuple):
    """A market before and after a step, and what was measured of layers and of the whole stack."""

    before: State
    after: State
    layers: Any
    stack: Any


def steps_of(name: str) -> Iterator[Step]:
    stack, changed = MARKETS[name]
    state = opened(stack, 6, changed)
    for _ in range(STEPS):
        before = copied(state)
        record, overall, _ = recorded(state)
        yield Step(before, state, record[0], overall[0])


@every_market
def test_measures_stay_within_their_ranges(market: str) -> None:
    for step in steps_of(market):
        for declared, values in ((MEASURES, step.layers), (OVERALL, step.stack)):
            for name, measure in declared.items():
                found = np.atleast_1d(values[name])
                found = found[~np.isnan(found)]
                slack = 1e-9 * max(1.0, np.abs(found).max(initial=0.0))
                assert ((found >= measure.low - slack) & (found <= measure.high + slack)).all(), (name, found)


def test_every_measure_takes_several_values_somewhere() -> None:
    seen: dict[tuple[str, int], set[float]] = {}
    for market in ("rich", "ai-stack", "poor"):
        for step in steps_of(market):
            for kind, declared, values in (("layers", MEASURES, step.layers), ("stack", OVERALL, step.stack)):
                for name in declared:
                    found = np.atleast_1d(values[name])
                    seen.setdefault((kind, name), set()).update(found[~np.isnan(found)].tolist())
    assert [key for key, values in seen.items() if len(values) < 2] == []


@every_market
def test_alliances_are_as_networkx_sees_them(market: str) -> None:
    for step in steps_of(market):
        state = step.after
        homes = state.firms.home
        sellers = np.flatnonzero(state.firms.alive & ~state.layers.is_demand[homes])
        graph = nx.Graph()
        graph.add_nodes_from(sellers.tolist())
        graph.add_edges_from((i, int(j)) for i in sellers.tolist() for j in state.ties.ally[i] if j >= 0)
        degrees, clustering = dict(graph.degree), nx.clustering(graph)
        for k, row in [*enumerate(step.layers), (None, step.stack)]:
            mine = {i for i in sellers.tolist() if k is None or homes[i] == k}
            assert row.alliances == sum(1 for pair in graph.edges if mine & {*pair})
            found = [degrees[i] for i in mine]
            assert row.alliance_degree == pytest.approx(np.mean(found) if found else np.nan, nan_ok=True)
            local = [clustering[i] for i in mine if degrees[i] >= 2]
            assert row.alliance_clustering == pytest.approx(np.mean(local) if local else np.nan, nan_ok=True)


@every_market
def test_the_whole_stack_is_the_sum_of_its_layers(market: str) -> None:
    for step in steps_of(market):
        units, firms, demand = step.after.units, step.after.firms, step.after.layers.is_demand[:-1]
        assert step.stack.margin == pytest.approx(units.external_margin.sum(), rel=1e-9)
        assert step.stack.final_volume == pytest.approx(step.layers.volume[demand].sum(), rel=1e-12)
        if step.stack.margin > 0.0:
            assert step.layers.profit_share.sum() == pytest.approx(1.0)
        sellers = firms.alive & ~step.after.layers.is_demand[firms.home]
        run = step.after.operates[:, sellers].sum(axis=0)
        counts = step.stack.single_layer_firms, step.stack.two_layer_firms, step.stack.many_layer_firms
        assert counts == ((run == 1).sum(), (run == 2).sum(), (run > 2).sum())
        values = np.zeros(len(firms))
        for k in np.flatnonzero(~demand):
            if units.volume[k].sum() > 0.0:
                values += units.volume[k] * np.average(units.stage_cost[k], weights=units.volume[k])
        if values.any():
            assert step.stack.control_hhi == pytest.approx(1e4 * (values**2).sum() / values.sum() ** 2, rel=1e-9)


@every_market
def test_turbulence_is_the_change_of_shares(market: str) -> None:
    before = None
    for step in steps_of(market):
        volumes = step.after.units.volume
        with np.errstate(invalid="ignore"):
            shares = volumes / volumes.sum(axis=1, keepdims=True)
        moved = np.full(len(shares), np.nan) if before is None else np.abs(shares - before).sum(axis=1)
        np.testing.assert_allclose(step.layers.turbulence, moved, rtol=1e-9, atol=1e-12)
        before = shares


def lost_without(step: Step, k: int, i: int) -> float:
    """Share of final volume that buyers no longer get when the step is taken again without unit (k, i)."""
    stopped = copied(step.before)
    stopped.operates[k, i] = False
    recorded(stopped)
    demand = step.after.layers.is_demand[:-1]
    had, has = step.after.units.volume[demand], stopped.units.volume[demand]
    return float(had[has == 0.0].sum() / had.sum())


@every_market
def test_fragility_is_what_is_lost_when_the_leader_really_stops(market: str) -> None:
    checked = 0
    for step in steps_of(market):
        if step.after.layers.acquired.any():
            continue  # then the leader on record may have taken over another's sales
        for k in np.flatnonzero(~step.after.layers.is_demand[:-1]):
            if step.layers.leader[k] >= 0 and step.stack.final_volume > 0.0:
                lost = lost_without(step, int(k), int(step.layers.leader[k]))
                assert step.layers.fragility[k] == pytest.approx(lost, rel=1e-9, abs=1e-12)
                checked += lost > 0.0
    assert checked > 0


def test_with_one_root_and_one_kind_of_buyer_the_stacks_are_the_effective_firms_of_the_root() -> None:
    for step in steps_of("tiny"):
        if not step.after.layers.acquired.any():
            assert step.layers.independent_stacks[1] == pytest.approx(step.layers.effective_firms[0], nan_ok=True)


def test_a_chain_of_monopolies_longer_than_a_word_has_bits_is_lost_as_a_whole_with_any_of_them() -> None:
    names = [f"stage{n}" for n in range(70)]
    layers: dict[str, Any] = {names[0]: {"firms": 1}}
    layers |= {name: {"firms": 1, "inputs": [bought(below)]} for below, name in pairwise(names)}
    layers["buyers"] = {"firms": 5, "adoption_initial": 1.0, "inputs": [bought(names[-1])]}
    stack = Stack.from_dict(
        {"name": "chain", "title": "A long chain", "parameters": {"contacts": {"degree": 4}}, "layers": layers}
    )
    record, overall, _ = recorded(opened(stack))
    assert record.fragility[0, :-1].tolist() == [1.0] * 70
    assert overall.independent_stacks[0] == 1
