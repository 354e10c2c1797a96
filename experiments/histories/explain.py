"""A firm's history in sentences: what happened to it, how large it was, and what made it the leader of a layer."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.register import FirmError
from ..replay import beginning
from ..run import Run
from ..wording import amount, counted, first_of, in_quarters, joined, of_cost, percent, when
from .deeds import NAMED, Subject, alliances, contracts, ending, suppliers, takeovers, units
from .rise import KEPT, Rise, layer_volumes, led, rise

NEEDED = ("volume", "external_volume", "markup", "cash")


def explain(run: Run, firm: str | int) -> str:
    """The history of a firm, a line per subject; raises FirmError for a firm that never was.

    `firm` is its label, or a slot number for the first firm of that slot.
    A run that did not record events and books is played once more, which raises SimulationError if it comes out
    differently.
    """
    slot, birth = run.register.find(firm)
    start = beginning(run)
    subject = Subject(recorded(run), run.register.label(slot, birth), slot, start)
    there = start.state.firms[subject.row]
    if subject.founded is None and not (there.alive and there.birth == birth):
        never = "had left before this run began" if birth <= there.birth else "was never founded in this run"
        raise FirmError(f"there is no {subject.label} to tell of: it {never}")
    parts = (identity, sizes, money, units, alliances, contracts, suppliers, takeovers, ending, rises)
    told = [sentence for part in parts for sentence in part(subject)]
    return in_quarters("\n".join(told), run.stack.start)


def recorded(run: Run) -> Run:
    """The run with events and the columns of firms that are told of."""
    if run.records == {"events", "firms"} and {*NEEDED} <= {*run.firms.columns}:
        return run
    return run.replay(events=True, firms=NEEDED)


def identity(firm: Subject) -> Iterator[str]:
    """Who it is and since when."""
    run = firm.run
    what = "a buyer" if firm.is_buyer else "a firm"
    if firm.label in run.names.values():
        what += ", named in the stack,"
    last = firm.end - 1
    span = when(run.first_step) + (f" to {when(last)}" if run.steps > 1 else "")
    text = f"{firm.label} is {what} of the layer {firm.home} ({run.stack.name}, seed {run.seed}, {span})."
    if firm.founded is not None:
        gain = firm.events("entered").gain.iloc[0]
        hoped = f"with an expected gain of {amount(gain)}" if gain > 0.0 else "with no gain to be expected"
        yield f"{text} It was founded at {when(firm.founded)} in a vacant slot, {hoped} over its planning horizon."
        return
    if not firm.is_buyer:
        yield f"{text} It was there from the start."
        return
    adopted = firm.events("adopted")
    if firm.start.state.firms.active[firm.row]:
        yield f"{text} It bought from the start."
    elif len(adopted):
        yield f"{text} It adopted at {when(adopted.step.iloc[0])}."
    else:
        yield f"{text} It has not adopted, and bought nothing."


def sizes(firm: Subject) -> Iterator[str]:
    """Its share of each of its layers, home first: at first, at its peak, at last."""
    books, sold = firm.books, False
    for layer in sorted(firm.run.stack.names, key=lambda name: name != firm.home):
        own = books[books.layer == layer]
        if not len(own) or own.volume.max() <= 0.0:
            continue
        sold = True
        volumes = layer_volumes(firm.run, firm.run.firms, layer)
        share = (volumes[firm.label] / volumes.sum(axis=1)).fillna(0.0)
        steps = own.step[own.volume > 0.0]
        first, last, peak = int(steps.iloc[0]), int(steps.iloc[-1]), int(share.idxmax())
        verb = "bought" if layer in firm.run.stack.demand_layers else "made"
        text = f"In {layer} it {verb} {percent(share[first])} of the volume at {when(first)}"
        if first < peak < last:
            text += f", {percent(share[peak])} at its peak at {when(peak)}"
        if last > first:
            ended = "at the end" if last == firm.end - 1 else f"when it last did, at {when(last)}"
            text += f" and {percent(share[last])} {ended}"
        told = list(dict.fromkeys([first, peak, last]))
        yield f"{text} (volume {joined([amount(volumes.at[step, firm.label]) for step in told])})."
    taken = firm.events("acquired", "counterparty")  # what it sold in its last step is in the acquirer's books
    if not sold and not firm.is_buyer and not taken.volume.sum() > 0.0:
        yield "It never sold anything."


def money(firm: Subject) -> Iterator[str]:
    """Its mark-up at home and its cash, at first and at last."""
    home = firm.books[(firm.books.layer == firm.home) & firm.books.cash.notna()]
    if not len(home):
        return
    first, last = home.iloc[0], home.iloc[-1]
    if len(home) == 1:
        markup = "" if firm.is_buyer else f"Its mark-up at home was {of_cost(first.markup)}; "
        yield f"{markup}{'it' if markup else 'It'} had cash of {amount(first.cash)} at {when(first.step)}."
        return
    markup = f"Its mark-up at home went from {of_cost(first.markup)} to {of_cost(last.markup)}, its"
    yield (
        f"{'Its' if firm.is_buyer else markup} cash from {amount(first.cash)} to {amount(last.cash)}"
        f" ({when(first.step)} to {when(last.step)})."
    ).replace("Its cash from", "Its cash went from")


def rises(firm: Subject) -> Iterator[str]:
    """For every layer that it came to lead: how."""
    run = firm.run
    for layer in run.stack.selling_layers:
        volumes = layer_volumes(run, run.firms, layer)
        stretches = led(volumes, firm.label)
        if not stretches:
            continue
        steps = sum(last - first + 1 for first, last in stretches)
        led_for = f"{counted(steps, 'step')} of {run.steps}"
        (first, last), can_replay = stretches[0], all(rule.address for rule in run.rules.values())
        rose = rise(run, run.events, run.firms, firm.label, layer) if can_replay else None
        if first == run.first_step:
            share = volumes.at[first, firm.label] / volumes.loc[first].sum()
            whole = f", to {when(last)}" if len(stretches) > 1 else ""
            yield f"It led {layer} from the first step, with {percent(share)} of the volume{whole}, for {led_for}."
        elif rose is None:
            short = (
                ", but never for {KEPT} in a row" if can_replay else "; how it came to can only be told with its rules"
            )
            yield f"It led {layer} for {led_for}{short.format(KEPT=KEPT)}."
        if rose is not None:
            kept = next(last for first, last in stretches if first == rose.lead)
            whole = volumes.sum(axis=1)
            rival = volumes.drop(columns=firm.label).loc[rose.lead - 1].idxmax()
            before = rose.lead - 1
            had, has = (percent(share_of(volumes.at[n, rival], whole[n])) for n in (before, rose.lead))
            yield (
                f"{how_it_rose(rose)} {rival}, the largest before it, had {had} at {when(before)} and {has} then."
                f" {firm.label} kept the lead to {when(kept)} and led for {led_for} in all."
            )


def how_it_rose(rose: Rise) -> str:
    """The trail that made a firm the leader of a layer."""
    gain, parts = rose.after - rose.before, rose.parts
    before = f"{percent(share_of(rose.before, rose.whole_before))} of the volume"
    if rose.before == 0.0:
        before = "nothing"
    text = (
        f"How it came to lead {rose.layer}: at {when(rose.low)} it had {before} ({amount(rose.before)} of"
        f" {amount(rose.whole_before)}), at {when(rose.lead)}, when it took the lead,"
        f" {percent(share_of(rose.after, rose.whole_after))} of the volume ({amount(rose.after)} of"
        f" {amount(rose.whole_after)})."
        f" Of the {'gain' if gain >= 0 else 'change'} of {amount(gain)} in volume, "
    )
    ordered = [name for name in sorted(parts, key=lambda name: -abs(parts[name])) if amount(parts[name]) != "0"]
    told = [f"{SOURCES[name]} {amount(parts[name])}{_named(rose, name)}" for name in ordered]
    told[:1] = [f"{SOURCES[name]} brought {amount(parts[name])}{_named(rose, name)}" for name in ordered[:1]]
    return f"{text}{joined(told)}."


SOURCES = {
    "switching": "switching",
    "takeovers": "takeovers",
    "rivals that left": "clients of rivals that had left",
    "sourced anew": "other clients who had nobody to deliver",
    "growth": "growth of its clients (its own units among them)",
}


def _named(rose: Rise, source: str) -> str:
    """The largest contributions, in brackets."""
    if source == "switching":
        return f" ({'; '.join([*_moved(rose, 'won'), *_moved(rose, 'lost')])})"
    if source == "takeovers":
        largest = sorted(rose.acquired.items(), key=lambda item: -item[1])
        named = [f"{who} at {when(step)}: {amount(volume)}" for (who, step), volume in largest]
    elif source == "rivals that left":
        named = [f"{who}: {amount(volume)}" for who, volume in rose.inherited.items()]
    else:
        return ""
    return f" ({first_of(named, NAMED)})"


def _moved(rose: Rise, verb: str) -> Iterator[str]:
    """Contracts won or lost in a rise, with the largest named."""
    moved, side, word = (rose.won, "former", "from") if verb == "won" else (rose.lost, "counterparty", "to")
    if len(moved):
        largest = moved.loc[moved.volume.idxmax()]
        client = "its own" if largest.firm == rose.firm else f"that of {largest.firm}"
        rival = "its own unit" if largest[side] == largest.firm else largest[side]
        which = f"the largest {amount(largest.volume)}, " if len(moved) > 1 else ""
        yield (
            f"{verb} {amount(moved.volume.sum())} in {counted(len(moved), 'contract')}, {which}"
            f"{client} at {when(largest.step)} {word} {rival}"
        )


def share_of(volume: float, whole: float) -> float:
    """A volume as a share of the layer's."""
    return volume / whole if whole > 0.0 else 0.0
