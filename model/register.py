"""What firms are called: known ones by their name, all others by home layer and number.

`model-7` is the first firm of the seventh slot of the layer `model`, `model-7.2` the second one after it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

import numpy as np

from .errors import InputError, listed
from .incumbents import slot_names
from .parameters import Integers, Parameters
from .stack import Stack

if TYPE_CHECKING:
    import pandas as pd


class FirmError(InputError):
    """A firm that does not exist: what was asked for and what there is, in one line."""


class Register:
    """Labels of all firms of a market, past and present ones."""

    def __init__(self, stack: Stack, parameters: Parameters) -> None:
        self.layers: Sequence[str] = stack.names
        self.first = np.concatenate([[0], np.cumsum(parameters.layer.firms)])
        self.known = slot_names(stack, parameters)
        self._slots = {name: slot for slot, name in self.known.items()}

    def label(self, slot: int, birth: int = 0) -> str:
        """What the firm of a slot and birth number is called."""
        if birth == 0 and slot in self.known:
            return self.known[slot]
        k = int(np.searchsorted(self.first, slot, side="right")) - 1
        return f"{self.layers[k]}-{slot - int(self.first[k]) + 1}" + (f".{birth}" if birth else "")

    def labels(self, slots: Integers, births: Integers) -> pd.Categorical:
        """The same for many; no firm (-1) has no label."""
        import pandas as pd

        most = int(self.first[-1])
        keys = np.where(slots < 0, -1, slots + most * births)
        there = np.zeros(int(keys.max(initial=-1)) + 1, dtype=np.bool_)
        there[keys[keys >= 0]] = True
        found = np.flatnonzero(there)
        codes = np.full(len(there) + 1, -1)  # the last place is that of nobody
        codes[found] = np.arange(len(found))
        names = [self.label(key % most, key // most) for key in found.tolist()]
        return pd.Categorical.from_codes(codes[keys], categories=pd.Index(names, dtype=object))

    def find(self, asked: str | int) -> tuple[int, int]:
        """Slot and birth number of a label, or of a slot number (its first firm); raises FirmError."""
        text = str(asked).strip()
        if text in self._slots:
            return self._slots[text], 0
        if text.isdecimal() and int(text) < self.first[-1]:
            return int(text), 0
        parts = re.fullmatch(r"(.+)-(\d{1,9})(?:\.(\d{1,9}))?", text)
        if parts and parts[1] in self.layers:
            k = list(self.layers).index(parts[1])
            slot = int(self.first[k]) + int(parts[2]) - 1
            if self.first[k] <= slot < self.first[k + 1]:
                return slot, int(parts[3] or 0)
        raise FirmError(f"no firm is called {text!r}: {self._likely(text)}")

    def _likely(self, text: str) -> str:
        close = get_close_matches(text.casefold(), [name.casefold() for name in self._slots], 1)
        if close:
            return "did you mean " + repr(next(name for name in self._slots if name.casefold() == close[0])) + "?"
        sizes = [f"{layer}-1 to {layer}-{int(n)}" for layer, n in zip(self.layers, np.diff(self.first), strict=True)]
        named = f"{listed(self._slots)}; " if self._slots else ""
        return f"there are {named}{listed(sizes)}; entrants have a further number, as in {self.layers[0]}-1.1"
