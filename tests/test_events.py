"""What happened to firms: events and books reconcile with what was measured, and recording them changes nothing."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

import stackrace
from stackrace.experiments.run import NotRecordedError, Run
from stackrace.model.events import ALLIED, BUILT, CLOSED, ENTERED, KINDS, PARTED
from stackrace.model.world import opened

from .markets import stack_named

STEPS = 50


@pytest.fixture(scope="module")
def run() -> Run:
    return stackrace.simulate("ai-stack", seed=2, steps=STEPS, events=True, firms=True)


def counted(run: Run, *kinds: str) -> np.ndarray:
    """Events of some kinds per step and layer, in the shape of a measure."""
    found = run.events[run.events.kind.isin(kinds)].groupby(["step", "layer"], observed=False).size()
    every = pd.MultiIndex.from_product([range(STEPS), run.stack.names])
    return found.reindex(every, fill_value=0).to_numpy()


@pytest.mark.parametrize(
    ("measure", "kinds"), [("switches", ["switched"]), ("entry", ["entered"]), ("exit", ["left", "acquired"])]
)
def test_events_add_up_to_what_is_measured(run: Run, measure: str, kinds: list[str]) -> None:
    np.testing.assert_array_equal(counted(run, *kinds), run.measures[measure].to_numpy())


def test_alliances_formed_less_those_parted_are_those_that_there_are(run: Run) -> None:
    formed = run.events.kind.value_counts()
    there = run.state_at(STEPS).state.ties.ally
    assert formed["allied"] - formed["parted"] == (there >= 0).sum() / 2 > 50


def test_every_unit_and_every_alliance_is_accounted_for_in_every_step() -> None:
    world = opened(stack_named("rich"), 2, {"*.build_cost": 0.5, "entry_rate": 0.5, "alliance_upkeep": 0.01})
    for _ in range(60):
        units, pairs = int(world.state.operates.sum()), int((world.state.ties.ally >= 0).sum()) // 2
        kinds = world.advance(events=True).events.kind.tolist()
        here, lost = int(world.state.operates.sum()), int(world.state.layers.lost.sum())
        assert here - units == kinds.count(BUILT) + kinds.count(ENTERED) - kinds.count(CLOSED) - lost
        allied = int((world.state.ties.ally >= 0).sum()) // 2
        assert allied - pairs == kinds.count(ALLIED) - kinds.count(PARTED)


def test_each_firm_enters_once_and_leaves_once(run: Run) -> None:
    events = run.events
    for kind, who in (("entered", "firm"), ("left", "firm"), ("acquired", "counterparty"), ("adopted", "firm")):
        assert events[events.kind == kind][who].is_unique
    entered = set(events[events.kind == "entered"].firm)
    gone = {*events[events.kind == "left"].firm, *events[events.kind == "acquired"].counterparty}
    assert all("." in firm for firm in entered)
    assert entered & gone and entered - gone


def test_nobody_acts_after_leaving(run: Run) -> None:
    events = run.events
    last = {
        **events[events.kind == "left"].set_index("firm").step.to_dict(),
        **events[events.kind == "acquired"].set_index("counterparty").step.to_dict(),
    }
    acted = events.groupby("firm", observed=True).step.max()
    assert all(acted.get(firm, 0) <= step for firm, step in last.items())


def test_who_switches_leaves_one_supplier_for_another_and_gains(run: Run) -> None:
    switched = run.events[run.events.kind == "switched"]
    assert (switched.former.astype(str) != switched.counterparty.astype(str)).all()
    assert (switched.gain > 0).all()
    assert (switched.volume >= 0).all()


def test_who_builds_expects_a_gain(run: Run) -> None:
    built = run.events[run.events.kind == "built"]
    assert (built.gain > 0).all()
    assert built.counterparty.notna().any() and built.counterparty.isna().any()


def test_who_closes_was_losing_and_who_leaves_has_debts(run: Run) -> None:
    events = run.events
    assert (events[events.kind == "closed"].gain < 0).all()
    assert (events[events.kind == "left"].gain < 0).all()
    assert (events[events.kind == "acquired"].gain > 0).all()
    assert (events[events.kind == "allied"].gain > run.parameters.market.alliance_upkeep).all()


def test_volumes_in_the_books_give_the_measured_concentration(run: Run) -> None:
    volumes = run.firms.groupby(["step", "layer", "firm"], observed=True).volume.sum()
    total = volumes.groupby(["step", "layer"], observed=True).transform("sum")
    hhi = (10_000 * (volumes / total) ** 2).groupby(["step", "layer"], observed=True).sum()
    measured = run.measures.set_index(["step", "layer"]).hhi.dropna()
    np.testing.assert_allclose(hhi.reindex(measured.index), measured, rtol=1e-12)


def test_the_books_of_a_firm_that_failed_hold_no_purse(run: Run) -> None:
    left = run.events[run.events.kind == "left"]
    last = run.firms.merge(left[["step", "firm"]].astype({"firm": str}), on=["step", "firm"])
    assert len(last) > 0 and last.cash.isna().all() and (last.volume > 0).all()


def test_recording_changes_nothing(run: Run) -> None:
    np.testing.assert_array_equal(stackrace.simulate("ai-stack", seed=2, steps=STEPS).record, run.record)


def test_columns_are_chosen_by_name() -> None:
    run = stackrace.simulate(stack_named("tiny"), steps=2, firms=["cash", "volume"])
    assert list(run.firms.columns) == ["seed", "step", "firm", "slot", "layer", "cash", "volume"]
    assert set(run.firms.step) == {0, 1}


@pytest.mark.parametrize(("asked", "told"), [(["volumes"], "did you mean 'volume'"), ("cahs", "did you mean 'cash'")])
def test_a_column_that_is_not_there_is_told(asked: str | list[str], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        stackrace.simulate(stack_named("tiny"), steps=1, firms=asked)


@pytest.mark.parametrize("name", ["events", "firms"])
def test_what_was_not_recorded_says_how_to_record_it(name: str) -> None:
    bare = stackrace.simulate(stack_named("tiny"), steps=3)
    with pytest.raises(NotRecordedError, match=rf"{name}=True"):
        getattr(bare, name)
    again = bare.replay(events=True, firms=True)
    assert len(getattr(again, name)) > 0
    np.testing.assert_array_equal(again.record, bare.record)


def test_every_kind_of_event_happens_somewhere(run: Run) -> None:
    assert set(run.events.kind) == {kind.name for kind in KINDS}


def test_events_are_in_the_order_of_time(run: Run) -> None:
    assert all(one <= two for one, two in itertools.pairwise(run.events.step))
