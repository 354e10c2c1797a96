"""A stack as a drawing in text: one line per layer, inputs above those who buy them.

Each layer that sells has a rail of its own, which begins at its sign and runs down to the last layer that buys from it:

    ●        chips
    ├─●      cloud
    └─┴─○    buyers
"""

from __future__ import annotations

from ...model.stack import Stack

SELLER, BUYER = "●", "○"


def drawn(stack: Stack) -> list[str]:
    """The lines of the drawing, each with the layer's name at its end, in the order of the stack."""
    rails = {name: place for place, name in enumerate(stack.selling_layers)}
    last = {edge.layer: row for row, layer in enumerate(stack.layers) for edge in layer.inputs}
    width = len(rails) + bool(stack.demand_layers)
    lines, running = [], set[int]()
    for row, layer in enumerate(stack.layers):
        bought = {rails[edge.layer] for edge in layer.inputs}
        ends = {rails[name] for name, final in last.items() if final == row}
        own = rails.get(layer.name, max(running, default=-1) + 1)
        signs = [_sign(place, own, bought, ends, running) for place in range(width)]
        signs[own] = SELLER if layer.name in rails else BUYER
        first = min(bought, default=own)
        gaps = ["─" if first <= place < own else " " for place in range(width)]
        lines.append("".join(sign + gap for sign, gap in zip(signs, gaps, strict=True)) + " " + layer.name)
        running = (running - ends) | {own} if layer.name in rails else running - ends
    return lines


def _sign(place: int, own: int, bought: set[int], ends: set[int], running: set[int]) -> str:
    """What stands on a rail's place in the line of a layer that buys from the rails `bought` and sits at `own`."""
    first = min(bought, default=own)
    if place in bought:
        stays = place not in ends
        return ("├" if stays else "└") if place == first else ("┼" if stays else "┴")
    if place in running:
        return "│"  # a rail that is crossed keeps its line, since it is not bought from
    return "─" if first < place < own else " "
