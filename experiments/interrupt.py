"""Ctrl-C during long work."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def heeding_ctrl_c(advance: Callable[[int], None]) -> Iterator[Callable[[int], None]]:
    """A progress callback that ends the work once Ctrl-C was pressed.

    An interrupt that arrives while compiled code asks Python something is lost on the way, so it is noted as well.
    """
    pressed = threading.Event()

    def note(number: int, frame: object) -> None:
        pressed.set()
        raise KeyboardInterrupt

    def checked(steps: int) -> None:
        if pressed.is_set():
            raise KeyboardInterrupt
        advance(steps)

    if threading.current_thread() is not threading.main_thread():  # signals are the main thread's business
        yield advance
        return
    before = signal.signal(signal.SIGINT, note)
    try:
        yield checked
    finally:
        signal.signal(signal.SIGINT, before)
