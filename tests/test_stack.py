"""Claims about stack files: what is read from them, and what the shipped ones hold."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from stackrace.model.parameters import PARAMETERS
from stackrace.model.stack import Input, Layer, Stack, read_stack, stacks
from stackrace.model.stack_file import StackTable, inputs_first

HEAD = 'name = "small"\ntitle = "A small stack"\n'
CHIPS = "[layers.chips]\nfirms = 8\n"
BUYERS = '[layers.buyers]\nfirms = 20\ninputs = [{ layer = "chips", weight = 1.0, passthrough = 0.5 }]\n'
SMALL = HEAD + CHIPS + BUYERS
NVIDIA = '[firms.NVIDIA]\nhome = "chips"\n'
UNIT = '[[firms.NVIDIA.units]]\nlayer = "chips"\nshare = 0.8\nsource = "a report"\n'


def read(folder: Path, text: str) -> Stack:
    file = folder / "small.toml"
    file.write_text(text, "utf-8")
    return read_stack(file)


def layer(name: str, *inputs: str) -> str:
    edges = ", ".join(f'{{ layer = "{each}", weight = 1, passthrough = 1 }}' for each in inputs)
    return f"[layers.{name}]\ninputs = [{edges}]\n"


# What is read


def test_a_file_is_read_into_layers_with_the_values_it_gives(tmp_path: Path) -> None:
    stack = read(tmp_path, SMALL)
    assert stack.names == ("chips", "buyers")
    assert stack.selling_layers == ("chips",)
    assert stack.demand_layers == ("buyers",)
    assert stack.layers[0].parameters == {"firms": 8}
    assert stack.layers[1].inputs == (Input("chips", 1.0, 0.5, 1),)


def test_layers_are_put_inputs_first_and_otherwise_stay_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = HEAD + layer("d", "c", "b") + layer("c", "a") + layer("b", "a") + layer("a")
    assert read(tmp_path, text).names == ("a", "c", "b", "d")
    kept = HEAD + layer("z") + layer("y") + layer("x", "y", "z")
    assert read(tmp_path, kept).names == ("z", "y", "x")


@given(st.integers(1, 7).flatmap(lambda size: st.tuples(st.permutations(range(size)), st.integers(0, 2**21 - 1))))
def test_any_stack_without_cycles_is_put_inputs_first(drawn: tuple[list[int], int]) -> None:
    order, wiring = drawn
    pairs = [(late, early) for late in range(len(order)) for early in range(late)]
    bought = {pair for bit, pair in enumerate(pairs) if wiring >> bit & 1}
    layers = [
        Layer(str(late), tuple(Input(str(early), 1, 1) for early in order if (late, early) in bought), {})
        for late in order
    ]
    placed = inputs_first(layers)
    assert sorted(each.name for each in placed) == sorted(each.name for each in layers)
    for position, each in enumerate(placed):
        assert {edge.layer for edge in each.inputs} <= {before.name for before in placed[:position]}


def test_defaults_reach_the_layers_that_sell_unless_they_say_otherwise(tmp_path: Path) -> None:
    stack = read(tmp_path, HEAD + "[defaults]\ntaste = 0.1\nfirms = 9\n" + CHIPS + BUYERS)
    assert stack.layers[0].parameters == {"taste": 0.1, "firms": 8}
    assert stack.layers[1].parameters == {"firms": 20}


def test_market_wide_values_are_read_by_their_public_names(tmp_path: Path) -> None:
    text = (
        SMALL
        + "[parameters]\nprice_weight = 3\nfrontier_share = 0\n[parameters.contacts]\ndegree = 4\n"
        + "[parameters.decisions]\nbuild = false\n"
    )
    assert read(tmp_path, text).parameters == {
        "price_weight": 3.0,
        "frontier_share": 0.0,
        "contacts.degree": 4,
        "decisions.build": False,
    }


def test_named_firms_are_read_with_their_sources(tmp_path: Path) -> None:
    link = '[[firms.User.links]]\nlayer = "cloud"\ninput = "chips"\nby = "NVIDIA"\nsource = "a filing"\n'
    text = (
        HEAD
        + layer("chips")
        + layer("cloud", "chips")
        + layer("buyers", "cloud")
        + (NVIDIA + UNIT + '[firms.User]\nhome = "cloud"\n' + link)
    )
    nvidia, user = read(tmp_path, text).firms
    assert (nvidia.units[0].share, nvidia.units[0].capability, nvidia.units[0].source) == (0.8, None, "a report")
    assert user.operated == ("cloud",)
    assert (user.links[0].by, user.links[0].source) == ("NVIDIA", "a filing")


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "marked.toml"
    file.write_text(SMALL, "utf-8-sig")
    assert read_stack(str(file)).name == "small"


def test_a_stack_survives_being_written_and_read_back(tmp_path: Path) -> None:
    original = read(
        tmp_path, SMALL + NVIDIA + UNIT + "[parameters]\nprice_weight = 3\n[parameters.contacts]\ndegree = 4\n"
    )
    for stack in (original, *map(read_stack, stacks())):
        written = json.dumps(stack.as_dict(), allow_nan=False)
        again = Stack.from_dict(json.loads(written))
        assert again == stack
        assert json.dumps(again.as_dict()) == written, "a saved run is known by a hash of this, order and all"
        assert pickle.loads(pickle.dumps(stack)) == stack


def test_the_schema_for_editors_knows_every_parameter() -> None:
    schema = json.loads(json.dumps(StackTable.model_json_schema(), allow_nan=False))
    tables = schema["$defs"]
    known = {*tables["LayerTable"]["properties"], *tables["MarketTable"]["properties"]}
    known |= {f"contacts.{name}" for name in tables["ContactsTable"]["properties"]}
    known |= {f"decisions.{name}" for name in tables["DecisionsTable"]["properties"]}
    assert set(PARAMETERS) <= known
    assert tables["LayerTable"]["properties"]["taste"]["maximum"] == 20


# The shipped stack

COLUMNS = ("firms", "base_cost", "fixed_cost", "build_cost", "learning", "innovation", "imitation", "taste")
SPECIFIED = {
    "compute": (16, 1, 6, 80, 0.15, 0.05, 0.03, 0.20, 0.35),
    "hosting": (20, 0.6, 4, 50, 0.10, 0.02, 0.05, 0.30, 0.40),
    "model": (32, 0.5, 4, 40, 0.05, 0.06, 0.10, 0.35, 0.15),
    "tooling": (48, 0.3, 0.6, 6, 0.05, 0.03, 0.10, 0.50, 0.30),
    "application": (96, 1, 0.6, 6, 0.05, 0.03, 0.08, 0.70, 0.50),
    "device": (20, 0.8, 2, 25, 0.15, 0.03, 0.08, 0.30, 0.20),
    "embedded": (40, 0.8, 0.6, 6, 0.08, 0.02, 0.08, 0.60, 0.40),
    "enterprise": (200, 0, 0, 0, 0, 0, 0, 0, 0.40),
    "maker": (80, 0, 0, 0, 0, 0, 0, 0, 0.40),
}
EDGES = {
    "compute": {},
    "hosting": {"compute": (0.6, 0.5)},
    "model": {"hosting": (1, 0.4)},
    "tooling": {"hosting": (0.3, 0.2)},
    "application": {"model": (1, 0.8), "tooling": (0.5, 0.3)},
    "device": {},
    "embedded": {"device": (1, 0.5), "model": (0.4, 0.6)},
    "enterprise": {"application": (1, 1)},
    "maker": {"embedded": (1, 1)},
}
REST = {
    "compute": {"network_effect": 0.2},
    "model": {"flywheel": 0.03, "congestion": 0.3, "openable": True},
    "tooling": {"congestion": 0.3, "openable": True},
    "application": {"congestion": 0.3, "openable": True},
    "embedded": {"openable": True},
    "enterprise": {"review": 0.25},
    "maker": {"review": 0.25},
}


def test_ai_stack_is_as_specified() -> None:
    stack = read_stack("ai-stack")
    assert stack.names == tuple(SPECIFIED)
    assert stack.demand_layers == ("enterprise", "maker")
    assert stack.parameters == {} and stack.firms == ()
    for each in stack.layers:
        table = dict(zip((*COLUMNS, "switching_cost"), SPECIFIED[each.name], strict=True))
        given_or_default = {name: each.parameters.get(name, PARAMETERS[name].default) for name in table}
        assert given_or_default == table
        assert {name: value for name, value in each.parameters.items() if name not in table} == REST.get(each.name, {})
        assert {edge.layer: (edge.weight, edge.passthrough) for edge in each.inputs} == EDGES[each.name]
        assert all(edge.sources == 1 for edge in each.inputs)


def test_shipped_stacks_are_listed_by_title_and_can_be_read() -> None:
    listed = stacks()
    assert listed["ai-stack"] == "The AI stack"
    for name, title in listed.items():
        stack = read_stack(name)
        assert (stack.name, stack.title) == (name, title)
