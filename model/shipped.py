"""Files that come along with the package: found by a plain name, anything else by its path."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from .checks import meant
from .errors import InputError


def names_in(folder: Path) -> list[str]:
    """What the TOML files of a folder are called, in order."""
    return sorted(file.stem for file in folder.glob("*.toml"))


def find(name_or_path: str | Path, folder: Path, what: str, error: type[InputError]) -> Path:
    """Where a file is: that of `folder` if it has one of that name, else what the path leads to.

    Raises `error` for a plain word that is neither, saying which `what` was meant.
    """
    if not isinstance(name_or_path, str | Path):
        raise error(f"{name_or_path!r} is no {what}: give a name or the path of a .toml file")
    path, shipped = Path(name_or_path), names_in(folder)
    if str(name_or_path) in shipped:
        return folder / f"{name_or_path}.toml"
    if path.name == str(name_or_path) and not path.suffix and not path.is_file():
        raise error(f"no {what} is called {path.name!r}: {meant(path.name, shipped)} or give a .toml file's path")
    return path


def read_toml(path: Path, where: str, error: type[InputError]) -> dict[str, Any]:
    """The tables of a TOML file; raises `error`, saying `where`."""
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except tomllib.TOMLDecodeError as problem:
        raise error(f"{where}: not valid TOML: {problem}") from None
    except UnicodeDecodeError as problem:
        raise error(f"{where}: not UTF-8 text (byte {problem.start}); save it as UTF-8") from None
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or problem
        raise error(f"{where}: cannot be read: {why}; give the path of a TOML file") from None
