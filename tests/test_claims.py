"""Claims: every file is in order, criteria are judged by numbers alone, and what they are read from is right."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import stackrace
from stackrace.experiments.claims import criteria, statistics
from stackrace.experiments.claims.claim import ClaimError, Criterion, claims, read_claim
from stackrace.experiments.claims.criteria import FAILS, HOLDS, MET, MIXED, OPPOSITE, TOO_SMALL, UNLIKE, UNTOLD
from stackrace.experiments.claims.experiment import examined
from stackrace.experiments.claims.statistics import STATISTICS, Span
from stackrace.experiments.claims.survival import HORIZON, LANDMARK, StartUp, paired_difference, start_ups
from stackrace.experiments.command.main import main

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "claims.md"
SEEDS = 40
NOISE = np.linspace(-1.0, 1.0, SEEDS)
"""Differences over seeds around their mean."""

# The files


def test_there_are_fifteen_claims_in_order() -> None:
    assert list(claims()) == [f"C{n}" for n in range(1, 16)]


@pytest.mark.parametrize("name", claims())
def test_a_shipped_claim_reads_and_its_settings_are_valid(name: str) -> None:
    claim = read_claim(name)
    assert claim.table.claim.endswith(".")
    assert len(claim.seeds) >= 20
    assert len({each.says for each in claim.criteria}) == len(claim.criteria)
    used = {each.market for each in claim.criteria} | {each.against for each in claim.criteria}
    assert claim.table.design or set(claim.markets) == used - {""}, "a market that nothing is read from"


WRONG = {
    'of = "lerner"': ('of = "lerne"', "'lerne' is nothing that mean is of: did you mean 'lerner'"),
    'in = "bound"': ('in = "bind"', "no market is called 'bind': did you mean 'bound'"),
    'expect = "more"': ('expect = "mor"', "expect: Input should be 'more', 'less', 'same' or 'at most'"),
    'stack = "ai-stack"': ('stack = "ai-stac"', "no stack is called 'ai-stac': did you mean 'ai-stack'"),
    '"*.switching_cost" = 0.8': ('"*.switching_cst" = 0.8', "switching_cst"),
    "steps = 120": ("steps = 0", "steps: Input should be greater than or equal to 1"),
    "least = 0.02": ('least = 0.02\nlayers = ["modl"]', "no layer is called 'modl': did you mean 'model'"),
    'against = "free"': ('against = "bound"', "'bound' is compared with itself"),
    'says = "mark-ups rise"': ('says = "mark-ups rise"\nlayers = ["whole stack"]', "does not exist for 'whole stack'"),
    'of = "turbulence"': (
        'of = "final_volume"\nlayers = ["model"]',
        "mean of 'final_volume' does not exist for 'model'",
    ),
    'expect = "less"\nleast = 0.1': ('expect = "same"\nleast = 0.0', 'expect = "same" needs `least`'),
    "[[criteria]]\nsays": ('[[criteria]]\nstatistic = "rank correlation"\nsays', "belong together"),
}


@pytest.mark.parametrize("right", WRONG)
def test_a_mistake_in_a_file_is_named_in_one_line(right: str, tmp_path: Path) -> None:
    wrong, told = WRONG[right]
    file = tmp_path / "mine.toml"
    text = claims()["C3"].read_text("utf-8")
    assert right in text
    file.write_text(text.replace(right, wrong, 1), "utf-8")
    with pytest.raises(ClaimError, match=re.escape(told)) as error:
        read_claim(file)
    assert "\n" not in str(error.value)
    assert str(file) in str(error.value)


def test_the_page_leads_from_every_claim_to_its_experiment_and_has_verdict_and_command() -> None:
    text = PAGE.read_text("utf-8")
    for name, file in claims().items():
        claim = read_claim(name)
        (row,) = re.findall(rf"^\| \[{name}\]\(([^)]+)\) \| (.+?) \| (.+?) \|", text, flags=re.MULTILINE)
        assert (PAGE.parent / row[0]).resolve() == file
        assert row[1] == claim.table.claim
        assert row[2] in (HOLDS, MIXED, FAILS)
        assert f"## {name}: {row[2]}" in text
        assert f"`{claim.command}`" in text
    figures = sum(file.stat().st_size for file in (PAGE.parent / "claims").glob("*.svg"))
    assert 0 < figures < 600_000


# From values to verdicts


def criterion(expect: str, least: float = 0.5, **others: Any) -> Criterion:
    given = {"says": "it", "in": "a", "against": "b", "of": "hhi", "expect": expect, "least": least, **others}
    return Criterion.model_validate(given)


def finding(effect: float, expect: str, least: float = 0.5, base: float = 10.0, **others: Any) -> criteria.Finding:
    """What comes out where the differences have this mean and spread from one below it to one above."""
    before = np.full(SEEDS, base)
    each = criteria.found(criterion(expect, least, **others), "points", before, before + effect + NOISE)
    return criteria.judged([each])[0]


@pytest.mark.parametrize(
    ("effect", "expect", "result"),
    [
        (1.0, "more", MET),
        (-1.0, "more", OPPOSITE),
        (0.4, "more", TOO_SMALL),
        (0.0, "more", UNTOLD),
        (-1.0, "less", MET),
        (1.0, "less", OPPOSITE),
        (-0.4, "less", TOO_SMALL),
        (0.0, "same", MET),
        (0.45, "same", UNLIKE),
        (-0.8, "same", UNLIKE),
    ],
)
def test_a_criterion_is_met_by_sign_size_and_certainty(effect: float, expect: str, result: str) -> None:
    assert finding(effect, expect).result == result


def test_the_smallest_effect_may_be_a_share_of_what_was_before() -> None:
    assert finding(1.0, "more", 0.05, relative=True).result == MET
    assert finding(1.0, "more", 0.05, base=30.0, relative=True).result == TOO_SMALL


def test_a_limit_is_met_only_if_every_seed_keeps_it() -> None:
    assert finding(0.0, "at most", 1.0).result == MET
    assert finding(0.01, "at most", 1.0).result == criteria.ABOVE


def test_values_that_are_missing_prove_nothing() -> None:
    nothing = np.full(SEEDS, np.nan)
    for expect in ("more", "less", "same", "at most"):
        (each,) = criteria.judged([criteria.found(criterion(expect), "points", nothing, nothing)])
        assert not each.is_met
    one = np.where(np.arange(SEEDS) == 1, np.nan, 0.0)
    assert not criteria.judged([criteria.found(criterion("at most"), "", np.zeros(SEEDS), one)])[0].is_met


def test_more_criteria_make_each_of_them_harder_to_meet() -> None:
    before = np.zeros(12)
    once = criteria.found(criterion("more", 0.0), "points", before, np.array([-1.0, -1.0] + [1.0] * 10))
    assert criteria.judged([once])[0].is_met
    assert not any(each.is_met for each in criteria.judged([once] * 3))


def test_sameness_is_tested_by_two_one_sided_t_tests() -> None:
    """n = 4, mean 0, sd 1, margin 2: t = 2 / (1 / 2) = 4 with 3 degrees of freedom, p = 0.0140 (tables)."""
    differences = np.array([-1.0, -1.0, 1.0, 1.0]) * math.sqrt(3.0) / 2.0
    assert criteria.equivalence(differences, 2.0) == pytest.approx(0.0140, abs=5e-5)
    assert criteria.equivalence(np.zeros(4), 0.1) == 0.0


@pytest.mark.parametrize(
    ("results", "verdict"),
    [
        ([MET, MET], HOLDS),
        ([MET, UNTOLD], MIXED),
        ([UNTOLD, MET], MIXED),
        ([OPPOSITE, MET], FAILS),
        ([MET, OPPOSITE], MIXED),
        ([UNTOLD, TOO_SMALL], FAILS),
    ],
)
def test_a_claim_holds_when_all_is_met_and_fails_when_nothing_is_or_the_main_one_goes_the_other_way(
    results: list[str], verdict: str
) -> None:
    made: Any = [SimpleNamespace(result=each, is_met=each == MET) for each in results]
    assert criteria.verdict(made) == verdict


# What is read from a run


def books(*rows: tuple[int, str, int, float, float, bool]) -> Any:
    """A run that recorded a layer's firms: step, firm, slot, volume, frontier weight, open."""
    table = pd.DataFrame(rows, columns=["step", "firm", "slot", "volume", "frontier_weight", "open"])
    return SimpleNamespace(firms=table.assign(layer="model"))


