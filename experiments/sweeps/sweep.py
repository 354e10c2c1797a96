"""A sweep: every point of a design, under every policy, with every seed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from ...agents.own import OwnRule
from ...model import RULES
from ...model.errors import InputError, checked_count
from ...model.interventions import as_tables, check
from ...model.parameters import Parameters, Value
from ...model.policy import Policy
from ...model.settings import given_settings, overlaid, resolve
from ...model.stack import Stack
from ..comparisons.study import BASELINE
from ..manifest import content, known_by
from ..regimes import WINDOW
from .design import Design, Point
from .one_run import Job

AS_IT_IS = Policy(BASELINE, "", ())
"""The market without any policy."""


LARGEST = 10_000_000
"""Runs that a sweep has at most; a mistyped number is more likely than so many of them."""


class Task(NamedTuple):
    """One run of a sweep: its identity, its place in the design, and what differs in it."""

    run: str
    number: int
    point: int
    policy: str
    seed: int
    set: Mapping[str, Value]


@dataclass(frozen=True)
class Sweep:
    """What is to be run: each of the points under each of the policies with each of the seeds.

    The points are those of the design, in its order; `set` holds in all runs. Measures are stored as means over the
    last `window` steps, and of every step too if `series` is asked for.
    """

    stack: Stack
    design: Design
    points: tuple[Point, ...]
    seeds: tuple[int, ...]
    steps: int
    set: Mapping[str, Value]
    policies: tuple[Policy, ...] = (AS_IT_IS,)
    window: int = WINDOW
    series: bool = False
    rules: Mapping[str, OwnRule] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.points) * len(self.policies) * len(self.seeds)

    def tasks(self) -> Iterator[Task]:
        """All runs in the order of the design: points, then policies, then seeds."""
        number = 0
        for n, point in enumerate(self.points):
            given = overlaid(self.set, point)
            for policy in self.policies:
                identity = self._identities[n, policy.name]
                for seed in self.seeds:
                    run = hashlib.sha256(f"{identity} {seed}".encode()).hexdigest()[:20]
                    yield Task(run, number, n, policy.name, seed, given)
                    number += 1

    def job(self, task: Task) -> Job:
        """What a worker needs to know of one of the runs."""
        policy = next(each for each in self.policies if each.name == task.policy)
        rules = {decision: rule.function for decision, rule in self.rules.items()}
        return Job(self.stack, task.set, policy.interventions, task.seed, self.steps, self.window, self.series, rules)

    @cached_property
    def _identities(self) -> dict[tuple[int, str], str]:
        every = ((n, overlaid(self.set, point)) for n, point in enumerate(self.points))
        return {(n, each.name): self._identity(given, each) for n, given in every for each in self.policies}

    def _identity(self, given: Mapping[str, Value], policy: Policy) -> str:
        """What the runs of a point under a policy have in common: stack, every parameter, steps, rules, policy.

        Parameters that cannot be resolved are taken as they were given: such runs fail, and are known by that.
        """
        planned = as_tables(policy.interventions)
        try:
            parameters = resolve(self.stack, given)
        except InputError:
            told: Any = [RULES, self.stack.identity(), sorted(map(str, given.items())), self.steps, planned]
            return hashlib.sha256(repr(told).encode()).hexdigest()
        found = content(RULES, self.stack, parameters, (), self.steps, "", known_by(self.rules), "", planned)
        return f"{found} {min(self.window, self.steps)}"


def _first_that_fits(stack: Stack, given: Mapping[str, Value], points: Sequence[Point]) -> Parameters:
    """The parameters of the first point that has any; raises InputError if none has: no run could be done."""
    faults = []
    for point in points:
        try:
            return resolve(stack, overlaid(given, point))
        except InputError as error:
            faults.append(error)
    raise faults[0]


def swept(
    stack: Stack,
    design: Design,
    *,
    seeds: Sequence[int],
    steps: int,
    set: Mapping[str, Value] | None = None,
    policies: Sequence[Policy] = (AS_IT_IS,),
    window: int = WINDOW,
    series: bool = False,
) -> Sweep:
    """A sweep whose parts fit each other; raises InputError."""
    given = given_settings(set)
    points = tuple(design.made())
    if not points:
        raise InputError("the design has no points: give parameters that vary, or a list of one")
    names = [policy.name for policy in policies]
    if not names or len({*names}) < len(names):
        raise InputError(f"policies are {', '.join(names) or 'none'}: name one or more, each once")
    if (runs := len(points) * len(names) * len(seeds)) > LARGEST:
        raise InputError(f"these are {runs:,} runs: a sweep has {LARGEST:,} at most, make several of it")
    parameters = _first_that_fits(stack, given, points)
    for policy in policies:
        check(policy.interventions, stack, parameters)
    return Sweep(
        stack,
        design,
        points,
        tuple(seeds),
        checked_count("steps", steps, 1),
        given,
        tuple(policies),
        checked_count("window", window, 1),
        series,
    )
