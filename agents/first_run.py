"""The first run of a version: what takes long to compile is compiled by two processes at once.

numba compiles one function at a time per process. The second process keeps what it made in a cache of its own, since
two writers could mix up each other's entries, and it is taken over from there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .rule import CACHED, cache_folder, is_compiled_before, settings


@contextmanager
def helped_by(program: str) -> Iterator[None]:
    """Have a program compile its part while the block compiles the rest, if nothing was compiled before.

    Whatever goes wrong in the second process only means that its part is compiled here.
    """
    if settings.DISABLE_JIT or not CACHED or is_compiled_before() or (os.cpu_count() or 1) < 2:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="stackrace-") as scratch:
        second = None
        with suppress(OSError):
            second = subprocess.Popen(
                [sys.executable, "-c", program],
                env={**os.environ, "STACKRACE_CACHE_DIR": scratch},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        try:
            yield
            if second is not None and second.wait() == 0:
                take_over(Path(scratch) / cache_folder().name, cache_folder())
        finally:
            if second is not None:
                second.kill()
                second.wait()


def take_over(made: Path, cache: Path) -> None:
    """Copy the compiled functions that the cache does not have."""
    for index in made.rglob("*.nbi"):
        target = cache / index.relative_to(made)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            for file in (*index.parent.glob(f"{index.stem}.*.nbc"), index):  # the index last: it promises the others
                shutil.copy2(file, target.parent / file.name)
