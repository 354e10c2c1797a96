"""What a visitor can choose from, made from the declarations: stacks, parameters, policies, interventions."""

from __future__ import annotations

import math
from typing import Any, Literal, get_args, get_origin

from ...model.errors import InputError
from ...model.events import KINDS as EVENTS
from ...model.interventions import KINDS, as_tables, check
from ...model.measures import MEASURES, OVERALL
from ...model.parameters import LAYER, MARKET, Parameter, Parameters, Value
from ...model.policy import policies, read_policy
from ...model.settings import PER_LAYER, public_values, resolve
from ...model.stack import Stack, read_stack, stacks
from ..horizon import default_steps
from ..regimes import MEANINGS
from .asked import LARGEST_UPLOAD, MOST_STEPS, named, read_asked


def catalogue() -> dict[str, Any]:
    """What does not depend on the stack."""
    return {
        "stacks": stacks(),
        "policies": {name: {"title": title, "tables": policy_tables(name)} for name, title in policies().items()},
        "kinds": [kind_form(kind) for kind in KINDS],
        "events": {kind.name: {"meaning": kind.meaning, "gain": kind.gain} for kind in EVENTS},
        "measures": {name: {"meaning": m.meaning, "unit": m.unit} for name, m in {**OVERALL, **MEASURES}.items()},
        "regimes": MEANINGS,
        "asked": read_asked({}).model_dump(),
        "steps": {name: default_steps(read_stack(name)) for name in stacks()},
        "most_steps": MOST_STEPS,
        "largest_upload": LARGEST_UPLOAD,
    }


def policy_tables(name: str) -> list[dict[str, Any]]:
    """The interventions of a shipped policy, as tables."""
    return as_tables(read_policy(name).interventions)


def of_stack(stack: Stack) -> dict[str, Any]:
    """The stack with its parameters, grouped: the market's first, then those of each layer."""
    parameters = resolve(stack)
    values = public_values(parameters, stack)
    groups = [{"name": "market", "parameters": [told(name, MARKET[name], values[name]) for name in MARKET]}]
    for layer in stack.names:
        declared = PER_LAYER if layer in stack.demand_layers else LAYER
        shown = {f"{layer}.{name}": declaration for name, declaration in declared.items()}
        groups.append(
            {
                "name": layer,
                "parameters": [told(name, shown[name], values[name]) for name in shown if name in values],
            }
        )
    return {
        "stack": named(stack),
        "name": stack.name,
        "title": stack.title,
        "description": " ".join(stack.description.split()),
        "start": stack.start,
        "layers": stack.names,
        "selling": stack.selling_layers,
        "groups": groups,
        "policies": [name for name in policies() if _fits(name, stack, parameters)],
    }


def _fits(policy: str, stack: Stack, parameters: Parameters) -> bool:
    """Whether the stack has all that the policy names."""
    try:
        check(read_policy(policy).interventions, stack, parameters)
    except InputError:
        return False
    return True


def told(name: str, declared: Parameter, value: Value) -> dict[str, Any]:
    """A parameter as a page shows it: its value in this stack, what it may be, and what it means."""
    low, high = slider_bounds(declared, value)
    return {
        "name": name,
        "short": declared.name,
        "value": value,
        "kind": "choice" if declared.choices else declared.kind.__name__,
        "choices": declared.choices,
        "meaning": declared.meaning,
        "unit": declared.unit,
        "symbol": declared.symbol,
        "source": declared.source,
        "range": declared.range,
        "low": low,
        "high": high,
        "at_start": declared.at_start,
    }


def slider_bounds(declared: Parameter, value: Value) -> tuple[float, float] | tuple[None, None]:
    """The range of a slider: the declared one, or if that is wide the part around the value."""
    if declared.choices or isinstance(value, bool | str):
        return None, None
    if declared.high - declared.low <= 1.0:
        return declared.low, declared.high
    reach = max(4.0 * abs(float(value)), 1.0)
    low = max(declared.low, -reach)
    high = min(declared.high, reach)
    if declared.kind is int:
        return math.ceil(low), math.ceil(high)
    return low, high


def kind_form(kind: type[Any]) -> dict[str, Any]:
    """What a kind of intervention asks for: field, sort of value, default."""
    fields = []
    for field, found in kind.model_fields.items():
        if field not in ("kind", "name", "start", "until"):
            default = None if found.is_required() else found.default
            fields.append({"name": found.alias or field, "sort": _sort(field, found.annotation), "default": default})
    name = get_args(kind.model_fields["kind"].annotation)[0]
    return {"kind": name, "meaning": " ".join((kind.__doc__ or "").split()), "fields": fields}


def _sort(field: str, annotation: Any) -> str:
    if get_origin(annotation) is tuple:
        return "two layers" if Ellipsis not in get_args(annotation) else "layers"
    if field in ("layer", "firm", "set"):
        return field
    return "number" if get_origin(annotation) is not Literal else "text"
