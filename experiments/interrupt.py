"""Ctrl-C, and a polite request to end, during long work."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

TERMINATED = 128 + signal.SIGTERM
"""Exit code of a process that was asked to end."""
_pressed = threading.Event()


class Interrupted(RuntimeError):  # noqa: N818
    """Ctrl-C in work of which something is kept: what, in one line."""


@contextmanager
def heeding_signals() -> Iterator[None]:
    """Let Ctrl-C, and SIGTERM or SIGHUP, end the block through its `finally` clauses, so that nothing is left behind.

    An interrupt that arrives while compiled code asks Python something, or in a destructor, is lost on the way: it is
    noted as well, and `check_interrupt` ends the work at the next occasion.
    """
    if threading.current_thread() is not threading.main_thread():  # signals are the main thread's business
        yield
        return

    def press(number: int, frame: object) -> None:
        _pressed.set()
        raise KeyboardInterrupt

    def end(number: int, frame: object) -> None:
        raise SystemExit(TERMINATED)

    asked = {signal.SIGINT: press, signal.SIGTERM: end}
    if hasattr(signal, "SIGHUP"):
        asked[signal.SIGHUP] = end
    _pressed.clear()
    before = {number: signal.signal(number, handler) for number, handler in asked.items()}
    try:
        yield
    except Interrupted:
        raise
    except Exception:
        if _pressed.is_set():  # an interrupt in the middle of compilation comes out as some other error
            raise KeyboardInterrupt from None
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        _pressed.clear()


@contextmanager
def kept_runs(out: str | None) -> Iterator[None]:
    """Ctrl-C in work whose runs go to a store says so."""
    try:
        yield
    except KeyboardInterrupt:
        if out is None:
            raise
        raise Interrupted("interrupted: what is done is stored, the same command does the rest") from None


def check_interrupt() -> None:
    """Raises KeyboardInterrupt if Ctrl-C was pressed."""
    if _pressed.is_set():
        raise KeyboardInterrupt


def heard() -> None:
    """Ctrl-C was heard: what it leaves to be done, such as keeping what there is, is not ended by it again."""
    _pressed.clear()


def heeding(advance: Callable[[int], None]) -> Callable[[int], None]:
    """A progress callback that ends the work once Ctrl-C was pressed."""

    def checked(steps: int) -> None:
        check_interrupt()
        advance(steps)

    return checked
