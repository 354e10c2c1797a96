"""What can be wrong with a stack or a value: each mistake is one small check whose message says the repair.

Checks yield messages and raise nothing; the reader puts the file in front of the first, `resolve` passes it on. What
can be wrong with firms known by name is in `checks_of_firms`.
"""

from __future__ import annotations

import re
import reprlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter

from .calendar import EXAMPLE, quarter_number
from .errors import MOST_NAMES, listed
from .parameters import BUYER, GROUPS, Parameter, Parameters
from .stack import Layer, Stack

Faults = Iterator[str]

DEMAND_ONLY = frozenset({*BUYER, "quality_floor"})
"""Parameters that only layers without customers have a use for."""

_KINDS = {float: "a number, ", int: "a whole number, ", bool: "", str: ""}


def shown(value: object) -> str:
    """A value as a stack file would spell it, shortened."""
    return str(value).lower() if isinstance(value, bool) else reprlib.repr(value)


def meant(name: str, names: Iterable[str], written: Callable[[str], str] = str, told_by: str = "") -> str:
    """Say which valid name comes closest, or which there are, as they are to be written.

    Of many names, `told_by` is the command that lists them.
    """
    names = list(names)
    close = get_close_matches(name, names, 1)
    if close:
        return f"did you mean {written(close[0])!r}?"
    if told_by and len(names) > MOST_NAMES:
        return f"choose from those that `{told_by}` lists"
    return f"choose from {listed(map(written, names))}"


def misfit(declaration: Parameter, value: object) -> str | None:
    """Why a parameter cannot take a value, and what it can take; None if it fits."""
    kind = declaration.kind
    match value:
        case bool():
            fits = kind is bool
        case int() | float():
            fits = kind is float or (kind is int and isinstance(value, int))
            fits = fits and (declaration.low <= value <= declaration.high)
        case _:
            fits = value in declaration.choices
    if fits:
        return None
    unit = "" if declaration.unit == "-" else f" ({declaration.unit})"
    return f"must be {_KINDS[kind]}{declaration.range}{unit}, not {shown(value)}"


def faults(stack: Stack) -> Faults:
    """Everything wrong with a stack's shape, most basic first; a later check relies on the earlier ones."""
    for check in SHAPE_CHECKS:
        yield from check(stack)


def market_faults(stack: Stack, parameters: Parameters) -> Faults:
    """Everything wrong with resolved parameters that no single one of them shows."""
    for check in MARKET_CHECKS:
        yield from check(stack, parameters)


def no_layers(stack: Stack) -> Faults:
    if not stack.layers:
        yield "layers is empty: add at least one layer that sells and one that buys"


def unusable_name(stack: Stack) -> Faults:
    for name in stack.names:
        if name in GROUPS or not re.fullmatch(r"[\w-]+", name):
            yield f"layers: {name!r} cannot name a layer: use letters, digits, - and _, and neither of {listed(GROUPS)}"


def no_quarter(stack: Stack) -> Faults:
    start: object = stack.start
    if start is not None and not (isinstance(start, str) and quarter_number(start) is not None):
        yield f"start must be the quarter of the first step, as in {EXAMPLE!r}, not {shown(start)}"


def unknown_input(stack: Stack) -> Faults:
    for layer in stack.layers:
        for edge in layer.inputs:
            if edge.layer not in stack.names:
                others = [name for name in stack.names if name != layer.name]
                yield f"layers.{layer.name}.inputs: no layer is called {edge.layer!r}: {meant(edge.layer, others)}"


def self_input(stack: Stack) -> Faults:
    for layer in stack.layers:
        if any(edge.layer == layer.name for edge in layer.inputs):
            yield f"layers.{layer.name}.inputs: a layer cannot be its own input: remove {layer.name!r} from them"


def repeated_input(stack: Stack) -> Faults:
    for layer in stack.layers:
        for name, count in Counter(edge.layer for edge in layer.inputs).items():
            if count > 1:
                yield (
                    f"layers.{layer.name}.inputs: {name!r} is listed {count} times:"
                    f" list it once, with sources = {count} for {count} parallel contracts"
                )


def cycle(stack: Stack) -> Faults:
    try:
        TopologicalSorter(inputs_of(stack.layers)).prepare()
    except CycleError as error:
        yield f"layers: {' -> '.join(error.args[1])} supply each other in a circle: remove one of these inputs"


def disconnected(stack: Stack) -> Faults:
    islands = _islands(stack.layers)
    if len(islands) > 1:
        parts = "; ".join(listed(island) for island in islands)
        yield f"layers: the stack falls into {len(islands)} parts ({parts}): join them by inputs or keep one"


def no_selling_layer(stack: Stack) -> Faults:
    if not stack.selling_layers:
        yield "layers: no layer buys from another: give a demand layer inputs"


def buyers_parameter_on_a_seller(stack: Stack) -> Faults:
    selling = stack.selling_layers
    for layer in stack.layers:
        for name in layer.parameters:
            if name in DEMAND_ONLY and layer.name in selling:
                yield (
                    f"layers.{layer.name}.{name}: {name} describes buyers, and others buy from {layer.name!r}:"
                    f" set it for a demand layer ({listed(stack.demand_layers)})"
                )


def too_many_contacts(stack: Stack, parameters: Parameters) -> Faults:
    firms, degree = int(parameters.layer.firms.sum()), parameters.market.contacts_degree
    if degree > firms - 1:
        yield f"contacts.degree must be {firms - 1} or less, not {degree}: there are {firms} firms in all"


def odd_ring(stack: Stack, parameters: Parameters) -> Faults:
    market = parameters.market
    if market.contacts_kind == "watts-strogatz" and market.contacts_degree % 2:
        yield (
            f"contacts.degree must be even, not {market.contacts_degree}: in a watts-strogatz network"
            " contacts come in pairs, one on each side"
        )


def free_source(stack: Stack, parameters: Parameters) -> Faults:
    for layer, cost in zip(stack.layers, parameters.layer.base_cost, strict=True):
        if not layer.inputs and cost <= 0:
            yield (
                f"{layer.name}.base_cost must be above 0, not {cost:g}: a layer without inputs"
                " would give its product away, and appeal takes the logarithm of cost"
            )


SHAPE_CHECKS: tuple[Callable[[Stack], Faults], ...] = (
    no_layers,
    unusable_name,
    no_quarter,
    self_input,
    unknown_input,
    repeated_input,
    cycle,
    disconnected,
    no_selling_layer,
    buyers_parameter_on_a_seller,
)
MARKET_CHECKS: tuple[Callable[[Stack, Parameters], Faults], ...] = (
    too_many_contacts,
    odd_ring,
    free_source,
)


def inputs_of(layers: Iterable[Layer]) -> dict[str, list[str]]:
    """Layer -> the layers that it buys from."""
    return {layer.name: [edge.layer for edge in layer.inputs] for layer in layers}


def _islands(layers: Iterable[Layer]) -> list[list[str]]:
    """Groups of layers that no input joins, in the order of the layers."""
    islands: list[list[str]] = []
    for name, inputs in inputs_of(layers).items():
        touched = [island for island in islands if {name, *inputs} & {*island}]
        merged = list(dict.fromkeys([each for island in touched for each in island] + [name, *inputs]))
        islands = [island for island in islands if island not in touched] + [merged]
    return islands