def value(name: str, run: Any, first: int = 0, end: int = 2, since: int = 0) -> float:
    return STATISTICS[name].value(run, Span("model", first, end, since), "")


def test_newcomers_are_those_who_were_not_there() -> None:
    run = books((0, "a", 0, 9.0, 0, False), (1, "a", 0, 3.0, 0, False), (1, "b", 1, 1.0, 0, False))
    assert value("newcomers", run, 1, 2, since=0) == 0.25


def test_open_shares_are_taken_within_each_kind_of_buyer() -> None:
    """Open: 6 units, half of them for the frontier; closed: 6 for the frontier only."""
    run = books((0, "a", 0, 6.0, 0.5, True), (0, "b", 1, 6.0, 1.0, False))
    assert value("open with sufficiency", run) == 1.0
    assert value("open lead", run) == pytest.approx(1.0 - 3.0 / 9.0)


def test_the_drift_of_shares_is_the_largest_move_of_any_firm() -> None:
    run = books(
        (0, "a", 0, 1.0, 0, False), (0, "b", 1, 1.0, 0, False), (1, "a", 0, 3.0, 0, False), (1, "b", 1, 1.0, 0, False)
    )
    assert value("drift of shares", run) == 0.25


def test_statistics_of_measures_are_those_of_the_run() -> None:
    run = stackrace.simulate("ai-stack", seed=3, steps=12)
    model = run.measures[run.measures.layer == "model"].set_index("step")
    assert statistics.mean(run, Span("model", 4, 12), "hhi") == pytest.approx(model.hhi[4:].mean())
    assert statistics.loss(run, Span("model", 5, 12), "units") == pytest.approx(1 - model.units[11] / model.units[4])
    assert statistics.largest_size(run, Span("model", 0, 12), "lerner") == pytest.approx(model.lerner.abs().max())
    ends = run.regimes(8).set_index("layer").regime["model"]
    assert statistics.in_regime(run, Span("model", 4, 12), ends) == 1.0


