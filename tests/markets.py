"""Markets to test: stacks of the tests' own, steps one by one, copies, permutations and comparisons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

from stackrace.model.advance import advance
from stackrace.model.columns import SCHEMAS, State, columns_of, empty_table
from stackrace.model.measures import as_floats, empty_records
from stackrace.model.parameters import Value
from stackrace.model.settings import resolve
from stackrace.model.stack import Stack, read_stack
from stackrace.model.start import start

ROOT = Path(__file__).resolve().parent.parent
STACKS = Path(__file__).parent / "stacks"

HALF_SIZE: Mapping[str, Value] = {
    "compute.firms": 8,
    "hosting.firms": 10,
    "model.firms": 16,
    "tooling.firms": 16,
    "application.firms": 24,
    "device.firms": 8,
    "embedded.firms": 12,
    "enterprise.firms": 60,
    "maker.firms": 30,
}
"""ai-stack with about a third of its firms."""


def stack_named(name: str) -> Stack:
    """A stack of the tests' own, or a shipped one."""
    own = STACKS / f"{name}.toml"
    return read_stack(own if own.is_file() else name)


def opened(stack: Stack | str, seed: int = 1, set: Mapping[str, Value] | None = None) -> State:
    """A market before its first step."""
    stack = stack if isinstance(stack, Stack) else stack_named(stack)
    return start(stack, resolve(stack, set), seed)


def advanced(state: State, steps: int = 1) -> tuple[Any, Any]:
    """Take the market some steps further; returns what was measured of layers and the ledger of each step."""
    record, _, ledgers = recorded(state, steps)
    return as_floats(record), ledgers


def recorded(state: State, steps: int = 1) -> tuple[Any, Any, Any]:
    """Take the market some steps further; returns the records of layers and of the whole stack, and the ledgers."""
    record, overall = empty_records(steps, state.operates.shape[0])
    ledgers = empty_table("market", steps)
    advance(state, record, overall, ledgers)
    return record, overall, ledgers


def copied(state: State) -> State:
    """The same market, which can go its own way."""
    return State(*(table.copy() for table in state))


def columns(state: State) -> Iterator[tuple[str, Any]]:
    """Every column of a market with its name."""
    for name, table in zip(State._fields, state, strict=True):
        if table.dtype.names is None:
            yield name, table
        else:
            yield from ((f"{name}.{column}", table[column]) for column in table.dtype.names)


def same_bits(one: Any, other: Any) -> bool:
    """Whether two columns are equal in every bit; any NaN equals any other."""
    one, other = np.ascontiguousarray(one), np.ascontiguousarray(other)
    if one.dtype != other.dtype or one.shape != other.shape:
        return False
    if one.dtype == np.float64:
        return bool(np.all((one.view(np.int64) == other.view(np.int64)) | (np.isnan(one) & np.isnan(other))))
    return bool(np.array_equal(one, other))


def references(table: str) -> tuple[str, ...]:
    """Columns of a table that refer to rows."""
    found = columns_of(*SCHEMAS[table]).values()
    return tuple(column.name for column in found if column.unit == "row" and column.name != "row_of_slot")


def reordered(state: State, order: Any) -> State:
    """The same market with its rows in another order; slots, and the order of each list of contacts, stay."""
    place = np.argsort(order)

    def moved(rows: Any) -> Any:
        return np.where(rows >= 0, place[rows], -1)

    made = copied(state)._replace(
        firms=state.firms[order],
        ties=state.ties[order],
        operates=np.ascontiguousarray(state.operates[:, order]),
        traded=np.ascontiguousarray(state.traded[:, order]),
        units=np.ascontiguousarray(state.units[:, order]).view(np.recarray),
        links=np.ascontiguousarray(state.links[:, order]).view(np.recarray),
        holdings=state.holdings[order],
        traces=np.ascontiguousarray(state.traces[:, order]).view(np.recarray),
    )
    for name in ("firms", "ties", "links"):
        table = getattr(made, name)
        for column in references(name):
            table[column] = moved(table[column])
    made.firms.row_of_slot[:] = place[state.firms.row_of_slot]
    lists = [state.contacts[state.firms.first_contact[i] : state.firms.last_contact[i]] for i in order]
    ends = np.cumsum([len(each) for each in lists])
    made.firms.last_contact[:] = ends
    made.firms.first_contact[:] = ends - [len(each) for each in lists]
    return made._replace(contacts=place[np.concatenate(lists)].astype(state.contacts.dtype))


@st.composite
def stack_tables(draw: st.DrawFn) -> dict[str, Any]:
    """Tables of a random stack: two to five layers that sell, one or two that buy, any wiring without cycles."""
    sellers = draw(st.integers(1, 4))
    buyers = draw(st.integers(1, 2))
    layers: dict[str, Any] = {}
    for k in range(sellers):
        wiring = draw(st.sets(st.integers(0, k - 1), max_size=2)) if k else set()
        layers[f"l{k}"] = {
            "firms": draw(st.integers(1, 6)),
            "openable": draw(st.booleans()),
            "taste": draw(st.sampled_from([0.0, 0.1, 0.5])),
            "fixed_cost": draw(st.sampled_from([0.0, 0.3, 2.0])),
            "build_cost": draw(st.sampled_from([0.5, 5.0])),
            "innovation": draw(st.sampled_from([0.0, 0.1, 0.5])),
            "network_effect": draw(st.sampled_from([0.0, 0.5])),
            "inputs": [drawn_input(draw, m) for m in sorted(wiring)],
        }
    for k in range(buyers):
        wiring = draw(st.sets(st.integers(0, sellers - 1), min_size=1, max_size=2))
        bought = {f"l{m}" for m in wiring}
        if k == buyers - 1:  # so that every layer sells, and that all are connected
            bought |= unsold(layers, sellers) | {name for name, layer in layers.items() if not layer["inputs"]}
        layers[f"b{k}"] = {
            "firms": draw(st.integers(2, 10)),
            "adoption_initial": draw(st.sampled_from([0.0, 0.5, 1.0])),
            "frontier_share": draw(st.sampled_from([0.0, 0.5, 1.0])),
            "inputs": [drawn_input(draw, int(name[1:])) for name in sorted(bought)],
        }
    market = {
        "foreclosure": draw(st.sampled_from([0.0, 0.2])),
        "bundle_discount": draw(st.sampled_from([0.0, 0.3])),
        "open_share": draw(st.sampled_from([0.0, 0.5])),
        "exploration": draw(st.sampled_from([0.0, 1.0])),
        "contacts": {"kind": "erdos-renyi", "degree": draw(st.integers(0, 2))},
    }
    return {"name": "drawn", "title": "A random stack", "parameters": market, "layers": layers}


def drawn_input(draw: st.DrawFn, m: int) -> dict[str, Any]:
    """An input from layer m."""
    return {
        "layer": f"l{m}",
        "weight": draw(st.sampled_from([0.3, 1.0])),
        "passthrough": draw(st.sampled_from([0.4, 1.0])),
        "sources": draw(st.integers(1, 2)),
    }


def unsold(layers: Mapping[str, Any], sellers: int) -> set[str]:
    """Layers meant to sell that no one buys."""
    bought = {edge["layer"] for layer in layers.values() for edge in layer["inputs"]}
    return {f"l{k}" for k in range(sellers)} - bought
