"""Whether to build a unit oneself: backward (make an input), forward (enter a client's layer), or from nothing."""

from typing import NamedTuple

from .rule import rule


class BuildView(NamedTuple):
    """What a firm knows of a unit that it could build, to make an input (backward) or in a layer it sells to."""

    backward: bool  # whether it would make an input itself
    appeal_made: float  # backward: appeal of making it
    appeal_bought: float  # backward: appeal of the best supplier it can see
    margin: float  # forward: best margin among contacts in the layer, money per step
    capability: float  # log quality that the unit would start with
    fixed_cost: float  # money per step, at that capability
    build_cost: float  # money, at that capability
    cash: float  # money
    capture: float  # parameter: share of that margin that a newcomer expects
    horizon: float  # parameter planning_horizon, steps


@rule
def newcomer_capability(best_known: float, gap: float) -> float:
    """Capability a new unit starts with: it trails the best it knows by a constant gap in log quality."""
    return max(0.0, best_known - gap)


@rule
def make_cost(
    stage_cost: float,
    input_share: float,
    supplier_price: float,
    fixed_cost: float,
    build_cost: float,
    horizon: float,
    volume: float,
) -> float:
    """Expected cost per unit of making the input: stage, bought inputs, fixed and build cost spread over volume.

    `fixed_cost` and `build_cost` are escalated to the capability built; the inputs of the new unit are guessed as
    their base share of the present supplier's price.
    """
    return stage_cost + input_share * supplier_price + (fixed_cost + build_cost / horizon) / volume


@rule
def entry_gain(best_margin: float, fixed_cost: float, build_cost: float, capture: float, horizon: float) -> float:
    """Gain from a new unit in a layer that one sees others earn in: horizon (capture * margin - F) - B, in money."""
    return horizon * (capture * best_margin - fixed_cost) - build_cost


@rule
def gain_of_building(view: BuildView) -> float:
    """What building is expected to bring; above 0 it is wished for, and where several layers pay, the largest wins.

    Backward in appeal, by how much making the input beats the best supplier; forward in money, see `entry_gain`.
    """
    if view.backward:
        return view.appeal_made - view.appeal_bought
    return entry_gain(view.margin, view.fixed_cost, view.build_cost, view.capture, view.horizon)


@rule
def newcomer_capacity(own_need: float, contacts_mean: float, start_capacity: float) -> float:
    """Capacity of a new unit: 1.2 own need, half of what contacts run, a quarter of the layer's start, at least."""
    return max(1.2 * own_need, 0.5 * contacts_mean, 0.25 * start_capacity)
