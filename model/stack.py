"""The stack: which layers there are, who buys from whom, and what is said of them.

A stack is data. It is read from a TOML file by `read_stack`, or from such a file's tables by `Stack.from_dict`; both
check it, so that whatever holds a `Stack` may rely on it: the inputs form a connected graph without cycles, names are
known, values are within their ranges.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from .errors import InputError, printable
from .parameter import declarations
from .parameters import GROUPS, Parameter, Value
from .toml import spelt

SHIPPED = Path(__file__).parent / "stacks"


class StackError(InputError):
    """A stack that cannot be read: what is wrong, where, and what would be right, in one line."""


@dataclass(frozen=True)
class Input:
    """An edge of the stack: what a layer buys."""

    layer: str
    weight: Annotated[float, Parameter(1.0, "units of the input that one unit needs", "units/unit", 1e-6, 1e6, "w")]
    passthrough: Annotated[float, Parameter(1.0, "share of the input's log quality that arrives", "-", 1e-6, 5, "o")]
    sources: Annotated[int, Parameter(1, "workloads that are sourced each on its own", "-", 1, 16, "s")] = 1


@dataclass(frozen=True)
class Layer:
    """A stage of the stack, with those parameters that the file gives for it."""

    name: str
    inputs: tuple[Input, ...]
    parameters: Mapping[str, Value]


@dataclass(frozen=True)
class NamedUnit:
    """What is known of a real firm's operation in one layer."""

    layer: str
    share: Annotated[float | None, Parameter(0.0, "share of the layer's volume at the start", "-", 0, 1)]
    capability: Annotated[float | None, Parameter(0.0, "log quality at the start", "log quality", -100, 100)]
    source: str
    open: Annotated[bool, Parameter(False, "whether it is released openly at the start")] = False


@dataclass(frozen=True)
class NamedLink:
    """A known supply relation: in `layer`, the firm buys `input` from the firm `by`."""

    layer: str
    input: str
    by: str
    source: str


@dataclass(frozen=True)
class Alliance:
    """A known alliance with another named firm (`with` in a file)."""

    ally: str
    source: str
    exclusive: Annotated[
        bool, Parameter(False, "whether what the firm buys and the ally sells comes from the ally alone at the start")
    ] = False


@dataclass(frozen=True)
class NamedFirm:
    """A real firm that the stack starts with."""

    name: str
    home: str
    units: tuple[NamedUnit, ...]
    links: tuple[NamedLink, ...]
    allies: tuple[Alliance, ...] = ()

    @property
    def operated(self) -> tuple[str, ...]:
        """Its layers, home first."""
        return tuple(dict.fromkeys((self.home, *(unit.layer for unit in self.units))))


