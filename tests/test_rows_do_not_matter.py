"""Where a firm stands in memory changes nothing that anyone decides."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from stackrace.model.columns import State
from stackrace.model.measures import as_floats

from .markets import HALF_SIZE, advanced, columns, copied, opened, recorded, references, reordered

STEPS = 20
MARKETS = [("tiny", {}), ("rich", {}), ("ai-stack", {}), ("ai-stack", {**HALF_SIZE, "start_cash": 3, "entry_rate": 1})]


def by_slot(state: State) -> dict[str, Any]:
    """What every slot decided and holds, whatever the order of rows; suppliers and allies as slots."""
    rows, slots = state.firms.row_of_slot, np.append(state.firms.slot, -1)
    restored = reordered(state, rows)
    assert np.array_equal(restored.firms.slot, np.arange(len(rows)))
    kept = {"market", "layers", "firms", "ties", "operates", "units", "links"}
    scratch = {f"firms.{name}" for name in ("first_contact", "last_contact", "row_of_slot", *references("firms"))}
    assert slots[-1] == -1
    return {name: column for name, column in columns(restored) if name.split(".")[0] in kept and name not in scratch}


def in_operation(name: str, column: Any, state: dict[str, Any]) -> Any:
    """Only what belongs to units in operation, and each firm's set of allies instead of its places."""
    if name.startswith("units."):
        return column[state["operates"]]
    return np.sort(column, axis=1) if name == "ties.ally" else column


@pytest.mark.parametrize(("stack", "changed"), MARKETS)
@pytest.mark.parametrize("shuffle", [1, 2])
def test_the_order_of_rows_changes_no_decision(stack: str, changed: dict[str, Any], shuffle: int) -> None:
    one = opened(stack, 7, changed)
    other = reordered(one, np.random.default_rng(shuffle).permutation(len(one.firms)))
    assert not np.array_equal(one.firms.slot, other.firms.slot)
    for measured, measured_other in zip(recorded(one, STEPS)[:2], recorded(other, STEPS)[:2], strict=True):
        np.testing.assert_allclose(as_floats(measured), as_floats(measured_other), rtol=1e-12, atol=1e-12)
    histories = by_slot(one), by_slot(other)
    for name in histories[0]:
        first, second = (in_operation(name, each[name], each) for each in histories)
        if first.dtype == np.float64:
            np.testing.assert_allclose(first, second, rtol=1e-12, atol=1e-9, err_msg=name)
        else:
            np.testing.assert_array_equal(first, second, err_msg=name)


def test_reordering_twice_gives_the_same_market_back() -> None:
    state = opened("rich")
    advanced(state, 10)
    order = np.random.default_rng(3).permutation(len(state.firms))
    back = reordered(reordered(state, order), np.argsort(order))
    for (name, first), (_, second) in zip(columns(state), columns(back), strict=True):
        np.testing.assert_array_equal(first, second, err_msg=name)


def test_rows_moved_in_mid_run_change_nothing_either() -> None:
    one = opened("rich", 2)
    advanced(one, 15)
    other = reordered(copied(one), np.random.default_rng(4).permutation(len(one.firms)))
    advanced(one, 10)
    advanced(other, 10)
    np.testing.assert_array_equal(by_slot(one)["links.supplier"], by_slot(other)["links.supplier"])
    np.testing.assert_array_equal(by_slot(one)["operates"], by_slot(other)["operates"])
