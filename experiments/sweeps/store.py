"""A store of runs: Parquet files in a folder, on any file system that Arrow or fsspec knows.

    STORE/sweep.json           what is swept: stack, steps, window, policies, and the version of this layout
    STORE/design.parquet       a row per run in the order of the design: run, number, point, policy, seed, parameters
    STORE/runs/*.parquet       a row per run and layer ("whole stack" last): regime and means over the last steps
    STORE/series/*.parquet     a row per run, step and layer, where series were asked for
    STORE/failures/*.parquet   a row per failed run, with the error and the parameters

Parts are written aside and renamed, by one process. Which runs are there is read from the parts alone.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..folder import WriteError
from .places import StoreError, Timeout, place_of

if TYPE_CHECKING:
    import pyarrow

SCHEMA = 1
ABOUT = "sweep.json"
DESIGN = "design.parquet"
KINDS = ("runs", "series", "failures")
OURS = (DESIGN, *KINDS)
TORN = ".torn"


class Store:
    """A place for runs; `address` is a folder, or an address such as s3://bucket/sweep."""

    def __init__(self, address: str | Path) -> None:
        self.address = str(address)
        self.place = place_of(self.address)

    def __repr__(self) -> str:
        return f"Store({self.address!r})"

    def about(self) -> dict[str, Any] | None:
        """What sweep.json says; None if there is no store yet. Raises StoreError."""
        try:
            with self.place.open(ABOUT) as opened:
                told = json.loads(opened.read())
            schema = told["schema"]
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreError(f"{self.address}/{ABOUT}: cannot be read ({error}): remove it to begin anew") from None
        if not isinstance(schema, int) or schema > SCHEMA:
            raise StoreError(f"{self.address}: has schema version {schema}, this stackrace reads up to {SCHEMA}")
        return dict(told)

    def begin(self, about: Mapping[str, Any], design: pyarrow.Table) -> None:
        """Write down what is swept; raises WriteError."""
        told = json.dumps({"schema": SCHEMA, **about}, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        for name in KINDS:
            self._try(lambda name=name: self.place.make(name))
        self.put(DESIGN, _parquet(design))
        self.put(ABOUT, told.encode())

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only process that writes, and clear away what killed ones left; raises StoreError, WriteError.

        StoreError too where something else than a store is.
        """
        if self.about() is None and (strangers := [name for name in self._names("") if name not in OURS]):
            raise StoreError(f"{self.address}: holds {', '.join(strangers[:3])}, and is no store: give a new folder")
        with ExitStack() as held:
            try:
                held.enter_context(self.place.alone())
            except Timeout:
                raise StoreError(
                    f"{self.address}: another process is writing to it: wait until that has ended"
                ) from None
            except OSError as error:
                raise WriteError(self.address, error) from None
            yield

    def add(self, kind: str, table: pyarrow.Table, name: str) -> None:
        """Add a part; raises WriteError, and then nothing of it is there."""
        self.put(f"{kind}/{name}.parquet", _parquet(table))

    def put(self, name: str, content: bytes) -> None:
        """Write a file whole or not at all: aside, flushed, renamed."""
        self._try(lambda: self.place.put(name, content))

    def parts(self, kind: str) -> list[str]:
        """Names of the parts of a kind, in order."""
        return [f"{kind}/{name}" for name in self._names(kind) if name.endswith(".parquet")]

    def read(self, kind: str, columns: Sequence[str] | None = None) -> Iterator[pyarrow.Table]:
        """The parts of a kind, one after another; raises StoreError for a torn one."""
        for part in self.parts(kind):
            yield self.read_part(part, columns)

    def read_part(self, part: str, columns: Sequence[str] | None = None) -> pyarrow.Table:
        """One part, or some of its columns; raises StoreError for a torn one."""
        import pyarrow
        import pyarrow.parquet

        try:
            with self.place.open(part) as opened:
                return pyarrow.parquet.read_table(opened, columns=list(columns) if columns else None)
        except (OSError, pyarrow.ArrowException) as error:
            raise StoreError(
                f"{self.address}/{part}: torn, or no Parquet file ({str(error).splitlines()[0]})"
            ) from None

    def set_aside_torn(self) -> list[str]:
        """Rename the parts that cannot be read, so that their runs are done again; returns their names."""
        torn = []
        for kind in KINDS:
            for part in self.parts(kind):
                try:
                    self.read_part(part)
                except StoreError:
                    self._try(lambda part=part: self.place.rename(part, part + TORN))
                    torn.append(part)
        return torn

    def _names(self, folder: str) -> list[str]:
        try:
            return self.place.names(folder)
        except OSError as error:
            raise StoreError(f"{self.address}: cannot be read: {error.strerror or error}") from None

    def _try(self, write: Any) -> None:
        try:
            write()
        except OSError as error:
            raise WriteError(self.address, error) from None


def _parquet(table: pyarrow.Table) -> bytes:
    import pyarrow.parquet

    made = io.BytesIO()
    pyarrow.parquet.write_table(table, made, compression="zstd")
    return made.getvalue()
