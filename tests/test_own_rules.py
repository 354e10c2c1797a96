"""Rules of a user's own in the place of shipped ones."""

from __future__ import annotations

import functools
import hashlib
import inspect
import json
from typing import Any

import numpy as np
import pytest

import stackrace
from stackrace.agents.ally import value_of_alliance
from stackrace.agents.build import gain_of_building
from stackrace.agents.own import own_rules
from stackrace.agents.price import PriceView, markup_after
from stackrace.agents.switch import appeal
from stackrace.model.errors import SimulationError
from stackrace.model.world import opened

from .markets import stack_named

SHIPPED: dict[str, Any] = {
    "price": markup_after,
    "switch": appeal,
    "build": gain_of_building,
    "ally": value_of_alliance,
}


def cost_plus(view: PriceView) -> float:
    return 0.25


def in_plain_python(rule: Any) -> Any:
    """The same rule in a form that cannot be compiled."""
    return lambda view: float(json.loads(json.dumps(rule(view))))


def record(rules: Any, stack: str = "rich", steps: int = 30) -> Any:
    return stackrace.simulate(stack_named(stack), seed=3, steps=steps, rules=rules).record


@pytest.mark.parametrize("decision", SHIPPED)
def test_the_shipped_rule_given_as_ones_own_changes_nothing(decision: str) -> None:
    rule = SHIPPED[decision]
    compiled, plain = own_rules({decision: rule}), own_rules({decision: in_plain_python(rule)})
    assert compiled[decision].compiled and not plain[decision].compiled
    shipped = record(None)
    np.testing.assert_array_equal(record(compiled), shipped)
    np.testing.assert_array_equal(record(plain), shipped)


@pytest.mark.parametrize(
    ("decision", "rule"),
    [
        ("price", cost_plus),
        ("switch", lambda view: -view.option.paid),
        ("build", lambda view: -1.0),
        ("ally", lambda view: view.discount - view.options),
    ],
)
def test_a_compiled_rule_and_the_same_in_plain_python_give_the_same_history(decision: str, rule: Any) -> None:
    compiled, plain = record({decision: rule}), record({decision: in_plain_python(rule)})
    np.testing.assert_array_equal(compiled, plain)
    assert not np.array_equal(compiled, record(None), equal_nan=True)


def test_firms_that_price_at_cost_plus_a_quarter_have_a_lerner_index_of_a_fifth() -> None:
    nothing_else = {"open_share": 0, **{f"decisions.{name}": False for name in ("ally", "build", "open")}}
    run = stackrace.simulate("ai-stack", steps=12, set={**nothing_else, "entry_rate": 0}, rules={"price": cost_plus})
    late = run.measures[(run.measures.step > 4) & run.measures.layer.isin(run.stack.selling_layers)]
    assert late.lerner.dropna().to_numpy() == pytest.approx(0.2)


def test_who_never_gains_from_building_never_builds() -> None:
    run = stackrace.simulate("ai-stack", steps=20, rules={"build": lambda view: 0.0}, events=True)
    assert not (run.events.kind == "built").any()


def test_a_markup_set_by_a_rule_of_ones_own_stays_between_cost_and_the_cap() -> None:
    for wanted, bound in ((-5.0, 0.0), (1e9, 20.0)):
        world = stackrace.simulate("ai-stack", steps=2, rules={"price": lambda view, wanted=wanted: wanted}).state_at(2)
        sells = world.state.operates & ~world.state.layers.is_demand[:-1, None]
        before = world.state.units.markup[sells & (world.state.units.volume > 0)]
        assert set(before.tolist()) == {bound}


def test_a_rule_is_recorded_by_its_name_and_the_hash_of_its_source(tmp_path: Any) -> None:
    run = stackrace.simulate(stack_named("tiny"), steps=3, rules={"price": cost_plus})
    saved = json.loads((run.save(tmp_path / "run") / "run.json").read_text())
    digest = hashlib.sha256(inspect.getsource(cost_plus).encode()).hexdigest()  # it encloses nothing
    assert saved["own_rules"] == {"price": {"name": "cost_plus", "digest": digest}}
    assert stackrace.load(tmp_path / "run").rules["price"].digest == digest  # type: ignore[union-attr]
    other = stackrace.simulate(stack_named("tiny"), steps=3).save(tmp_path / "other")
    assert json.loads((other / "run.json").read_text())["content"] != saved["content"]


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({"prize": cost_plus}, "there is no rule 'prize' to replace; there are price, switch, build, ally"),
        ({"price": 3}, "'price' must be a function of one PriceView, not 3"),
        ({"price": lambda one, two: 0.0}, "'price' must be a function of one PriceView"),
        ([1], "give decisions and functions"),
    ],
)
def test_what_is_no_rule_is_told_beforehand(rules: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        stackrace.simulate(stack_named("tiny"), steps=1, rules=rules)


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (lambda view: view.mark_up, "failed: AttributeError: 'PriceView' object has no attribute 'mark_up'"),
        (lambda view: {}["nothing"], "failed: KeyError: 'nothing'"),
        (lambda view: np.nan, "returned something that is no finite number"),
        (lambda view: float(json.loads("NaN")), "returned something that is no finite number"),
        (lambda view: None, "failed: TypeError"),
    ],
)
def test_a_rule_that_fails_is_told_in_one_line(rule: Any, told: str) -> None:
    with pytest.raises(SimulationError, match="rule 'price'") as error:
        stackrace.simulate(stack_named("tiny"), steps=5, rules={"price": rule})
    assert told in str(error.value)
    assert "its view has markup, unit_cost" in str(error.value)
    assert "\n" not in str(error.value)


