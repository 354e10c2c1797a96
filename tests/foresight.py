"""What firms say that they would do, held against what the engine then does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np

from stackrace.agents.price import profit_at
from stackrace.model.views.consider import Foresight
from stackrace.model.world import World


def disagreements(world: World) -> Iterator[str]:
    """Every decision of the coming step that the engine takes otherwise than the firm said."""
    foresight = Foresight(world)
    rows = range(len(world.state.firms))
    yield from about_switching(foresight, rows)
    yield from about_prices(foresight, rows)
    yield from about_building(foresight, rows)
    yield from about_allies(foresight, rows)


def differing(who: str, said: Any, done: Any, names: Any) -> Iterator[str]:
    for name in names:
        if name in said and not np.array_equal(said[name], done(name), equal_nan=True):
            yield f"{who}: {name} would be {said[name]}, is {done(name)}"


def about_switching(foresight: Foresight, rows: range) -> Iterator[str]:
    before, after = foresight.moment("source"), foresight.moment("price").state
    heard: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for i in rows:
        edges = [e for e, _, _ in before.needs(i)]
        asked = foresight.consider(i, "switch")
        assert len(edges) == len(asked.questions)
        for e, question in zip(edges, asked.questions, strict=True):
            said, link = question.outcome, after.links[e, i]
            if not question.due:
                said = {**said, "moves": False, "makes": False, "itch": before.links.itch[e][i]}
            elif said["makes"]:
                said = {name: value for name, value in said.items() if name != "moves"}
            names = ("tenure", "makes", "moves", "chosen", "unmet", "itch", "outside_price")
            yield from differing(f"{asked.firm}, {question.about}", said, lambda name, link=link: link[name], names)
            for j, deal in said.get("reports", ()):
                heard[before.edges.input[e], j].append(deal)
    yield from about_reports(before, after, heard)


def about_reports(before: Any, after: Any, heard: Any) -> Iterator[str]:
    """Sellers hear what the clients' considerations say that they do."""
    probe, beta = before.market.price_probe, before.market.price_weight
    for k, i in np.argwhere(after.operates).tolist():
        deals, unit = heard[k, i], after.units[k, i]
        sums = {
            "profit_up": sum(profit_at(deal, probe, beta) for deal in deals),
            "profit_down": sum(profit_at(deal, -probe, beta) for deal in deals),
            "revenue_won": sum(deal.volume * deal.price for deal in deals if deal.distance > 0.0),
        }
        for name, value in sums.items():
            if not np.isclose(unit[name], value, rtol=1e-12, atol=1e-12):
                yield f"{before.name(i)} in {before.names[k]}: {name} would be {value}, is {unit[name]}"


def about_prices(foresight: Foresight, rows: range) -> Iterator[str]:
    after = foresight.moment("build").state
    for i in rows:
        for question in foresight.consider(i, "price").questions:
            unit = after.units[question.outcome["layer"], i]
            who = f"row {i}, {question.about}"
            yield from differing(who, question.outcome, lambda name, unit=unit: unit[name], ("markup", "open"))


def about_building(foresight: Foresight, rows: range) -> Iterator[str]:
    before, after = foresight.moment("build"), foresight.moment("ally").state
    for i in rows:
        asked = foresight.consider(i, "build")
        cash, founded = before.firms.cash[i], set()
        for question in asked.questions:
            said = question.outcome
            if "edge" in said:
                link = before.state.links[said["edge"], i]
                yield from differing(asked.firm, said, lambda name, link=link: link[name], ("makes",))
            elif "forward" in said:
                yield from differing(asked.firm, said, lambda name, i=i: after.firms[i][name], ("forward",))
            elif said["built"]:
                founded.add(said["layer"])
                cash -= said["cost"]
                names = ("next_capability", "next_experience", "next_capacity")
                unit = after.units[said["layer"], i]
                yield from differing(asked.firm, said, lambda name, unit=unit: unit[name], names)
        now = set(np.flatnonzero(after.operates[:, i]).tolist()) - {*before.operated(i)}
        if now != founded:
            yield f"{asked.firm}: would build in {founded}, builds in {now}"
        if cash != after.firms.cash[i]:
            yield f"{asked.firm}: would have {cash} left, has {after.firms.cash[i]}"


def about_allies(foresight: Foresight, rows: range) -> Iterator[str]:
    after = foresight.moment("life").state
    before = foresight.moment("ally")
    for i in rows:
        asked = foresight.consider(i, "ally")
        said: dict[str, Any] = {"suitor": -1, "accepted": -1}
        for question in asked.questions:
            said |= {name: question.outcome[name] for name in said if name in question.outcome}
            if "parts" in question.outcome:
                place = before.ties[i].index(question.outcome["ally"])
                parts = after.ties[i, place].parts
                yield from differing(
                    f"{asked.firm}, {question.about}", question.outcome, lambda _, p=parts: p, ["parts"]
                )
        if before.market.decisions_ally:
            yield from differing(asked.firm, said, lambda name, i=i: after.firms[i][name], said)
