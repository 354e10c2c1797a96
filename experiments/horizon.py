"""How far a stack can be trusted: how long it is run by default, and what is said of a run that goes further."""

from __future__ import annotations

from ..model.calendar import quarter_of
from ..model.stack import Stack
from . import DEFAULT_STEPS


def default_steps(stack: Stack, first: int = 0) -> int:
    """Return how many steps a market runs from step `first` on if nothing is said: to its horizon at most."""
    left = DEFAULT_STEPS if stack.horizon is None else stack.horizon - first
    return min(DEFAULT_STEPS, left) if left > 0 else DEFAULT_STEPS


def beyond(stack: Stack, steps: int) -> str:
    """Return a sentence on what lies beyond the stack's horizon if a run ends after `steps` steps, else nothing."""
    if stack.horizon is None or steps <= stack.horizon:
        return ""
    date = f" ({quarter_of(stack.horizon, stack.start)})" if stack.start else ""
    return (
        f"{stack.name} can be trusted for {stack.horizon} steps: from step {stack.horizon}{date} on, results go beyond"
        " what its facts support."
    )
