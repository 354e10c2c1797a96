"""Files that come along with the package: found by a plain name, anything else by its path."""

from __future__ import annotations

from pathlib import Path

from .checks import meant
from .errors import InputError


def names_in(folder: Path) -> list[str]:
    """What the TOML files of a folder are called, in order."""
    return sorted(file.stem for file in folder.glob("*.toml"))


def find(name_or_path: str | Path, folder: Path, what: str, error: type[InputError]) -> Path:
    """Where a file is: that of `folder` if it has one of that name, else what the path leads to.

    Raises `error` for a plain word that is neither, saying which `what` was meant.
    """
    path, shipped = Path(name_or_path), names_in(folder)
    if str(name_or_path) in shipped:
        return folder / f"{name_or_path}.toml"
    if path.name == str(name_or_path) and not path.suffix and not path.is_file():
        raise error(f"no {what} is called {path.name!r}: {meant(path.name, shipped)} or give a .toml file's path")
    return path
