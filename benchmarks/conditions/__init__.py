"""The conditions of a measurement: machine, versions and date, markets of any size, and what differs between two."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from datetime import date
from importlib.metadata import version
from os import cpu_count
from pathlib import Path
from time import perf_counter

import numpy as np

from stackrace.model.columns import State
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


def columns(state: State) -> Iterator[tuple[str, np.ndarray]]:
    """Every column with its name."""
    for name, table in state._asdict().items():
        for column in table.dtype.names or ("",):
            yield f"{name}.{column}".rstrip("."), table[column] if column else table


def differing(one: State, other: State, *scratch: str) -> str:
    """Names of the columns that are not equal in every bit, those of scratch left out; "none" if there is none."""
    pairs = zip(columns(one), columns(other), strict=True)
    found = [name for (name, mine), (_, theirs) in pairs if mine.tobytes() != theirs.tobytes()]
    return ", ".join(name for name in found if not name.startswith(scratch)) or "none"


def restore(state: State, kept: State) -> None:
    """Make all tables what they were."""
    for table, before in zip(state, kept, strict=True):
        np.copyto(table, before)


def seconds(work: Callable[..., object], *given: object) -> float:
    """How long one call takes."""
    begun = perf_counter()
    work(*given)
    return perf_counter() - begun
