"""Claims about faulty stack files: each mistake is answered in one line that says where it is and how to repair it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from stackrace.model.stack import Stack, StackError, read_stack

HEAD = 'name = "small"\ntitle = "A small stack"\n'
CHIPS = "[layers.chips]\nfirms = 8\n"
BUYERS = '[layers.buyers]\nfirms = 20\ninputs = [{ layer = "chips", weight = 1.0, passthrough = 0.5 }]\n'
SMALL = HEAD + CHIPS + BUYERS


def read(folder: Path, text: str) -> Stack:
    file = folder / "small.toml"
    file.write_text(text, "utf-8")
    return read_stack(file)


def refusal(folder: Path, text: str) -> str:
    """The one line that a faulty file is answered with, less the file's path."""
    with pytest.raises(StackError) as caught:
        read(folder, text)
    message = str(caught.value)
    assert "\n" not in message
    where = f"{folder / 'small.toml'}: "
    assert message.startswith(where)
    return message.removeprefix(where)


def layer(name: str, *inputs: str) -> str:
    edges = ", ".join(f'{{ layer = "{each}", weight = 1, passthrough = 1 }}' for each in inputs)
    return f"[layers.{name}]\ninputs = [{edges}]\n"


# What cannot be opened


def test_a_misspelt_stack_is_answered_with_the_nearest_one() -> None:
    with pytest.raises(StackError, match=r"^no stack is called 'ai-stak': did you mean 'ai-stack'\?"):
        read_stack("ai-stak")


@pytest.mark.parametrize("path", ["missing.toml", "", "a\0b.toml"], ids=["missing", "directory", "impossible"])
def test_what_cannot_be_opened_is_answered_in_one_line(tmp_path: Path, path: str) -> None:
    with pytest.raises(StackError, match=r"^[^\n]*: cannot be read: [^\n]*; give the path of a TOML file$"):
        read_stack(tmp_path / path)


def test_text_that_is_not_utf8_is_named_as_such(tmp_path: Path) -> None:
    file = tmp_path / "latin.toml"
    file.write_bytes('title = "Überbau"'.encode("latin-1"))
    with pytest.raises(StackError, match=r"latin\.toml: not UTF-8 text \(byte 9\); save it as UTF-8$"):
        read_stack(file)


def test_faulty_toml_is_answered_with_its_place(tmp_path: Path) -> None:
    message = refusal(tmp_path, HEAD + "[layers.chips\n")
    assert message.startswith("not valid TOML: ") and "line 3" in message


# What is wrong in a file: the text, and the one line that answers it

VALUES = {
    "misspelt": (
        CHIPS + "swiching_cost = 1\n",
        "layers.chips.swiching_cost is unknown: did you mean 'switching_cost'?",
    ),
    "too low": (
        CHIPS + "switching_cost = -1\n",
        "layers.chips.switching_cost must be a number, 0 to 50 (appeal), not -1",
    ),
    "too high": (
        CHIPS + "switching_cost = 50.5\n",
        "layers.chips.switching_cost must be a number, 0 to 50 (appeal), not 50.5",
    ),
    "nan": (CHIPS + "taste = nan\n", "layers.chips.taste must be a number, 0 to 20 (appeal), not nan"),
    "text": (CHIPS + 'taste = "1"\n', "layers.chips.taste must be a number, 0 to 20 (appeal), not '1'"),
    "bool for number": (CHIPS + "taste = true\n", "layers.chips.taste must be a number, 0 to 20 (appeal), not true"),
    "number for bool": (CHIPS + "openable = 1\n", "layers.chips.openable must be true | false, not 1"),
    "vast": (
        CHIPS + f"taste = 1{'0' * 400}\n",
        "layers.chips.taste must be a number, 0 to 20 (appeal), not 100000000000000000...0000000000000000000",
    ),
    "no firms": ("[layers.chips]\nfirms = 0\n", "layers.chips.firms must be a whole number, 1 to 1e+08 (firms), not 0"),
    "endless floor": (
        CHIPS + "quality_floor = -inf\n",
        "layers.chips.quality_floor must be a finite number; leave it out for none",
    ),
    "market's value in a layer": (
        CHIPS + "price_weight = 1\n",
        "layers.chips.price_weight is unknown: it belongs in [parameters]",
    ),
    "layer's value in the market": (
        "[parameters]\ntaste = 1\n" + CHIPS,
        "parameters.taste is unknown: it belongs in [layers.NAME] or [defaults]",
    ),
    "buyers' value in defaults": (
        "[defaults]\nfrontier_share = 1\n" + CHIPS,
        "defaults.frontier_share is unknown: it belongs in [parameters]",
    ),
    "floor in defaults": (
        "[defaults]\nquality_floor = 1\n" + CHIPS,
        "defaults.quality_floor is unknown: it belongs in [layers.NAME] of a demand layer",
    ),
    "misspelt group": (
        "[parameters.contact]\ndegree = 4\n" + CHIPS,
        "parameters.contact is unknown: did you mean 'contacts'?",
    ),
    "misspelt in a group": (
        "[parameters.contacts]\ndegre = 4\n" + CHIPS,
        "parameters.contacts.degre is unknown: did you mean 'degree'?",
    ),
    "unknown kind": (
        '[parameters.contacts]\nkind = "ring"\n' + CHIPS,
        "parameters.contacts.kind must be watts-strogatz | erdos-renyi | barabasi-albert | stochastic-blocks,"
        " not 'ring'",
    ),
    "odd ring": (
        "[parameters.contacts]\ndegree = 5\n" + CHIPS,
        "contacts.degree must be even, not 5: in a watts-strogatz network contacts come in pairs, one on each side",
    ),
    "too many contacts": (
        "[parameters.contacts]\ndegree = 28\n" + CHIPS,
        "contacts.degree must be 27 or less, not 28: there are 28 firms in all",
    ),
    "free source": (
        CHIPS + "base_cost = 0\n",
        "chips.base_cost must be above 0, not 0: a layer without inputs would give its product away,"
        " and appeal takes the logarithm of cost",
    ),
    "buyers' value in a seller": (
        CHIPS + "frontier_share = 1\n",
        "layers.chips.frontier_share: frontier_share describes buyers, and others buy from 'chips':"
        " set it for a demand layer (buyers)",
    ),
    "floor in a seller": (
        CHIPS + "quality_floor = 1\n",
        "layers.chips.quality_floor: quality_floor describes buyers, and others buy from 'chips':"
        " set it for a demand layer (buyers)",
    ),
}


