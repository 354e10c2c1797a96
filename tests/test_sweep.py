"""Sweeps survive: only what is missing is run, and what was interrupted comes out as if it had not been."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import stackrace
from stackrace.experiments.command.main import main
from stackrace.experiments.folder import WriteError
from stackrace.experiments.sweeps.drive import estimate
from stackrace.experiments.sweeps.file import SweepError, read_sweep
from stackrace.experiments.sweeps.places import Folder, StoreError
from stackrace.experiments.sweeps.workers import Workers

FILE = """
stack = "{stack}"
steps = 4
seeds = {seeds}
window = 2
policies = ["baseline", "chips.toml"]
[design]
kind = "grid"
[design.parameters]
"chips.taste" = [0.1, 0.3]
price_weight = {weights}
"""
POLICY = '[[interventions]]\nkind = "set"\nfrom = 1\nset = { "*.switching_cost" = 0.0 }\n'
STACK = Path(__file__).parent / "stacks" / "tiny.toml"


def sweep_file(folder: Path, seeds: str = "3", weights: str = "[1.0, 2.0]", more: str = "") -> Path:
    (folder / "chips.toml").write_text(POLICY)
    file = folder / "sweep.toml"
    file.write_text(FILE.format(stack=STACK, seeds=seeds, weights=weights) + more)
    return file


@pytest.fixture
def file(tmp_path):
    return sweep_file(tmp_path)


@pytest.fixture
def team():
    with ThreadPoolExecutor(2) as pool:
        yield pool


def swept(file, place, team, **more):
    return stackrace.open(stackrace.sweep(file, place, executor=team, **more).address)


def test_every_run_is_what_simulate_gives(file, tmp_path, team):
    results = swept(file, tmp_path / "store", team)
    table = results.frame()
    assert len(results.done) == 2 * 2 * 2 * 3
    assert results.parameters == ("chips.taste", "price_weight")
    for _, row in table[table.number.isin([0, 7, 23])].iterrows():
        set = {"chips.taste": row["chips.taste"], "price_weight": row.price_weight}
        policy = tmp_path / "chips.toml" if row.policy == "chips" else ()
        run = stackrace.simulate(STACK, seed=int(row.seed), steps=4, set=set, interventions=policy)
        if row.layer == "whole stack":
            assert row.final_volume == pytest.approx(run.overall.final_volume[-2:].mean(), rel=1e-12)
        else:
            late = run.measures[(run.measures.layer == row.layer) & (run.measures.step >= 2)]
            assert row.hhi == pytest.approx(late.hhi.mean(), rel=1e-12, nan_ok=True)


def test_the_same_sweep_again_runs_nothing(file, tmp_path, team):
    swept(file, tmp_path / "store", team)
    told = []
    stackrace.sweep(file, tmp_path / "store", executor=team, progress=lambda each: told.append((each.there, each.done)))
    assert told == [(24, 0)]


def test_more_seeds_and_points_add_only_those_and_give_what_all_at_once_gives(file, tmp_path, team):
    small = swept(file, tmp_path / "store", team)
    before = small.frame()
    larger = sweep_file(tmp_path, seeds="5", weights="[1.0, 2.0, 4.0]")
    grown = swept(larger, tmp_path / "store", team)
    assert len(grown.done) == 2 * 3 * 2 * 5
    kept = grown.frame().merge(before[["run", "layer"]], on=["run", "layer"])
    order = ["run", "layer"]
    place = ["number", "point"]
    pd.testing.assert_frame_equal(
        kept.drop(columns=place).sort_values(order, ignore_index=True),
        before.drop(columns=place).sort_values(order, ignore_index=True),
    )
    assert swept(larger, tmp_path / "at once", team).digest() == grown.digest()


def test_the_digest_does_not_depend_on_who_runs_what_when(file, tmp_path, team):
    one = swept(file, tmp_path / "one", team)
    with ThreadPoolExecutor(1) as alone:
        two = swept(file, tmp_path / "two", alone)
    assert one.digest() == two.digest()
    larger = swept(sweep_file(tmp_path, seeds="4"), tmp_path / "three", team)
    assert larger.digest() != one.digest()


def test_failed_runs_are_stored_with_their_parameters_while_the_rest_goes_on(tmp_path, team):
    file = sweep_file(tmp_path, weights="[1.0, 2.0]", more='"contacts.degree" = [2, 5000]\n')
    results = swept(file, tmp_path / "store", team)
    failed = results.failures()
    assert 0 < len(failed) < len(results.design)
    assert len(failed) + len(results.done) == len(results.design)
    assert {json.loads(each)["contacts.degree"] for each in failed["set"]} == {5000}
    assert failed.error.str.startswith("ParameterError: ").all()
    told = []
    stackrace.sweep(file, tmp_path / "store", executor=team, progress=lambda each: told.append(each.done))
    assert told == [0], "a run that failed is not tried again"


def test_a_torn_part_is_named_and_its_runs_are_done_again(file, tmp_path, team):
    whole = swept(file, tmp_path / "store", team)
    (part,) = (tmp_path / "store" / "runs").glob("*.parquet")
    part.write_bytes(part.read_bytes()[:-20])
    with pytest.raises(StoreError, match="torn"):
        stackrace.open(tmp_path / "store").frame()
    told = []
    again = swept(file, tmp_path / "store", team, progress=lambda each: told.extend(each.torn))
    assert set(told) == {f"runs/{part.name}"}
    assert again.digest() == whole.digest()


def test_a_full_disk_is_told_in_one_line_and_when_there_is_room_the_rest_is_done(file, tmp_path, team, monkeypatch):
    put, count = Folder.put, []

    def full(self, path, content):
        count.append(path)
        if path.startswith("runs/") and len(count) > 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        put(self, path, content)

    monkeypatch.setattr("stackrace.experiments.sweeps.drive.PART", 5)
    monkeypatch.setattr(Folder, "put", full)
    with pytest.raises(WriteError, match="store: cannot be written: No space left on device"):
        stackrace.sweep(file, tmp_path / "store", executor=team)
    there = stackrace.open(tmp_path / "store")
    assert 0 < len(there.done) < 24
    monkeypatch.setattr(Folder, "put", put)
    assert swept(file, tmp_path / "store", team).digest() == swept(file, tmp_path / "other", team).digest()


def test_series_are_stored_where_they_are_asked_for(tmp_path, team):
    file = sweep_file(tmp_path, seeds="[7]", weights="[2.0]")
    file.write_text("series = true\n" + file.read_text())
    results = swept(file, tmp_path / "store", team)
    first = results.design.iloc[0]
    run = stackrace.simulate(STACK, seed=7, steps=4, set={"chips.taste": 0.1, "price_weight": 2.0})
    series = results.series(first.run)
    assert len(series) == 4 * len(run.stack.names)
    np.testing.assert_array_equal(series.hhi, run.measures.hhi)


def test_regimes_are_counted_by_parameters_and_drawn(file, tmp_path, team):
    results = swept(file, tmp_path / "store", team)
    table = results.frequencies(["price_weight", "policy"])
    assert (table.groupby(["price_weight", "policy", "layer"])["count"].sum() == 2 * 3).all()
    figure = results.phase_diagram("chips.taste", "price_weight", "chips", policy="baseline")
    assert figure.axes[0].get_xlabel() == "chips.taste"
    assert [text.get_text() for text in figure.axes[0].texts] == ["3"] * 4
    effects = results.compare(0, 1)
    assert set(effects.seeds) == {3}
    assert {"hhi", "final_volume"} <= set(effects.measure)
    assert len(pd.read_csv(results.to_csv(tmp_path / "all.csv"))) == len(results.frame())


def test_a_store_can_be_read_as_a_plain_dataset(file, tmp_path, team):
    results = swept(file, tmp_path / "store", team)
    plain = pd.read_parquet(tmp_path / "store" / "runs")
    assert len(plain) == len(results.frame())
    assert {"run", "number", "point", "policy", "seed", "chips.taste", "layer", "regime", "hhi"} <= {*plain.columns}


def test_an_estimate_says_how_many_runs_are_missing(file, tmp_path, team):
    told = estimate(read_sweep(file), tmp_path / "store", workers=2)
    assert (told.total, told.points, told.policies, told.seeds, told.there) == (24, 4, 2, 3, 0)
    assert told.seconds > 0
    swept(file, tmp_path / "store", team)
    assert estimate(read_sweep(file), tmp_path / "store").seconds == 0


def dies(n: int) -> int:
    if n == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return n * n


def once(marker: str) -> str:
    if not Path(marker).exists():
        Path(marker).write_text("died")
        os.kill(os.getpid(), signal.SIGKILL)
    return "answered"


def test_a_task_that_kills_its_worker_is_given_up_and_all_others_are_answered():
    asked = ((str(n), n) for n in range(12))
    found = dict(Workers(dies, 2).answers(asked, lambda name, how: f"{name} {how}"))
    assert found == {**{str(n): n * n for n in range(12)}, "3": "3 killed its worker 2 times"}


def test_a_worker_that_dies_by_accident_costs_nothing(tmp_path):
    marker = str(tmp_path / "marker")
    found = dict(Workers(once, 2).answers([("one", marker)], lambda name, how: how))
    assert found == {"one": "answered"}


DRIVER = """
import sys
from stackrace.experiments.command.main import main
from stackrace.experiments.sweeps import drive
drive.PART = 20
sys.exit(main(sys.argv[1:]))
"""


def test_a_driver_killed_in_the_middle_goes_on_where_it_was(tmp_path, team):
    file = sweep_file(tmp_path, seeds="120")
    command = ["-c", DRIVER, "sweep", str(file), "--out", str(tmp_path / "store"), "--workers", "2"]
    for number in (signal.SIGKILL, signal.SIGINT):
        there = len(list((tmp_path / "store").glob("runs/*.parquet")))
        running = subprocess.Popen(
            [sys.executable, *command], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        while len(list((tmp_path / "store").glob("runs/*.parquet"))) == there and running.poll() is None:
            time.sleep(0.02)
        running.send_signal(number)
        said = running.communicate(timeout=60)[1]
        assert "Traceback" not in said
    assert said == "stackrace: interrupted: what is done is stored, the same command does the rest\n"
    assert running.returncode == 130
    assert 0 < len(stackrace.open(tmp_path / "store").done) < 960
    again = swept(file, tmp_path / "store", team)
    assert again.digest() == swept(file, tmp_path / "undisturbed", team).digest()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("stack = 3", "stack should be a valid string, not 3"),
        ("steps = 3", "stack is missing"),
        ('stack = "ai-stak"', "no stack is called 'ai-stak': did you mean 'ai-stack'?"),
        ('stack = "ai-stack"\nsteps = 0', "steps should be greater than or equal to 1, not 0"),
        ('stack = "ai-stack"\nseed = 3', "seed is unknown: did you mean 'seeds'?"),
        ('stack = "ai-stack"\nseeds = [1, 1]', "seeds are 1, 1: give one or more, each once"),
        ('stack = "ai-stack"\n[design]\nkind = "sobel"', "design.kind 'sobel' is unknown: did you mean 'sobol'?"),
        ('stack = "ai-stack"\n[design.parameters]\n"model.tast" = [1]', "no parameter is called 'model.tast'"),
        ('stack = "ai-stack"\n[design.parameters]\n"modle.taste" = [1]', "modle.taste"),
        ('stack = "ai-stack"\npolicies = ["opn-release"]', "no policy is called 'opn-release'"),
        ("stack = ", "not valid TOML"),
        ('stack = "ai-stack"\nseeds = -1', "seeds should be greater than or equal to 1, not -1"),
        ('stack = "ai-stack"\nseeds = 9_000_000\npolicies = ["baseline", "open-release"]', "18,000,000 runs"),
        ('stack = "ai-stack"\n[design.parameters]\nmodel.taste = { low = "a" }', "model.taste must be a number"),
        ('stack = "ai-stack"\n[design.parameters]\nmodel.taste = { low = [1] }', "model.taste must be a number"),
        ('stack = "ai-stack"\n[design]\nkind = "latin"\npoints = 10_000_000', "design.points should be less than"),
        ('stack = "ai-stack"\nset = { "contacts.degree" = 5000 }', "contacts.degree"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_one_line(tmp_path, capsys, text, said):
    file = tmp_path / "sweep.toml"
    file.write_text(text)
    with pytest.raises(SweepError):
        read_sweep(file)
    assert main(["sweep", str(file), "--out", str(tmp_path / "store")]) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"stackrace: {file}: ")
    assert said in told
    assert told.count("\n") == 1
    assert not (tmp_path / "store").exists()


def test_what_is_no_store_is_told_in_one_line(file, tmp_path, capsys):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    assert main(["sweep", str(file), "--out", str(tmp_path / "mine")]) == 2
    assert "holds notes.txt, and is no store: give a new folder" in capsys.readouterr().err
    with pytest.raises(StoreError, match=r"holds no sweep: there is no sweep\.json in it"):
        stackrace.open(tmp_path)
    with pytest.raises(StoreError, match="has schema version 99"):
        (tmp_path / "mine" / "sweep.json").write_text('{"schema": 99}')
        stackrace.open(tmp_path / "mine")
