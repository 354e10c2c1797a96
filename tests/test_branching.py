"""A market can be left at any step and taken up again, as it was or on another course."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest

import stackrace
from stackrace.model.errors import SimulationError
from stackrace.model.world_file import WorldError, load

from .markets import columns, same_bits, stack_named


def half_hearted(view: Any) -> float:
    return 0.5 * view.markup


@pytest.mark.parametrize("name", ["ai-2025", "rich"])
@pytest.mark.parametrize("at", [0, 1, 17])
def test_going_on_unchanged_is_the_same_as_never_having_stopped(name: str, at: int, tmp_path: Path) -> None:
    whole = stackrace.simulate(stack_named(name), seed=5, steps=30, events=True)
    state = whole.state_at(at)
    assert state.step == at
    for begin in (state, state.save(tmp_path / "state.npz")):
        rest = stackrace.simulate(start=begin, steps=30 - at, events=True)
        np.testing.assert_array_equal(rest.record, whole.record[at:])
        assert rest.measures.step.min() == at
        later = whole.events[whole.events.step >= at].reset_index(drop=True)
        assert rest.events.astype(str).equals(later.astype(str))
        for (column, one), (_, other) in zip(
            columns(rest.state_at(30).state), columns(whole.state_at(30).state), strict=True
        ):
            assert same_bits(one, other), column


def test_going_on_never_alters_the_state_that_one_goes_on_from() -> None:
    state = stackrace.simulate(stack_named("rich"), seed=5, steps=10).state_at(5)
    first, second = (stackrace.simulate(start=state, steps=10).record for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert state.step == 5


def test_another_course_is_the_same_up_to_the_branch_and_another_one_after_it() -> None:
    base = stackrace.simulate("ai-stack", seed=5, steps=30)
    state = base.state_at(10)
    other = stackrace.simulate(start=state, steps=20, set={"*.switching_cost": 0})
    assert not np.array_equal(other.record, base.record[10:], equal_nan=True)
    np.testing.assert_array_equal(other.record[0, :, 0], base.record[10, :, 0])  # shares of the first step are decided
    assert other.set == {"*.switching_cost": 0}
    again = stackrace.simulate(start=other.state_at(20), steps=10)
    np.testing.assert_array_equal(again.record, other.record[10:])


def test_the_last_setting_counts_whatever_came_before_the_branch() -> None:
    state = stackrace.simulate("ai-stack", steps=2, set={"model.taste": 0.1, "*.review": 0.2}).state_at(2)
    run = stackrace.simulate(start=state, steps=1, set={"*.taste": 0.5})
    assert set(run.parameters.layer.taste[:-2].tolist()) == {0.5}
    assert set(run.parameters.layer.review[:-2].tolist()) == {0.2}
    run = stackrace.simulate(start=run.state_at(3), steps=1, set={"model.taste": 0.3})
    assert run.parameters.layer.taste.tolist().count(0.3) == 1


def test_own_rules_and_given_contacts_go_along(tmp_path: Path) -> None:
    given = nx.cycle_graph(len(stackrace.simulate(stack_named("tiny"), steps=1).state_at(0).state.firms))
    whole = stackrace.simulate(stack_named("tiny"), steps=20, contacts=given, rules={"price": half_hearted})
    state = whole.state_at(8)
    np.testing.assert_array_equal(stackrace.simulate(start=state, steps=12).record, whole.record[8:])
    file = state.save(tmp_path / "state.npz")
    with pytest.raises(ValueError, match=r"'price' \(half_hearted\) is known by name and hash only: give it as rules="):
        stackrace.simulate(start=file, steps=12)
    rest = stackrace.simulate(start=file, steps=12, rules={"price": half_hearted})
    np.testing.assert_array_equal(rest.record, whole.record[8:])
    shipped = stackrace.simulate(start=state, steps=12, rules={})
    assert not np.array_equal(shipped.record, whole.record[8:], equal_nan=True)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"set": {"model.firms": 3}}, "model.firms only matters at the start, and cannot become 3 later"),
        ({"set": {"contacts.degree": 4}}, "contacts.degree only matters at the start"),
        ({"set": {"modle.taste": 4}}, "modle"),
        ({"set": {"max_allies": 9}}, "max_allies cannot rise above 6 later"),
        ({"seed": 3}, "start brings its own stack, seed and contacts"),
        ({"stack": "ai-stack"}, "start brings its own stack, seed and contacts"),
        ({"steps": 0}, "steps = 0 is not a whole number of 1 or more"),
    ],
)
def test_what_cannot_change_on_the_way_is_told(given: dict[str, Any], told: str) -> None:
    state = stackrace.simulate("ai-stack", steps=2).state_at(2)
    with pytest.raises(ValueError, match=told):
        stackrace.simulate(given.pop("stack", None), start=state, **given)


def test_a_branch_follows_other_costs_as_a_new_market_does() -> None:
    costs = {"hosting.base_cost": 3.0}
    state = stackrace.simulate("ai-stack", steps=2).state_at(2)
    branch = stackrace.simulate(start=state, steps=1, set=costs).state_at(3).state
    fresh = stackrace.simulate("ai-stack", steps=1, set=costs).state_at(1).state
    np.testing.assert_array_equal(branch.layers.input_share, fresh.layers.input_share)


def test_a_step_may_be_a_quarter() -> None:
    run = stackrace.simulate("ai-2025", steps=5)
    assert run.state_at("2026-Q4").step == 3
    with pytest.raises(ValueError, match="is no quarter"):
        run.state_at("soon")


def test_a_run_that_comes_out_differently_here_gives_no_state() -> None:
    run = stackrace.simulate(stack_named("tiny"), steps=3)
    run.record[1, 0, 0] += 1.0
    assert run.state_at(1).step == 1
    with pytest.raises(SimulationError, match="comes out differently"):
        run.state_at(2)


@pytest.mark.parametrize("step", [-1, 4, 1.5, True])
def test_a_run_has_the_states_of_its_own_steps_only(step: Any) -> None:
    with pytest.raises(ValueError, match="is not one of this run: it has 0 to 3"):
        stackrace.simulate(stack_named("tiny"), steps=3).state_at(step)


def torn(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:2000])


def flipped(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(bytes(content))


def another(file: Path) -> None:
    with file.open("wb") as opened:
        np.savez(opened, numbers=np.arange(3))


@pytest.mark.parametrize("damage", [Path.unlink, torn, flipped, another, lambda file: file.write_text("text")])
def test_a_damaged_file_is_told_in_one_line(damage: Any, tmp_path: Path) -> None:
    file = stackrace.simulate(stack_named("tiny"), steps=3).state_at(2).save(tmp_path / "state.npz")
    damage(file)
    with pytest.raises(WorldError) as error:
        load(file)
    assert str(file) in str(error.value) and "\n" not in str(error.value)


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    state = stackrace.simulate(stack_named("tiny"), steps=3).state_at(2)
    with pytest.raises(WorldError, match="cannot be written: No such file or directory"):
        state.save(tmp_path / "nowhere" / "state.npz")
    with pytest.raises(WorldError, match="is a folder"):
        state.save(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_comes_out_differently_here_is_not_told_wrongly() -> None:
    run = stackrace.simulate(stack_named("tiny"), steps=3)
    run.record[1, 0, 0] += 1.0
    with pytest.raises(SimulationError, match="comes out differently"):
        run.replay(events=True)
