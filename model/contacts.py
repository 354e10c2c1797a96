"""Who knows whom: a fixed network over all slots, buyers included, slots placed at random so that layers mix.

Watts-Strogatz and Erdos-Renyi graphs are made here from keyed draws, in time proportional to the number of contacts,
so that a million firms are no obstacle. Other kinds come from networkx, and any networkx graph can be passed in.
"""

from __future__ import annotations

import hashlib
from math import log
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..agents.rule import rule
from . import chance
from .errors import InputError
from .parameters import MarketParameters

if TYPE_CHECKING:
    import networkx as nx

Pairs = NDArray[np.int64]


def contact_pairs(firms: int, homes: NDArray[np.int64], market: MarketParameters, seed: int) -> Pairs:
    """The contact network as pairs of slots, shape (contacts, 2), each pair once.

    `homes` holds each slot's home layer (for stochastic blocks, whose blocks are the layers).
    """
    degree, rewiring = min(market.contacts_degree, firms - 1), market.contacts_rewiring
    if market.contacts_kind == "watts-strogatz":
        return place_at_random(watts_strogatz(firms, degree // 2, rewiring, seed), firms, seed)
    if market.contacts_kind == "erdos-renyi":
        return erdos_renyi(firms, degree / (firms - 1) if firms > 1 else 0.0, seed)
    if market.contacts_kind == "barabasi-albert":
        return place_at_random(barabasi_albert(firms, degree, seed), firms, seed)
    return stochastic_blocks(homes, degree, rewiring, seed)


@rule
def is_joined(targets: Pairs, u: int, v: int) -> bool:
    """Whether places u and v are joined: every edge is kept by the place that it starts from."""
    for j in range(targets.shape[1]):
        if targets[u, j] == v or targets[v, j] == u:
            return True
    return False


@rule
def watts_strogatz_targets(places: int, half: int, rewiring: float, seed: int) -> Pairs:
    """Ring lattice with `half` neighbours on each side, each edge rewired with the given probability."""
    targets = np.empty((places, half), dtype=np.int64)
    for u in range(places):
        for j in range(half):
            targets[u, j] = (u + j + 1) % places
    for j in range(half):
        for u in range(places):
            if chance.uniform(seed, 0, u, 0, chance.REWIRE, j) >= rewiring:
                continue
            for attempt in range(64):  # a firm that knows nearly everyone keeps its neighbour
                v = int(chance.uniform(seed, 1 + attempt, u, 0, chance.REWIRE, j) * places)
                if v != u and not is_joined(targets, u, v):
                    targets[u, j] = v
                    break
    return targets


def watts_strogatz(places: int, half: int, rewiring: float, seed: int) -> Pairs:
    """Watts & Strogatz (1998), "Collective dynamics of small-world networks", on a ring of places."""
    if 2 * half >= places:
        return np.argwhere(np.triu(np.ones((places, places), dtype=np.bool_), 1))
    targets = watts_strogatz_targets(places, half, rewiring, seed)
    return np.column_stack([np.repeat(np.arange(places), half), targets.ravel()])


@rule
def erdos_renyi_pairs(firms: int, probability: float, seed: int, room: int) -> tuple[Pairs, int]:
    """Skip along all pairs with geometric gaps (Batagelj & Brandes 2005)."""
    pairs = np.empty((room, 2), dtype=np.int64)
    count, u, v, draw = 0, 1, -1, 0
    scale = log(1.0 - probability)
    while u < firms:
        v += 1 + int(log(chance.uniform(seed, 0, 0, 0, chance.CONTACT, draw)) / scale)
        draw += 1
        while u < firms and v >= u:
            v -= u
            u += 1
        if u < firms:
            if count == room:
                return pairs, -1
            pairs[count, 0], pairs[count, 1] = u, v
            count += 1
    return pairs, count


def erdos_renyi(firms: int, probability: float, seed: int) -> Pairs:
    """Every pair with the same probability."""
    if probability <= 0.0:
        return np.empty((0, 2), dtype=np.int64)
    if probability >= 1.0:
        return np.argwhere(np.tril(np.ones((firms, firms), dtype=np.bool_), -1))
    expected = 0.5 * probability * firms * (firms - 1)
    room = int(expected + 20.0 * expected**0.5 + 100.0)
    pairs, count = erdos_renyi_pairs(firms, probability, seed, room)
    return pairs[:count]


def barabasi_albert(firms: int, degree: int, seed: int) -> Pairs:
    """Barabasi & Albert (1999), by networkx."""
    import networkx as nx

    joined = degree // 2
    if joined == 0 or firms <= joined:
        return np.empty((0, 2), dtype=np.int64)
    return np.array(nx.barabasi_albert_graph(firms, joined, seed=seed % 2**32).edges, dtype=np.int64).reshape(-1, 2)


def stochastic_blocks(homes: NDArray[np.int64], degree: int, outside: float, seed: int) -> Pairs:
    """Blocks are the home layers; a share `outside` of each firm's contacts lies in other layers. By networkx."""
    import networkx as nx

    sizes = np.bincount(homes)
    firms = int(sizes.sum())
    inside = [min(1.0, degree * (1.0 - outside) / max(size - 1, 1)) for size in sizes.tolist()]
    across = min(1.0, degree * outside / max(firms - float(sizes.mean()), 1.0))
    matrix = [[inside[a] if a == b else across for b in range(len(sizes))] for a in range(len(sizes))]
    graph = nx.stochastic_block_model(sizes.tolist(), matrix, seed=seed % 2**32)
    return np.array(graph.edges, dtype=np.int64).reshape(-1, 2)


def place_at_random(pairs: Pairs, firms: int, seed: int) -> Pairs:
    """Put the places of a graph on slots in a keyed random order."""
    slots = np.argsort(chance.draws(seed, np.arange(firms), chance.PLACE, 0), kind="stable")
    return slots[pairs]


def pairs_of_graph(graph: nx.Graph[Any], firms: int) -> Pairs:
    """Contacts from a networkx graph whose nodes are the slots 0 .. firms - 1."""
    if not (hasattr(graph, "nodes") and hasattr(graph, "edges")):
        raise ValueError(f"contacts must be a networkx graph, not {type(graph).__name__}; contacts.kind draws one")
    outside = [node for node in graph.nodes if not (isinstance(node, int | np.integer) and 0 <= node < firms)]
    if outside:
        hint = " (reading GraphML, say node_type=int)" if isinstance(outside[0], str) else ""
        raise ValueError(
            f"contacts: node {outside[0]!r} is no slot; nodes must be integers from 0 to {firms - 1}{hint}"
        )
    return checked_pairs(np.array([*graph.edges()], dtype=np.int64).reshape(-1, 2), firms)


def checked_pairs(pairs: Pairs, firms: int) -> Pairs:
    """Pairs of slots as the market takes them: each once, nobody with itself; raises InputError for other shapes."""
    if pairs.ndim != 2 or pairs.shape[1] != 2 or pairs.dtype.kind not in "iu":
        raise InputError(f"contacts must be pairs of slots, whole numbers of shape (n, 2), not {pairs.shape}")
    if pairs.size and not (pairs.min() >= 0 and pairs.max() < firms):
        raise InputError(f"contacts: slots are 0 to {firms - 1}, not {pairs.min()} to {pairs.max()}")
    given: Pairs = np.sort(pairs.astype(np.int64), axis=1)
    return np.unique(given[given[:, 0] != given[:, 1]], axis=0)


def fingerprint(pairs: Pairs | None) -> str:
    """SHA-256 of a contact network that was given; empty for one that is drawn from the parameters."""
    return "" if pairs is None else hashlib.sha256(np.ascontiguousarray(pairs).tobytes()).hexdigest()


def neighbour_lists(pairs: Pairs, firms: int) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """Pairs as compressed rows: where each slot's contacts begin, shape (firms + 1,), and the contacts."""
    starts = np.zeros(firms + 1, dtype=np.int64)
    np.cumsum(np.bincount(pairs.ravel(), minlength=firms), out=starts[1:])
    return starts, fill_lists(pairs, starts)


@rule
def fill_lists(pairs: Pairs, starts: NDArray[np.int64]) -> NDArray[np.uint32]:
    """Write each pair into both rows."""
    contacts = np.empty(starts[-1], dtype=np.uint32)
    place = starts[:-1].copy()
    for n in range(pairs.shape[0]):
        u, v = pairs[n, 0], pairs[n, 1]
        contacts[place[u]] = v
        contacts[place[v]] = u
        place[u] += 1
        place[v] += 1
    return contacts
