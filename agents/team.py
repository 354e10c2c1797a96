"""A team of threads that compiled code can ask, by its address, to run a loop over rows.

The compiled loop is the same that one thread runs alone. Python only hands out blocks of rows, which takes it some
microseconds each, and the loop runs without Python's lock; so there is nothing to compile for threads, and several
teams can be at work in one process.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

BLOCKS = 4
"""Blocks of rows per thread and loop: who gets easy rows, or a faster core, takes more of them."""

_asked: Any = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)
_loop: Any = ctypes.CFUNCTYPE(None, ctypes.c_void_p, *[ctypes.c_int64] * 4)


def blocks(count: int, threads: int) -> list[tuple[int, int]]:
    """First rows of blocks, and the rows that they end before."""
    size = -(-count // (threads * BLOCKS))
    return [(first, min(first + size, count)) for first in range(0, count, size or 1)]


class Team(ThreadPoolExecutor):
    """So many threads; one thread is no team, and its address is 0."""

    def __init__(self, threads: int) -> None:
        super().__init__(threads, "stackrace")
        self.threads = threads
        self.failures: list[BaseException] = []
        self._entry = _asked(self._share_out)
        self.address = ctypes.cast(self._entry, ctypes.c_void_p).value or 0 if threads > 1 else 0

    def lead(self, work: Callable[..., None], *arguments: Any) -> None:
        """Do work that asks the team, in one of its threads: Ctrl-C, which comes to the main one, ends no loop midway.

        Raises whatever went wrong in sharing out.
        """
        if self.threads == 1:
            work(*arguments)
            return
        self.submit(work, *arguments).result()
        if self.failures:
            raise self.failures[0]

    def _share_out(self, loop: int, state: int, place: int, count: int) -> None:
        """Run a loop over all rows, in blocks; nothing may escape into the compiled code that asks."""
        try:
            entry, left = _loop(loop), iter(blocks(count, self.threads))  # that several threads may take from

            def take(thread: int) -> None:
                for first, last in left:
                    entry(state, place, first, last, thread)

            others = [self.submit(take, thread) for thread in range(1, self.threads)]
            take(0)
            for each in others:
                each.result()
        except BaseException as error:
            self.failures.append(error)
