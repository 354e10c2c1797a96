"""An effect is what runs of the same seed differ in: its size, how sure it is, and exactly nothing where nothing is."""

import math

import numpy as np
import pandas as pd
import pytest

import stackrace
from stackrace.experiments.comparisons import paired
from stackrace.experiments.comparisons.compare import COMPARABLE, compare
from stackrace.experiments.comparisons.comparison import WHOLE
from stackrace.experiments.comparisons.paired import holm, interval, needed_seeds, paired_effect, sign_flip, smallest_p
from stackrace.experiments.comparisons.transitions import changes, net, transitions

from .markets import HALF_SIZE

SEEDS, STEPS = range(8), 24


def market(seeds=SEEDS, steps=STEPS, stack="ai-stack", **given):
    spelt = {name.replace("__", "."): value for name, value in given.items()}
    return stackrace.repeat(stack, seeds=seeds, steps=steps, set={**HALF_SIZE, **spelt})


@pytest.fixture(scope="module")
def base():
    return market()


@pytest.fixture(scope="module")
def other():
    return market(price_weight=12.0)


@pytest.fixture(scope="module")
def found(base, other):
    return compare(base, other)


def drawn(n, seed=1):
    return np.random.default_rng(seed).normal(size=n)


# Statistics of pairs, in closed form


def test_a_known_shift_is_the_effect():
    values = drawn(10)
    found = paired_effect(values, values + 0.25)
    assert found["effect"] == pytest.approx(0.25)
    assert (found["low"], found["high"]) == (pytest.approx(0.25), pytest.approx(0.25))
    assert found["p"] == smallest_p(10) == 2 / 2**10
    assert found["pairing"] == pytest.approx(0.0, abs=1e-20)


def test_the_parts_of_an_effect_are_what_they_are_called():
    one, two = np.array([1.0, 2.0, 3.0, 2.0]), np.array([2.0, 2.0, 5.0, 3.0])
    found = paired_effect(one, two)
    sd = math.sqrt(2 / 3)  # of 1, 0, 2, 1
    assert (found["base"], found["other"], found["effect"], found["relative"]) == (2.0, 3.0, 1.0, 0.5)
    assert (found["sd"], found["standardised"]) == (pytest.approx(sd), pytest.approx(1 / sd))
    assert found["pairing"] == pytest.approx((2 / 3) / (2 / 3 + 2))
    assert found["p"] == 4 / 16  # all three that differ have the same sign: two of eight patterns
    assert found["needed"] == math.ceil((1.959964 * sd / 0.2) ** 2)


def test_without_any_difference_the_effect_is_exactly_zero():
    for n in (2, 3, 30):
        found = paired_effect(drawn(n), drawn(n))
        assert (found["effect"], found["low"], found["high"], found["standardised"]) == (0.0, 0.0, 0.0, 0.0)
        assert found["p"] == 1.0


def test_one_seed_has_a_difference_but_no_interval():
    found = paired_effect(np.array([1.0]), np.array([3.0]))
    assert (found["effect"], found["p"]) == (2.0, 1.0)
    assert all(math.isnan(found[name]) for name in ("low", "high", "sd", "standardised", "needed"))


def test_two_seeds_have_an_interval_within_their_values_and_are_never_sure():
    found = paired_effect(np.array([0.0, 0.0]), np.array([1.0, 3.0]))
    assert 1.0 <= found["low"] <= found["effect"] <= found["high"] <= 3.0
    assert found["p"] == 0.5


def test_a_seed_without_a_value_in_either_drops_out_and_is_counted():
    one, two = np.array([1.0, np.nan, 3.0, 4.0]), np.array([2.0, 2.0, np.nan, 5.0])
    found = paired_effect(one, two)
    assert (found["seeds"], found["missing"], found["base"], found["effect"]) == (2, 2, 2.5, 1.0)
    none = paired_effect(np.full(3, np.nan), two[:3])
    assert (none["seeds"], none["missing"]) == (0, 3)
    assert all(math.isnan(none[name]) for name in ("effect", "low", "high", "p", "needed"))


