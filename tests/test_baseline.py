"""The pinned run: results change only when that is meant."""

from __future__ import annotations

import copy

from . import baseline

MEANT = (
    "the results of the pinned run changed. If that is meant: run `make baseline`, and say in CHANGELOG.md under"
    " 'Results change' what changed them and by how much. If it is not, something is broken."
)


def test_the_pinned_run_gives_the_results_it_gave() -> None:
    pinned = baseline.read()
    assert (pinned["stack"], pinned["seed"], pinned["steps"]) == (baseline.STACK, baseline.SEED, baseline.STEPS)
    found = baseline.differences(pinned["results"], baseline.results())
    assert not found, "\n".join([MEANT, *found[:10], f"({len(found)} differences in all)"])


def test_every_measure_is_pinned() -> None:
    assert baseline.added(baseline.read()["results"], baseline.results()) == set(), "run `make baseline`"


def test_the_rules_version_goes_up_when_results_change_and_only_then() -> None:
    pinned = baseline.read()
    assert baseline.rewritten(pinned, copy.deepcopy(pinned["results"])) is pinned
    other = copy.deepcopy(pinned["results"])
    other["20"]["compute"]["hhi"] *= 1.0 + 1e-8
    assert len(baseline.differences(pinned["results"], other)) == 1
    assert baseline.rewritten(pinned, other)["rules"] == pinned["rules"] + 1


def test_a_new_measure_is_pinned_without_a_new_version_and_a_lost_or_changed_one_with_it() -> None:
    pinned = baseline.read()
    other = copy.deepcopy(pinned["results"])
    for layers in other.values():
        for values in layers.values():
            values["novelty"] = 1.0
    assert baseline.added(pinned["results"], other) == {(False, "novelty"), (True, "novelty")}
    assert baseline.differences(pinned["results"], other) == []
    after = baseline.rewritten(pinned, copy.deepcopy(other))
    assert (after["rules"], after["results"]) == (pinned["rules"], other)
    assert baseline.rewritten(after, pinned["results"])["rules"] == pinned["rules"] + 1
    other["20"]["compute"]["hhi"] += 1.0
    assert baseline.rewritten(pinned, other)["rules"] == pinned["rules"] + 1
    del other["20"]["compute"]["novelty"]
    assert baseline.rewritten(after, other)["rules"] == pinned["rules"] + 1
