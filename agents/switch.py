"""Whom to buy an input from: the appeal of one option, and what a review leaves behind."""

from math import exp, log
from typing import NamedTuple

from .demand import LEAST_COST, valued_quality
from .rule import rule


class Need(NamedTuple):
    """The buying unit as it would be without this input, and what its clients value."""

    other_cost: float  # money per unit, everything but this input
    other_quality: float  # log quality, everything but this input
    weight: float  # units of input per unit of product
    passthrough: float  # share of the input's log quality that arrives
    frontier_weight: float  # share of final buyers to whom more quality is always worth more
    ceiling: float  # log quality beyond which the others value nothing


class Option(NamedTuple):
    """One way to get the input, as far as the buying firm can see it."""

    quality: float  # log quality delivered
    paid: float  # money per unit of input
    taste: float  # lasting liking of the pair, in appeal
    peers: float  # share of the contacts in the same layer that use this supplier
    leaves: bool  # whether taking it means leaving the present supplier
    noise: float  # fresh draw, in appeal


class SwitchView(NamedTuple):
    """What counts when one option is weighed: the need, the option, and the parameters in force."""

    need: Need
    option: Option
    quality_weight: float  # theta
    price_weight: float  # beta
    network_effect: float  # nu of the layer bought
    switching_cost: float  # appeal lost by leaving now (see `cost_of_leaving`)


class Appeal(NamedTuple):
    """Appeal term by term; `total` adds them up."""

    quality: float
    price: float
    taste: float
    peers: float
    switching: float
    noise: float


@rule
def weigh(view: SwitchView) -> Appeal:
    """What counts is the product the unit would end up with.

    theta V(Q') - beta ln C' + taste + nu * peers - switching cost + noise, with Q' and C' the unit's own quality and
    unit cost under this option.
    """
    need, option = view.need, view.option
    quality = need.other_quality + need.passthrough * option.quality
    cost = max(need.other_cost + need.weight * option.paid, LEAST_COST)
    return Appeal(
        view.quality_weight * valued_quality(quality, need.frontier_weight, need.ceiling),
        -view.price_weight * log(cost),
        option.taste,
        view.network_effect * option.peers,
        -view.switching_cost if option.leaves else 0.0,
        option.noise,
    )


@rule
def total(appeal: Appeal) -> float:
    """The sum of the terms."""
    return appeal.quality + appeal.price + appeal.taste + appeal.peers + appeal.switching + appeal.noise


@rule
def appeal(view: SwitchView) -> float:
    """The appeal of one option; the best one wins."""
    return total(weigh(view))


@rule
def cost_of_leaving(switching_cost: float, tenure: float, tenure_scale: float) -> float:
    """sigma (1 - exp(-h/h0)): approached as the relation ages. Klemperer (1987)."""
    return switching_cost * (1.0 - exp(-tenure / tenure_scale))


@rule
def own_cost(unit_cost: float, fixed_cost: float, unit_volume: float, input_volume: float) -> float:
    """What one's own unit counts at: unit cost plus the fixed cost per unit that closing it would save."""
    return unit_cost + fixed_cost / max(unit_volume, input_volume, LEAST_COST)


@rule
def comes_up(has_supplier: bool, reviews: bool, review: float, bound: bool, exclusivity: float, draw: float) -> bool:
    """Whether this input is sourced anew now: always without a supplier, else with the review probability.

    A contract with an ally (`bound`) is passed over with probability `exclusivity`; `reviews` is off in ablations.
    """
    if not has_supplier:
        return True
    if not reviews:
        return False
    return draw < (review * (1.0 - exclusivity) if bound else review)


@rule
def itch_after(itch: float, advantage: float, switched: bool) -> float:
    """Smoothed advantage of the best alternative: .8 old + .2 new, halved by a switch; in appeal, never negative."""
    smoothed = 0.8 * itch + 0.2 * max(advantage, 0.0)
    return 0.5 * smoothed if switched else smoothed