@pytest.mark.parametrize(("text", "answer"), VALUES.values(), ids=VALUES)
def test_a_faulty_value_is_answered_in_one_line(tmp_path: Path, text: str, answer: str) -> None:
    assert refusal(tmp_path, HEAD + text + BUYERS) == answer


EDGE = '[layers.buyers]\ninputs = [{{ layer = "chips", weight = 1, passthrough = 1, {} }}]\n'
SHAPES = {
    "nothing": (
        HEAD + "[layers]\n",
        "layers is empty: add at least one layer that sells and one that buys",
    ),
    "no layers table": (HEAD, "layers is missing"),
    "no name": (SMALL.replace('name = "small"\n', ""), "name is missing"),
    "empty title": (SMALL.replace("A small stack", ""), "title must not be empty, not ''"),
    "unknown table": (SMALL.replace("[layers.", "[layer."), "layer is unknown: did you mean 'layers'?"),
    "misspelt table": (SMALL + "[firm]\n", "firm is unknown: did you mean 'firms'?"),
    "layer is no table": (HEAD + "[layers]\nchips = 3\n", "layers.chips must be a table, not 3"),
    "inputs are no list": (
        HEAD + CHIPS + '[layers.buyers]\ninputs = "chips"\n',
        "layers.buyers.inputs must be a list of tables, not 'chips'",
    ),
    "input without weight": (
        HEAD + CHIPS + '[layers.buyers]\ninputs = [{ layer = "chips", passthrough = 1 }]\n',
        "layers.buyers.inputs[0].weight is missing",
    ),
    "weightless input": (
        SMALL.replace("weight = 1.0", "weight = 0"),
        "layers.buyers.inputs[0].weight must be a number, 1e-06 to 1e+06 (units/unit), not 0",
    ),
    "no passthrough": (
        SMALL.replace("passthrough = 0.5", "passthrough = 0"),
        "layers.buyers.inputs[0].passthrough must be a number, 1e-06 to 5, not 0",
    ),
    "no sources": (
        HEAD + CHIPS + EDGE.format("sources = 0"),
        "layers.buyers.inputs[0].sources must be a whole number, 1 to 16, not 0",
    ),
    "broken sources": (
        HEAD + CHIPS + EDGE.format("sources = 2.0"),
        "layers.buyers.inputs[0].sources must be a whole number, 1 to 16, not 2.0",
    ),
    "misspelt input": (
        SMALL.replace('layer = "chips"', 'layer = "chip"'),
        "layers.buyers.inputs: no layer is called 'chip': did you mean 'chips'?",
    ),
    "its own input": (
        HEAD + layer("chips", "chips") + BUYERS,
        "layers.chips.inputs: a layer cannot be its own input: remove 'chips' from them",
    ),
    "repeated input": (
        HEAD + CHIPS + layer("buyers", "chips", "chips"),
        "layers.buyers.inputs: 'chips' is listed 2 times: list it once, with sources = 2 for 2 parallel contracts",
    ),
    "islands": (
        SMALL + layer("wood") + layer("joiner", "wood"),
        "layers: the stack falls into 2 parts (chips, buyers; wood, joiner): join them by inputs or keep one",
    ),
    "one layer": (HEAD + CHIPS, "layers: no layer buys from another: give a demand layer inputs"),
}


@pytest.mark.parametrize(("text", "answer"), SHAPES.values(), ids=SHAPES)
def test_a_faulty_shape_is_answered_in_one_line(tmp_path: Path, text: str, answer: str) -> None:
    assert refusal(tmp_path, text) == answer


@pytest.mark.parametrize("name", ["contacts", "decisions", "*", "a.b", "a b", "a\\nb"])
def test_a_name_that_settings_could_not_refer_to_is_refused(tmp_path: Path, name: str) -> None:
    answer = refusal(tmp_path, HEAD + layer(f'"{name}"') + layer("buyers", name))
    assert answer.endswith("cannot name a layer: use letters, digits, - and _, and neither of contacts, decisions")


def test_a_circle_is_named(tmp_path: Path) -> None:
    message = refusal(tmp_path, HEAD + layer("a", "c") + layer("b", "a") + layer("c", "b") + layer("buyers", "c"))
    circle, _, repair = message.removeprefix("layers: ").partition(" supply each other in a circle: ")
    names = circle.split(" -> ")
    assert names[0] == names[-1] and set(names) == {"a", "b", "c"}
    assert all(pair in {("a", "b"), ("b", "c"), ("c", "a")} for pair in pairwise(names))
    assert repair == "remove one of these inputs"


@pytest.mark.parametrize("tables", [None, [], {"name": 1}, {"layers": {1: {}}}], ids=str)
def test_tables_of_any_kind_are_answered_in_one_line(tables: object) -> None:
    with pytest.raises(StackError, match=r"^stack: [^\n]+$"):
        Stack.from_dict(tables)  # type: ignore[arg-type]
