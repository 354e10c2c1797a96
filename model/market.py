"""The market as Mesa knows it: a model whose agents are its firms."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import mesa
import numpy as np

from ..agents.firm import Firm
from ..agents.own import Answer
from .books import OF_FIRM, OF_UNIT
from .checks import meant
from .errors import InputError, checked_count, checked_names
from .kinds import classes_of, rules_of
from .measures import COLUMNS
from .parameters import Value
from .scenario import fields_of, seed_of
from .settings import flat_name, flat_names, given_settings, overlaid
from .stack import Stack, read_stack
from .views.consider import Foresight
from .views.question import Consideration
from .world import World, opened
from .world_file import load as load_world

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

FEW = 5
"""Markets that may be there before finished ones are cleared away."""
DEFAULT_STACK = "ai-stack"
COLLECTED = ("hhi", "lerner", "cr1", "units", "in_house_share", "unserved")
"""Measures that are collected after each step unless others are asked for."""

Firm.columns = frozenset({*OF_FIRM, *OF_UNIT})


class Market(mesa.Model):
    """A market whose firms can be selected, grouped, asked and collected as Mesa's agents.

    `stack`, `seed`, `set`, `contacts` and `rules` are as in `stackrace.simulate`; parameters may also be given one by
    one, their names written flat: `Market("ai-stack", model_switching_cost=0.2, all_taste=0.1, price_weight=3)`.
    Without a seed one is drawn, as Mesa does; `market.seed` says which. `rng` is Mesa's word for the seed; of a
    generator the seed is drawn. `scenario` is a `Scenario` of Mesa (3.5 or later): its fields are parameters by flat or
    public name, or `stack` and `seed`. What is given as an argument goes before a field of the same name.

    `firm_class` is a subclass of `Firm`, or one for each of some home layers; its own `decide_price`,
    `decide_switch`, `decide_build` or `decide_ally` replaces the shipped rule for those firms. `collect` names the
    measures that the data collector keeps for each selling layer, as `model_hhi`. `start` is a `World` to go on
    from, or its file.

    Raises StackError or ParameterError (both ValueError) for input that cannot be used.
    """

    _kept: ClassVar[weakref.WeakSet[Market]] = weakref.WeakSet()
    _most: ClassVar[int] = FEW

    def __init__(
        self,
        stack: Stack | str | Path | None = None,
        *,
        seed: int | None = None,
        rng: Any = None,
        set: Mapping[str, Value] | None = None,
        contacts: nx.Graph[Any] | None = None,
        rules: Mapping[str, Callable[[Any], float]] | None = None,
        start: World | str | Path | None = None,
        firm_class: type[Firm] | Mapping[str, type[Firm]] = Firm,
        collect: str | Iterable[str] = COLLECTED,
        scenario: Any = None,
        **kwargs: Value,
    ) -> None:
        self._make_room()
        fields = fields_of(scenario)
        of_scenario = {name: fields.pop(name, None) for name in ("stack", "seed", "rng")}
        stack, seed = of_scenario["stack"] if stack is None else stack, of_scenario["seed"] if seed is None else seed
        if start is not None and (stack, seed, rng, contacts) != (None, None, None, None):
            raise InputError("start brings its own stack, seed and contacts: leave them out")
        given = seed_of(seed, rng, of_scenario["rng"])
        if start is not None:
            begin = start if isinstance(start, World) else load_world(start)
            stack, given = begin.stack, begin.seed
        stack = stack if isinstance(stack, Stack) else read_stack(stack if stack is not None else DEFAULT_STACK)
        named, settings = flat_names(stack, kwargs), given_settings(set)
        if twice := {*named} & {*settings}:
            raise InputError(f"{min(twice)} is given twice: in set and by its flat name")
        super().__init__(rng=given)
        if hasattr(scenario, "rng"):
            self.scenario = scenario
        settings = overlaid(flat_names(stack, fields), {**settings, **named})
        if start is not None:
            kept = {name: rule for name, rule in begin.rules.items() if rule.function is not None}
            self.world = begin.changed(settings, kept if rules is None else rules)
        else:
            given = int(self.rng.integers(2**31)) if given is None else given
            self.world = opened(stack, given, settings, contacts, rules)
        self.seed, self.stack, self.register = self.world.seed, self.world.stack, self.world.register
        self._record = np.full((len(self.stack.names), len(COLUMNS)), np.nan)
        self._classes = classes_of(firm_class, self.stack)
        self._follow_classes()
        self._present: dict[int, Firm] = {}
        self._births = np.full(len(self.world.state.firms), -1)
        self._foresight: Foresight | None = None
        self._meet_firms()
        measures = checked_names("collect", collect, "hhi")
        self.datacollector = mesa.DataCollector(model_reporters=self._reporters(measures))
        self.datacollector.collect(self)

    def __getstate__(self) -> dict[str, Any]:
        """What is copied or pickled: rules that this market's own firms decide are made anew by the copy."""
        rules = {name: rule for name, rule in self.world.rules.items() if name not in self._decided}
        return {**vars(self), "world": replace(self.world, rules=rules), "_foresight": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._kept.add(self)
        self._follow_classes()

    def __repr__(self) -> str:
        return f"Market of {self.stack.name}, seed {self.seed}, step {self.world.step}"

    @property
    def step_number(self) -> int:
        """The step that comes next, in calendar time (`steps` counts those taken by this object)."""
        return self.world.step

    def step(self) -> None:
        """One step of the market; then firms that entered or left are agents or no longer, and data is collected."""
        self._foresight = None
        self._record = self.world.advance(1).record[0]
        self._meet_firms()
        self.datacollector.collect(self)

    def run(self, steps: int) -> Market:
        """So many steps; returns the market."""
        for _ in range(checked_count("steps", steps, 0)):
            self.step()
        return self

    @property
    def measures(self) -> pd.DataFrame:
        """What was measured of the last step: a row per layer, a column per measure; NaN before the first."""
        import pandas as pd

        return pd.DataFrame(self._record, index=pd.Index(self.stack.names, name="layer"), columns=list(COLUMNS))

    def measure(self, name: str, layer: str) -> float:
        """One measure of one layer in the last step."""
        return float(self._record[self.stack.names.index(layer), COLUMNS.index(name)])

    def firm(self, asked: str | int) -> Firm:
        """The firm of a name, label (`model-7`) or slot; raises InputError if there is none now."""
        slot, birth = self.register.find(asked)
        firm = self._present.get(self._row(slot))
        if firm is None or (isinstance(asked, str) and firm.birth != birth):
            raise InputError(f"{self.register.label(slot, birth)} is not in the market at step {self.world.step}")
        return firm

    def graph(self, kind: str) -> nx.Graph[Any]:
        """A network of the market as it is: "contacts", "supply", "alliances" or "ownership"."""
        from .graphs import graph

        return graph(self.world, kind)

    def consider(self, firm: Firm, decision: str) -> Consideration:
        """What a firm would decide in the coming step, and why."""
        row = self._row_of(firm)
        if self._foresight is None:
            self._foresight = Foresight(self.world)
        return self._foresight.consider(row, decision)

    def home_of(self, slot: int) -> str:
        """Home layer of a slot."""
        return self.stack.names[int(self.world.state.firms.home[self._row(slot)])]

    def is_new(self, slot: int, birth: int) -> bool:
        """Whether a firm is in the market that is no agent yet."""
        row = self._row(slot)
        firm = self.world.state.firms[row]
        return bool(firm.alive and firm.birth == birth and row not in self._present)

    def is_present(self, firm: Firm) -> bool:
        """Whether the firm is still in the market."""
        return self._present.get(self._row(firm.slot)) is firm

    def value_of(self, firm: Firm, name: str) -> Any:
        """A column of a firm, or of its home unit."""
        state = self.world.state
        if name in OF_FIRM:
            return state.firms[name][self._row_of(firm)].item()
        if name in OF_UNIT:
            row = self._row_of(firm)
            return state.units[name][state.firms.home[row], row].item()
        raise AttributeError(f"firms have no {name!r}")

    def unit_of(self, firm: Firm, layer: str) -> dict[str, Any]:
        """All columns of a firm's unit in a layer."""
        row = self._row_of(firm)
        if layer not in self.layers_of(firm):
            raise LookupError(f"{firm.name} is not in layer {layer!r}: it is in {', '.join(self.layers_of(firm))}")
        unit = self.world.state.units[self.stack.names.index(layer), row]
        return {name: unit[name].item() for name in OF_UNIT}

    def layers_of(self, firm: Firm) -> list[str]:
        """Names of the layers that a firm is in."""
        operated = self.world.state.operates[:, self._row_of(firm)]
        return [name for name, runs in zip(self.stack.names, operated.tolist(), strict=True) if runs]

    def contacts_of(self, firm: Firm) -> list[Firm]:
        """Present contacts of a firm."""
        state, row = self.world.state, self._row_of(firm)
        known = state.contacts[state.firms.first_contact[row] : state.firms.last_contact[row]]
        return [self._present[j] for j in known.tolist() if j in self._present]

    def allies_of(self, firm: Firm) -> list[Firm]:
        """Allies of a firm."""
        return [self._present[j] for j in self.world.state.ties.ally[self._row_of(firm)].tolist() if j >= 0]

    def suppliers_of(self, firm: Firm) -> dict[tuple[str, str], list[Firm]]:
        """(own layer, layer bought) -> suppliers of a firm."""
        state, row, names = self.world.state, self._row_of(firm), self.stack.names
        found: dict[tuple[str, str], list[Firm]] = {}
        for e, edge in enumerate(state.edges):
            if state.operates[edge.consumer, row]:
                used = found.setdefault((names[edge.consumer], names[edge.input]), [])
                j = int(state.links.supplier[e, row])
                used += [self._present[j]] if j in self._present else []
        return found

    def clients_of(self, firm: Firm) -> list[Firm]:
        """Firms that buy anything from a firm, itself apart."""
        state, row = self.world.state, self._row_of(firm)
        buys = (state.links.supplier == row) & state.operates[state.edges.consumer]
        return [self._present[j] for j in np.flatnonzero(buys.any(axis=0)).tolist() if j != row and j in self._present]

    def _make_room(self) -> None:
        """Free finished markets: a Mesa model is a circle of references, which Python would clear late."""
        if len(self._kept) >= Market._most:
            gc.collect()
            Market._most = max(FEW, 2 * len(self._kept))
        self._kept.add(self)

    def _row(self, slot: int) -> int:
        return int(self.world.state.firms.row_of_slot[slot])

    def _row_of(self, firm: Firm) -> int:
        """The row of a firm that is in the market; raises LookupError for one that has left."""
        row = self._row(firm.slot)
        if self._present.get(row) is not firm:
            raise LookupError(f"{firm.name} has left the market")
        return row

    def _follow_classes(self) -> None:
        """Have firms of a class of its own decide what that class decides; raises InputError for a rule given too."""
        own = rules_of(self._classes, self._asking)
        if clash := {*own} & {*self.world.rules}:
            raise InputError(f"{min(clash)}: give either a rule or a firm_class that decides it, not both")
        self._decided = frozenset(own)
        self.world.rules = {**self.world.rules, **own}
        self.world.put_in_force()

    def _asking(self, decision: str) -> Answer:
        """What the firms of a class of its own say to a decision."""
        market = weakref.ref(self)  # the engine's callback must not keep a finished market

        def ask(row: int, view: Any) -> float:
            here = market()
            if here is None or row not in here._present:
                raise LookupError("the firm that decides is not in its Market any more")
            return float(getattr(here._present[row], f"decide_{decision}")(view))

        return ask

    def _meet_firms(self) -> None:
        """Make agents of firms that are new, and remove those that have left."""
        firms = self.world.state.firms
        births = np.where(firms.alive, firms.birth, -1)
        for row in np.flatnonzero(births != self._births).tolist():
            if (gone := self._present.pop(row, None)) is not None:
                gone.remove()
            if births[row] >= 0:
                kind = self._classes[self.stack.names[int(firms.home[row])]]
                self._present[row] = kind(self, int(firms.slot[row]), int(births[row]))
        self._births = births

    def _reporters(self, measures: tuple[str, ...]) -> dict[str, Any]:
        """A reporter per selling layer and measure, named `model_hhi`."""
        if unknown := next((name for name in measures if name not in COLUMNS), None):
            raise InputError(f"collect: nothing measured is called {unknown!r}: {meant(unknown, COLUMNS)}")
        return {
            f"{flat_name(layer)}_{name}": [self.measure, [name, layer]]
            for layer in self.stack.selling_layers
            for name in measures
        }
