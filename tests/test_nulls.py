"""Null models keep what they say that they keep, and destroy the rest."""

from collections import Counter

import numpy as np
import pytest

from stackrace.experiments.facts.gibrat import luck_of
from stackrace.experiments.facts.growth import growth_shape, variance_size_slope
from stackrace.experiments.facts.history import simulated, wave
from stackrace.experiments.facts.nulls import NULLS, chosen, markups_before, null
from stackrace.model.errors import InputError
from stackrace.model.nulls import ATTEMPTS, RandomChoices, Rewired, rewired
from stackrace.model.world import opened

from .markets import HALF_SIZE, stack_named

STACK = stack_named("ai-stack")
MANY, FEW = ("model", "tooling", "application", "embedded"), ("compute", "hosting", "device")
"""Layers with many sellers, and with few."""


@pytest.fixture(scope="module")
def true():
    return simulated(STACK, 2, 60, HALF_SIZE)


@pytest.fixture(scope="module")
def nulls(true):
    return {name: null(name, true) for name in NULLS}


def contacts_of(world):
    firms = world.state.firms
    return [{*world.state.contacts[a:b].tolist()} for a, b in zip(firms.first_contact, firms.last_contact, strict=True)]


def test_rewired_firms_know_as_many_as_ever_but_others_in_every_step():
    world = Rewired(**vars(opened(STACK, 1, HALF_SIZE)))
    before = contacts_of(world)
    for _ in range(3):
        world.advance(1)
        now = contacts_of(world)
        assert [len(each) for each in now] == [len(each) for each in before]  # sets: nobody is there twice
        assert not any(i in each for i, each in enumerate(now))
        assert all(i in now[j] for i, each in enumerate(now) for j in each)
        kept = sum(len(a & b) for a, b in zip(now, before, strict=True)) / sum(map(len, before))
        assert kept < 0.15
        before = now


def test_contacts_of_a_long_stretch_are_rewired_in_every_step_too():
    one, other = (Rewired(**vars(opened(STACK, 1, HALF_SIZE))) for _ in range(2))
    one.advance(12)
    for _ in range(12):
        other.advance(1)
    assert contacts_of(one) == contacts_of(other)
    assert np.array_equal(one.state.firms.cash, other.state.firms.cash)


def test_contacts_that_allow_one_network_only_stay_as_they_are():
    assert rewired(np.full(4, 3), 1, 0) is not None  # the complete network
    assert rewired(np.array([2, 2]), 1, 0) is None  # there is none
    assert ATTEMPTS > 50


def test_chance_makes_as_many_choices_in_each_step_and_layer(true, nulls):
    wanted, made = chosen(true.events), chosen(nulls["random-choices"].events)
    assert len(wanted) > 300
    assert of_layers(made, *MANY) == of_layers(wanted, *MANY)
    assert all(count <= wanted[key] for key, count in of_layers(made, *FEW).items())  # one seller: no other to go to
    assert of_steps(made, "allied", "parted") == of_steps(wanted, "allied", "parted")


def of_layers(counts, *layers):
    return {key: count for key, count in counts.items() if key[1] in ("switched", "built") and key[2] in layers}


def of_steps(counts, *kinds):
    """Counts per step and kind: with alliances, layers are those of the firms that happen to propose."""
    found = Counter()
    for (step, kind, _), count in counts.items():
        if kind in kinds:
            found[step, kind] += count
    return found


def test_chance_chooses_others(true, nulls):
    def pairs(history, kind):
        events = history.events[history.events.kind == kind]
        return {*zip(events.step, events.firm.astype(object), events.counterparty.astype(object), strict=True)}

    for kind in ("switched", "allied"):
        assert len(pairs(true, kind) & pairs(nulls["random-choices"], kind)) < 0.1 * len(pairs(true, kind))


def test_mark_ups_are_dealt_out_as_they_are_distributed(true):
    markups = markups_before(true.firms)
    settings = {**HALF_SIZE, "decisions.switch": False}
    world = RandomChoices(**vars(opened(STACK, 2, settings)), markups=markups)
    world.advance(1)
    firms = world.state.firms.copy()
    world.prepare()
    m = STACK.names.index("application")
    there = world.state.operates[m]
    found, wanted = world.state.units.markup[m][there], markups[1, "application"]
    assert wanted.min() <= found.min() and found.max() <= wanted.max()
    assert np.median(found) == pytest.approx(np.median(wanted), abs=0.3 * np.ptp(wanted))
    assert np.array_equal(firms.cash, world.state.firms.cash)


def test_pure_luck_has_the_rates_of_the_market(true, nulls):
    market, luck = luck_of(true.firms), luck_of(nulls["gibrat"].firms)
    assert luck.growth == pytest.approx(market.growth, abs=0.02)
    assert luck.spread == pytest.approx(market.spread, rel=0.05)
    assert luck.entry == pytest.approx(market.entry, rel=0.3)
    assert luck.exit == pytest.approx(market.exit, rel=0.3)


def test_pure_luck_starts_with_the_sizes_of_the_market(true, nulls):
    first = [np.sort(each.firms.volume[(each.firms.step == 0) & (each.firms.volume > 0)])
             for each in (true, nulls["gibrat"])]  # fmt: skip
    assert np.allclose(*first)


def test_pure_luck_grows_normally_at_any_size_and_has_no_market(nulls):
    luck = nulls["gibrat"]
    assert growth_shape(luck) == pytest.approx(2.0, abs=0.3)
    assert abs(variance_size_slope(luck)) < 0.05
    assert luck.measures[["lerner", "in_house_share", "switch_rate"]].isna().all(axis=None)
    assert set(luck.events.kind) == {"entered", "left"}


def test_the_measures_of_pure_luck_are_those_of_its_table(nulls):
    luck = nulls["gibrat"]
    last = luck.firms[(luck.firms.step == 59) & (luck.firms.layer == "application")].volume
    row = luck.measures[(luck.measures.step == 59) & (luck.measures.layer == "application")].iloc[0]
    shares = np.sort(last / last.sum())[::-1]
    assert [row.units, row.hhi, row.cr1, row.cr4] == pytest.approx(
        [len(last), 1e4 * (shares**2).sum(), shares[0], shares[:4].sum()]
    )


@pytest.mark.parametrize("name", NULLS)
def test_a_null_model_is_the_same_each_time_and_another_one_with_another_seed(name, true, nulls):
    again = null(name, true)
    assert again.firms.equals(nulls[name].firms) and again.measures.equals(nulls[name].measures)
    other = null(name, true._replace(seed=3))
    assert not other.firms.volume.reset_index(drop=True).equals(again.firms.volume.reset_index(drop=True))


@pytest.mark.parametrize("name", ["random-choices", "rewired-contacts"])
def test_a_null_model_has_the_settings_and_interventions_of_the_market(name):
    struck = simulated(STACK, 2, 12, {**HALF_SIZE, "compute.firms": 5}, wave(STACK, 4))
    made = null(name, struck)
    assert made.interventions == struck.interventions
    assert (made.measures[(made.measures.layer == "compute") & (made.measures.step == 0)].units == 5).all()


def test_an_unknown_null_model_is_told(true):
    with pytest.raises(InputError, match="no null model is called 'gibart': did you mean 'gibrat'"):
        null("gibart", true)
