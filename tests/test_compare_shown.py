"""A comparison as it is told, drawn, saved and printed."""

import json
import math
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

import stackrace
from stackrace.experiments.command import screen
from stackrace.experiments.command.main import main
from stackrace.experiments.comparisons.compare import compare
from stackrace.experiments.comparisons.comparison import WHOLE
from stackrace.experiments.plots.figures import svg
from stackrace.model.errors import InputError

from .markets import HALF_SIZE, stack_named

SHORT = ("hhi", "final_volume")


@pytest.fixture(scope="module")
def pair():
    base = stackrace.repeat("ai-stack", seeds=range(3, 9), steps=24, set=HALF_SIZE)
    other = stackrace.repeat("ai-stack", seeds=range(3, 9), steps=24, set={**HALF_SIZE, "price_weight": 20.0})
    return base, other


@pytest.fixture(scope="module")
def found(pair):
    return compare(*pair)


@pytest.fixture(scope="module")
def folders(pair, tmp_path_factory):
    place = tmp_path_factory.mktemp("saved")
    return [str(each.save(place / name)) for each, name in zip(pair, ("base", "other"), strict=True)]


@pytest.fixture
def narrow(monkeypatch):
    monkeypatch.setattr(screen, "out", Console(width=80, highlight=False, markup=False))


def test_it_is_told_in_whole_sentences(found, pair):
    for told in (found, compare(pair[0], pair[0]), compare(pair[0].runs[0], pair[1]), compare(*pair, measures=["hhi"])):
        for line in str(told).splitlines():
            assert line.endswith((".", ":"))
            assert not re.search(r"\bnan\b|\bNone\b|\binf\b|\de[+-]?\d|  | ,", line)


def test_an_effect_that_holds_is_told_with_its_numbers(pair):
    more = stackrace.repeat("ai-stack", seeds=range(3, 9), steps=24, set={**HALF_SIZE, "enterprise.firms": 120})
    found = compare(pair[0], more, measures=["final_volume"])
    sentence = next(line for line in str(found).splitlines() if line.startswith("final_volume"))
    assert re.match(r"final_volume of the whole stack rises by [\d.,]+ units/step, \d+ % \(95 % interval", sentence)
    assert "p = 0.031): from" in sentence
    assert "Of one test one holds at 5 % (Holm):" in str(found)


def test_a_trajectory_has_a_panel_a_layer_with_the_median_of_the_differences(found):
    figure = found.trajectory("hhi")
    panels = {axes.get_title("left"): axes for axes in figure.axes if axes.get_title("left")}
    assert tuple(panels) == found.stack.selling_layers
    of_model = found.paths[found.paths.layer == "model"].pivot(index="step", columns="seed", values="hhi")
    lines = [line.get_ydata() for line in panels["model"].lines]
    assert any(len(y) == 24 and np.allclose(y, of_model.median(axis=1)) for y in lines)
    assert sum(len(y) == 24 for y in lines) == 1 + len(found.seeds)
    assert figure.get_supxlabel() == "step (quarter)"


def test_time_is_in_years_where_the_stack_has_a_start():
    run = stackrace.simulate("ai-2025", steps=3)
    assert compare(run, run, measures=["hhi"]).trajectory("hhi").get_supxlabel() == "year"


def test_a_measure_of_the_whole_stack_has_one_panel_and_one_of_buyers_theirs(found):
    titles = [axes.get_title("left") for axes in found.trajectory("final_volume").axes]
    assert [title for title in titles if title] == [WHOLE]
    titles = [axes.get_title("left") for axes in found.trajectory("independent_stacks").axes]
    assert [title for title in titles if title] == [*found.stack.demand_layers, WHOLE]


def test_a_forest_shows_each_effect_with_its_interval_in_the_row_of_its_layer(found):
    figure = found.forest(["hhi", "lerner"])
    first, second = figure.axes
    layers = [text.get_text() for text in first.get_yticklabels()]
    effects = found.effects.set_index(["measure", "layer"])
    for axes, name in ((first, "hhi"), (second, "lerner")):
        points = {int(line.get_ydata()[0]): line.get_xdata()[0] for line in axes.lines if line.get_marker() == "o"}
        assert len(points) == len(layers)
        for y, effect in points.items():
            row = effects.loc[(name, layers[y])]
            assert effect == row.effect
        ends = [part.get_segments()[0][:, 0] for part in axes.collections]
        assert sorted(low for low, _ in ends) == pytest.approx(sorted(effects.loc[name].loc[layers].low))


def test_what_was_not_compared_is_not_drawn(found):
    for draw in (found.trajectory, lambda name: found.forest([name])):
        with pytest.raises(InputError, match="'cr1' was not compared"):
            draw("cr1")


def test_one_seed_and_no_difference_are_drawn_too(pair):
    for one, two in ((pair[0], pair[0]), (pair[0].runs[0], pair[1].runs[0])):
        found = compare(one, two, measures=["hhi", "final_volume"])
        for figure in (found.forest(), found.trajectory("hhi"), found.forest(["final_volume"])):
            ElementTree.fromstring(svg(figure, "drawn"))


