"""Sweeps with rules of a user's own: what fails or kills its worker is stored with its parameters, the rest goes on."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import stackrace
from stackrace.agents.price import PriceView, markup_after
from stackrace.experiments.sweeps.one_run import Job, Outcome, run_one
from stackrace.model.errors import InputError, SimulationError

SWEEP = f"""
stack = "{Path(__file__).parent / "stacks" / "tiny.toml"}"
steps = 8
seeds = [0, 1, 2, 3]
window = 2
[design.parameters]
price_speed = [1.0, 3.0]
"""
DEAR = 0.45
"""A mark-up that firms reach with some seeds and not with others."""


def careful(view: PriceView) -> float:
    return float(markup_after(view)) * 0.999


def raises(view: PriceView) -> float:
    if view.speed == 3.0 and view.markup > DEAR:
        raise RuntimeError(f"a mark-up of {view.markup:.3f}")
    return float(str(markup_after(view)))


def kills(view: PriceView) -> float:
    if view.speed == 3.0 and view.markup > DEAR:
        os.kill(os.getpid(), signal.SIGKILL)
    return float(str(markup_after(view)))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "sweep.toml"
    made.write_text(SWEEP)
    return made


def dear_seeds() -> set[int]:
    """Seeds with which some firm gets so dear at the second point, found one run at a time."""
    found = set()
    for seed in range(4):
        try:
            stackrace.simulate(
                Path(__file__).parent / "stacks" / "tiny.toml",
                seed=seed,
                steps=8,
                set={"price_speed": 3.0},
                rules={"price": raises},
            )
        except SimulationError:
            found.add(seed)
    return found


def test_a_rule_of_ones_own_makes_other_runs_than_the_shipped_one(file: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as team:
        plain = stackrace.open(stackrace.sweep(file, tmp_path / "plain", executor=team).address)
        mine = stackrace.open(
            stackrace.sweep(file, tmp_path / "mine", executor=team, rules={"price": lambda view: careful(view)}).address
        )
    assert not set(plain.design.run) & set(mine.design.run)
    assert mine.about["own_rules"]["price"]["name"].endswith("<lambda>")
    assert plain.digest() != mine.digest()


def test_seeds_whose_rule_raises_are_stored_with_their_parameters(file: Path, tmp_path: Path) -> None:
    dear = dear_seeds()
    assert 0 < len(dear) < 4
    results = stackrace.open(stackrace.sweep(file, tmp_path / "store", workers=1, rules={"price": raises}).address)
    failed = results.failures()
    assert set(failed.seed) == dear and set(failed.price_speed) == {3.0}
    assert failed.error.str.contains(r"rule 'price' \(raises\) failed: RuntimeError: a mark-up of 0\.\d+ in step").all()
    assert len(results.done) == 8 - len(dear)


def test_seeds_whose_rule_kills_its_worker_are_stored_and_the_sweep_ends(file: Path, tmp_path: Path) -> None:
    results = stackrace.open(stackrace.sweep(file, tmp_path / "store", workers=2, rules={"price": kills}).address)
    failed = results.failures()
    assert set(failed.seed) == dear_seeds()
    assert set(failed.error) == {"killed its worker 2 times"}
    assert len(results.done) + len(failed) == 8


def test_runs_that_failed_are_tried_again_on_request(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ThreadPoolExecutor(1) as team:
        ended = stackrace.sweep(file, tmp_path / "whole", executor=team)
        monkeypatch.setattr("stackrace.experiments.sweeps.drive.run_one", broken)
        store = stackrace.sweep(file, tmp_path / "store", executor=team)
        assert len(stackrace.open(store.address).failures()) == 6
        monkeypatch.undo()
        stackrace.sweep(file, store.address, executor=team)
        assert len(stackrace.open(store.address).failures()) == 6
        stackrace.sweep(file, store.address, executor=team, retry_failed=True)
    assert len(stackrace.open(store.address).failures()) == 0
    assert stackrace.open(store.address).digest() == stackrace.open(ended.address).digest()


def broken(job: Job) -> Outcome:
    return Outcome(error="out of luck") if job.seed < 3 else run_one(job)


def test_a_rule_that_other_processes_cannot_import_is_told_in_one_line(file: Path, tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"worker processes cannot start \(Can't (pickle|get) .*<lambda>.*and rules in a module"
    ):
        stackrace.sweep(file, tmp_path / "store", rules={"price": lambda view: 0.1})
    assert not (tmp_path / "store").exists()
