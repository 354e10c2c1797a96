"""Mesa's scenarios: their fields are parameters of a market, and their `rng` its seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from stackrace import Market


class Fields:
    """What Mesa's scenario is to a model: an object whose attributes are its fields, and its seed `rng`."""

    def __init__(self, rng: Any = None, **fields: Any) -> None:
        self.rng = rng
        vars(self).update(fields)


def scenarios() -> list[Any]:
    """Mesa's own kind where there is one, and what stands for it elsewhere."""
    try:
        from mesa.experimental.scenarios import Scenario
    except ModuleNotFoundError:
        return [Fields, dict]
    return [Fields, dict, Scenario]


@pytest.mark.parametrize("kind", scenarios())
def test_fields_of_a_scenario_are_parameters(kind: Any) -> None:
    plain = Market("full-stack", seed=4, model_taste=0.1, set={"*.review": 0.3}).run(2)
    market = Market(scenario=kind(rng=4, stack="full-stack", model_taste=0.1, all_review=0.3)).run(2)
    assert (market.seed, market.world.set) == (4, {"model.taste": 0.1, "*.review": 0.3})
    assert market.measures.equals(plain.measures)
    changed = Market("full-stack", seed=4, scenario=kind(stack="ai-stack", model_taste=0.2), model_taste=0.1)
    assert (changed.seed, changed.world.set) == (4, {"model.taste": 0.1}), "arguments go before fields"
    with pytest.raises(ValueError, match="no parameter is called 'model_tast': did you mean 'model_taste'"):
        Market(scenario=kind(model_tast=0.1))
    again = [Market(scenario=kind(rng=np.random.default_rng(7))).seed for _ in range(2)]
    assert again[0] == again[1] == Market(rng=np.random.default_rng(7)).seed


@pytest.mark.parametrize(
    ("given", "told"),
    [({"scenario": 5}, "scenario is 5: give a Scenario"), ({"rng": "luck"}, "rng is 'luck': give a whole number")],
)
def test_a_scenario_or_generator_of_a_wrong_kind_is_told(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Market("ai-stack", **given)


def test_a_typed_scenario_brings_its_defaults() -> None:
    scenarios = pytest.importorskip("mesa.experimental.scenarios")

    class Cheap(scenarios.Scenario):  # type: ignore[misc, name-defined]
        model_switching_cost: float = 0.0
        stack: str = "full-stack"

    market = Market(scenario=Cheap(rng=1))
    assert market.world.set == {"model.switching_cost": 0.0} and market.stack.name == "full-stack"
    assert market.scenario.model_switching_cost == 0.0
