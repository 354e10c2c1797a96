"""What a firm considered at a step and why it chose as it did, for a page."""

from __future__ import annotations

import math
from typing import Any

from ...model.views.consider import DECISIONS, Foresight
from ...model.views.question import Alternative, Question
from ..histories.explain import NEEDED
from ..run import recorded
from .asked import Asked, AskedError
from .film import market_at

MOST_OPTIONS = 12
"""Of a question, the best first."""


def considered(asked: Asked, firm: str, step: int) -> dict[str, Any]:
    """What a firm was to decide in a step, its options term by term, and its choice; raises InputError."""
    if not 0 <= step < asked.steps:
        raise AskedError(f"step {step} is not one of this run: it has 0 to {asked.steps - 1}")
    world = market_at(asked, step)
    slot, birth = world.register.find(firm)
    row = int(world.state.firms.row_of_slot[slot])
    there = world.state.firms[row]
    foresight = Foresight(world)
    if not (there.alive and there.birth == birth):
        return {"firm": firm, "when": foresight.when, "decisions": []}
    asked_of = [foresight.consider(row, decision) for decision in DECISIONS]
    return {
        "firm": firm,
        "when": foresight.when,
        "decisions": [
            {"decision": each.decision, "questions": [_question(question) for question in each.questions]}
            for each in asked_of
        ],
    }


def _question(question: Question) -> dict[str, Any]:
    options = sorted(question.options, key=lambda each: -each.value)
    chosen = question.outcome.get("option")
    return {
        "about": question.about,
        "due": bool(question.due),
        "choice": question.choice,
        "options": [_option(option, option.name == chosen) for option in options[:MOST_OPTIONS]],
        "more": max(0, len(options) - MOST_OPTIONS),
    }


def _option(option: Alternative, chosen: bool) -> dict[str, Any]:
    terms = {name: finite(value) for name, value in option.terms.items() if value != 0.0}
    return {"name": option.name, "value": finite(option.value), "terms": terms, "chosen": chosen}


def finite(value: Any) -> float | None:
    """A number as JSON has it."""
    number = float(value)
    return number if math.isfinite(number) else None


def history(asked: Asked, firm: str) -> str:
    """The history of a firm in sentences; raises InputError."""
    return recorded(asked.world(), None, asked.steps, True, NEEDED).explain(firm)
