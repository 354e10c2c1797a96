"""What facts are read from: the tables of one market, whether it was simulated or is a null model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ...model.interventions import Given
from ...model.parameters import Value
from ...model.stack import Stack
from ..run import Run, simulate

if TYPE_CHECKING:
    import pandas as pd

    from ...model.interventions import Intervention

COLUMNS = ("volume", "capability", "markup")


class History(NamedTuple):
    """One market from its start.

    `measures` as `Run.measures`; `events` as `Run.events`; `firms` has a row per step and unit of a layer that sells:
    step, firm, home (its home layer), layer, volume (units/step), capability (log quality) and markup.
    """

    stack: Stack
    seed: int
    steps: int
    set: Mapping[str, Value]
    interventions: tuple[Intervention, ...]
    measures: pd.DataFrame
    events: pd.DataFrame
    firms: pd.DataFrame

    @property
    def selling(self) -> pd.DataFrame:
        """The measures of the layers that sell."""
        return self.measures[self.measures.layer.isin(self.stack.selling_layers)]


def simulated(
    stack: Stack, seed: int, steps: int, set: Mapping[str, Value] | None = None, interventions: Given = ()
) -> History:
    """The history of the market itself; raises what `simulate` raises."""
    recording: dict[str, Any] = {"events": True, "firms": COLUMNS}
    return history_of(simulate(stack, seed=seed, steps=steps, set=set, interventions=interventions, **recording))


def history_of(run: Run) -> History:
    """The history that a run recorded."""
    homes = np.repeat(np.array(run.stack.names, dtype=object), run.parameters.layer.firms)
    sells = run.firms.layer.isin(run.stack.selling_layers)
    firms = run.firms[sells].assign(home=homes[run.firms.slot[sells]]).drop(columns="slot")
    return History(run.stack, run.seed, run.steps, run.set, run.interventions, run.measures, all_events(run), firms)


def all_events(run: Run) -> pd.DataFrame:
    """The events of a run, and before them as such the alliances that it starts with."""
    import pandas as pd

    if not any(firm.allies for firm in run.stack.firms):
        return run.events
    pairs = run.graph("alliances", run.first_step).edges
    first = pd.DataFrame(
        [{"step": run.first_step - 1, "kind": "allied", "firm": a, "counterparty": b} for a, b in pairs]
    )
    return pd.concat([first, run.events], ignore_index=True)


def components(stack: Stack) -> dict[str, int]:
    """The layers that other selling layers buy from, in their order -> how many do."""
    buying = [{edge.layer for edge in layer.inputs} for layer in stack.layers if layer.name in stack.selling_layers]
    counts = {name: sum(name in each for each in buying) for name in stack.selling_layers}
    return {name: count for name, count in counts.items() if count}


def struck_layer(stack: Stack) -> str:
    """The layer that a discontinuity strikes: the one that most selling layers buy from, the last of equals."""
    counts = components(stack) or dict.fromkeys(stack.selling_layers, 0)
    return max(reversed(counts), key=lambda name: counts[name])


def wave(stack: Stack, step: int, stronger: Mapping[str, Value] | None = None) -> list[Mapping[str, Any]]:
    """The discontinuity: a technology wave, of default strength unless fields of it are given."""
    return [{"kind": "technology_wave", "layer": struck_layer(stack), "from": step, **(stronger or {})}]
