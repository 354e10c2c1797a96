"""What a visitor asks for: a market, from data alone, within limits that keep the server answering."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict, Field, ValidationError

from ...model import RULES
from ...model.errors import InputError
from ...model.interventions import Intervention, check, read_table
from ...model.parameters import Parameters, Value
from ...model.settings import public_values, resolve
from ...model.stack import Stack, StackError, flat, read_stack, stacks
from ...model.strict import Strict
from ...model.world import World, opened
from .. import DEFAULT_SEED, DEFAULT_STEPS
from ..horizon import default_steps

FIRST_STACK = "ai-2025"
MOST_STEPS = 400
MOST_FIRM_STEPS = 600_000
"""Firms times steps of one request: 5,000 firms for 120 steps."""
LARGEST_UPLOAD = 1_000_000
"""Bytes."""


class AskedError(InputError):
    """A request or an upload that cannot be used: what is wrong and what would be right, in one line."""


class Asked(Strict):
    """A run: the stack is the name of a shipped one, or its tables."""

    model_config = ConfigDict(frozen=True)

    stack: str | dict[str, Any] = FIRST_STACK
    seed: int = Field(default=DEFAULT_SEED, ge=0, lt=2**53)  # what a browser can count to
    steps: int = Field(default=DEFAULT_STEPS, ge=1, le=MOST_STEPS)
    set: dict[str, Value] = Field(default_factory=dict, max_length=2000)
    interventions: list[dict[str, Any]] = Field(default_factory=list, max_length=100)

    def read_stack(self) -> Stack:
        """Its stack; raises StackError. No path is ever opened."""
        if not isinstance(self.stack, str):
            return Stack.from_dict(self.stack)
        if self.stack not in stacks():
            raise StackError(f"no stack is called {self.stack[:60]!r}: there are {', '.join(stacks())}")
        return read_stack(self.stack)

    def read_interventions(self) -> tuple[Intervention, ...]:
        """Its interventions; raises InterventionError."""
        return tuple(read_table(each, f"intervention {n}") for n, each in enumerate(self.interventions, 1))

    def world(self) -> World:
        """The market before its first step; raises InputError."""
        stack = self.read_stack()
        parameters = resolve(stack, self.set)
        check_size(parameters, self.steps)
        planned = self.read_interventions()
        check(planned, stack, parameters)
        return opened(stack, self.seed, self.set, interventions=planned)


def read_asked(tables: Any) -> Asked:
    """What a visitor asks for, out of plain data; raises AskedError. Its stack says how long, unless that is given."""
    try:
        if isinstance(tables, dict) and "steps" not in tables:
            tables = {**tables, "steps": default_steps(Asked.model_validate(tables).read_stack())}
        return Asked.model_validate(tables)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"][:2] if step != "dict[str,any]") or "the request"
        raise AskedError(f"{place}: {first['msg']}, not {str(first['input'])[:60]!r}") from None
    except RecursionError:
        raise AskedError("the request is nested too deeply") from None


def check_size(parameters: Parameters, steps: int) -> None:
    """Raises AskedError for a market that would keep all visitors waiting."""
    firms = int(parameters.layer.firms.sum())
    if firms * steps > MOST_FIRM_STEPS:
        raise AskedError(
            f"{firms:,} firms for {steps} steps are too many for a page: take {MOST_FIRM_STEPS // steps:,} firms or"
            f" {MOST_FIRM_STEPS // firms} steps at most, or the command line"
        )


def read_upload(content: bytes) -> Asked:
    """A stack or policy (TOML), a saved run's run.json or what Explore gave away; raises InputError.

    It is parsed as data and checked; nothing of it is run, and no path in it is opened.
    """
    if len(content) > LARGEST_UPLOAD:
        raise AskedError(f"the file has more than {LARGEST_UPLOAD // 1000:,} kB: give a stack, a policy or a run.json")
    try:
        tables = _parsed(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, RecursionError):
        raise AskedError("the file is no text: give a stack or policy (TOML) or a saved run's run.json") from None
    if not isinstance(tables, dict) or not tables:
        raise AskedError("the file holds no tables: give a stack or policy (TOML) or a saved run's run.json")
    return _recognised(tables)


def _parsed(text: str) -> Any:
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text)
        except ValueError as error:
            raise AskedError(f"the file is not valid JSON: {error}") from None
    try:
        return tomllib.loads(text)
    except ValueError as error:  # also of a number with too many digits
        raise AskedError(f"the file is not valid TOML: {error}") from None


def _recognised(tables: Mapping[str, Any]) -> Asked:
    """The run that a file asks for, by the names in it."""
    if "layers" in tables:
        asked = read_asked({"stack": Stack.from_dict(dict(tables)).as_dict()})
    elif "schema" in tables and "parameters" in tables:
        asked = of_manifest(tables)
    elif {*tables} <= {"title", "interventions"} and tables.get("interventions"):
        asked = read_asked({"interventions": _plain(tables["interventions"])})
    else:
        asked = read_asked(_plain(dict(tables)))
    asked.read_interventions()
    resolve(asked.read_stack(), asked.set)
    return asked


def _plain(value: Any) -> Any:
    """The value as JSON has it: a date, say, is none."""
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise AskedError(f"the file holds something that is neither number nor text: {error}") from None


def of_manifest(manifest: Mapping[str, Any], seed: int | None = None) -> Asked:
    """The run that run.json describes (the first seed unless another is asked for); raises InputError."""
    for told, why in (("start", "goes on from another market"), ("own_rules", "follows rules of your own")):
        if manifest.get(told):
            raise AskedError(f"this run {why}, which no file can bring along: see `stackrace.load`")
    if manifest.get("contacts"):
        raise AskedError("this run has a contact network of its own, which run.json does not hold")
    if manifest.get("rules") != RULES:
        raise AskedError(
            f"this run followed rules of version {manifest.get('rules')!r}, here they have version {RULES}"
        )
    try:
        stack = Stack.from_dict(manifest["stack"])
        tables = {
            "stack": named(stack),
            "seed": manifest["seeds"][0] if seed is None else seed,
            "steps": manifest["steps"],
            "set": {**manifest["set"], **_other_defaults(stack, manifest)},
            "interventions": manifest.get("interventions", []),
        }
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise AskedError(f"the file is not a run.json as a saved run has it ({error})") from None
    return read_asked(tables)


def _other_defaults(stack: Stack, manifest: Mapping[str, Any]) -> dict[str, Value]:
    """Parameters of a saved run whose values would be others today."""
    values = public_values(resolve(stack, manifest["set"]), stack)
    then = flat(manifest["parameters"]["parameters"])
    for layer, own in manifest["parameters"]["layers"].items():
        then |= {f"{layer}.{name}": value for name, value in own.items()}
    return {name: value for name, value in then.items() if values.get(name) != value}


def named(stack: Stack) -> str | dict[str, Any]:
    """The name of a shipped stack, the tables of any other."""
    return stack.name if stack.name in stacks() and read_stack(stack.name) == stack else stack.as_dict()
