"""Shares of several causes in what they do together."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations
from math import factorial

from ...model.parameters import Floats

Coalition = frozenset[str]


def shapley(worth: Mapping[Coalition, Floats], players: Sequence[str]) -> dict[str, Floats]:
    """Each player's Shapley value, from the worth of every coalition of them (all 2^n, the empty one included).

    phi_i = sum over S without i of |S|! (n - |S| - 1)! / n! (v(S + i) - v(S)): what i adds, averaged over all orders in
    which the players may come in. They sum to v(all) - v(none), players who do the same get the same, and who adds
    nothing gets nothing; no other division does that and is additive (Shapley, A Value for n-Person Games, 1953).
    Worths may be arrays of one shape, such as one number a seed; the values have that shape.
    """
    n = len(players)
    found = {}
    for player in players:
        others = [each for each in players if each != player]
        parts = [
            factorial(len(without)) * factorial(n - len(without) - 1) * (worth[without | {player}] - worth[without])
            for without in coalitions(others)
        ]
        found[player] = sum(parts[1:], parts[0]) / factorial(n)
    return found


def coalitions(players: Collection[str]) -> Iterator[Coalition]:
    """All subsets, the empty one first."""
    for size in range(len(players) + 1):
        yield from map(frozenset, combinations(players, size))
