"""Rules of a user's own, put in the place of a shipped one.

Four rules can be replaced, each a function of one view that returns one number:

    price   PriceView  -> the next mark-up
    switch  SwitchView -> the appeal of one option
    build   BuildView  -> the gain expected from building; above 0 it is wished for
    ally    AllyView   -> what an alliance is worth to one side, per step, before upkeep
"""

from __future__ import annotations

import hashlib
import inspect
import pickle
import textwrap
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, get_type_hints

from .address import compiled, entered
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


def leaves(view: Any, path: str = "") -> list[str]:
    """Paths of all numbers in a view, nested ones included, in order."""
    found = []
    for name, kind in get_type_hints(view).items():
        inner = f"{path}.{name}" if path else name
        found += leaves(kind, inner) if hasattr(kind, "_fields") else [inner]
    return found


@dataclass(frozen=True)
class OwnRule:
    """A user's rule in the place of a shipped one, as it is recorded and as the engine finds it."""

    decision: str
    name: str
    digest: str  # SHA-256 of its source, with what it takes from around it
    compiled: bool = field(default=False, compare=False)
    address: int = field(default=0, repr=False, compare=False)  # 0: known by name only, it cannot be asked
    answer: Answer | None = field(default=None, repr=False, compare=False)
    function: Rule | None = field(default=None, repr=False, compare=False)  # None: it stays with its market
    kept: Any = field(default=None, repr=False, compare=False)  # what the address leads to
    failures: list[BaseException] = field(default_factory=list, repr=False, compare=False)  # the first one, if any

    def __deepcopy__(self, memo: object) -> OwnRule:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """How it is pickled: with its function if that can be, else by name and digest only, as in a saved run."""
        try:
            pickle.dumps(self.function)
        except Exception:  # pickle has many ways to say that it cannot
            return OwnRule, (self.decision, self.name, self.digest)
        return unpickled, (self.decision, self.name, self.digest, self.function)

    def clear(self) -> None:
        """Forget a failure."""
        self.failures.clear()

    def complaint(self, step: int) -> str:
        """What went wrong, in one line."""
        why = "raised an error or returned something that is no finite number"
        if self.failures:
            why = f"failed: {type(self.failures[0]).__name__}: {self.failures[0]}"
        names = ", ".join(leaves(SHIPPED[self.decision][0]))
        return f"rule {self.decision!r} ({self.name}) {why} in step {step}; its view has {names}"


def own_rules(given: Mapping[str, Rule | OwnRule] | None) -> dict[str, OwnRule]:
    """The user's functions made ready; raises ValueError for an unknown decision or what is no function of a view."""
    found = {}
    if given is not None and not isinstance(given, Mapping):
        raise ValueError(f"rules is {given!r}: give decisions and functions, such as {{'price': mine}}")
    for decision, function in (given or {}).items():
        if decision not in SHIPPED:
            raise ValueError(f"rules: there is no rule {decision!r} to replace; there are {', '.join(SHIPPED)}")
        if not isinstance(function, OwnRule):
            function = (made_ready if isinstance(function, Hashable) else made_ready.__wrapped__)(decision, function)
        found[decision] = function
    return found


def unpickled(decision: str, name: str, digest: str, function: Rule | None) -> OwnRule:
    """A rule in the process that unpickles it: made ready there if it came with its function."""
    return OwnRule(decision, name, digest) if function is None else own_rules({decision: function})[decision]


@lru_cache(maxsize=32)  # compiling takes a second, and what was compiled is never freed
def made_ready(decision: str, function: Rule) -> OwnRule:
    """Compile the function if numba can, else let Python answer; raises ValueError if it takes no view."""
    view = SHIPPED[decision][0]
    plain: Any = getattr(function, "py_func", function)
    try:
        inspect.signature(plain).bind(None)
        if inspect.iscoroutinefunction(plain):
            raise TypeError
    except TypeError:
        raise ValueError(f"rules: {decision!r} must be a function of one {view.__name__}, not {function!r}") from None
    name, digest = getattr(plain, "__qualname__", type(plain).__qualname__), source_digest(plain)
    if not settings.DISABLE_JIT:
        try:
            rule, entry = compiled(function, view)
        except Exception:  # numba has many ways to say that it cannot
            pass
        else:
            return OwnRule(decision, name, digest, True, entry.address, lambda _, seen: rule(seen), function, entry)
    return answered(decision, name, digest, lambda _, seen: plain(seen), function)


def answered(decision: str, name: str, digest: str, answer: Answer, function: Rule | None = None) -> OwnRule:
    """A rule that Python answers, given the firm's row and its view; the first failure is kept, to be told."""
    failures: list[BaseException] = []

    def failed(error: BaseException) -> None:
        if not failures or not isinstance(error, Exception):
            failures[:] = [error]

    address, kept = entered(answer, SHIPPED[decision][0], failed)
    return OwnRule(decision, name, digest, False, address, answer, function, kept, failures)


def source_digest(*functions: Any) -> str:
    """SHA-256 of what functions do: their source (their code where there is none), defaults, and what they enclose."""
    digest = hashlib.sha256()
    for function in functions:
        for part in _parts(function):
            digest.update(part.encode())
    return digest.hexdigest()


def _parts(function: Any) -> list[str]:
    """Everything about a function that can be told apart by text."""
    if hasattr(function, "func") and hasattr(function, "keywords"):  # functools.partial
        return [*_parts(function.func), repr(function.args), repr(sorted(function.keywords.items()))]
    function = getattr(function, "py_func", function)  # of a compiled one
    code = getattr(function, "__code__", None)
    if code is None:  # an object that can be called
        called = vars(type(function)).get("__call__")
        state = repr(sorted(getattr(function, "__dict__", {}).items()))
        return [type(function).__qualname__, *(_parts(called) if called else []), state]
    try:
        source = textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        source = repr((code.co_code, code.co_consts, code.co_names))
    around = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).items()]
    around += [cell.cell_contents for cell in function.__closure__ or ()]
    return [source, *(part for each in around for part in _of_value(each))]


def _of_value(value: Any) -> list[str]:
    """What a function takes from around it; of an object that says no more than where it lies in memory, its type."""
    if hasattr(value, "__code__"):
        return _parts(value)
    text = repr(value)
    return [type(value).__qualname__ if " at 0x" in text else text]
