"""Where a store is: a folder of this machine, or a place on any file system that Arrow or fsspec knows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from filelock import FileLock, Timeout

from ...model.errors import InputError


class StoreError(InputError):
    """A store that cannot be read or written to: why, in one line."""


class Place(Protocol):
    """What a store needs of the place where it is; names are relative to it, with `/` between their parts."""

    def open(self, name: str) -> Any:
        """Open a file for reading; raises OSError."""

    def names(self, folder: str) -> list[str]:
        """Names in a folder in order, hidden ones left out; none if it is not there. Raises OSError."""

    def make(self, folder: str) -> None:
        """Make a folder, if it is not there yet; raises OSError."""

    def put(self, name: str, content: bytes) -> None:
        """Write a file whole or not at all; raises OSError."""

    def rename(self, name: str, new: str) -> None:
        """Rename a file; raises OSError."""

    def alone(self) -> Any:
        """A context in which no other process writes here; raises Timeout where one does."""


class Folder:
    """A folder: files are written aside, flushed and renamed, under a lock."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def open(self, name: str) -> BinaryIO:
        return (self.root / name).open("rb")

    def names(self, folder: str) -> list[str]:
        try:
            return sorted(file.name for file in (self.root / folder).iterdir() if not file.name.startswith("."))
        except FileNotFoundError:
            return []

    def make(self, folder: str) -> None:
        (self.root / folder).mkdir(parents=True, exist_ok=True)

    def put(self, name: str, content: bytes) -> None:
        path = self.root / name
        aside = path.with_name(f".{path.name}.partial")
        try:
            with aside.open("wb") as opened:
                opened.write(content)
                opened.flush()
                os.fsync(opened.fileno())
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)

    def rename(self, name: str, new: str) -> None:
        (self.root / name).replace(self.root / new)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """What killed processes left is cleared away."""
        self.make("")
        with FileLock(self.root / ".lock", timeout=0):
            for left in self.root.rglob(".*.partial"):
                left.unlink(missing_ok=True)
            yield


class Remote:
    """A place on a file system of Arrow's, which shows a file only when it is closed, and has no lock."""

    def __init__(self, files: Any, root: str) -> None:
        self.files, self.root = files, root

    def open(self, name: str) -> Any:
        return self.files.open_input_file(f"{self.root}/{name}")

    def names(self, folder: str) -> list[str]:
        import pyarrow.fs

        selector = pyarrow.fs.FileSelector(f"{self.root}/{folder}".rstrip("/"), allow_not_found=True)
        found = (each.base_name for each in self.files.get_file_info(selector))
        return sorted(name for name in found if not name.startswith("."))

    def make(self, folder: str) -> None:
        self.files.create_dir(f"{self.root}/{folder}", recursive=True)

    def put(self, name: str, content: bytes) -> None:
        with self.files.open_output_stream(f"{self.root}/{name}") as opened:
            opened.write(content)

    def rename(self, name: str, new: str) -> None:
        self.files.move(f"{self.root}/{name}", f"{self.root}/{new}")

    @contextmanager
    def alone(self) -> Iterator[None]:
        yield


def place_of(address: str) -> Place:
    """The place that an address leads to: a folder, or one such as s3://bucket/sweep; raises StoreError."""
    protocol, mark, _ = address.partition("://")
    if not address.strip() or "\0" in address:
        raise StoreError("the store has no name: give a folder, such as out/sweep")
    if not mark:
        root = Path(address).resolve()
        if root.is_file():
            raise StoreError(f"{address}: is a file: give the folder of a store")
        return Folder(root)
    import pyarrow.fs

    files, path = _file_system(address, protocol)
    return Folder(Path(path)) if isinstance(files, pyarrow.fs.LocalFileSystem) else Remote(files, path)


def _file_system(address: str, protocol: str) -> tuple[Any, str]:
    """The file system of an address and the path in it; raises StoreError."""
    import pyarrow
    import pyarrow.fs

    try:
        files, path = pyarrow.fs.FileSystem.from_uri(address)
        return files, path
    except (pyarrow.ArrowInvalid, pyarrow.ArrowNotImplementedError, OSError, ImportError):
        pass
    try:
        import fsspec
    except ModuleNotFoundError:
        raise StoreError(f"{address}: Arrow does not know {protocol}://, and fsspec is not installed") from None
    try:
        found, path = fsspec.core.url_to_fs(address)
    except (ValueError, ImportError, OSError) as error:
        raise StoreError(f"{address}: cannot be reached: {error}") from None
    return pyarrow.fs.PyFileSystem(pyarrow.fs.FSSpecHandler(found)), path


__all__ = ["Folder", "Place", "Remote", "StoreError", "Timeout", "place_of"]
