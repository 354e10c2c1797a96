"""However many threads share out a market's loops, its history is the same, bit for bit."""

from __future__ import annotations

import inspect
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import stackrace
from stackrace.agents import team
from stackrace.agents.ally import value_of_alliance
from stackrace.agents.rule import LOOPS
from stackrace.model import world
from stackrace.model.advance import PHASES
from stackrace.model.errors import InputError
from stackrace.model.settings import resolve
from stackrace.model.world import World, opened

from .markets import columns, same_bits, stack_named

BUSY = {"ai-stack": {"start_cash": 3, "entry_rate": 0.5, "*.openable": True, "choice_noise": 0.3}, "rich": {}}
"""Settings with which firms fail, enter and build all the time."""


@pytest.fixture
def small_ones_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world, "WORTH_THREADS", 0)


def history(stack: str, threads: int, steps: int, **changed: Any) -> dict[str, Any]:
    """Every column after some steps, with what was measured and what happened on the way."""
    market = opened(stack_named(stack), 5, changed)
    took = market.advance(steps, events=True, firms=("cash", "price"), threads=threads)
    tables = {"ledgers": took.ledgers, "happened": took.events}
    kept = {f"{name}.{column}": table[column] for name, table in tables.items() for column in table.dtype.names}
    del kept["ledgers.team"]
    return {**kept, **dict(columns(market.state)), "record": took.record, "overall": took.overall}


def differences(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Names of the columns that differ; what sourcing leaves in its scratch is nobody's."""
    assert one.keys() == other.keys()
    return [name for name in one if not name.startswith("candidates") and not same_bits(one[name], other[name])]


@pytest.mark.parametrize("stack", BUSY)
@pytest.mark.parametrize("threads", [2, 3])
def test_the_number_of_threads_changes_no_bit(small_ones_too: None, stack: str, threads: int) -> None:
    alone = history(stack, 1, 40, **BUSY[stack])
    assert len(alone["happened.kind"]) > 100
    assert differences(alone, history(stack, threads, 40, **BUSY[stack])) == []


@pytest.mark.parametrize("stack", BUSY)
def test_no_row_of_a_shared_loop_sees_what_another_row_does(
    small_ones_too: None, stack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = history(stack, 1, 40, **BUSY[stack])
    monkeypatch.setattr(team, "blocks", lambda count, threads: [(n, n + 1) for n in reversed(range(count))])
    assert differences(alone, history(stack, 2, 40, **BUSY[stack])) == []


def test_a_phase_shares_out_loops_of_its_own_module() -> None:
    shared = []
    for phase in PHASES.values():
        module = sys.modules[phase.__module__]
        named = re.findall(r"share_out\([^,]+, (\w+),", inspect.getsource(module))
        shared += [loop for loop in map(vars(module).get, named) if loop.__module__ == module.__name__]
    assert shared and {*map(id, shared)} == {*map(id, LOOPS)}


def large() -> World:
    """ai-stack with 40 times as many firms."""
    stack = stack_named("ai-stack")
    firms = resolve(stack, None).layer.firms
    return opened(stack, 5, {f"{name}.firms": 40 * int(count) for name, count in zip(stack.names, firms, strict=True)})


def test_a_large_market_is_shared_out(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    plain = team.blocks
    monkeypatch.setattr(team, "blocks", lambda count, threads: asked.append(threads) or plain(count, threads))
    one, other = large(), large()
    assert len(one.state.firms) >= world.WORTH_THREADS
    alone, together = one.advance(3), other.advance(3, threads=2)
    assert same_bits(alone.record, together.record) and same_bits(alone.overall, together.overall)
    assert differences(dict(columns(one.state)), dict(columns(other.state))) == []
    assert {*asked} == {2}


def test_a_small_market_is_not_shared_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(team, "blocks", None)
    stackrace.simulate("ai-stack", steps=2, threads=2)


def test_two_teams_work_in_one_process(small_ones_too: None) -> None:
    alone = stackrace.simulate("ai-stack", seed=4, steps=30).record
    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(stackrace.simulate, "ai-stack", seed=4, steps=30, threads=2) for _ in range(3)]
        assert all(same_bits(alone, each.result().record) for each in asked)


def test_a_rule_of_ones_own_is_asked_by_one_thread(small_ones_too: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(team, "blocks", None)
    own = {"ally": lambda view: float(str(value_of_alliance(view)))}
    shared = stackrace.simulate("ai-stack", seed=4, steps=5, rules=own, threads=2)
    assert same_bits(shared.record, stackrace.simulate("ai-stack", seed=4, steps=5).record)


def test_a_loop_that_cannot_be_shared_out_ends_the_run(small_ones_too: None, monkeypatch: pytest.MonkeyPatch) -> None:
    market = opened(stack_named("ai-stack"), 5)

    def fail(count: int, threads: int) -> None:
        raise MemoryError("no room for blocks")

    monkeypatch.setattr(team, "blocks", fail)
    with pytest.raises(MemoryError, match="no room"):
        market.advance(2, threads=2)
    assert market.state.market.team[0] == 0


def test_threads_are_counted_from_one() -> None:
    with pytest.raises(InputError, match="threads"):
        stackrace.simulate("ai-stack", threads=0)
