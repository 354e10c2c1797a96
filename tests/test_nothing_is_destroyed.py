"""Saving over something else is refused in one line, and `--force` replaces it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import stackrace
from stackrace.experiments.command.main import main

from .markets import HALF_SIZE

REFUSED = "give a new folder, or replace it with --force (in Python force=True)\n"


def run(out: Path, *more: str, stack: str = "ai-stack") -> int:
    return main(["run", stack, "--steps", "3", "--seeds", "2", "--out", str(out), *more])


@pytest.mark.parametrize(
    ("stack", "more"),
    [
        ("full-stack", ()),
        ("ai-stack", ("--seed", "5")),
        ("ai-stack", ("--steps", "4")),
        ("ai-stack", ("--set", "model.taste=0.1")),
        ("ai-stack", ("--intervene", "open-release")),
    ],
)
def test_another_run_is_not_replaced(
    stack: str, more: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    assert run(out) == 0
    before = {file.name: file.read_bytes() for file in out.iterdir()}
    capsys.readouterr()
    assert run(out, *more, stack=stack) == 2
    told = capsys.readouterr().err.splitlines(keepends=True)
    assert told[-1] == f"stackrace: {out}: holds another run: {REFUSED}"
    assert before == {file.name: file.read_bytes() for file in out.iterdir()}
    assert run(out, *more, "--force", stack=stack) == 0
    assert stackrace.load(out).stack.name == stack


def test_the_same_run_is_replaced_but_not_one_that_recorded_more(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    assert run(out) == run(out) == run(out, "--events") == run(out, "--events") == 0
    capsys.readouterr()
    assert run(out) == 2
    assert capsys.readouterr().err.endswith(f"holds another record of this run, with its events: {REFUSED}")
    assert run(out, "--force") == 0
    assert "events" not in stackrace.load(out).runs[0].records  # type: ignore[union-attr]


def test_in_python_too(tmp_path: Path) -> None:
    one, other = (stackrace.simulate("ai-stack", seed=seed, steps=2, set=HALF_SIZE) for seed in (1, 2))
    one.save(tmp_path / "run")
    with pytest.raises(ValueError, match="holds another run"):
        other.save(tmp_path / "run")
    assert stackrace.load(tmp_path / "run").seed == 1  # type: ignore[union-attr]
    other.save(tmp_path / "run", force=True)
    assert stackrace.load(tmp_path / "run").seed == 2  # type: ignore[union-attr]


def test_a_study_is_not_replaced_by_another(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def compared(*more: str) -> int:
        command = ["compare", "ai-stack", "--steps", "9", "--seeds", "2", "--out", str(tmp_path / "study")]
        return main([*command, "--intervene", "open-release", *more])

    assert compared() == compared() == compared("--measure", "hhi") == 0
    for more in (("--seed", "3"), ("--set", "model.taste=0.1"), ("--change", "model.taste=0.1")):
        capsys.readouterr()
        assert compared(*more) == 2
        assert capsys.readouterr().err.endswith(f"holds another study: {REFUSED}")
    assert compared("--seed", "3", "--force") == 0
    assert stackrace.load_study(tmp_path / "study").base.seeds == (3, 4)


def test_a_comparison_is_not_replaced_by_another(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, more in (("base", ()), ("one", ("--set", "model.taste=0.1")), ("two", ("--set", "model.taste=0.2"))):
        assert run(tmp_path / name, *more) == 0
    base, out = str(tmp_path / "base"), str(tmp_path / "found")
    assert main(["compare", base, str(tmp_path / "one"), "--out", out]) == 0
    assert main(["compare", base, str(tmp_path / "one"), "--out", out]) == 0
    capsys.readouterr()
    assert main(["compare", base, str(tmp_path / "two"), "--out", out]) == 2
    assert capsys.readouterr().err.endswith(f"holds another comparison: {REFUSED}")
    assert main(["compare", base, str(tmp_path / "two"), "--out", out, "--force"]) == 0


def test_a_damaged_study_can_be_replaced(tmp_path: Path) -> None:
    study = stackrace.study("ai-stack", "open-release", seeds=1, steps=9, set=HALF_SIZE)
    study.save(tmp_path / "study")
    shutil.rmtree(tmp_path / "study" / "open-release")
    study.save(tmp_path / "study", force=True)
    assert stackrace.load_study(tmp_path / "study").base.seeds == (1,)
