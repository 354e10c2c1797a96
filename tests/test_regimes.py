"""The label of a layer: which regime takes precedence, what NaN does, how sure a frequency is."""

import math

import pandas as pd
import pytest

from stackrace.experiments.ensemble import frequencies, wilson
from stackrace.experiments.regimes import MEANINGS, REGIMES, regime, regimes

NAN = math.nan


@pytest.mark.parametrize(
    ("claim", "hhi", "cr1", "cr4", "lerner", "unserved", "expected"),
    [
        ("unmet need comes before everything", 10_000, 1, 1, 0.9, 0.51, "unserved"),
        ("half of the need unmet is not yet more than half", 10_000, 1, 1, 0.9, 0.5, "consolidated"),
        ("a monopolist at cost is consolidated, not a commodity", 10_000, 1, 1, 0, 0, "consolidated"),
        ("at both thresholds it is consolidated", 4000, 0.5, 1, 0.5, 0, "consolidated"),
        ("a high HHI without a firm of half the volume is an oligopoly", 4000, 0.49, 1, 0.5, 0, "oligopoly"),
        ("half the volume with an HHI below 4000 is an oligopoly", 3999, 0.5, 1, 0.5, 0, "oligopoly"),
        ("prices near cost come before an oligopoly", 1799, 0.2, 0.7, 0.24, 0, "commoditised"),
        ("prices near cost in a concentrated layer are an oligopoly", 1800, 0.2, 0.7, 0.24, 0, "oligopoly"),
        ("a Lerner index of a quarter is no commodity", 900, 0.1, 0.5, 0.25, 0, "differentiated"),
        ("at both thresholds it is an oligopoly", 1000, 0.2, 0.6, 0.5, 0, "oligopoly"),
        ("four firms below 60 % are no oligopoly", 1000, 0.2, 0.59, 0.5, 0, "differentiated"),
        ("without outside sales it is judged by its concentration", 1500, 0.3, 0.9, NAN, 0, "oligopoly"),
        ("without outside sales and concentration it is differentiated", 500, 0.1, 0.3, NAN, 0, "differentiated"),
        ("without volume but with unmet need it is unserved", NAN, NAN, NAN, NAN, 1, "unserved"),
        ("without volume or need there is no market", NAN, NAN, NAN, NAN, NAN, "no market"),
    ],
)
def test_regime(claim, hhi, cr1, cr4, lerner, unserved, expected):
    assert regime(hhi, cr1, cr4, lerner, unserved) == expected, claim


def test_every_regime_has_a_meaning_in_the_order_of_precedence():
    assert tuple(MEANINGS) == REGIMES


def test_regimes_read_means_over_the_window_without_steps_that_have_no_value():
    measures = pd.DataFrame(
        {
            "seed": 1,
            "step": [0, 1, 2, 0, 1, 2],
            "layer": ["a", "a", "a", "buyers", "buyers", "buyers"],
            "hhi": [9000, 1200, 1400, 1, 1, 1],
            "cr1": 0.3,
            "cr4": 0.8,
            "lerner": [0.9, NAN, 0.5, NAN, NAN, NAN],
            "unserved": 0.0,
            "units": 5.0,
            "in_house_share": 0.0,
        }
    )
    read = regimes(measures, ["a"], window=2)
    assert read.layer.tolist() == ["a"]
    assert read.loc[0, ["regime", "hhi", "lerner"]].tolist() == ["oligopoly", 1300, 0.5]


@pytest.mark.parametrize(
    ("count", "trials", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (15, 30, 0.3315, 0.6685), (1, 1, 0.2065, 1)],
)
def test_wilson_intervals_are_those_of_the_tables(count, trials, low, high):
    assert wilson(count, trials) == pytest.approx((low, high), abs=5e-5)


def test_the_commonest_regime_comes_first_and_precedence_breaks_ties():
    labels = ["differentiated", "oligopoly", "oligopoly", "commoditised", "differentiated"]
    found = frequencies(pd.DataFrame({"layer": "a", "regime": labels, "seed": range(5)}))
    assert found.regime.tolist() == ["oligopoly", "differentiated", "commoditised"]
    assert found["count"].tolist() == [2, 2, 1]
    assert found.share.sum() == pytest.approx(1)
    assert ((found.low < found.share) & (found.share < found.high)).all()
