"""What a regulator, or the world, can do to a market: interventions as data.

A policy's file (`model/policy.py`) holds tables `[[interventions]]`, each of one `kind`, with a date `from` (a quarter
such as "2027-Q1" where the stack has a start, else a step), maybe an end `until` (the first step without it) and, where
values are set, a `ramp` (steps until they are reached, in equal parts). `model/enforce.py` says what each does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, ValidationError

from .calendar import step_of
from .checks import meant
from .errors import InputError
from .parameters import Parameters, Value
from .register import FirmError, Register
from .settings import ParameterError, check_changeable, resolve
from .stack import Stack
from .strict import Strict
from .toml import spelt

Date = str | Annotated[int, Field(ge=0)]
PRINTED = r"^[^\x00-\x1f\x7f]*$"
"""A name may hold anything that can be printed in one line."""
LONGEST_RAMP = 1000


class InterventionError(InputError):
    """An intervention that cannot be made: which, what is wrong and what would be right, in one line."""


class Base(Strict):
    """What all kinds have in common."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    name: str = Field(default="", max_length=200, pattern=PRINTED)
    start: Date = Field(alias="from")
    until: Date | None = None

    @property
    def label(self) -> str:
        """Its name, or its kind."""
        return self.name or str(getattr(self, "kind", "")).replace("_", " ")


class SetParameters(Base):
    """Parameters become others: an interoperability mandate, a ban of exclusive deals, a funding winter."""

    kind: Literal["set"]
    set: dict[str, Value] = Field(min_length=1)
    ramp: int = Field(default=1, ge=1, le=LONGEST_RAMP)


class MergerControl(Base):
    """Takeovers are blocked that would lead a layer's HHI above `hhi` and raise it by more than `rise` points.

    US Merger Guidelines (2023): 1800 and 100.
    """

    kind: Literal["merger_control"]
    layers: tuple[str, ...] = Field(default=(), strict=False)  # all that sell
    hhi: float = Field(default=1800.0, gt=0, le=10_000)
    rise: float = Field(default=100.0, ge=0, le=10_000)


class Separation(Base):
    """No firm may hold units in both layers: who does gives up the one that is not its home (else the second)."""

    kind: Literal["separation"]
    layers: tuple[str, str] = Field(strict=False)


class TechnologyWave(Base):
    """The layer restarts: experience shrinks to `keep`, entrants of the next `steps` steps are better by `leap`.

    With an `uptake`, incumbents too can take the new technology up in that time, with these odds in each step: who does
    is better by `leap`, and its experience shrinks only then.
    """

    kind: Literal["technology_wave"]
    layer: str
    keep: float = Field(default=0.1, ge=0, le=1)
    leap: float = Field(default=0.5, ge=0, le=100)
    steps: int = Field(default=8, ge=1)
    uptake: float = Field(default=0.0, ge=0, le=1)


class OpenRelease(Base):
    """A unit becomes and stays open: that of a firm, or the best of the layer at that time."""

    kind: Literal["open_release"]
    layer: str
    firm: str = "best"


class Failure(Base):
    """The layer's largest supplier (or a firm) fails and nobody takes it over; with an end, its unit only halts."""

    kind: Literal["failure"]
    layer: str
    firm: str = "largest"


class CapacityCap(Base):
    """No unit of the layer may have more capacity than this, units/step: an export control."""

    kind: Literal["capacity_cap"]
    layer: str
    capacity: float = Field(gt=0)


class PublicOption(Base):
    """A supplier that never marks up and never fails: it takes a vacant slot, or the smallest firm's if there is none.

    It starts at the layer's mean capability, with `share` of its volume as capacity.
    """

    kind: Literal["public_option"]
    layer: str
    share: float = Field(default=0.1, gt=0, le=1)


Intervention = (
    SetParameters | MergerControl | Separation | TechnologyWave | OpenRelease | Failure | CapacityCap | PublicOption
)
KINDS = (SetParameters, MergerControl, Separation, TechnologyWave, OpenRelease, Failure, CapacityCap, PublicOption)

DATE = 'should be a step of 0 or more, or a quarter such as "2028-Q1"'
EXPECTED = {
    ("", "from"): DATE,
    ("", "until"): DATE,
    ("", "name"): "should be a text of one line",
    ("set", "set"): 'should be a table of parameters such as { "*.switching_cost" = 0.0 }',
    ("set", "ramp"): f"should be a number of steps, 1 to {LONGEST_RAMP}",
    ("separation", "layers"): 'should be two layers such as ["hosting", "model"]',
    ("merger_control", "layers"): 'should be a list of layers such as ["model"]',
}
"""Kind ("" for any) and key -> what it should be, where pydantic's own words say less."""

Given = str | Path | Iterable[Intervention | Mapping[str, Any]]


def read_interventions(given: Given) -> tuple[Intervention, ...]:
    """Interventions from a policy's name or file, or from tables; raises InterventionError."""
    if isinstance(given, str | Path):
        from .policy import read_policy

        return read_policy(given).interventions
    if isinstance(given, Mapping) or not isinstance(given, Iterable):
        raise InterventionError(f"interventions is a {type(given).__name__}: give a list of tables, or a TOML file")
    return tuple(read_table(each, f"interventions[{n}]") for n, each in enumerate(given))


