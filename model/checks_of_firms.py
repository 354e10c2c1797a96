"""What can be wrong with the firms that a stack names; see `checks`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from .checks import Faults, inputs_of, meant
from .errors import listed
from .parameters import Parameters, slots_taken
from .stack import Stack


def firm_faults(stack: Stack) -> Faults:
    """Everything wrong with named firms, most basic first; a later check relies on the earlier ones and on a stack
    whose shape is in order."""
    for check in FIRM_CHECKS:
        yield from check(stack)


def placing_faults(stack: Stack, parameters: Parameters) -> Faults:
    """Everything that keeps named firms from starting with resolved parameters."""
    for check in PLACING_CHECKS:
        yield from check(stack, parameters)


def firm_in_an_unfit_layer(stack: Stack) -> Faults:
    selling = stack.selling_layers
    for firm in stack.firms:
        for layer in firm.operated:
            if layer not in selling:
                where = "home" if layer == firm.home else "units"
                yield f"firms.{firm.name}.{where}: no selling layer is called {layer!r}: {meant(layer, selling)}"


def named_like_an_anonymous_firm(stack: Stack) -> Faults:
    anonymous = re.compile(rf"({'|'.join(map(re.escape, stack.names))})-\d+(\.\d+)?|\d+")
    for firm in stack.firms:
        if anonymous.fullmatch(firm.name):
            yield f"firms.{firm.name}: is what the firm of another slot is called: give it a name of its own"


def repeated_unit(stack: Stack) -> Faults:
    for firm in stack.firms:
        for layer, count in Counter(unit.layer for unit in firm.units).items():
            if count > 1:
                yield f"firms.{firm.name}.units: {layer!r} is listed {count} times: a firm has one unit per layer"


def shares_beyond_one(stack: Stack) -> Faults:
    for layer in stack.selling_layers:
        known = [(firm.name, unit.share or 0.0) for firm in stack.firms for unit in firm.units if unit.layer == layer]
        total = sum(share for _, share in known)
        if total > 1 + 1e-9:
            yield (
                f"firms: the shares of {layer!r} add up to {total:.6g}: lower those of"
                f" {listed(name for name, _ in known)} to 1 or less in all"
            )


def unfounded_link(stack: Stack) -> Faults:
    inputs = inputs_of(stack.layers)
    operated = {firm.name: firm.operated for firm in stack.firms}
    for firm in stack.firms:
        for link in firm.links:
            where = f"firms.{firm.name}.links"
            if link.layer not in firm.operated:
                yield f"{where}: it has no unit in {link.layer!r}: {meant(link.layer, firm.operated)}"
            elif link.input not in inputs[link.layer]:
                yield f"{where}: {link.layer!r} does not buy {link.input!r}: {meant(link.input, inputs[link.layer])}"
            elif link.by not in operated:
                yield f"{where}: no named firm is called {link.by!r}: {meant(link.by, operated)}"
            elif link.input not in operated[link.by]:
                sellers = [name for name, layers in operated.items() if link.input in layers]
                yield f"{where}: {link.by!r} has no unit in {link.input!r}: choose from {listed(sellers)}"


def more_links_than_sources(stack: Stack) -> Faults:
    sources = {(layer.name, edge.layer): edge.sources for layer in stack.layers for edge in layer.inputs}
    for firm in stack.firms:
        for (layer, name), count in Counter((link.layer, link.input) for link in firm.links).items():
            if count > sources[layer, name]:
                yield (
                    f"firms.{firm.name}.links: {count} suppliers of {name!r} for {layer!r}, which has"
                    f" {sources[layer, name]}: raise sources in layers.{layer}.inputs or drop a link"
                )


def unfounded_ally(stack: Stack) -> Faults:
    names = [firm.name for firm in stack.firms]
    for firm in stack.firms:
        for tie in firm.allies:
            if tie.ally == firm.name:
                yield f"firms.{firm.name}.allies: a firm cannot be its own ally: remove {firm.name!r} from them"
            elif tie.ally not in names:
                others = [name for name in names if name != firm.name]
                yield f"firms.{firm.name}.allies: no named firm is called {tie.ally!r}: {meant(tie.ally, others)}"


def repeated_ally(stack: Stack) -> Faults:
    seen: dict[frozenset[str], str] = {}
    for firm in stack.firms:
        for tie in firm.allies:
            pair = frozenset((firm.name, tie.ally))
            if pair in seen:
                where = "here" if seen[pair] == firm.name else f"in firms.{seen[pair]}"
                yield (
                    f"firms.{firm.name}.allies: {tie.ally!r} is listed before, {where}: list an alliance once,"
                    " with the side that buys"
                )
            seen[pair] = firm.name


def exclusive_without_object(stack: Stack) -> Faults:
    inputs, operated = inputs_of(stack.layers), {firm.name: firm.operated for firm in stack.firms}
    for firm in stack.firms:
        bound: dict[tuple[str, str], str] = {}
        for tie in firm.allies:
            if not tie.exclusive:
                continue
            where = f"firms.{firm.name}.allies: exclusive with {tie.ally!r}"
            bought = [(layer, name) for layer in firm.operated for name in inputs[layer] if name in operated[tie.ally]]
            if not bought:
                yield f"{where}, which sells nothing that {firm.name} buys: leave exclusive out"
            for layer, name in bought:
                given = [link.by for link in firm.links if (link.layer, link.input) == (layer, name)]
                rivals = {by for by in [*given, bound.get((layer, name), tie.ally)] if by != tie.ally}
                for rival in sorted(rivals):
                    yield f"{where}, but {name!r} for {layer!r} comes from {rival!r} too: drop one of them"
                bound[layer, name] = tie.ally


def too_many_named_firms(stack: Stack, parameters: Parameters) -> Faults:
    homes = Counter(firm.home for firm in stack.firms)
    for name, slots, taken in zip(stack.names, parameters.layer.firms, slots_taken(parameters.layer), strict=True):
        if homes[name] > slots:
            yield f"{name}.firms must be {homes[name]} or more, not {slots}: so many named firms are at home there"
        elif homes[name] > taken:
            yield (
                f"{name}.occupied must leave {homes[name]} or more of {slots} slots taken, not {taken}:"
                " so many named firms are at home there"
            )


def open_unit_in_a_closed_layer(stack: Stack, parameters: Parameters) -> Faults:
    for firm in stack.firms:
        for number, unit in enumerate(firm.units):
            if unit.open and not parameters.layer.openable[stack.names.index(unit.layer)]:
                yield (
                    f"firms.{firm.name}.units[{number}].open must be false: units of {unit.layer!r}"
                    f" cannot be released openly unless {unit.layer}.openable is true"
                )


def too_many_allies(stack: Stack, parameters: Parameters) -> Faults:
    most = parameters.market.max_allies
    if not parameters.market.decisions_ally:
        return
    for name, count in Counter(side for pair in stack.alliances for side in pair).items():
        if count > most:
            yield f"max_allies must be {count} or more, not {most}: {name} has so many allies at the start"


FIRM_CHECKS: tuple[Callable[[Stack], Faults], ...] = (
    firm_in_an_unfit_layer,
    named_like_an_anonymous_firm,
    repeated_unit,
    shares_beyond_one,
    unfounded_link,
    more_links_than_sources,
    unfounded_ally,
    repeated_ally,
    exclusive_without_object,
)
PLACING_CHECKS: tuple[Callable[[Stack, Parameters], Faults], ...] = (
    too_many_named_firms,
    open_unit_in_a_closed_layer,
    too_many_allies,
)
