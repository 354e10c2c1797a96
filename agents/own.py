"""Rules of a user's own, put in the place of a shipped one.

Four rules can be replaced, each a function of one view that returns one number:

    price   PriceView  -> the next mark-up
    switch  SwitchView -> the appeal of one option
    build   BuildView  -> the gain expected from building; above 0 it is wished for
    ally    AllyView   -> what an alliance is worth to one side, per step, before upkeep

The compiled engine calls a replacement by its address, so that it need not be compiled anew: numba compiles the
user's function if it can, else Python itself answers. Either gets the view as a block of numbers, firm's row first.
"""

from __future__ import annotations

import ctypes
import hashlib
import inspect
import math
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_type_hints

import numba
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from .ally import AllyView, value_of_alliance
from .build import BuildView, gain_of_building
from .price import PriceView, markup_after
from .rule import settings
from .switch import SwitchView, appeal

Rule = Callable[[Any], float]
Answer = Callable[[int, Any], float]
"""What a rule says to the view of the firm in a row."""

SHIPPED: Mapping[str, tuple[type, Rule]] = {
    "price": (PriceView, markup_after),
    "switch": (SwitchView, appeal),
    "build": (BuildView, gain_of_building),
    "ally": (AllyView, value_of_alliance),
}
"""Decision -> the view that its rule gets, and the shipped rule."""

UNUSABLE = -1e300  # instead of what a rule returns that is no finite number; such a run is stopped

_callback: Any = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.POINTER(ctypes.c_double))


def leaves(view: Any, path: str = "") -> list[str]:
    """Paths of all numbers in a view, nested ones included, in order."""
    found = []
    for name, kind in get_type_hints(view).items():
        inner = f"{path}.{name}" if path else name
        found += leaves(kind, inner) if hasattr(kind, "_fields") else [inner]
    return found


def rebuilt(view: Any) -> Callable[[Any], Any]:
    """The function that makes a view of a block of numbers, whose first is the firm's row.

    Written out as one expression, since numba compiles no loop over fields.
    """
    place, named = 0, {}

    def spelt(kind: Any) -> str:
        nonlocal place
        if hasattr(kind, "_fields"):
            named[kind.__name__] = kind
            return f"{kind.__name__}({', '.join(spelt(inner) for inner in get_type_hints(kind).values())})"
        place += 1
        return f"block[{place}] != 0.0" if kind is bool else f"block[{place}]"

    made: Callable[[Any], Any] = eval(f"lambda block: {spelt(view)}", named)
    return made


@dataclass(frozen=True)
class OwnRule:
    """A user's rule in the place of a shipped one, as it is recorded and as the engine finds it."""

    decision: str
    name: str
    digest: str  # SHA-256 of its source
    compiled: bool = False
    address: int = field(default=0, repr=False, compare=False)  # 0: known by name only, it cannot be asked
    answer: Answer | None = field(default=None, repr=False, compare=False)
    function: Rule | None = field(default=None, repr=False, compare=False)
    kept: Any = field(default=None, repr=False, compare=False)  # what the address leads to
    failures: list[Exception] = field(default_factory=list, repr=False, compare=False)

    def complaint(self, step: int) -> str:
        """What went wrong, in one line."""
        why = "returned something that is no finite number"
        if self.failures:
            why = f"failed: {type(self.failures[0]).__name__}: {self.failures[0]}"
        names = ", ".join(leaves(SHIPPED[self.decision][0]))
        return f"rule {self.decision!r} ({self.name}) {why}, by step {step}; its view has {names}"


def own_rules(given: Mapping[str, Rule | OwnRule] | None) -> dict[str, OwnRule]:
    """The user's functions made ready; raises ValueError for an unknown decision or what is no function of a view."""
    found = {}
    for decision, function in (given or {}).items():
        if decision not in SHIPPED:
            raise ValueError(f"rules: there is no rule {decision!r} to replace; there are {', '.join(SHIPPED)}")
        found[decision] = function if isinstance(function, OwnRule) else made_ready(decision, function)
    return found


