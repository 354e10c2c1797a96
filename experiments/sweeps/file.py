"""The TOML file of a sweep, with errors that name the field and what it should be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from ...model.checks import meant
from ...model.errors import InputError
from ...model.parameters import Value
from ...model.policy import read_policy
from ...model.settings import declaration_of
from ...model.shipped import read_toml
from ...model.stack import read_stack
from ...model.strict import Strict
from ..comparisons.study import BASELINE
from ..ensemble import checked_seeds
from ..horizon import default_steps
from ..regimes import WINDOW
from .design import KINDS, MOST_POINTS, Design, factor
from .sweep import AS_IT_IS, LARGEST, Sweep, swept


class SweepError(InputError):
    """A sweep's file that cannot be used: where, what is wrong, and what would be right, in one line."""


class DesignTable(Strict):
    """[design]: its kind, and the parameters that vary."""

    kind: str = "grid"
    points: int = Field(default=0, ge=0, le=MOST_POINTS)
    seed: int = Field(default=0, ge=0)
    second_order: bool = False
    parameters: dict[str, Any] = Field(default_factory=dict)


class SweepTable(Strict):
    """The file."""

    stack: str
    steps: int | None = Field(default=None, ge=1)
    seeds: Annotated[int, Field(ge=1, le=LARGEST)] | list[int] = 10
    set: dict[str, Value] = Field(default_factory=dict)
    policies: list[str] = Field(default_factory=lambda: [BASELINE])
    window: int = Field(default=WINDOW, ge=1)
    series: bool = False
    design: DesignTable = Field(default_factory=DesignTable)


def read_sweep(file: str | Path) -> Sweep:
    """The sweep that a file describes, checked; stacks and policies are names, or paths beside the file."""
    path = Path(file)
    tables = read_toml(path, str(file), SweepError)
    for place, name in ((tables, "set"), (tables.get("design"), "parameters")):
        if isinstance(place, dict) and isinstance(place.get(name), dict):
            place[name] = dict(dotted(place[name]))
    try:
        read = SweepTable.model_validate(tables)
    except ValidationError as error:
        raise SweepError(f"{file}: {_told(error)}") from None
    if read.design.kind not in KINDS:
        raise SweepError(f"{file}: design.kind {read.design.kind!r} is unknown: {meant(read.design.kind, KINDS)}")
    try:
        given = read.design
        factors = tuple(factor(name, values) for name, values in given.parameters.items())
        stack = read_stack(_beside(path, read.stack))
        return swept(
            stack,
            Design(given.kind, factors, given.points, given.seed, given.second_order),
            seeds=checked_seeds(read.seeds),
            steps=read.steps or default_steps(stack),
            set=read.set,
            policies=[AS_IT_IS if name == BASELINE else read_policy(_beside(path, name)) for name in read.policies],
            window=read.window,
            series=read.series,
        )
    except InputError as error:
        raise SweepError(f"{file}: {error}") from None


def dotted(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Names as settings have them: TOML takes an unquoted `model.taste` for a table in a table."""
    for name, value in table.items():
        if isinstance(value, dict) and not _is_declared(before + name):
            yield from dotted(value, f"{before}{name}.")
        else:
            yield before + name, value


def _is_declared(name: str) -> bool:
    try:
        declaration_of(name)
    except KeyError:
        return False
    return True


def _beside(path: Path, name: str) -> str:
    """A path that a file names, as seen from where it stands; names of what comes along stay as they are."""
    return str(path.parent / name) if name.endswith(".toml") else name


def _told(error: ValidationError) -> str:
    """The first mistake: an unknown key before all others."""
    first = min(error.errors(include_url=False), key=lambda each: each["type"] != "extra_forbidden")
    place = ".".join(str(step) for step in first["loc"][: 2 if first["loc"][0] in ("design", "set") else 1])
    if first["type"] == "extra_forbidden":
        known = DesignTable.model_fields if place.startswith("design.") else SweepTable.model_fields
        return f"{place} is unknown: {meant(str(first['loc'][-1]), known)}"
    if first["type"] == "missing":
        return f"{place} is missing"
    return f"{place} {first['msg'].replace('Input should', 'should')}, not {first['input']!r}"
