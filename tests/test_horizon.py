"""A stack says how far it can be trusted: defaults stay within, what goes beyond is told, and no result changes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from typer.testing import CliRunner

import stackrace
from stackrace.experiments.app.asked import read_asked
from stackrace.experiments.app.catalogue import catalogue
from stackrace.experiments.command.main import app, main
from stackrace.experiments.horizon import beyond, default_steps
from stackrace.experiments.manifest import content_of
from stackrace.experiments.plots.figures import hhi, shaded
from stackrace.experiments.reports.report import pages

from .markets import HALF_SIZE

TOLD = "ai-2025 can be trusted for 40 steps: from step 40 (2036-Q1) on, results go beyond what its facts support."
STACK = stackrace.read_stack("ai-stack")


def test_defaults_stay_within_it() -> None:
    stack = stackrace.read_stack("ai-2025")
    assert stack.horizon == default_steps(stack) == 40
    assert default_steps(stack, first=30) == 10
    assert default_steps(STACK) == default_steps(replace(STACK, horizon=1000)) == 120
    short = replace(STACK, horizon=3)
    run = stackrace.simulate(short)
    assert run.steps == stackrace.repeat(short, seeds=1).steps == 3
    assert stackrace.simulate(start=run.state_at(1)).last_step == 2
    assert stackrace.study(short, "open-release", seeds=2).base.steps == 3
    assert read_asked({}).steps == read_asked({"stack": "ai-2025"}).steps == 40
    assert catalogue()["steps"] == {name: default_steps(stackrace.read_stack(name)) for name in stackrace.stacks()}


def test_examples_of_the_help_stay_within_it() -> None:
    horizons = {name: stackrace.read_stack(name).horizon for name in stackrace.stacks()}
    runner = CliRunner()
    seen = 0
    for command in [each.name or each.callback.__name__ for each in app.registered_commands]:  # type: ignore[union-attr]
        for line in runner.invoke(app, [command, "--help"]).output.splitlines():
            named = [name for name in horizons if re.search(rf"\bstackrace {command} .*{name}\b", line)]
            for name in named:
                seen += 1
                steps = re.search(r"--steps (\d+)", line)
                years = re.search(r"--years (\d+)", line)
                asked = int(steps[1]) if steps else 4 * int(years[1]) if years else 0
                assert asked <= (horizons[name] or asked), line
                assert not (command == "validate" and horizons[name]), line
    assert seen > 5


def test_what_goes_beyond_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert beyond(stackrace.read_stack("ai-2025"), 41) == TOLD
    assert beyond(stackrace.read_stack("ai-2025"), 40) == beyond(STACK, 10_000) == ""
    assert main(["run", "ai-2025", "--steps", "41"]) == 0
    assert capsys.readouterr().err.splitlines() == [TOLD]
    assert main(["run", "ai-2025", "--steps", "40"]) == 0
    assert capsys.readouterr().err == ""


def test_reports_and_figures_say_it() -> None:
    stack = replace(STACK, horizon=6)
    within, over = (stackrace.repeat(stack, seeds=2, steps=n, set=HALF_SIZE) for n in (6, 9))
    assert "can be trusted for 6 steps" in pages(over)["report.html"]
    assert "Shaded: beyond the stack" in pages(over)["report.html"]
    assert "can be trusted" not in pages(within)["report.html"]

    def spans(ensemble: Any) -> list[int]:
        drawn = hhi(ensemble.measures, stack.selling_layers)
        before = [len(axes.patches) for axes in drawn.axes]
        return [len(axes.patches) - n for axes, n in zip(shaded(drawn, stack).axes, before, strict=True) if axes.axison]

    assert set(spans(over)) == {1}
    assert set(spans(within)) == {0}


def test_it_changes_neither_results_nor_identity() -> None:
    one, other = (
        stackrace.repeat(stack, seeds=1, steps=2, set=HALF_SIZE) for stack in (STACK, replace(STACK, horizon=1))
    )
    assert one.measures.equals(other.measures)
    assert content_of(one) == content_of(other)
    assert replace(STACK, horizon=1) == STACK
    assert stackrace.Stack.from_dict(replace(STACK, horizon=7).as_dict()).horizon == 7
    with pytest.raises(ValueError, match="horizon"):
        stackrace.Stack.from_dict({**STACK.as_dict(), "horizon": 0})
