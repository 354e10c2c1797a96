"""What is told to a user when input cannot be used or a run cannot be finished."""

import numpy as np


class InputError(ValueError):
    """Input that cannot be used: what is wrong, where, and what would be right, in one line."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


class SimulationError(RuntimeError):
    """A run that could not be finished: what happened and at which step, in one line."""


def checked_count(name: str, value: object, least: int) -> int:
    """A whole number from `least` to what 63 bits hold; raises InputError."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise InputError(f"{name} = {value!r} is not a whole number of {least} or more")
    if value >= 2**63:
        raise InputError(f"{name} = {value!r} is too large: it must be below 2^63")
    return int(value)
