"""The command that makes a result once more."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence

from ...model.errors import InputError
from ...model.interventions import Intervention
from ...model.parameters import Value
from ...model.policy import read_policy
from ...model.stack import Stack, read_stack, stacks
from ..comparisons.compare import POLICY
from ..comparisons.study import Study
from ..ensemble import Ensemble
from ..regimes import WINDOW
from ..summary import spelt

INTERVENTIONS = "interventions.toml"
"""File beside a saved run that holds what it was run with."""


def command_line(ensemble: Ensemble, source: str | None = None) -> str:
    """The command that gives exactly this ensemble, if its seeds follow each other.

    `source` is what the stack was read from; by default the stack's own name, of a file if it is no shipped one.
    """
    return run_command(
        source or _source(ensemble.stack),
        ensemble.seeds,
        ensemble.steps,
        ensemble.set,
        bool(ensemble.runs[0].interventions),
    )


def run_command(
    source: str, seeds: Sequence[int], steps: int, set: Mapping[str, Value], intervened: bool, more: Iterable[str] = ()
) -> str:
    """The command that runs a stack, with its interventions in a file of that name if there are any."""
    words = ["run", source, "--seed", str(min(seeds)), "--seeds", str(len(seeds)), "--steps", str(steps)]
    words += [*_settings("--set", set), *(("--intervene", INTERVENTIONS) if intervened else ()), *more]
    return _line(words)


def study_command(study: Study) -> str:
    """The command that gives exactly this study, if its seeds follow each other."""
    words = ["compare", *_market(study.base, study.source), *_settings("--set", study.base.set)]
    for label, other in study.others.items():
        planned = other.runs[0].interventions
        if planned:
            words += ["--intervene", label if _is_shipped(label, planned) else f"{label}.toml"]
        differing = {name: value for name, value in other.set.items() if study.base.set.get(name) != value}
        words += _settings("--change", differing)
    measures = study.comparisons[0].measures
    if measures != POLICY:
        words += [word for name in measures for word in ("--measure", name)]
    if study.window != min(WINDOW, study.base.steps):
        words += ["--window", str(study.window)]
    return _line(words)


def follow_each_other(seeds: Sequence[int]) -> bool:
    """Whether a command can name these seeds."""
    return sorted(seeds) == list(range(min(seeds), min(seeds) + len(seeds)))


def _market(ensemble: Ensemble, source: str | None) -> Iterable[str]:
    yield source or _source(ensemble.stack)
    yield from ("--seed", str(min(ensemble.seeds)), "--seeds", str(len(ensemble.seeds)))
    yield from ("--steps", str(ensemble.steps))


def _source(stack: Stack) -> str:
    return stack.name if stack.name in stacks() and read_stack(stack.name) == stack else f"{stack.name}.toml"


def _is_shipped(label: str, planned: Iterable[Intervention]) -> bool:
    try:
        return read_policy(label).interventions == planned
    except InputError:
        return False


def _settings(option: str, values: Mapping[str, Value]) -> list[str]:
    return [word for name, value in values.items() for word in (option, f"{name}={spelt(value)}")]


def _line(words: Iterable[str]) -> str:
    return shlex.join(["stackrace", *words]).encode(errors="backslashreplace").decode()  # paths need not be UTF-8
