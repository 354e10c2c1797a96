"""Graphs of a market say what its columns say, and survive being written to a file."""

import networkx as nx
import numpy as np
import pytest

import stackrace
from stackrace.model.errors import InputError
from stackrace.model.graphs import KINDS, graph, prices_paid

from .markets import HALF_SIZE


@pytest.fixture(scope="module")
def run():
    return stackrace.simulate("ai-stack", seed=3, steps=30, set=HALF_SIZE, events=True)


@pytest.fixture(scope="module")
def world(run):
    return run.state_at(30)


def links(world):
    """Every live input link: edge, row of the client, row of the supplier."""
    for e, edge in enumerate(world.state.edges):
        for i in range(len(world.state.firms)):
            if world.state.operates[edge.consumer, i] and world.state.links.supplier[e, i] >= 0:
                yield e, i, int(world.state.links.supplier[e, i])


def test_supply_has_an_edge_for_every_live_link_with_what_its_columns_say(world):
    state, layers = world.state, world.stack.names
    prices = prices_paid(state)
    firms = [world.register.label(slot, birth) for slot, birth in zip(state.firms.slot, state.firms.birth, strict=True)]
    found = sorted(
        (a, b, data["layer"], data["client_layer"], data["tenure"], data["volume"], data.get("price", -1.0))
        for a, b, data in graph(world, "supply").edges(data=True)
    )
    expected = sorted(
        (
            *(firms[j], firms[i], layers[state.edges[e].input], layers[state.edges[e].consumer]),
            state.links.tenure[e, i],
            state.links.drawn[e, i] * state.units.volume[state.edges[e].consumer, i],
            -1.0 if np.isnan(prices[e, i]) else prices[e, i],
        )
        for e, i, j in links(world)
    )
    assert found == expected
    assert all(data["in_house"] == (a == b) for a, b, data in graph(world, "supply").edges(data=True))


def test_what_a_client_pays_lies_between_cost_and_a_foreclosing_rivals_price(world):
    state, prices = world.state, prices_paid(world.state)
    for e, i, j in links(world):
        unit = state.units[state.edges[e].input, j]
        if not unit.able:
            assert np.isnan(prices[e, i])
        elif i == j:
            assert prices[e, i] == unit.unit_cost
        else:
            dearest = unit.price * (1 + world.parameters.market.foreclosure)
            assert unit.unit_cost * (1 - 1e-12) <= prices[e, i] <= dearest * (1 + 1e-12)


def test_supply_into_a_layer_sums_to_its_volume_right_after_a_step_in_which_no_client_ended(run):
    ended = set(run.events[run.events.kind.isin(["left", "acquired", "closed"])].step)
    step = next(step for step in range(3, 30) if step not in ended)
    world = run.state_at(step + 1)
    measured = run.measures[run.measures.step == step].set_index("layer").volume
    summed = dict.fromkeys(run.stack.selling_layers, 0.0)
    for _, _, data in graph(world, "supply").edges(data=True):
        summed[data["layer"]] += data["volume"]
    for layer, volume in summed.items():
        assert volume == pytest.approx(measured[layer])


def test_alliances_are_the_ties_of_both_sides(world):
    state, made = world.state, graph(world, "alliances")
    ties = {(i, j) for i, place in enumerate(state.ties.ally.tolist()) for j in place if j >= 0}
    assert ties
    assert ties == {(j, i) for i, j in ties}
    slots = nx.get_node_attributes(made, "slot")
    rows = {name: state.firms.row_of_slot[slot] for name, slot in slots.items()}
    assert {(rows[a], rows[b]) for a, b in made.edges} | {(rows[b], rows[a]) for a, b in made.edges} == ties
    assert not any(nx.get_node_attributes(made, "buyer").values())


def test_ownership_has_every_unit_and_shares_of_a_layer_sum_to_one_where_all_units_go_on(world):
    state, made = world.state, graph(world, "ownership")
    assert made.number_of_edges() == state.operates.sum()
    parts = nx.get_node_attributes(made, "bipartite")
    assert all(parts[a] != parts[b] for a, b in made.edges)
    for k, layer in enumerate(world.stack.names):
        gone = state.units.volume[k][state.traded[k] & ~state.operates[k]].sum()
        whole = made.nodes[layer]["volume"]
        assert whole == pytest.approx(state.units.volume[k][state.traded[k] | state.operates[k]].sum())
        assert sum(data["share"] for *_, data in made.edges(layer, data=True)) == pytest.approx(1 - gone / whole)


def test_firm_nodes_say_who_and_how_rich_they_are(world):
    made = graph(world, "supply")
    assert len(made) == world.state.firms.alive.sum()
    i = int(np.flatnonzero(world.state.firms.alive)[0])
    firm = world.state.firms[i]
    node = made.nodes[world.register.label(int(firm.slot), int(firm.birth))]
    assert node["cash"] == firm.cash
    assert (node["slot"], node["home"], node["buyer"]) == (firm.slot, world.stack.names[firm.home], False)
    assert node["volume"] == world.state.units.volume[firm.home, i]
    assert node["layers"] == world.state.operates[:, i].sum()


@pytest.mark.parametrize("kind", KINDS)
def test_graphml_reads_back_what_was_written(world, kind, tmp_path):
    made, file = graph(world, kind), tmp_path / "graph.graphml"
    nx.write_graphml(made, file)
    again = nx.read_graphml(file, node_type=int if kind == "contacts" else str, force_multigraph=kind == "supply")
    assert dict(again.nodes(data=True)) == dict(made.nodes(data=True))

    def edges(graph):
        found = graph.edges(data=True)
        return sorted(((a, b) if kind == "supply" else (min(a, b), max(a, b)), sorted(d.items())) for a, b, d in found)

    assert edges(again) == edges(made)


def test_contacts_handed_back_give_the_identical_run(run, world):
    again = stackrace.simulate("ai-stack", seed=3, steps=30, set=HALF_SIZE, contacts=graph(world, "contacts"))
    assert np.array_equal(again.record, run.record, equal_nan=True)
    assert graph(world, "contacts").number_of_nodes() == len(world.state.firms)


def test_contacts_read_from_graphml_without_node_type_are_refused_with_a_hint(world):
    text = nx.relabel_nodes(graph(world, "contacts"), str)
    with pytest.raises(ValueError, match="node_type=int"):
        stackrace.simulate("ai-stack", steps=1, set=HALF_SIZE, contacts=text)


def test_an_unknown_kind_names_the_kinds(run):
    with pytest.raises(InputError, match="no graph of kind 'friends': there are contacts, supply, alliances, owner"):
        run.graph("friends", 0)


def test_before_the_first_step_nothing_has_been_sold(run):
    made = run.graph("supply", 0)
    assert made.number_of_edges() > 0
    assert {data["volume"] for *_, data in made.edges(data=True)} == {0.0}
    assert not any("price" in data for *_, data in made.edges(data=True))
