"""Indices of sensitivity find what is known: the instrument before its findings."""

from __future__ import annotations

import json
import math
import xml.etree.ElementTree

import numpy as np
import pandas as pd
import pytest

from stackrace.experiments.command.main import main
from stackrace.model.errors import InputError

from .made_up import PARAMETERS, swept

pytest.importorskip("SALib")

SOBOL = 'kind = "sobol"\npoints = {}'
MORRIS = 'kind = "morris"\npoints = {}'


def ishigami(x, seed, chance, noise=0.0):
    """Ishigami & Homma (1990), with the usual 7 and 0.1."""
    a, b, c = math.pi * (2 * x[:3] - 1)
    value = math.sin(a) + 7 * math.sin(b) ** 2 + 0.1 * c**4 * math.sin(a)
    return value + noise * chance.normal(), "oligopoly"


VARIANCE = 7**2 / 8 + 0.1 * math.pi**4 / 5 + 0.1**2 * math.pi**8 / 18 + 0.5
FIRST = [(1 + 0.1 * math.pi**4 / 5) ** 2 / 2 / VARIANCE, 7**2 / 8 / VARIANCE, 0.0]
TOTAL = [FIRST[0] + (shared := 0.1**2 * math.pi**8 * (1 / 18 - 1 / 50) / VARIANCE), FIRST[1], shared]
"""Its indices (Saltelli et al., Global Sensitivity Analysis, 2008, eq. 4.34)."""
SIX_AT_ONCE = 1.35
"""Intervals so much wider hold six indices with 95 % (Bonferroni)."""


def by_parameter(found):
    return found.table.set_index("parameter").loc[list(PARAMETERS[: len(found.table)])]


@pytest.mark.parametrize("more", ["points = 256", "points = 128\nsecond_order = true"])
def test_sobol_indices_of_ishigamis_function_lie_within_their_confidence(tmp_path, monkeypatch, more):
    results = swept(tmp_path, monkeypatch, ishigami, f'kind = "sobol"\n{more}')
    found = results.sensitivity(measure="hhi", layer="chips")
    table = by_parameter(found)
    for name, known in (("S1", FIRST), ("ST", TOTAL)):
        reach = table[f"{name}_conf"].to_numpy()
        assert (np.abs(table[name] - known) <= SIX_AT_ONCE * reach).all()
        assert (reach < 0.25).all()
    assert found.table.ST.is_monotonic_decreasing
    assert found.table.parameter.iloc[2] == PARAMETERS[2]
    assert found.remarks == ("With one seed chance cannot be told from effects.",)


def test_chance_says_what_seeds_add_to_a_total_index(tmp_path, monkeypatch):
    noise, seeds = 4.0, 5

    def noisy(x, seed, chance):
        return ishigami(x, seed, chance, noise)

    results = swept(tmp_path, monkeypatch, noisy, SOBOL.format(128), seeds, count=4)
    table = by_parameter(results.sensitivity(measure="hhi", layer="chips"))
    of_chance = noise**2 / seeds
    expected = np.array([*TOTAL, 0.0]) * VARIANCE / (VARIANCE + of_chance)
    assert table.chance.to_numpy() == pytest.approx(of_chance / (VARIANCE + of_chance), rel=0.15)
    assert (np.abs(table.ST - table.chance - expected) <= table.ST_conf).all()
    assert table.ST.iloc[3] - table.chance.iloc[3] == pytest.approx(0.0, abs=0.03)


def test_what_all_points_owe_to_the_same_seeds_is_in_the_confidence(tmp_path, monkeypatch):
    slopes = np.random.default_rng(5).normal(3.0, 1.0, 6)

    def response(x, seed, chance):
        return slopes[seed] * x[0] + 0.5 * x[1], "oligopoly"

    results = swept(tmp_path, monkeypatch, response, MORRIS.format(20), seeds=6, count=2)
    table = by_parameter(results.sensitivity("chips", measure="hhi"))
    error = slopes.std(ddof=1) / math.sqrt(6)
    assert table.mu_star.to_numpy() == pytest.approx([slopes.mean(), 0.5])
    assert table.mu_star_conf.to_numpy() == pytest.approx([1.96 * error, 0.0], rel=1e-3, abs=1e-9)
    assert table.chance.to_numpy() == pytest.approx([np.abs(slopes - slopes.mean()).mean() / math.sqrt(5), 0.0])


