"""Claims about forecasts: the calibrated set goes in, policies are tried on the same draws, and it says what it is."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from stackrace.experiments.calibration.forecast import CONDITIONAL, QUANTILES, Draws, Forecast, forecast, shipped_set
from stackrace.experiments.calibration.particles import read_particles
from stackrace.experiments.calibration.setup import read_calibration
from stackrace.experiments.command.main import main
from stackrace.model.errors import InputError
from stackrace.model.policy import read_policy

POLICY = "interoperability"  # from step 8 on


@pytest.fixture(scope="module")
def found() -> Forecast:
    return forecast("ai-2025", years=3, draws=6, policies=[POLICY])


def test_the_set_that_comes_along_is_of_the_calibration_that_comes_along() -> None:
    wanted, particles = read_calibration("ai-2025"), read_particles(shipped_set("ai-2025"))
    assert particles.names == wanted.names
    assert particles.weights.sum() == pytest.approx(1.0)
    for n, each in enumerate(wanted.free):
        values = particles.values[:, n]
        assert ((values >= 0.999 * each.low) & (values <= 1.001 * each.high)).all()


def test_fans_open_in_order_and_start_with_the_facts(found: Forecast) -> None:
    fans = found.fans
    assert (np.diff(fans[list(QUANTILES)].to_numpy(), axis=1) >= 0).all()
    first = fans[(fans.step == 0) & (fans.layer == "compute") & (fans.measure == "cr1")]
    assert first[0.5].item() == pytest.approx(0.692, abs=0.03)
    assert str(first.date.item())[:10] == "2026-01-01"


def test_probabilities_of_regimes_sum_to_one(found: Forecast) -> None:
    assert found.regimes.groupby("layer")["share"].sum().to_numpy() == pytest.approx(1.0)


def test_a_policy_changes_nothing_before_its_date_and_something_after() -> None:
    wanted = read_calibration("ai-2025")
    draws = Draws(wanted, read_particles(shipped_set("ai-2025")), 12, 2)
    base, other = draws.records(()), draws.records(read_policy(POLICY).interventions)
    np.testing.assert_array_equal(base[:, :8], other[:, :8])
    assert not np.array_equal(base[:, 8:], other[:, 8:], equal_nan=True)


def test_an_effect_lies_within_its_interval_and_that_within_what_draws_do(found: Forecast) -> None:
    table = found.effects
    assert set(table.policy) == {POLICY}
    assert ((table.low <= table.effect) & (table.effect <= table.high)).all()
    assert (table.band_low <= table.band_high).all()


def test_figures_have_a_panel_per_layer(found: Forecast) -> None:
    layers = found.stack.selling_layers
    titles = [axes.get_title(loc="left") for axes in found.fan("hhi").axes]
    assert titles[: len(layers)] == list(layers)
    assert len(found.effects_figure("hhi").axes) == len(layers)


def test_the_command_says_that_it_is_conditional_and_saves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    asked = ["forecast", "ai-2025", "--years", "3", "--draws", "3", "--policy", POLICY]
    assert main([*asked, "--out", str(out)]) == 0
    assert CONDITIONAL in capsys.readouterr().out
    assert {"fans.csv", "regimes.csv", "effects.csv", "hhi.svg", "effects-hhi.svg"} <= {
        file.name for file in out.iterdir()
    }
    assert main([*asked, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["conditional"] == CONDITIONAL


def test_a_set_of_other_parameters_is_refused(tmp_path: Path) -> None:
    (tmp_path / "set.csv").write_text("weight,distance,price_weight\n1,0,2\n", "utf-8")
    with pytest.raises(InputError, match="the set is of price_weight"):
        forecast("ai-2025", particles=tmp_path / "set.csv")


def test_a_calibration_without_a_set_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no set of particles"):
        forecast("ai-2025", particles=tmp_path / "none.csv")
