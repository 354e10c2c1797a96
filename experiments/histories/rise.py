"""How a firm came to lead a layer: its gain in volume, split by where it came from.

The split adds up to the change of its volume exactly. Switching and takeovers are as the events have them; who
sourced anew, after a rival had left or without any supplier before, is read from the links of the run played again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...model.events import ACQUIRED
from ..replay import beginning
from ..run import Run

Frame = Any
"""A pandas data frame, whose cells have no type."""
KEPT = 3
"""Steps in a row that a lead must last: shorter ones come and go with single contracts."""


@dataclass(frozen=True)
class Rise:
    """From the last low of a firm's share to the step in which it took a lead that it kept; volumes in units/step."""

    firm: str
    layer: str
    low: int  # step before the rise
    lead: int  # step in which it took the lead
    before: float  # its volume then
    after: float
    whole_before: float  # the layer's volume then
    whole_after: float
    won: Frame  # events: contracts switched to the firm
    lost: Frame  # events: contracts switched away from it
    acquired: Mapping[tuple[str, int], float]  # volume taken over, by firm and step
    inherited: Mapping[str, float]  # volume of clients who had been with a rival that left, by rival
    anew: float  # volume of other clients who had nobody to deliver before

    @property
    def parts(self) -> dict[str, float]:
        """Where the gain came from; the values sum to `after - before`. `growth` is what is left: its clients' own."""
        found = {
            "switching": float(self.won.volume.sum() - self.lost.volume.sum()),
            "takeovers": sum(self.acquired.values()),
            "rivals that left": sum(self.inherited.values()),
            "sourced anew": self.anew,
        }
        return {**found, "growth": self.after - self.before - sum(found.values())}


def layer_volumes(run: Run, books: Frame, layer: str) -> Frame:
    """Volume of every firm in a layer: a row per step, a column per firm, in the order of their slots."""
    of_layer = books[books.layer == layer]
    slots = of_layer.drop_duplicates("firm").sort_values("slot", kind="stable").firm.tolist()
    table = of_layer.pivot_table(index="step", columns="firm", values="volume", aggfunc="sum", observed=True)
    table.columns = table.columns.astype(object)
    steps = range(run.first_step, run.first_step + run.steps)
    return table.reindex(index=steps, columns=slots, fill_value=0.0).fillna(0.0)


def led(volumes: Frame, label: str) -> list[tuple[int, int]]:
    """First and last step of every stretch in which a firm led the layer; of equals the lower slot leads."""
    if label not in volumes.columns:
        return []
    leads = ((volumes.idxmax(axis=1) == label) & (volumes[label] > 0.0)).to_numpy()
    edges = np.flatnonzero(np.diff(np.concatenate([[False], leads, [False]]).astype(int)))
    steps = volumes.index.to_numpy()
    return [(int(steps[a]), int(steps[b - 1])) for a, b in edges.reshape(-1, 2)]


def rise(run: Run, events: Frame, books: Frame, label: str, layer: str) -> Rise | None:
    """The first rise of a firm to a lead of a layer that it kept; None if it never took one (or led from the start)."""
    volumes = layer_volumes(run, books, layer)
    kept = [stretch for stretch in led(volumes, label) if stretch[1] - stretch[0] + 1 >= KEPT]
    led_first = [last for first, last in kept if first == run.first_step]
    leads = [first for first, _ in kept if first > run.first_step]
    if not leads:
        return None
    lead, since = leads[0], (led_first[0] + 1 if led_first else run.first_step)
    whole = volumes.sum(axis=1)
    share = (volumes[label] / whole.where(whole > 0.0)).fillna(0.0).loc[since : lead - 1]
    low = int(share.index[share.to_numpy() == share.min()][-1])
    moved = switches_of_owners(events, label)
    moved = moved[(moved.layer == layer) & moved.step.between(low, lead - 1)]
    inherited, anew = sourced_anew(run, label, layer, low, lead)
    return Rise(
        label,
        layer,
        low,
        lead,
        float(volumes.at[low, label]),
        float(volumes.at[lead, label]),
        float(whole.at[low]),
        float(whole.at[lead]),
        moved[(moved.counterparty == label) & (moved.former != label)],
        moved[(moved.former == label) & (moved.counterparty != label)],
        volumes_acquired(events, books, label, layer, low, lead),
        inherited,
        anew,
    )


