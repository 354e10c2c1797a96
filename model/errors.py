"""What is told to a user whose input cannot be used."""


class InputError(ValueError):
    """Input that cannot be used: what is wrong, where, and what would be right, in one line."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))
