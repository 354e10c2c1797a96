"""What Mesa hands to a model besides its own arguments: a scenario, whose fields are parameters, and a seed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .errors import InputError, checked_count, checked_mapping, is_whole


def fields_of(scenario: Any) -> dict[str, Any]:
    """Return the fields of a scenario by name, with its seed as `rng`; none if there is no scenario.

    A scenario is a `mesa.experimental.scenarios.Scenario` (Mesa 3.5 or later), or a mapping of names to values.
    Raises InputError for anything else.
    """
    if scenario is None:
        return {}
    if isinstance(scenario, Mapping) or hasattr(scenario, "keys"):
        fields = checked_mapping("scenario", scenario, "{'model_taste': 0.1}")
    elif hasattr(scenario, "__dict__"):
        fields = dict(vars(scenario))
    else:
        raise InputError(f"scenario is {scenario!r}: give a Scenario of Mesa, or names and values")
    fields.setdefault("rng", getattr(scenario, "rng", None))
    return fields


def seed_of(seed: Any, *generators: Any) -> int | None:
    """Return the seed that is given: `seed` itself, or the first of `generators` that is not None; else None.

    A generator is whatever `numpy.random.default_rng` takes, or a whole number, which is the seed itself; of any
    other one the seed is drawn. Raises InputError.
    """
    given = next((each for each in (seed, *generators) if each is not None), None)
    if given is None or given is seed or is_whole(given):
        return None if given is None else checked_count("seed", given, 0)
    try:
        return int(np.random.default_rng(given).integers(2**31))
    except (TypeError, ValueError):
        raise InputError(f"rng is {given!r}: give a whole number, or a generator of numpy") from None
