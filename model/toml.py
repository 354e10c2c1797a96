"""Plain values as TOML spells them, which Python only reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def spelt(value: Any) -> str:
    """A number, text, list or table in one line that `tomllib` reads back as it was."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{spelt(str(name))} = {spelt(each)}" for name, each in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(spelt, value)) + "]"
    if isinstance(value, float):
        return float.__repr__(value)
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # as JSON has it, but for DEL
