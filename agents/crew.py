"""A crew of threads that compiled code can ask, by its address, to run a loop over rows.

The compiled loop is the same that one thread runs alone. Python only hands out blocks of rows, which takes it some
microseconds each, and the loop runs without Python's lock; so there is nothing to compile for threads, and several
crews can be at work in one process.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any

BLOCKS = 4
"""Blocks of rows per thread and loop: who gets easy rows, or a faster core, takes more of them."""

_asked: Any = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)
_loop: Any = ctypes.CFUNCTYPE(None, ctypes.c_void_p, *[ctypes.c_int64] * 4)


def blocks(count: int, hands: int) -> list[tuple[int, int]]:
    """First rows of blocks, and the rows that they end before."""
    size = -(-count // (hands * BLOCKS))
    return [(first, min(first + size, count)) for first in range(0, count, size or 1)]


class Crew:
    """So many threads; one thread is no crew, and its address is 0."""

    def __init__(self, hands: int) -> None:
        self.hands = hands
        self.failures: list[BaseException] = []

    def __enter__(self) -> Crew:
        self._pool = ThreadPoolExecutor(self.hands, "stackrace")
        self._entry = _asked(self._share_out)
        self.address = ctypes.cast(self._entry, ctypes.c_void_p).value or 0 if self.hands > 1 else 0
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown()

    def lead(self, work: Callable[..., None], *arguments: Any) -> None:
        """Do work that asks the crew, in one of its threads: Ctrl-C, which comes to the main one, ends no loop midway.

        Raises whatever went wrong in sharing out.
        """
        if self.hands == 1:
            work(*arguments)
            return
        self._pool.submit(work, *arguments).result()
        if self.failures:
            raise self.failures[0]

    def _share_out(self, loop: int, state: int, place: int, count: int) -> None:
        """Run a loop over all rows, in blocks; nothing may escape into the compiled code that asks."""
        try:
            entry, left = _loop(loop), iter(blocks(count, self.hands))  # that several threads may take from

            def take(hand: int) -> None:
                for first, last in left:
                    entry(state, place, first, last, hand)

            others = [self._pool.submit(take, hand) for hand in range(1, self.hands)]
            take(0)
            for each in others:
                each.result()
        except BaseException as error:
            self.failures.append(error)