def test_what_is_saved_is_what_is_in_memory(pair, tmp_path):
    found = compare(*pair, measures=SHORT)
    place = found.save(tmp_path / "effect")
    for name in ("effects", "pairs", "regimes", "regime_effects", "parameters"):
        read = pd.read_csv(place / f"{name}.csv")
        pd.testing.assert_frame_equal(read, getattr(found, name), check_dtype=False, rtol=1e-12)
    paths = pd.read_parquet(place / "differences.parquet")
    pd.testing.assert_frame_equal(paths, found.paths, check_dtype=False, check_exact=True)
    assert (place / "comparison.txt").read_text("utf-8") == f"{found}\n"
    figures = {file.stem for file in place.glob("*.svg")}
    assert figures == {"effects", *SHORT}


def test_an_earlier_comparison_is_replaced_and_nothing_else(pair, tmp_path):
    place = compare(*pair, measures=["control_hhi"]).save(tmp_path / "effect")
    found = compare(*pair, measures=["margin"])
    found.save(place)
    assert (place / "margin.svg").exists()
    assert not (place / "control_hhi.svg").exists()
    (place / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match=r"holds mine\.txt, which no comparison put there"):
        found.save(place)
    assert (place / "mine.txt").read_text() == "mine"


def test_saved_runs_compare_as_those_in_memory(found, folders):
    again = compare(*map(stackrace.load, folders))
    pd.testing.assert_frame_equal(again.effects, found.effects, check_exact=True)
    pd.testing.assert_frame_equal(again.regimes, found.regimes, check_exact=True)
    assert str(again) == str(found)


def test_the_command_prints_a_table_of_80_columns(capsys, narrow, folders):
    assert main(["compare", *folders, "--measure", "hhi", "--measure", "alliance_clustering"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith("other against base (ai-stack): 6 seeds in pairs, means over the last 20 of the")
    rows = [line for line in lines if re.search(r"\bhhi\b", line)]
    assert len(rows) == 9
    assert not any("…" in line for line in lines)


def test_without_names_it_prints_the_effects_that_hold_or_those_nearest_to_it(capsys, narrow, folders):
    assert main(["compare", *folders]) == 0
    told = capsys.readouterr().out
    assert "Those nearest to one:" in told
    assert len(re.findall(r" to −?[\d.,]+ +1\.000 ", told)) == 5
    assert re.search(r"^\d+ rows more: --measure NAME shows them", told, re.MULTILINE)
    assert main(["compare", folders[0], folders[0]]) == 0
    assert "nearest" not in capsys.readouterr().out


def test_the_command_gives_programs_every_effect(capsys, folders, found):
    assert main(["compare", *folders, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["effect"] for row in told["effects"]] == found.effects.effect.tolist()
    assert (told["base"], told["other"], told["seeds"]) == ("base", "other", list(range(3, 9)))
    assert told["parameters"] == [{"name": "price_weight", "base": 2.0, "other": 20.0}]
    assert all(value is None or not isinstance(value, float) or math.isfinite(value) for value in flat(told))


def test_the_command_saves_and_takes_another_window(capsys, narrow, folders, tmp_path):
    place = tmp_path / "effect"
    assert main(["compare", *folders, "--measure", "margin", "--window", "5", "--out", str(place)]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "means over the last 5 of the steps 0 to 23" in told
    assert f"Tables and figures: {place}" in told
    assert (place / "effects.csv").is_file()


def flat(told):
    if isinstance(told, dict | list):
        for each in told.values() if isinstance(told, dict) else told:
            yield from flat(each)
    else:
        yield told


def test_folders_of_the_same_name_are_told_apart(capsys, narrow, folders):
    assert main(["compare", folders[0], folders[0], "--measure", "hhi"]) == 0
    assert "Every difference is exactly zero" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{base}", "{base}/none"], "{base}/none: no such folder"),
        (["{place}", "{base}"], "{place}: holds no saved run: there is no run.json in it"),
        (["{base}", "{other}", "--measure", "hhy"], "no measure is called 'hhy': did you mean 'hhi'?"),
        (["{base}", "{other}", "--out", "{base}"], "{base}: holds ledger.parquet, measures.parquet, overall.parquet"),
        (["{base}", "{later}"], "no seed in common: one has 3 to 8, the other 20"),
        (["{base}", "{chips}"], "unlike stacks cannot be paired"),
        (["{base}", "{other}", "--window", "0"], "Invalid value for '--window'"),
    ],
)
def test_bad_input_is_told_in_one_line(capsys, folders, tmp_path, arguments, said):
    later = stackrace.simulate("ai-stack", seed=20, steps=24, set=HALF_SIZE).save(tmp_path / "later")
    chips = stackrace.simulate(stack_named("tiny"), seed=3, steps=24).save(tmp_path / "chips")
    place = {"base": folders[0], "other": folders[1], "later": later, "chips": chips, "place": tmp_path}
    assert main(["compare", *(each.format(**place) for each in arguments)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("stackrace: " + said.format(**place))
    assert captured.err.count("\n") == 1


def test_its_help_has_examples(capsys):
    assert main(["compare", "--help"]) == 0
    assert "stackrace compare out/base out/other --measure hhi" in capsys.readouterr().out
