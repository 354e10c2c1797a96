"""Policies: interventions that belong together, read from a TOML file of one's own or from those that come along."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from .errors import printable
from .interventions import PRINTED, Intervention, InterventionError, read_table
from .shipped import find, names_in, read_toml

SHIPPED = Path(__file__).with_name("policies")
KEYS = ("title", "interventions")
"""What a file holds: a title if it likes, and tables [[interventions]]."""


@dataclass(frozen=True)
class Policy:
    """What one file does to a market, with the name of the file and a title for reports."""

    name: str
    title: str
    interventions: tuple[Intervention, ...]


def read_policy(name_or_path: str | Path) -> Policy:
    """Read a policy that comes along by its name ("open-release") or a file by its path; raises InterventionError."""
    file = find(name_or_path, SHIPPED, "policy", InterventionError)
    tables = read_toml(file, str(file), InterventionError)
    unknown, listed = [name for name in tables if name not in KEYS], tables.get("interventions")
    if unknown or not isinstance(listed, list) or not listed:
        what = f"{unknown[0]} is unknown" if unknown else "there is nothing in it"
        raise InterventionError(f"{file}: {what}: write tables [[interventions]]")
    title = tables.get("title", "")
    if not isinstance(title, str) or not re.match(PRINTED, title):
        raise InterventionError(f"{file}: title should be a text of one line, not {title!r}")
    read = tuple(read_table(each, f"{file}: interventions[{n}]") for n, each in enumerate(listed))
    return Policy(
        printable(file.stem).replace("\N{REPLACEMENT CHARACTER}", "_"),
        title or " and ".join(each.label for each in read),
        read,
    )


def policies() -> dict[str, str]:
    """Name -> title of the policies that come with the package."""
    return {name: read_policy(name).title for name in names_in(SHIPPED)}
