"""Firms of another kind: which class the firms of a layer have, and the rules that such classes bring along."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..agents.firm import Firm
from ..agents.own import SHIPPED, Answer, OwnRule, answered, source_digest
from .errors import InputError
from .stack import Stack

Kinds = type[Firm] | Mapping[str, type[Firm]]
"""A subclass of `Firm`, or one for each of some home layers."""


def classes_of(given: Kinds, stack: Stack) -> dict[str, type[Firm]]:
    """Home layer -> class of its firms; raises InputError."""
    if isinstance(given, type) and issubclass(given, Firm):
        return dict.fromkeys(stack.names, given)
    if not isinstance(given, Mapping):
        raise InputError(f"firm_class must be a subclass of Firm, or one for some layers, not {given!r}")
    for layer, each in given.items():
        if layer not in stack.names:
            raise InputError(f"firm_class: no layer is called {layer!r}; there are {', '.join(stack.names)}")
        if not (isinstance(each, type) and issubclass(each, Firm)):
            raise InputError(f"firm_class: {layer} needs a subclass of Firm, not {each!r}")
    return {layer: given.get(layer, Firm) for layer in stack.names}


def rules_of(classes: Mapping[str, type[Firm]], asking: Callable[[str], Answer]) -> dict[str, OwnRule]:
    """A rule for every decision that some class takes in its own way; `asking` finds the firm that is asked."""
    own = {}
    for decision in SHIPPED:
        method = f"decide_{decision}"
        deciders = {getattr(each, method) for each in classes.values()} - {getattr(Firm, method)}
        if deciders:
            ordered = sorted(deciders, key=lambda each: each.__qualname__)
            names = ", ".join(each.__qualname__ for each in ordered)
            own[decision] = answered(decision, names, source_digest(*ordered), asking(decision))
    return own
