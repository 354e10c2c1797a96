"""Who may know of whom, read from the imports; and files that stay small and well named."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from stackrace.model.columns import SCHEMAS, columns_of
from stackrace.model.notes import FirmNotes, LayerNotes, UnitNotes

from .markets import ROOT

FOLDERS = ("agents", "model", "experiments", "stackrace", "tests", "benchmarks", "notebooks")
LONGEST = 300
TOO_GENERAL = ("utils", "util", "helper", "helpers", "manager", "calc", "process", "misc", "common")


def python_files(*folders: str) -> list[Path]:
    """Python files of our own folders, without following the links in stackrace/."""
    linked = {ROOT / "stackrace" / name for name in ("agents", "model", "experiments")}
    found = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    return sorted(file for file in found if not linked & set(file.parents) and "__pycache__" not in file.parts)


def imports_of(file: Path) -> Iterator[str]:
    """Full names of what a file imports, wherever in it; relative ones from `stackrace` or `tests`."""
    package = ["stackrace", *file.relative_to(ROOT).parent.parts]
    if file.is_relative_to(ROOT / "tests") or file.is_relative_to(ROOT / "stackrace"):
        package = package[1:]
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def importing(folder: str, *forbidden: str) -> list[str]:
    """Files of a folder that import something below one of the forbidden names."""
    return [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in python_files(folder)
        for name in imports_of(file)
        if any(f"{name}.".startswith(f"{each}.") for each in forbidden)
    ]


def test_imports_are_read_at_all() -> None:
    found = set(imports_of(ROOT / "model" / "phases" / "source.py"))
    assert {"stackrace.agents.switch.appeal", "stackrace.model.chance", "numpy"} <= found
    assert "stackrace.agents.rule.rule" in set(imports_of(ROOT / "agents" / "offer.py"))


def test_rules_know_nothing_of_the_market() -> None:
    assert importing("agents", "stackrace.model", "stackrace.experiments") == []


def test_the_market_knows_nothing_of_experiments() -> None:
    assert importing("model", "stackrace.experiments") == []


def test_no_rule_and_no_phase_reads_the_measures() -> None:
    measures = ("stackrace.model.measures", "stackrace.experiments.regimes")
    assert importing("agents", *measures) == []
    assert importing("model/phases", *measures) == []


def test_what_measures_note_is_read_by_measures_alone() -> None:
    notes = {*columns_of(UnitNotes, FirmNotes, LayerNotes), "traces", "holdings"}
    files = [*python_files("agents"), *python_files("model/phases"), *python_files("model/measures")]
    readers = {
        file.parent.name
        for file in files
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in notes
    }
    assert readers == {"measures"}
    written_by = {
        column.name
        for name in SCHEMAS
        for column in columns_of(*SCHEMAS[name]).values()
        if "measure" in column.written_by
    }
    assert written_by == notes - {"traces", "holdings"}


def test_the_engine_runs_without_mesa() -> None:
    core = [
        *python_files("model"),
        *(file for file in python_files("agents") if file.name != "firm.py"),
        ROOT / "experiments" / "run.py",
    ]
    eager = [
        file.name
        for file in core
        if file.name != "market.py"
        for name in imports_of(file)
        if name.split(".")[0] in ("mesa", "solara")
    ]
    assert eager == []


def test_only_three_files_deal_with_the_compiler() -> None:
    users = {
        str(file.relative_to(ROOT))
        for file in python_files("agents", "model")
        if any(name.split(".")[0] == "numba" for name in imports_of(file))
    }
    assert users == {"agents/rule.py", "agents/address.py", "model/reference.py"}


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_one_imports_a_second_copy_from_the_top_level(folder: str) -> None:
    assert importing(folder, "model", "agents", "experiments") == []


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    files = python_files(*FOLDERS)
    assert len(files) > 40
    lengths = {str(file.relative_to(ROOT)): len(file.read_text("utf-8").splitlines()) for file in files}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_names_say_what_a_thing_is() -> None:
    names = {file.stem for file in python_files(*FOLDERS)}
    for file in python_files("agents", "model", "experiments", "stackrace"):
        tree = ast.walk(ast.parse(file.read_text("utf-8")))
        kinds = (ast.FunctionDef, ast.ClassDef)
        names |= {node.name for node in tree if isinstance(node, kinds)}
    general = {name for name in names if {*name.lower().split("_")} & {*TOO_GENERAL}}
    assert general == set()
