"""Events of note in one run: those that concern the largest shares of a layer, in sentences in order of time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ...model.interventions import dates_of
from ..run import Run
from ..wording import in_cell, in_quarters, when
from .rise import Frame
from .timeline import exits

MOST = 12
LED = 4
"""Steps that a lead must last to be told: shorter ones come and go with single contracts."""
SMALLEST = 0.05
"""What concerns less than this share of its layer's volume is not told."""


class Event(NamedTuple):
    """What happened when, and which share of its layer's volume it concerned."""

    step: int
    share: float
    text: str


def notable(run: Run, most: int = MOST) -> list[str]:
    """The largest events of a run that recorded its events and the volumes of firms; interventions are always told."""
    acts = [Event(dates_of(each, run.stack)[0], 1.0, each.label) for each in run.interventions]
    acts = [Event(step, 1.0, f"Intervention: {label}.") for step, _, label in acts]
    acts = [act for act in acts if run.first_step <= act.step < run.first_step + run.steps]
    found = [each for each in (*_exits(run), *_leads(run), *_built(run)) if each.share >= SMALLEST]
    found = sorted(found, key=lambda each: -each.share)[: max(0, most - len(acts))]
    told = sorted([*acts, *found], key=lambda each: each.step)
    return [f"{in_quarters(when(each.step), run.stack.start)}: {each.text}" for each in told]


def _exits(run: Run) -> Iterator[Event]:
    for event in exits(run).itertuples():
        share = f"{in_cell(event.share)} of {event.layer}"
        if event.kind == "acquired":
            text = f"{event.firm} takes over {event.counterparty}, which fails with {share}."
        else:
            text = f"{event.firm} fails with {share}, and nobody takes it over."
        yield Event(int(event.step), float(event.share), text)


def _leads(run: Run) -> Iterator[Event]:
    """Who becomes the largest of a layer and stays it for a while, and who was that in the step before."""
    books = run.firms[run.firms.volume > 0.0]
    largest = books.loc[books.groupby(["layer", "step"], observed=True).volume.idxmax()]
    wholes = run.measures.set_index(["layer", "step"]).volume
    for layer in run.stack.selling_layers:
        of_layer = largest[largest.layer == layer].astype({"firm": object})
        before, told = "", ""
        for _, spell in of_layer.groupby((of_layer.firm != of_layer.firm.shift()).cumsum()):
            first = spell.iloc[0]
            if told and len(spell) >= LED and first.firm != told:
                share = float(first.volume / wholes[layer, first.step])
                text = f"{first.firm} becomes the largest in {layer}, with {in_cell(share)} (before: {before})."
                yield Event(int(first.step), share, text)
            if len(spell) >= LED:
                told = first.firm
            before = first.firm


def _built(run: Run) -> Iterator[Event]:
    """Who decides to make what it bought, by the share of the supplying layer's volume that it needs."""
    built: Frame = run.events[(run.events.kind == "built") & run.events.counterparty.notna()]
    wholes = run.measures.set_index(["layer", "step"]).volume
    rows: list[Any] = list(built.itertuples())
    for event in rows:
        whole = float(wholes[event.layer, event.step])
        share = event.volume / whole if whole > 0.0 else 0.0
        text = f"{event.firm} builds a unit in {event.layer} rather than buy from {event.counterparty}; it needs"
        yield Event(int(event.step), share, f"{text} {in_cell(share)} of what the layer makes.")
