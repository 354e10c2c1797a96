"""Stack files: TOML tables to a checked `Stack`.

The tables are pydantic models made from the declarations of the parameters, so that `StackTable.model_json_schema()`
describes a stack file to an editor. What pydantic finds wrong is said again in one line, in the words of the model.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from .calendar import EXAMPLE
from .checks import faults, meant, misfit, shown
from .checks_of_firms import firm_faults
from .parameters import BUYER, GROUPS, LAYER, MARKET, Parameter
from .settings import ParameterError, resolve
from .stack import (
    ALLY,
    INPUT,
    SHIPPED,
    UNIT,
    Alliance,
    Input,
    Layer,
    NamedFirm,
    NamedLink,
    NamedUnit,
    Stack,
    StackError,
    bought_layers,
    flat,
)

Place = tuple[str | int, ...]


class Table(BaseModel):
    """A table of a stack file: nothing that is not asked for, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True)


def _field(declaration: Parameter, required: bool = False) -> tuple[Any, Any]:
    """Type, range and meaning of a declared value, as a pydantic field."""
    kind: Any = Literal[declaration.choices] if declaration.choices else declaration.kind
    limits: dict[str, Any] = {}
    if kind in (int, float):
        bounds = {"ge": declaration.low, "le": declaration.high}
        limits = {side: kind(bound) for side, bound in bounds.items() if math.isfinite(bound)}
    if kind is float:
        limits["allow_inf_nan"] = False
    default = None if declaration.default == -math.inf else declaration.default
    field = Field(description=declaration.meaning, json_schema_extra={"unit": declaration.unit}, **limits)
    return Annotated[kind, field, declaration], ... if required else default


def _table(
    title: str, declared: Mapping[str, Parameter], required: Iterable[str] = (), /, **others: Any
) -> type[Table]:
    """A table of declared values and some other fields."""
    fields = {key: _field(declaration, key in required) for key, declaration in declared.items()}
    return create_model(title, __base__=Table, **{**others, **fields})


def _group(group: str) -> type[Table]:
    """The table of the parameters that are called `group.something`."""
    members = {name.partition(".")[2]: found for name, found in MARKET.items() if name.startswith(f"{group}.")}
    return _table(f"{group.title()}Table", members)


_single = {name: found for name, found in {**BUYER, **MARKET}.items() if "." not in name}
_selling = {name: found for name, found in LAYER.items() if name != "quality_floor"}


def _text(meaning: str) -> Any:
    """A field that holds text and must be there."""
    return Annotated[str, Field(min_length=1, description=meaning)], ...


def _many(table: type[Table], meaning: str) -> Any:
    """A field that holds a list of tables, by default none."""
    return list[table], Field(default_factory=list, description=meaning)  # type: ignore[valid-type]


_source = _text("where this is known from, or why it is assumed")
InputTable = _table("InputTable", INPUT, ("weight", "passthrough"), layer=_text("the layer that is bought"))
LayerTable = _table(
    "LayerTable", {**LAYER, **BUYER}, inputs=_many(InputTable, "what the layer buys; none at the bottom of the stack")
)
DefaultsTable = _table("DefaultsTable", _selling)
MarketTable = _table("MarketTable", _single, (), **{group: (_group(group), None) for group in GROUPS})
UnitTable = _table("UnitTable", UNIT, layer=_text("a layer that the firm operates"), source=_source)
LinkTable = _table(
    "LinkTable",
    {},
    layer=_text("a layer that the firm operates"),
    input=_text("a layer that this layer buys"),
    by=_text("the named firm that supplies it; may be the firm itself"),
    source=_source,
)
AllyTable = _table("AllyTable", ALLY, source=_source, **{"with": _text("the other named firm")})
FirmTable = _table(
    "FirmTable",
    {},
    home=_text("the firm's first layer, in which it fails or survives"),
    units=_many(UnitTable, "what is known of its operation in each layer"),
    links=_many(LinkTable, "who supplies it at the start, as far as is known"),
    allies=_many(AllyTable, "alliances at the start; each is listed once, with the side that buys"),
)
StackTable = _table(
    "StackTable",
    {},
    name=_text("short name, as in tables"),
    title=_text("what the stack is, in a few words, as in figures"),
    description=(Annotated[str, Field(description="what the stack is, in a sentence or two")], ""),
    start=(
        Annotated[Any, Field(description=f"quarter of step 0, as {EXAMPLE}", json_schema_extra={"type": "string"})],
        None,
    ),
    horizon=(
        Annotated[int, Field(ge=1, description="steps for which the stack can be trusted, if that is known")],
        None,
    ),
    parameters=(Annotated[MarketTable, Field(description="of the whole market, or of all buyers")], None),
    defaults=(Annotated[DefaultsTable, Field(description="of all layers that sell, unless they say otherwise")], None),
    layers=(Annotated[dict[str, LayerTable], Field(description="stages by name")], ...),  # type: ignore[valid-type]
    firms=(
        Annotated[dict[str, FirmTable], Field(description="firms known by name")],  # type: ignore[valid-type]
        Field(default_factory=dict),
    ),
)


def read_file(path: Path) -> Stack:
    """Read and check a stack file; one that did not change since it was read is not read again."""
    try:
        found = path.stat()
    except (OSError, ValueError):  # told with what is wrong when it is read
        return stack_of(tables_of(path), _where(path))
    return deepcopy(_read(path, (found.st_mtime_ns, found.st_size, found.st_ino)))