@dataclass(frozen=True)
class Stack:
    """Layers in an order that puts inputs before consumers, market-wide parameters, named firms, and its date.

    `horizon` is for how many steps it can be trusted. It changes no result, and is no part of a run's identity.
    """

    name: str
    title: str
    description: str
    layers: tuple[Layer, ...]
    parameters: Mapping[str, Value]
    firms: tuple[NamedFirm, ...] = ()
    start: str | None = None  # the quarter of step 0, as in "2025-Q1"
    horizon: int | None = field(default=None, compare=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The layers' names, inputs before consumers."""
        return tuple(layer.name for layer in self.layers)

    @property
    def selling_layers(self) -> tuple[str, ...]:
        """Layers that someone buys from."""
        bought = bought_layers(self.layers)
        return tuple(name for name in self.names if name in bought)

    @property
    def demand_layers(self) -> tuple[str, ...]:
        """Layers that no one buys from: the buyers."""
        bought = bought_layers(self.layers)
        return tuple(name for name in self.names if name not in bought)

    @property
    def alliances(self) -> tuple[tuple[str, str], ...]:
        """Pairs of named firms that are allied at the start, each pair once."""
        return tuple((firm.name, tie.ally) for firm in self.firms for tie in firm.allies)

    def as_dict(self) -> dict[str, Any]:
        """The tables of a stack file, as plain values."""
        return {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            **({"start": self.start} if self.start is not None else {}),
            **({"horizon": self.horizon} if self.horizon is not None else {}),
            "parameters": nested(self.parameters),
            "layers": {
                layer.name: {**layer.parameters, "inputs": [dict(vars(edge)) for edge in layer.inputs]}
                for layer in self.layers
            },
            "firms": {
                firm.name: {
                    "home": firm.home,
                    "units": [_given(unit) for unit in firm.units],
                    "links": [_given(link) for link in firm.links],
                    **({"allies": [_tie(tie) for tie in firm.allies]} if firm.allies else {}),
                }
                for firm in self.firms
            },
        }

    def identity(self) -> dict[str, Any]:
        """The tables of a stack file without what changes no result: runs are known by them."""
        return {name: value for name, value in self.as_dict().items() if name != "horizon"}

    @classmethod
    def from_dict(cls, tables: Mapping[str, Any]) -> Stack:
        """The stack of a file's tables; raises StackError."""
        from .stack_file import stack_of

        return stack_of(tables, "stack")


INPUT = declarations(Input, "input")
UNIT = declarations(NamedUnit, "unit")
ALLY = declarations(Alliance, "ally")


def read_stack(name_or_path: str | Path) -> Stack:
    """Read a shipped stack by its name ("ai-stack") or any other by its path; raises StackError."""
    from .shipped import find
    from .stack_file import read_file

    return read_file(find(name_or_path, SHIPPED, "stack", StackError))


def stacks() -> dict[str, str]:
    """Name -> title of the stacks that come with the package."""
    from .stack_file import tables_of

    return {file.stem: tables_of(file)["title"] for file in sorted(SHIPPED.glob("*.toml"))}


def copy_stack(name: str, file: str | Path) -> Path:
    """Write a shipped stack's file, comments and all, under a name of its own; raises StackError, OSError."""
    copied, shipped = Path(file), sorted(stacks())
    if name not in shipped:
        from .checks import meant

        raise StackError(f"no stack that comes along is called {name!r}: {meant(name, shipped)}")
    if copied.suffix != ".toml":
        raise StackError(f"{file}: a stack is a TOML file: call it {copied.stem or 'my-stack'}.toml")
    renamed = f"name = {spelt(printable(copied.stem))}"
    text = (SHIPPED / f"{name}.toml").read_text("utf-8").replace(f'name = "{name}"', renamed, 1)
    try:
        with copied.open("x", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
    except FileExistsError:
        raise StackError(f"{file}: is there already: take another name or remove it first") from None
    except FileNotFoundError as error:
        raise StackError(f"{file}: cannot be written: {error.strerror}") from None
    except OSError:
        copied.unlink(missing_ok=True)  # what fits of it, on a full disk
        raise
    return copied


def bought_layers(layers: Iterable[Layer]) -> frozenset[str]:
    """Names of the layers that some layer buys from."""
    return frozenset(edge.layer for layer in layers for edge in layer.inputs)


def nested(values: Mapping[str, Value]) -> dict[str, Any]:
    """Public names as tables: {"contacts.degree": 12} -> {"contacts": {"degree": 12}}."""
    tables: dict[str, Any] = {}
    for name, value in values.items():
        group, _, rest = name.rpartition(".")
        (tables.setdefault(group, {}) if group else tables)[rest] = value
    return tables


def flat(tables: Mapping[str, Any]) -> dict[str, Value]:
    """The inverse of `nested`."""
    values: dict[str, Value] = {}
    for name, value in tables.items():
        values |= {f"{name}.{rest}": each for rest, each in value.items()} if name in GROUPS else {name: value}
    return values


def _tie(tie: Alliance) -> dict[str, Value]:
    return {"with": tie.ally, "source": tie.source, "exclusive": tie.exclusive}


def _given(known: NamedUnit | NamedLink) -> dict[str, Value]:
    return {name: value for name, value in vars(known).items() if value is not None}