def bent(view: PriceView) -> float:
    """A rule in which compiled and plain arithmetic would differ in the last bit."""
    return view.markup**3 + 1.0 / view.external_volume if view.external_volume != 0.5 else 0.0


def test_what_python_would_refuse_compiled_rules_may_do() -> None:
    with pytest.raises(SimulationError, match="finite"):  # 1/0 is infinite, and no traceback
        stackrace.simulate(stack_named("rich"), steps=30, rules={"price": bent})


def test_ctrl_c_inside_a_rule_stops_the_run() -> None:
    def interrupted(view: PriceView) -> float:
        raise KeyboardInterrupt(json.dumps("now"))

    with pytest.raises(KeyboardInterrupt):
        stackrace.simulate(stack_named("tiny"), steps=50, rules={"price": interrupted})


def test_a_rule_that_failed_once_may_be_asked_again() -> None:
    broken = [True]

    def moody(view: PriceView) -> float:
        if broken[0]:
            raise ValueError(json.dumps("not today"))
        return 0.3

    world = opened(stack_named("tiny"), 1, rules={"price": moody})
    with pytest.raises(SimulationError, match="not today"):
        world.copy().advance(3)
    broken[0] = False
    assert world.copy().advance(3).record.shape[0] == 3


def factory(markup: float) -> Any:
    return lambda view: markup


class Callable:
    def __init__(self, markup: float) -> None:
        self.markup = markup

    def __call__(self, view: PriceView) -> float:
        return self.markup


def times(view: PriceView, factor: float) -> float:
    return factor * view.markup


@pytest.mark.parametrize(
    "made",
    [factory, Callable, lambda markup: functools.partial(times, factor=markup)],
    ids=["closure", "object", "partial"],
)
def test_rules_that_differ_in_what_they_enclose_are_told_apart(made: Any) -> None:
    one, same, other = (own_rules({"price": made(markup)})["price"] for markup in (0.1, 0.1, 0.5))
    assert one.digest == same.digest != other.digest
    assert one == same != other
    assert not np.array_equal(record({"price": one}), record({"price": other}), equal_nan=True)


def test_a_saved_run_can_be_played_again_with_the_rule_that_it_followed(tmp_path: Any) -> None:
    run = stackrace.simulate(stack_named("tiny"), steps=6, rules={"price": cost_plus})
    folder = run.save(tmp_path / "run")
    bare = stackrace.load(folder)
    with pytest.raises(ValueError, match="known by name and hash only: give it as rules="):
        bare.state_at(3)  # type: ignore[union-attr]
    given = stackrace.load(folder, rules={"price": cost_plus})
    assert given.replay(events=True).records == {"events"}  # type: ignore[union-attr]
    with pytest.raises(ValueError, match="follows another rule for 'price' than the one given: cost_plus"):
        stackrace.load(folder, rules={"price": lambda view: 0.5})


def test_a_branch_of_a_loaded_run_never_follows_the_shipped_rule_unawares(tmp_path: Any) -> None:
    run = stackrace.simulate(stack_named("tiny"), steps=6, rules={"price": cost_plus})
    branch = stackrace.simulate(start=run.state_at(3), steps=3)
    loaded = stackrace.load(branch.save(tmp_path / "branch"))
    with pytest.raises(ValueError, match="known by name and hash only"):
        stackrace.simulate(start=loaded.start, steps=3)  # type: ignore[union-attr]
    again = stackrace.simulate(start=loaded.start, steps=3, rules={"price": cost_plus})  # type: ignore[union-attr]
    np.testing.assert_array_equal(again.record, branch.record)
    other = stackrace.simulate(start=run.state_at(3), steps=3).save(tmp_path / "other")
    texts = [json.loads((folder / "run.json").read_text())["content"] for folder in (tmp_path / "branch", other)]
    assert texts[0] == texts[1]
