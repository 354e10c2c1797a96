"""Columns by which policy speaks to the market; interventions write them, phases obey."""

from __future__ import annotations

from typing import Annotated

from .schema import Column

C = Column


class Law:
    """What policy says of a layer, shape (K + 1,); 0 where it says nothing."""

    capacity_cap: Annotated[float, C("most capacity that a unit may have", "units/step", "interventions")]
    merger_hhi: Annotated[float, C("takeovers that lead above this HHI are looked into", "points", "interventions")]
    merger_rise: Annotated[float, C("and blocked if they raise it by more than this", "points", "interventions")]
    barred_with: Annotated[int, C("bits: layers that may not be held together with it", "-", "interventions")]
    leap: Annotated[float, C("capability by which entrants start ahead", "log quality", "interventions")]