@lru_cache(maxsize=32)
def _read(path: Path, stamp: tuple[int, ...]) -> Stack:
    return stack_of(tables_of(path), _where(path))


def tables_of(path: Path) -> dict[str, Any]:
    """The tables of a TOML file."""
    from .shipped import read_toml

    return read_toml(path, _where(path), StackError)


def stack_of(tables: Mapping[str, Any], where: str) -> Stack:
    """The checked stack of a file's tables; `where` says in messages which file it is."""
    try:
        read = StackTable.model_validate(tables).model_dump(exclude_unset=True)
    except ValidationError as errors:
        raise StackError(f"{where}: {_told(errors)}") from None
    stack = _with_defaults(_built(read), read.get("defaults", {}))
    for fault in chain(faults(stack), firm_faults(stack)):
        raise StackError(f"{where}: {fault}")
    stack = replace(stack, layers=inputs_first(stack.layers))
    try:
        resolve(stack)
    except ParameterError as error:
        raise StackError(f"{where}: {error}") from None
    return stack


def inputs_first(layers: Iterable[Layer]) -> tuple[Layer, ...]:
    """Layers without cycles in an order with inputs before consumers, as close to the given one as can be."""
    placed: dict[str, Layer] = {}
    waiting = list(layers)
    while waiting:
        ready = next(layer for layer in waiting if all(edge.layer in placed for edge in layer.inputs))
        placed[ready.name] = ready
        waiting.remove(ready)
    return tuple(placed.values())


def _built(read: Mapping[str, Any]) -> Stack:
    """Tables to dataclasses, unchecked."""
    return Stack(
        name=read["name"],
        title=read["title"],
        description=read.get("description", ""),
        start=read.get("start"),
        horizon=read.get("horizon"),
        parameters=flat(read.get("parameters", {})),
        layers=tuple(
            Layer(
                name,
                tuple(Input(**edge) for edge in table.get("inputs", ())),
                {key: value for key, value in table.items() if key != "inputs"},
            )
            for name, table in read["layers"].items()
        ),
        firms=tuple(
            NamedFirm(
                name,
                table["home"],
                tuple(NamedUnit(**{"share": None, "capability": None, **unit}) for unit in table.get("units", ())),
                tuple(NamedLink(**link) for link in table.get("links", ())),
                tuple(
                    Alliance(tie["with"], tie["source"], tie.get("exclusive", False)) for tie in table.get("allies", ())
                ),
            )
            for name, table in read.get("firms", {}).items()
        ),
    )


def _with_defaults(stack: Stack, defaults: Mapping[str, Any]) -> Stack:
    """[defaults] reaches every selling layer that does not say otherwise itself."""
    bought = bought_layers(stack.layers)
    return replace(
        stack,
        layers=tuple(
            replace(layer, parameters=_in_order({**defaults, **layer.parameters})) if layer.name in bought else layer
            for layer in stack.layers
        ),
    )


def _in_order(own: Mapping[str, Any]) -> dict[str, Any]:
    """In the order of declaration, in which they are read back: a saved run is known by a hash of them."""
    return {name: own[name] for name in LAYER if name in own} | dict(own)


def _where(path: Path) -> str:
    return path.name if path.parent == SHIPPED else str(path)


_WORDS = {
    "missing": "is missing",
    "model_type": "must be a table",
    "dict_type": "must be a table",
    "list_type": "must be a list of tables",
    "string_type": "must be text in quotes",
    "string_too_short": "must not be empty",
}


def _told(errors: ValidationError) -> str:
    """One of pydantic's errors in one line that says the repair; unknown names first, since what is missing may be
    there under a misspelt one."""
    error = min(errors.errors(include_url=False), key=lambda each: each["type"] != "extra_forbidden")
    place: Place = error["loc"]
    what, value = error["type"], error["input"]
    if what == "extra_forbidden":
        return f"{_path(place)} is unknown: {_belongs(place)}"
    if what != "missing" and (declaration := _declaration(place)):
        return f"{_path(place)} {misfit(declaration, value) or 'must be a finite number; leave it out for none'}"
    instead = "" if what == "missing" or isinstance(value, Mapping | list) else f", not {shown(value)}"
    return f"{_path(place) or 'the file'} {_WORDS.get(what, error['msg'])}{instead}"


def _path(place: Place) -> str:
    """("layers", "model", "inputs", 0, "weight") -> layers.model.inputs[0].weight"""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).removeprefix(".")


def _fields_at(place: Place) -> dict[str, Any]:
    """The fields of the table at a place of the file; none if there is no table."""
    here: Any = StackTable
    for step in place:
        fields = getattr(here, "model_fields", None)
        if fields is not None and step not in fields:
            return {}
        here = get_args(here)[-1] if fields is None else fields[step].annotation
    return getattr(here, "model_fields", {})


def _declaration(place: Place) -> Parameter | None:
    """What was declared of the value at a place, if it is a declared one."""
    field = _fields_at(place[:-1]).get(str(place[-1])) if place else None
    return next((found for found in field.metadata if isinstance(found, Parameter)), None) if field else None


def _belongs(place: Place) -> str:
    """Where an unknown name belongs, or which one may have been meant."""
    name = str(place[-1])
    if place[0] in ("parameters", "defaults", "layers") and len(place) < 4:
        if name in _single or name in GROUPS:
            return "it belongs in [parameters]"
        if name in LAYER:
            return "it belongs in [layers.NAME]" + (" or [defaults]" if name in _selling else " of a demand layer")
    return meant(name, _fields_at(place[:-1]))
