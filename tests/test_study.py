"""A study: one market under several policies, compared seed by seed, saved and told."""

from __future__ import annotations

import html
import json
import platform
import re
import shlex
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

import stackrace
from stackrace.experiments.command import screen
from stackrace.experiments.command.main import main
from stackrace.experiments.comparisons.compare import COMPARABLE, compare
from stackrace.experiments.comparisons.paired import holm
from stackrace.experiments.folder import remove_leftovers
from stackrace.experiments.reports.brief import what_they_do
from stackrace.model.errors import InputError
from stackrace.model.policy import read_policy

from .markets import HALF_SIZE

NOTHING = {"kind": "set", "from": 4, "set": {"price_weight": 2.0}}  # the stack's own value
SHAKE = {"kind": "failure", "from": 6, "layer": "hosting"}
SMALL = ["--steps", "14", "--seeds", "3", *(f"--set={name}={value}" for name, value in HALF_SIZE.items())]


@pytest.fixture(scope="module")
def study() -> stackrace.Study:
    return stackrace.study(
        "ai-stack",
        {"nothing": [NOTHING], "failure": [SHAKE]},
        change={"*.taste": 0.1},
        seeds=range(4),
        steps=14,
        set=HALF_SIZE,
        measures=["hhi", "lerner", "final_volume"],
    )


@pytest.fixture(scope="module")
def folder(study, tmp_path_factory):
    return study.save(tmp_path_factory.mktemp("studies") / "study")


@pytest.fixture
def narrow(monkeypatch):
    monkeypatch.setattr(screen, "out", Console(width=80, highlight=False, markup=False))


def test_the_effect_of_doing_nothing_is_exactly_zero_in_every_measure(study):
    every = compare(study.base, study.others["nothing"], measures=COMPARABLE)
    for effects in (study.effects[study.effects.market == "nothing"], every.effects):
        assert (effects.effect.dropna() == 0.0).all()
        assert (effects[["low", "high"]].dropna() == 0.0).all(axis=None)
    assert (every.changes.changed == 0).all()


def test_each_market_is_what_a_run_with_its_policy_is(study):
    alone = stackrace.repeat("ai-stack", seeds=range(4), steps=14, set=HALF_SIZE, interventions=[SHAKE])
    pd.testing.assert_frame_equal(study.others["failure"].measures, alone.measures, check_exact=True)
    changed = stackrace.repeat("ai-stack", seeds=range(4), steps=14, set={**HALF_SIZE, "*.taste": 0.1})
    pd.testing.assert_frame_equal(study.others["changed"].measures, changed.measures, check_exact=True)


def test_p_values_are_corrected_over_all_comparisons_together(study):
    assert len(study.comparisons) == 3
    np.testing.assert_array_equal(study.effects.p_holm, holm(study.effects.p.to_numpy()))
    alone = compare(study.base, study.others["failure"], measures=["hhi", "lerner", "final_volume"])
    together = study.effects[study.effects.market == "failure"]
    assert (together.p_holm.to_numpy() >= alone.effects.p_holm.to_numpy()).all()
    assert f"Holm over the {study.effects.p.notna().sum()} tests of all comparisons" in str(study)


def test_a_saved_study_comes_back_with_the_same_effects(study, folder):
    again = stackrace.load_study(folder)
    pd.testing.assert_frame_equal(again.effects, study.effects, check_exact=True)
    assert dict(again.titles) == dict(study.titles)
    assert isinstance(stackrace.load(folder / "failure"), stackrace.Ensemble)
    assert read_policy(folder / "failure.toml").interventions == study.others["failure"].runs[0].interventions


def test_the_report_of_a_study_asks_answers_in_three_sentences_and_says_how_to_make_it_again(study, folder):
    text = (folder / "report.html").read_text("utf-8")
    answer = re.search(r'<section class="answer">(.*?)</section>', text, re.DOTALL)
    assert answer
    assert answer[1].count("<p>") == 3
    assert "what changes with “nothing”, “failure” and “*.taste = 0.1”?" in text
    assert "stackrace compare ai-stack --seed 0 --seeds 4 --steps 14" in text
    assert "--intervene nothing.toml --intervene failure.toml --change &#x27;*.taste=0.1&#x27;" in text
    for heading in ("Who sells", "How concentrated", "Who has pricing power", "Where value accrues", "Who owns what",
                    "Who is allied with whom", "How much hangs on one supplier", "What was changed"):  # fmt: skip
        assert f"<h2>{heading}</h2>" in text
    assert not re.search(r"\bnan\b|\bNone\b|\binf\b", re.sub(r"<svg.*?</svg>|<style>.*?</style>", "", text, flags=re.S))


