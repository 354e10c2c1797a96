"""What the first lines of a report say is what the numbers say."""

from __future__ import annotations

import re

import numpy as np
import pytest

import stackrace
from stackrace.experiments.histories.notable import LED, MOST, SMALLEST, notable
from stackrace.experiments.plots.figures import FIGURES, marked
from stackrace.experiments.reports.brief import (
    answer,
    on_whom_it_hangs,
    per_seed,
    strongest,
    what_they_do,
    where_it_ends,
    who_earns,
)
from stackrace.experiments.reports.report import pages

from .markets import HALF_SIZE

STEPS = 30


@pytest.fixture(scope="module")
def ensemble() -> stackrace.Ensemble:
    return stackrace.repeat("ai-stack", seeds=range(4), steps=STEPS, set=HALF_SIZE)


@pytest.fixture(scope="module")
def run() -> stackrace.Run:
    planned = [{"kind": "failure", "name": "the largest host fails", "from": 9, "layer": "hosting"}]
    return stackrace.simulate("ai-2025", seed=2, steps=STEPS, events=True, firms=["volume"], interventions=planned)


def test_an_answer_has_three_sentences_and_no_gaps(ensemble):
    for each in (ensemble, stackrace.Ensemble(ensemble.runs[:1])):
        told = answer(each)
        assert len(told) == 3
        for sentence in told:
            assert sentence.endswith(".")
            assert not re.search(r"\bnan\b|\bNone\b|  | ,", sentence)


def test_the_first_sentence_names_every_layer_once_with_the_seeds_of_its_commonest_regime(ensemble):
    told = where_it_ends(ensemble)
    commonest = ensemble.frequencies().groupby("layer", sort=False).first()
    for layer, row in commonest.iterrows():
        assert told.count(f"{layer} ({row['count']})") == 1
    one = stackrace.Ensemble(ensemble.runs[:2])
    tied = one.regimes().groupby("layer", sort=False).regime.nunique()
    for layer in tied.index[tied == 2]:
        assert re.search(rf"{layer} \(1\)[^;]* no commonest regime", where_it_ends(one))


def test_the_second_sentence_names_the_layer_that_takes_most_of_the_margins(ensemble):
    shares = per_seed(ensemble.measures, "profit_share").mean()
    first = shares.idxmax()
    assert re.match(
        rf"Of all margins in sales to others {first} takes {100 * shares[first]:.0f} %", who_earns(ensemble)
    )


def test_the_third_sentence_names_the_layer_whose_leader_matters_most(ensemble):
    lost = per_seed(ensemble.measures, "fragility")[list(ensemble.stack.selling_layers)].mean()
    told = on_whom_it_hangs(ensemble)
    assert f"hangs most on {lost.idxmax()}: " in told
    assert f"{100 * lost.max():.0f} %" in told


def test_what_a_policy_does_is_told_strongest_first_and_only_what_holds():
    study = stackrace.study(
        "ai-stack", change={"*.taste": 0.0}, seeds=range(10), steps=16, set=HALF_SIZE, measures=["lerner"],
    )  # fmt: skip
    rows = strongest(study.comparisons[0])
    assert rows, "where products are alike mark-ups fall"
    spreads = study.comparisons[0].pairs.groupby("layer").base.std()
    sizes = [abs(row.effect) / spreads[row.layer] for row in rows]
    assert sizes == sorted(sizes, reverse=True)
    assert all(row.p_holm < 0.05 for row in rows)
    assert f"the Lerner index of {rows[0].layer} {'rises' if rows[0].effect > 0 else 'falls'}" in what_they_do(study)


def test_events_of_note_are_few_in_order_and_hold_every_intervention(run):
    told = notable(run)
    assert 1 < len(told) <= MOST
    quarters = [line.partition(":")[0] for line in told]
    assert quarters == sorted(quarters)
    assert told[quarters.index("2028-Q2")] == "2028-Q2: Intervention: the largest host fails."


def test_who_is_told_to_lead_a_layer_led_it_for_a_year(run):
    books = run.firms.astype({"layer": object, "firm": object})
    leads = [line for line in notable(run, 100) if "becomes the largest" in line]
    assert leads
    for line in leads:
        found = re.match(r"(\d{4})-Q(\d): (\S+) becomes the largest in (\S+), with \d+ % \(before: (\S+)\)\.", line)
        assert found
        step = (int(found[1]) - 2026) * 4 + int(found[2]) - 1
        for at in range(step - 1, min(step + LED, STEPS)):
            table = books[(books.step == at) & (books.layer == found[4])].set_index("firm").volume
            assert table.idxmax() == (found[5] if at < step else found[3])


def test_small_events_are_no_events_of_note(run):
    for line in notable(run, 1000):
        share = re.search(r"(\d+) %", line)
        assert "Intervention" in line or (share and int(share[1]) >= 100 * SMALLEST - 1)


def test_dates_of_interventions_are_drawn_on_the_time_axes(ensemble):
    for draw in FIGURES.values():
        before = [len(axes.lines) for axes in draw(ensemble.measures, ensemble.stack.selling_layers).axes]
        drawn = marked(draw(ensemble.measures, ensemble.stack.selling_layers), [9, 1000], None)
        after = [axes for axes in drawn.axes if axes.axison]
        assert sum(len(axes.lines) for axes in drawn.axes) == sum(before) + len(after)
        assert all(np.allclose(axes.lines[-1].get_xdata(), 9.0) for axes in after)


def test_a_report_of_runs_with_a_rule_that_is_not_at_hand_leaves_out_the_portraits(tmp_path):
    def flat(view):
        return view.markup

    run = stackrace.simulate("ai-stack", seed=1, steps=3, set=HALF_SIZE, rules={"price": flat})
    loaded = stackrace.load(run.save(tmp_path / "run"))
    text = pages(stackrace.Ensemble((loaded,)))["report.html"]
    assert "Who owns what" not in text
    assert "How concentrated" in text
