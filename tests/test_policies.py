"""Policies that come along, and files of one's own."""

from __future__ import annotations

import pandas as pd
import pytest

import stackrace
from stackrace.experiments.command.main import main
from stackrace.model.interventions import InterventionError, as_toml, read_interventions
from stackrace.model.policy import SHIPPED, Policy, read_policy

OF_ANOTHER_STACK = {"pipeline-separation": "training-pipeline", "computer-history": "computers"}
SHAKE = {"kind": "failure", "from": 6, "layer": "hosting"}


def test_the_file_of_a_policy_in_a_study_reads_back_whatever_its_title(tmp_path):
    title = 'Ban 🚀 of "all" é €'
    text = as_toml(read_interventions([{**SHAKE, "name": title}]), title)
    (tmp_path / "ban.toml").write_text(text, "utf-8")
    policy = read_policy(tmp_path / "ban.toml")
    assert (policy.title, policy.interventions[0].label) == (title, title)


@pytest.mark.parametrize("name", stackrace.policies())
def test_every_policy_that_comes_along_changes_a_market_with_its_layers(name):
    policy, stack = stackrace.read_policy(name), OF_ANOTHER_STACK.get(name, "ai-2025")
    assert policy.title
    first, changed = min(int(each.start) for each in policy.interventions), False
    for seed in range(1, 6):
        runs = [
            stackrace.simulate(stack, seed=seed, steps=first + 40, interventions=each).measures
            for each in ((), policy.interventions)
        ]
        pd.testing.assert_frame_equal(*(each[each.step < first] for each in runs), check_exact=True)
        changed = changed or not runs[0].equals(runs[1])
    assert changed


def test_policies_are_listed_with_their_titles_and_where_they_are(capsys):
    assert main(["policies"]) == 0
    told = capsys.readouterr().out
    assert "open-release" in told
    assert "Open release of the best model" in told
    assert str(SHIPPED) in told.replace("\n", "")


def test_a_policy_without_a_title_is_called_after_its_interventions(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('[[interventions]]\nkind = "open_release"\nfrom = 3\nlayer = "model"\n')
    assert read_policy(file) == Policy("mine", "open release", read_policy(file).interventions)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (
            {"kind": "set", "from": -1, "set": {"funding": 0.0}},
            r"\.from should be a step of 0 or more, or",
        ),
        ({"kind": "set", "from": True, "set": {"funding": 0.0}}, r"\.from should be a step of 0 or more"),
        ({"kind": "set", "from": 1, "set": {}}, r"\.set should be a table of parameters such as"),
        ({"kind": "set", "from": 1, "set": {"model": {"taste": 1}}}, r"\.set should be a table of parameters such as"),
        (
            {"kind": "set", "from": 1, "ramp": 10**12, "set": {"funding": 0.0}},
            r"\.ramp should be a number of steps",
        ),
        ({"kind": "separation", "from": 1, "layers": ["model"]}, r"\.layers should be two layers such as"),
        ({"kind": "failure", "from": 1, "layer": "model", "name": "a\nb"}, r"\.name should be a text of one line"),
        ("open-release", r"must be a table with a kind and a date, not 'open-release'"),
    ],
)
def test_what_is_wrong_in_a_file_is_said_with_what_would_be_right(table, said):
    with pytest.raises(InterventionError, match=said):
        read_interventions([table])


def test_a_file_saved_by_an_editor_that_marks_its_encoding_is_read(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('[[interventions]]\nkind = "failure"\nfrom = 3\nlayer = "model"\n', "utf-8-sig")
    assert len(read_interventions(file)) == 1
