"""Firms do what they say that they would do: asking one in plain Python equals what the compiled market then does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from stackrace.model.events import ALLIED, BUILT, PARTED, SWITCHED
from stackrace.model.parameters import Value
from stackrace.model.views import switch
from stackrace.model.views.consider import Foresight
from stackrace.model.views.moment import Moment
from stackrace.model.world import World, opened

from .foresight import disagreements
from .markets import HALF_SIZE, columns, copied, same_bits, stack_named

MARKETS: dict[str, Mapping[str, Value]] = {
    "ai-stack": HALF_SIZE,
    "ai-2025": {"bundle_discount": 0.2, "foreclosure": 0.1},
    "rich": {},
    "tiny": {},
}


def market(name: str, seed: int = 4) -> World:
    return opened(stack_named(name), seed, MARKETS[name])


@pytest.mark.parametrize("name", MARKETS)
def test_for_twenty_steps_every_firm_decides_as_it_said(name: str) -> None:
    world = market(name)
    for _ in range(20):
        assert list(disagreements(world)) == []
        world.advance()


def test_they_decide_as_they_said_when_much_happens() -> None:
    settings = {"exclusivity": 0.2, "alliance_upkeep": 0.001, "alliance_trust": 0.01, "*.build_cost": 0.5}
    world = opened(stack_named("rich"), 5, settings)
    kinds = set()
    for _ in range(20):
        assert list(disagreements(world)) == []
        kinds |= set(world.advance(events=True).events.kind.tolist())
    assert kinds >= {SWITCHED, BUILT, ALLIED, PARTED}


PLANTED = {
    "a price seen wrongly": (Moment, "paid", lambda self, e, i, j: 1.01 * self.units.unit_cost[self.edges.input[e]][j]),
    "allies forgotten": (Moment, "allies", lambda self, i: []),
    "contacts forgotten": (Moment, "contacts", lambda self, i: []),
    "a taste forgotten": (switch, "taste", lambda m, e, i, j: 0.0),
    "no making": (switch, "making", lambda m, e, i, present, top: None),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_a_firm_that_sees_something_else_than_the_engine_is_caught(planted: str, monkeypatch: Any) -> None:
    world = market("ai-stack")
    world.advance(8)
    monkeypatch.setattr(*PLANTED[planted])
    assert any(any(disagreements(world)) for _ in range(6) if world.advance())


@pytest.mark.parametrize(
    ("decision", "rule"),
    [
        ("price", lambda view: (view.markup**3 + 1.0 / view.unit_cost) / (1.0 + view.quality**2)),
        ("switch", lambda view: -view.option.paid),
        ("build", lambda view: view.cash - view.build_cost),
        ("ally", lambda view: view.discount),
    ],
)
def test_an_engine_that_follows_another_rule_than_the_firms_believe_is_caught(decision: str, rule: Any) -> None:
    world = market("ai-stack").changed(None, {decision: rule})
    world.advance(8)
    assert list(disagreements(world)) == [], "firms know a rule of the user's own"
    followed, world.rules = world.rules, {}
    assert any(disagreements(world))
    assert followed


def test_asking_changes_nothing() -> None:
    world = market("ai-2025")
    world.advance(5)
    before = copied(world.state)
    for decision in ("switch", "build", "ally", "price"):
        Foresight(world).consider(3, decision)
    for (name, one), (_, other) in zip(columns(before), columns(world.state), strict=True):
        assert same_bits(one, other), name


@pytest.mark.parametrize("decision", ["switch", "ally"])
def test_terms_add_up_to_the_value_of_an_option(decision: str) -> None:
    world = market("ai-2025")
    world.advance(10)
    foresight = Foresight(world)
    options = [o for i in range(80) for q in foresight.consider(i, decision).questions for o in q.options]
    assert len(options) > 100
    assert all(option.value == pytest.approx(sum(option.terms.values()), abs=1e-12) for option in options)


def test_a_consideration_explains_itself() -> None:
    world = market("ai-2025")
    world.advance(10)
    asked = Foresight(world).consider(world.register.find("Microsoft")[0], "switch")
    text = str(asked)
    assert text.startswith("Microsoft in 2028-Q3, switch:")
    assert "hosting buys compute (source 1): " in text
    assert "NVIDIA: " in text and "quality +" in text and "price -" in text
    assert set(asked.table.columns) >= {"about", "due", "option", "quality", "price", "taste", "value", "chosen"}
    assert asked.table.groupby("about").chosen.sum().eq(1).all()


def test_firms_are_asked_about_decisions_only() -> None:
    with pytest.raises(ValueError, match="do not consider 'lunch': ask for switch, build, ally, price"):
        Foresight(market("tiny")).consider(0, "lunch")
