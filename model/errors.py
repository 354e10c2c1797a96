"""What is told to a user when input cannot be used or a run cannot be finished."""


class InputError(ValueError):
    """Input that cannot be used: what is wrong, where, and what would be right, in one line."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


class SimulationError(RuntimeError):
    """A run that could not be finished: what happened and at which step, in one line."""
