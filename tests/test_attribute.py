"""Shares of decisions: Shapley's values of known games, and that shares add up to what they divide."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import stackrace
from stackrace.experiments.analysis.attribute import ALL, RULES
from stackrace.experiments.analysis.shapley import coalitions, shapley
from stackrace.experiments.command.main import main
from stackrace.model.errors import InputError

STACK = Path(__file__).parent / "stacks" / "tiny.toml"
PLAYERS = ("a", "b", "c", "d")


@pytest.fixture(scope="module")
def found():
    return stackrace.attribute(STACK, ["hhi", "lerner", "control_hhi"], seeds=range(3), steps=12, window=4)


def test_of_three_gloves_the_single_left_one_is_worth_two_thirds() -> None:
    """One left glove and two right ones; a pair is worth 1 (Shapley & Shubik, On Market Games, 1969)."""
    worth = {each: np.array(float("left" in each and len(each) > 1)) for each in coalitions(["left", "right", "other"])}
    shares = shapley(worth, ["left", "right", "other"])
    assert {name: float(share) for name, share in shares.items()} == pytest.approx(
        {"left": 2 / 3, "right": 1 / 6, "other": 1 / 6}, abs=1e-15
    )


def test_two_causes_share_by_the_mean_of_both_orders() -> None:
    worth = {frozenset(): 10.0, frozenset("a"): 14.0, frozenset("b"): 7.0, frozenset("ab"): 20.0}
    shares = shapley({each: np.array(value) for each, value in worth.items()}, ["a", "b"])
    assert float(shares["a"]) == (4.0 + 13.0) / 2
    assert float(shares["b"]) == (-3.0 + 6.0) / 2


@given(st.lists(st.floats(-1e4, 1e4), min_size=16, max_size=16))
def test_shares_sum_to_the_whole_change_whatever_the_game(values: list[float]) -> None:
    worth = {each: np.array([value]) for each, value in zip(coalitions(PLAYERS), values, strict=True)}
    shares = shapley(worth, PLAYERS)
    whole = worth[frozenset(PLAYERS)] - worth[frozenset()]
    assert abs(sum(shares.values()) - whole).item() < 1e-9


def test_who_adds_nothing_gets_nothing_and_equals_get_the_same() -> None:
    worth = {each: np.array(float(len(each - {"d"})) ** 2) for each in coalitions(PLAYERS)}
    shares = shapley(worth, PLAYERS)
    assert float(shares["d"]) == 0.0
    assert float(shares["a"]) == pytest.approx(3.0) == float(shares["b"]) == float(shares["c"])


def test_shares_of_every_layer_and_measure_sum_to_the_change_from_none_to_all(found) -> None:
    for _, rows in found.shares.groupby(["layer", "measure"]):
        parts, whole = rows[rows.rule != ALL], rows[rows.rule == ALL].iloc[0]
        assert list(parts.rule) == list(RULES)
        assert abs(parts.effect.sum() - whole.effect) < 1e-9
        assert whole.effect == pytest.approx(whole.with_all - whole.without, abs=1e-9)


def test_shares_are_worked_out_seed_by_seed_from_runs_of_all_combinations(found) -> None:
    every = [frozenset(each) for n in range(5) for each in combinations(RULES, n)]
    worth = {}
    for allowed in every:
        set = {f"decisions.{rule}": rule in allowed for rule in RULES}
        runs = [stackrace.simulate(STACK, seed=seed, steps=12, set=set) for seed in range(3)]
        worth[allowed] = np.array([run.measures[run.measures.layer == "chips"].hhi[-4:].mean() for run in runs])
    shares = shapley(worth, RULES)
    rows = found.shares[(found.shares.layer == "chips") & (found.shares.measure == "hhi")].set_index("rule")
    for rule in RULES:
        assert rows.effect[rule] == pytest.approx(shares[rule].mean(), rel=1e-9, abs=1e-9)
        assert rows.low[rule] <= rows.effect[rule] <= rows.high[rule]
    assert rows["last"]["build"] == pytest.approx(
        (worth[frozenset(RULES)] - worth[frozenset({*RULES} - {"build"})]).mean()
    )
    assert rows.alone["build"] == pytest.approx((worth[frozenset({"build"})] - worth[frozenset()]).mean())


def test_a_decision_that_nobody_can_take_has_no_share() -> None:
    found = stackrace.attribute(STACK, ["hhi"], seeds=range(2), steps=6, rules=["open", "build"])
    assert (found.shares.effect[found.shares.rule == "open"] == 0.0).all()


def test_one_decision_alone_has_the_whole_change() -> None:
    shares = stackrace.attribute(STACK, ["hhi"], seeds=[0, 1], steps=4, rules=["switch"]).shares
    switch, whole = (shares[shares.rule == rule].effect.to_numpy() for rule in ("switch", "all"))
    assert len(switch) and (switch == whole).all()


def test_the_whole_stack_has_rows_and_buyers_do_not(found) -> None:
    layers = found.shares.groupby("measure").layer.unique()
    assert list(layers["control_hhi"]) == ["whole stack"]
    assert not {*layers["hhi"]} & {*found.stack.demand_layers}


def test_the_same_call_finds_its_runs_again(tmp_path) -> None:
    told = []
    for seeds in (2, 3):
        stackrace.attribute(
            STACK,
            ["hhi"],
            seeds=range(seeds),
            steps=3,
            store=tmp_path / "runs",
            progress=lambda p: told.append(p.there),
        )
    assert told[0] == 0
    assert told[-1] == 32


def test_the_command_prints_and_saves_what_decisions_contribute(tmp_path, capsys, found) -> None:
    out = tmp_path / "out"
    command = [
        "attribute",
        str(STACK),
        "--measure",
        "hhi",
        "--seeds",
        "3",
        "--seed",
        "0",
        "--steps",
        "12",
        "--window",
        "4",
    ]
    assert main([*command, "--workers", "1", "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    rows = [row for row in told["shares"] if row["layer"] == "chips"]
    assert [row["rule"] for row in rows] == [*RULES, ALL]
    same = found.shares[(found.shares.layer == "chips") & (found.shares.measure == "hhi")]
    assert [row["effect"] for row in rows] == pytest.approx(list(same.effect))
    assert sorted(file.name for file in out.iterdir()) == ["hhi.svg", "runs", "shares.csv", "values.csv"]
    assert "<svg" in (out / "hhi.svg").read_text("utf-8")


def test_mistakes_are_named(capsys) -> None:
    with pytest.raises(InputError, match="no decision is called 'bild': did you mean 'build'"):
        stackrace.attribute(STACK, ["hhi"], seeds=range(2), rules=["bild"])
    assert main(["attribute", str(STACK), "--measure", "hi", "--seeds", "2"]) == 2
    assert "did you mean 'hhi'" in capsys.readouterr().err
