"""What is written as TOML is read back as it was, whatever a visitor may have typed."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from stackrace.experiments.app.takeaway import toml_of
from stackrace.model.interventions import SetParameters, as_toml
from stackrace.model.policy import read_policy
from stackrace.model.stack import copy_stack, read_stack
from stackrace.model.toml import spelt

TEXT = some.text(some.characters(exclude_categories=["Cs"]))
PLAIN = TEXT | some.booleans() | some.integers(-(2**63), 2**63 - 1) | some.floats(allow_nan=False)
VALUE = some.recursive(PLAIN, lambda each: some.lists(each) | some.dictionaries(TEXT, each), max_leaves=12)
CONTROL = "".join(map(chr, [*range(32), 127, 0x85, 0x2028])) + "\"'\\#\U0001f600"


@given(VALUE)
def test_every_plain_value_is_read_back(value: Any) -> None:
    assert tomllib.loads(f"x = {spelt(value)}") == {"x": value}


@given(some.dictionaries(TEXT, VALUE | some.dictionaries(TEXT, VALUE), max_size=4))
def test_every_table_is_read_back(tables: dict[str, Any]) -> None:
    assert tomllib.loads(toml_of(tables)) == tables


@pytest.mark.parametrize("sign", CONTROL)
def test_an_intervention_with_any_sign_in_it_is_read_back(sign: str, tmp_path: Path) -> None:
    table = {"kind": "set", "from": 3, "set": {f"a{sign}b": f"c{sign}d"}}
    each = SetParameters.model_validate(table)
    file = tmp_path / "policy.toml"
    file.write_text(as_toml([each]), "utf-8", newline="\n")
    assert read_policy(file).interventions == (each,)


@pytest.mark.parametrize("name", ["a\x7fb", 'a"b', "a\\b", "a\U0001f600b"])
def test_a_stack_copied_to_a_file_of_any_name_is_read(name: str, tmp_path: Path) -> None:
    assert read_stack(copy_stack("ai-stack", tmp_path / f"{name}.toml")).name == name
