"""Firms known by name: their slots, their units, and what and whom they start with.

A stack that is started from data says which firms there are, in which layers they are, and which share of a layer's
volume each has. They take the first slots of their home layers; `first_links` gives them the clients that make up
their shares; capacity and cash follow from what they will sell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from .columns import State
from .first_links import (
    assign_links,
    buyers_wants,
    external_volumes,
    flow_down,
    operators,
    potential_wants,
    quote_layer,
    quotes,
    set_prices,
    suppliers_of,
)
from .parameters import Floats, Parameters
from .phases.build import START_CHURN
from .phases.life import CASH_BASE
from .settings import resolve
from .stack import NamedFirm, Stack

RELATIONS_AGE = 8
"""Steps since the first contracts were signed: a market that starts from data is not new. Two years, assumed."""
ROUNDS = 3
"""Links decide costs, costs decide what buyers want, and that decides links; after three rounds little moves."""


def slot_names(stack: Stack, parameters: Parameters | None = None) -> dict[int, str]:
    """Slot -> name of the firm that starts there; with the stack's own parameters unless others are given."""
    sizes = (parameters or resolve(stack)).layer.firms
    return _names(stack, [0, *np.cumsum(sizes).tolist()])


def place_incumbents(state: State, stack: Stack) -> None:
    """Turn the first firms of each layer into the stack's named ones, with their units, clients, capacity and cash."""
    slots = {name: slot for slot, name in _names(stack, state.layers.first_slot.tolist()).items()}
    rows = {name: int(state.firms.row_of_slot[slot]) for name, slot in slots.items()}
    for firm in stack.firms:
        place_units(state, stack, firm, rows[firm.name])
    if state.market[0].decisions_ally:
        tie(state, stack, rows)
    state.links.tenure[:] = RELATIONS_AGE
    for _ in range(ROUNDS):
        assign_links(state, stack, rows, buyers_wants(state))
        charge_going_prices(state, rows)
    fit_capacities(state, rows)
    volumes = flow_down(state, buyers_wants(state))
    sold = external_volumes(state, volumes)
    give_standing(state, stack, rows, volumes, sold)
    give_own_standing(state, rows)
    cost, price, _ = quotes(state)
    know_prices(state, rows, sold, price)
    endow(state, rows, np.sum((price - cost) * sold, axis=0))


def place_units(state: State, stack: Stack, firm: NamedFirm, row: int) -> None:
    """Give a firm its units off home, and all of its units what the stack says of them.

    A unit off home starts as one at home does; unless the stack says otherwise it is as capable as the one at home.
    A known unit is open only if the stack says so.
    """
    units, home = state.units, int(state.firms.home[row])
    known = {unit.layer: unit for unit in firm.units}
    if (at_home := known.get(firm.home)) and at_home.capability is not None:
        units.capability[home, row] = at_home.capability
    for layer in firm.operated:
        k = stack.names.index(layer)
        if k != home:
            state.operates[k, row] = True
            units.churn[k, row] = START_CHURN
            units.markup[k, row] = state.layers.initial_markup[k]
            units.capability[k, row] = units.capability[home, row]
            units.frontier_weight[k, row] = units.frontier_weight[home, row]
            units.ceiling[k, row] = np.nan
            state.links.outside_price[state.edges.consumer == k, row] = np.nan
        if layer in known:
            units.open[k, row] = known[layer].open
            if known[layer].capability is not None:
                units.capability[k, row] = known[layer].capability


def tie(state: State, stack: Stack, rows: Mapping[str, int]) -> None:
    """Enter the known alliances on both sides, by slot, so that the order in a file does not matter.

    Where firms form no alliances (an ablation) there are none at the start either.
    """
    pairs = [(rows[one], rows[other]) for one, other in stack.alliances]
    for row in rows.values():
        allies = [other if one == row else one for one, other in pairs if row in (one, other)]
        allies.sort(key=lambda ally: int(state.firms.slot[ally]))
        state.ties.ally[row, : len(allies)] = allies


def fit_capacities(state: State, rows: Mapping[str, int]) -> None:
    """Capacity of named units: slack times what all their buyers, adopted or not, would draw.

    The others' capacities are counted the same way, from the mean of their layer, which none falls short of: else
    the leaders of a layer would be congested from the first step on.
    """
    load = flow_down(state, potential_wants(state))
    for row in rows.values():
        for k in np.flatnonzero(state.operates[:, row]):
            needed = state.market[0].capacity_slack * load[k, row]
            state.units.capacity[k, row] = max(needed, state.layers.start_capacity[k])


