"""The JSON schema of a stack file, for editors that check and complete while one types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .calendar import PATTERN
from .parameters import PARAMETERS
from .stack_file import StackTable

MODEL = "stackrace"


def stack_schema() -> dict[str, Any]:
    """The tables of a stack file with ranges, units and meanings, as plain values.

    It holds what can be said of a value by itself; how tables refer to each other is for `stackrace check` to say.
    """
    schema: dict[str, Any] = _spoken(StackTable.model_json_schema())
    schema["properties"]["start"]["pattern"] = PATTERN
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "A stack",
        "description": "A market for stackrace: layers, what they buy from each other, and firms known by name.",
    }


def _spoken(part: Any, name: str = "") -> Any:
    """A part of the schema in the form that editors show: unit and source go into the description, and what pydantic
    makes up (titles, defaults that no file could hold) is left out."""
    if isinstance(part, list):
        return [_spoken(each) for each in part]
    if not isinstance(part, Mapping):
        return part
    if name in ("properties", "$defs"):  # here keys are names that a file uses
        return {key: _spoken(each, "") | _told(key, each) for key, each in part.items()}
    kept = {key: _spoken(each, key) for key, each in part.items() if key not in ("title", "unit")}
    if kept.get("default", ...) is None:
        del kept["default"]
    return kept


def _told(name: str, part: Mapping[str, Any]) -> dict[str, str]:
    """The description of a declared value, with its unit and, unless it is this model's own idea, its source."""
    if "unit" not in part:
        return {}
    unit = "" if part["unit"] == "-" else f" ({part['unit']})"
    source = PARAMETERS[name].source if name in PARAMETERS else MODEL
    return {"description": part["description"] + unit + (f". {source}" if source != MODEL else "")}
