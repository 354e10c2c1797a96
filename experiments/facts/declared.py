"""The facts as they were declared before they were measured: `facts.toml`."""

from __future__ import annotations

import math
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from ...model.parameters import Value
from ...model.stack import Stack
from . import growth, network, structure, turnover
from .history import History, struck_layer

FOLDER = Path(__file__).parent


class Convention(NamedTuple):
    """What is common to all facts."""

    seeds: int  # at least
    steps: int
    wave: int  # the step in which the discontinuity begins
    holds: float  # share of seeds from which on a fact holds
    fails: float  # share of seeds up to which it fails

    def verdict(self, share: float) -> str:
        """What a share of seeds in which the fact is there comes to."""
        return "holds" if share >= self.holds else "fails" if share <= self.fails else "mixed"


class Fact(NamedTuple):
    """One stylised fact: what is said, by whom, and when it is there."""

    id: str
    statement: str
    source: str
    statistic: str
    meaning: str
    low: float = -math.inf
    high: float = math.inf
    wave: bool = False

    @property
    def tolerance(self) -> str:
        """The values with which the fact is there."""
        told = f"{self.low:g} or more" if self.high == math.inf else f"{self.high:g} or less"
        return told.replace("-", "−")

    def value(self, history: History, struck: History) -> float:
        """The statistic in one seed; NaN where it does not exist. `struck` is the market with a discontinuity."""
        statistic = next(found for each in PLACES if (found := getattr(each, self.statistic, None)))
        return float(statistic(history, struck) if self.wave else statistic(history))

    def is_there(self, value: float) -> bool:
        """Whether a value lies within the tolerance; NaN does not."""
        return self.low <= value <= self.high


PLACES = (growth, turnover, network, structure)


class Try(NamedTuple):
    """A change that may give a market a fact that it lacks: of what, why, what was expected of it, and what is set."""

    fact: str
    of: str
    why: str
    set: dict[str, Value]
    wave: dict[str, Value] = {}  # noqa: RUF012 - never written to
    expected: str = ""

    def settings(self, stack: Stack) -> dict[str, Value]:
        """What is set in a stack."""
        return {name.format(struck=struck_layer(stack)): value for name, value in self.set.items()}


@cache
def facts() -> tuple[Fact, ...]:
    """All facts, in their order."""
    return tuple(Fact(**each) for each in read("facts.toml")["facts"])


@cache
def convention() -> Convention:
    """When a fact holds."""
    return Convention(**read("facts.toml")["convention"])


@cache
def tries() -> dict[tuple[str, str], Try]:
    """Fact and what is changed -> a change that is tried where the fact is missing."""
    return {(each["fact"], each["of"]): Try(**each) for each in read("tries.toml")["tries"]}


def read(name: str) -> dict[str, Any]:
    """What a file of this folder says."""
    return tomllib.loads((FOLDER / name).read_text("utf-8"))
