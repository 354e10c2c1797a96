"""Run the notebooks of this folder, or those named, and keep what they show in out/notebooks: `make notebooks`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

HERE = Path(__file__).parent
OUT = HERE.parent / "out" / "notebooks"
STRICT = """import warnings
warnings.simplefilter("error")
warnings.filterwarnings("ignore", module="ipykernel")"""
"""What makes a warning an error, of the kernel's own apart."""
LONGEST = 120
"""Seconds that a cell may take on a slow machine, the first one with compilation."""


def run(file: Path) -> str:
    """Execute a notebook into `OUT`; returns what is wrong with it, or nothing."""
    notebook = nbformat.read(file, as_version=4)
    if any(cell.get("outputs") or cell.get("execution_count") for cell in notebook.cells):
        return "is stored with outputs: clear them"
    notebook.cells.insert(0, nbformat.v4.new_code_cell(STRICT))
    try:
        here = {"metadata": {"path": str(OUT)}}
        NotebookClient(notebook, timeout=LONGEST, resources=here, extra_arguments=["--log-level=ERROR"]).execute()
    except CellExecutionError as error:
        return str(error)
    finally:
        del notebook.cells[0]
        nbformat.write(notebook, OUT / file.name)
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    if not any("image/png" in output.get("data", {}) for output in shown):
        return "shows no figure"
    return "".join(output.text for output in shown if is_complaint(output))


def is_complaint(output: nbformat.NotebookNode) -> bool:
    """Whether a cell wrote this to its standard error, where warnings go."""
    return bool(output.output_type == "stream" and output.name == "stderr")


def main(names: list[str]) -> int:
    """Run them all; returns 1 if anything is wrong with any."""
    OUT.mkdir(parents=True, exist_ok=True)
    wrong = 0
    for file in sorted(HERE.glob("*.ipynb")) if not names else map(Path, names):
        since = time.perf_counter()
        fault = run(file)
        wrong += bool(fault)
        print(f"{file.name}: {time.perf_counter() - since:.0f} s", fault or "", flush=True)
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