def as_tables(interventions: Iterable[Intervention]) -> list[dict[str, Any]]:
    """Interventions as plain tables, as they are written in a file."""
    return [each.model_dump(by_alias=True, exclude_defaults=True, mode="json") for each in interventions]


def as_toml(interventions: Iterable[Intervention], title: str = "") -> str:
    """Interventions as the text of a policy's file that reads back the same, with a title if one is given."""
    texts = [f"title = {spelt(title)}"] if title else []
    for table in as_tables(interventions):
        lines = [f"{name} = {spelt(value)}" for name, value in table.items()]
        texts.append("\n".join(["[[interventions]]", *lines]))
    return "\n\n".join(texts) + "\n"


def read_table(table: Any, where: str) -> Intervention:
    """One intervention from its table; raises InterventionError that begins with `where`."""
    if isinstance(table, Base):
        return table  # type: ignore[return-value]
    if not isinstance(table, Mapping):
        raise InterventionError(f"{where} must be a table with a kind and a date, not {table!r}")
    names = [kind.model_fields["kind"].annotation.__args__[0] for kind in KINDS]  # type: ignore[union-attr]
    kind = table.get("kind")
    if kind not in names:
        raise InterventionError(f"{where}.kind must be one of {', '.join(names)}, not {kind!r}")
    try:
        return KINDS[names.index(kind)].model_validate(dict(table))
    except ValidationError as error:
        first = min(error.errors(include_url=False), key=lambda each: each["type"] != "extra_forbidden")
        place = ".".join(str(step) for step in first["loc"]) or "table"
        fields = [field.alias or name for name, field in KINDS[names.index(kind)].model_fields.items()]
        if first["type"] == "extra_forbidden":
            raise InterventionError(f"{where}.{place} is unknown: {meant(place, fields)}") from None
        if first["type"] == "missing" and len(first["loc"]) == 1:
            raise InterventionError(f"{where}.{place} is missing ({kind} has {', '.join(fields)})") from None
        key = str(first["loc"][0]) if first["loc"] else ""
        told = EXPECTED.get((str(kind), key), EXPECTED.get(("", key), first["msg"].replace("Input should", "should")))
        raise InterventionError(f"{where}.{key or place} {told}, not {table.get(key, first['input'])!r}") from None


def check(interventions: Iterable[Intervention], stack: Stack, parameters: Parameters) -> None:
    """Raises InterventionError for whatever does not fit the stack: dates, layers, firms, parameters."""
    for each in interventions:
        begin, end = dates_of(each, stack)
        if end is not None and end <= begin:
            raise InterventionError(f"{each.label}: it must end after it begins ({each.start}), not at {each.until}")
        if end is not None and isinstance(each, SetParameters) and each.ramp > end - begin:
            raise InterventionError(
                f"{each.label}: a ramp of {each.ramp} steps is not over when it ends ({each.until})"
            )
        named = getattr(each, "layers", None) or ([each.layer] if hasattr(each, "layer") else [])
        for layer in named:
            if layer not in stack.selling_layers:
                likely = meant(layer, stack.selling_layers)
                raise InterventionError(f"{each.label}: no selling layer is called {layer!r}: {likely}")
        if isinstance(each, Separation) and each.layers[0] == each.layers[1]:
            raise InterventionError(f"{each.label}: {each.layers[0]!r} cannot be separated from itself")
        if isinstance(each, OpenRelease | Failure) and each.firm not in ("best", "largest"):
            try:
                Register(stack, parameters).find(each.firm)
            except FirmError as error:
                raise InterventionError(f"{each.label}: {error}") from None
        if isinstance(each, SetParameters):
            check_settings(each, stack, parameters)


def check_settings(each: SetParameters, stack: Stack, parameters: Parameters) -> None:
    """Raises InterventionError for parameters that are unknown, unfit, or read at the start only."""
    room = parameters.market.max_allies if "max_allies" in each.set else resolve(stack).market.max_allies
    try:
        check_changeable(stack, resolve(stack), resolve(stack, each.set), room)
    except ParameterError as error:
        raise InterventionError(f"{each.label}: {error}") from None


def never_in_force(interventions: Iterable[Intervention], stack: Stack, end: int) -> list[str]:
    """Labels and dates of those that begin only at step `end` or later."""
    return [f"{each.label} from {each.start}" for each in interventions if dates_of(each, stack)[0] >= end]


def dates_of(each: Intervention, stack: Stack) -> tuple[int, int | None]:
    """The first step in which it is in force, and the first in which it no longer is."""
    return _step(each.start, each, stack), None if each.until is None else _step(each.until, each, stack)


def _step(date: Date, each: Intervention, stack: Stack) -> int:
    if isinstance(date, int):
        return date
    if stack.start is None:
        raise InterventionError(
            f"{each.label}: {date!r} needs a stack that says when it starts: give a step, or the stack a start"
        )
    try:
        step = step_of(date, stack.start)
    except ValueError as error:
        raise InterventionError(f"{each.label}: {error}, or give a step") from None
    if step < 0:
        raise InterventionError(f"{each.label}: {date} is before the start, {stack.start}")
    return step