def test_morris_tells_slope_from_interaction_and_nothing(tmp_path, monkeypatch):
    def response(x, seed, chance):
        return 2 * x[0] - 3 * x[1] * x[2], "oligopoly"

    results = swept(tmp_path, monkeypatch, response, MORRIS.format(60), count=4)
    table = by_parameter(results.sensitivity("chips", measure="hhi"))
    assert table.mu_star.to_numpy() == pytest.approx([2, 1.5, 1.5, 0], abs=0.25)
    assert table.mu.to_numpy() == pytest.approx([2, -1.5, -1.5, 0], abs=0.25)
    assert table.sigma.to_numpy() == pytest.approx([0, 3 * math.sqrt(5) / 6, 3 * math.sqrt(5) / 6, 0], abs=0.15)


def test_chance_of_morris_is_the_mu_star_of_a_parameter_without_effect(tmp_path, monkeypatch):
    def response(x, seed, chance):
        return 5 * x[0] + chance.normal(), "oligopoly"

    results = swept(tmp_path, monkeypatch, response, MORRIS.format(60), seeds=5, count=5)
    table = by_parameter(results.sensitivity("chips", measure="hhi"))
    for inert in range(1, 5):
        assert abs(table.mu_star.iloc[inert] - table.chance.iloc[inert]) < table.mu_star_conf.iloc[inert]
    assert table.mu_star.iloc[0] > 5 * table.chance.iloc[0]


def test_the_probability_of_a_regime_has_indices(tmp_path, monkeypatch):
    def response(x, seed, chance):
        return 0.0, "oligopoly" if chance.random() < x[0] else "differentiated"

    results = swept(tmp_path, monkeypatch, response, SOBOL.format(64), seeds=10, count=2)
    found = results.sensitivity("chips", regime="oligopoly")
    assert found.response == "probability that chips is oligopoly"
    table = by_parameter(found)
    of_chance = 1 / 6 / 10  # the mean of p (1 - p) over seeds, where p has the variance 1 / 12
    assert table.S1.iloc[0] == pytest.approx(1 / 12 / (1 / 12 + of_chance), abs=0.1)
    assert table.ST.iloc[1] == pytest.approx(table.chance.iloc[1], abs=0.05)


def test_choices_and_switches_are_parameters_like_others(tmp_path, monkeypatch):
    def response(x, seed, chance):
        return x[0], "oligopoly"

    more = '"decisions.ally" = {}\n"contacts.kind" = {}\n"chips.firms" = { low = 2, high = 9 }\n'
    results = swept(tmp_path, monkeypatch, response, MORRIS.format(8), count=1, more=more)
    table = results.sensitivity("chips", measure="hhi").table.set_index("parameter")
    assert table.mu_star["chips.taste"] == pytest.approx(1.0)
    assert (table.mu_star.drop("chips.taste") == 0.0).all()


def test_failed_runs_cost_their_seed_or_their_trajectory_and_are_told(tmp_path, monkeypatch):
    def response(x, seed, chance):
        if x[1] > 0.9 and (seed == 1 or x[0] > 0.9):
            raise ArithmeticError("too much")
        return 2 * x[0] + x[1], "oligopoly"

    results = swept(tmp_path, monkeypatch, response, MORRIS.format(30), seeds=3, count=2)
    found = results.sensitivity("chips", measure="hhi")
    failed = results.design.run.isin(results.failures().run).sum()
    corners = (results.design[results.design.seed == 0][["chips.taste", "chips.switching_cost"]] > 0.9).all(axis=1)
    lost = corners.to_numpy().reshape(30, 3).any(axis=1).sum()
    assert found.blocks == 30 - lost
    assert found.remarks == (
        f"{failed} runs of 270 cannot be used: {failed} failed.",
        f"{lost} of 30 trajectories left out, no seed has all their points: this is of the others.",
    )
    assert by_parameter(found).mu_star.to_numpy() == pytest.approx([2.0, 1.0])