def made_ready(decision: str, function: Rule) -> OwnRule:
    """Compile the function if numba can, else let Python answer; raises ValueError if it takes no view."""
    view = SHIPPED[decision][0]
    plain: Any = getattr(function, "py_func", function)
    try:
        inspect.signature(plain).bind(None)
    except TypeError:
        raise ValueError(f"rules: {decision!r} must be a function of one {view.__name__}, not {function!r}") from None
    name, digest = getattr(plain, "__qualname__", type(plain).__name__), source_digest(plain)
    if not settings.DISABLE_JIT:
        try:
            entry = compiled_entry(function, rebuilt(view))
        except Exception:  # numba has many ways to say that it cannot
            pass
        else:
            return OwnRule(decision, name, digest, True, entry.address, lambda _, seen: plain(seen), plain, entry)
    return answered(decision, name, digest, lambda _, seen: plain(seen), plain)


def answered(decision: str, name: str, digest: str, answer: Answer, function: Rule | None = None) -> OwnRule:
    """A rule that Python answers, given the firm's row and its view; what it raises is kept for the engine to tell."""
    view, failures = rebuilt(SHIPPED[decision][0]), []

    def entry(block: Any) -> float:
        try:
            return float(answer(int(block[0]), view(block)))
        except Exception as error:  # nothing may escape into compiled code
            failures.append(error)
            return math.nan

    if settings.DISABLE_JIT:
        _plain.append(entry)
        return OwnRule(decision, name, digest, False, len(_plain), answer, function, entry, failures)
    kept = _callback(entry)
    address = ctypes.cast(kept, ctypes.c_void_p).value or 0
    return OwnRule(decision, name, digest, False, address, answer, function, kept, failures)


def compiled_entry(function: Rule, view: Callable[[Any], Any]) -> Any:
    """The function behind an address that compiled code can call; raises what numba raises when it cannot."""
    rule: Any = function if hasattr(function, "py_func") else numba.njit(error_model="numpy")(function)
    seen: Any = numba.njit(view)

    @numba.cfunc(types.float64(types.CPointer(types.float64)), error_model="numpy")
    def entry(block: Any) -> float:
        try:
            return float(rule(seen(block)))
        except Exception:
            return math.nan

    return entry


def source_digest(*functions: Any) -> str:
    """SHA-256 of the functions' source, or of their code where the source is not to be had."""
    digest = hashlib.sha256()
    for function in functions:
        try:
            digest.update(textwrap.dedent(inspect.getsource(function)).encode())
        except (OSError, TypeError):
            code = getattr(function, "__code__", None)
            digest.update(repr((code.co_code, code.co_consts, code.co_names) if code else function).encode())
    return digest.hexdigest()


_plain: list[Callable[[Any], float]] = []
"""What an engine that is not compiled calls; its addresses count from 1."""


@intrinsic
def _asked(typing_context: Any, address: Any, row: Any, view: Any) -> Any:
    """Call the function at an address with the row and the view's numbers in a block."""
    signature = types.float64(types.int64, types.int64, view)

    def numbers(context: Any, builder: Any, kind: Any, value: Any) -> list[Any]:
        if not isinstance(kind, types.BaseTuple):
            return [context.cast(builder, value, kind, types.float64)]
        every: Any = kind
        parts = list(every)
        values = [builder.extract_value(value, n) for n in range(len(parts))]
        return [each for part in zip(parts, values, strict=True) for each in numbers(context, builder, *part)]

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address, row, view = arguments
        given = [context.cast(builder, row, types.int64, types.float64)]
        given += numbers(context, builder, signature.args[2], view)
        block = cgutils.alloca_once(builder, ir.DoubleType(), size=len(given))
        for n, value in enumerate(given):
            builder.store(value, cgutils.gep_inbounds(builder, block, n))
        kind = ir.FunctionType(ir.DoubleType(), [ir.PointerType(ir.DoubleType())])
        return builder.call(builder.inttoptr(address, ir.PointerType(kind)), [block])

    return signature, generate


def _asked_plainly(address: int, row: int, view: Any) -> float:
    block = [float(row)]

    def fill(each: Any) -> None:
        for value in each:
            fill(value) if isinstance(value, tuple) else block.append(float(value))

    fill(view)
    return _plain[address - 1](block)


ask: Any = _asked_plainly if numba.config.DISABLE_JIT else _asked  # type: ignore[attr-defined]
"""ask(address, row, view): what the own rule at that address answers."""
