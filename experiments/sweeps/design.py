"""Designs of experiments: which points of a space of parameters a sweep runs.

Every point is a set of parameters by public name. Designs that fill a space work in the unit cube, and each factor
says which value stands at which share of its range.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...model.checks import meant, misfit
from ...model.errors import InputError
from ...model.parameters import PARAMETERS, Floats, Parameter, Value
from ...model.settings import PARAMS, declaration_of, plain_setting

Point = dict[str, Value]
MOST_POINTS = 1_000_000
LEVELS = 4
"""Levels of a Morris design, an even number (Morris, Factorial Sampling Plans, 1991)."""


@dataclass(frozen=True)
class Factor:
    """A parameter that varies: over given values, or over a range, evenly in the value or in its logarithm.

    The range of whole numbers ends before `high`.
    """

    name: str
    values: tuple[Value, ...] = ()
    low: float = 0.0
    high: float = 1.0
    log: bool = False
    whole: bool = False

    def at(self, share: float) -> Value:
        """The value at a share of the range, 0 to 1; of given values each has an equal part of it."""
        if self.values:
            return self.values[min(int(share * len(self.values)), len(self.values) - 1)]
        if self.log:
            value = math.exp(math.log(self.low) + share * (math.log(self.high) - math.log(self.low)))
        else:
            value = self.low + share * (self.high - self.low)
        return min(math.floor(value), int(self.high) - 1) if self.whole else min(max(value, self.low), self.high)


@dataclass(frozen=True)
class Design:
    """A kind of design over factors, with what that kind needs: how many points, and the seed of its chance.

    `points` are points of a random or Latin design, base samples of a Sobol one (a power of 2; it has points times
    factors + 2, or twice factors + 2 with `second_order`), trajectories of a Morris one (times factors + 1).
    """

    kind: str
    factors: tuple[Factor, ...] = ()
    points: int = 0
    seed: int = 0
    second_order: bool = False

    def made(self) -> list[Point]:
        """The points, in the order of the design; raises InputError."""
        return KINDS[self.kind](self)


def factor(name: str, given: Any) -> Factor:
    """A factor from what a sweep's file says: values, or a table with low, high and log; raises InputError.

    Bounds that are left out are those of the parameter's declaration.
    """
    try:
        declared = declaration_of(name)
    except KeyError:
        raise InputError(
            f"no parameter is called {name!r}: {meant(name.rpartition('.')[2], PARAMETERS, told_by=PARAMS)}"
        ) from None
    if isinstance(given, list | tuple):
        values = [plain_setting(name, value) for value in given]
        _check(name, declared, values)
        return Factor(name, tuple(values))
    if not isinstance(given, Mapping):
        raise InputError(f"{name}: write values as [0.1, 0.2], or a range as {{ low = 0.1, high = 0.2 }}")
    for key in given:
        if key not in RANGE:
            raise InputError(f"{name}: {key!r} is unknown: {meant(str(key), RANGE)}")
    if declared.choices or declared.kind is bool:
        if given:
            raise InputError(f"{name} has no range: give values, or {{}} for {declared.range}")
        return Factor(name, declared.choices or (False, True))
    return _range(name, declared, given)


RANGE = ("low", "high", "log")


def _range(name: str, declared: Parameter, given: Mapping[str, Any]) -> Factor:
    low, high, log = given.get("low", declared.low), given.get("high", declared.high), given.get("log", False)
    _check(name, declared, [bound for key, bound in given.items() if key != "log"] or (declared.default,))
    whole = declared.kind is int
    if whole:
        low, high = (int(bound) if float(bound).is_integer() else bound for bound in (low, high))
    if not all(math.isfinite(bound) for bound in (low, high)):
        raise InputError(f"{name}: its declared range has no end ({declared.range}): give low and high")
    _check(name, declared, (low, high))
    if not isinstance(log, bool) or not low < high:
        raise InputError(f"{name}: low must be below high, and log true or false, not {dict(given)!r}")
    if log and low <= 0:
        raise InputError(f"{name}: a logarithmic range begins above 0, not at {low:g}: give low")
    return Factor(name, (), float(low), float(high) + (1.0 if whole else 0.0), log, whole)


def _check(name: str, declared: Parameter, values: Sequence[Any]) -> None:
    """Raises InputError unless the parameter can take all of the values, of which there is one at least."""
    if not values:
        raise InputError(f"{name}: no values are given: write [0.1, 0.2], or {{ low = 0.1, high = 0.2 }}")
    for value in values:
        if problem := misfit(declared, value):
            raise InputError(f"{name} {problem}")


def grid(design: Design) -> list[Point]:
    """All combinations of the values given, the last factor moving fastest."""
    names = [each.name for each in design.factors]
    if (points := math.prod(map(len, _values(design)))) > MOST_POINTS:
        raise InputError(f"the grid has {points:,} points, {MOST_POINTS:,} at most: give fewer values, or draw points")
    return [dict(zip(names, values, strict=True)) for values in itertools.product(*_values(design))]


def listed(design: Design) -> list[Point]:
    """The first values of all factors, then the second ones, and so on."""
    names, columns = [each.name for each in design.factors], _values(design)
    if len({*map(len, columns)}) > 1:
        lengths = ", ".join(f"{name} has {len(column)}" for name, column in zip(names, columns, strict=True))
        raise InputError(f"a design that is a list needs as many values of each parameter: {lengths}")
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def random(design: Design) -> list[Point]:
    """Points drawn independently and evenly."""
    shares = np.random.default_rng(design.seed).random((_count(design), len(design.factors)))
    return _points(design, shares)


def latin(design: Design) -> list[Point]:
    """A Latin hypercube: each of n equal parts of every factor's range has one point (McKay et al., 1979)."""
    from scipy.stats.qmc import LatinHypercube

    return _points(design, LatinHypercube(len(design.factors), rng=design.seed).random(_count(design)))


