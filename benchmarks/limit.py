"""How close is the engine to plain C? Its heaviest phase, sourcing, against the same phase in C (limit.c, limit.h).

Both work on the same tables in memory, each on its own copy of a market; afterwards every column must be equal in
every bit. They are timed in turns within one process, less what an empty call costs; the ratio is the median of the
pairs. The aim is .8 at 10,000 firms. Needs gcc; NUMBA_OPT and other settings of numba may be varied from outside.

    python benchmarks/limit.py [--firms 552 10000 100000] [--steps 20] [--pairs 61] [--compiler gcc] [--quick]
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import subprocess
import tempfile
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd
from conditions import STACK, differing, machine, restore, scaled, seconds

from stackrace.model.advance import PHASES, addresses, lead_up, pass_through
from stackrace.model.columns import State
from stackrace.model.stack import read_stack
from stackrace.model.start import smallest_state
from stackrace.model.world import opened

FLAGS = ["-O3", "-march=native", "-ffp-contract=off", "-std=c11", "-Wall", "-shared", "-fPIC"]
ENOUGH = 10_000
"""Firms that each of the pairs looks at, at least: smaller markets are repeated."""
SPELT = {"float64": "double", "int64": "int64_t", "uint32": "uint32_t", "bool": "bool"}
STRUCTURES = {
    "market": "Market",
    "layers": "Layer",
    "edges": "Edge",
    "firms": "Firm",
    "ties": "Tie",
    "units": "Unit",
    "links": "Link",
    "traces": "UnitNotes",
    "holdings": "FirmNotes",
    "candidates": "Candidate",
    "reports": "Report",
    "events": "Event",
}
COUNTS = {"layers_count": "operates", "firms_count": "firms", "edges_count": "edges"}
"""Number of rows, found at the first axis of a table."""


def header() -> str:
    """The engine's tables as C declares them."""
    state, lines = smallest_state(), ["#include <stdbool.h>", "#include <stdint.h>"]
    for table, name in STRUCTURES.items():
        kind = getattr(state, table).dtype
        fields = "".join(f"    {SPELT[kind[column].name]} {column};\n" for column in kind.names)
        lines.append(f"typedef struct {{\n{fields}}} {name};")
        lines.append(f'_Static_assert(sizeof({name}) == {kind.itemsize}, "{table}");')
    pointers = [
        f"    {STRUCTURES.get(name) or SPELT[getattr(state, name).dtype.name]} *{name};" for name in State._fields
    ]
    counts = [f"    int64_t {name};" for name in (*COUNTS, "places")]
    return "\n".join([*lines, "typedef struct {", *pointers, *counts, "} State;", ""])


def built(compiler: str) -> ctypes.CDLL:
    """The C phase as a library."""
    here = Path(__file__).parent
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "tables.h").write_text(header())
        library = Path(scratch) / "limit.so"
        sources = [f"-I{scratch}", f"-I{here}", str(here / "limit.c"), "-o", str(library), "-lm"]
        subprocess.run([compiler, *FLAGS, *sources], check=True)
        return ctypes.CDLL(str(library))


class Pointers(ctypes.Structure):
    """A state as C sees it."""

    _fields_ = [(name, ctypes.c_void_p) for name in State._fields] + [
        (name, ctypes.c_int64) for name in (*COUNTS, "places")
    ]


def pointers(state: State) -> Pointers:
    """Where the tables of a state are."""
    counts = [len(getattr(state, table)) for table in COUNTS.values()]
    return Pointers(*(table.ctypes.data for table in state), *counts, state.ties.shape[1])


def market(firms: int, steps: int) -> State:
    """A market of about so many firms that has run for some steps and is about to source."""
    world = opened(read_stack(STACK), 1, scaled(firms))
    world.advance(steps)
    lead_up(world.state, "source")
    return world.state


def compared(firms: int, steps: int, pairs: int, library: ctypes.CDLL) -> dict[str, object]:
    """Time of both per firm, and C's time over ours."""
    state = market(firms, steps)
    ours, theirs = (State._make(table.copy() for table in state) for _ in range(2))
    seen, number = pointers(theirs), list(PHASES).index("source")
    phases = addresses(state)[number : number + 1]
    place = ctypes.byref(seen)
    sides = {"stackrace": lambda: pass_through(ours, phases), "C": lambda: library.source(place)}
    empty = {"stackrace": lambda: pass_through(ours, phases[:0]), "C": lambda: library.nothing(place)}
    calls = {name: median(seconds(call) for _ in range(1001)) for name, call in empty.items()}
    took: dict[str, list[float]] = {name: [] for name in sides}
    gc.disable()
    for pair in range(pairs * max(1, ENOUGH // firms)):
        for copy in (ours, theirs):
            restore(copy, state)
        for name in list(sides)[:: 1 if pair % 2 else -1]:
            took[name].append(seconds(sides[name]) - calls[name])
    gc.enable()
    count, ratios = len(state.firms), [c / our for our, c in zip(took["stackrace"], took["C"], strict=True)]
    return {
        "firms": count,
        "stackrace ns": median(took["stackrace"]) / count * 1e9,
        "C ns": median(took["C"]) / count * 1e9,
        "ratio": median(ratios),
        "quarter": np.quantile(ratios, 0.25),
        "three quarters": np.quantile(ratios, 0.75),
        "differing": differing(ours, theirs, "reports"),  # which C adds up at once
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--firms", type=int, nargs="+", default=[552, 10_000, 100_000])
    parser.add_argument("--steps", type=int, default=20, help="steps that the market has run before")
    parser.add_argument("--pairs", type=int, default=61)
    parser.add_argument("--compiler", default="gcc")
    parser.add_argument("--quick", action="store_true", help="smallest market, few pairs: shows that it works, no more")
    given = parser.parse_args()
    sizes, pairs = (given.firms[:1], 5) if given.quick else (given.firms, given.pairs)
    said = subprocess.run([given.compiler, "--version"], check=True, capture_output=True, text=True)
    print(machine(), said.stdout.splitlines()[0], sep="; ", end="\n\n")
    library = built(given.compiler)
    rows = [compared(firms, given.steps, pairs, library) for firms in sizes]
    table = pd.DataFrame(rows)
    print("sourcing, time per firm and step; ratio: C's time over ours, with the quartiles of the pairs")
    print(
        table.round({"stackrace ns": 1, "C ns": 1, "ratio": 2, "quarter": 2, "three quarters": 2}).to_string(
            index=False
        )
    )
    if (table.differing != "none").any():
        raise SystemExit("the engine and C differ")


if __name__ == "__main__":
    main()