def test_the_interval_covers_the_mean_about_as_often_as_it_says(monkeypatch):
    monkeypatch.setattr(paired, "RESAMPLES", 999)
    samples = np.random.default_rng(3).exponential(size=(200, 40))
    ends = np.array([interval(sample) for sample in samples])
    covered = np.mean((ends[:, 0] <= 1.0) & (ends[:, 1] >= 1.0))
    assert 0.88 <= covered <= 0.99


def test_the_interval_of_a_large_normal_sample_is_that_of_the_textbook():
    sample = drawn(400)
    half = 1.96 * sample.std(ddof=1) / math.sqrt(400)
    assert interval(sample) == pytest.approx((sample.mean() - half, sample.mean() + half), abs=0.1 * half)


def test_the_interval_and_the_p_value_are_the_same_each_time():
    sample = drawn(20) + 0.4
    assert interval(sample) == interval(sample.copy())
    assert sign_flip(sample) == sign_flip(sample.copy())


def test_drawn_sign_flips_agree_with_all_of_them(monkeypatch):
    sample = drawn(14) + 0.5
    exact = sign_flip(sample)
    monkeypatch.setattr(paired, "ENUMERATED", 0)
    paired._signs.cache_clear()
    assert sign_flip(sample) == pytest.approx(exact, abs=4 * math.sqrt(exact / paired.FLIPS))
    paired._signs.cache_clear()


def test_p_values_are_even_where_there_is_no_effect():
    values = [sign_flip(sample) for sample in np.random.default_rng(5).normal(size=(400, 10))]
    assert np.mean(np.array(values) <= 0.05) == pytest.approx(0.05, abs=0.035)


def test_holm_of_a_worked_example():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.7]) == pytest.approx([1.0, 1.0])
    with_gap = holm([0.01, math.nan, 0.04])
    assert with_gap[[0, 2]] == pytest.approx([0.02, 0.04])
    assert math.isnan(with_gap[1])


def test_seeds_needed_grow_with_the_square_of_the_spread():
    assert needed_seeds(10.0, 2.0) == 97  # (1.96 * 5)^2 = 96.04
    assert needed_seeds(20.0, 2.0) == 385
    assert needed_seeds(0.0, 2.0) == 2
    assert math.isnan(needed_seeds(1.0, 0.0))


# Regimes


def labelled(*labels):
    return pd.DataFrame({"seed": range(len(labels)), "layer": "chips", "regime": labels})


def test_transitions_count_every_seed_once_and_coming_is_weighed_against_going():
    old, new = "oligopoly", "consolidated"
    table = transitions(labelled(*[old] * 9, new), labelled(*[new] * 7, old, old, old), tuple(range(10)))
    assert table[["base", "other", "count"]].to_numpy().tolist() == [[old, new, 7], [old, old, 2], [new, old, 1]]
    row = changes(table).iloc[0]
    assert (row.changed, row.seeds) == (8, 10)
    assert (row.low, row.high) == pytest.approx((0.490, 0.943), abs=0.001)  # Wilson, 8 of 10
    come = net(table).set_index("regime").loc[new]
    assert (come.base, come.other, come.come, come.go) == (1, 7, 7, 1)
    assert come.p == pytest.approx(2 * (1 + 8) / 2**8)  # McNemar: one or none of eight


def test_regimes_compared_are_those_of_the_ensembles(base, other, found):
    one, two = base.regimes().set_index(["seed", "layer"]).regime, other.regimes().set_index(["seed", "layer"]).regime
    changed = (one != two).groupby("layer").sum()
    assert found.changes.set_index("layer").changed.to_dict() == changed.to_dict()
    assert (found.regimes.groupby("layer")["count"].sum() == len(SEEDS)).all()


# Ensembles


