"""What users hand over: numbers of other kinds, other mappings, one name for a list, and what cannot be used at all."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pytest

import stackrace
from stackrace import Market
from stackrace.experiments.claims.claim import ClaimTable
from stackrace.experiments.plots import figures
from stackrace.experiments.sweeps.file import read_sweep
from stackrace.model.errors import MOST_NAMES, InputError, listed

SET = {"model.taste": 0.1, "contacts.degree": 10}
ROW = pd.DataFrame({"model.taste": [0.1], "contacts.degree": [10]}).iloc[0]


@pytest.mark.parametrize(
    "given",
    [
        {"model.taste": 0.1, "contacts.degree": 10.0},
        {"model.taste": np.float64(0.1), "contacts.degree": np.float32(10)},
        {"model.taste": np.float32(0.1).astype(float).round(3), "contacts.degree": np.int16(10)},
        ROW,
        ROW.to_dict(),
        MappingProxyType(SET),
    ],
)
def test_any_mapping_sets_and_whole_numbers_may_be_floats(given: Any) -> None:
    run = stackrace.simulate("ai-stack", seed=1, steps=2, set=given)
    same = stackrace.simulate("ai-stack", seed=1.0, steps=np.float64(2.0), set=SET)  # type: ignore[arg-type]
    assert run.measures.equals(same.measures)
    assert run.set == same.set == SET and isinstance(run.set["contacts.degree"], int)
    market = Market("ai-stack", seed=1, set=given).run(2)
    assert market.measures.equals(run.measures[run.measures.step == 1].set_index("layer")[market.measures.columns])


@pytest.mark.parametrize("value", [10.5, float("nan"), float("inf"), True, "10", None, [10]])
def test_what_is_no_whole_number_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"contacts.degree must be a whole number, 0 to 1e\+06 \(firms\), not "):
        stackrace.simulate("ai-stack", seed=1, steps=1, set={"contacts.degree": value})
    with pytest.raises(ValueError, match=r"steps = .* is not a whole number of 1 or more"):
        stackrace.repeat("ai-stack", seeds=1, steps=value if value is not None else "none")


def test_whole_numbers_in_files_may_be_floats_too(tmp_path: Any) -> None:
    file = tmp_path / "sweep.toml"
    file.write_text(
        'stack = "ai-stack"\nsteps = 5.0\nseeds = 2.0\n[design.parameters]\n"contacts.degree" = [4.0, 6.0]\n'
    )
    read = read_sweep(file)
    assert (read.steps, read.seeds) == (5, (1, 2))
    policy = [{"kind": "set", "from": 2.0, "set": {"contacts.degree": 4.0}}]
    with pytest.raises(ValueError, match="only matters at the start"):
        stackrace.simulate("ai-stack", steps=3, interventions=policy)
    with pytest.raises(ValueError, match="steps"):
        ClaimTable.model_validate({"steps": 4.5})


@pytest.mark.parametrize("given", [5, "model.taste=0.1", ["model.taste"], {1: 2}, {("model", "taste"): 0.1}, {3.0}])
def test_a_set_of_a_wrong_kind_is_told_in_one_line(given: Any) -> None:
    calls = [
        lambda: stackrace.simulate("ai-stack", steps=1, set=given),
        lambda: stackrace.repeat("ai-stack", seeds=2, steps=1, set=given),
        lambda: stackrace.study("ai-stack", "open-release", seeds=2, steps=1, set=given),
        lambda: stackrace.attribute("ai-stack", seeds=2, steps=1, set=given),
        lambda: stackrace.validate("ai-stack", seeds=2, set=given),
        lambda: Market("ai-stack", set=given),
        lambda: stackrace.simulate("ai-stack", steps=2).state_at(1).changed(given, None),
    ]
    for call in calls:
        with pytest.raises(InputError, match=r"set.*give names and values, such as") as told:
            call()
        assert "\n" not in str(told.value)
    with pytest.raises(InputError, match=r"change.*give names and values"):
        stackrace.study("ai-stack", change=given, seeds=2, steps=1)


@pytest.mark.parametrize("value", [None, [1], {"a": 1}, object])
def test_a_value_of_a_wrong_kind_is_told(value: Any) -> None:
    with pytest.raises(InputError, match=r"model.taste must be a number, 0 to 20 \(appeal\), not "):
        stackrace.simulate("ai-stack", steps=1, set={"model.taste": value})


def test_one_name_stands_for_a_list_of_one() -> None:
    assert "model_hhi" in Market("ai-stack", seed=1, collect="hhi").datacollector.model_vars
    run = stackrace.simulate("ai-stack", steps=2, firms="cash")
    assert "cash" in run.firms
    study = stackrace.study("ai-stack", "open-release", seeds=2, steps=9, measures="hhi")
    assert study.comparisons[0].measures == ("hhi",)
    assert len(study.comparisons[0].forest("hhi").axes) == 1
    assert len(figures.hhi(run.measures, "model").axes) == 1
    assert stackrace.attribute("ai-stack", "hhi", seeds=1, steps=2, rules="build").rules == ("build",)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: Market("ai-stack", collect=3), "collect: 3 is no name: give one or several, such as 'hhi'"),
        (lambda: Market("ai-stack", collect=[3]), "collect: 3 is no name"),
        (lambda: Market("ai-stack", collect="hhy"), "nothing measured is called 'hhy': did you mean 'hhi'"),
        (lambda: stackrace.simulate("ai-stack", firms=3), "firms: 3 is no name: give one or several, such as 'cash'"),
        (lambda: stackrace.validate(nulls="gibrats"), "no null model is called 'gibrats': did you mean 'gibrat'"),
        (lambda: stackrace.repeat("ai-stack", seeds="3"), "seeds = '3' is not a whole number of 1 or more"),
        (
            lambda: figures.lerner(stackrace.simulate("ai-stack", steps=1).measures, "modle"),
            "no layer here is called 'modle': did you mean 'model'",
        ),
    ],
)
def test_a_name_that_cannot_be_used_is_told(call: Any, told: str) -> None:
    with pytest.raises(InputError) as error:
        call()
    assert str(error.value).startswith(told) or told in str(error.value)


@pytest.mark.parametrize(
    "call",
    [
        lambda: Market("ai-stack", zzz=1),
        lambda: stackrace.simulate("ai-stack", steps=1, set={"zzz": 1}),
        lambda: stackrace.simulate("ai-stack", steps=1, set={"model.zzz": 1}),
        lambda: stackrace.simulate("ai-2025", steps=1, firms=["zzzz"]),
        lambda: Market("ai-stack", collect="zzzz"),
    ],
)
def test_a_message_lists_a_handful_of_names(call: Any) -> None:
    with pytest.raises(InputError, match=r"and \d+ more|those that `stackrace params` lists$") as told:
        call()
    assert len(str(told.value)) < 500


def test_a_short_list_is_whole() -> None:
    names = [str(n) for n in range(MOST_NAMES)]
    assert listed(names) == ", ".join(names)
    assert listed([*names, "x", "y"]) == ", ".join(names) + " and 2 more"
    assert listed([]) == "none"


def test_a_number_of_seeds_counts_as_on_the_command_line() -> None:
    assert stackrace.repeat("ai-stack", seeds=3, steps=1).seeds == (1, 2, 3)
    assert stackrace.simulate("ai-stack", steps=1).seed == 1


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: stackrace.repeat("ai-stack", seeds=[[1], [2]]), "seed = [1] is not a whole number"),
        (lambda: stackrace.repeat("ai-stack", seeds=b"12"), "seeds = b'12' is not a whole number"),
        (lambda: stackrace.simulate(3), "3 is no stack: give a name or the path of a .toml file"),  # type: ignore[arg-type]
        (lambda: stackrace.read_policy(None), "None is no policy: give a name"),  # type: ignore[arg-type]
        (lambda: stackrace.study("ai-stack", 3, seeds=1), "policies is 3: give names or files"),  # type: ignore[arg-type]
        (lambda: Market(scenario={1: 2}), "scenario: 1 is no name"),
        (lambda: Market(start="nowhere.npz", scenario={"stack": "ai-2025"}), "start brings its own stack"),
        (lambda: figures.hhi(stackrace.simulate("ai-stack", steps=1).measures, []), "no layer is named"),
    ],
)
def test_what_is_of_a_wrong_kind_is_told_and_not_tripped_over(call: Any, told: str) -> None:
    with pytest.raises(InputError) as error:
        call()
    assert told in str(error.value)


def test_arrays_and_rows_are_taken_where_lists_and_dicts_are() -> None:
    assert stackrace.repeat("ai-stack", seeds=np.array([4, 5]), steps=1).seeds == (4, 5)
    assert Market("ai-stack", seed=1, scenario=ROW).world.set == SET