def test_each_allied_start_up_is_held_against_its_like_in_layer_and_cash() -> None:
    every = [
        StartUp("model", 10.0, True, True),
        StartUp("model", 9.0, False, False),  # its match
        StartUp("model", 14.0, False, True),
        StartUp("tooling", 10.0, True, False),  # nobody in its layer
        StartUp("model", 100.0, True, False),  # nobody near in cash
    ]
    assert paired_difference(every) == 1.0
    assert math.isnan(paired_difference(every[1:3]))


def test_an_ally_found_after_the_landmark_does_not_make_a_start_up_allied() -> None:
    """a allies in time, b too late, c had parted by then; d is taken over before the horizon."""
    rows = [
        *((10, "entered", name, None) for name in "abcd"),
        *((10 + LANDMARK, "allied", "a", "x"), (11 + LANDMARK, "allied", "b", "x")),
        *((12, "allied", "c", "x"), (14, "parted", "x", "c")),
        (11 + LANDMARK, "acquired", "y", "d"),
    ]
    events = pd.DataFrame(rows, columns=["step", "kind", "firm", "counterparty"]).assign(layer="model")
    firms = pd.DataFrame([(name, 10 + LANDMARK, 5.0) for name in "abcd"], columns=["firm", "step", "cash"])
    found = list(start_ups(events.sort_values("step"), firms, 20 + LANDMARK + HORIZON))
    assert [each.allied for each in found] == [True, False, False, False]
    assert [each.lives_on for each in found] == [True, True, True, False]
    assert list(start_ups(events, firms, 10 + LANDMARK + HORIZON)) == [], "no horizon left to survive"


# Whole experiments


def test_the_limits_are_reached() -> None:
    found = examined(read_claim("C15").with_seeds(2))
    assert found.verdict == HOLDS, [(each.criterion.says, each.effect) for each in found.findings]
    assert found.findings[0].effect > 0.001, "no margin at all is no competition"


def test_effects_are_those_of_paired_runs() -> None:
    claim = read_claim("C12").with_seeds(2)
    finding = examined(claim).findings[0]
    for n, seed in enumerate(claim.seeds):
        for policy, got in (((), finding.base[n]), ("open-models", finding.other[n])):
            run = stackrace.simulate("ai-stack", seed=seed, steps=60, interventions=policy)
            shares = run.measures[(run.measures.layer == "model") & (run.measures.step >= 40)].profit_share
            assert got == pytest.approx(shares.mean(), rel=1e-12)


def test_the_command_prints_verdict_effect_interval_seeds_figure_and_itself(tmp_path: Path, capsys: Any) -> None:
    out, page = tmp_path / "out", tmp_path / "page.md"
    assert main(["claims", "C10", "--seeds", "3", "--out", str(out), "--page", str(page)]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "does not hold: 0 of 3 criteria met" in text, "three seeds cannot tell anything from chance"
    assert "seeds 1 to 3" in text
    assert "With 3 seeds no effect can be told from chance" in text
    assert f"Figure: {out}/C10.svg" in text
    assert "Again: stackrace claims C10 --seeds 3" in text
    assert sorted(file.name for file in out.iterdir()) == ["C10-findings.csv", "C10-values.csv", "C10.svg"]
    assert (tmp_path / "page" / "C10.svg").is_file()
    assert "| [C10](" in page.read_text("utf-8")


def test_the_command_tells_programs_the_same(capsys: Any) -> None:
    assert main(["claims", "c10", "--seeds", "2", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told["claim"] == "C10"
    assert told["seeds"] == [1, 2]
    assert len(told["criteria"]) == 3


def test_a_page_does_not_take_the_place_of_something_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / "mine.md"
    mine.write_text("my notes")
    assert main(["claims", "C3", "--seeds", "2", "--page", str(mine)]) == 2
    assert "is there, and is no page of claims" in capsys.readouterr().err
    assert mine.read_text() == "my notes"


def test_a_claim_that_does_not_exist_is_misuse(capsys: Any) -> None:
    assert main(["claims", "C99"]) == 2
    assert "no claim is called 'C99': there are C1, C2" in capsys.readouterr().err
