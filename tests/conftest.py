"""What all tests share."""

from __future__ import annotations

import pytest

import stackrace


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile the market once, before several processes would do so at the same time."""
    if not hasattr(session.config, "workerinput"):
        stackrace.simulate("ai-stack", steps=1)
