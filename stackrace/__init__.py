"""How the market for the AI stack evolves: firms on a network that ally, build and switch."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stackrace.agents.firm import Firm
    from stackrace.experiments.attribute import Attribution, attribute
    from stackrace.experiments.compare import compare
    from stackrace.experiments.comparison import Comparison
    from stackrace.experiments.discovery import Boxes
    from stackrace.experiments.ensemble import Ensemble, repeat
    from stackrace.experiments.facts.validation import Validation, validate
    from stackrace.experiments.forecast import Forecast, forecast
    from stackrace.experiments.results import Results, open
    from stackrace.experiments.run import Run, load, simulate
    from stackrace.experiments.saved_study import load_study
    from stackrace.experiments.sensitivity import Sensitivity
    from stackrace.experiments.study import Study, study
    from stackrace.experiments.sweep_drive import sweep
    from stackrace.model.market import Market
    from stackrace.model.policy import policies, read_policy
    from stackrace.model.stack import Stack, read_stack, stacks
    from stackrace.model.world import World

__version__ = "0.1.0"

__all__ = [
    "Attribution",
    "Boxes",
    "Comparison",
    "Ensemble",
    "Firm",
    "Forecast",
    "Market",
    "Results",
    "Run",
    "Sensitivity",
    "Stack",
    "Study",
    "Validation",
    "World",
    "__version__",
    "attribute",
    "compare",
    "forecast",
    "load",
    "load_study",
    "open",
    "policies",
    "read_policy",
    "read_stack",
    "repeat",
    "simulate",
    "stacks",
    "study",
    "sweep",
    "validate",
]

_HOMES = {
    "attribute": "stackrace.experiments.attribute",
    "Attribution": "stackrace.experiments.attribute",
    "compare": "stackrace.experiments.compare",
    "Comparison": "stackrace.experiments.comparison",
    "Boxes": "stackrace.experiments.discovery",
    "Sensitivity": "stackrace.experiments.sensitivity",
    "Ensemble": "stackrace.experiments.ensemble",
    "repeat": "stackrace.experiments.ensemble",
    "forecast": "stackrace.experiments.forecast",
    "Forecast": "stackrace.experiments.forecast",
    "Run": "stackrace.experiments.run",
    "load": "stackrace.experiments.run",
    "simulate": "stackrace.experiments.run",
    "Results": "stackrace.experiments.results",
    "open": "stackrace.experiments.results",
    "sweep": "stackrace.experiments.sweep_drive",
    "load_study": "stackrace.experiments.saved_study",
    "Study": "stackrace.experiments.study",
    "validate": "stackrace.experiments.facts.validation",
    "Validation": "stackrace.experiments.facts.validation",
    "study": "stackrace.experiments.study",
    "Firm": "stackrace.agents.firm",
    "Market": "stackrace.model.market",
    "World": "stackrace.model.world",
    "policies": "stackrace.model.policy",
    "read_policy": "stackrace.model.policy",
    "Stack": "stackrace.model.stack",
    "read_stack": "stackrace.model.stack",
    "stacks": "stackrace.model.stack",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for, so that `import stackrace` stays quick."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
