"""A firm's decision depends on nothing that it cannot see."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from .markets import ROOT

DECISIONS = {
    "settle": "what to spend, and which unit to give up",
    "innovate": "what to learn from whom",
    "source": "from whom to buy, or what to make",
    "price": "the mark-up, and whether to be open",
    "build": "which unit to build",
    "ally": "to whom to propose",
    "life": "whether to fail, enter or adopt",
}


@pytest.fixture(scope="module")
def findings() -> Any:
    found = subprocess.run(
        [sys.executable, "-m", "tests.locality"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(ROOT)},
    )
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)


@pytest.mark.parametrize("phase", DECISIONS)
def test_what_a_firm_cannot_see_does_not_move_it(findings: Any, phase: str) -> None:
    assert findings[phase]["checked"] > 10
    assert findings[phase]["wrong"] == [], DECISIONS[phase]


@pytest.mark.parametrize("phase", ["innovate", "source", "build", "ally", "life"])
def test_what_a_firm_sees_does_move_it(findings: Any, phase: str) -> None:
    assert findings[phase]["moved_by_what_is_seen"] > 0, DECISIONS[phase]


def test_a_firm_meets_one_stranger_per_review_and_no_second(findings: Any) -> None:
    first, second = findings["strangers"]
    assert first > 0
    assert second == 0
