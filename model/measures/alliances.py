"""How allied sellers are: pairs, degree and clustering of the network of alliances."""

from ...agents.rule import part
from ..columns import Row, State, Table
from ..phases.partner import is_seller
from ..phases.sight import are_allied, count_allies
from .concentration import over


@part
def measure_alliances(state: State, first: int, last: int, row: Row) -> None:
    """Of the living sellers in slots first .. last - 1: pairs that include one, mean degree, mean local clustering.

    Watts & Strogatz (1998); clustering is the mean over those with two allies or more.
    """
    pairs, ends, sellers, clustering, clustered = 0.0, 0, 0, 0.0, 0
    for slot in range(first, last):
        i = state.firms[slot].row_of_slot
        if not is_seller(state, i):
            continue
        sellers += 1
        allies = count_allies(state.ties, i)
        ends += allies
        pairs += pairs_counted(state, i, first, last)
        if allies >= 2:
            clustered += 1
            clustering += local_clustering(state.ties, i, allies)
    row.alliances = pairs
    row.alliance_degree = over(ends, sellers)
    row.alliance_clustering = over(clustering, clustered)


@part
def pairs_counted(state: State, i: int, first: int, last: int) -> float:
    """Alliances of firm i; a half each where the ally's slot is among those counted too, and will count the rest."""
    pairs = 0.0
    for place in range(state.ties.shape[1]):
        j = state.ties[i, place].ally
        if j >= 0:
            pairs += 0.5 if first <= state.firms[j].slot < last else 1.0
    return pairs


@part
def local_clustering(ties: Table, i: int, allies: int) -> float:
    """Share of the d (d - 1) / 2 pairs of i's d allies that are allied too, 0 to 1; needs two allies or more."""
    closed = 0
    for one in range(ties.shape[1]):
        if ties[i, one].ally >= 0:
            for other in range(one):
                if ties[i, other].ally >= 0:
                    closed += are_allied(ties, ties[i, one].ally, ties[i, other].ally)
    return 2.0 * closed / (allies * (allies - 1))