def switches_of_owners(events: Frame, label: str) -> Frame:
    """Switches, those to and from a firm that `label` took over in the same step as to and from `label`.

    Takeovers come last in a step and their volume counts at once, so these contracts come or go with the new owner.
    """
    taken = events[(events.kind == "acquired") & (events.firm == label)]
    pairs = set(zip(taken.step, taken.counterparty.astype(object), strict=True))
    moved = events[events.kind == "switched"].copy()
    for side in ("counterparty", "former"):
        names = moved[side].astype(object)
        moved[side] = [
            label if pair in pairs else pair[1] for pair in zip(moved.step.tolist(), names.tolist(), strict=True)
        ]
    return moved


def volumes_acquired(
    events: Frame, books: Frame, label: str, layer: str, low: int, lead: int
) -> dict[tuple[str, int], float]:
    """What takeovers after step `low` and up to `lead` brought in a layer: (firm, step) -> volume.

    The event holds the volume of the home unit in that very step; of other units the books hold that of the one before.
    """
    found = {}
    for event in events[(events.kind == "acquired") & (events.firm == label)].itertuples():
        step, target = int(event.step), str(event.counterparty)
        if low < step <= lead:
            theirs = books[(books.firm == target) & (books.layer == layer) & (books.step == step - 1)]
            volume = float(event.volume) if event.layer == layer else float(theirs.volume.sum())
            if volume > 0.0:
                found[target, step] = volume
    return found


def sourced_anew(run: Run, label: str, layer: str, low: int, lead: int) -> tuple[dict[str, float], float]:
    """Volume of clients who came to a firm after step `low` without switching, when they first drew from it.

    By the rival that had served them and left the market since, and of all others (new units, clients of suppliers
    that could not deliver).
    """
    world = beginning(run)
    slot, birth = run.register.find(label)
    state = world.state
    row = int(state.firms.row_of_slot[slot])
    bought = np.flatnonzero(state.edges.input == run.stack.names.index(layer))
    buying = state.edges.consumer[bought]
    last = np.full((len(bought), len(state.firms)), -1)  # row of who delivered last, and its birth number
    births = np.zeros_like(last)
    served = np.zeros(last.shape, dtype=np.bool_)  # whether someone delivered in the step before
    inherited: dict[str, float] = defaultdict(float)
    anew = 0.0
    while world.step <= lead:
        step, supplier = world.step, world.state.links.supplier[bought].copy()
        running = world.state.operates[buying].copy()
        alive, born = world.state.firms.alive.copy(), world.state.firms.birth.copy()
        last[~running] = -1
        taken = world.advance(events=True).events
        state = world.state
        drawn = state.links.drawn[bought]
        delivered = running & (drawn > 0.0) & (supplier >= 0)
        if step > low and born[row] == birth:
            known = (last == row) & (births == birth)
            fresh = delivered & ~served & ~known & (supplier == row)
            gone = (last >= 0) & ~(alive[last] & (born[last] == births))
            flow = drawn * state.units.volume[buying]
            anew += float(flow[fresh & ~gone].sum())
            for e, i in np.argwhere(fresh & gone).tolist():
                rival = run.register.label(int(state.firms.slot[last[e, i]]), int(births[e, i]))
                inherited[rival] += float(flow[e, i])
        last = np.where(delivered, supplier, last)
        births = np.where(delivered, born[supplier], births)
        served = delivered
        for event in taken[taken["kind"] == ACQUIRED]:  # whoever takes a unit over takes its suppliers over
            i, j = (int(state.firms.row_of_slot[each]) for each in (event["counterparty"], event["firm"]))
            new = ~running[:, j]
            last[new, j], births[new, j], served[new, j] = last[new, i], births[new, i], served[new, i]
    return dict(
        sorted(((name, volume) for name, volume in inherited.items() if volume > 0.0), key=lambda each: -each[1])
    ), anew
