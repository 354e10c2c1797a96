"""The network of alliances."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ...model.parameters import Floats
from .growth import BURN_IN
from .history import History

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

APART = 5
LOOKS = 4
GAIN_STEPS = 12
LEAST_OBSERVATIONS = 30


def alliance_skewness(history: History) -> float:
    """Skewness of degrees over that of a Poisson distribution with their mean, 1 / sqrt(mean); NaN without allies."""
    found = [relative_skewness(np.array([degree for _, degree in graph.degree])) for graph in last_networks(history)]
    return float(np.mean(found))


def relative_skewness(degrees: Floats) -> float:
    """Skewness over that of a Poisson distribution with the same mean; NaN if all degrees are equal."""
    from scipy.stats import skew

    if len(degrees) < 3 or np.ptp(degrees) == 0:
        return np.nan
    return float(skew(degrees, bias=False) * np.sqrt(degrees.mean()))


def alliance_clustering_to_random(history: History) -> float:
    """Transitivity over what a random network of equal degrees is expected to have."""
    import networkx as nx

    found = expected = 0.0
    for graph in last_networks(history):
        found += nx.transitivity(graph)
        expected += expected_transitivity(np.array([degree for _, degree in graph.degree]))
    return found / expected if expected > 0 else np.nan


def expected_transitivity(degrees: Floats) -> float:
    """(<k^2> - <k>)^2 / (n <k>^3): Newman, Strogatz & Watts (2001); 0 without ties."""
    mean = degrees.mean() if len(degrees) else 0.0
    return float(((degrees**2).mean() - mean) ** 2 / (len(degrees) * mean**3)) if mean > 0 else 0.0


def last_networks(history: History) -> Iterator[nx.Graph[Any]]:
    """The networks of alliances after the last step and some before it: living sellers and who is allied."""
    return networks(history, [history.steps - 1 - APART * n for n in range(LOOKS)])


def networks(history: History, steps: list[int]) -> Iterator[nx.Graph[Any]]:
    """The networks after each of some steps."""
    import networkx as nx

    for step in steps:
        graph: nx.Graph[Any] = nx.Graph()
        graph.add_nodes_from(sellers(history, step).firm)
        graph.add_edges_from((one, other) for one, other in allied(history, step) if one in graph and other in graph)
        yield graph


def sellers(history: History, step: int) -> Any:
    """The units that sellers run at home in a step."""
    firms = history.firms[history.firms.step == step]
    return firms[firms.layer.astype(object) == firms.home.astype(object)]


def allied(history: History, step: int) -> set[frozenset[str]]:
    """Pairs of firms that are allied after a step."""
    events = history.events[(history.events.step <= step) & history.events.kind.isin(["allied", "parted"])]
    pairs: set[frozenset[str]] = set()
    for kind, one, other in zip(events.kind, events.firm, events.counterparty, strict=True):
        (pairs.add if kind == "allied" else pairs.discard)(frozenset((one, other)))
    return pairs


def inverted_u(history: History) -> float:
    """The smaller t value of a rise at no ally and of a fall at the most: gain of capability on allies, squared too."""
    table = gains(history)
    return rise_and_fall(table.allies.to_numpy(float), table.gain.to_numpy(), table.cell.to_numpy())


def gains(history: History) -> pd.DataFrame:
    """Gain of home capability over periods of `GAIN_STEPS` that follow each other: allies at the start, gain, cell.

    A cell is a layer and period.
    """
    import pandas as pd

    found = []
    begins = list(range(BURN_IN, history.steps - GAIN_STEPS, GAIN_STEPS))
    for step, graph in zip(begins, networks(history, begins), strict=True):
        begin, end = (sellers(history, each).set_index("firm").capability for each in (step, step + GAIN_STEPS))
        there = sellers(history, step).set_index("firm").layer.astype(object)
        gain = (end.reindex(begin.index.astype(object)) - begin.to_numpy()).dropna()
        allies = [graph.degree(firm) for firm in gain.index]
        found.append(pd.DataFrame({"allies": allies, "gain": gain.to_numpy(), "cell": there[gain.index] + f" {step}"}))
    return pd.concat(found, ignore_index=True)


def rise_and_fall(x: Floats, y: Floats, cells: Any) -> float:
    """The smaller of the t values of dy/dx > 0 at x = 0 and of dy/dx < 0 at the largest x, y = c + b x + d x^2.

    c differs by cell. NaN where there are too few observations or values of x. Sasabuchi's test of an inverted U in
    the form of Lind & Mehlum (2010).
    """
    import pandas as pd

    if len(x) < LEAST_OBSERVATIONS or len(np.unique(x)) < 3:
        return np.nan
    table = pd.DataFrame({"x": x, "square": x * x, "y": y})
    within = (table - table.groupby(cells).transform("mean")).to_numpy()
    inputs, freedom = within[:, :2], len(x) - len(np.unique(cells)) - 2
    product = inputs.T @ inputs
    if freedom < 1 or np.linalg.matrix_rank(product) < 2:
        return np.nan
    inverse = np.linalg.inv(product)
    slopes = inverse @ inputs.T @ within[:, 2]
    variance = ((within[:, 2] - inputs @ slopes) ** 2).sum() / freedom
    at = np.array([[1.0, 0.0], [-1.0, -2.0 * x.max()]])
    spreads = np.sqrt(variance * np.einsum("ij,jk,ik->i", at, inverse, at))
    return float((at @ slopes / spreads).min()) if (spreads > 0).all() else np.nan
