"""Worker processes of this machine: started afresh, deaf to Ctrl-C, and replaced when one dies."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from typing import Generic, TypeVar

from ..model.errors import SimulationError

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
AHEAD = 4
"""So many tasks per worker are handed out ahead of time."""
DEATHS = 2
"""A task that kills so many workers, each of them alone with it, is given up."""


class Workers(Generic[Asked, Answer]):
    """Answers to many questions by several processes, in the order in which they come.

    With an executor of the user's own, that one is asked, and only it can replace a worker that died.
    """

    def __init__(self, ask: Callable[[Asked], Answer], count: int, executor: Executor | None = None) -> None:
        self.ask, self.count, self.given = ask, count, executor
        self.pool: Executor | None = executor

    def answers(
        self, tasks: Iterable[tuple[str, Asked]], died: Callable[[str, str], Answer]
    ) -> Iterator[tuple[str, Answer]]:
        """(name, answer) of every (name, question); `died` answers for a task whose worker died, and how."""
        waiting, suspects = iter(tasks), []
        running: dict[Future[Answer], tuple[str, Asked]] = {}
        try:
            while True:
                for task in waiting:
                    running[self._pool().submit(self.ask, task[1])] = task
                    if len(running) >= AHEAD * self.count:
                        break
                if not running:
                    break
                done, _ = wait(running, timeout=1.0, return_when=FIRST_COMPLETED)
                broken = False
                for future in done:
                    task = running.pop(future)
                    try:
                        yield task[0], future.result()
                    except BrokenExecutor:
                        broken = True
                        suspects.append(task)
                    except Exception as error:  # of the executor: the work's own errors are answers
                        yield task[0], died(task[0], f"{type(error).__name__}: {error}")
                if broken:
                    suspects += running.values()
                    running.clear()
                    self._renew()
                    for name, asked in suspects:
                        yield name, self._alone(name, asked, died)
                    suspects = []
        finally:
            if self.given is not None:
                for future in running:
                    future.cancel()
            self.close()

    def close(self) -> None:
        """Stop the processes, the unfinished work with them."""
        if self.pool is not None and self.given is None:
            _stop(self.pool)
        self.pool = self.given

    def _pool(self) -> Executor:
        if self.pool is None:
            self.pool = _processes(self.count)
        return self.pool

    def _renew(self) -> None:
        if self.given is not None:
            raise SimulationError("the executor broke down; run the same sweep again with a new one, to go on")
        self.close()

    def _alone(self, name: str, asked: Asked, died: Callable[[str, str], Answer]) -> Answer:
        """A task that was running when a worker died, in a process of its own."""
        for _ in range(DEATHS):
            pool = _processes(1)
            try:
                return pool.submit(self.ask, asked).result()
            except BrokenExecutor:
                continue
            finally:
                _stop(pool)
        return died(name, f"killed its worker {DEATHS} times")


def workers_here() -> int:
    """How many processes this machine has room for."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processes(count: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), initializer=_begin)


def _begin() -> None:
    """Ctrl-C is the driver's business, and a worker does not outlive its driver, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_driver, daemon=True).start()


def _end_with_driver() -> None:
    if (driver := multiprocessing.parent_process()) is not None:
        driver.join()
        os._exit(1)


def _stop(pool: Executor) -> None:
    """Do not wait for what is running (and cancel nothing, which would be answered twice when the processes end)."""
    processes = list((getattr(pool, "_processes", None) or {}).values())
    pool.shutdown(wait=False)
    for process in processes:
        process.terminate()
