"""The reference pages of this folder, made from the declarations in the code: `python docs/tables.py` writes them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from inspect import getdoc, getsource, isclass
from pathlib import Path
from pydoc import locate

from stackrace.agents.own import SHIPPED
from stackrace.agents.switch import Need, Option
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


def first_line(thing: object) -> str:
    """The sentence that its docstring begins with."""
    return (getdoc(thing) or "").split("\n\n")[0].replace("\n", " ")


def views() -> str:
    """What each rule may look at: the element "Sensing" of an ODD protocol."""
    parts = []
    for view in (*(view for view, _ in SHIPPED.values()), Need, Option):
        rows = ([f"`{name}`", kind, said or "see below"] for name, kind, said in FIELD.findall(getsource(view)))
        parts += [f"## {view.__name__}", first_line(view), table("field, type, meaning and unit", rows)]
    return page(
        "Views",
        "What a firm may look at when it decides (the element *Sensing* of an ODD protocol, Grimm et al. 2020): the one"
        " argument of each rule that can be [replaced](rules.md), as declared in `agents/`. Appeal is what switching"
        " compares; its unit is that of log quality times `quality_weight`.",
        *parts,
    )


FIELD = re.compile(r"^    (\w+): (\w+)(?:  # (.*))?$", re.MULTILINE)
API = {
    "Run a market": ("simulate", "Run", "load", "World"),
    "Many seeds, and what a change does": (
        *("repeat", "Ensemble", "compare", "Comparison", "study", "Study", "load_study"),
        *("experiments.comparisons.paired.paired_effect", "experiments.comparisons.paired.holm"),
    ),
    "What a result comes from, and how far it can be trusted": ("attribute", "Attribution", "validate", "Validation"),
    "The years ahead": ("forecast", "Forecast"),
    "Sweeps": (
        *("sweep", "Results", "Sensitivity", "Boxes", "experiments.sweeps.results.open"),
        *("experiments.sweeps.sweep.Sweep", "experiments.sweeps.drive.Progress"),
    ),
    "Stacks and policies": (
        *("stacks", "read_stack", "Stack", "policies", "read_policy"),
        *("model.stack.Layer", "model.stack.Input", "model.stack.NamedFirm", "model.stack.NamedUnit"),
        *("model.stack.NamedLink", "model.stack.Alliance", "model.policy.Policy"),
    ),
    "In Mesa": (
        *("Market", "Firm", "model.views.question.Consideration", "model.views.question.Question"),
        "model.views.question.Alternative",
    ),
    "Figures of many runs": tuple(
        f"experiments.plots.figures.{name}"
        for name in ("shares", "hhi", "lerner", "profit_share", "fragility", "marked")
    ),
    "Figures of one run": (
        "experiments.histories.portraits.ownership",
        "experiments.histories.alliances.alliances",
        "experiments.histories.timeline.timeline",
    ),
    "Errors": (
        *("model.errors.InputError", "model.stack.StackError", "model.settings.ParameterError"),
        *("model.interventions.InterventionError", "model.register.FirmError", "model.world_file.WorldError"),
        *("experiments.run.NotRecordedError", "experiments.folder.SavedRunError", "experiments.folder.WriteError"),
        *("experiments.sweeps.store.StoreError", "experiments.sweeps.file.SweepError", "model.errors.SimulationError"),
    ),
}
"""Heading -> names below `stackrace`, each with its place unless it is of the front door."""

MEMBERS = {
    "stackrace.World": ":members: seed, step, copy, changed, save",
    "stackrace.Market": ":members: step_number, step, run, measures, measure, firm, graph, consider",
    "stackrace.Firm": ":members:\n   :exclude-members: columns, remove",
}
"""What is shown of a class that others look into as well; of all other classes all that is public."""


def directive(name: str, thing: object) -> str:
    """What has Sphinx explain it: of data classes the fields; users make no objects of others, the market apart."""
    if not isclass(thing):
        return f".. autofunction:: {name}"
    shown = [each.name for each in fields(thing) if not each.name.startswith("_")] if is_dataclass(thing) else []
    arguments = "" if name == "stackrace.Market" else f"({', '.join(shown)})"
    return f".. autoclass:: {name}{arguments}\n   {MEMBERS.get(name, ':members:')}"


def api() -> str:
    """The public names, which Sphinx explains in full from their docstrings."""
    parts = []
    for heading, places in API.items():
        found = {f"stackrace.{place}": locate(f"stackrace.{place}") for place in places}
        rows = ([f"`{name}`", first_line(thing)] for name, thing in found.items())
        blocks = "\n".join(directive(name, thing) for name, thing in found.items())
        parts += [f"## {heading}", table("name, what it is", rows)]
        if heading != "Errors":  # of which there is no more to say
            parts += [f"```{{eval-rst}}\n{blocks}\n```"]
    return page(
        "In Python",
        "What `import stackrace` offers, and what it returns, draws and raises; names that begin with `stackrace.model`"
        " or `stackrace.experiments` are imported from there. Data classes are shown with their fields. In signatures"
        " `Value` is a number, a truth value or a text, `Given` the tables of interventions or a file of them, `Pairs`"
        " an array of pairs of slots, `Rule` a function of a [view](views.md) that returns a number, `pd` pandas and"
        " `nx` networkx. Tables are pandas data frames; figures are matplotlib figures that are made without pyplot.",
        *parts,
    )


PAGES = {
    "measures.md": measures,
    "state.md": state,
    "parameters.md": parameters,
    "events.md": events,
    "views.md": views,
    "api.md": api,
}

if __name__ == "__main__":
    for name, made in PAGES.items():
        (HERE / name).write_text(made(), "utf-8")
