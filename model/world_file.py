"""A market in a file: the tables of its state as they are (.npz, no code in it), and what they belong to."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..agents.own import OwnRule
from . import RULES
from .columns import SCHEMAS, OwnRules, State, columns_of, empty_table
from .errors import InputError
from .interventions import as_tables, read_interventions
from .parameters import Value
from .settings import resolve
from .stack import Stack
from .world import World

CONTACTS = "given_contacts"


class WorldError(InputError):
    """A kept market that cannot be written or taken up again: why, in one line."""


def save(world: World, file: str | Path) -> Path:
    """Write the market to a file, whole or not at all; raises WorldError."""
    place = Path(file)
    if place.is_dir():
        raise WorldError(f"{file}: is a folder: give a file, such as at-40.npz")
    tables = tables_of(world)
    about = {
        "rules": RULES,
        "stack": world.stack.as_dict(),
        "set": dict(world.set),
        "own_rules": {rule.decision: [rule.name, rule.digest] for rule in world.rules.values()},
        "interventions": as_tables(world.interventions),
        "digest": digest(tables),
    }
    aside = place.with_name(f".{place.name}.{os.getpid()}-{secrets.token_hex(4)}.partial")
    try:
        with aside.open("wb") as opened:
            arrays: Any = {**tables, "about": np.frombuffer(json.dumps(about).encode(), np.uint8)}
            np.savez(opened, **arrays)
            opened.flush()
            os.fsync(opened.fileno())
        aside.replace(place)
    except OSError as error:
        raise WorldError(f"{file}: cannot be written: {error.strerror or error}") from None
    finally:
        aside.unlink(missing_ok=True)
    return place


def load(file: str | Path) -> World:
    """The market that `save` wrote, its own rules known by name and hash; raises WorldError."""
    about, tables = contents(Path(file))
    try:
        if about["rules"] != RULES:
            raise WorldError(f"{file}: follows rules version {about['rules']}, this stackrace {RULES}: make it again")
        for name, table in tables.items():
            if name in SCHEMAS and table.dtype != empty_table(name, 0).dtype:
                raise WorldError(f"{file}: was written by another version of stackrace: make it again")
        if digest(tables) != about["digest"]:
            raise WorldError(f"{file}: is damaged, its hash is not the one in it: make it again")
        contacts = tables.pop(CONTACTS, None)
        state = State(**{name: table.view(np.recarray) if name in SCHEMAS else table for name, table in tables.items()})
        settings: dict[str, Value] = about["set"]
        stack = Stack.from_dict(about["stack"])
        rules = {decision: OwnRule(decision, name, digest) for decision, (name, digest) in about["own_rules"].items()}
        planned = read_interventions(about["interventions"])
        made = World(stack, settings, resolve(stack, settings), state, contacts, rules, planned)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise WorldError(f"{file}: is no market that was kept here ({error})") from None
    made.put_in_force()
    return made


def tables_of(world: World) -> dict[str, Any]:
    """Name -> table of all that a file holds."""
    tables = {name: np.asarray(table) for name, table in zip(State._fields, world.state, strict=True)}
    tables["market"] = tables["market"].copy()
    for column in columns_of(OwnRules):  # addresses are those of one process
        tables["market"][column] = 0
    return tables if world.contacts is None else {**tables, CONTACTS: world.contacts}


def contents(file: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the file says of itself, and its tables."""
    try:
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as stored:
            tables = {name: stored[name] for name in stored.files}
        return json.loads(tables.pop("about").tobytes()), tables
    except FileNotFoundError:
        raise WorldError(f"{file}: there is no such file") from None
    except (OSError, EOFError, KeyError, TypeError, ValueError, AttributeError, zipfile.BadZipFile) as error:
        why = f" ({error.strerror})" if isinstance(error, OSError) and error.strerror else ""
        raise WorldError(f"{file}: is no market that was kept here, or damaged{why}") from None


def digest(tables: Mapping[str, Any]) -> str:
    """SHA-256 over all columns of all tables (the gaps between a row's fields are nobody's)."""
    found = hashlib.sha256()
    for name in sorted(tables):
        for column in tables[name].dtype.names or ("",):
            values = np.ascontiguousarray(tables[name][column] if column else tables[name])
            found.update(f"{name} {column} {values.shape} {values.dtype.str}".encode())
            found.update(values.tobytes())
    return found.hexdigest()
