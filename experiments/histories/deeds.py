"""What a firm did and what was done to it, in sentences from the events of a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import exp
from typing import Any

from ...model.world import World
from ..run import Run
from ..wording import amount, counted, joined, percent, when
from .rise import Frame

NAMED = 3
"""How many of the largest are named where there are many."""


@dataclass(frozen=True)
class Subject:
    """A firm of a run that recorded events and books; `start` is the market before the run's first step."""

    run: Run
    label: str
    slot: int
    start: World

    @cached_property
    def row(self) -> int:
        """Its row in the state."""
        return int(self.start.state.firms.row_of_slot[self.slot])

    @property
    def home(self) -> str:
        """Its home layer."""
        return self.run.stack.names[int(self.start.state.firms.home[self.row])]

    @property
    def is_buyer(self) -> bool:
        """Whether no one buys what its home layer makes."""
        return self.home in self.run.stack.demand_layers

    @property
    def end(self) -> int:
        """The step after the run's last one."""
        return self.run.first_step + self.run.steps

    @cached_property
    def books(self) -> Frame:
        """Its rows of the books."""
        return self.run.firms[self.run.firms.firm == self.label]

    def events(self, kind: str, who: str = "firm") -> Frame:
        """The events of a kind in which it has a part: as firm, counterparty or former."""
        events = self.run.events
        return events[(events.kind == kind) & (events[who] == self.label)]

    @cached_property
    def founded(self) -> int | None:
        """The step in which it entered; None if it was there before the run."""
        return next((int(step) for step in self.events("entered").step), None)

    @cached_property
    def gone(self) -> int | None:
        """The step in which it left or was taken over; None if it is there at the end."""
        ends = [*self.events("left").step, *self.events("acquired", "counterparty").step]
        return int(ends[0]) if ends else None


def units(firm: Subject) -> Iterator[str]:
    """What it built and closed."""
    built, closed = firm.events("built"), firm.events("closed")
    if len(built):
        most = NAMED if len(built) > NAMED + 1 else len(built)
        chosen = built.sort_values("volume", ascending=False, kind="stable").head(most).sort_index()
        scattered = built.layer.nunique() > 1 or len(built) == 1
        told = [(f"in {each.layer} " if scattered else "") + _built(firm, each) for each in chosen.itertuples()]
        rest = f"; and {len(built) - most} smaller ones" if len(built) > most else ""
        yield f"It built {_units(built)}{':' if len(built) > 1 else ''} {'; '.join(told)}{rest}."
    if len(closed):
        last = closed.iloc[-1]
        which = f"It closed {_units(closed)}{', the last one' if len(closed) > 1 else ''}"
        where = "" if closed.layer.nunique() == 1 else f" in {last.layer}"
        yield f"{which}{where} at {when(last.step)}, with a surplus of {amount(last.gain)} in its last step."


def _built(firm: Subject, event: Any) -> str:
    begun = f"at {when(event.step)}"
    if isinstance(event.counterparty, str):  # the gain is in appeal, which the price weight turns into a cost
        worth = 1.0 - exp(-event.gain / firm.run.parameters.market.price_weight)
        return (
            f"{begun}, to make the {amount(event.volume)} per step that it needed rather than buy from"
            f" {event.counterparty} (as good, it expected, as {percent(worth)} off its unit cost)"
        )
    return f"{begun}, to sell there (expecting a gain of {amount(event.gain)} over its planning horizon)"


def _units(events: Frame) -> str:
    """How many units, and in which layers."""
    counts = events.layer.value_counts()
    in_layers = [f"{n} in {layer}" for layer, n in counts.items() if n]
    if len(events) == 1:
        return f"one unit in {events.layer.iloc[0]}" if events.kind.iloc[0] == "closed" else "one unit"
    return f"{len(events)} units" + (f", all in {counts.idxmax()}" if len(in_layers) == 1 else f", {joined(in_layers)}")


def alliances(firm: Subject) -> Iterator[str]:
    """With whom it was allied and how long."""
    spans = alliance_spans(firm)
    if not spans:
        return
    formed, holding = sum(begin is not None for _, begin, _ in spans), [who for who, _, end in spans if end is None]
    before = len(spans) - formed
    partners = len({who for who, _, _ in spans})
    lengths = [
        ((firm.end if end is None else end) - (begin or firm.run.first_step), who, begin) for who, begin, end in spans
    ]
    length, who, begin = max(lengths, key=lambda each: each[0])
    since = f"since {when(begin)}" if begin is not None else "since before the run"
    text = f"It formed {counted(formed, 'alliance')}"
    text += f" and had {before} from before the run" if before else ""
    text += f", with {counted(partners, 'firm')} in all" if len(spans) > 1 else f", with {who}"
    text += f"; the longest, with {who} {since}, lasted {counted(length, 'step')}" if len(spans) > 1 else ""
    if firm.gone is None:
        text += (
            f". {len(spans) - len(holding) or 'None'} parted"
            if len(spans) > 1
            else ". It parted"
            if not holding
            else ""
        )
        if holding and len(spans) > 1:
            text += f"; {counted(len(holding), 'alliance holds', 'alliances hold')} at the end (with {joined(holding)})"
        elif holding:
            text += ", and it holds at the end"
    yield text + "."