def test_the_paired_effect_of_doing_nothing_is_exactly_zero_in_every_measure(base):
    found = compare(base, market(), measures=COMPARABLE)
    assert {*found.effects.measure} == {*COMPARABLE}
    assert (found.effects[["effect", "low", "high", "standardised"]] == 0.0).all(axis=None)
    assert (found.effects[["p", "p_holm"]] == 1.0).all(axis=None)
    assert (found.pairs.difference.dropna() == 0.0).all()
    assert (found.paths[list(COMPARABLE)].fillna(0.0) == 0.0).all(axis=None)
    assert (found.changes.changed == 0).all()
    assert found.parameters.empty
    assert "Every difference is exactly zero" in str(found)


def test_an_effect_is_the_mean_of_differences_of_window_means(base, other):
    found = compare(base, other, window=5, measures=["hhi", "final_volume"])
    one, two = (
        each.measures[(each.measures.step >= STEPS - 5) & (each.measures.layer == "model")].groupby("seed").hhi.mean()
        for each in (base, other)
    )
    row = found.effects.set_index(["layer", "measure"]).loc[("model", "hhi")]
    assert row.effect == pytest.approx((two - one).mean())
    whole = found.effects.set_index(["layer", "measure"]).loc[(WHOLE, "final_volume")]
    volumes = [each.overall[each.overall.step >= STEPS - 5].final_volume.mean() for each in (base, other)]
    assert whole.effect == pytest.approx(volumes[1] - volumes[0])
    assert found.paths.set_index(["layer", "seed", "step"]).hhi.loc[("model", 3, 20)] == pytest.approx(
        two_at(other, 3, 20) - two_at(base, 3, 20)
    )


def two_at(ensemble, seed, step):
    table = ensemble.measures
    return table[(table.layer == "model") & (table.seed == seed) & (table.step == step)].hhi.item()


def test_exchanging_the_two_turns_every_effect_around(base, other, found):
    back = compare(other, base)
    assert back.effects.effect.to_numpy() == pytest.approx(-found.effects.effect.to_numpy())
    assert back.effects.p.to_numpy() == pytest.approx(found.effects.p.to_numpy())


def test_pairing_beats_not_pairing_where_a_change_is_small(base):
    found = compare(base, market(device__taste=0.36), measures=["hhi", "lerner", "volume"])
    ratios = found.effects.pairing.dropna()
    assert len(ratios) > 10
    assert ratios.median() < 0.5


def test_parameters_that_differ_are_named(found):
    assert found.parameters.to_numpy().tolist() == [["price_weight", 2.0, 12.0]]
    assert "price_weight is 12 instead of 2" in str(found)


def test_only_seeds_that_both_have_are_paired(base):
    found = compare(base, market(range(6, 11)))
    assert found.seeds == (6, 7)
    assert [remark for remark in found.remarks if remark.startswith("Left out")] == [
        "Left out: 6 of the 8 seeds of base, which other does not have.",
        "Left out: 3 of the 5 seeds of other, which base does not have.",
    ]


def test_too_few_seeds_for_so_many_tests_are_told(found, base, other):
    assert any("so none of" in remark for remark in found.cautions)
    assert any("Intervals from 8 seeds are too narrow" in remark for remark in found.remarks)
    alone = compare(base.runs[2], other, measures=["hhi"])
    assert any("One seed" in remark for remark in alone.remarks)
    assert alone.effects.low.isna().all()


def test_a_branch_is_compared_with_the_run_that_it_left(base):
    first = base.runs[0]
    branch = stackrace.simulate(start=first.state_at(10), steps=STEPS - 10, set={"price_weight": 12.0})
    found = compare(first, branch)
    assert found.paths.step.min() == 10
    same = compare(first, stackrace.simulate(start=first.state_at(10), steps=STEPS - 10))
    assert (same.effects.effect == 0.0).all()


def test_interventions_that_differ_are_named(base):
    winter = {"kind": "set", "name": "funding winter", "from": 3, "set": {"funding": 0.0}}
    first = base.runs[0]
    changed = stackrace.simulate(first.stack, seed=first.seed, steps=first.steps, set=first.set, interventions=[winter])
    found = compare(first, changed)
    assert found.interventions == ((), ("funding winter from 3",))
