"""Folders that appear whole or not at all: written beside their place, flushed, renamed."""

from __future__ import annotations

import glob
import hashlib
import os
import platform
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from ..model.errors import InputError
from .interrupt import check_interrupt


class SavedRunError(InputError):
    """A folder that holds nothing that can be read, or that nothing may be written to: why, in one line."""


class WriteError(SavedRunError):
    """The file system refused: disk full, no permission, too long a name."""

    def __init__(self, where: str | Path, error: Exception) -> None:
        self.why = getattr(error, "why", None) or getattr(error, "strerror", None) or str(error)
        super().__init__(f"{where}: cannot be written: {self.why}")


def check_same(folder: str | Path, what: str, found: object, made: object, force: bool) -> None:
    """Raises SavedRunError if a folder holds something (`found`, else None) that is not what is `made` now.

    `force` lets it be replaced.
    """
    if found is not None and found != made and not force:
        raise SavedRunError(
            f"{folder}: holds another {what}: give a new folder, or replace it with --force (in Python force=True)"
        )


@contextmanager
def written(place: Path, called: str | Path) -> Iterator[Path]:
    """A new folder to write to, which becomes `place` when the block ends, or is gone when it fails.

    Raises WriteError, with the name that the user gave it, when the file system refuses.
    """
    aside = beside(place)
    try:
        remove_leftovers(place)
        aside.mkdir(parents=True)
        yield aside
        check_interrupt()
        put_in_place(aside, place)
    except (OSError, WriteError) as error:
        raise WriteError(called, error) from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def beside(place: Path) -> Path:
    """A fresh name in the same folder, so that renaming it to `place` is one operation of the file system."""
    return place.parent / f".{place.name}.{platform.node()}-{os.getpid()}-{secrets.token_hex(4)}.partial"


def remove_leftovers(place: Path) -> None:
    """Remove what processes of this machine that were killed left beside a place."""
    for left in place.parent.glob(f".{glob.escape(place.name)}.{glob.escape(platform.node())}-*-*.*"):
        found = re.search(r"-(\d+)-[0-9a-f]{8}\.(partial|old)$", left.name)
        if found and int(found[1]) not in psutil.pids():
            if found[2] == "old" and not place.exists():
                left.rename(place)  # killed between the two renames
            else:
                shutil.rmtree(left, ignore_errors=True)


def put_in_place(aside: Path, place: Path) -> None:
    """Flush a finished folder and rename it to its place; what is there makes way only now, and comes back on failure.

    Two renames follow each other, since POSIX has none that swaps two folders.
    """
    for file in aside.iterdir():
        if file.is_file():
            flush(file)
    flush_folder(aside)
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
    flush_folder(place.parent)
    shutil.rmtree(old, ignore_errors=True)


def put_file(file: Path, text: str) -> None:
    """Write a file whole or not at all; raises WriteError."""
    aside = beside(file)
    try:
        aside.write_text(text, "utf-8")
        flush(aside)
        aside.replace(file)
        flush_folder(file.parent)
    except OSError as error:
        raise WriteError(file, error) from None
    finally:
        aside.unlink(missing_ok=True)


def put_files(folder: str | Path, texts: Mapping[str, str]) -> list[Path]:
    """Write files into a folder, each whole or not at all, beside what is there; raises WriteError."""
    try:
        place = Path(folder).resolve()
        place.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise WriteError(folder, error) from None
    for name, text in texts.items():
        put_file(place / name, text)
    return [Path(folder) / name for name in texts]


def digest(file: Path) -> str:
    """SHA-256 of a file."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def flush(file: Path) -> None:
    """Wait until a file is on disk."""
    with file.open("rb+") as opened:  # Windows flushes no file that is open for reading only
        os.fsync(opened.fileno())


def flush_folder(folder: Path) -> None:
    """Wait until the entries of a folder are on disk, where the system can say so: Windows opens no folder."""
    with suppress(PermissionError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
