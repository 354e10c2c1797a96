"""How rules and phases are compiled: one decorator, one cache that notices every edit.

numba's cache watches only the file that a function stands in: a kernel that calls a rule from another file would go on
with the old rule after an edit. So the cache folder is named after a hash of all rule and engine sources (and becomes
that of the whole process, other users of numba in it included).
"""

import atexit
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

os.environ.setdefault("NUMBA_DISABLE_INTEL_SVML", "1")  # vector math would differ from plain Python in the last bit

import numba
from platformdirs import user_cache_path

Function = TypeVar("Function", bound=Callable[..., Any])
jit: Any = numba.njit
settings: Any = numba.config

ROOT = Path(__file__).resolve().parent.parent
KEPT_CACHES = 8
PREFIX = "rules-"
ROOM = 2**26
"""Bytes that have to be free for compiled code, several times what it takes."""
NOT_CODE = ("NUMBA_CACHE_DIR", "NUMBA_NUM_THREADS")


def sources_digest() -> str:
    """Hash of every Python file in `agents/` and `model/`, of Python's and numba's version and of numba's settings."""
    chosen = sorted(item for item in os.environ.items() if item[0].startswith("NUMBA_") and item[0] not in NOT_CODE)
    digest = hashlib.sha256(f"{numba.__version__} {sys.implementation.cache_tag} {chosen}".encode())
    for folder in ("agents", "model"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            digest.update(str(path.relative_to(ROOT)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


DIGEST = sources_digest()


def cache_folder() -> Path:
    """Where compiled code of exactly these sources is kept (below $NUMBA_CACHE_DIR if that is set)."""
    base = os.environ.get("STACKRACE_CACHE_DIR") or os.environ.get("NUMBA_CACHE_DIR")
    return (Path(base) if base else user_cache_path("stackrace")) / f"{PREFIX}{DIGEST}"


def _can_write(folder: Path) -> bool:
    """Tell whether compiled code can be put into a folder, which is made if need be."""
    if not folder.is_absolute():  # the home of a user who has none
        return False
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        os.utime(folder)
        return shutil.disk_usage(folder).free > ROOM
    except OSError:
        return False


def _open_cache() -> tuple[bool, bool]:
    """Point numba at the folder for exactly these sources; says whether there is one, and whether it is kept.

    Where no folder can be kept, one serves this process and those that it starts. What is compiled in a folder that
    can only be read is copied there.
    """
    kept = cache_folder()
    if is_kept := _can_write(kept):
        with suppress(OSError):  # another process may be tidying up as well
            for stale in sorted(kept.parent.glob(f"{PREFIX}*"), key=lambda f: f.stat().st_mtime)[:-KEPT_CACHES]:
                shutil.rmtree(stale, ignore_errors=True)
    else:
        try:
            scratch = tempfile.mkdtemp(prefix="stackrace-")
        except OSError:
            return False, False
        atexit.register(shutil.rmtree, scratch, ignore_errors=True)
        os.environ["STACKRACE_CACHE_DIR"] = scratch
        with suppress(OSError):
            shutil.copytree(kept, cache_folder())
        for made in (cache_folder(), *cache_folder().rglob("*/")):
            with suppress(OSError):
                made.chmod(0o700)  # a copy is as read-only as what it is of
        if not _can_write(cache_folder()):
            return False, False
    return True, is_kept


CACHED, KEPT = _open_cache()


def is_compiled_before() -> bool:
    """Whether compiled code for these sources is on disk already."""
    return CACHED and any(cache_folder().rglob("advance.take_steps-*.nbi"))


def _to_be_compiled(function: Function, **options: bool) -> Function:
    """Compile a function when it is first called, and keep the code in our folder."""
    if CACHED:
        settings.CACHE_DIR = str(cache_folder())  # numba forgets it when one of its environment variables changes
    compiled: Function = jit(cache=CACHED, error_model="numpy", **options)(function)
    return compiled


def rule(function: Function) -> Function:
    """Compile a pure function of scalars and small tuples (or a phase over columns)."""
    return _to_be_compiled(function)


def phase(function: Function) -> Function:
    """Compile a phase: like a part, but it is entered by its address (see `agents/address.py`)."""
    return _to_be_compiled(function, no_cpython_wrapper=True, _nrt=False)


def loop(function: Function) -> Function:
    """Compile a loop over rows first .. last - 1 that `share_out` can share out among threads (`agents/address.py`).

    It gets (state, place, first, last, thread). What it writes for one row no other row may read or write, so that
    neither their order nor the number of threads shows in any result.
    """
    compiled = phase(function)
    LOOPS.append(compiled)
    return compiled


LOOPS: list[Any] = []
"""All loops that can be shared out."""


def part(function: Function) -> Function:
    """Compile a piece of a phase, which only compiled code calls.

    It has no way in from Python, which halves compile time, and counts no references to the state's arrays, which
    halves run time; so it must allocate nothing.
    """
    return _to_be_compiled(function, no_cpython_wrapper=True, no_cfunc_wrapper=True, _nrt=False)


def inlined(function: Function) -> Function:
    """Compile a part into its one caller.

    The compiler then sees that its rows are counted from zero, keeps what the caller has read, and leaves out the call:
    a seventh of the time of sourcing. A part with several callers would be compiled as often.
    """
    return _to_be_compiled(function, no_cpython_wrapper=True, no_cfunc_wrapper=True, _nrt=False, forceinline=True)
