"""Spending on research and capacity, learning from others, and giving up a unit that loses money."""

from math import exp, log, sqrt

from .rule import rule

STEPS_IN_RED = 8
BUSY = 0.85
IDLE_FLOOR = 0.25


@rule
def research_outlay(
    margin: float, captive_margin: float, cash: float, is_home: bool, research_share: float, from_cash: float
) -> float:
    """Money for research: a share of all margins, at home also of cash; never more than there is, none in debt."""
    if cash <= 0.0:
        return 0.0
    wanted = research_share * max(margin + captive_margin, 0.0)
    if is_home:
        wanted += from_cash * cash
    return max(min(wanted, cash + margin), 0.0)


@rule
def success_probability(outlay: float, scale: float) -> float:
    """Probability that research succeeds: 1 - exp(-sqrt(outlay / scale)), scale escalated to the capability."""
    return 1.0 - exp(-sqrt(outlay / scale)) if outlay > 0.0 else 0.0


@rule
def attention_left(allies: int, shared: float) -> float:
    """Share of its research that counts where attention is shared with allies: 1 / (1 + s (n - 1)), n allies.

    Management that many alliances take up is not there for the firm's own projects (Deeds & Hill, Strategic Alliances
    and the Rate of New Product Development, 1996); firms do not count this when they ally.
    """
    return 1.0 / (1.0 + shared * (allies - 1)) if allies > 1 else 1.0


@rule
def imitated_gain(
    own: float,
    best_contact: float,
    best_open: float,
    best_ally: float,
    imitation: float,
    from_open: float,
    from_ally: float,
) -> float:
    """Log quality gained by looking around: the largest of three gaps, each closed at its own rate; never negative."""
    return max(imitation * (best_contact - own), from_open * (best_open - own), from_ally * (best_ally - own), 0.0)


@rule
def flywheel_gain(flywheel: float, before: float, after: float, experience_scale: float) -> float:
    """Log quality gained from usage data: phi times the rise of ln(1 + x/x0)."""
    return flywheel * (log(1.0 + after / experience_scale) - log(1.0 + before / experience_scale))


@rule
def is_busy(volume: float, capacity: float) -> bool:
    """Whether a unit runs close enough to its capacity to want more."""
    return volume > BUSY * capacity


@rule
def capacity_bought(capacity: float, cash: float, growth: float, capex: float) -> float:
    """Units of capacity that a busy unit adds in a step: a share of what it has, as far as cash goes."""
    most = growth * capacity
    return most if capex * most <= cash else cash / capex


@rule
def capacity_decayed(capacity: float, decay: float, start_capacity: float) -> float:
    """Idle capacity wears out, never below a quarter of the layer's start."""
    return max(capacity * (1.0 - decay), IDLE_FLOOR * start_capacity)


@rule
def surplus(margin: float, captive_worth: float, fixed_cost: float) -> float:
    """What a unit earns for its owner, money per step; captive volume counts at the best outside price seen."""
    return margin + captive_worth - fixed_cost


@rule
def gives_up(steps_in_red: int, is_home: bool) -> bool:
    """A unit off home is closed once it has lost money for more than eight steps in a row."""
    return steps_in_red > STEPS_IN_RED and not is_home
