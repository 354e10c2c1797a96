"""What all tests share."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import stackrace


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile the market once, before several processes would do so at the same time."""
    if not hasattr(session.config, "workerinput"):
        stackrace.simulate("ai-stack", steps=1)


@pytest.fixture(scope="module")
def clean_tree() -> Iterator[None]:
    """Tests of a module that leave nothing in the checkout."""

    def status() -> str:
        command = ["git", "-C", str(Path(__file__).parent), "status", "--porcelain"]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    before = status()
    yield
    assert status() == before, "tests left files in the checkout"
