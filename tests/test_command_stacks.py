"""Claims about the commands that draw, copy and describe stacks."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from rich.console import Console

from stackrace.experiments.command import screen
from stackrace.experiments.command.drawing import drawn
from stackrace.experiments.command.main import main
from stackrace.model.parameters import BUYER, LAYER, MARKET
from stackrace.model.stack import SHIPPED, Stack, read_stack, stacks
from stackrace.model.stack_schema import stack_schema

# The drawing


def layers(**inputs: str) -> Stack:
    """A stack of layers, each with the names of what it buys."""
    return Stack.from_dict(
        {
            "name": "small",
            "title": "A small stack",
            "layers": {
                name: {"inputs": [{"layer": each, "weight": 1, "passthrough": 1} for each in bought.split()]}
                for name, bought in inputs.items()
            },
        }
    )


def test_a_chain_is_drawn_as_stairs() -> None:
    assert drawn(layers(chips="", cloud="chips", buyers="cloud")) == [
        "●      chips",
        "└─●    cloud",
        "  └─○  buyers",
    ]


def test_a_rail_runs_down_to_the_last_layer_that_buys_and_is_crossed_by_others() -> None:
    assert drawn(layers(chips="", cloud="chips", tool="chips", app="cloud chips", offices="app tool", shops="app")) == [
        "●          chips",
        "├─●        cloud",
        "├─│─●      tool",
        "└─┴─│─●    app",
        "    └─┼─○  offices",
        "      └─○  shops",
    ]


@pytest.mark.parametrize("name", stacks())
def test_every_layer_is_drawn_once_and_every_purchase_is_a_branch(name: str) -> None:
    stack = read_stack(name)
    lines = drawn(stack)
    assert [line.split()[-1] for line in lines] == list(stack.names)
    for line, layer in zip(lines, stack.layers, strict=True):
        rails = line.removesuffix(layer.name)
        assert sum(rails.count(sign) for sign in "├└┼┴") == len(layer.inputs)
        assert rails.count("●") + rails.count("○") == 1
        assert ("○" in rails) == (layer.name in stack.demand_layers)


@pytest.mark.parametrize("name", stacks())
def test_show_fits_a_narrow_terminal(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(screen, "out", Console(width=80, highlight=False, markup=False))
    assert main(["show", name]) == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    assert all(line.rstrip() in text for line in drawn(read_stack(name)))


def test_show_tells_alliances_with_both_sides(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(screen, "out", Console(width=200, highlight=False, markup=False))
    assert main(["show", "full-stack"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "Laboratory: model, application; allied with Cloud (exclusive)" in lines
    (cloud,) = (line for line in lines if line.startswith("Cloud: "))
    assert cloud.endswith("; allied with Laboratory")


# A copy to start from


@pytest.mark.parametrize("name", stacks())
def test_a_copy_differs_from_the_original_by_its_name_only(name: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    assert main(["new", str(file), "--from", name]) == 0
    copied, original = (path.read_text("utf-8").splitlines() for path in (file, SHIPPED / f"{name}.toml"))
    changed = [pair for pair in zip(copied, original, strict=True) if pair[0] != pair[1]]
    assert changed == [('name = "mine"', f'name = "{name}"')]
    assert main(["check", str(file)]) == 0


def test_a_copy_overwrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("mine", "utf-8")
    assert main(["new", str(file)]) == 2
    assert capsys.readouterr().err == f"stackrace: {file}: is there already: take another name or remove it first\n"
    assert file.read_text("utf-8") == "mine"


MISTAKES = {
    "misspelt": (["mine.toml", "--from", "ai-stak"], "called 'ai-stak': did you mean 'ai-stack'?"),
    "another kind of file": (["mine.yaml"], "mine.yaml: a stack is a TOML file: call it mine.toml"),
    "no suffix": (["mine"], "mine: a stack is a TOML file: call it mine.toml"),
    "no folder": (["nowhere/mine.toml"], "nowhere/mine.toml: cannot be written: No such file or directory"),
}


@pytest.mark.parametrize(("words", "answer"), MISTAKES.values(), ids=MISTAKES)
def test_a_copy_that_cannot_be_made_is_answered_in_one_line(
    words: list[str], answer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new", *words]) == 2
    assert capsys.readouterr().err.endswith(f"{answer}\n")
    assert list(tmp_path.iterdir()) == []


# The schema


def test_the_schema_is_printed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == stack_schema()


def test_the_schema_says_range_meaning_unit_and_source_of_every_parameter() -> None:
    tables = stack_schema()["$defs"]
    for table, declared in (("LayerTable", {**LAYER, **BUYER}), ("MarketTable", {**BUYER, **MARKET})):
        for name, parameter in declared.items():
            group, _, rest = name.rpartition(".")
            told = tables[f"{group.title()}Table" if group else table]["properties"][rest]
            assert told["description"].startswith(parameter.meaning)
            if parameter.kind in (int, float):
                assert told.get("minimum", parameter.low) == parameter.low
                assert told.get("maximum", parameter.high) == parameter.high
    assert tables["LayerTable"]["properties"]["tenure_scale"]["description"].endswith("data gravity (steps)")
    assert tables["LayerTable"]["properties"]["switching_cost"]["description"].endswith("(1987)")


def test_the_schema_describes_every_field() -> None:
    tables = {"StackTable": stack_schema(), **stack_schema()["$defs"]}
    bare = [
        f"{table}.{name}"
        for table, content in tables.items()
        for name, told in content["properties"].items()
        if "description" not in told and "$ref" not in told
    ]
    assert bare == []


@pytest.mark.parametrize("name", stacks())
def test_every_shipped_stack_is_valid_by_the_schema(name: str) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    tables = tomllib.loads((SHIPPED / f"{name}.toml").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(stack_schema())
    jsonschema.validate(tables, stack_schema(), cls=jsonschema.Draft202012Validator)


FAULTS = {
    "out of range": {"layers": {"a": {"taste": 21}}},
    "unknown": {"layers": {"a": {"tast": 1}}},
    "no number": {"parameters": {"price_weight": "3"}},
    "no quarter": {"layers": {}, "start": "2025-Q5"},
    "ally without source": {"layers": {}, "firms": {"A": {"home": "a", "allies": [{"with": "B"}]}}},
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_the_schema_refuses_what_the_reader_refuses(fault: dict[str, object]) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    sound = {"name": "a", "title": "A", "layers": {"a": {}}}
    jsonschema.validate(sound, stack_schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**sound, **fault}, stack_schema())
