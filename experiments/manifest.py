"""run.json: what was run, by which versions, and the hashes that prove a saved run whole."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..agents.own import OwnRule
from ..model import RULES
from ..model.contacts import fingerprint
from ..model.interventions import Intervention, as_tables
from ..model.parameters import Parameters, Value
from ..model.settings import as_dict, resolve
from ..model.stack import Stack, flat
from ..model.world_file import digest, tables_of
from .ensemble import Ensemble
from .folder import SavedRunError

SCHEMA = 2
"""Version of the layout of a saved run; raised when an older reader would misread a newer folder."""
MANIFEST = "run.json"
STUDY, COMPARISON = "study.json", "comparison.txt"
"""What stands in folders that hold something else."""


def described(ensemble: Ensemble, hashes: Mapping[str, str]) -> dict[str, Any]:
    """What run.json says."""
    import numba

    from stackrace import __version__

    first = ensemble.runs[0]
    return {
        "schema": SCHEMA,
        "rules": RULES,
        "content": content_of(ensemble),
        "versions": {
            "stackrace": __version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
            "numba": numba.__version__,
        },
        "seeds": list(ensemble.seeds),
        "first_step": first.first_step,
        "steps": ensemble.steps,
        "set": dict(ensemble.set),
        "contacts": fingerprint(first.contacts),
        "own_rules": known_by(first.rules),
        "start": _digest_of_start(ensemble),
        "interventions": as_tables(first.interventions),
        "stack": first.stack.as_dict(),
        "parameters": as_dict(first.parameters, first.stack),
        "files": dict(hashes),
    }


def content_of(ensemble: Ensemble) -> str:
    """What an ensemble is known by, see `content`."""
    first = ensemble.runs[0]
    return content(
        RULES,
        first.stack,
        first.parameters,
        ensemble.seeds,
        ensemble.steps,
        fingerprint(first.contacts),
        known_by(first.rules),
        _digest_of_start(ensemble),
        as_tables(first.interventions),
    )


def content_to_be(
    stack: Stack, set: Mapping[str, Value], seeds: Sequence[int], steps: int, interventions: Iterable[Intervention] = ()
) -> str:
    """What runs will be known by that are yet to be made, see `content`; raises ParameterError."""
    return content(RULES, stack, resolve(stack, set), seeds, steps, "", {}, "", as_tables(interventions))


def _digest_of_start(ensemble: Ensemble) -> str:
    start = ensemble.runs[0].start
    return digest(tables_of(start)) if start else ""


def known_by(rules: Mapping[str, OwnRule]) -> dict[str, dict[str, str]]:
    """What is written down of rules of a user's own: decision -> name and digest."""
    return {decision: {"name": rule.name, "digest": rule.digest} for decision, rule in rules.items()}


def content(
    version: int,
    stack: Stack,
    parameters: Parameters,
    seeds: Sequence[int],
    steps: int,
    contacts: str,
    own_rules: Mapping[str, Any],
    start: str,
    interventions: Sequence[Mapping[str, Any]],
) -> str:
    """SHA-256 over all that identifies a run: rules, stack, every parameter, contacts, seeds, steps, own rules, start.

    What is not there adds nothing, so that runs without it keep the identity that they had before it existed.
    """
    identity = [version, stack.identity(), as_dict(parameters, stack), contacts, list(seeds), steps]
    identity += [
        each for each in ({name: rule["digest"] for name, rule in own_rules.items()}, start, interventions) if each
    ]
    return hashlib.sha256(json.dumps(identity, allow_nan=False).encode()).hexdigest()


def identified(manifest: Mapping[str, Any], place: Path) -> tuple[Stack, Parameters, dict[str, OwnRule]]:
    """Stack, parameters and own rules (by name) of a manifest; raises SavedRunError if its content hash is another."""
    stack = Stack.from_dict(manifest["stack"])
    parameters = _parameters(stack, manifest)
    rules = manifest.get("own_rules", {})
    found = content(
        manifest["rules"],
        stack,
        parameters,
        [int(seed) for seed in manifest["seeds"]],
        int(manifest["steps"]),
        manifest["contacts"],
        rules,
        manifest.get("start", ""),
        manifest.get("interventions", []),
    )
    if found != manifest["content"]:
        why = "was edited: its content hash does not match"
        if manifest["rules"] != RULES:  # by which there may have been other parameters
            why = f"follows rules version {manifest['rules']}, this stackrace {RULES}"
        raise SavedRunError(f"{place / MANIFEST} {why}; run it again")
    return stack, parameters, {name: OwnRule(name, rule["name"], rule["digest"]) for name, rule in rules.items()}


def _parameters(stack: Stack, manifest: Mapping[str, Any]) -> Parameters:
    """The parameters as they were, whatever the defaults are by now."""
    saved = manifest["parameters"]
    every: dict[str, Value] = flat(saved["parameters"])
    every |= {f"{layer}.{name}": value for layer, own in saved["layers"].items() for name, value in own.items()}
    wide = {name: value for name, value in manifest["set"].items() if name not in every}
    return resolve(stack, wide | every)


def read_manifest(place: Path) -> dict[str, Any]:
    """What run.json says, if this version can read it."""
    path = place / MANIFEST
    try:
        if not place.exists():
            raise SavedRunError(f"{place}: no such folder")
        if not place.is_dir():
            raise SavedRunError(f"{place}: is a file: give the folder of a saved run")
        manifest = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        if (place / STUDY).is_file():
            raise SavedRunError(f"{place}: holds a study: its runs are in {place / 'baseline'} and beside it") from None
        if (place / COMPARISON).is_file():
            raise SavedRunError(f"{place}: holds a comparison, whose runs are elsewhere") from None
        raise SavedRunError(f"{place}: holds no saved run: there is no {MANIFEST} in it") from None
    except OSError as error:
        raise SavedRunError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        if isinstance(error, SavedRunError):
            raise
        raise SavedRunError(f"{path}: half-written or edited, it is not valid JSON ({error}); run it again") from None
    schema = manifest.get("schema") if isinstance(manifest, dict) else None
    if not isinstance(schema, int) or isinstance(schema, bool):
        raise SavedRunError(f"{path}: not written by stackrace: it has no schema version")
    if schema > SCHEMA:
        raise SavedRunError(
            f"{path}: has schema version {schema}, this stackrace reads up to {SCHEMA}: install a newer one"
        )
    return manifest
