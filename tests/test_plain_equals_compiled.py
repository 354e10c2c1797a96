"""The rules as written and the rules as compiled make the same history, bit for bit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from .markets import HALF_SIZE, same_bits, stack_tables
from .plain_market import PlainMarket, history

STEPS = 20


@pytest.fixture(scope="module")
def plain() -> Iterator[PlainMarket]:
    with PlainMarket() as market:
        yield market


def different(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Names of the columns in which two histories differ."""
    assert one.keys() == other.keys()
    return [name for name in one if not same_bits(one[name], other[name])]


@pytest.mark.parametrize(("stack", "changed"), [("tiny", {}), ("rich", {}), ("ai-stack", HALF_SIZE)])
def test_a_stack_has_the_same_history_without_compilation(
    plain: PlainMarket, stack: str, changed: dict[str, Any]
) -> None:
    asked: dict[str, Any] = {"stack": stack, "seed": 3, "set": dict(changed), "steps": STEPS}
    compiled = history(**asked)
    assert compiled["record"].shape[0] == STEPS
    assert different(compiled, plain.history(**asked)) == []


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(tables=stack_tables())
def test_any_stack_has_the_same_history_without_compilation(plain: PlainMarket, tables: dict[str, Any]) -> None:
    asked: dict[str, Any] = {"stack": tables, "seed": 5, "set": {}, "steps": STEPS}
    assert different(history(**asked), plain.history(**asked)) == []
