"""Runs and markets survive pickling and deep copies, whatever they recorded and whoever decides in them."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

import stackrace
from stackrace import Firm, Market


def fixed_price(view: Any) -> float:
    return 0.3


class OwnPrice(Firm):
    """Prices by the length of its name."""

    def decide_price(self, view: Any) -> float:
        return 0.2 + 0.01 * len(self.name)


def pickled(thing: Any) -> Any:
    return pickle.loads(pickle.dumps(thing))


BOTH = pytest.mark.parametrize("copied", [pickled, copy.deepcopy])


@BOTH
def test_a_run_keeps_its_events_and_books_and_can_be_replayed(copied: Callable[[Any], Any]) -> None:
    run = stackrace.simulate("ai-stack", seed=3, steps=4, events=True, firms=True, rules={"price": fixed_price})
    again = copied(run)
    assert again.measures.equals(run.measures)
    assert again.events.equals(run.events) and again.firms.equals(run.firms)
    assert again.replay(events=True).events.equals(run.events)


@BOTH
def test_a_run_read_from_a_folder_keeps_them_too(copied: Callable[[Any], Any], tmp_path: Path) -> None:
    stackrace.repeat("ai-stack", seeds=[1, 2], steps=3, events=True).save(tmp_path / "run")
    kept = stackrace.load(tmp_path / "run")
    assert copied(kept).events.equals(kept.events)


@BOTH
def test_a_rule_without_a_name_stays_by_name_and_digest(copied: Callable[[Any], Any]) -> None:
    run = stackrace.simulate("ai-stack", seed=3, steps=3, rules={"price": lambda view: 0.3})
    again = copied(run)
    assert again.measures.equals(run.measures) and again.rules == run.rules


@BOTH
def test_a_market_goes_on_as_the_one_it_was_copied_from(copied: Callable[[Any], Any]) -> None:
    def begun() -> Market:
        return Market("ai-stack", seed=1, firm_class={"model": OwnPrice}, rules={"ally": fixed_price}).run(3)

    market, whole = begun(), begun().run(3)
    again = copied(market).run(3)
    assert market.step_number == 3
    assert again.measures.equals(whole.measures)
    frames = [each.datacollector.get_model_vars_dataframe() for each in (again, whole)]
    assert frames[0].equals(frames[1])
    assert all(firm.model is again for firm in again.agents)
    assert market.run(3).measures.equals(whole.measures)


def test_another_process_takes_up_a_market_with_its_rule() -> None:
    run = stackrace.simulate("ai-stack", seed=3, steps=4, rules={"price": fixed_price})
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        later = pool.submit(stackrace.simulate, start=run.state_at(2), steps=2, events=True).result()
    assert later.measures.equals(run.measures[run.measures.step >= 2].reset_index(drop=True))
    assert len(later.events)


@BOTH
def test_what_is_made_of_runs_is_copied_too(copied: Callable[[Any], Any]) -> None:
    study = stackrace.study("ai-stack", "open-release", seeds=2, steps=9)
    assert copied(study).effects.equals(study.effects)
    assert str(copied(study.comparisons[0])) == str(study)
    firm = Market("ai-stack", seed=1).firm("model-1")
    assert str(copied(firm.consider("price"))) == str(firm.consider("price"))
