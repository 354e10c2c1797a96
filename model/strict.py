"""Tables of a file as pydantic models: what they all have in common."""

from __future__ import annotations

from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator

from .errors import is_whole, plain_value


class Strict(BaseModel):
    """A table that takes no unknown key and converts nothing, but for whole numbers that are written as floats."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @field_validator("*", mode="before")
    @classmethod
    def _take_whole_floats(cls, value: Any, info: ValidationInfo) -> Any:
        """Return 10.0 as 10 where the field takes whole numbers alone."""
        if info.field_name is None or not is_whole(value):
            return plain_value(value)
        kinds = _alternatives(cls.model_fields[info.field_name].annotation)
        return int(value) if int in kinds and float not in kinds else plain_value(value)


def _alternatives(annotation: Any) -> set[Any]:
    """The types that a field takes, without what is said of them besides."""
    if get_origin(annotation) is Annotated:
        return _alternatives(get_args(annotation)[0])
    return {annotation, *(kind for part in get_args(annotation) for kind in _alternatives(part))}