def sobol(design: Design) -> list[Point]:
    """The sample that Sobol indices are computed from (Saltelli et al., Variance Based Sensitivity Analysis, 2010)."""
    count = _count(design)
    if count & (count - 1):
        raise InputError(f"points = {count}: a Sobol design needs a power of 2, such as {2 ** count.bit_length()}")
    shares = _salib("sobol").sample(
        problem(design), count, calc_second_order=design.second_order, scramble=True, seed=design.seed
    )
    return _points(design, shares)


def morris(design: Design) -> list[Point]:
    """Trajectories that change one factor at a time (Morris, Factorial Sampling Plans, 1991)."""
    shares = _salib("morris").sample(problem(design), _count(design), num_levels=LEVELS, seed=design.seed)
    return _points(design, shares)


def problem(design: Design) -> dict[str, Any]:
    """The factors as SALib has them, in the unit cube."""
    names = [each.name for each in design.factors]
    return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}


KINDS: Mapping[str, Callable[[Design], list[Point]]] = {
    "grid": grid,
    "list": listed,
    "random": random,
    "latin": latin,
    "sobol": sobol,
    "morris": morris,
}
"""Kind -> the points of a design of that kind."""


def _salib(module: str) -> Any:
    from importlib import import_module

    try:
        return import_module(f"SALib.sample.{module}")
    except ModuleNotFoundError:
        raise InputError(f"a {module} design needs SALib: pip install 'stackrace[analysis]'") from None


def _points(design: Design, shares: Floats) -> list[Point]:
    return [
        {each.name: each.at(float(share)) for each, share in zip(design.factors, row, strict=True)} for row in shares
    ]


def _values(design: Design) -> Sequence[tuple[Value, ...]]:
    for each in design.factors:
        if not each.values:
            raise InputError(f"{each.name}: a {design.kind} design needs values, such as [0.1, 0.2]")
    return [each.values for each in design.factors]


def _count(design: Design) -> int:
    if not 1 <= design.points <= MOST_POINTS or not design.factors:
        raise InputError(f"a {design.kind} design needs points = N, 1 to {MOST_POINTS:,}, and parameters that vary")
    return design.points
