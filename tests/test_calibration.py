"""Claims about calibration: facts with sources, moments by hand, a fit that finds what was planted and goes on."""

from __future__ import annotations

import csv
import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from stackrace import simulate
from stackrace.experiments.calibration.moments import Played, moments
from stackrace.experiments.calibration.particles import quantile, within_set
from stackrace.experiments.calibration.setup import HERE, Calibration, CalibrationError, read_calibration, shipped
from stackrace.experiments.calibration.targets import AT_ENDS, Target, TargetError
from stackrace.experiments.calibration.trial import WORST, Markets, Trials, distance, misses
from stackrace.experiments.command.main import main
from stackrace.model.measures import COLUMNS
from stackrace.model.stack import Stack, read_stack

STACK = read_stack("ai-stack")
FILE = """
stack = "ai-stack"
targets = "targets.csv"
steps = 6
replicates = 1
seeds = 4
particles = {particles}
generations = {generations}
least_acceptance = 0.0
[set]
"*.initial_markup" = 1.0
[parameters]
price_step_max = {{ low = 0.01, high = 0.2, log = true }}
"*.review" = {{ low = 0.05, high = 1.5, factor = true, log = true }}
"""
TARGETS = """target,role,layer,statistic,value,low,high,unit,source
margin,fitted,model,lerner level,40,35,45,%,made up
moves,fitted,model,switch_rate year,30,25,35,%/year,made up
others,predicted,hosting,hhi change,0,-100,100,points/year,made up
"""


def written(folder: Path, particles: int = 10, generations: int = 2, **replaced: str) -> Path:
    text = FILE.format(particles=particles, generations=generations)
    for old, new in replaced.items():
        text = text.replace(old, new)
    (folder / "mine.toml").write_text(text, "utf-8")
    (folder / "targets.csv").write_text(TARGETS, "utf-8")
    return folder / "mine.toml"


def rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


# What comes along


def test_every_target_is_made_of_facts_with_a_source_and_every_fact_is_used() -> None:
    known = {row["id"]: row for row in rows("facts.csv")}
    used = {fact for row in rows("ai-2025-targets.csv") for fact in row["facts"].split()}
    assert used <= set(known)
    told = " ".join(row["source"] for row in known.values())
    assert {fact for fact in known if fact not in used and fact not in told} == set()
    assert all(row["source"] and row["period"] for row in known.values())


@pytest.mark.parametrize("name", shipped())
def test_a_calibration_that_comes_along_can_be_read_and_splits_its_targets(name: str) -> None:
    wanted = read_calibration(name)
    assert {each.fitted for each in wanted.targets} == {True, False}
    assert all(each.source for each in wanted.targets)


def test_a_market_taken_up_again_is_the_one_that_starts_with_the_same_settings() -> None:
    wanted = read_calibration("ai-2025")
    values = {each.name: each.value(sum(each.ends) / 2) for each in wanted.free}
    settings = wanted.settings(values)
    markets = Markets(wanted.stack, wanted.table.set)
    again = markets.at(3, settings).advance(4).record
    fresh = simulate(wanted.stack, seed=3, steps=4, set={**wanted.table.set, **settings})
    np.testing.assert_array_equal(again, fresh.record)


def test_a_parameter_by_which_markets_would_start_otherwise_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path, price_step_max="demand_elasticity")
    stack = read_stack("ai-2025")
    wanted = dataclasses.replace(read_calibration(file), stack=stack)
    with pytest.raises(CalibrationError, match=r"demand_elasticity decides how a market starts"):
        Markets(stack, {}).refuse_what_moves_the_start(wanted)


def test_a_calibration_stays_the_same_when_the_stack_takes_up_what_it_found_and_not_when_it_starts_otherwise() -> None:
    wanted = read_calibration("ai-2025")
    record = json.loads((HERE / "ai-2025-record.json").read_text("utf-8"))
    assert record["identity"] == wanted.identity

    def with_parameter(name: str, value: float) -> str:
        tables = wanted.stack.as_dict()
        tables["parameters"][name] = value
        return dataclasses.replace(wanted, stack=Stack.from_dict(tables)).identity

    assert with_parameter("price_weight", 3.0) == wanted.identity != with_parameter("adoption_initial", 0.3)


# Moments and distances by hand


def aimed(statistic: str, layer: str = "model") -> Target:
    return Target("t", True, layer, statistic, 0.0, -1.0, 1.0, "", "made up")


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [
        ("cr1 level", 100 * (0.5 + 0.6 + 0.7 + 0.8) / 4),
        ("cr1 change", 100 * (0.8 - 0.4) / 1.0),
        ("cr1 year", 100 * (0.5 + 0.6 + 0.7 + 0.8)),
        ("hhi change", 400.0),
        ("units growth", 100.0),
        ("price change", -50.0),
        ("price change at constant quality", -75.0),
        ("revenue growth", 200.0),
        ("lerner level", np.nan),
    ],
)
def test_a_moment_is_worked_out_on_paper(statistic: str, expected: float) -> None:
    layer = STACK.names.index("model")
    record = np.full((5, len(STACK.names), len(COLUMNS)), np.nan)
    record[:, layer, COLUMNS.index("cr1")] = [0.4, 0.5, 0.6, 0.7, 0.8]
    record[:, layer, COLUMNS.index("hhi")] = [1000, 1100, 1200, 1300, 1400]
    record[:, layer, COLUMNS.index("units")] = [10, 10, 10, 10, 20]
    ends = np.zeros((2, len(AT_ENDS), len(STACK.names)))
    ends[1, :, layer] = np.log([0.5, 0.25, 3.0])
    (found,) = moments(Played(record, ends), STACK, [aimed(statistic)])
    assert found == pytest.approx(expected, nan_ok=True)


