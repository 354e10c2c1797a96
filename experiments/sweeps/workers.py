"""Answers by worker processes: of this machine, replaced when one dies, or of any executor."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from itertools import islice
from typing import Any, Generic, TypeVar

from ...model.errors import InputError, SimulationError

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
AHEAD = 4
"""So many tasks per worker of ours are handed out ahead of time."""
AHEAD_OF_OTHERS = 1_000
"""So many tasks in all to an executor, of which nobody knows how many workers it has, now or later."""
DEATHS = 2
"""A task that kills so many workers, each of them alone with it, is given up."""


class Workers(Generic[Asked, Answer]):
    """Answers to many questions, in the order in which they come.

    They are given by `count` processes, started afresh and deaf to Ctrl-C, or by an executor of the user's own.
    """

    def __init__(self, ask: Callable[[Asked], Answer], count: int, executor: Executor | None = None) -> None:
        self.ask, self.count, self.given = ask, count, executor
        self.pool: Executor | None = executor

    def check(self, *needed: object) -> None:
        """Raises InputError unless a process of ours can be started and finds what is needed there."""
        if self.given is not None:
            return
        future: Future[None] = self._submit_to(_found, needed)
        wait([future])
        if (error := future.exception()) is not None:
            self.close()
            why = "" if isinstance(error, BrokenExecutor) else f" ({' '.join(str(error).split())})"
            raise InputError(
                f"worker processes cannot start{why}: they import the script that asks for them, so what it does has to"
                " stand under `if __name__ == '__main__':`, and rules in a module"
            )

    def answers(
        self, tasks: Iterable[tuple[str, Asked]], died: Callable[[str, str], Answer]
    ) -> Iterator[tuple[str, Answer]]:
        """(name, answer) of every (name, question); `died` answers for a task that kills its workers, and says how.

        Raises SimulationError when the executor itself cannot go on.
        """
        waiting, suspects = iter(tasks), []
        running: dict[Future[Answer], tuple[str, Asked]] = {}
        ahead = AHEAD * self.count if self.given is None else AHEAD_OF_OTHERS
        try:
            while True:
                for task in islice(waiting, ahead - len(running)):
                    running[self._submit(task[1], self.count)] = task
                if not running:
                    break
                for future in wait(running, timeout=1.0, return_when=FIRST_COMPLETED).done:
                    task = running.pop(future)
                    if self._is_lost(future):
                        suspects.append(task)
                    else:
                        yield task[0], self._answer(future)
                if suspects and self.given is None:  # a pool of processes breaks as a whole
                    suspects += running.values()
                    running.clear()
                    self.close()
                    yield from self._one_by_one(suspects, died)
                    suspects = []
            yield from self._one_by_one(suspects, died)
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

    def _one_by_one(
        self, suspects: Iterable[tuple[str, Asked]], died: Callable[[str, str], Answer]
    ) -> Iterator[tuple[str, Answer]]:
        """Tasks that were under way when a worker died, each alone, so that the one that kills is known."""
        for name, asked in suspects:
            for attempt in range(DEATHS):
                future = self._submit(asked, 1, attempt)
                wait([future])
                if not self._is_lost(future):
                    yield name, self._answer(future)
                    break
                self.close()
            else:
                yield name, died(name, f"killed its worker {DEATHS} times")
        if self.pool is not self.given:
            self.close()

    def _submit(self, asked: Asked, count: int, attempt: int | None = None) -> Future[Answer]:
        """Hand a task out; if the pool broke a moment ago, the task is lost with it.

        To Dask the same question is the same task, lost for good: the attempt makes it another.
        """
        return self._submit_to(_answered, self.ask, asked, attempt, count=count)

    def _submit_to(self, work: Callable[..., Any], *arguments: Any, count: int = 0) -> Future[Any]:
        if self.pool is None:
            self.pool = _processes(count or self.count)
        try:
            return self.pool.submit(work, *arguments)
        except RuntimeError as error:  # broken, or shut down
            lost: Future[Any] = Future()
            lost.set_exception(error)
            return lost

    def _is_lost(self, future: Future[Answer]) -> bool:
        """Whether a worker died under the task; Dask's way to say so is known by its name, without importing Dask."""
        error = None if future.cancelled() else future.exception()
        return isinstance(error, BrokenExecutor) if self.given is None else type(error).__name__ == "KilledWorker"

    def _answer(self, future: Future[Answer]) -> Answer:
        try:
            return future.result()
        except (Exception, CancelledError) as error:  # of the executor: the work's own errors are answers
            told = ": ".join(filter(None, [type(error).__name__, " ".join(str(error).split())]))
            raise SimulationError(
                f"the executor cannot go on ({told}): what is done is stored, the same sweep again does the rest"
            ) from None


def _answered(ask: Callable[[Asked], Answer], asked: Asked, attempt: int | None) -> Answer:
    return ask(asked)


def _found(needed: object) -> None:
    """Comes through if a process could be started and what is needed be unpickled there."""


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
