"""What sourcing writes down while it reviews contracts; nothing of it outlives the phase."""

from __future__ import annotations

from typing import Annotated

from .schema import Column

C = Column


class Candidate:
    """The suppliers considered in one review, shape (threads, most candidates); scratch."""

    row: Annotated[int, C("the supplier", "row", "source")]
    users: Annotated[int, C("how many peers use it", "firms", "source")]
    appeal: Annotated[float, C("its appeal", "appeal", "source")]


class Report:
    """What the best two outsiders of a review hear, shape (N, 2): a row per firm on a layer's roster; scratch."""

    seller: Annotated[int, C("who hears, -1 for nobody", "row", "source")]
    up: Annotated[float, C("profit on the deal, had the price been higher", "money", "source")]
    down: Annotated[float, C("profit on the deal, had the price been lower", "money", "source")]
    won: Annotated[float, C("revenue of the deal if it was won", "money", "source")]