def test_the_report_is_written_again_from_what_was_saved(capsys, folder, tmp_path):
    place = shutil.copytree(folder, tmp_path / "copy")
    before = (place / "report.html").read_text("utf-8")
    (place / "report.html").unlink()
    assert main(["report", str(place)]) == 0
    assert f"Report: {place}/report.html" in "".join(capsys.readouterr().out.split("\n"))
    assert (place / "report.html").read_text("utf-8") == before


def test_the_command_in_the_report_makes_the_same_study(folder, tmp_path, monkeypatch, study):
    text = html.unescape((folder / "report.html").read_text("utf-8"))
    command = re.search(r"<pre>stackrace (compare .*?)</pre>", text, re.DOTALL)
    assert command
    for file in folder.glob("*.toml"):
        shutil.copy(file, tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main([*shlex.split(command[1]), "--out", "again"]) == 0
    again = stackrace.load_study("again")
    pd.testing.assert_frame_equal(again.effects, study.effects, check_exact=True)


def test_a_change_counts_over_what_was_set_even_if_that_names_the_parameter_too():
    found = stackrace.study(
        "ai-stack", set={**HALF_SIZE, "*.taste": 0.3, "model.taste": 0.2}, change={"*.taste": 0.1}, seeds=[1], steps=2
    )
    changed = found.others["changed"].parameters.layer.taste
    assert (changed[: len(found.base.stack.selling_layers)] == 0.1).all()


def test_policies_of_the_same_title_are_told_apart():
    found = stackrace.study(
        "ai-stack", {"early": [SHAKE], "late": [{**SHAKE, "from": 9}]}, set=HALF_SIZE, seeds=[1, 2], steps=10
    )
    assert dict(found.titles) == {"early": "early", "late": "late"}


def test_too_few_seeds_for_so_many_tests_are_told(study):
    assert "With 4 seeds no p value is below" in str(study)
    assert "are too few for so many tests" in what_they_do(study)
    assert "“nothing” changes nothing at all" in what_they_do(study).lower()


def test_a_report_of_saved_runs_may_be_written_again_and_the_folder_stays_one_of_runs(capsys, tmp_path):
    place = stackrace.simulate("ai-stack", seed=3, steps=4, set=HALF_SIZE).save(tmp_path / "run")
    for _ in range(2):
        assert main(["report", str(place)]) == 0
    assert "<h2>Who owns what</h2>" in (place / "report.html").read_text("utf-8")
    stackrace.simulate("ai-stack", seed=4, steps=4, set=HALF_SIZE).save(place, force=True)
    assert not (place / "report.html").exists()


def test_the_command_compares_each_policy_with_the_market_as_it_is(capsys, narrow, tmp_path):
    place = tmp_path / "out"
    policies = ["--intervene", "interoperability", "--intervene", "open-release", "--change", "model.taste=0.1"]
    policies += ["--measure", "hhi"]
    assert main(["compare", "ai-stack", *SMALL, *policies, "--out", str(place)]) == 0
    told = capsys.readouterr().out
    assert max(len(line) for line in told.splitlines() if str(place) not in line) <= 80
    for label in ("interoperability", "open-release", "changed"):
        assert f"{label} against baseline (ai-stack): 3 seeds in pairs" in " ".join(told.split())
        assert (place / label / "run.json").is_file()
        assert (place / "effects" / label / "effects.csv").is_file()
    assert (place / "report.html").is_file()
    other = ["--change", "model.taste=0.2", "--measure=hhi", "--out", str(place), "--force"]
    assert main(["compare", "ai-stack", *SMALL, *other]) == 0
    assert not (place / "open-release").exists(), "another study leaves nothing of the one that it replaces"


def test_the_command_gives_programs_every_comparison(capsys):
    assert main(["compare", "ai-stack", *SMALL, "--intervene", "open-release", "--measure", "hhi", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [each["other"] for each in told["comparisons"]] == ["open-release"]
    assert {row["measure"] for row in told["comparisons"][0]["effects"]} == {"hhi"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ai-stack"], "nothing to compare with: name a policy, or change a parameter"),
        (["ai-stack", "--intervene", "open-relase"], "no policy is called 'open-relase': did you mean 'open-release'?"),
        (["ai-stack", "--intervene", "none.toml"], "none.toml: cannot be read: No such file or directory"),
        (
            ["ai-stack", "--intervene", "open-release", "--intervene", "open-release"],
            "two things of the study would be",
        ),
        (
            ["training-pipeline", "--intervene", "open-release"],
            "open-release: open release of the best model: no sel",
        ),
        (["ai-stack", "--change", "model.tast=1"], "model.tast: layers have no parameter 'tast': did you mean"),
        (
            ["ai-stack", "--change", "price_weight=1", "--change", "price_weight=2"],
            "price_weight is set twice",
        ),
        (["ai-stack", "--change", "price_weight=1", "--measure", "hhy"], "no measure is called 'hhy'"),
        (["ai-stack", "--change", "price_weight=1", "--out", "{file}"], "{file}: {file} is a file: give a folder"),
        (["{place}"], "Invalid value: {place} is a folder: give a second one to compare it with, or a stack"),
        (["{place}", "{place}", "--seeds", "3"], "Invalid value: --seeds is for a stack to run"),
    ],
)
def test_bad_input_to_compare_is_told_in_one_line(capsys, tmp_path, arguments, said):
    place = {"place": tmp_path, "file": tmp_path / "file"}
    place["file"].write_text("mine")
    assert main(["compare", *(each.format(**place) for each in arguments)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("stackrace: " + said.format(**place))
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda place: (place / "study.json").write_text("{"), "study.json: half-written or edited"),
        (lambda place: (place / "study.json").write_text("[]"), "study.json: half-written or edited"),
        (lambda place: (place / "study.json").write_text('{"schema": 99}'), "study.json: has schema version 99"),
        (lambda place: shutil.rmtree(place / "failure"), "failure: no such folder"),
        (lambda place: (place / "failure" / "measures.parquet").write_bytes(b"x"), "half-written or edited"),
    ],
)
def test_damage_to_a_study_is_told_in_one_line(capsys, folder, tmp_path, damage, said):
    place = shutil.copytree(folder, tmp_path / "copy")
    damage(place)
    assert main(["report", str(place)]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith(f"stackrace: {place}/")
    assert said in captured.err
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize("mine", ["mine.txt", "baseline/mine.txt", "effects/mine.txt", "effects/failure/mine.txt"])
def test_a_study_replaces_none_but_a_study(study, folder, tmp_path, mine):
    place = shutil.copytree(folder, tmp_path / "copy")
    (place / mine).write_text("mine")
    with pytest.raises(InputError, match=re.escape(f"holds {mine}, which no study put there")):
        study.save(place)
    assert (place / mine).read_text() == "mine"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"measures": ["hhy"]}, "no measure is called 'hhy'"),
        ({"window": 0}, "window = 0 is not a whole number of 1 or more"),
        ({"seeds": 0}, "seeds = 0 is not a whole number of 1 or more"),
        ({"seeds": [1, 1]}, "seeds are 1, 1: give one or more, each once"),
        ({"policies": [SHAKE]}, "policies are names or files"),
        ({"policies": {"effects": [SHAKE]}}, "two things of the study would be called 'effects'"),
        ({"policies": {"tax-$1$": [SHAKE]}}, r"'tax-\$1\$' cannot name a folder"),
        ({"policies": {"a" * 300: [SHAKE]}}, "cannot name a folder"),
        ({"policies": {"report.html": [SHAKE]}}, "cannot name a folder"),
    ],
)
def test_what_cannot_be_studied_is_told_before_anything_is_run(given, said):
    with pytest.raises(InputError, match=said):
        stackrace.study("ai-stack", **{"policies": {"x": [SHAKE]}, "seeds": [1], "steps": 10**9, **given})


