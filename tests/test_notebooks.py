"""Notebooks are stored as they are written: prose and calls, without what they print. `make notebooks` runs them."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from .markets import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
OF_A_LIBRARY = (ast.FunctionDef, ast.ClassDef, ast.While, ast.Try)


def programs(notebook: Path) -> list[dict[str, Any]]:
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook_is_stored_without_outputs(notebook: Path) -> None:
    cells = programs(notebook)
    assert cells
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook_calls_the_library_and_holds_no_code_of_its_own(notebook: Path) -> None:
    lines = [line for cell in programs(notebook) for line in "".join(cell["source"]).splitlines()]
    tree = ast.parse("\n".join(line for line in lines if not line.startswith("%")))
    assert not [node.lineno for node in ast.walk(tree) if isinstance(node, OF_A_LIBRARY)]
