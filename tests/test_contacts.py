"""Who knows whom: our networks are those of the literature, and any other can be passed in."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import pytest

from stackrace import simulate
from stackrace.model.contacts import contact_pairs, pairs_of_graph
from stackrace.model.parameters import CONTACT_KINDS
from stackrace.model.settings import resolve
from stackrace.model.start import start

from .markets import opened, stack_named

FIRMS, DEGREE, SEEDS = 240, 12, range(8)


def drawn(kind: str, seed: int, firms: int = FIRMS, degree: int = DEGREE, rewiring: float = 0.2) -> nx.Graph[int]:
    """One of our networks as a networkx graph; layers of equal size."""
    market = resolve(stack_named("rich")).market._replace(
        contacts_kind=kind, contacts_degree=degree, contacts_rewiring=rewiring
    )
    pairs = contact_pairs(firms, np.repeat(np.arange(4), firms // 4), market, seed)
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(firms))
    graph.add_edges_from(pairs.tolist())
    assert graph.number_of_edges() == len(pairs), "a pair is there twice"
    assert nx.number_of_selfloops(graph) == 0
    return graph


def described(graph: nx.Graph[int]) -> dict[str, float]:
    degrees = np.array([degree for _, degree in graph.degree])
    largest = graph.subgraph(max(nx.connected_components(graph), key=len))
    return {
        "mean degree": degrees.mean(),
        "spread of degrees": degrees.std(),
        "clustering": nx.average_clustering(graph),
        "path length": nx.average_shortest_path_length(largest),
    }


REFERENCES = {
    "watts-strogatz": lambda seed: nx.watts_strogatz_graph(FIRMS, DEGREE, 0.2, seed=seed),
    "erdos-renyi": lambda seed: nx.gnp_random_graph(FIRMS, DEGREE / (FIRMS - 1), seed=seed),
}


@pytest.mark.parametrize("kind", REFERENCES)
def test_our_network_is_the_one_of_networkx_within_sampling_error(kind: str) -> None:
    ours = [described(drawn(kind, seed)) for seed in SEEDS]
    theirs = [described(REFERENCES[kind](seed)) for seed in SEEDS]
    for name in ours[0]:
        one, other = (np.array([each[name] for each in many]) for many in (ours, theirs))
        error = np.sqrt((one.var(ddof=1) + other.var(ddof=1)) / len(SEEDS))
        assert abs(one.mean() - other.mean()) <= 4 * error + 1e-12, name


def test_without_rewiring_everyone_knows_the_nearest_on_the_ring() -> None:
    found = described(drawn("watts-strogatz", 1, rewiring=0.0))
    ring = described(nx.watts_strogatz_graph(FIRMS, DEGREE, 0.0))
    assert found == pytest.approx(ring)


def test_rewiring_shortens_paths_and_dissolves_cliques() -> None:
    found = [described(drawn("watts-strogatz", 1, rewiring=share)) for share in (0.0, 0.1, 1.0)]
    assert found[0]["path length"] > found[1]["path length"] > found[2]["path length"]
    assert found[0]["clustering"] > found[1]["clustering"] > found[2]["clustering"]


@pytest.mark.parametrize("kind", CONTACT_KINDS)
def test_every_kind_has_about_the_degree_asked_for(kind: str) -> None:
    degrees = [2 * drawn(kind, seed).number_of_edges() / FIRMS for seed in SEEDS]
    assert np.mean(degrees) == pytest.approx(DEGREE, rel=0.06)


@pytest.mark.parametrize("kind", CONTACT_KINDS)
def test_every_kind_runs_and_has_symmetric_lists(kind: str) -> None:
    state = opened("rich", 1, {"contacts.kind": kind})
    lists = [
        state.contacts[first:last].tolist()
        for first, last in zip(state.firms.first_contact, state.firms.last_contact, strict=True)
    ]
    assert sum(map(len, lists)) == len(state.contacts) > 0
    for i, known in enumerate(lists):
        assert i not in known
        assert len(set(known)) == len(known)
        assert all(i in lists[j] for j in known)
    assert simulate(stack_named("rich"), steps=5, set={"contacts.kind": kind}).measures.volume.sum() > 0.0


@pytest.mark.parametrize(("firms", "degree"), [(4, 0), (4, 2), (8, 6), (8, 7), (40, 38), (40, 39)])
@pytest.mark.parametrize("kind", CONTACT_KINDS)
def test_the_smallest_and_the_fullest_networks_can_be_drawn(kind: str, firms: int, degree: int) -> None:
    if kind == "watts-strogatz" and degree % 2:
        degree -= 1
    graph = drawn(kind, 1, firms, degree)
    assert max(degree for _, degree in graph.degree) <= firms - 1


def test_two_seeds_are_two_networks_and_one_seed_is_one() -> None:
    for kind in CONTACT_KINDS:
        edges = [{frozenset(edge) for edge in drawn(kind, seed).edges} for seed in (1, 1, 2)]
        assert edges[0] == edges[1] != edges[2]


def test_layers_mix() -> None:
    state = opened("ai-stack")
    homes = state.firms.home
    pairs = [
        (homes[i], homes[j])
        for i in range(len(homes))
        for j in state.contacts[state.firms.first_contact[i] : state.firms.last_contact[i]]
    ]
    within = np.mean([one == other for one, other in pairs])
    sizes = np.bincount(homes)
    by_chance = (sizes * (sizes - 1)).sum() / (len(homes) * (len(homes) - 1))
    assert within == pytest.approx(by_chance, abs=0.02)


def test_a_graph_that_is_passed_in_is_used_as_it_is() -> None:
    stack = stack_named("tiny")
    graph = nx.path_graph(18)
    state = start(stack, resolve(stack), 1, pairs_of_graph(graph, 18))
    for i in range(18):
        known = state.contacts[state.firms.first_contact[i] : state.firms.last_contact[i]]
        assert sorted(known.tolist()) == sorted(graph.neighbors(i))


def test_the_network_passed_in_decides_the_run() -> None:
    ring, full = nx.cycle_graph(18), nx.complete_graph(18)
    runs = [simulate(stack_named("tiny"), steps=30, set={"exploration": 0}, contacts=graph) for graph in (ring, full)]
    assert not runs[0].measures.equals(runs[1].measures)


def test_directions_duplicates_and_loops_of_a_graph_do_not_count() -> None:
    graph = nx.MultiDiGraph([(0, 1), (1, 0), (0, 1), (2, 2), (3, 1)])
    assert pairs_of_graph(graph, 4).tolist() == [[0, 1], [1, 3]]


def test_a_graph_made_from_numpy_numbers_is_a_graph() -> None:
    graph: nx.Graph[Any] = nx.Graph()
    graph.add_edges_from(np.array([[0, 1], [1, 2]]))
    assert pairs_of_graph(graph, 4).tolist() == [[0, 1], [1, 2]]


@pytest.mark.parametrize(
    ("graph", "named"),
    [
        (nx.path_graph(19), "18"),
        (nx.Graph([("a", "b")]), "'a'"),
        (nx.Graph([(0, -1)]), "-1"),
        (nx.Graph([(0, 1.5)]), "1.5"),
        ([(0, 1)], "networkx"),
        ("erdos-renyi", "networkx"),
    ],
)
def test_a_graph_that_cannot_be_used_gets_one_clear_line(graph: Any, named: str) -> None:
    with pytest.raises(ValueError, match="contacts") as error:
        simulate(stack_named("tiny"), steps=1, contacts=graph)
    assert named in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("pairs", "told"),
    [
        (np.array([[0, 1, 2]]), r"pairs of slots, whole numbers of shape \(n, 2\)"),
        (np.array([[0.0, 1.0]]), "whole numbers"),
        (np.array([[0, 10_000]]), "slots are 0 to"),
        (np.array([[-1, 1]]), "slots are 0 to"),
    ],
)
def test_pairs_that_are_no_contacts_are_told(pairs: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        simulate(stack_named("tiny"), steps=1, contacts=pairs)


def test_pairs_are_taken_as_a_graph_with_the_same_edges() -> None:
    pairs = np.array([[0, 1], [2, 2], [1, 0], [5, 3]])
    given = simulate(stack_named("tiny"), steps=5, contacts=pairs)
    np.testing.assert_array_equal(
        given.record, simulate(stack_named("tiny"), steps=5, contacts=nx.Graph(pairs.tolist())).record
    )
