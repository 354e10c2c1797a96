"""From a stack and what the user sets to the parameters of a run.

Everything is a list of settings (name, value), each overriding those before it: the declared defaults, the stack's
market-wide values, its layers' values, the user's. A name is one of

    model.taste         one layer
    *.taste             all layers that sell
    frontier_share      a buyer parameter in all layers
    price_weight        a parameter of the market; also contacts.degree, decisions.build
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

import numpy as np

from .checks import DEMAND_ONLY, market_faults, meant, misfit
from .checks_of_firms import placing_faults
from .errors import InputError, checked_mapping, listed, plain_value
from .parameters import (
    BUYER,
    GROUPS,
    LAYER,
    MARKET,
    PARAMETERS,
    BuyerParameters,
    LayerParameters,
    MarketParameters,
    Parameter,
    Parameters,
    Value,
)
from .stack import Stack, flat, nested

PER_LAYER = {**LAYER, **BUYER}
PARAMS = "stackrace params"
"""The command that lists all parameters."""


class ParameterError(InputError):
    """A setting that cannot be used: what is wrong and what would be right, in one line."""


def resolve(stack: Stack, set: Mapping[str, Value] | None = None) -> Parameters:
    """The parameters of a run, each cast to its declared type; arrays are over the stack's layers and fresh."""
    columns: dict[str, list[Value]] = {
        name: [declaration.default] * len(stack.layers) for name, declaration in PER_LAYER.items()
    }
    market: dict[str, Value] = {name: declaration.default for name, declaration in MARKET.items()}
    for key, value in chain(_settings(stack), given_settings(set).items()):
        declaration, layers = _target(key, stack)
        value = _fitting(key, declaration, value)
        if declaration.scope == "market":
            market[declaration.name] = value
        for layer in layers:
            columns[declaration.name][stack.names.index(layer)] = value
    parameters = Parameters(
        LayerParameters(**{name: _array(LAYER[name], columns[name]) for name in LAYER}),
        BuyerParameters(**{name: _array(BUYER[name], columns[name]) for name in BUYER}),
        MarketParameters(**{name.replace(".", "_"): found.kind(market[name]) for name, found in MARKET.items()}),
    )
    for fault in chain(market_faults(stack, parameters), placing_faults(stack, parameters)):
        raise ParameterError(fault)
    return parameters


def given_settings(set: Any, what: str = "set") -> dict[str, Value]:
    """Return settings given in Python as plain ones: of any mapping, whole numbers as such; raises InputError.

    Values are checked only as far as their type goes: which of them a parameter can take, `resolve` says.
    """
    plain = checked_mapping(what, set, "{'model.taste': 0.1}")
    return {name: plain_setting(name, value) for name, value in plain.items()}


def plain_setting(name: str, value: Any) -> Any:
    """Return the value of a setting as Python's own, and a float such as 10.0 as the whole number that is wanted."""
    value = plain_value(value)
    try:
        whole = declaration_of(name).kind is int
    except KeyError:
        return value
    return int(value) if whole and isinstance(value, float) and value.is_integer() else value


def parse_setting(text: str) -> tuple[str, Value]:
    """`model.taste=.1` -> ("model.taste", 0.1); true, false, numbers and plain words are understood."""
    name, equals, value = (part.strip() for part in text.partition("="))
    if not (name and equals and value):
        raise ParameterError(f"{text!r} is not a setting: write NAME=VALUE, such as model.taste=0.1")
    return name, _scalar(value)


def as_dict(parameters: Parameters, stack: Stack) -> dict[str, Any]:
    """All parameters as plain values, in the shape of a stack file; a quality floor only where there is one."""
    market = {name: getattr(parameters.market, name.replace(".", "_")) for name in MARKET}
    return {
        "parameters": nested(market),
        "layers": {
            layer: {
                name: value
                for name in (PER_LAYER if layer in stack.demand_layers else LAYER)
                if (value := _column(parameters, name)[row].item()) != -math.inf
            }
            for row, layer in enumerate(stack.names)
        },
    }


def flat_name(name: str) -> str:
    """A public name spelt as Python's are: model_taste."""
    return name.replace("-", "_").replace(".", "_")


def flat_names(stack: Stack, given: Mapping[str, Value]) -> dict[str, Value]:
    """Settings by public name, of names that are spelt as Python's are: model_taste, all_taste, contacts_degree.

    Public names are taken as they are. Raises ParameterError for an unknown name.
    """
    public = {**{layer: layer for layer in stack.names}, "all": "*"}
    known = {f"{layer}_{name}": f"{public[layer]}.{name}" for layer in public for name in PER_LAYER}
    known |= {name: name for name in (*MARKET, *BUYER)}
    spelt = {flat_name(name): full for name, full in known.items()}
    found: dict[str, Value] = {}
    for name, value in given.items():
        full = name if "." in name else spelt.get(name)
        if full is None:
            raise ParameterError(f"no parameter is called {name!r}: {meant(name, spelt, told_by=PARAMS)}")
        found[full] = value
    return found


