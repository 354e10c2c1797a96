"""Folders that appear whole or not at all: written beside their place, flushed, renamed."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from pathlib import Path


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
