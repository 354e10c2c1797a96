"""A step is a quarter: which one, and back."""

from pathlib import Path

import numpy as np
import pytest

import stackrace
from stackrace.experiments.command.main import main
from stackrace.model.calendar import dates, quarter_number, quarter_of, step_of

from .test_stack_mistakes import SMALL, refusal


@pytest.mark.parametrize(
    ("quarter", "start", "step"),
    [("2025-Q1", "2025-Q1", 0), ("2026-Q1", "2025-Q1", 4), ("2025-Q2", "2025-Q4", -2), ("2030-Q3", "2026-Q1", 18)],
)
def test_a_quarter_is_a_step_and_a_step_a_quarter(quarter: str, start: str, step: int) -> None:
    assert step_of(quarter, start) == step
    assert quarter_of(step, start) == quarter


@pytest.mark.parametrize(
    "text", ["2025", "2025-Q0", "2025-Q5", "2025-q1", "25-Q1", "2025Q1", " 2025-Q1", "٢٠٢٥-Q1", ""]
)
def test_what_is_no_quarter_is_not_taken_for_one(text: str) -> None:
    assert quarter_number(text) is None
    with pytest.raises(ValueError, match=r"is no quarter: write it as in '2025-Q1'$"):
        step_of(text, "2025-Q1")


def test_a_date_is_the_first_day_of_its_quarter() -> None:
    assert dates(np.arange(6), "2025-Q3").astype("datetime64[D]").astype(str).tolist() == [
        "2025-07-01", "2025-10-01", "2026-01-01", "2026-04-01", "2026-07-01", "2026-10-01",
    ]  # fmt: skip


def test_tables_are_dated_where_the_stack_has_a_start_and_nowhere_else() -> None:
    dated, plain = (stackrace.simulate(name, steps=5) for name in ("ai-2025", "ai-stack"))
    for table in (dated.measures, dated.overall):
        assert list(table.columns[:3]) == ["seed", "step", "date"]
        assert table[table.step == 4].date.unique().astype(str).tolist() == ["2027-01-01"]
    assert "date" not in plain.measures and "date" not in plain.overall
    assert plain.stack.start is None and "start" not in plain.stack.as_dict()


def test_the_start_survives_the_way_through_tables() -> None:
    stack = stackrace.read_stack("ai-2025")
    assert stack.start == "2026-Q1"
    assert stackrace.Stack.from_dict(stack.as_dict()) == stack


def test_show_says_when_a_stack_starts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "ai-2025"]) == 0
    assert "Its first step is 2026-Q1." in capsys.readouterr().out


@pytest.mark.parametrize("start", ['"2025-Q5"', '"2025"', "2025", "2025.25", "2025-01-01", "true", '""', "[]"])
def test_a_start_that_is_no_quarter_is_answered_in_one_line(tmp_path: Path, start: str) -> None:
    answer = refusal(tmp_path, f"start = {start}\n{SMALL}")
    assert answer.startswith("start must be the quarter of the first step, as in '2025-Q1', not ")