def public_values(parameters: Parameters, stack: Stack) -> dict[str, Value]:
    """Public name -> value of all parameters."""
    tables = as_dict(parameters, stack)
    values = flat(tables["parameters"])
    for layer, own in tables["layers"].items():
        values |= {f"{layer}.{name}": value for name, value in own.items()}
    return values


def differences(stack: Stack, one: Parameters, other: Parameters) -> Iterator[tuple[str, Value | None, Value | None]]:
    """Public name and both values of every parameter in which the two differ."""
    first, second = public_values(one, stack), public_values(other, stack)
    for name in dict.fromkeys([*first, *second]):
        if first.get(name) != second.get(name):
            yield name, first.get(name), second.get(name)


def overlaid(set: Mapping[str, Value], later: Mapping[str, Value]) -> dict[str, Value]:
    """Settings with later ones in force over them: of two names that mean the same parameter the last one counts."""
    return {name: value for name, value in set.items() if name not in later} | {**later}


def check_changeable(stack: Stack, now: Parameters, later: Parameters, room: int) -> None:
    """Raises ParameterError for a change that a running market cannot take: of what is read at the start only, or of
    alliances above the `room` that it has for each firm."""
    for name, _, value in differences(stack, now, later):
        if declaration_of(name).at_start:
            raise ParameterError(f"{name} only matters at the start, and cannot become {value} later")
    if later.market.max_allies > room:
        raise ParameterError(f"max_allies cannot rise above {room} later")


def declaration_of(name: str) -> Parameter:
    """The declaration behind a public name, with or without its layer."""
    return PARAMETERS[name] if name in PARAMETERS else PER_LAYER[name.rpartition(".")[2]]


def _settings(stack: Stack) -> Iterator[tuple[str, Value]]:
    """What the stack itself sets."""
    yield from stack.parameters.items()
    for layer in stack.layers:
        for name, value in layer.parameters.items():
            yield f"{layer.name}.{name}", value


def _target(key: str, stack: Stack) -> tuple[Parameter, tuple[str, ...]]:
    """Which parameter a setting is of, and in which layers (none for a parameter of the market)."""
    if key in MARKET:
        return MARKET[key], ()
    if key in BUYER:
        return BUYER[key], stack.names
    layer, dot, name = key.rpartition(".")
    if not dot or layer in GROUPS or key in GROUPS:
        raise ParameterError(_unknown_name(key, stack))
    if layer != "*" and layer not in stack.names:
        likely = meant(layer, stack.names)
        raise ParameterError(f"{key}: no layer is called {layer!r}: {likely} (* is all layers that sell)")
    if name not in PER_LAYER:
        raise ParameterError(_unknown_in_layer(key, name))
    if name in DEMAND_ONLY and layer not in stack.demand_layers:
        buyers = [f"{buyer}.{name}" for buyer in stack.demand_layers]
        every = [name] if name in BUYER else []
        raise ParameterError(f"{key}: {name} describes buyers: write {' or '.join(every + buyers)}")
    return PER_LAYER[name], stack.selling_layers if layer == "*" else (layer,)


def _unknown_name(key: str, stack: Stack) -> str:
    if key in DEMAND_ONLY:
        return f"{key} is a parameter of demand layers: write {stack.demand_layers[0]}.{key}"
    if key in LAYER:
        return f"{key} is a parameter of layers: write *.{key} for all that sell or {stack.selling_layers[-1]}.{key}"
    if key in GROUPS:
        return f"{key} is a group: choose from {listed(name for name in MARKET if name.startswith(key + '.'))}"
    likely = meant(key, PARAMETERS, lambda name: f"*.{name}" if name in LAYER else name, PARAMS)
    return f"no parameter is called {key!r}: {likely}"


def _unknown_in_layer(key: str, name: str) -> str:
    if name in MARKET:
        return f"{key}: {name} has one value for the whole market: write {name}"
    prefix = key.removesuffix(name)
    return f"{key}: layers have no parameter {name!r}: {meant(name, PER_LAYER, prefix.__add__, PARAMS)}"


def _fitting(key: str, declaration: Parameter, value: Any) -> Value:
    """The value as a plain one, if the parameter can take it."""
    if problem := misfit(declaration, value):
        raise ParameterError(f"{key} {problem}")
    return value


def _array(declaration: Parameter, values: list[Value]) -> Any:
    return np.array(values, dtype={float: np.float64, int: np.int64, bool: np.bool_}[declaration.kind])


def _column(parameters: Parameters, name: str) -> Any:
    return getattr(parameters.layer if name in LAYER else parameters.buyer, name)


def _scalar(text: str) -> Value:
    if text in ("true", "false"):
        return text == "true"
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text.strip("\"'")
