"""How the market for the AI stack evolves: firms on a network that ally, build and switch."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stackrace.agents.firm import Firm
    from stackrace.experiments.analysis.attribute import Attribution, attribute
    from stackrace.experiments.analysis.discovery import Boxes
    from stackrace.experiments.analysis.sensitivity import Sensitivity
    from stackrace.experiments.calibration.forecast import Forecast, forecast
    from stackrace.experiments.comparisons.compare import compare
    from stackrace.experiments.comparisons.comparison import Comparison
    from stackrace.experiments.comparisons.saved_study import load_study
    from stackrace.experiments.comparisons.study import Study, study
    from stackrace.experiments.ensemble import Ensemble, repeat
    from stackrace.experiments.facts.validation import Validation, validate
    from stackrace.experiments.run import Run, load, simulate
    from stackrace.experiments.sweeps.drive import sweep
    from stackrace.experiments.sweeps.results import Results
    from stackrace.experiments.sweeps.results import open as open  # not in __all__: it would hide Python's own
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
    "attribute": "stackrace.experiments.analysis.attribute",
    "Attribution": "stackrace.experiments.analysis.attribute",
    "compare": "stackrace.experiments.comparisons.compare",
    "Comparison": "stackrace.experiments.comparisons.comparison",
    "Boxes": "stackrace.experiments.analysis.discovery",
    "Sensitivity": "stackrace.experiments.analysis.sensitivity",
    "Ensemble": "stackrace.experiments.ensemble",
    "repeat": "stackrace.experiments.ensemble",
    "forecast": "stackrace.experiments.calibration.forecast",
    "Forecast": "stackrace.experiments.calibration.forecast",
    "Run": "stackrace.experiments.run",
    "load": "stackrace.experiments.run",
    "simulate": "stackrace.experiments.run",
    "Results": "stackrace.experiments.sweeps.results",
    "open": "stackrace.experiments.sweeps.results",
    "sweep": "stackrace.experiments.sweeps.drive",
    "load_study": "stackrace.experiments.comparisons.saved_study",
    "Study": "stackrace.experiments.comparisons.study",
    "validate": "stackrace.experiments.facts.validation",
    "Validation": "stackrace.experiments.facts.validation",
    "study": "stackrace.experiments.comparisons.study",
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
    return sorted({*globals(), *_HOMES})
