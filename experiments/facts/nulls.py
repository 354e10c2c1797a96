"""Null models by name: what a market would look like if something that is thought to matter were chance."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from ...model.checks import meant
from ...model.errors import InputError
from ...model.nulls import UNDECIDED, Counts, Markups, RandomChoices, Rewired, any_supplier
from ...model.world import World, opened
from ..run import recorded
from .gibrat import gibrat
from .history import COLUMNS, History, history_of

if TYPE_CHECKING:
    import pandas as pd


class Null(NamedTuple):
    """A null model: what it keeps of a market, what it destroys, and how it makes its history out of the market's."""

    keeps: str
    destroys: str
    made: Callable[[History], History]


def random_choices(true: History) -> History:
    """The same engine, with as many switches, new units and alliances in each step and layer, of whom chance says."""
    rules = {"switch": any_supplier}
    settings = {**true.set, **UNDECIDED}
    world = opened(true.stack, true.seed, settings, rules=rules, interventions=true.interventions)
    counts, markups = chosen(true.events), markups_before(true.firms)
    return played(RandomChoices(**vars(world), counts=counts, markups=markups), true.steps)


def rewired_contacts(true: History) -> History:
    """The same engine, with contacts drawn anew in every step, as many for each firm as ever."""
    world = opened(true.stack, true.seed, true.set, interventions=true.interventions)
    return played(Rewired(**vars(world)), true.steps)


def played(world: World, steps: int) -> History:
    """What becomes of a market from its start."""
    return history_of(recorded(world, None, steps, True, COLUMNS))


def chosen(events: pd.DataFrame) -> Counts:
    """Events that somebody chose, per step, kind and layer (an alliance also ends when a firm is gone: not chosen)."""
    ours = events.kind.isin(["switched", "built", "allied"]) | ((events.kind == "parted") & events.gain.notna())
    counts: Any = events[ours].groupby(["step", "kind", "layer"], observed=True).size().to_dict()
    return counts


def markups_before(firms: pd.DataFrame) -> Markups:
    """The mark-ups, before each step and in each layer, of units that produced in the step before."""
    selling: Any = firms[firms.volume > 0].groupby(["step", "layer"], observed=True).markup
    return {(step + 1, layer): markups.to_numpy() for (step, layer), markups in selling}


NULLS = {
    "random-choices": Null(
        "the engine, the number of switches, new units, alliances formed and parted in each step and layer, and the"
        " distribution of mark-ups there; research, capacity, failure, takeover and entry follow the market's rules",
        "who switches and to which supplier, who builds, who allies with whom, who asks which mark-up: firms are drawn"
        " among those that could, and where nobody could, nothing is done",
        random_choices,
    ),
    "rewired-contacts": Null(
        "the engine, all rules, and each firm's number of contacts",
        "who knows whom: contacts are drawn anew in every step",
        rewired_contacts,
    ),
    "gibrat": Null(
        "sizes at the start, mean and variance of log growth, rates of entry and exit, sizes of newcomers",
        "everything else: growth is lognormal, with one mean and variance for all layers, sizes and ages, and so are"
        " entry and exit; there are no prices, links, inputs or alliances",
        gibrat,
    ),
}
"""The null models, by name."""


def null(name: str, true: History) -> History:
    """The history of a null model that is calibrated to that of a market, and shares its seed; raises InputError."""
    return NULLS[of_name(name)].made(true)


def of_name(name: str) -> str:
    """The name of a null model; raises InputError for any other."""
    if name not in NULLS:
        raise InputError(f"no null model is called {name!r}: {meant(name, NULLS)}")
    return name
