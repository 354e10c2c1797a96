"""Claims about sets of particles: what is in them, how they are drawn, how they move."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stackrace.experiments.calibration.particles import Particles, quantile, read_particles, within_set


def test_quantiles_weigh_and_leave_out_what_is_missing() -> None:
    values, weights = np.array([1.0, 2.0, np.nan, 3.0]), np.array([0.2, 0.2, 5.0, 0.6])
    assert quantile(values, weights, [0.0, 0.3, 1.0]) == pytest.approx([1.0, 2.0, 3.0])


def cloud(count: int = 400) -> Particles:
    dice = np.random.default_rng(1)
    values = np.exp(dice.normal(size=(count, 2)))
    return Particles(("a", "b"), values, np.full(count, 1 / count), np.zeros(count))


def test_a_set_comes_back_from_its_file(tmp_path: Path) -> None:
    made = cloud(20)
    (tmp_path / "set.csv").write_text(made.text(), "utf-8")
    read = read_particles(tmp_path / "set.csv")
    assert read.names == made.names
    np.testing.assert_allclose(read.values, made.values, rtol=1e-5)
    np.testing.assert_allclose(read.weights, made.weights, rtol=1e-5)


def test_particles_are_drawn_as_often_as_they_weigh() -> None:
    values = np.array([[1.0], [2.0], [3.0]])
    particles = Particles(("a",), values, np.array([0.5, 0.0, 0.5]), np.zeros(3))
    assert [each["a"] for each in particles.drawn(4)] == [1.0, 1.0, 3.0, 3.0]


def test_points_like_the_particles_are_in_the_joint_set_nine_times_of_ten_also_of_few_in_many_dimensions() -> None:
    dice, names = np.random.default_rng(3), tuple("abcdefghijkl")
    inside = []
    for _ in range(200):
        values = dice.normal(size=(61, len(names)))
        known = Particles(names, values[:60], np.full(60, 1 / 60), np.zeros(60))
        inside.append(within_set(known, dict(zip(names, values[60], strict=True)), [False] * len(names))[0])
    assert 0.85 < np.mean(inside) < 0.95


def test_moves_stay_within_the_prior_and_go_everywhere_in_it() -> None:
    pytest.importorskip("pyabc")
    from stackrace.experiments.calibration.kernel import Moves

    np.random.seed(1)  # noqa: NPY002 (pyABC draws from this one)
    ends = {"a": (0.0, 1.0), "b": (2.0, 6.0)}
    moves = Moves(ends)
    corner = pd.DataFrame({"a": np.random.uniform(0.0, 0.2, 50), "b": np.random.uniform(2.0, 2.5, 50)})  # noqa: NPY002
    moves.fit(corner, np.full(50, 0.02))
    grid = pd.DataFrame(
        [(a, b) for a in np.arange(0.01, 1, 0.02) for b in np.arange(2.02, 6, 0.04)], columns=["a", "b"]
    )
    density = np.asarray(moves.pdf(grid))
    assert density.mean() * 4.0 == pytest.approx(1.0, abs=0.03)
    assert density.min() >= 0.1 / 4.0  # also where no particle is near
    found = pd.DataFrame([moves.rvs_single() for _ in range(400)])
    assert all(found[name].between(*ends[name]).all() for name in ends)
    assert 0.005 < ((found.a > 0.6) & (found.b > 4.0)).mean() < 0.04  # a fifth of the prior, a tenth of the moves


def test_the_middle_is_in_the_set_and_the_far_end_is_not() -> None:
    assert within_set(cloud(), {"a": 1.0, "b": 1.0}, [True, True]) == (True, [True, True])
    assert within_set(cloud(), {"a": 1.0, "b": 50.0}, [True, True]) == (False, [True, False])
