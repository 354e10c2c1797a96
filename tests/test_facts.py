"""Statistics of facts recover what was planted, and facts are judged as they were declared."""

import math
import re

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from scipy.stats import gennorm

import stackrace
from stackrace.experiments.facts.declared import Fact, convention, facts, tries
from stackrace.experiments.facts.growth import (
    growth_shape,
    growth_size_slope,
    size_skewness,
    subbotin_shape,
    variance_size_slope,
)
from stackrace.experiments.facts.history import components, simulated, struck_layer
from stackrace.experiments.facts.network import (
    alliance_clustering_to_random,
    alliance_skewness,
    expected_transitivity,
    inverted_u,
    networks,
    relative_skewness,
    rise_and_fall,
)
from stackrace.experiments.facts.structure import disintegration, integration, margin_explained
from stackrace.experiments.facts.turnover import (
    deepest_shakeout,
    entry_exit_correlation,
    hazard_large_to_small,
    hazard_old_to_young,
    turbulence_after_wave,
    turbulence_late_to_early,
)
from stackrace.model.settings import resolve

from .histories import STACK, STEPS, history, lives, measures_of, panel
from .markets import stack_named


@pytest.mark.parametrize("shape", [0.7, 1.0, 1.5, 2.0, 3.0])
def test_the_subbotin_fit_recovers_a_planted_shape(shape):
    rates = gennorm.rvs(shape, scale=0.3, size=5000, random_state=1)
    assert subbotin_shape(rates) == pytest.approx(shape, rel=0.08)


def test_the_shape_of_growth_is_that_of_the_shocks_behind_it():
    assert growth_shape(history(panel(lambda g, s: g.laplace(0.02, 0.2, len(s))))) == pytest.approx(1.0, abs=0.1)
    assert growth_shape(history(panel(lambda g, s: g.normal(0.02, 0.2, len(s))))) == pytest.approx(2.0, abs=0.2)


def test_layers_of_different_spread_do_not_pass_for_a_tent():
    calm, wild = (panel(lambda g, s, sd=sd: g.normal(0.0, sd, len(s)), seed=2) for sd in (0.05, 0.8))
    both = pd.concat([calm, wild.assign(layer="tooling", home="tooling")], ignore_index=True)
    assert growth_shape(history(both)) > 1.8


def test_too_few_growth_rates_have_no_shape():
    assert math.isnan(growth_shape(history(panel(lambda g, s: g.normal(0.0, 0.2, len(s)), units=7))))


@pytest.mark.parametrize("slope", [0.0, -0.2])
def test_the_slope_of_variance_on_size_is_recovered(slope):
    planted = panel(lambda g, s: g.normal(0.0, 0.1, len(s)) * np.exp(slope * s))
    assert variance_size_slope(history(planted)) == pytest.approx(slope, abs=0.03)


def test_growth_falls_with_size_only_where_small_firms_grow_faster():
    assert growth_size_slope(history(panel(lambda g, s: g.normal(-0.1 * s, 0.2)))) < -0.3
    assert abs(growth_size_slope(history(panel(lambda g, s: g.normal(0.0, 0.2, len(s)))))) < 0.03


def test_exponential_sizes_have_the_skewness_that_the_tolerance_takes_from_them():
    sizes = np.random.default_rng(1).exponential(size=20_000)
    table = pd.DataFrame({"step": STEPS - 1, "firm": range(20_000), "layer": "model", "volume": 5.0 * sizes})
    assert size_skewness(history(table)) == pytest.approx(2.0, abs=0.15)
    assert math.isnan(size_skewness(history(table[:9])))


def test_a_shakeout_needs_a_rise_before_the_fall():
    def rises(step, layer):
        return np.where(layer == 2, np.interp(step, [0, 30, 80], [10, 20, 8]), 10)

    def falls(step, layer):
        return np.interp(step, [0, 80], [20, 4])

    assert deepest_shakeout(history(measures=measures_of(units=rises))) == pytest.approx(0.6)
    assert deepest_shakeout(history(measures=measures_of(units=falls))) == 0.0


