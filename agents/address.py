"""Calling a function from compiled code by its address, so that the caller need not be compiled with it.

That may be a function of the user's in the place of a rule: numba compiles it if it can, else Python itself answers;
either gets the firm's row and its view as a block of numbers. Or it is a phase of the engine, which gets the state:
compiled into each other, every phase would be compiled three times.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable
from typing import Any, get_type_hints

import numba
import numpy as np
from llvmlite import binding, ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from .rule import LOOPS, inlined, settings

_callback: Any = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.POINTER(ctypes.c_double))


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


def compiled(function: Any, view: Any) -> tuple[Any, Any]:
    """The function compiled, and what stands at the address that compiled code calls; raises whatever numba does."""
    rule: Any = function if hasattr(function, "py_func") else numba.njit(error_model="numpy")(function)
    seen: Any = numba.njit(rebuilt(view))

    @numba.cfunc(types.float64(types.CPointer(types.float64)), error_model="numpy")
    def entry(block: Any) -> float:
        try:
            return float(rule(seen(block)))
        except Exception:
            return math.nan

    return rule, entry


def entered(answer: Callable[[int, Any], float], view: Any, failed: Callable[[BaseException], None]) -> tuple[int, Any]:
    """An address that leads to Python, and what has to be kept as long as it is used.

    Nothing may escape into compiled code: what the answer raises, Ctrl-C included, goes to `failed`.
    """
    made = rebuilt(view)

    def entry(block: Any) -> float:
        try:
            return float(answer(int(block[0]), made(block)))
        except BaseException as error:
            failed(error)
            return math.nan

    if settings.DISABLE_JIT:
        _plain.append(entry)
        return len(_plain), entry
    kept = _callback(entry)
    return ctypes.cast(kept, ctypes.c_void_p).value or 0, kept


_plain: list[Callable[[Any], Any]] = []
"""What an engine that is not compiled calls; its addresses count from 1."""


def address_of(phase: Any, state: Any) -> int:
    """Where a compiled function of the state stands; it is compiled for this kind of state if it was not yet."""
    if settings.DISABLE_JIT:
        if phase not in _plain:
            _plain.append(phase)
        return _plain.index(phase) + 1
    for loop in LOOPS:
        if loop.__module__ == phase.__module__:  # code from the cache looks for it when it is loaded
            binding.add_symbol(name_of(loop), pointer_to(compile_for(loop, state, 0, 0, 0, 0)))
    return pointer_to(compile_for(phase, state))


def compile_for(function: Any, *arguments: Any) -> Any:
    """Compile a function, or find it compiled, for arguments like these; nothing where nothing is compiled."""
    if settings.DISABLE_JIT:
        return None
    kinds = tuple(map(numba.typeof, arguments))
    if kinds not in function.overloads:
        function.compile(kinds)
    return function.overloads[kinds]


def pointer_to(made: Any) -> int:
    """Where a compiled function stands in memory, as C would call it."""
    return int(made.library.get_pointer_to_function(made.fndesc.llvm_cfunc_wrapper_name))


def name_of(loop: Any) -> str:
    """The name by which a phase finds a loop: compiled into its phase, it would be compiled twice."""
    return f"{loop.__module__}.{loop.__name__}"


@intrinsic
def _entered(typing_context: Any, address: Any, state: Any) -> Any:
    """Call the compiled function of the state at an address."""
    signature = types.void(types.int64, state)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address, state = arguments
        kind = ir.FunctionType(cgutils.voidptr_t, [context.get_value_type(signature.args[1])])
        builder.call(builder.inttoptr(address, ir.PointerType(kind)), [state])
        return context.get_dummy_value()

    return signature, generate


def _entered_plainly(address: int, state: Any) -> None:
    _plain[address - 1](state)


enter: Any = _entered_plainly if settings.DISABLE_JIT else _entered
"""enter(address, state): let the phase at that address act on the state."""


@intrinsic
def _shared_out(typing_context: Any, team: Any, loop: Any, state: Any, place: Any, count: Any) -> Any:
    """Run a loop over `count` rows here, or let the team at an address have it run by its threads."""
    signature = types.void(types.int64, loop, state, types.int64, types.int64)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        team, _, state, place, count = arguments
        pointer, word, zero = cgutils.voidptr_t, ir.IntType(64), ir.IntType(64)(0)
        kind = ir.FunctionType(pointer, [state.type, word, word, word, word])
        entry = cgutils.get_or_insert_function(builder.module, kind, name_of(loop.dispatcher))
        with builder.if_else(cgutils.is_null(builder, team)) as (alone, together):
            with alone:
                builder.call(entry, [state, place, zero, count, zero])
            with together:
                asked = ir.FunctionType(ir.VoidType(), [pointer, state.type, word, word])
                address = builder.inttoptr(team, ir.PointerType(asked))
                builder.call(address, [builder.bitcast(entry, pointer), state, place, count])
        return context.get_dummy_value()

    return signature, generate


def _shared_out_plainly(team: int, loop: Any, state: Any, place: int, count: int) -> None:
    loop(state, place, 0, count, 0)


share_out: Any = _shared_out_plainly if settings.DISABLE_JIT else _shared_out
"""share_out(team, loop, state, place, count): run a loop of the phase's own module over `count` rows of a place, such
as an edge, to its end; `team` is the address of a `Team` whose threads share the rows out, 0 for one thread."""


@inlined
def rows(first: int, last: int) -> range:
    """The rows of a loop that is shared out: the compiler sees that none is negative, to be counted from the end."""
    return range(np.int64(np.uint32(first)), np.int64(np.uint32(last)))


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


ask: Any = _asked_plainly if settings.DISABLE_JIT else _asked
"""ask(address, row, view): what the own rule at that address answers."""
