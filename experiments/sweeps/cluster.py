"""Workers on other machines: those of a Dask cluster, by the address of its scheduler."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from ...model import RULES
from ...model.errors import InputError

PATIENCE = 10
"""Seconds that the scheduler has to answer."""


class ClusterError(InputError):
    """A cluster that cannot be used: why, in one line."""


@contextmanager
def executor_at(address: str) -> Iterator[Executor]:
    """The workers of the scheduler at an address such as tcp://host:8786, those that join it later included.

    What Dask would log of lost connections is left out: the sweep says in one line what matters of it.
    Raises ClusterError if nobody answers there, or if a worker runs other rules than this process.
    """
    try:
        import dask

        dask.config.set(logging=dict.fromkeys(("distributed", "distributed.client", "tornado"), "critical"))
        from distributed import Client
    except ModuleNotFoundError:
        raise ClusterError("a scheduler needs Dask: pip install 'stackrace[cluster]'") from None
    try:
        client = Client(address, timeout=PATIENCE)
    except (OSError, ValueError, TypeError) as error:
        told = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ClusterError(f"no scheduler answers at {address!r}: {told}; start one with `dask scheduler`") from None
    with client:
        check_workers(client.run(_rules, on_error="return"))
        yield client.get_executor()


def check_workers(rules: dict[str, object]) -> None:
    """Raises ClusterError if a worker, by its address, has other rules than this process, or none."""
    for worker, found in rules.items():
        if isinstance(found, BaseException):
            told = " ".join(str(found).split())
            raise ClusterError(f"the worker at {worker} cannot run stackrace ({told}): install the same version there")
        if found != RULES:
            raise ClusterError(
                f"the worker at {worker} has version {found} of the rules, this process {RULES}: install the same there"
            )


def _rules() -> int:
    """The rules of the process that is asked."""
    return RULES
