"""Do start-ups with allies live longer? A comparison of like with like, in one run.

Who lives long has more time to find an ally, so that allies and age go together whatever allies do. All start-ups are
therefore taken at the same age, the landmark, and sorted by whether they have an ally then; what counts is who is
still there some time later (Anderson, Cain & Gelber, Analysis of Survival by Tumor Response, 1983).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pandas as pd

LANDMARK = 8
"""Age, in steps, at which start-ups are sorted."""
HORIZON = 20
"""Steps after which it is asked who is still there."""
CALIPER = 0.5
"""Cash of a pair differs by no more than this share of the larger."""


class StartUp(NamedTuple):
    """A firm founded during the run, as it was at the landmark."""

    layer: str
    cash: float
    allied: bool
    lives_on: bool


def matched_survival(events: pd.DataFrame, firms: pd.DataFrame, steps: int) -> float:
    """Share of allied start-ups that live on, less that of those matched with them; NaN without a pair.

    `events` and `firms` are those of one run of so many steps; `firms` has cash. Taken over counts as gone.
    """
    return paired_difference(list(start_ups(events, firms, steps)))


def paired_difference(every: Iterable[StartUp]) -> float:
    """Mean difference in living on between allied start-ups and, for each, its match.

    A match is the start-up without ally of the same layer with the nearest cash, if that is near enough; one may
    match several.
    """
    found = list(every)
    without: dict[str, list[StartUp]] = {}
    for each in found:
        if not each.allied:
            without.setdefault(each.layer, []).append(each)
    differences = []
    for each in found:
        if each.allied and (others := without.get(each.layer)):
            match = min(others, key=lambda other: abs(other.cash - each.cash))
            if abs(match.cash - each.cash) <= CALIPER * max(abs(match.cash), abs(each.cash)):
                differences.append(float(each.lives_on) - float(match.lives_on))
    return float(np.mean(differences)) if differences else math.nan


def start_ups(events: pd.DataFrame, firms: pd.DataFrame, steps: int) -> Iterator[StartUp]:
    """All that reach the landmark early enough for the horizon to be within the run."""
    cash = dict(zip(zip(firms.firm, firms.step, strict=True), firms.cash, strict=True))
    gone = {
        **_step_of(events[events.kind == "left"], "firm"),
        **_step_of(events[events.kind == "acquired"], "counterparty"),
    }
    ties = _ties(events)
    entered = events[events.kind == "entered"]
    for firm, layer, entry in zip(entered.firm, entered.layer, entered.step, strict=True):
        landmark = int(entry) + LANDMARK
        end = gone.get(firm, steps)
        if landmark + HORIZON < steps and end > landmark and (firm, landmark) in cash:
            allied = any(first <= landmark < last for first, last in ties.get(firm, ()))
            yield StartUp(layer, cash[firm, landmark], allied, end > landmark + HORIZON)


def _step_of(events: pd.DataFrame, who: str) -> dict[str, int]:
    return dict(zip(events[who], events.step, strict=True))


def _ties(events: pd.DataFrame) -> dict[str, list[tuple[int, float]]]:
    """Firm -> its alliances, each from its first step to its last, which is infinite if it lasted."""
    open_ties: dict[frozenset[str], int] = {}
    found: dict[str, list[tuple[int, float]]] = {}
    bonds = events[events.kind.isin(["allied", "parted"])]
    for kind, one, other, step in zip(bonds.kind, bonds.firm, bonds.counterparty, bonds.step, strict=True):
        pair = frozenset((one, other))
        if kind == "allied":
            open_ties.setdefault(pair, int(step))
        elif pair in open_ties:
            _close(found, pair, open_ties.pop(pair), int(step))
    for pair, first in open_ties.items():
        _close(found, pair, first, math.inf)
    return found


def _close(found: dict[str, list[tuple[int, float]]], pair: frozenset[str], first: int, last: float) -> None:
    for firm in pair:
        found.setdefault(firm, []).append((first, last))
