"""Claims about settings: what overrides what, to which type it is cast, and what a mistake is answered with."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackrace.model.parameters import BUYER, LAYER, MARKET, PARAMETERS
from stackrace.model.settings import ParameterError, as_dict, parse_setting, resolve
from stackrace.model.stack import Stack, read_stack

AI = read_stack("ai-stack")
ROW = {name: row for row, name in enumerate(AI.names)}


def small(**tables: object) -> Stack:
    """Chips, cloud and buyers, with more tables."""
    edge = {"weight": 1, "passthrough": 1}
    layers = {
        "chips": {"taste": 0.7},
        "cloud": {"inputs": [{"layer": "chips", **edge}]},
        "buyers": {"frontier_share": 0.9, "inputs": [{"layer": "cloud", **edge}]},
        "reg-buyers": {"inputs": [{"layer": "cloud", **edge}]},
    }
    return Stack.from_dict({"name": "small", "title": "Small", "layers": layers, **tables})


# What overrides what


def test_what_no_one_sets_has_its_declared_default() -> None:
    parameters = resolve(AI)
    assert (parameters.layer.escalation == 0.4).all()
    assert (parameters.buyer.frontier_share == 0.5).all()
    assert parameters.market.price_weight == 2.0
    assert parameters.market.contacts_kind == "watts-strogatz"
    assert (parameters.layer.quality_floor == -math.inf).all()


def test_a_layers_value_overrides_the_files_defaults_which_override_the_declared_ones() -> None:
    stack = small(defaults={"taste": 0.6, "review": 0.9})
    assert resolve(stack).layer.taste.tolist() == [0.7, 0.6, 0.4, 0.4]
    assert resolve(stack).layer.review.tolist() == [0.9, 0.9, 0.4, 0.4]


def test_a_demand_layers_value_overrides_the_markets() -> None:
    stack = small(parameters={"frontier_share": 0.2, "price_weight": 3})
    assert resolve(stack).buyer.frontier_share.tolist() == [0.2, 0.2, 0.9, 0.2]
    assert resolve(stack).market.price_weight == 3.0


def test_the_user_overrides_the_stack() -> None:
    stack = small(parameters={"price_weight": 3, "contacts": {"degree": 4}, "decisions": {"build": False}})
    chosen = {"chips.taste": 0.1, "price_weight": 4, "contacts.degree": 6, "decisions.build": True}
    parameters = resolve(stack, chosen)
    assert parameters.layer.taste[0] == 0.1
    assert parameters.market.price_weight == 4.0
    assert parameters.market.contacts_degree == 6
    assert parameters.market.decisions_build is True


def test_of_two_settings_the_later_one_holds() -> None:
    assert resolve(small(), {"*.taste": 0.1, "chips.taste": 0.2}).layer.taste.tolist() == [0.2, 0.1, 0.4, 0.4]
    assert resolve(small(), {"chips.taste": 0.2, "*.taste": 0.1}).layer.taste.tolist() == [0.1, 0.1, 0.4, 0.4]


def test_a_bare_buyer_parameter_overrides_the_layers_own() -> None:
    assert resolve(small(), {"frontier_share": 0}).buyer.frontier_share.tolist() == [0, 0, 0, 0]


def test_one_demand_layer_can_be_set_alone_and_names_may_have_hyphens() -> None:
    parameters = resolve(small(), {"reg-buyers.frontier_share": 0.1, "reg-buyers.quality_floor": 1})
    assert parameters.buyer.frontier_share.tolist() == [0.5, 0.5, 0.9, 0.1]
    assert parameters.layer.quality_floor.tolist() == [-math.inf, -math.inf, -math.inf, 1]


def test_a_quality_floor_can_be_taken_away_again() -> None:
    chosen = {"buyers.quality_floor": 1.0}
    assert resolve(small(), chosen).layer.quality_floor[2] == 1
    assert resolve(small(), {**chosen, "buyers.quality_floor": -math.inf}).layer.quality_floor[2] == -math.inf


@given(st.sampled_from(sorted({*LAYER} - {"firms", "openable", "quality_floor"})), st.sampled_from(AI.names), st.data())
def test_a_setting_of_one_layer_reaches_that_layer_alone(name: str, layer: str, data: st.DataObject) -> None:
    declared = LAYER[name]
    value = data.draw(st.floats(max(declared.low, 1e-3), declared.high))
    before, after = (getattr(resolve(AI, chosen).layer, name) for chosen in (None, {f"{layer}.{name}": value}))
    assert after[ROW[layer]] == value
    before[ROW[layer]] = value
    assert (before == after).all()


# Types


def test_every_value_is_cast_to_its_declared_type_whatever_was_given() -> None:
    chosen: dict[str, Any] = {
        "*.taste": 1,
        "price_weight": 3,
        "model.firms": np.int64(9),
        "runway": np.float32(2),
        "tooling.openable": np.bool_(False),
    }
    parameters = resolve(AI, {**chosen, "demand_growth": 0})
    dtypes = {float: np.float64, int: np.int64, bool: np.bool_}
    for table, declared in ((parameters.layer, LAYER), (parameters.buyer, BUYER)):
        for name, declaration in declared.items():
            column = getattr(table, name)
            assert column.dtype == dtypes[declaration.kind], name
            assert column.shape == (len(AI.layers),)
    for name, declaration in MARKET.items():
        assert type(getattr(parameters.market, name.replace(".", "_"))) is declaration.kind, name


def test_each_call_gives_arrays_of_its_own() -> None:
    resolve(AI).layer.taste[:] = 9
    assert resolve(AI).layer.taste[0] == 0.2


def test_every_number_has_a_default_within_finite_upper_bounds() -> None:
    for name, declaration in PARAMETERS.items():
        if declaration.kind in (int, float):
            assert math.isfinite(declaration.high), name
            assert declaration.low <= declaration.default <= declaration.high, name  # type: ignore[operator]


def test_parameters_are_written_in_the_shape_of_a_stack_file() -> None:
    written = as_dict(resolve(AI, {"contacts.degree": 6, "enterprise.quality_floor": 1}), AI)
    assert json.loads(json.dumps(written, allow_nan=False)) == written
    assert written["parameters"]["contacts"]["degree"] == 6
    assert written["layers"]["compute"]["build_cost"] == 80.0
    assert "frontier_share" not in written["layers"]["compute"]
    assert written["layers"]["enterprise"]["quality_floor"] == 1.0
    assert "quality_floor" not in written["layers"]["maker"]


def test_written_parameters_say_all_there_is_to_a_run() -> None:
    chosen = {"contacts.degree": 6, "enterprise.quality_floor": 1, "maker.demand_growth": 0.1, "*.taste": 0.3}
    before = resolve(AI, chosen)
    written = as_dict(before, AI)
    tables = AI.as_dict()
    for name, table in tables["layers"].items():
        table |= written["layers"][name]
    again = Stack.from_dict({**tables, "parameters": written["parameters"]})
    assert as_dict(resolve(again), again) == written


# Mistakes

MISTAKES = {
    "misspelt in a layer": (
        "model.tast",
        1,
        "model.tast: layers have no parameter 'tast': did you mean 'model.taste'?",
    ),
    "misspelt layer": (
        "modle.taste",
        1,
        "modle.taste: no layer is called 'modle': did you mean 'model'? (* is all layers that sell)",
    ),
    "misspelt": ("price_wieght", 1, "no parameter is called 'price_wieght': did you mean 'price_weight'?"),
    "misspelt in a group": (
        "contacts.degre",
        1,
        "no parameter is called 'contacts.degre': did you mean 'contacts.degree'?",
    ),
    "bare and misspelt": (
        "swiching_cost",
        1,
        "no parameter is called 'swiching_cost': did you mean '*.switching_cost'?",
    ),
    "bare": ("taste", 1, "taste is a parameter of layers: write *.taste for all that sell or embedded.taste"),
    "bare floor": ("quality_floor", 1, "quality_floor is a parameter of demand layers: write enterprise.quality_floor"),
    "group": (
        "contacts",
        1,
        "contacts is a group: choose from contacts.kind, contacts.degree, contacts.rewiring",
    ),
    "market's in a layer": (
        "*.price_weight",
        1,
        "*.price_weight: price_weight has one value for the whole market: write price_weight",
    ),
    "buyers' in a seller": (
        "model.frontier_share",
        1,
        "model.frontier_share: frontier_share describes buyers:"
        " write frontier_share or enterprise.frontier_share or maker.frontier_share",
    ),
    "floor of all sellers": (
        "*.quality_floor",
        1,
        "*.quality_floor: quality_floor describes buyers: write enterprise.quality_floor or maker.quality_floor",
    ),
    "too low": ("model.taste", -0.1, "model.taste must be a number, 0 to 20 (appeal), not -0.1"),
    "too high": ("funding", 1.1, "funding must be a number, 0 to 1, not 1.1"),
    "nan": ("funding", math.nan, "funding must be a number, 0 to 1, not nan"),
    "inf": ("model.fixed_cost", math.inf, "model.fixed_cost must be a number, 0 to 1e+06 (money/step), not inf"),
    "text": ("funding", "much", "funding must be a number, 0 to 1, not 'much'"),
    "bool": ("funding", True, "funding must be a number, 0 to 1, not true"),
    "number for bool": ("decisions.build", 0, "decisions.build must be true | false, not 0"),
    "broken number": ("max_allies", 2.5, "max_allies must be a whole number, 0 to 100 (firms), not 2.5"),
    "many": ("funding", [0.1], "funding must be a number, 0 to 1, not [0.1]"),
    "kind": (
        "contacts.kind",
        "ring",
        "contacts.kind must be watts-strogatz | erdos-renyi | barabasi-albert | stochastic-blocks, not 'ring'",
    ),
    "odd ring": (
        "contacts.degree",
        5,
        "contacts.degree must be even, not 5: in a watts-strogatz network contacts come in pairs, one on each side",
    ),
    "too many contacts": (
        "contacts.degree",
        552,
        "contacts.degree must be 551 or less, not 552: there are 552 firms in all",
    ),
    "free source": (
        "device.base_cost",
        0,
        "device.base_cost must be above 0, not 0: a layer without inputs would give its product away,"
        " and appeal takes the logarithm of cost",
    ),
    "empty": ("", 1, "no parameter is called '': choose from"),
    "two lines": ("a\nb", 1, "no parameter is called 'a\\nb': choose from"),
}


@pytest.mark.parametrize(("name", "value", "answer"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_answered_in_one_line_with_its_repair(name: str, value: object, answer: str) -> None:
    with pytest.raises(ParameterError) as caught:
        resolve(AI, {name: value})  # type: ignore[dict-item]
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(answer) if answer.endswith("choose from") else message == answer


def test_an_odd_degree_is_fine_where_contacts_do_not_come_in_pairs() -> None:
    assert resolve(AI, {"contacts.degree": 5, "contacts.kind": "erdos-renyi"}).market.contacts_degree == 5


def test_fewer_firms_than_named_ones_are_refused() -> None:
    stack = small(firms={"NVIDIA": {"home": "chips"}, "AMD": {"home": "chips"}})
    with pytest.raises(ParameterError, match=r"^chips\.firms must be 2 or more, not 1: so many named firms"):
        resolve(stack, {"chips.firms": 1})


# The command line's way to write a setting


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("model.taste=.1", ("model.taste", 0.1)),
        ("model.taste = 1e-3", ("model.taste", 0.001)),
        ("contacts.degree=6", ("contacts.degree", 6)),
        ("demand_growth=-.02", ("demand_growth", -0.02)),
        ("decisions.build=false", ("decisions.build", False)),
        ("model.openable=true", ("model.openable", True)),
        ("contacts.kind=erdos-renyi", ("contacts.kind", "erdos-renyi")),
        ('contacts.kind="erdos-renyi"', ("contacts.kind", "erdos-renyi")),
        ("max_allies=1_0", ("max_allies", 10)),
    ],
)
def test_a_written_setting_is_understood(text: str, setting: tuple[str, object]) -> None:
    name, value = parse_setting(text)
    assert (name, value) == setting
    assert type(value) is type(setting[1])
    resolve(AI, {name: value})


@pytest.mark.parametrize("text", ["", "=", "price_weight", "price_weight=", "=3", " = 3"])
def test_what_is_no_setting_is_answered_with_an_example(text: str) -> None:
    with pytest.raises(ParameterError, match=r"is not a setting: write NAME=VALUE, such as model\.taste=0\.1$"):
        parse_setting(text)
