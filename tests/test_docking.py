"""Docking on the published model of vertical integration: points are in order, and what they are read from is right."""

from __future__ import annotations

import math
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

import stackrace
from stackrace.experiments.claims.claim import ClaimError, read_claim
from stackrace.experiments.claims.experiment import examined
from stackrace.experiments.claims.statistics import Span, integrated, integration_lost
from stackrace.experiments.command.main import main

ROOT = Path(__file__).resolve().parent.parent
PAGE, FOLDER = ROOT / "docs" / "docking.md", ROOT / "docs" / "docking"
POINTS = sorted(FOLDER.glob("D*.toml"))
SHORT = """
claim = "Mainframes grow."
how = "For the test."
stack = "computers"
steps = 12
[markets.history]
[[criteria]]
says = "mainframes get bigger"
of = "volume"
layers = ["mainframe"]
steps = [8, 12]
less_steps = [0, 4]
in = "history"
expect = "more"
least = 0.0
"""


def market(*rows: tuple[int, int, str, float, float]) -> Any:
    """A run that recorded books of firms: step, slot, layer, volume, external volume."""
    return SimpleNamespace(firms=pd.DataFrame(rows, columns=["step", "slot", "layer", "volume", "external_volume"]))


@pytest.mark.parametrize("file", POINTS, ids=lambda file: file.stem)
def test_a_point_reads_and_every_market_of_it_is_used(file: Path) -> None:
    claim = read_claim(file)
    assert claim.stack.name == "computers"
    assert len(claim.seeds) >= 60
    assert set(claim.markets) == {each.market for each in claim.criteria} | {
        each.against for each in claim.criteria if each.against
    }


def test_the_page_tells_the_verdict_of_every_point_as_its_experiment_gave_it() -> None:
    text, results = PAGE.read_text("utf-8"), (FOLDER / "results.md").read_text("utf-8")
    for file in POINTS:
        (verdict,) = re.findall(rf"^## {file.stem}: (.+)$", results, flags=re.MULTILINE)
        assert re.search(rf"^\| {file.stem} \|.*\| {verdict} \|", text, flags=re.MULTILINE), file.stem


def test_integrated_are_those_who_make_their_input_themselves_by_what_they_sell() -> None:
    """Firm 1 makes for itself and sells 3 of 4; firm 2 makes components for others only; firm 3 has none."""
    run = market(
        (0, 1, "component", 3.0, 0.0), (0, 1, "mainframe", 3.0, 3.0), (0, 3, "mainframe", 1.0, 1.0),
        (0, 2, "component", 9.0, 9.0), (1, 3, "mainframe", 5.0, 5.0), (1, 1, "component", 1.0, 0.0),
    )  # fmt: skip
    assert integrated(run, Span("mainframe", 0, 1), "component") == 0.75
    assert integrated(run, Span("mainframe", 0, 2), "component") == 0.375
    assert integration_lost(run, Span("mainframe", 1, 2, since=0), "component") == 1.0
    assert math.isnan(integration_lost(run, Span("mainframe", 0, 1, since=1), "component"))
    assert math.isnan(integrated(run, Span("mainframe", 2, 3), "component")), "no volume is no share"


def test_a_change_is_one_time_less_another(tmp_path: Path) -> None:
    file = tmp_path / "short.toml"
    file.write_text(SHORT, "utf-8")
    claim = read_claim(file).with_seeds(2)
    (finding,) = examined(claim).findings
    for seed, change in zip(claim.seeds, finding.other, strict=True):
        run = stackrace.simulate("computers", seed=seed, steps=12)
        volume = run.measures[run.measures.layer == "mainframe"].volume.to_numpy()
        assert change == pytest.approx(volume[8:].mean() - volume[:4].mean())


def test_the_command_that_repeats_a_point_names_its_file(tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "short.toml"
    file.write_text(SHORT, "utf-8")
    assert main(["claims", str(file), "--seeds", "2"]) == 0
    assert f"Again: stackrace claims {file} --seeds 2" in capsys.readouterr().out.replace("\n", "")


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("less_steps = [0, 4]", "less_steps = [0, 40]", "steps [0, 40] are not among the 12 of a run"),
        ('of = "volume"', 'statistic = "integrated"\nof = "componen"', "did you mean 'component'"),
    ],
)
def test_a_mistake_in_a_time_or_an_input_is_named(right: str, wrong: str, told: str, tmp_path: Path) -> None:
    file = tmp_path / "short.toml"
    file.write_text(SHORT.replace(right, wrong), "utf-8")
    with pytest.raises(ClaimError, match=re.escape(told)):
        read_claim(file)


def test_without_the_policy_there_is_no_second_market_and_with_it_there_is_one() -> None:
    for policy, wanted in ((), False), ("computer-history", True):
        run = stackrace.simulate("computers", seed=1, steps=140, interventions=policy)
        last = run.measures[run.measures.step == 139].set_index("layer").volume
        assert (last["pc-user"] > 0) == wanted
        assert (last["new-outside-user"] > 0) == wanted
