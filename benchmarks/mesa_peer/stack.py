"""What firms find when they come: stages, what each stage buys, and places on the network of contacts."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING, Any

from stackrace.model.parameters import MarketParameters
from stackrace.model.settings import resolve
from stackrace.model.stack import read_stack

if TYPE_CHECKING:
    from .firm import Firm
    from .unit import Unit


class Layer:
    """A stage of the stack. Its parameters are attributes under their public names (`layer.taste`)."""

    def __init__(self, name: str, parameters: dict[str, Any]) -> None:
        self.name = name
        self.inputs: list[Input] = []
        self.clients: list[Layer] = []
        self.places: list[Place] = []
        self.units: list[Unit] = []  # in operation
        self.traded: list[Unit] = []  # were in operation when this step's trade began
        self.is_demand = True  # until someone is found to buy from it
        self.start_capacity = 0.0
        self.input_share = 0.0  # of inputs in the base cost
        self.growth = self.ceiling = nan  # of its buyers' demand since the start, and of the quality they value, now
        for parameter, value in parameters.items():
            setattr(self, parameter, value)

    if TYPE_CHECKING:

        def __getattr__(self, parameter: str) -> Any: ...

    def begin(self, time: int) -> None:
        """What the date makes of its buyers' demand."""
        self.growth = (1.0 + self.demand_growth) ** time
        self.ceiling = self.quality_ceiling + self.ceiling_drift * time

    def adjoins(self, other: Layer) -> bool:
        """Whether one of the two buys from the other."""
        return other in self.clients or self in other.clients


class Input:
    """What a layer buys: `weight` units of `layer` for each of its own, of whose log quality `passthrough` arrives.

    `place` is where the contract for it stands among the links of every unit of the consumer.
    """

    __slots__ = ("consumer", "layer", "passthrough", "place", "weight")

    def __init__(self, consumer: Layer, layer: Layer, weight: float, passthrough: float) -> None:
        self.consumer, self.layer, self.weight, self.passthrough = consumer, layer, weight, passthrough
        self.place = len(consumer.inputs)


class Place:
    """A node of the contact network: home of one firm of a given layer at a time, or vacant."""

    __slots__ = ("contacts", "firm", "home", "neighbours")

    def __init__(self, home: Layer) -> None:
        self.home = home
        self.firm: Firm | None = None
        self.neighbours: list[Place] = []
        self.contacts: list[Firm] = []  # the firms that are in the neighbouring places now


def read_layers(stack: str, settings: dict[str, Any] | None) -> tuple[list[Layer], MarketParameters]:
    """The layers of a stack, inputs before consumers, and the parameters of the market."""
    description = read_stack(stack)
    parameters = resolve(description, settings)
    columns = parameters.layer._asdict() | parameters.buyer._asdict()
    layers = {
        name: Layer(name, {parameter: column[row].item() for parameter, column in columns.items()})
        for row, name in enumerate(description.names)
    }
    base_cost = {}
    for described in description.layers:
        layer = layers[described.name]
        for bought in described.inputs:
            if bought.sources > 1:
                raise ValueError("parallel sources are left out here")
            layer.inputs.append(Input(layer, layers[bought.layer], bought.weight, bought.passthrough))
            layers[bought.layer].clients.append(layer)
            layers[bought.layer].is_demand = False
        spent = sum(bought.weight * base_cost[bought.layer] for bought in layer.inputs)
        base_cost[layer] = spent + layer.base_cost
        layer.input_share = spent / base_cost[layer] if base_cost[layer] > 0.0 else 0.0
    return list(layers.values()), parameters.market
