"""Designs of experiments have the points that they are known for."""

from __future__ import annotations

import math

import numpy as np
import pytest

from stackrace.experiments.sweeps.design import KINDS, LEVELS, Design, factor
from stackrace.model.errors import InputError

TASTE = factor("model.taste", {"low": 0.0, "high": 1.0})
WEIGHT = factor("price_weight", {"low": 1.0, "high": 100.0, "log": True})
FIRMS = factor("model.firms", {"low": 2, "high": 5})
KIND = factor("contacts.kind", {})


def shares(points, name="model.taste"):
    return np.array([point[name] for point in points])


def test_a_grid_has_all_combinations_the_last_factor_moving_fastest():
    made = Design("grid", (factor("model.taste", [0.1, 0.2]), factor("decisions.build", [True, False]))).made()
    assert made == [{"model.taste": taste, "decisions.build": build} for taste in (0.1, 0.2) for build in (True, False)]


def test_a_list_goes_through_all_values_side_by_side():
    made = Design("list", (factor("model.taste", [0.1, 0.2]), factor("price_weight", [1, 3]))).made()
    assert made == [{"model.taste": 0.1, "price_weight": 1}, {"model.taste": 0.2, "price_weight": 3}]


def test_a_latin_hypercube_has_one_point_in_each_part_of_every_range():
    made = Design("latin", (TASTE, WEIGHT), points=20).made()
    assert sorted((shares(made) * 20).astype(int)) == list(range(20))
    logs = np.log(shares(made, "price_weight")) / math.log(100.0)
    assert sorted((logs * 20).astype(int)) == list(range(20))


def test_a_sobol_design_has_as_many_points_as_its_indices_need_and_fills_the_square_evenly():
    pytest.importorskip("SALib")
    assert len(Design("sobol", (TASTE, WEIGHT), points=8).made()) == 8 * (2 + 2)
    assert len(Design("sobol", (TASTE, WEIGHT), points=8, second_order=True).made()) == 8 * (2 * 2 + 2)
    taste = shares(Design("sobol", (TASTE, WEIGHT), points=64).made()[:: 2 + 2])
    assert sorted((taste * 64).astype(int)) == list(range(64))


def test_a_morris_trajectory_changes_one_factor_at_a_time():
    pytest.importorskip("SALib")
    made = Design("morris", (TASTE, WEIGHT, factor("*.review", {})), points=5).made()
    assert len(made) == 5 * (3 + 1)
    for start in range(0, len(made), 4):
        moved = [
            [name for name in one if one[name] != two[name]]
            for one, two in zip(made[start : start + 3], made[start + 1 : start + 4], strict=True)
        ]
        assert sorted(name for names in moved for name in names) == ["*.review", "model.taste", "price_weight"]
    assert {round(share * (LEVELS - 1), 9) for share in shares(made)} <= set(range(LEVELS))


@pytest.mark.parametrize("kind", ["random", "latin", "sobol", "morris"])
def test_the_same_seed_gives_the_same_points_and_another_one_others(kind):
    pytest.importorskip("SALib")
    one, two, other = (Design(kind, (TASTE, WEIGHT), points=4, seed=seed).made() for seed in (1, 1, 2))
    assert one == two
    assert one != other


def test_whole_numbers_and_choices_come_about_equally_often():
    made = Design("random", (FIRMS, KIND), points=4000, seed=3).made()
    for name, values in (("model.firms", {2, 3, 4, 5}), ("contacts.kind", set(KIND.values))):
        counts = {value: sum(point[name] == value for point in made) for value in values}
        assert sum(counts.values()) == 4000
        assert all(abs(count - 1000) < 5 * math.sqrt(1000) for count in counts.values())
    assert all(type(point["model.firms"]) is int for point in made)
    assert FIRMS.at(1.0) == 5


def test_bounds_that_are_left_out_are_those_of_the_declaration():
    review = factor("*.review", {})
    assert (review.low, review.high) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("model.tast", [1], "no parameter is called 'model.tast': did you mean 'taste'"),
        ("model.taste", [], "model.taste: no values are given"),
        ("model.taste", 3, "model.taste: write values as"),
        ("model.taste", ["a"], "model.taste must be a number"),
        ("model.taste", {"low": -1, "high": 1}, "model.taste must be a number, 0 to"),
        ("model.taste", {"lo": 1}, "'lo' is unknown: did you mean 'low'"),
        ("model.taste", {"low": 2, "high": 1}, "low must be below high"),
        ("model.taste", {"low": 0, "high": 1, "log": True}, "begins above 0, not at 0"),
        ("model.firms", {"low": 1.5, "high": 4}, "model.firms must be a whole number"),
        ("decisions.build", {"low": 0}, "decisions.build has no range: give values, or {} for true | false"),
        ("enterprise.quality_floor", {}, "its declared range has no end"),
    ],
)
def test_a_factor_that_cannot_be_is_told_in_one_line(name, given, said):
    with pytest.raises(InputError) as error:
        factor(name, given)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("design", "said"),
    [
        (Design("grid", (TASTE,)), "a grid design needs values"),
        (Design("list", (factor("model.taste", [1]), factor("price_weight", [1, 2]))), "as many values of each"),
        (Design("random", (TASTE,)), "a random design needs points = N"),
        (Design("latin", (), points=3), "parameters that vary"),
        (Design("sobol", (TASTE,), points=12), "a Sobol design needs a power of 2, such as 16"),
    ],
)
def test_a_design_that_cannot_be_is_told_in_one_line(design, said):
    with pytest.raises(InputError, match=said):
        design.made()


def test_every_kind_is_tried():
    assert set(KINDS) == {"grid", "list", "random", "latin", "sobol", "morris"}
