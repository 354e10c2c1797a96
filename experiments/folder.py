"""Folders that appear whole or not at all: written beside their place, flushed, renamed."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..model.errors import InputError


class SavedRunError(InputError):
    """A folder that holds nothing that can be read, or that nothing may be written to: why, in one line."""


class WriteError(SavedRunError):
    """The file system refused: disk full, no permission, too long a name."""


@contextmanager
def written(place: Path, called: str | Path) -> Iterator[Path]:
    """A new folder to write to, which becomes `place` when the block ends, or is gone when it fails.

    Raises WriteError, with the name that the user gave it, when the file system refuses.
    """
    aside = beside(place)
    try:
        aside.mkdir(parents=True)
        yield aside
        put_in_place(aside, place)
    except OSError as error:
        raise WriteError(f"{called}: cannot be written: {error.strerror or error}") from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def beside(place: Path) -> Path:
    """A fresh name in the same folder, so that renaming it to `place` is one operation of the file system."""
    return place.parent / f".{place.name}.{os.getpid()}-{secrets.token_hex(4)}.partial"


def put_in_place(aside: Path, place: Path) -> None:
    """Flush a finished folder and rename it to its place; what is there makes way only now, and comes back on failure.

    Two renames follow each other, since POSIX has none that swaps two folders.
    """
    for file in (*aside.iterdir(), aside):
        flush(file)
    old = aside.with_suffix(".old")
    replaces = place.exists()
    if replaces:
        place.rename(old)
    try:
        aside.rename(place)
    except BaseException:
        if replaces:
            old.rename(place)
        raise
    flush(place.parent)
    shutil.rmtree(old, ignore_errors=True)


def put_file(file: Path, text: str) -> None:
    """Write a file whole or not at all; raises WriteError."""
    aside = beside(file)
    try:
        aside.write_text(text, "utf-8")
        flush(aside)
        aside.replace(file)
        flush(file.parent)
    except OSError as error:
        raise WriteError(f"{file}: cannot be written: {error.strerror or error}") from None
    finally:
        aside.unlink(missing_ok=True)


def digest(file: Path) -> str:
    """SHA-256 of a file."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def flush(path: Path) -> None:
    """Wait until a file or the entries of a folder are on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
