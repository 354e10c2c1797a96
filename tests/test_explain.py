"""What is told of a firm is what the events and the books say, and its gain is accounted for in full."""

import re

import numpy as np
import pandas as pd
import pytest

import stackrace
from stackrace.experiments import wording
from stackrace.experiments.command.main import main
from stackrace.experiments.histories import deeds, explain, rise
from stackrace.experiments.replay import beginning
from stackrace.model.register import FirmError

from .markets import HALF_SIZE


@pytest.fixture(scope="module")
def run():
    return stackrace.simulate("ai-stack", seed=3, steps=60, set=HALF_SIZE, events=True, firms=True)


@pytest.fixture(scope="module")
def told(run):
    """Label -> history of every firm that ever was."""
    labels = sorted({*run.firms.firm.unique(), *run.events.firm.unique(), *run.events.counterparty.dropna().unique()})
    return {label: run.explain(label) for label in labels}


def happened(run, kind, who, label):
    return run.events[(run.events.kind == kind) & (run.events[who] == label)]


def test_every_firm_has_a_history_of_whole_sentences(told):
    for label, text in told.items():
        assert text.startswith(f"{label} is a ")
        for line in text.splitlines():
            assert line.endswith(".")
            assert "  " not in line
            assert not re.search(r"\bnan\b|\bNone\b|\binf\b|\de[+-]?\d|\b1 (firm|unit|contract|alliance|step)s", line)


def test_a_history_is_short(told):
    assert max(len(text.split()) for text in told.values()) < 800
    assert max(len(text.splitlines()) for text in told.values()) <= 30


def test_every_takeover_is_told_by_both_sides(run, told):
    taken = run.events[run.events.kind == "acquired"]
    assert len(taken) > 3
    for event in taken.itertuples():
        assert f"{event.counterparty} at {wording.when(event.step)} ({event.layer}, " in told[event.firm]
        assert f"It failed at step {event.step} and was taken over by {event.firm}," in told[event.counterparty]


def test_every_failure_is_told(run, told):
    for event in run.events[run.events.kind == "left"].itertuples():
        assert f"It failed at step {event.step} with cash of" in told[event.firm]
    gone = {*run.events[run.events.kind == "left"].firm, *run.events[run.events.kind == "acquired"].counterparty}
    assert {label for label, text in told.items() if "It failed" in text} == gone


@pytest.mark.parametrize(
    ("kind", "who", "verb", "noun"),
    [
        ("built", "firm", "built", "unit"),
        ("closed", "firm", "closed", "unit"),
        ("acquired", "firm", "took over", "firm"),
        ("switched", "counterparty", "won", "contract"),
        ("switched", "former", "lost", "contract"),
    ],
)
def test_the_counts_in_the_text_are_those_of_the_events(run, told, kind, who, verb, noun):
    for label, text in told.items():
        events = happened(run, kind, who, label)
        if kind == "switched":
            events = events[events.firm.astype(object) != label]
        expected = f"It {verb} {wording.counted(len(events), noun)}" if len(events) else None
        found = re.search(rf"^It {verb} (one|\d+) {noun}s?", text, re.MULTILINE)
        assert (found[0] if found else None) == expected


def test_alliances_told_are_those_of_the_events_and_of_the_last_state(run, told):
    state = run.state_at(60)
    at_the_end = state.state.ties.ally
    for label, text in told.items():
        slot, birth = run.register.find(label)
        subject = deeds.Subject(run, label, slot, beginning(run))
        spans = deeds.alliance_spans(subject)
        formed = len(happened(run, "allied", "firm", label)) + len(happened(run, "allied", "counterparty", label))
        assert len(spans) == formed
        if formed:
            assert f"It formed {wording.counted(formed, 'alliance')}" in text
        row = state.state.firms.row_of_slot[slot]
        alive = state.state.firms.alive[row] and state.state.firms.birth[row] == birth
        allies = [int(j) for j in at_the_end[row] if j >= 0] if alive else []
        firms = state.state.firms
        partners = {state.register.label(int(firms.slot[j]), int(firms.birth[j])) for j in allies}
        assert {who for who, _, end in spans if end is None} == partners


@pytest.fixture(scope="module")
def risen(run):
    """Every rise to a kept lead in the run."""
    found = []
    for layer in run.stack.selling_layers:
        volumes = rise.layer_volumes(run, run.firms, layer)
        rises = (rise.rise(run, run.events, run.firms, label, layer) for label in volumes.columns)
        found += [each for each in rises if each is not None]
    return found


