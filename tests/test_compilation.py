"""A changed value never recompiles; a changed rule always does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stackrace import simulate
from stackrace.model.advance import take_steps

from .markets import ROOT, stack_named

CHANGES: tuple[dict[str, Any], ...] = (
    {},
    {"price_weight": 3},
    {"*.taste": 0},
    {"*.taste": 0.25, "chips.fixed_cost": 1},
    {"max_allies": 2},
    {"decisions.ally": False},
    {"contacts.kind": "erdos-renyi", "contacts.degree": 3},
    {"*.openable": True, "open_share": 1},
    {"chips.firms": 9, "buyers.quality_floor": -1},
    {"frontier_share": 1, "demand_growth": 0},
)


def test_ten_settings_need_one_compiled_engine() -> None:
    for seed, changed in enumerate(CHANGES):
        simulate(stack_named("tiny"), seed=seed, steps=2, set=changed)
    simulate(stack_named("rich"), steps=2)
    assert len(take_steps.signatures) == 1


RULE = """
from stackrace.agents import rule, switch
view = switch.SwitchView(switch.Need(0, 0, 1, 1, 1, 0), switch.Option(0.5, 1, 0, 0, False, 0), 1.0, 2.0, 0.0, 0.0)
print(switch.appeal(view), rule.CACHED)
"""
CACHE = "from stackrace.agents.rule import cache_folder; print(cache_folder())"


def asked_of(copy: Path, program: str) -> list[str]:
    """What a program prints that imports this copy of the package in a new process."""
    found = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy), "STACKRACE_CACHE_DIR": str(copy / "cache")},
    )
    return found.stdout.split()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package, to edit."""
    kept = shutil.ignore_patterns("__pycache__", "*.nbi", "*.nbc")
    for folder in ("agents", "model", "experiments", "stackrace"):
        shutil.copytree(ROOT / folder, tmp_path / folder, symlinks=True, ignore=kept)
    return tmp_path


def test_a_rule_edited_in_another_file_changes_the_next_run(copy: Path) -> None:
    assert asked_of(copy, RULE) == ["0.5", "True"]
    compiled = set((copy / "cache").rglob("*.nbi"))
    assert asked_of(copy, RULE) == ["0.5", "True"]
    assert set((copy / "cache").rglob("*.nbi")) == compiled, "an unchanged rule was compiled again"
    file = copy / "agents" / "demand.py"
    text = file.read_text("utf-8")
    assert "return frontier_weight * quality" in text
    file.write_text(text.replace("return frontier_weight * quality", "return 0.5 * frontier_weight * quality"), "utf-8")
    assert asked_of(copy, RULE) == ["0.25", "True"]


@pytest.mark.parametrize("name", ["agents/price.py", "model/phases/trade.py", "model/columns.py"])
def test_every_source_of_rules_and_engine_counts_for_the_cache(copy: Path, name: str) -> None:
    before = asked_of(copy, CACHE)
    assert asked_of(copy, CACHE) == before
    with (copy / name).open("a", encoding="utf-8") as file:
        file.write("# an edit\n")
    assert asked_of(copy, CACHE) != before


FIRST_RUN = """
from stackrace.agents import first_run
from stackrace import simulate
taken = []
def noted(made, cache, take_over=first_run.take_over):
    taken.extend(path.name for path in made.rglob("*.nbi"))
    take_over(made, cache)
first_run.take_over = noted
run = simulate("ai-stack", seed=3, steps=2)
from stackrace.model.advance import THEIRS
missed = [phase for phase in THEIRS if not any(f".{phase}-" in name for name in taken)]
print(len(taken) > len(THEIRS), len(missed), run.ledger.to_numpy().sum().hex())
"""


def test_the_first_run_compiles_half_of_the_phases_in_a_second_process(copy: Path) -> None:
    here = simulate("ai-stack", seed=3, steps=2).ledger.to_numpy().sum().hex()
    assert asked_of(copy, FIRST_RUN) == ["True", "0", here]
