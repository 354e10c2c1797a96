"""Claims about the shipped stacks that nobody has data for: they run, and show what they were made to show.

Few seeds and steps, so that the claims are about large differences only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest

from stackrace import simulate
from stackrace.model.parameters import Value
from stackrace.model.stack import SHIPPED, read_stack

STACKS = ("training-pipeline", "full-stack", "institutional")
SEEDS, STEPS, WINDOW = range(1, 9), 120, 20


@cache
def _runs(name: str, set: tuple[tuple[str, Value], ...]) -> pd.DataFrame:
    stack = read_stack(name)
    return pd.concat([simulate(stack, steps=STEPS, seed=seed, set=dict(set)).measures for seed in SEEDS])


def runs(name: str, set: Mapping[str, Value] = MappingProxyType({})) -> pd.DataFrame:
    """Measures of all steps and seeds."""
    return _runs(name, tuple(set.items()))


def ends(name: str, set: Mapping[str, Value] = MappingProxyType({})) -> pd.DataFrame:
    """Layer -> means over the last steps and all seeds."""
    late = runs(name, set)
    return late[late.step >= STEPS - WINDOW].groupby("layer").mean()


# What holds for each of them


@pytest.mark.parametrize("name", STACKS)
def test_no_layer_stands_still(name: str) -> None:
    found = runs(name)
    final = list(read_stack(name).demand_layers)
    selling = found[~found.layer.isin(final)]
    assert (selling.volume > 0).mean() > 0.99
    late = found[found.layer.isin(final) & (found.step >= STEPS - WINDOW)]
    assert late.unserved.mean() < 0.1


@pytest.mark.parametrize("name", STACKS)
def test_layers_come_out_differently(name: str) -> None:
    found = ends(name).drop(index=list(read_stack(name).demand_layers))
    assert found.hhi.max() > 5 * found.hhi.min()
    assert found.lerner.max() > found.lerner.min() + 0.2


@pytest.mark.parametrize("name", STACKS)
def test_every_number_of_a_layer_that_sells_has_its_reason_beside_it(name: str) -> None:
    stack = read_stack(name)
    for part in re.split(r"^\[", (SHIPPED / f"{name}.toml").read_text("utf-8"), flags=re.MULTILINE)[1:]:
        header, *lines = part.splitlines()
        if header.partition("]")[0] in {"parameters", *(f"layers.{layer}" for layer in stack.selling_layers)}:
            bare = [line for line, above in zip(lines, ["", *lines], strict=False) if _unexplained(line, above)]
            assert not bare, f"{header} {bare}"


def _unexplained(line: str, above: str) -> bool:
    """Whether a line sets a number and says why neither itself nor in the line above."""
    return bool(re.search(r"= *[\d.]", line)) and "#" not in line and not above.strip().startswith("#")


# The training pipeline


def test_base_models_are_far_more_concentrated_than_what_is_made_of_them() -> None:
    found = ends("training-pipeline")
    assert found.hhi["pre-training"] > 2 * found.hhi["fine-tuning"]
    assert found.units["pre-training"] < 0.2 * found.units["fine-tuning"]


def test_steeper_cost_of_ambition_leaves_fewer_base_models_and_adapters_as_many() -> None:
    gentle, steep = (ends("training-pipeline", {"pre-training.escalation": each}) for each in (0.2, 1.2))
    assert steep.units["pre-training"] < 0.6 * gentle.units["pre-training"]
    assert steep.hhi["pre-training"] > 1.3 * gentle.hhi["pre-training"]
    assert steep.units["fine-tuning"] == pytest.approx(gentle.units["fine-tuning"], rel=0.2)


def test_cheap_adaptation_multiplies_adapters_and_leaves_base_models_few() -> None:
    dear, cheap = (
        ends("training-pipeline", {"fine-tuning.build_cost": 4 * each, "fine-tuning.fixed_cost": 0.4 * each})
        for each in (4, 0.25)
    )
    assert cheap.units["fine-tuning"] > 1.15 * dear.units["fine-tuning"]
    assert cheap.units["pre-training"] < 0.2 * cheap.units["fine-tuning"]


# The full stack


def test_incumbents_of_several_layers_start_in_them() -> None:
    run = simulate("full-stack", steps=1, seed=1)
    leaders = run.measures.set_index("layer").leader
    assert run.names[int(leaders["chips"])] == "Chip-Designer"
    assert run.names[int(leaders["data-centres"])] == "Cloud"
    assert run.names[int(leaders["model"])] == "Laboratory"


def test_firms_make_more_themselves_where_rivals_charge_them_more() -> None:
    free, squeezed = (ends("full-stack", {"foreclosure": f, "bundle_discount": 0.0}) for f in (0.0, 0.8))
    upstream = ["chips", "data-centres"]
    assert squeezed.in_house_share[upstream].mean() > free.in_house_share[upstream].mean() + 0.03


# The institutional stack


def test_memory_earns_more_and_is_left_less_often_than_interfaces() -> None:
    found = ends("institutional")
    assert found.lerner["memory"] > found.lerner["interface"] + 0.03
    assert found.switch_rate["memory"] < 0.7 * found.switch_rate["interface"]


def test_regulated_buyers_are_served_as_quality_reaches_their_floor() -> None:
    found = runs("institutional")
    regulated = found[found.layer == "regulated-buyers"]
    spans = (0, 4), (20, 30), (60, 80)
    unserved = [float(regulated[regulated.step.between(*span)].unserved.mean()) for span in spans]
    assert unserved[0] > 0.95 and unserved[2] < 0.1
    assert np.all(np.diff(unserved) < 0)
    others = found[found.layer == "open-buyers"]
    assert others[others.step <= 4].unserved.mean() < 0.05