def test_entry_goes_with_exit_across_layers():
    table = measures_of(entry_rate=lambda s, k: 0.01 * k, exit_rate=lambda s, k: 0.002 * k + 0.01)
    assert entry_exit_correlation(history(measures=table)) == pytest.approx(1.0)
    against = table.assign(exit_rate=0.1 - table.exit_rate)
    assert entry_exit_correlation(history(measures=against)) == pytest.approx(-1.0)
    assert math.isnan(entry_exit_correlation(history(measures=table[table.layer.isin(["model", "compute"])])))


def test_turbulence_is_compared_between_youth_and_age_and_with_a_wave():
    table = measures_of(turbulence=lambda s, k: np.where(s < 60, 0.4, 0.1))
    assert turbulence_late_to_early(history(measures=table)) == pytest.approx(0.25)
    struck = table.assign(turbulence=np.where((table.layer == "model") & (table.step >= 60), 0.3, table.turbulence))
    assert turbulence_after_wave(history(measures=table), history(measures=struck, wave=True)) == pytest.approx(3.0)


def test_the_hazard_of_old_firms_is_compared_with_that_of_young_ones():
    half = hazard_old_to_young(history(events=lives(lambda age: 0.02 if age <= 20 else 0.01)))
    same = hazard_old_to_young(history(events=lives(lambda age: 0.02)))
    assert half == pytest.approx(0.5, abs=0.1) and same == pytest.approx(1.0, abs=0.15)
    assert math.isnan(hazard_old_to_young(history(events=lives(lambda age: 0.0, firms=50))))


def test_who_is_taken_over_is_gone_and_not_the_acquirer():
    events = [(1, "entered", "model", "a", None, 0.0), (1, "entered", "model", "b", None, 0.0)]
    assert math.isnan(hazard_old_to_young(history(events=events)))
    events.append((5, "acquired", "model", "b", "a", 0.0))
    assert hazard_old_to_young(history(events=events)) == 0.0


def test_exit_of_large_firms_is_compared_with_that_of_small_ones():
    table = panel(lambda g, s: 0.0 * s)
    order = table[table.step == 20].sort_values("volume").firm.tolist()
    gone = [(60, "left", "model", name, None, 0.0) for name in (*order[:40], *order[-10:])]
    left = {name for *_, name, _, _ in gone}
    there = table[~(table.firm.isin(left) & (table.step >= 60))]
    assert hazard_large_to_small(history(there, gone)) == pytest.approx(0.25, abs=0.05)


def alliances(pairs, sellers):
    """A history in which pairs are allied from the start, among so many sellers."""
    names = [f"model-{n}" for n in range(sellers)]
    rows = [{"step": step, "firm": name} for step in range(STEPS - 16, STEPS) for name in names]
    firms = pd.DataFrame(rows).assign(layer="model", home="model", volume=1.0, capability=0.0)
    events = [(0, "allied", "model", names[a], names[b], 1.0) for a, b in pairs]
    return history(firms, events)


def test_degrees_of_chance_are_as_skewed_as_a_poisson_distribution_and_hubs_are_more():
    assert relative_skewness(np.random.default_rng(1).poisson(2.0, 50_000)) == pytest.approx(1.0, abs=0.05)
    chance = alliances(nx.gnm_random_graph(300, 300, seed=1).edges, 300)
    hubs = alliances(nx.barabasi_albert_graph(300, 1, seed=1).edges, 300)
    assert alliance_skewness(chance) < 1.25 < 2.0 < alliance_skewness(hubs)
    assert math.isnan(alliance_skewness(alliances([], 20)))


def test_the_clustering_expected_of_chance_is_that_of_random_graphs_of_equal_degrees():
    graphs = [nx.configuration_model([8] * 60 + [2] * 200, seed=seed) for seed in range(30)]
    simple = [nx.Graph(graph) for graph in graphs]
    degrees = np.array([8] * 60 + [2] * 200)
    found = np.mean([nx.transitivity(graph) for graph in simple])
    assert expected_transitivity(degrees) == pytest.approx(found, rel=0.25)


def test_cliques_are_clustered_and_random_networks_are_not():
    cliques = alliances(nx.connected_caveman_graph(40, 5).edges, 200)
    chance = alliances(nx.gnm_random_graph(200, 600, seed=2).edges, 200)
    assert alliance_clustering_to_random(cliques) > 10
    assert alliance_clustering_to_random(chance) == pytest.approx(1.0, abs=0.4)
    assert math.isnan(alliance_clustering_to_random(alliances([], 20)))


