"""The argument, line by line: every line has one row, nearly all are expressed, and their commands run."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

import stackrace
from stackrace.experiments.command.main import main
from stackrace.model.measures import MEASURES, OVERALL

PAGE = Path(__file__).resolve().parent.parent / "docs" / "argument.md"
LINES = [f"{account}{n}" for account, last in (("A", 13), ("B", 8), ("C", 12), ("D", 7)) for n in range(1, last + 1)]
ROWS = [
    [cell.strip() for cell in line.strip().strip("|").split("|")]
    for line in PAGE.read_text("utf-8").splitlines()
    if re.match(r"\| [A-Z]\d+ \|", line)
]
COMMANDS = [(row[0], command) for row in ROWS for command in re.findall(r"`(stackrace [^`]+)`", row[3])]
SHORT = {"--seeds": "2", "--steps": "3"}
VERDICTS = ("Holds", "In part", "Does not hold", "Nothing to hold")


def shortened(command: str) -> list[str]:
    """The words after `stackrace`, with few seeds and steps."""
    words = shlex.split(command)[1:]
    return [SHORT.get(before, word) for before, word in zip(["", *words], words, strict=False)]


def test_every_line_has_one_row_in_its_order() -> None:
    assert [row[0] for row in ROWS] == LINES
    assert {len(row) for row in ROWS} == {5}
    assert all(all(row) for row in ROWS)


def test_at_most_four_lines_are_not_expressed() -> None:
    assert sum("not expressed" in " ".join(row) for row in ROWS) <= 4


def test_every_line_that_is_expressed_has_a_command_and_a_verdict() -> None:
    for row in ROWS:
        if "not expressed" not in " ".join(row):
            assert Counter(line for line, _ in COMMANDS)[row[0]] >= 1, row[0]
            assert row[4].startswith(VERDICTS), row[0]


def test_what_came_out_has_intervals_where_the_command_compares() -> None:
    for row in ROWS:
        if "stackrace compare" in row[3]:
            assert re.search(r"\([+−][\d.,]+ to [+−][\d.,]+\)", row[4]), row[0]


def test_every_layer_measure_and_policy_named_in_a_command_is_one() -> None:
    for line, command in COMMANDS:
        words = shlex.split(command)
        for before, word in pairwise(words):
            if before == "--measure":
                assert word in MEASURES or word in OVERALL, line
            if before == "--intervene":
                assert word in stackrace.policies(), line


@pytest.mark.parametrize(("line", "command"), COMMANDS, ids=[f"{line}-{i}" for i, (line, _) in enumerate(COMMANDS)])
def test_every_command_is_accepted_and_runs(
    line: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(shortened(command)) == 0, line
