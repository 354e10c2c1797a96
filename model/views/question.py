"""What a firm is asked, what it can choose from, and what it would choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Alternative:
    """One thing that a firm could do: what it sees of it, and what that is worth to it, term by term."""

    name: str
    view: Any = field(repr=False)  # what the rule looks at
    terms: Mapping[str, float]  # in the unit of `value`; they add up to it, unless the rule is the user's own
    value: float


@dataclass(frozen=True)
class Question:
    """One decision that a firm faces: about what, whether it comes up now, its options and its choice.

    `outcome` holds what the engine will write, by column name; where rows are meant, rows.
    """

    about: str
    due: bool
    options: tuple[Alternative, ...]
    choice: str
    outcome: Mapping[str, Any] = field(repr=False)

    def __str__(self) -> str:
        lines = [f"{self.about}: {self.choice}"]
        for option in sorted(self.options, key=lambda each: -each.value):
            terms = ", ".join(f"{name} {value:+.3f}" for name, value in option.terms.items() if value != 0.0)
            lines.append(f"    {option.name}: {option.value:.3f}" + (f" = {terms}" if terms else ""))
        return "\n".join(lines)


@dataclass(frozen=True)
class Consideration:
    """What a firm would decide in the coming step, and why; printed, it explains itself."""

    firm: str
    decision: str
    when: str
    questions: tuple[Question, ...]

    def __str__(self) -> str:
        title = f"{self.firm} in {self.when}, {self.decision}:"
        return "\n".join([title, *map(str, self.questions)] if self.questions else [title, "nothing to decide"])

    @property
    def choices(self) -> dict[str, str]:
        """About what -> what it would do."""
        return {question.about: question.choice for question in self.questions}

    @property
    def table(self) -> pd.DataFrame:
        """All options: about, due, option, a column per term, value, chosen."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "about": question.about,
                    "due": question.due,
                    "option": option.name,
                    **option.terms,
                    "value": option.value,
                    "chosen": option.name == question.outcome.get("option"),
                }
                for question in self.questions
                for option in question.options
            ]
        )
