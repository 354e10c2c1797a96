"""Who stands behind what was delivered: traced along the links right after trade, before any of them changes."""

import numpy as np

from ...agents.rule import part, phase
from ..columns import State
from ..phases.sight import on_roster
from .concentration import over, sold

BITS = 62
"""Layers marked in one word; more take another round."""


@phase
def trace(state: State) -> None:
    """Note per layer what can only be seen while this step's flows and the links that carried them still agree."""
    layers = state.operates.shape[0]
    for k in range(layers):
        state.layers[k].served_links = 0
    for k in range(layers):
        count_links(state, k)
        state.layers[k].open_volume = open_volume(state, k)
        state.layers[k].independent_stacks = independent_stacks(state, k) if state.layers[k].is_demand else np.nan
    for first in range(0, layers, BITS):
        mark_falls(state, first, min(first + BITS, layers))
        weigh_falls(state, first, min(first + BITS, layers))


@part
def count_links(state: State, k: int) -> None:
    """Count k's links that are served, for the layers bought, and note the share of k's able units that multi-home."""
    able = several = 0
    for n in range(state.layers[k].listed):
        i = on_roster(state, k, n)
        if not state.operates[k, i]:
            continue
        for e in range(state.layers[k].first_edge, state.layers[k + 1].first_edge):
            state.layers[state.edges[e].input].served_links += state.links[e, i].drawn > 0.0
        if state.units[k, i].able:
            able += 1
            several += multi_homes(state, k, i)
    has_inputs = state.layers[k].first_edge < state.layers[k + 1].first_edge
    state.layers[k].multi_homing = over(several, able) if has_inputs else np.nan


@part
def multi_homes(state: State, k: int, i: int) -> bool:
    """Whether unit (k, i) draws one input from two suppliers."""
    first = state.layers[k].first_edge
    for e in range(first, state.layers[k + 1].first_edge):
        for other in range(first, e):
            one, two = state.links[e, i], state.links[other, i]
            parallel = state.edges[e].input == state.edges[other].input
            if parallel and one.drawn > 0.0 and two.drawn > 0.0 and one.supplier != two.supplier:
                return True
    return False


@part
def open_volume(state: State, k: int) -> float:
    """Share of layer k's volume (0 to 1) from units that were open when they made their offers."""
    volume = opened = 0.0
    for n in range(state.layers[k].listed):
        i = on_roster(state, k, n)
        if sold(state, k, i):
            volume += state.units[k, i].volume
            if state.units[k, i].open:
                opened += state.units[k, i].volume
    return over(opened, volume)


@part
def mark_falls(state: State, first: int, last: int) -> None:
    """Mark on every unit that delivers, as bits, the layers first .. last - 1 without whose leader it could not.

    One pass for all layers at once: the layers of a unit are its own, if it leads there, and for each input those
    that all its sources share.
    """
    for k in range(state.operates.shape[0]):
        leader = largest_supplier(state, k) if first <= k < last and not state.layers[k].is_demand else -1
        for n in range(state.layers[k].listed):
            i = on_roster(state, k, n)
            if sold(state, k, i):
                own = 1 << (k - first) if i == leader else 0
                state.traces[k, i].falls_with = own | falls_through_inputs(state, k, i)


@part
def largest_supplier(state: State, k: int) -> int:
    """Row with the largest volume in layer k, the lowest slot among equals; -1 for none."""
    leader, largest = -1, 0.0
    for n in range(state.layers[k].listed):
        i = on_roster(state, k, n)
        if sold(state, k, i):
            v = state.units[k, i].volume
            if v > largest or (v == largest and state.firms[i].slot < state.firms[leader].slot):
                leader, largest = i, v
    return leader


@part
def falls_through_inputs(state: State, k: int, i: int) -> int:
    """The marks that all delivering sources of some input share (parallel sources stand next to each other)."""
    falls, common, end = 0, -1, state.layers[k + 1].first_edge
    for e in range(state.layers[k].first_edge, end):
        m, link = state.edges[e].input, state.links[e, i]
        if link.drawn > 0.0:
            common &= state.traces[m, link.supplier].falls_with
        if e + 1 == end or state.edges[e + 1].input != m:
            falls |= common
            common = -1
    return falls


@part
def weigh_falls(state: State, first: int, last: int) -> None:
    """Fragility of layers first .. last - 1: volume of the buyers marked with the layer over that of all buyers."""
    for m in range(first, last):
        state.layers[m].fragility = 0.0
    total = 0.0
    for k in range(state.operates.shape[0]):
        if state.layers[k].is_demand:
            for n in range(state.layers[k].listed):
                i = on_roster(state, k, n)
                if sold(state, k, i):
                    volume, falls, m = state.units[k, i].volume, state.traces[k, i].falls_with, first
                    total += volume
                    while falls > 0:
                        if falls & 1:
                            state.layers[m].fragility += volume
                        falls >>= 1
                        m += 1
    for m in range(first, last):
        sells = not state.layers[m].is_demand
        state.layers[m].fragility = over(state.layers[m].fragility, total) if sells else np.nan


@part
def independent_stacks(state: State, d: int) -> float:
    """Effective number 1 / sum s^2 (1 or more) of owners at the upstream end of what demand layer d got.

    s is an owner's share of the volume that d's products rest on in a layer without inputs, following every link.
    Where chains end in several such layers, a product needs them all, so that the narrowest counts: twenty makers of
    devices do not help if one firm makes all chips. NaN without deliveries.
    """
    for n in range(state.layers[d].listed):
        i = on_roster(state, d, n)
        if sold(state, d, i):
            state.traces[d, i].behind = state.units[d, i].volume
    narrowest = np.nan
    for k in range(d, -1, -1):
        if state.layers[k].first_edge < state.layers[k + 1].first_edge:
            pass_upstream(state, k)
        else:
            owners = effective_owners(state, k)
            if not owners >= narrowest:  # either may be NaN
                narrowest = owners if owners == owners else narrowest
    return narrowest


@part
def pass_upstream(state: State, k: int) -> None:
    """Hand the volume behind a demand layer's products from the units of layer k on to their suppliers."""
    for n in range(state.layers[k].listed):
        i = on_roster(state, k, n)
        behind = state.traces[k, i].behind
        if behind > 0.0:
            state.traces[k, i].behind = 0.0
            for e in range(state.layers[k].first_edge, state.layers[k + 1].first_edge):
                link = state.links[e, i]
                if link.drawn > 0.0:
                    state.traces[state.edges[e].input, link.supplier].behind += link.drawn * behind


@part
def effective_owners(state: State, k: int) -> float:
    """1 / sum s^2 over the volumes noted in layer k, NaN if there are none; the notes are cleared."""
    total = squares = 0.0
    for n in range(state.layers[k].listed):
        i = on_roster(state, k, n)
        behind = state.traces[k, i].behind
        total += behind
        squares += behind * behind
        state.traces[k, i].behind = 0.0
    return over(total * total, squares)
