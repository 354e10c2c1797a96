"""What is said of an ensemble, in words and rounded numbers, the same on screen and in the report."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..model.parameters import PARAMETERS, Parameter, Parameters, Value
from ..model.settings import PER_LAYER, as_dict, resolve
from ..model.stack import Stack, flat
from .ensemble import frequencies

if TYPE_CHECKING:
    import pandas as pd


def differences(stack: Stack, parameters: Parameters) -> Iterator[tuple[str, Value | None, Value | None]]:
    """Public name, the stack's own value and the one used, for every parameter in which they differ."""
    own, used = (_every(each, stack) for each in (resolve(stack), parameters))
    for name in dict.fromkeys([*own, *used]):
        if own.get(name) != used.get(name):
            yield name, own.get(name), used.get(name)


def summary(regimes: pd.DataFrame) -> Iterator[tuple[str, list[Any], dict[str, float]]]:
    """Layer, its regimes with their frequencies (commonest first), and the means over seeds of what they rest on."""
    means = regimes.groupby("layer", sort=False).mean(numeric_only=True)
    for layer, found in frequencies(regimes).groupby("layer", sort=False):
        yield (
            str(layer),
            list(found.itertuples()),
            {
                str(name): value
                for name, value in zip(means.columns, means.loc[[layer]].to_numpy()[0].tolist(), strict=True)
            },
        )


def spelt(value: object) -> str:
    """A value as settings spell it."""
    if value is None:
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value).removesuffix(".0")


def number(value: float, digits: int = 0) -> str:
    """A rounded number, a dash where there is none."""
    return "–" if math.isnan(value) else f"{value:,.{digits}f}"


def figures_of(means: dict[str, float]) -> tuple[str, ...]:
    """HHI, Lerner index, units and share made in-house, as printed."""
    in_house = means["in_house_share"]
    share = "–" if math.isnan(in_house) else f"{in_house:.0%}"
    return number(means["hhi"]), number(means["lerner"], 2), number(means["units"]), share


def declaration_of(name: str) -> Parameter:
    """The declaration behind a public name, with or without its layer."""
    return PARAMETERS[name] if name in PARAMETERS else PER_LAYER[name.rpartition(".")[2]]


def _every(parameters: Parameters, stack: Stack) -> dict[str, Value]:
    """Public name -> value of all parameters."""
    tables = as_dict(parameters, stack)
    values = flat(tables["parameters"])
    for layer, own in tables["layers"].items():
        values |= {f"{layer}.{name}": value for name, value in own.items()}
    return values