def alliance_spans(firm: Subject) -> list[tuple[str, int | None, int | None]]:
    """Its alliances: with whom, from which step (None: from before the run), to which (None: holds at the end)."""
    events: Frame = firm.run.events
    state = firm.start.state
    own = (events.firm == firm.label) | (events.counterparty == firm.label)
    open_since: dict[str, int | None] = {}
    if firm.founded is None:
        for ally in state.ties.ally[firm.row][state.ties.ally[firm.row] >= 0]:
            open_since[firm.start.register.label(int(state.firms.slot[ally]), int(state.firms.birth[ally]))] = None
    spans: list[tuple[str, int | None, int | None]] = []
    for event in events[own & events.kind.isin(["allied", "parted"])].itertuples():
        other = str(event.counterparty if event.firm == firm.label else event.firm)
        if event.kind == "allied":
            open_since[other] = int(event.step)
        elif other in open_since:
            spans.append((other, open_since.pop(other), int(event.step)))
    return spans + [(other, begin, None) for other, begin in open_since.items()]


def contracts(firm: Subject) -> Iterator[str]:
    """Clients won and lost by switching; moves of its own inputs are told with its suppliers."""
    won, lost = firm.events("switched", "counterparty"), firm.events("switched", "former")
    for moved, verb, side, word in ((won, "won", "former", "from"), (lost, "lost", "counterparty", "to")):
        others = moved[moved.firm.astype(object) != firm.label]
        if not len(others):
            continue
        largest = others.loc[others.volume.idxmax()]
        rival = "its own unit" if largest[side] == largest.firm else largest[side]
        text = f"It {verb} {counted(len(others), 'contract')} (volume {amount(others.volume.sum())} when moved)"
        if len(others) == 1:
            yield f"{text}, that of {largest.firm} in {largest.layer} at {when(largest.step)}, {word} {rival}."
            continue
        rivals: Frame = others.groupby(others[side].astype(object)).volume.agg(["size", "sum"])
        rivals = rivals.sort_values(["sum", "size"], ascending=False, kind="stable")
        named = [f"{name} ({int(row['size'])}, volume {amount(row['sum'])})" for name, row in rivals.head(3).iterrows()]
        whom = f"the most volume {word} {joined(named)}" if len(rivals) > 3 else f"{word} {joined(named)}"
        if len(rivals) == 1:
            whom = f"all {word} {rivals.index[0]}"
        told = f"{text}, {whom}"
        if largest.volume > 0.0:
            told += f"; the largest was {largest.firm}'s in {largest.layer} at {when(largest.step)}"
            told += f" (volume {amount(largest.volume)}, {word} {rival})"
        yield f"{told}."


def suppliers(firm: Subject) -> Iterator[str]:
    """How it changed its own suppliers."""
    moved = firm.events("switched")
    if not len(moved):
        return
    inwards, outwards = int((moved.counterparty == firm.label).sum()), int((moved.former == firm.label).sum())
    largest = moved.loc[moved.volume.idxmax()]

    def name(who: str) -> str:
        return "its own unit" if who == firm.label else who

    text = f"It changed a supplier of its own {counted(len(moved), 'time')}".replace("one time", "once")
    if inwards or outwards:
        text += f" ({inwards} into its own units, {outwards} out of them)"
    yield (
        f"{text}; {'the largest move' if len(moved) > 1 else 'that'} was from {name(largest.former)} to"
        f" {name(largest.counterparty)} in {largest.layer} at {when(largest.step)} (volume {amount(largest.volume)})."
    )


def takeovers(firm: Subject) -> Iterator[str]:
    """Whom it took over."""
    taken = firm.events("acquired")
    if len(taken):
        told = [
            f"{each.counterparty} at {when(each.step)} ({each.layer}, volume {amount(each.volume)})"
            for each in taken.itertuples()
        ]
        yield f"It took over {counted(len(taken), 'firm')}: {joined(told)}."


def ending(firm: Subject) -> Iterator[str]:
    """How it ended, if it did."""
    for event in firm.events("left").itertuples():
        yield (
            f"It failed at {when(event.step)} with cash of {amount(event.gain)} and a volume of {amount(event.volume)}"
            " at home; nobody took it over."
        )
    for event in firm.events("acquired", "counterparty").itertuples():
        yield (
            f"It failed at {when(event.step)} and was taken over by {event.firm}, with a volume of"
            f" {amount(event.volume)} at home."
        )
