"""The conditions of a measurement: machine, versions and date, and markets of any size."""

from __future__ import annotations

import platform
from datetime import date
from importlib.metadata import version
from os import cpu_count
from pathlib import Path

from stackrace.model.parameters import Value
from stackrace.model.settings import resolve
from stackrace.model.stack import read_stack

STACK = "ai-stack"


def machine(*packages: str) -> str:
    """Date, versions and processor, as every table states them first."""
    names = ", ".join(f"{name} {version(name)}" for name in ("stackrace", *packages, "numpy", "numba"))
    info = Path("/proc/cpuinfo")
    found = [line for line in info.read_text().splitlines() if line.startswith("model name")] if info.exists() else []
    processor = found[0].partition(":")[2].strip() if found else platform.processor() or platform.machine()
    return (
        f"{date.today()}; Python {platform.python_version()}, {names};"
        f" {cpu_count()} cores of {processor}, {platform.system()}"
    )


def scaled(firms: int) -> dict[str, Value]:
    """Settings that scale every layer of the stack in proportion to about so many firms."""
    stack = read_stack(STACK)
    sizes = dict(zip(stack.names, resolve(stack).layer.firms.tolist(), strict=True))
    return {f"{layer}.firms": max(1, round(size * firms / sum(sizes.values()))) for layer, size in sizes.items()}
