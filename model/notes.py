"""Columns that belong to the measures: what they note during a step, and remember of the step before.

Nothing in the market reads them. Those of units and firms stand in tables of their own, so that a unit that changes
hands does not take its former owner's notes along.
"""

from __future__ import annotations

from typing import Annotated

from .schema import Column

C = Column


class UnitNotes:
    """What measures note of a unit, or of one that was there, shape (K, N)."""

    last_share: Annotated[float, C("its share of the layer's volume, to compare with", "share", "measure")]
    falls_with: Annotated[int, C("bits: layers without whose leader it could not deliver", "-", "measure")]
    behind: Annotated[float, C("volume that a demand layer's products rest on; scratch", "units/step", "measure")]


class FirmNotes:
    """What measures note of a firm, shape (N,)."""

    layers_run: Annotated[int, C("layers that it operates", "layers", "measure")]
    control: Annotated[float, C("its volumes at their layers' mean stage cost", "money/step", "measure")]


class LayerNotes:
    """What measures note of a layer right after trade, or remember of the step before, shape (K,)."""

    served_links: Annotated[int, C("links into the layer that a supplier served", "links", "measure")]
    multi_homing: Annotated[float, C("able units with two suppliers of one input", "share", "measure")]
    open_volume: Annotated[float, C("volume from open units", "share", "measure")]
    fragility: Annotated[float, C("final volume lost without the layer's leader", "share", "measure")]
    independent_stacks: Annotated[float, C("effective owners at the upstream end", "owners", "measure")]
    mean_stage_cost: Annotated[float, C("volume-weighted mean stage cost", "money/unit", "measure")]
    last_volume: Annotated[float, C("volume of the step before", "units/step", "measure")]
    last_leader: Annotated[float, C("slot of the leader of the step before", "slot", "measure")]
