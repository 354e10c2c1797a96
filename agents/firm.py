"""The firm as Mesa knows it: an agent that is a view of one row of the market's columns.

It holds no state of its own. What it does is decided by the rules in this folder; a subclass may follow rules of its
own by overriding `decide_price`, `decide_switch`, `decide_build` or `decide_ally`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

import mesa

from .ally import AllyView
from .build import BuildView
from .own import SHIPPED
from .price import PriceView
from .switch import SwitchView


class FreshIds(WeakKeyDictionary[Any, Iterator[int]]):
    """Counts the agents of each model without keeping the model, as Mesa's own table of them does."""

    def __getitem__(self, model: Any) -> Iterator[int]:
        return self.setdefault(model, count(1))


class Firm(mesa.Agent):
    """One firm of a `Market`, for as long as it lives.

    Besides the properties below it has every column of its home unit and of itself as an attribute: `firm.cash`,
    `firm.volume`, `firm.markup`, `firm.price`, `firm.capability` ... (see `stackrace.model.books`). Reading anything
    of a firm that has left raises LookupError.
    """

    _ids = FreshIds()
    columns: ClassVar[frozenset[str]] = frozenset()
    """Names of the columns that firms have as attributes; `Market` says which."""

    def __init__(self, model: Any, slot: int, birth: int) -> None:
        if not model.is_new(slot, birth):
            raise LookupError("firms found themselves: a market makes its own agents")
        super().__init__(model)
        self.slot = slot
        self.birth = birth
        self.name: str = model.register.label(slot, birth)
        self.home: str = model.home_of(slot)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "model":
            raise AttributeError(name)
        return self.model.value_of(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.columns:
            raise AttributeError(f"{name} is a column of the market, which a firm shows and cannot set")
        super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.columns})

    def remove(self) -> None:
        """Firms leave by failing or being taken over, not by being removed; raises LookupError while it lives."""
        if self.lives:
            raise LookupError(f"{self.name} is in the market: it leaves when it fails or is taken over")
        super().remove()

    @property
    def lives(self) -> bool:
        """Whether the firm is still in the market."""
        return bool(self.model.is_present(self))

    @property
    def buys_only(self) -> bool:
        """Whether its home is a demand layer."""
        return self.home in self.model.stack.demand_layers

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers that it is in."""
        return tuple(self.model.layers_of(self))

    @property
    def contacts(self) -> list[Firm]:
        """The firms that it knows."""
        return list(self.model.contacts_of(self))

    @property
    def allies(self) -> list[Firm]:
        """The firms that it is allied with."""
        return list(self.model.allies_of(self))

    @property
    def suppliers(self) -> dict[tuple[str, str], list[Firm]]:
        """(own layer, layer bought) -> who supplies it, itself included; parallel sources one by one."""
        found: dict[tuple[str, str], list[Firm]] = self.model.suppliers_of(self)
        return found

    @property
    def clients(self) -> list[Firm]:
        """The firms that buy from it."""
        return list(self.model.clients_of(self))

    def unit(self, layer: str) -> dict[str, Any]:
        """All columns of its unit in a layer; raises LookupError if it has none there."""
        found: dict[str, Any] = self.model.unit_of(self, layer)
        return found

    def consider(self, decision: str) -> Any:
        """What it would decide in the coming step about "switch", "build", "ally" or "price", and why.

        Returns a `Consideration`: its questions with what it sees, its options term by term and its choice; printed,
        it explains itself. Nothing changes.
        """
        return self.model.consider(self, decision)

    def view(self, decision: str) -> dict[str, dict[str, Any]]:
        """What it looks at: question -> option -> the view that the rule gets."""
        asked = self.consider(decision).questions
        return {question.about: {option.name: option.view for option in question.options} for question in asked}

    def decide_price(self, view: PriceView) -> float:
        """The next mark-up of one of its units; to be overridden."""
        return SHIPPED["price"][1](view)

    def decide_switch(self, view: SwitchView) -> float:
        """The appeal of one option; to be overridden."""
        return SHIPPED["switch"][1](view)

    def decide_build(self, view: BuildView) -> float:
        """The gain expected from building, above 0 to wish for it; to be overridden."""
        return SHIPPED["build"][1](view)

    def decide_ally(self, view: AllyView) -> float:
        """What an alliance is worth per step, before upkeep; to be overridden."""
        return SHIPPED["ally"][1](view)
