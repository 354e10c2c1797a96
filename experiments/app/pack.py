"""A film as bytes for the browser: a header in JSON and typed arrays, which `page/film.js` reads."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from ...model.calendar import quarter_of
from ...model.events import KINDS
from ...model.interventions import dates_of
from ...model.measures import COLUMNS, OVERALL
from ...model.parameters import Integers
from ...model.register import Register
from ...model.stack import Stack
from ..horizon import beyond
from ..regimes import REGIMES, WINDOW, regime
from ..run import Run
from .film import BOOKS, Film, History

if TYPE_CHECKING:
    import pandas as pd

Arrays = dict[str, np.ndarray[Any, Any]]
READ = [COLUMNS.index(name) for name in ("hhi", "cr1", "cr4", "lerner", "unserved")]
ALIGNED = 8


def packed(film: Film) -> bytes:
    """A film as bytes, see `joined`."""
    labels, arrays = _arrays(film)
    run = film.run
    planned = [_planned(run, each) for each in run.interventions]
    told = names_of(run.stack, run.seed, range(run.steps))
    return joined({**told, "interventions": planned, "firms": labels}, arrays)


def joined(told: dict[str, Any], arrays: Arrays) -> bytes:
    """The length of the header (4 bytes, little-endian), the header, and the arrays, each at a multiple of 8 bytes.

    The header says of every array its type, shape and place behind the header.
    """
    parts, place, listed = [], 0, {}
    for name, array in arrays.items():
        content = np.ascontiguousarray(array).tobytes()
        content += bytes(-len(content) % ALIGNED)
        listed[name] = [array.dtype.str[1:], list(array.shape), place]
        place += len(content)
        parts.append(content)
    header = json.dumps({**told, "arrays": listed}, allow_nan=False).encode()
    header += b" " * (-(len(header) + 4) % ALIGNED)
    return b"".join([len(header).to_bytes(4, "little"), header, *parts])


def unpacked(content: bytes) -> tuple[dict[str, Any], Arrays]:
    """Header and arrays, as the browser reads them."""
    end = 4 + int.from_bytes(content[:4], "little")
    header = json.loads(content[4:end])
    arrays = {
        name: np.frombuffer(content, "<" + kind, int(np.prod(shape)), end + place).reshape(shape)
        for name, (kind, shape, place) in header["arrays"].items()
    }
    return header, arrays


def names_of(stack: Stack, seed: int, steps: Iterable[int]) -> dict[str, Any]:
    """What is not an array, of a film or of a moment: names and dates."""
    every = list(steps)
    dates = [quarter_of(step, stack.start) if stack.start else f"step {step}" for step in every]
    return {
        "stack": {"name": stack.name, "title": stack.title, "layers": stack.names, "demand": stack.demand_layers},
        "seed": seed,
        "steps": len(dates),
        "horizon": stack.horizon,
        "beyond": beyond(stack, every[-1] + 1),
        "dates": dates,
        "measures": COLUMNS,
        "overall": list(OVERALL),
        "books": BOOKS,
        "kinds": [kind.name for kind in KINDS],
        "regimes": REGIMES,
        "window": WINDOW,
    }


def network_of(register: Register, edges: Any, contacts: Integers, suppliers: History, allies: History) -> Arrays:
    """Who is at home where, who knows whom, who supplies whom and who is allied, and when that changes."""
    arrays: Arrays = {
        "home": np.repeat(np.arange(len(register.first) - 1), np.diff(register.first)).astype(np.uint8),
        "contacts": contacts.astype(np.int32),
        "edges": np.column_stack([edges.consumer, edges.input]).astype(np.uint8),
        "weights": edges.weight.astype("<f4"),
    }
    for name, history in (("suppliers", suppliers), ("allies", allies)):
        arrays[name], arrays[f"{name}_changes"] = history.first.astype(np.int32), history.changes.astype(np.int32)
    return arrays


def books_of(firms: Any, row_firm: Any, row_layer: Any, row_start: Any, books: Any) -> Arrays:
    """Slot and birth of every firm (shape (firms, 2)), and the rows of books with their firm, layer and values."""
    return {
        "firm_slot": firms[:, 0].astype(np.int32),
        "firm_birth": firms[:, 1].astype(np.int32),
        "row_firm": row_firm.astype(np.int32),
        "row_layer": row_layer.astype(np.uint8),
        "row_start": row_start,
        "books": books.T.astype("<f4"),
    }


def _planned(run: Run, each: Any) -> dict[str, Any]:
    begin, end = dates_of(each, run.stack)
    return {"label": each.label, "kind": each.kind, "from": begin, "until": end}


def _arrays(film: Film) -> tuple[list[str], Arrays]:
    """Labels of all firms, and everything that is drawn, by name."""
    run, books, events = film.run, film.run.firms, film.run.events
    labels, codes = _numbered([books.firm, events.firm, events.counterparty, events.former])
    found = np.array([run.register.find(label) for label in labels], np.int32).reshape(-1, 2)
    layers = books.layer.cat.codes.to_numpy()
    arrays: Arrays = {
        "measures": run.record.astype("<f4"),
        "overall": run.overall_record.astype("<f4"),
        "regime": _regimes(run),
        **books_of(found, codes[0], layers, _starts(books.step, run.steps), books[list(BOOKS)].to_numpy()),
        "event_kind": events.kind.cat.codes.to_numpy().astype(np.uint8),
        "event_layer": events.layer.cat.codes.to_numpy().astype(np.int8),
        "event_start": _starts(events.step, run.steps),
        "event_volume": events.volume.to_numpy(np.float32),
        "event_gain": events.gain.to_numpy(np.float32),
        **network_of(run.register, film.edges, film.contacts, film.suppliers, film.allies),
    }
    for name, found_codes in zip(("event_firm", "event_counterparty", "event_former"), codes[1:], strict=True):
        arrays[name] = found_codes.astype(np.int32)
    return labels, arrays


def _numbered(columns: list[pd.Series[Any]]) -> tuple[list[str], list[np.ndarray[Any, Any]]]:
    """All labels that occur, and each column as numbers of them (-1 for none)."""
    labels = list(dict.fromkeys(label for column in columns for label in column.cat.categories))
    number = {label: n for n, label in enumerate(labels)}
    maps = [np.array([*(number[label] for label in column.cat.categories), -1]) for column in columns]
    return labels, [places[column.cat.codes.to_numpy()] for places, column in zip(maps, columns, strict=True)]


def _starts(steps: pd.Series[Any], count: int) -> np.ndarray[Any, Any]:
    """Where the rows of each step begin, and the number of rows at last; shape (steps + 1,)."""
    return np.searchsorted(steps.to_numpy(), np.arange(count + 1)).astype(np.int32)


def _regimes(run: Run) -> np.ndarray[Any, Any]:
    """Number of the regime of every step and layer, read from the last steps up to it; -1 in demand layers."""
    found = np.full(run.record.shape[:2], -1, np.int8)
    selling = [run.stack.names.index(layer) for layer in run.stack.selling_layers]
    for step in range(run.steps):
        seen = run.record[max(0, step + 1 - WINDOW) : step + 1][:, selling][..., READ]
        counts = (~np.isnan(seen)).sum(axis=0)
        means = np.where(counts > 0, np.nansum(seen, axis=0) / np.maximum(counts, 1), np.nan)
        found[step, selling] = [REGIMES.index(regime(*row)) for row in means.tolist()]
    return found