def test_the_parts_of_a_rise_sum_to_the_change_of_volume(run, risen):
    assert len(risen) > 10
    for each in risen:
        assert sum(each.parts.values()) == pytest.approx(each.after - each.before, abs=1e-9)
        own = run.firms[(run.firms.firm == each.firm) & (run.firms.layer == each.layer)].set_index("step").volume
        assert (own.get(each.low, 0.0), own[each.lead]) == (each.before, each.after)


def test_who_leads_is_who_the_measures_say_leads(run):
    for layer in run.stack.selling_layers:
        volumes = rise.layer_volumes(run, run.firms, layer)
        leaders = run.measures[run.measures.layer == layer].set_index("step").leader
        for label in volumes.columns:
            slot, _ = run.register.find(label)
            for first, last in rise.led(volumes, label):
                assert set(leaders.loc[first:last]) == {slot}


def test_every_rise_is_told_and_in_a_market_without_other_ways_growth_is_all_there_is(run, risen, told):
    for each in risen:
        assert f"How it came to lead {each.layer}: at step {each.low} " in told[each.firm]
    frozen = {f"decisions.{name}": False for name in ("switch", "build", "merge", "ally")}
    still = stackrace.simulate("ai-stack", seed=2, steps=30, set={**HALF_SIZE, **frozen}, events=True, firms=True)
    for layer in still.stack.selling_layers:
        for label in rise.layer_volumes(still, still.firms, layer).columns:
            found = rise.rise(still, still.events, still.firms, label, layer)
            if found is not None:
                assert found.parts["switching"] == found.parts["takeovers"] == 0.0


def test_volume_of_clients_whose_supplier_had_left_is_told_apart():
    run = stackrace.simulate("ai-stack", seed=1, steps=25, events=True, firms=True)
    found = rise.rise(run, run.events, run.firms, "application-1", "application")
    assert found.inherited
    left = run.events[run.events.kind == "left"].set_index("firm").step
    for rival, volume in found.inherited.items():
        assert left[rival] < found.lead
        assert 0.0 < volume < found.after
    assert f"clients of rivals that had left {wording.amount(found.parts['rivals that left'])}" in run.explain(
        "application-1"
    )


def handmade(volumes, events):
    """What `rise` needs of a run with one layer: its books and events."""
    books = pd.DataFrame(
        [
            {"step": step, "firm": firm, "slot": slot, "layer": "chips", "volume": volume}
            for slot, (firm, series) in enumerate(volumes.items())
            for step, volume in enumerate(series)
        ]
    )
    columns = ["step", "kind", "firm", "counterparty", "former", "layer", "volume"]
    return pd.DataFrame(events, columns=columns), books


def test_a_rise_made_by_hand_is_split_as_it_happened(monkeypatch):
    volumes = {
        "chips-1": [5, 5, 5, 4, 4, 4],
        "chips-2": [1, 3, 6, 6, 6, 6],
        "chips-3": [2, 2, 0, 0, 0, 0],
    }
    events, books = handmade(
        volumes,
        [
            (0, "switched", "buyers-1", "chips-2", "chips-1", "chips", 1.5),
            (1, "switched", "buyers-2", "chips-3", "chips-2", "chips", 0.5),
            (2, "acquired", "chips-2", "chips-3", np.nan, "chips", 2.5),
            (2, "switched", "buyers-3", "chips-2", "chips-1", "chips", 9.0),
        ],
    )
    run = type("Run", (), {"first_step": 0, "steps": 6})()
    monkeypatch.setattr(rise, "sourced_anew", lambda *_: ({"chips-9": 0.25}, 0.75))
    found = rise.rise(run, events, books, "chips-2", "chips")
    assert (found.low, found.lead, found.before, found.after) == (0, 2, 1.0, 6.0)
    assert found.parts == {
        "switching": 1.0,
        "takeovers": 2.5,
        "rivals that left": 0.25,
        "sourced anew": 0.75,
        "growth": 0.5,
    }
    text = explain.how_it_rose(found)
    assert "takeovers brought 2.50 (chips-3 at step 2: 2.50), switching 1.00 (won 1.50 in one contract," in text
    assert "that of buyers-1 at step 0 from chips-1; lost 0.50 in one contract" in text


def test_a_contract_with_a_firm_taken_over_in_the_same_step_counts_for_the_new_owner():
    events, _ = handmade(
        {},
        [
            (4, "switched", "buyers-1", "chips-3", "chips-1", "chips", 1.0),
            (4, "switched", "buyers-2", "chips-2", "chips-3", "chips", 1.0),
            (3, "switched", "buyers-3", "chips-3", "chips-1", "chips", 1.0),
            (4, "acquired", "chips-2", "chips-3", np.nan, "chips", 2.0),
        ],
    )
    moved = rise.switches_of_owners(events, "chips-2")
    assert moved.counterparty.tolist() == ["chips-2", "chips-2", "chips-3"]
    assert moved.former.tolist() == ["chips-1", "chips-2", "chips-1"]