def test_runs_that_are_not_there_yet_are_told_as_such(tmp_path, monkeypatch):
    results = swept(tmp_path, monkeypatch, ishigami, MORRIS.format(6), seeds=2)
    (part,) = (tmp_path / "store" / "runs").glob("*.parquet")
    there = pd.read_parquet(part)
    there[there.run.isin(results.design.run.drop_duplicates()[5:])].to_parquet(part)
    found = type(results)(results.store).sensitivity("chips", measure="hhi")
    gone = results.design.run.isin(results.design.run.drop_duplicates()[:5]).sum()
    assert found.remarks[0] == f"{gone} runs of 48 cannot be used: {gone} not stored yet."


def test_the_command_shows_and_writes_what_was_found(tmp_path, monkeypatch, capsys):
    swept(tmp_path, monkeypatch, ishigami, SOBOL.format(16), seeds=2)
    store, out = str(tmp_path / "store"), tmp_path / "out"
    asked = ["sensitivity", store, "--layer", "chips", "--measure", "hhi"]
    assert main([*asked, "--out", str(out)]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("hhi of chips: Sobol, 16 base samples, 2 seeds\n")
    assert all(name in shown for name in PARAMETERS[:3])
    assert [*pd.read_csv(out / "hhi-chips-sobol.csv").columns[:3]] == ["parameter", "ST", "ST_conf"]
    assert xml.etree.ElementTree.parse(out / "hhi-chips-sobol.svg").getroot().tag.endswith("svg")
    assert main([*asked, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["indices"][0]["parameter"] in PARAMETERS[:2]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ([], "give one of --measure and --regime"),
        (["--measure", "hhi", "--regime", "oligopoly"], "give one of --measure and --regime"),
        (["--measure", "hhii"], "no measure here is called 'hhii': did you mean 'hhi'?"),
        (["--regime", "monopoly"], "no regime here is called 'monopoly': did you mean 'oligopoly'?"),
        (["--measure", "lerner"], "lerner of chips: it has no value in any stored run under baseline"),
        (
            ["--regime", "oligopoly"],
            "probability that chips is oligopoly is 1 at all points: there is nothing to explain",
        ),
        (["--measure", "hhi", "--policy", "mine"], "no policy here is called 'mine': choose from baseline"),
        (["--measure", "hhi", "--layer", "chip"], "no layer here is called 'chip': did you mean 'chips'?"),
    ],
)
def test_what_cannot_be_asked_is_told_in_one_line(tmp_path, monkeypatch, capsys, asked, said):
    swept(tmp_path, monkeypatch, ishigami, MORRIS.format(2))
    assert main(["sensitivity", str(tmp_path / "store"), "--layer", "chips", *asked]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


def test_points_that_coincide_are_run_once_and_count_each(tmp_path, monkeypatch):
    results = swept(tmp_path, monkeypatch, ishigami, MORRIS.format(30))
    stored = pd.read_parquet(tmp_path / "store" / "runs")
    assert stored.run.nunique() < len(results.design) == 30 * 4
    assert len(stored) == stored.run.nunique() * stored.layer.nunique()
    assert len(results.done) == len(results.design)


def test_other_designs_have_no_indices(tmp_path, monkeypatch):
    results = swept(tmp_path, monkeypatch, ishigami, 'kind = "latin"\npoints = 4')
    with pytest.raises(InputError, match=r'has a latin design: indices need "morris" or "sobol"'):
        results.sensitivity("chips", measure="hhi")
