"""A calibration's file: which parameters of which market are fitted to which targets, and how."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field, ValidationError

from ...model import RULES
from ...model.errors import InputError
from ...model.parameters import BUYER, LAYER, MARKET, Parameters, Value
from ...model.settings import declaration_of, resolve
from ...model.shipped import find, read_toml
from ...model.stack import Stack, read_stack
from ...model.strict import Strict
from ..sweeps.file import dotted
from .targets import Target, read_targets

HERE = Path(__file__).parent


class CalibrationError(InputError):
    """A calibration that cannot be used: where, what is wrong, and what would be right, in one line."""


class PriorTable(Strict):
    """A parameter's prior: uniform from low to high, in logs if `log`; a `factor` multiplies values of the base."""

    low: float = Field(ge=0)
    high: float
    factor: bool = False
    log: bool = False


class CalibrationTable(Strict):
    """The file."""

    stack: str
    base: str | None = None
    targets: str
    steps: int = Field(default=8, ge=5)
    replicates: int = Field(default=2, ge=1)
    seeds: int = Field(default=40, ge=1)
    particles: int = Field(default=200, ge=10)
    generations: int = Field(default=8, ge=1)
    least_acceptance: float = Field(default=0.03, ge=0, lt=1)
    seed: int = Field(default=1, ge=0, lt=2**31)
    set: dict[str, Value] = Field(default_factory=dict)
    parameters: dict[str, PriorTable] = Field(min_length=1)


@dataclass(frozen=True)
class Free:
    """A parameter to be fitted: its prior, and which settings a value of it makes (name -> multiple of the value)."""

    name: str
    low: float
    high: float
    log: bool
    makes: Mapping[str, float]

    @property
    def ends(self) -> tuple[float, float]:
        """The prior's ends on the scale on which it is uniform."""
        return (math.log(self.low), math.log(self.high)) if self.log else (self.low, self.high)

    def value(self, place: float) -> float:
        """The value at a place between the ends."""
        return math.exp(place) if self.log else float(place)

    def settings(self, value: float) -> dict[str, Value]:
        """What to set for a value."""
        return {name: multiple * value for name, multiple in self.makes.items()}


@dataclass(frozen=True)
class Calibration:
    """All of it, checked."""

    stack: Stack
    free: tuple[Free, ...]
    targets: tuple[Target, ...]
    table: CalibrationTable

    @property
    def names(self) -> tuple[str, ...]:
        """The free parameters' names."""
        return tuple(each.name for each in self.free)

    @property
    def identity(self) -> str:
        """Digest of all that decides what comes out: the file, targets, stack and version of the rules.

        What the stack says of the free parameters does not: so it is the same when the stack takes up their values.
        """
        ends = self.settings({each.name: each.low for each in self.free})
        others = dict(_beyond_defaults(resolve(self.stack, {**self.table.set, **ends})))
        shape = [(layer.name, layer.inputs) for layer in self.stack.layers], self.stack.firms
        told = f"{self.table!r} {self.free!r} {self.targets!r} {shape!r} {others!r} {RULES}"
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def settings(self, values: Mapping[str, float]) -> dict[str, Value]:
        """What values of the free parameters (name -> value) set."""
        return {key: made for each in self.free for key, made in each.settings(values[each.name]).items()}


def shipped() -> list[str]:
    """Names of the calibrations that come along."""
    return sorted(file.stem for file in HERE.glob("*.toml"))


def read_calibration(name: str | Path) -> Calibration:
    """A calibration that comes along, by name, or a TOML file; raises CalibrationError, TargetError."""
    path = find(name, HERE, "calibration", CalibrationError)
    tables = read_toml(path, str(name), CalibrationError)
    for part in ("set", "parameters"):
        if isinstance(tables.get(part), dict):
            tables[part] = dict(dotted(tables[part]))
    for key, prior in (tables.get("parameters") or {}).items():
        if not isinstance(prior, dict):
            raise CalibrationError(f"{name}: {key.rpartition('.')[0] or key}: no such parameter, or no prior for it")
    try:
        table = CalibrationTable.model_validate(tables)
        if table.replicates > table.seeds:
            raise CalibrationError(f"{table.replicates} replicates need as many seeds, not {table.seeds}")
        stack = read_stack(_beside(path, table.stack))
        base = stack if table.base is None else read_stack(_beside(path, table.base))
        free = tuple(_free(each, prior, stack, base) for each, prior in table.parameters.items())
    except ValidationError as error:
        raise CalibrationError(f"{name}: {_told(error)}") from None
    except InputError as error:
        raise CalibrationError(f"{name}: {error}") from None
    return Calibration(stack, free, read_targets(path.parent / table.targets, stack.selling_layers), table)


def _free(name: str, prior: PriorTable, stack: Stack, base: Stack) -> Free:
    if not prior.low < prior.high or (prior.log and prior.low <= 0.0):
        raise CalibrationError(f"{name}: low must be below high{', and above 0 for log' if prior.log else ''}")
    try:
        declared = declaration_of(name)
    except KeyError:
        raise CalibrationError(f"{name}: no such parameter (see `stackrace params`)") from None
    made = Free(name, prior.low, prior.high, prior.log, _multiples(name, stack, base) if prior.factor else {name: 1.0})
    for value in (prior.low, prior.high):
        for key, each in made.settings(value).items():
            if declared.kind is not float or not declared.low <= float(each) <= declared.high:
                raise CalibrationError(
                    f"{name}: {key} would be {each:g}, and it is a number from {declared.low:g} to {declared.high:g}"
                )
    return made


def _beyond_defaults(parameters: Parameters) -> Iterator[tuple[str, Any]]:
    """Name and values of parameters that are not all at their defaults: a new one changes nothing until set."""
    for table, declared in zip(parameters, (LAYER, BUYER, MARKET), strict=True):
        for name, each in declared.items():
            values = np.asarray(getattr(table, name.replace(".", "_")))
            if (values != each.default).any():
                yield name, values.tolist()


def _multiples(name: str, stack: Stack, base: Stack) -> dict[str, float]:
    """What a factor multiplies: the base's own value of each layer that the name means."""
    layer, _, column = name.partition(".")
    if column not in LAYER:
        raise CalibrationError(f"{name}: a factor is for parameters of layers, such as '*.taste'")
    values = getattr(resolve(base).layer, column)
    meant = stack.selling_layers if layer == "*" else (layer,)
    if lacking := [each for each in meant if each not in base.names]:
        raise CalibrationError(f"{name}: the base {base.name} has no layer {lacking[0]!r}")
    return {f"{each}.{column}": float(values[base.names.index(each)]) for each in meant}


def _beside(path: Path, name: str) -> str:
    return str(path.parent / name) if name.endswith(".toml") else name


def _told(error: ValidationError) -> str:
    first = min(error.errors(include_url=False), key=lambda each: each["type"] != "extra_forbidden")
    place = ".".join(map(str, first["loc"]))
    words: dict[str, Any] = {"extra_forbidden": "is unknown", "missing": "is missing"}
    return f"{place} {words.get(first['type']) or first['msg'].replace('Input should', 'should')}"
