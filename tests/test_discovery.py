"""Boxes are found where they were planted, and nowhere else: the instrument before its findings."""

from __future__ import annotations

import json
import xml.etree.ElementTree

import numpy as np
import pandas as pd
import pytest

from stackrace.experiments.analysis import discovery, prim
from stackrace.experiments.command.main import main
from stackrace.experiments.sweeps.design import Design, Factor
from stackrace.model.errors import InputError

from .made_up import PARAMETERS, swept

LATIN = 'kind = "latin"\npoints = {}'


def planted(inside, outside):
    """Oligopoly with one probability in the box .2 to .6 of the first parameter, .5 or more of the second."""

    def response(x, seed, chance):
        held = 0.2 <= x[0] <= 0.6 and x[1] >= 0.5
        return 0.0, "oligopoly" if chance.random() < (inside if held else outside) else "differentiated"

    return response


def limits_of(found, box=1):
    of_box = found.limits[found.limits.box == box]
    return {(row.parameter, row.relation): row.value for row in of_box.itertuples()}


PLANTED = {(PARAMETERS[0], "≥"): 0.2, (PARAMETERS[0], "≤"): 0.6, (PARAMETERS[1], "≥"): 0.5}


@pytest.mark.parametrize(
    ("inside", "outside", "seeds", "tolerance"), [(1.0, 0.0, 1, 0.03), (0.9, 0.1, 3, 0.06), (0.7, 0.2, 4, 0.12)]
)
def test_a_planted_box_is_found_also_in_noise(tmp_path, monkeypatch, inside, outside, seeds, tolerance):
    results = swept(tmp_path, monkeypatch, planted(inside, outside), LATIN.format(300), seeds, count=5)
    found = results.discover("oligopoly", "chips")
    assert limits_of(found) == pytest.approx(PLANTED, abs=tolerance)
    (box,) = found.table.to_dict("records")
    cases = 0.2 * inside + 0.8 * outside
    assert box["mass"] == pytest.approx(0.2, abs=0.06)
    assert box["density"] == pytest.approx(inside, abs=0.12)
    assert box["coverage"] == pytest.approx(0.2 * inside / cases, abs=0.1)
    assert box["density_new"] <= box["density"] + 0.02
    assert found.share == pytest.approx(cases, abs=0.05)
    assert (found.limits.quasi_p < 0.05).all()
    assert (found.limits.again > 0.5).all()


@pytest.mark.parametrize(("design", "size"), [('kind = "sobol"\npoints = 64', 5), ('kind = "morris"\npoints = 64', 4)])
def test_related_points_are_resampled_together_and_a_planted_box_is_still_found(tmp_path, monkeypatch, design, size):
    pytest.importorskip("SALib")
    results = swept(tmp_path, monkeypatch, planted(1.0, 0.0), design)
    points = results.design.drop_duplicates("point")[list(PARAMETERS[:3])].to_numpy()
    samples, sought = [], prim.box
    monkeypatch.setattr(prim, "box", lambda z, *rest: samples.append(z) or sought(z, *rest))
    found = results.discover("oligopoly", "chips", boxes=1)
    (box,) = found.table.to_dict("records")
    assert box["density"] > 0.9
    assert box["density_new"] > 0.8
    blocks = {block.tobytes() for block in points.reshape(-1, size, 3)}
    resamples = [z[:, :3].reshape(-1, size, 3) for z in samples[1:]]
    assert resamples
    for each in resamples:
        assert {block.tobytes() for block in each} < blocks


def test_points_are_no_witnesses_for_their_relatives():
    """Half of the base samples are cases with all their points, by chance: no place is set apart."""
    pytest.importorskip("SALib")
    points = Design("sobol", tuple(Factor(f"x{n}") for n in range(8)), 32).made()
    z, of = prim.faces(np.array([[*point.values()] for point in points])), np.repeat(np.arange(32), 10)
    cases = np.repeat(np.random.default_rng(1).random(32) < 0.5, 10).astype(float)
    together, alone = (discovery._resampled(z, cases, blocks, prim.excess)[0] for blocks in (of, np.arange(320)))
    assert together.density < cases.mean() + 0.02
    assert alone.density > together.density + 0.02


def test_two_boxes_are_found_one_after_the_other(tmp_path, monkeypatch):
    def response(x, seed, chance):
        return 0.0, "oligopoly" if x[0] < 0.4 or (x[0] > 0.6 and x[1] > 0.8) else "differentiated"

    found = swept(tmp_path, monkeypatch, response, LATIN.format(300)).discover("oligopoly", "chips")
    assert len(found) == 2
    assert found.table.coverage.sum() > 0.95
    first, second = (limits_of(found, box) for box in (1, 2))
    assert first == pytest.approx({(PARAMETERS[0], "≤"): 0.4}, abs=0.05)
    assert second == pytest.approx({(PARAMETERS[0], "≥"): 0.6, (PARAMETERS[1], "≥"): 0.8}, abs=0.05)