def test_a_policy_that_begins_after_the_end_is_told_to_be_never_in_force(capsys):
    late = {"kind": "open_release", "name": "late", "from": 2027, "layer": "model"}
    found = stackrace.study("ai-stack", {"late": [late]}, set=HALF_SIZE, seeds=[1, 2], steps=3)
    assert "late from 2027 is never in force: the last step is 2." in str(found)
    assert "“late” changes nothing at all" in what_they_do(found).lower()


def test_what_a_killed_process_left_beside_a_folder_is_removed_and_what_it_replaced_comes_back(study, tmp_path):
    dead = subprocess.Popen(["true"])
    dead.wait()
    left = tmp_path / f".out.{platform.node()}-{dead.pid}-0123abcd.partial"
    mine = tmp_path / ".out.elsewhere-1-0123abcd.partial"
    for folder in (left, mine):
        folder.mkdir()
        (folder / "file").write_text("half")
    study.save(tmp_path / "out")
    assert not left.exists()
    assert mine.exists()
    old = left.with_suffix(".old")
    (tmp_path / "out").rename(old)
    remove_leftovers(tmp_path / "base")
    assert old.exists(), "that of another folder is left alone"
    remove_leftovers(tmp_path / "out")
    assert (tmp_path / "out" / "study.json").is_file()
