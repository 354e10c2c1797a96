"""What came out of a claim, in words: the same on the screen and on the page."""

from __future__ import annotations

import math

from ..comparisons.comparison import SURE
from ..comparisons.effect_words import probability
from ..comparisons.paired import smallest_p
from ..wording import amount, counted
from .criteria import SIGNS, Finding, level_of, margin
from .experiment import Verdict


def heading(found: Verdict) -> str:
    """How many criteria are met, over how many runs of what."""
    claim, met = found.claim, sum(each.is_met for each in found.findings)
    criteria = counted(len(found.findings), "criterion", "criteria")
    return (
        f"{met} of {criteria} met; {claim.stack.name}, {counted(len(claim.markets), 'market')},"
        f" {claim.table.steps} steps, seeds {claim.seeds[0]} to {claim.seeds[-1]}"
    )


def caution(found: Verdict) -> str:
    """That no effect can be told from chance with so few seeds, if so."""
    directed, n = [each for each in found.findings if each.criterion.expect in SIGNS], len(found.claim.seeds)
    if not directed or any(each.is_met for each in directed) or smallest_p(n) * len(directed) < SURE:
        return ""
    return f"With {n} seeds no effect can be told from chance: take more, or those of the claim."


def effect(each: Finding) -> str:
    """The effect with its interval, and from what; where a number is what it is compared with, the level itself."""
    criterion, unit = each.criterion, _unit(each)
    if not each.seeds:
        return "no seed has a value"
    if criterion.expect == "at most":
        return f"{amount(each.effect)}{unit} in the worst of {each.seeds} seeds"
    level = level_of(each)
    shown = amount if level else signed
    low, high = (shown(end + level) for end in (each.low, each.high))
    within = f" ({low} to {high}, {probability(each.p)})" if math.isfinite(each.low) else ""
    told = f"{shown(each.effect + level)}{unit}{within}"
    return f"{told}, from {amount(each.before)}" if criterion.against else told


def asked(each: Finding) -> str:
    """What had to come out."""
    least, criterion = margin(each.criterion, each.base) if each.seeds else math.nan, each.criterion
    if criterion.expect == "at most":
        return f"at most {precise(least)}"
    if criterion.expect == "same":
        return f"±{amount(least)} at most"
    is_more = criterion.expect == "more"
    if criterion.than:
        return f"{'above' if is_more else 'below'} {amount(criterion.than + (least if is_more else -least))}"
    return f"{'+' if is_more else '−'}{amount(least)} or more"


def signed(value: float) -> str:
    """A difference with its sign."""
    return f"+{amount(value)}" if value > 0.0 else amount(value)


def precise(value: float) -> str:
    """A limit, which may be tiny."""
    return f"{value:g}" if 0.0 < value < 1e-3 else amount(value)


def _unit(each: Finding) -> str:
    """The unit behind a number; shares have none."""
    if each.unit in ("share", "0 or 1", "rank correlation"):
        return ""
    return " per step" if each.unit in ("1/step", "share/step") else f" {each.unit}"