def test_pure_noise_gives_no_box(tmp_path, monkeypatch):
    results = swept(tmp_path, monkeypatch, planted(0.3, 0.3), LATIN.format(200), 3, count=5)
    found = results.discover("oligopoly", "chips")
    assert len(found) == 0
    assert found.remarks == ("No region is set apart by limits that could not be chance.",)
    assert str(found).endswith(found.remarks[0])
    assert found.figure().axes


def test_switches_and_choices_become_limits_in_words(tmp_path, monkeypatch):
    more = '"decisions.ally" = {}\n"contacts.kind" = {}\n"chips.firms" = { low = 2, high = 9 }\n'
    results = swept(tmp_path, monkeypatch, planted(0.0, 0.0), LATIN.format(300), count=2, more=more)
    design = results.design.set_index("run")
    held = ~design["decisions.ally"] & (design["contacts.kind"] != "erdos-renyi") & (design["chips.firms"] >= 6)
    (part,) = (tmp_path / "store" / "runs").glob("*.parquet")
    runs = pd.read_parquet(part)
    runs.loc[runs.run.map(held) & runs.regime.notna(), "regime"] = "consolidated"
    runs.to_parquet(part)
    found = results.discover("consolidated", "chips")
    assert {*found.sentences(1)} == {
        "decisions.ally is false",
        "contacts.kind is not erdos-renyi",
        "chips.firms ≥ 6",
    }
    assert found.figure().axes


def test_a_density_that_is_asked_for_is_bought_with_coverage(tmp_path, monkeypatch):
    def response(x, seed, chance):
        return 0.0, "oligopoly" if chance.random() < x[0] else "differentiated"

    results = swept(tmp_path, monkeypatch, response, LATIN.format(300), 4, count=2)
    loose, dense = (results.discover("oligopoly", "chips", density=share, boxes=1) for share in (0.65, 0.9))
    assert loose.table.density.item() == pytest.approx(0.65, abs=0.05)
    assert dense.table.density.item() >= 0.88
    assert results.discover("oligopoly", "chips", density=1.0).remarks == (
        "No box with a density of 1 was found: this one comes nearest.",
    )
    assert loose.table.coverage.item() > 2 * dense.table.coverage.item()


def test_peeling_trades_coverage_for_density_a_slice_at_a_time(tmp_path, monkeypatch):
    results = swept(tmp_path, monkeypatch, planted(0.9, 0.1), LATIN.format(200), 2, count=3)
    steps = results.discover("oligopoly", "chips", boxes=1).tradeoff
    assert steps.iloc[0][["coverage", "mass", "limits"]].tolist() == [1, 1, 0]
    assert steps.coverage.is_monotonic_decreasing
    assert steps.density.is_monotonic_increasing
    assert (steps.mass.diff().dropna().abs() <= 1.2 * prim.SLICE * steps.mass.shift().dropna() + 1 / 200).all()


def test_quasi_p_of_single_runs_is_the_binomial_tail():
    x = np.arange(10.0)[:, None]
    y = (np.arange(10) >= 6).astype(float)
    bounds = np.array([5.0, -np.inf])
    p = prim.quasi_p(prim.faces(x), y, bounds)
    assert p[0] == pytest.approx(5 * 0.4**4 * 0.6 + 0.4**5)  # four of five or more, at four of ten
    assert np.isnan(p[1])


def test_the_command_shows_and_writes_boxes(tmp_path, monkeypatch, capsys):
    swept(tmp_path, monkeypatch, planted(1.0, 0.0), LATIN.format(150), count=3)
    asked = ["discover", str(tmp_path / "store"), "--layer", "chips", "--regime", "oligopoly"]
    assert main([*asked, "--out", str(tmp_path / "out")]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("probability that chips is oligopoly: 19 % over 150 points\n")
    assert f"{PARAMETERS[1]} ≥ " in shown
    for name in ("boxes", "limits", "tradeoff"):
        assert len(pd.read_csv(tmp_path / "out" / f"oligopoly-chips-{name}.csv"))
    assert xml.etree.ElementTree.parse(tmp_path / "out" / "oligopoly-chips-boxes.svg").getroot().tag.endswith("svg")
    assert main([*asked, "--json"]) == 0
    assert {each["parameter"] for each in json.loads(capsys.readouterr().out)["limits"]} == {*PARAMETERS[:2]}


@pytest.mark.parametrize(
    ("regime", "density", "points", "said"),
    [
        ("oligopoly", 2.0, 20, "density should be a share above 0, up to 1, not 2"),
        ("consolidated", None, 20, "probability that chips is consolidated is 0 at all points: no region is set apart"),
        ("oligopoly", None, 19, "boxes need 20 points or more, here are 19"),
        ("monopolist", None, 20, "no regime here is called 'monopolist'"),
    ],
)
def test_what_cannot_be_found_is_told_in_one_line(tmp_path, monkeypatch, regime, density, points, said):
    results = swept(tmp_path, monkeypatch, planted(1.0, 0.0), LATIN.format(points))
    with pytest.raises(InputError) as error:
        results.discover(regime, "chips", density=density)
    assert said in str(error.value)
    assert "\n" not in str(error.value)
