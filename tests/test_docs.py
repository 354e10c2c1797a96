"""What the documentation shows is what happens: its programs print what it says, its stack runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import stackrace
from stackrace.experiments.sweeps.file import read_sweep

from .pages import played

pytestmark = pytest.mark.usefixtures("clean_tree")
DOCS = Path(__file__).resolve().parent.parent / "docs"


def test_the_stack_explained_in_the_documentation_runs(tmp_path: Path) -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", (DOCS / "stacks.md").read_text("utf-8"), flags=re.DOTALL)
    file = tmp_path / "bakery.toml"
    file.write_text(text, "utf-8")
    run = stackrace.simulate(file, seed=1, steps=40)
    assert set(run.regimes().layer) == {"mill", "bakery"}
    first = run.measures[(run.measures.step == 0) & (run.measures.layer == "mill")]
    assert abs(first.cr1.item() - 0.4) < 0.05


def test_the_sweep_explained_in_the_documentation_has_the_points_that_it_says(tmp_path: Path) -> None:
    text = re.findall(r"```toml\n(.*?)```", (DOCS / "sweeps.md").read_text("utf-8"), flags=re.DOTALL)[0]
    file = tmp_path / "sweep.toml"
    file.write_text(text, "utf-8")
    assert len(read_sweep(file)) == 40 * 10 * 2


@pytest.mark.parametrize(("name", "points"), [("screening", 40 * (18 + 1)), ("indices", 128 * (6 + 2))])
def test_the_sweeps_that_come_along_have_the_points_that_their_methods_need(name: str, points: int) -> None:
    pytest.importorskip("SALib")
    assert len(read_sweep(DOCS / "sweeps" / f"{name}.toml").points) == points


@pytest.mark.parametrize(
    "page",
    [
        *("tutorial.md", "rules.md", "histories.md", "interventions.md", "sweeps.md", "sensitivity.md"),
        "attribution.md",
    ],
)
def test_its_programs_print_what_it_says(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = list(played(DOCS / page))
    assert blocks
    for _, promised, printed, _ in blocks:
        assert printed == (promised or ""), "run `python -m tests.pages docs/" + page + "`"


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_its_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(((?!http)[^)#]+)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target
