"""The reference pages of this folder, made from the declarations in the code: `python docs/tables.py` writes them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from inspect import getdoc
from pathlib import Path

from stackrace.model.columns import SCHEMAS, columns_of
from stackrace.model.events import KINDS
from stackrace.model.measures import MEASURES, OVERALL, Measure
from stackrace.model.parameters import BUYER, LAYER, MARKET, Parameter
from stackrace.model.stack import INPUT

HERE = Path(__file__).parent
MADE = "<!-- Made by `make tables` from the declarations in the code; do not edit. -->"


def table(head: str, rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table; `head` names its columns, separated by commas."""
    titles = head.split(", ")
    lines = [titles, ["---"] * len(titles), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def page(title: str, *parts: str) -> str:
    """A page of paragraphs and tables."""
    return "\n\n".join([f"# {title}", MADE, *parts]) + "\n"


def measures() -> str:
    """What is observed: the element "Observation" of an ODD protocol."""

    def rows(declared: Mapping[str, Measure]) -> Iterable[list[str]]:
        for name, each in declared.items():
            high = "" if math.isinf(each.high) else f" to {each.high:,g}"
            limits = f"{each.low:,g}{high or ' or more'}"
            yield [f"`{name}`", each.meaning, each.unit, limits, each.source]

    head = "name, definition, unit, range, source"
    return page(
        "Measures",
        "What is observed of a market after every step (the element *Observation* of an ODD protocol, Grimm et al."
        " 2020), as declared in `model/measures/declarations.py`. Nothing in the market reads a measure. *Firms* are"
        " counted by their home layer, *units* by the layer that they work in; a measure is NaN where it is not"
        " defined, for example without volume. Demand layers have rows too: what they buy is their volume, all of it"
        " for themselves, and there is nobody to enter, to switch to or to earn from. Source `stackrace`: a plain"
        " count or share, or a definition of this model's own.",
        "## Per layer: `run.measures`",
        table(head, rows(MEASURES)),
        "## Of the whole stack: `run.overall`",
        table(head, rows(OVERALL)),
    )


def state() -> str:
    """All state variables: the element "Entities, state variables and scales" of an ODD protocol."""
    parts = []
    for name, schemas in SCHEMAS.items():
        for schema in schemas:
            found = columns_of(schema).values()
            rows = ([f"`{each.name}`", each.unit, each.kind.__name__, each.meaning, each.written_by] for each in found)
            about = (getdoc(schema) or "").replace("\n", " ")
            parts += [f"## {schema.__name__}", f"In `state.{name}`. {about}"]
            parts += [table("name, unit, type, meaning, written by", rows)]
    return page(
        "State",
        "Everything that a market consists of (the element *Entities, state variables and scales* of an ODD protocol,"
        " Grimm et al. 2020), as declared in `model/columns.py` and `model/notes.py`. N firms (slots), K layers, E"
        " input edges, A alliance places; a step is a quarter. Besides these tables `state.operates` and"
        " `state.traded`, (K, N), say which units are in operation and which had flows this step, and"
        " `state.contacts` lists each firm's contacts.",
        *parts,
    )


def parameters() -> str:
    """All parameters."""

    def rows(declared: Mapping[str, Parameter]) -> Iterable[list[str]]:
        for name, each in declared.items():
            default = "none" if each.default == -math.inf else str(each.default).lower()
            meaning = each.meaning + "; read at the start only" * each.at_start
            yield [f"`{name}`", each.symbol, default, each.unit, each.range, meaning, each.source]

    head = "name, symbol, default, unit, range, meaning, source"
    return page(
        "Parameters",
        "Every parameter with its default, as declared in `model/parameters.py`; `stackrace params NAME` prints one."
        " Source `stackrace`: assumed here. Money is counted in base stage costs of one unit; a step is a quarter.",
        "## Of a layer",
        "`model.taste` sets it for one layer, `*.taste` for all that sell.",
        table(head, rows(LAYER)),
        "## Of buyers",
        "One value for all demand layers, which each may override: `frontier_share`, `maker.frontier_share`.",
        table(head, rows(BUYER)),
        "## Of the market",
        table(head, rows(MARKET)),
        "## Of an input",
        "What a layer buys from another, in the stack file only.",
        table(head, rows(INPUT)),
    )


def events() -> str:
    """All kinds of events."""
    return page(
        "Events",
        "What can happen to firms, as declared in `model/events.py` and recorded in `run.events`: in which step and"
        " layer, by whom (`firm`), with whom (`counterparty`), away from whom (`former`), which volume goes with it"
        " (units/step) and what the decider expected to gain.",
        table("kind, the firm ..., gain", ([f"`{kind.name}`", kind.meaning, kind.gain] for kind in KINDS)),
    )


PAGES = {"measures.md": measures, "state.md": state, "parameters.md": parameters, "events.md": events}

if __name__ == "__main__":
    for name, made in PAGES.items():
        (HERE / name).write_text(made(), "utf-8")
