"""Every measure, declared once: what it means, its unit and range, and where its definition comes from.

Two tables: `LayerMeasures` (one row per step and layer) and `StackMeasures` (one row per step). The records that a
run fills, the tidy tables and `docs/measures.md` are made from these declarations. "Firms" are counted by their home
layer, "units" by the layer that they work in. A measure is NaN where it is not defined: without volume, for example.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any, get_type_hints

import numpy as np
from numpy.typing import NDArray

from ..columns import Table


@dataclass(frozen=True)
class Measure:
    """What is known of one measure."""

    meaning: str
    unit: str = "share"
    low: float = 0.0
    high: float = 1.0
    source: str = "stackrace"
    name: str = ""


M = Measure
ANY = float("inf")
GUIDELINES = "US Merger Guidelines (2023)"
ADELMAN = "Adelman, Comment on the H Concentration Measure as a Numbers-Equivalent (1969)"
CENSUS = "US Census Bureau, Concentration Ratios"
LERNER = "Lerner, The Concept of Monopoly (1934)"
DUNNE = "Dunne, Roberts & Samuelson, Patterns of Firm Entry and Exit (1988)"
HYMER = "Hymer & Pashigian, Turnover of Firms as a Measure of Market Behavior (1962)"
WATTS = "Watts & Strogatz, Collective Dynamics of Small-World Networks (1998)"
GADIESH = "Gadiesh & Gilbert, Profit Pools: A Fresh Look at Strategy (1998)"
ELLIOTT = "Elliott, Golub & Leduc, Supply Network Formation and Fragility (2022)"
ROCHET = "Rochet & Tirole, Platform Competition in Two-Sided Markets (2003)"


class LayerMeasures:
    """One value per step and layer."""

    hhi: Annotated[float, M("Herfindahl-Hirschman index of volumes, in-house included", "points", 0, 1e4, GUIDELINES)]
    cr1: Annotated[float, M("volume share of the largest firm")]
    cr4: Annotated[float, M("volume share of the four largest firms", source=CENSUS)]
    lerner: Annotated[float, M("Lerner index: external margin over external revenue", source=LERNER)]
    units: Annotated[float, M("units in operation, after entry", "units", 0, ANY)]
    in_house_share: Annotated[float, M("share of volume that firms make for themselves")]
    volume: Annotated[float, M("volume delivered", "units/step", 0, ANY)]
    unserved: Annotated[float, M("share of need that no able supplier met")]
    entry: Annotated[float, M("firms founded", "firms/step", 0, ANY, DUNNE)]
    exit: Annotated[float, M("firms that failed, taken over or not", "firms/step", 0, ANY, DUNNE)]
    switches: Annotated[float, M("links moved from one supplier to another", "links/step", 0, ANY)]
    leader: Annotated[float, M("slot of the firm with the largest volume (-1: none)", "slot", -1, ANY)]
    hhi_merchant: Annotated[
        float, M("Herfindahl-Hirschman index of the volumes sold to others", "points", 0, 1e4, GUIDELINES)
    ]
    effective_firms: Annotated[
        float, M("number of equal firms that would give this HHI: 10,000 / hhi", "firms", 1, ANY, ADELMAN)
    ]
    acquisitions: Annotated[float, M("failed firms that were taken over", "firms/step", 0, ANY)]
    entry_rate: Annotated[float, M("firms founded, over the firms at the start of the step", "1/step", 0, ANY, DUNNE)]
    exit_rate: Annotated[
        float, M("firms that failed, taken over or not, over the firms at the start of the step", "1/step", 0, 1, DUNNE)
    ]
    acquisition_rate: Annotated[
        float, M("firms taken over, over the firms at the start of the step", "1/step", 0, 1, DUNNE)
    ]
    turbulence: Annotated[
        float,
        M("sum over firms of the absolute change of volume share since the step before", "share/step", 0, 2, HYMER),
    ]
    leader_changed: Annotated[
        float, M("1 if the firm with the largest volume is another one than in the step before", "0 or 1", 0, 1)
    ]
    switch_rate: Annotated[
        float,
        M("switches over the links into the layer that a supplier could serve this step", "1/step", 0, 1),
    ]
    alliances: Annotated[float, M("allied pairs with at least one end at home in the layer", "pairs", 0, ANY)]
    alliance_degree: Annotated[float, M("mean allies of a living seller at home in the layer", "firms", 0, ANY, WATTS)]
    alliance_clustering: Annotated[
        float, M("mean share of pairs of allies that are allied too, over firms with two or more", "share", 0, 1, WATTS)
    ]
    multi_homing: Annotated[
        float, M("share of able units that use more than one supplier for some input", "share", 0, 1, ROCHET)
    ]
    open_volume: Annotated[float, M("share of volume that was offered openly, at cost")]
    profit_share: Annotated[
        float,
        M("external margin over that of all layers, before fixed cost: where value accrues", "share", 0, 1, GADIESH),
    ]
    capability_spread: Annotated[
        float, M("standard deviation of capability over units in operation", "log quality", 0, ANY)
    ]
    layers_per_firm: Annotated[
        float, M("mean number of layers that the firms with a unit here operate", "layers", 1, ANY)
    ]
    fragility: Annotated[
        float,
        M(
            "share of all final volume that would be lost at once if the layer's largest supplier of this step's"
            " trade (before takeovers) stopped delivering: clients without another source of that input stop, and so on"
            " downstream",
            "share",
            0,
            1,
            ELLIOTT,
        ),
    ]
    independent_stacks: Annotated[
        float,
        M(
            "demand layers: effective number (1 / sum of squared shares) of the owners in a layer without inputs that"
            " stand behind what it got, following every link by volume; of several such layers, all of them needed,"
            " the narrowest",
            "owners",
            1,
            ANY,
        ),
    ]


class StackMeasures:
    """One value per step, for the whole stack."""

    control_hhi: Annotated[
        float,
        M(
            "Herfindahl-Hirschman index of owners over all layers that sell, in-house included; volumes are valued at"
            " their layer's mean stage cost",
            "points",
            0,
            1e4,
            GUIDELINES,
        ),
    ]
    single_layer_firms: Annotated[float, M("living sellers that operate one layer", "firms", 0, ANY)]
    two_layer_firms: Annotated[float, M("living sellers that operate two layers", "firms", 0, ANY)]
    many_layer_firms: Annotated[float, M("living sellers that operate three or more layers", "firms", 0, ANY)]
    alliances: Annotated[float, M("allied pairs", "pairs", 0, ANY)]
    alliance_degree: Annotated[float, M("mean allies of a living seller", "firms", 0, ANY, WATTS)]
    alliance_clustering: Annotated[
        float, M("mean share of pairs of allies that are allied too, over firms with two or more", "share", 0, 1, WATTS)
    ]
    margin: Annotated[float, M("external margins of all layers, before fixed cost and research", "money/step", 0, ANY)]
    final_volume: Annotated[float, M("volume that buyers got, all demand layers", "units/step", 0, ANY)]
    unserved: Annotated[float, M("share of final need that no able supplier met")]
    independent_stacks: Annotated[
        float, M("mean of the demand layers' independent stacks, weighted by their volume", "owners", 1, ANY)
    ]


def measures_of(table: type) -> dict[str, Measure]:
    """Name -> declaration of the measures of a table, in order."""
    hints = get_type_hints(table, include_extras=True)
    return {name: replace(hint.__metadata__[0], name=name) for name, hint in hints.items()}


MEASURES = measures_of(LayerMeasures)
OVERALL = measures_of(StackMeasures)
COLUMNS = tuple(MEASURES)


def empty_records(steps: int, layers: int) -> tuple[Table, Table]:
    """Records that `advance` fills: of the layers, shape (steps, layers), and of the whole stack, shape (steps,)."""
    return _empty(MEASURES, steps, layers), _empty(OVERALL, steps)


def as_floats(record: Table) -> NDArray[np.float64]:
    """A record seen as an array, measures last: shape (steps, layers, measures) or (steps, measures)."""
    seen: NDArray[np.float64] = np.asarray(record).view(np.float64).reshape(*record.shape, -1)
    return seen


def _empty(declared: dict[str, Measure], *shape: int) -> Any:
    try:
        return np.full(shape, np.nan, dtype=[(name, np.float64) for name in declared]).view(np.recarray)
    except ValueError:  # so numpy says that no machine could hold it
        raise MemoryError from None
