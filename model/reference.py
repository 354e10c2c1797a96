"""Passing a tuple of tables to compiled code by reference.

numba passes a named tuple by value: every array in it is nine words, so that a call with fifteen tables copies a
kilobyte, and every compiled function has over a hundred arguments. A class that is `passed_by_reference` is one
pointer instead; its fields are read through it when they are used. Compiled code can read the fields (and write to
the arrays), not rebind them.
"""

from __future__ import annotations

import hashlib
from typing import Any, TypeVar

from llvmlite import ir
from numba.core import cgutils, imputils, types
from numba.core.datamodel import models
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import NativeValue, lower_getattr_generic, register_model, typeof_impl, unbox

Class = TypeVar("Class", bound=type)


class Reference(types.Type):
    """The type of a tuple of a class that is passed by reference, with the types of its fields."""

    def __init__(self, name: str, fields: tuple[tuple[str, Any], ...]) -> None:
        self.fields = dict(fields)
        self.order = list(self.fields)
        digest = hashlib.sha256(repr(fields).encode()).hexdigest()[:16]  # the full names would be in every symbol
        super().__init__(f"{name}@{digest}")


@register_model(Reference)
class ReferenceModel(models.PrimitiveModel):
    """A pointer to the fields, one after another."""

    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, cgutils.voidptr_t)


@infer_getattr
class ReferenceAttribute(AttributeTemplate):
    """Fields have the types that they had in Python."""

    key = Reference

    def generic_resolve(self, kind: Any, name: str) -> Any:  # type: ignore[override]
        return kind.fields.get(name)


def layout(context: Any, kind: Reference) -> Any:
    """How the fields lie in memory."""
    return ir.LiteralStructType([context.get_value_type(field) for field in kind.fields.values()])


@lower_getattr_generic(Reference)
def read_field(context: Any, builder: Any, kind: Any, value: Any, name: str) -> Any:
    """Read a field word by word; it never changes during a call, so that the compiler may keep what it has read."""
    at = builder.bitcast(value, layout(context, kind).as_pointer())
    never_changes = builder.module.add_metadata([])

    def read(place: list[int], what: Any) -> Any:
        if isinstance(what, ir.LiteralStructType | ir.IdentifiedStructType | ir.ArrayType):
            parts = what.elements if not isinstance(what, ir.ArrayType) else [what.element] * what.count
            whole = ir.Constant(what, ir.Undefined)
            for n, part in enumerate(parts):
                whole = builder.insert_value(whole, read([*place, n], part), n)
            return whole
        word = builder.load(cgutils.gep_inbounds(builder, at, 0, *place))
        word.set_metadata("invariant.load", never_changes)
        return word

    field = kind.fields[name]
    found = read([kind.order.index(name)], context.get_value_type(field))
    return imputils.impl_ret_borrowed(context, builder, field, found)


@unbox(Reference)
def take(kind: Any, value: Any, c: Any) -> Any:
    """Put the fields side by side in the caller's frame and give their address."""
    place = cgutils.alloca_once(c.builder, layout(c.context, kind))
    failed = cgutils.alloca_once_value(c.builder, cgutils.false_bit)
    taken = []
    for n, field in enumerate(kind.fields.values()):
        item = c.pyapi.tuple_getitem(value, n)
        native = c.unbox(field, item)
        c.builder.store(c.builder.or_(c.builder.load(failed), native.is_error), failed)
        c.builder.store(native.value, cgutils.gep_inbounds(c.builder, place, 0, n))
        taken.append((field, native))

    def give_back() -> None:
        for field, native in taken:
            if native.cleanup is not None:
                native.cleanup()
            c.context.nrt.decref(c.builder, field, native.value)

    # An empty piece of assembly that may touch all memory: what is written above is there before anything is read,
    # even where the compiler draws the called function into this one.
    pointer = cgutils.voidptr_t
    same = ir.FunctionType(pointer, [pointer])
    address = c.builder.asm(same, "", "=r,0,~{memory}", [c.builder.bitcast(place, pointer)], True)
    return NativeValue(address, is_error=c.builder.load(failed), cleanup=give_back)


def passed_by_reference(kind: Class) -> Class:
    """Let compiled code get tuples of this class as one pointer."""

    @typeof_impl.register(kind)
    def typeof_tuple(value: Any, context: Any) -> Any:
        fields = ((name, typeof_impl(each, context)) for name, each in zip(value._fields, value, strict=True))
        return Reference(kind.__name__, tuple(fields))

    return kind
