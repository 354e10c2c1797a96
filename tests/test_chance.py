"""Keyed chance: draws are uniform and unrelated, and belong to whom they are made for, whatever others do."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from typing import Any

import numba
import numpy as np
import pytest

from stackrace.model import chance

from .markets import ROOT, advanced, columns, copied, opened, recorded, same_bits

DRAWS = 20_000
FIELDS = ("seed", "step", "slot", "birth", "purpose", "index")


@numba.njit(cache=False)
def drawn(keys):
    """One uniform per key (seed, step, slot, birth, purpose, index)."""
    values = np.empty(keys.shape[0])
    for n in range(keys.shape[0]):
        values[n] = chance.uniform(keys[n, 0], keys[n, 1], keys[n, 2], keys[n, 3], keys[n, 4], keys[n, 5])
    return values


@numba.njit(cache=False)
def shaped(kind, count):
    """Draws of the other distributions: 0 exponential, 1 normal, 2 Gumbel."""
    values = np.empty(count)
    for n in range(count):
        if kind == 0:
            values[n] = chance.exponential(1, n, 3, 0, chance.JUMP, 0)
        elif kind == 1:
            values[n] = chance.normal(1, 0, n, 0, chance.DEMAND, 0)
        else:
            values[n] = chance.gumbel_of(chance.pair_uniform(1, 2, n, 0, n + 1, 0))
    return values


def keys_along(field: str) -> Any:
    """Keys that differ in one field only."""
    keys = np.tile(np.array([1, 5, 7, 0, chance.REVIEW, 0]), (DRAWS, 1))
    keys[:, FIELDS.index(field)] = np.arange(DRAWS)
    return keys


def kolmogorov_smirnov(values: Any) -> float:
    """Largest distance between the distribution of the values and the uniform one, times the root of their number."""
    ranked, steps = np.sort(values), np.arange(len(values) + 1) / len(values)
    distance = max(np.max(steps[1:] - ranked), np.max(ranked - steps[:-1]))
    return float(distance * np.sqrt(len(values)))


@pytest.mark.parametrize("field", FIELDS)
def test_draws_are_uniform_along_every_part_of_the_key(field: str) -> None:
    values = drawn(keys_along(field))
    assert 0.0 < values.min() < values.max() < 1.0
    assert len(np.unique(values)) == DRAWS
    assert abs(values.mean() - 1 / 2) < 4 / np.sqrt(12 * DRAWS)
    assert abs(values.var() - 1 / 12) < 4 / np.sqrt(180 * DRAWS)
    assert kolmogorov_smirnov(values) < 1.95  # the 0.1 % point


@pytest.mark.parametrize("field", FIELDS)
def test_neighbouring_draws_are_unrelated(field: str) -> None:
    values = drawn(keys_along(field))
    bound = 4 / np.sqrt(DRAWS)
    for lag in (1, 2, 7):
        assert abs(np.corrcoef(values[:-lag], values[lag:])[0, 1]) < bound
    for other in FIELDS:
        if other != field:
            beside = keys_along(field)
            beside[:, FIELDS.index(other)] += 1
            assert abs(np.corrcoef(values, drawn(beside))[0, 1]) < bound, other


def test_pairs_of_draws_fill_the_square_evenly() -> None:
    one, other = drawn(keys_along("slot")), drawn(keys_along("slot") + np.array([0, 0, 0, 0, 1, 0]))
    counts = np.histogram2d(one, other, bins=10, range=[[0, 1], [0, 1]])[0]
    expected = DRAWS / 100
    assert ((counts - expected) ** 2 / expected).sum() < 149  # the 0.1 % point of chi-squared


def test_every_purpose_has_its_own_number() -> None:
    purposes = [value for name, value in vars(chance).items() if name.isupper() and type(value) is int]
    assert sorted(purposes) == list(range(len(purposes)))
    assert len(purposes) > 20


@pytest.mark.parametrize(("kind", "mean", "variance"), [(0, 1.0, 1.0), (1, 0.0, 1.0), (2, 0.5772156649, np.pi**2 / 6)])
def test_other_distributions_have_their_mean_and_variance(kind: int, mean: float, variance: float) -> None:
    values = shaped(kind, DRAWS)
    assert abs(values.mean() - mean) < 4 * np.sqrt(variance / DRAWS)
    assert values.var() == pytest.approx(variance, rel=0.1)


def digest_of(seed: int) -> str:
    """Hash of every column of a market after 25 steps."""
    state = opened("rich", seed)
    advanced(state, 25)
    made = hashlib.sha256()
    for name, column in columns(state):
        made.update(name.encode() + np.ascontiguousarray(column).tobytes())
    return made.hexdigest()


@pytest.mark.parametrize("threads", ["1", "2"])
def test_a_seed_gives_the_same_bytes_in_another_process_whatever_the_threads(threads: str) -> None:
    program = "from tests.test_chance import digest_of; print(digest_of(11))"
    found = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "NUMBA_NUM_THREADS": threads, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": threads},
    )
    assert found.stdout.strip() == digest_of(11)


def test_two_seeds_are_two_histories() -> None:
    assert len({digest_of(seed) for seed in (1, 2, 3, 2**40, 2**63 - 1)}) == 5


PER_LIVING_FIRM = {"entry_rate", "exit_rate", "acquisition_rate", "alliance_degree"}
"""Means over firms, in which one that does nothing counts as well."""


@pytest.mark.parametrize(("stack", "slot"), [("rich", 3), ("rich", 15), ("ai-stack", 40), ("ai-stack", 150)])
def test_an_idle_firm_changes_nothing_for_anyone_else(stack: str, slot: int) -> None:
    vacant = opened(stack, 6, {"entry_rate": 0})
    vacant.operates[:, slot] = False
    idle = copied(vacant)
    vacant.firms.alive[slot] = False
    vacant.firms.cash[slot] = 0.0
    assert not vacant.layers.is_demand[vacant.firms.home[slot]]
    measured = [recorded(state, 30) for state in (vacant, idle)]
    assert idle.firms.alive[slot]
    for one, other in zip(*(records[:2] for records in measured), strict=True):
        for name in set(one.dtype.names) - PER_LIVING_FIRM:
            assert same_bits(one[name], other[name]), name
    others = np.arange(len(vacant.firms)) != slot
    for (name, one), (_, other) in zip(columns(vacant), columns(idle), strict=True):
        table = name.split(".")[0]
        if table in ("firms", "ties", "holdings"):
            one, other = one[others], other[others]
        elif table in ("operates", "traded", "units", "links", "traces"):
            one, other = one[:, others], other[:, others]
        assert same_bits(one, other), name


def test_a_firm_more_that_does_trade_does_change_others() -> None:
    market = opened("rich", 6, {"entry_rate": 0})
    without = copied(market)
    without.operates[:, 15] = False
    advanced(market, 5)
    advanced(without, 5)
    assert not same_bits(market.units.volume[0], without.units.volume[0])