def test_a_run_that_recorded_nothing_is_told_the_same(run, told):
    plain = stackrace.simulate("ai-stack", seed=3, steps=60, set=HALF_SIZE)
    for label in ("model-1", "enterprise-3"):
        assert plain.explain(label) == told[label]


def test_a_slot_number_stands_for_its_first_firm(run, told):
    assert run.explain(0) == told["compute-1"]


def test_buyers_and_entrants_are_told_of_as_such(run, told):
    assert "is a buyer of the layer enterprise" in told["enterprise-1"]
    entrant = run.events[run.events.kind == "entered"].iloc[0]
    assert f"It was founded at step {entrant.step} in a vacant slot" in told[entrant.firm]
    hoping = {"tooling.speculation": 1.0, "tooling.occupied": 0.5, "entry_rate": 0.0}
    other = stackrace.simulate("ai-stack", seed=1, steps=4, set=hoping, events=True, firms=True)
    hopeful = other.events.query("kind == 'entered' and gain <= 0").iloc[0]
    assert "in a vacant slot, with no gain to be expected" in other.explain(hopeful.firm)


def test_a_firm_that_never_sold_and_a_run_of_one_step_are_told_of():
    short = stackrace.simulate("ai-stack", seed=3, steps=1, set=HALF_SIZE)
    told = [short.explain(slot) for slot in range(40)]
    assert any("It never sold anything." in text for text in told)
    assert all("(ai-stack, seed 3, step 0)" in text for text in told)


def test_a_run_that_goes_on_from_a_state_tells_of_its_own_steps_only(run, told):
    later = stackrace.simulate(start=run.state_at(40), steps=20)
    assert ", step 40 to step 59)" in later.explain("enterprise-1")
    early = run.events[(run.events.kind == "left") & (run.events.step < 30)].firm.iloc[0]
    with pytest.raises(FirmError, match=f"there is no {early} to tell of: it had left before this run began"):
        later.explain(early)


@pytest.mark.parametrize("label", ["model-1.9", "model-99", "nobody", "-1", ""])
def test_a_firm_that_never_was_is_refused_in_one_line(run, label):
    with pytest.raises(FirmError) as refused:
        run.explain(label)
    assert "\n" not in str(refused.value)


def test_numbers_agree_with_their_nouns():
    assert [wording.counted(count, "firm") for count in (0, 1, 2)] == ["no firms", "one firm", "2 firms"]
    assert [wording.joined(list(names)) for names in ("", "a", "ab", "abc")] == ["", "a", "a and b", "a, b and c"]
    assert wording.first_of(list("abcde"), 2) == "a, b and 3 others"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.001, "−0.001"),
        (0.5, "0.50"),
        (9.999, "10.0"),
        (99.99, "100"),
        (-1234.6, "−1,235"),
        (1e6, "1,000,000"),
    ],
)
def test_amounts_have_about_three_digits(value, text):
    assert wording.amount(value) == text


def test_the_help_of_explain_has_examples(capsys):
    assert main(["explain", "--help"]) == 0
    assert "stackrace explain out/demo/baseline NVIDIA" in capsys.readouterr().out


def test_the_command_tells_of_the_seed_asked_for(capsys, monkeypatch):
    ensemble = stackrace.repeat("ai-stack", seeds=[4, 5], steps=2, set=HALF_SIZE)
    monkeypatch.setattr("stackrace.load", lambda folder: ensemble, raising=False)
    assert main(["explain", "out/base", "model-3"]) == 0
    assert "(ai-stack, seed 4, step 0 to step 1)" in " ".join(capsys.readouterr().out.split())
    assert main(["explain", "out/base", "model-3", "--seed", "5"]) == 0
    assert "(ai-stack, seed 5, step 0 to step 1)" in " ".join(capsys.readouterr().out.split())
    for wrong in (["model-999"], ["model-3", "--seed", "6"]):
        assert main(["explain", "out/base", *wrong]) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_the_command_refuses_a_folder_that_is_not_there_in_one_line(capsys, tmp_path):
    assert main(["explain", str(tmp_path / "none"), "model-3"]) == 2
    assert capsys.readouterr().err == f"stackrace: {tmp_path / 'none'}: no such folder\n"