def charge_going_prices(state: State, rows: Mapping[str, int]) -> None:
    """Set the mark-ups of named firms so that each charges its layer's median price, or its cost if that is more.

    What a firm saves by making its inputs itself is its margin then, as with the price of one market; equal mark-ups
    would hand it to the clients in the first step, and shares known from data would not be those of a market at rest.
    """
    cost, price, quality = (np.zeros(state.operates.shape) for _ in range(3))
    for k in np.flatnonzero(~state.layers.is_demand[:-1]).tolist():
        quote_layer(state, k, cost, price, quality)
        going = np.median(price[k, operators(state, k)])
        for row in rows.values():
            if state.operates[k, row] and cost[k, row] > 0.0:
                state.units.markup[k, row] = max(going / cost[k, row] - 1.0, 0.0)
        set_prices(state, k, cost, price)  # what the layers above will pay


def give_standing(state: State, stack: Stack, rows: Mapping[str, int], volumes: Floats, sold: Floats) -> None:
    """What all clients like in named units, so that their shares are earned and not only given: Berry (1994).

    Tastes are Gumbel draws of one scale, so that a liking of ln s by all clients earns a share in proportion to s. It
    is counted from the mean share of the units of which none is known, at least that of one client. What a firm draws
    from its own unit says nothing of clients: s is the rest of its share, of all that is `sold` to others.
    """
    captive = volumes - sold
    for layer in stack.selling_layers:
        m = stack.names.index(layer)
        whole = float(np.sum(volumes[m]))
        if (found := suppliers_of(state, stack, rows, m, whole)).rows and np.sum(sold[m]) > 0.0:
            clients = sum(len(operators(state, int(k))) for k in state.edges.consumer[state.edges.input == m])
            shares = (found.shares * whole - captive[m, found.rows]) / np.sum(sold[m])
            others = max(1.0 - float(np.sum(shares)), 0.0) / len(found.rest) if found.rest else 0.0
            least = 1.0 / clients
            state.units.standing[m, found.rows] = np.log(np.maximum(shares, least) / max(others, least))


def give_own_standing(state: State, rows: Mapping[str, int]) -> None:
    """What named firms like in their own units, by the share s of their own need that they make themselves.

    Where all units are seen, alike but for what is liked in them, and liking counts in full (`standing` 1), the odds of
    one's own against all others are s/(1 - s) if it is liked by ln(s/(1 - s)) + ln sum of exp(standing) of the others.
    Of n links n' are one's own: s = (n' + 1/2)/(n + 1), which is never 0 or 1 (Jeffreys).
    """
    for row in rows.values():
        for m in np.flatnonzero(state.operates[:, row]):
            needs = (state.edges.input == m) & state.operates[state.edges.consumer, row]
            own = np.count_nonzero(state.links.supplier[needs, row] == row)
            others = np.setdiff1d(operators(state, int(m)), row)
            if needs.any() and len(others):
                odds = (own + 0.5) / (np.count_nonzero(needs) - own + 0.5)
                state.units.own_standing[m, row] = np.log(odds * np.sum(np.exp(state.units.standing[m, others])))


def know_prices(state: State, rows: Mapping[str, int], sold: Floats, price: Floats) -> None:
    """What a named firm makes for itself it compares from the start with the price of the layer's largest other
    seller: else its own units would count as idle until their inputs are next reviewed, and close before."""
    for row in rows.values():
        for e in np.flatnonzero(state.links.supplier[:, row] == row):
            m = state.edges.input[e]
            others = np.where(np.arange(len(state.firms)) == row, 0.0, sold[m])
            if others.any():
                state.links.outside_price[e, row] = price[m, np.argmax(others)]


def endow(state: State, rows: Mapping[str, int], margins: Floats) -> None:
    """Cash of named firms: as many steps of fixed cost as everyone starts with, and as many of their margin.

    The margin is that of the first step, so that cash is in proportion to size and a firm can pay for the research
    and capacity that go with its volume. There is no luck in it, since their size is known.
    """
    for row in rows.values():
        fixed = float(np.sum(state.layers.fixed_cost[:-1][state.operates[:, row]]))
        state.firms.cash[row] = state.market[0].start_cash * (fixed + CASH_BASE + margins[row])


def _names(stack: Stack, first_slots: Iterable[int]) -> dict[int, str]:
    """Slot -> name: the first slots of the home layer in the order of names, so that the order in which a file lists
    its firms does not matter."""
    names: dict[int, str] = {}
    for layer, first in zip(stack.names, first_slots, strict=False):  # the last slot only ends the ranges
        at_home = sorted(firm.name for firm in stack.firms if firm.home == layer)
        names |= dict(enumerate(at_home, first))
    return names