def test_a_miss_counts_in_scales_and_what_is_missing_counts_most() -> None:
    found, aims, scales = np.array([3.0, np.nan, 1e9]), np.array([1.0, 0.0, 0.0]), np.array([2.0, 1.0, 1.0])
    assert misses(found, aims, scales).tolist() == [1.0, WORST, WORST]
    fitted = np.array([True, False, False])
    assert distance(found, aims, scales, fitted) == 1.0


# The fit


def quick(folder: Path, **asked: int) -> Calibration:
    return read_calibration(written(folder, **asked))


def test_a_fit_that_was_stopped_ends_as_one_that_was_not(tmp_path: Path) -> None:
    pytest.importorskip("pyabc")
    from stackrace.experiments.calibration.fit import Generation, fit

    wanted, seen = quick(tmp_path, generations=3), list[Generation]()
    whole = fit(wanted, tmp_path / "whole", told=seen.append)

    def stop(made: Generation) -> None:
        raise KeyboardInterrupt

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            fit(wanted, tmp_path / "stopped", told=stop)
    resumed = fit(wanted, tmp_path / "stopped")
    np.testing.assert_array_equal(resumed.values, whole.values)
    np.testing.assert_array_equal(resumed.weights, whole.weights)
    tolerances = [each.tolerance for each in seen]
    assert len(tolerances) == 3 and tolerances == sorted(tolerances, reverse=True)


def test_planted_parameters_are_found_again(tmp_path: Path) -> None:
    """The short version of docs/calibration/recovery.py."""
    pytest.importorskip("pyabc")
    from stackrace.experiments.calibration.fit import fit

    wanted = quick(tmp_path, particles=30, generations=4)
    planted = {"price_step_max": 0.03, "*.review": 0.3}
    trials = Trials(wanted)
    particles = fit(wanted, tmp_path / "fit", observed=trials.mean(planted, [1000]), trials=trials)
    assert within_set(particles, planted, [True, True])[0]
    review = np.log(particles.values[:, 1])
    low, high = quantile(review, particles.weights, (0.05, 0.95))
    assert high - low < 0.5 * (np.log(1.5) - np.log(0.05)), "the facts must have said something"


def test_the_command_calibrates_checks_and_keeps_others_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyabc")
    monkeypatch.setattr("stackrace.experiments.calibration.check.RUNS", 12)
    file, out = written(tmp_path), tmp_path / "out"
    assert main(["calibrate", str(file), "--out", str(out)]) == 0
    assert "fitted targets are inside the ensemble's 90 % band" in capsys.readouterr().out
    for name in ("particles.csv", "targets.csv", "parameters.csv", "correlations.csv", "check.svg", "record.json"):
        assert (out / name).stat().st_size > 0
    written(tmp_path, generations=3)
    assert main(["calibrate", str(file), "--out", str(out)]) == 2
    assert "holds another calibration" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("price_step_max", "price_step", "price_step: no such parameter"),
        ("0.01", "0.3", "price_step_max: low must be below high"),
        ("high = 0.2", "high = 9.0", "it is a number from 0 to 5"),
        ("high = 1.5", "high = 30.0", r"compute.review would be 12"),
        ("steps = 6", "steps = 2", "steps should be greater than or equal to 5"),
        ("replicates", "replicate", "replicate is unknown"),
        ("replicates = 1", "replicates = 5", "5 replicates need as many seeds, not 4"),
        ("targets.csv", "none.csv", "cannot be read"),
    ],
)
def test_a_mistake_in_the_file_is_told_in_one_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises((CalibrationError, TargetError), match=message) as told:
        read_calibration(written(tmp_path, **{old: new}))
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("model,lerner", "modle,lerner", "no layer is called 'modle'"),
        ("lerner level", "lerner slope", "statistic 'lerner slope' is unknown"),
        ("40,35,45", "50,35,45", "50 is not within its interval"),
        (",fitted,", ",predicted,", "nothing is to be fitted"),
        (",high,", ",top,", "no column 'high'"),
    ],
)
def test_a_mistake_in_the_targets_is_told_in_one_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    file = written(tmp_path)
    (tmp_path / "targets.csv").write_text(TARGETS.replace(old, new), "utf-8")
    with pytest.raises(TargetError, match=message) as told:
        read_calibration(file)
    assert "\n" not in str(told.value)