@pytest.mark.parametrize("square, found", [(-1.0, True), (0.0, False), (1.0, False)])
def test_an_inverted_u_is_told_from_a_line_and_a_u(square, found):
    generator = np.random.default_rng(1)
    cells, x = generator.integers(0, 8, 2000), generator.integers(0, 7, 2000).astype(float)
    y = square * (x * x - 6.0 * x) + (x if square == 0.0 else 0.0) + 5.0 * cells + generator.normal(0.0, 3.0, 2000)
    assert (rise_and_fall(x, y, cells) > 1.645) == found


def test_no_inverted_u_is_read_from_too_little():
    assert math.isnan(rise_and_fall(np.array([0.0, 1.0] * 50), np.arange(100.0), np.zeros(100)))
    assert math.isnan(inverted_u(alliances([], 20)._replace(firms=panel(lambda g, s: 0.0 * s, units=10))))


def test_margins_explained_by_concentration():
    told = measures_of(hhi=lambda s, k: 1000.0 * k, lerner=lambda s, k: 0.1 * k)
    untold = measures_of(hhi=lambda s, k: 1000.0 * k, lerner=lambda s, k: np.where(k % 2 == 0, 0.5, 0.3))
    assert margin_explained(history(measures=told)) == pytest.approx(1.0)
    assert margin_explained(history(measures=untold)) < 0.05
    assert math.isnan(margin_explained(history(measures=measures_of(hhi=lambda s, k: 1000.0 * k))))


def test_integration_and_its_end_are_read_from_what_is_made_in_house():
    table = measures_of(in_house_share=lambda s, k: np.interp(s, [3, 48], [0.0, 0.4]))
    struck = table.assign(in_house_share=np.where(table.step >= 68, 0.1, table.in_house_share))
    assert integration(history(measures=table)) == pytest.approx(0.4)
    assert disintegration(history(measures=table), history(measures=struck, wave=True)) == pytest.approx(-0.3)


def test_a_discontinuity_strikes_the_component_that_most_layers_buy():
    assert components(STACK) == {"compute": 1, "hosting": 2, "model": 2, "tooling": 1, "device": 1}
    assert struck_layer(STACK) == "model"
    assert struck_layer(stack_named("institutional")) == "model"


@pytest.mark.parametrize("stack, steps", [("ai-stack", (10, 39)), ("ai-2025", (0, 20))])
def test_alliances_are_those_of_the_market_at_any_step(stack, steps):
    known, run = simulated(stack_named(stack), 3, 40), stackrace.simulate(stack, seed=3, steps=40)
    for step, graph in zip(steps, networks(known, list(steps)), strict=True):
        market = run.graph("alliances", step + 1)
        assert {frozenset(pair) for pair in graph.edges} == {frozenset(pair) for pair in market.edges}
        assert graph.number_of_edges() > 0 and set(market) <= set(graph)


def test_every_fact_is_declared_with_statistic_source_and_one_bound():
    names = [fact.id for fact in facts()]
    assert len(set(names)) == len(names) >= 11
    for fact in facts():
        assert re.search(r"\((18|19|20)\d\d\)", fact.source), fact.id
        assert (fact.low > -math.inf) != (fact.high < math.inf), fact.id
    assert convention().seeds >= 30


def test_a_fact_is_there_within_its_tolerance_only():
    fact = Fact("a", "", "", "", "", high=0.5)
    assert fact.is_there(0.5) and not fact.is_there(0.51) and not fact.is_there(math.nan)
    assert fact.tolerance == "0.5 or less"
    verdicts = [convention().verdict(share) for share in (0.0, 0.2, 0.21, 0.79, 0.8, 1.0)]
    assert verdicts == ["fails", "fails", "mixed", "mixed", "holds", "holds"]


def test_every_change_tried_is_of_a_fact_and_can_be_set():
    assert {fact for fact, _ in tries()} <= {fact.id for fact in facts()}
    for change in tries().values():
        resolve(STACK, change.settings(STACK))
