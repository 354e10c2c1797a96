"""Claims about why named firms keep the shares that they start with: standing, going prices, known prices."""

from __future__ import annotations

import numpy as np
import pytest

from stackrace.model.first_links import buyers_wants, flow_down, quotes
from stackrace.model.settings import resolve
from stackrace.model.start import start

from .named import CHIPS, CLOUD, FIRMS, begun, link, market, shares, step, unit


def test_named_firms_charge_the_going_price_so_that_own_inputs_are_a_margin_and_no_discount() -> None:
    for seed in range(5):
        state = begun(market(), seed)
        cost, price, _ = quotes(state)
        for k, rows in ((CHIPS, [0, 1, 8]), (CLOUD, [8])):
            here = np.flatnonzero(state.operates[k])
            latent = cost[k, rows] * (1.0 + state.units.markup[k, rows])  # an open unit's too
            others = np.setdiff1d(here, rows)
            assert latent == pytest.approx(np.maximum(np.median(price[k, others]), cost[k, rows]), rel=0.05)
        assert cost[CLOUD, 8] < np.median(cost[CLOUD, 9:20])
        assert state.units.markup[CLOUD, 8] > state.layers.initial_markup[CLOUD]


def test_what_a_firm_makes_for_itself_it_can_compare_with_a_price_from_the_start() -> None:
    state = begun(market())
    _, price, _ = quotes(state)
    own, bought = state.links.outside_price[:2, 8]
    assert own == price[CHIPS, 1]  # that of Zeta, which sells most
    assert np.isnan(bought)


def test_standing_is_the_log_of_a_share_of_sales_to_others_over_that_of_the_anonymous() -> None:
    state = begun(market())
    volumes = flow_down(state, buyers_wants(state))
    whole, captive = volumes[CHIPS].sum(), 0.5 * 0.5 * volumes[CLOUD, 8]  # one of Alpha's two sources, weight .5
    alpha, zeta = (0.2 * whole - captive) / (whole - captive), 0.6 * whole / (whole - captive)
    least = 1 / 24  # the part of one client: more than a sixth of what is left for the anonymous
    assert state.units.standing[CHIPS, [0, 1]] == pytest.approx(np.log([zeta / 6 / least, zeta / least]))
    assert state.units.standing[CHIPS, 8] == pytest.approx(np.log(alpha / least)) and alpha < 0.2
    assert state.units.standing[CLOUD, 8] == pytest.approx(np.log(0.3 / (0.7 / 11)))
    assert np.count_nonzero(state.units.standing) == 4


def test_a_firm_likes_its_own_unit_as_far_as_it_is_known_to_use_it() -> None:
    state = begun(market())
    others = np.setdiff1d(np.flatnonzero(state.operates[CHIPS]), [8])
    liking = np.log(np.exp(state.units.standing[CHIPS, others]).sum())
    assert state.units.own_standing[CHIPS, 8] == pytest.approx(liking)  # one source of two: even odds
    assert np.count_nonzero(state.units.own_standing) == 1
    all_own = {**FIRMS, "Alpha": {**FIRMS["Alpha"], "links": [link("cloud", "chips", "Alpha")] * 2}}
    state = begun(market(all_own))
    liking = np.log(np.exp(state.units.standing[CHIPS, others]).sum())
    assert state.units.own_standing[CHIPS, 8] == pytest.approx(liking + np.log(2.5 / 0.5))


def test_what_a_firm_makes_for_itself_stays_about_as_much_as_it_was() -> None:
    stack = market(review=0.5)
    found = []
    for seed in range(20):
        state = start(stack, resolve(stack, {"entry_rate": 0.0, "choice_noise": 0.05}), seed)
        for _ in range(12):
            step(state)
        if state.operates[CLOUD, 8]:
            found.append(np.mean(state.links.supplier[:2, 8] == 8))
    assert 0.3 < np.mean(found) < 0.7


def test_standing_keeps_shares_that_would_be_lost_without_it() -> None:
    stack = market(review=0.5)
    left = {}
    for weight in (0.0, 1.0):
        found = []
        for seed in range(10):
            state = start(stack, resolve(stack, {"*.standing": weight, "entry_rate": 0.0}), seed)
            for _ in range(12):
                step(state)
            found.append(shares(state)[CHIPS, 1])
        left[weight] = np.mean(found)
    assert left[1.0] > left[0.0] + 0.1


def test_standing_goes_with_the_unit_that_has_it_and_newcomers_have_none() -> None:
    stack, lost = market(), 0
    for seed in range(10):
        state = start(stack, resolve(stack, {"start_cash": 3.0, "funding": 0.0}), seed)
        at_first = state.units.standing.copy()
        for _ in range(30):
            step(state)
        held = state.units.standing != 0.0
        assert state.operates[held].all()
        assert set(state.units.standing[held]) <= set(at_first[at_first != 0.0])
        entered = state.firms.birth > 0
        assert not (held[CHIPS, :8] & entered[:8] & (at_first[CHIPS, :8] == 0.0)).any()
        lost += np.count_nonzero(at_first) - np.count_nonzero(held)
    assert lost > 0


def test_who_takes_a_unit_over_has_its_standing_and_no_liking_of_its_own_for_it() -> None:
    sells = {**FIRMS["Alpha"], "units": [unit("cloud", share=0.3), unit("chips", share=0.2)]}
    stack, taken = market({**FIRMS, "Alpha": sells}, review=0.0), 0
    for seed in range(20):
        state = start(stack, resolve(stack, {"funding": 0.0}), seed)
        standing = state.units.standing[CHIPS, 8]
        state.firms.cash[8] = -30.0
        state.firms.cash[9:20] = 500.0
        step(state)
        bidders = np.setdiff1d(np.flatnonzero(state.operates[CHIPS]), range(9))  # who made no chips before
        assert set(state.units.standing[CHIPS, bidders]) <= {standing}
        assert not state.units.own_standing[CHIPS, bidders].any()
        taken += len(bidders)
    assert taken > 0
