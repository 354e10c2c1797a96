"""A market without compilation: `python -m tests.plain_market`, with NUMBA_DISABLE_JIT=1, answers requests.

Each line of the standard input is a request in JSON (stack: name or tables, seed, set, steps, file); the answer is
the file, an npz with every column of the market after those steps, what was measured and the ledgers.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from stackrace.model.measures import as_floats
from stackrace.model.stack import Stack

from .markets import ROOT, columns, opened, recorded


def history(stack: str | Mapping[str, Any], seed: int, set: Mapping[str, Any], steps: int) -> dict[str, Any]:
    """Every column after some steps, with the measures and accounts on the way."""
    state = opened(stack if isinstance(stack, str) else Stack.from_dict(stack), seed, set)
    record, overall, ledgers = recorded(state, steps)
    accounts = {f"ledgers.{name}": ledgers[name] for name in ledgers.dtype.names}
    return {**dict(columns(state)), "record": as_floats(record), "overall": as_floats(overall), **accounts}


class PlainMarket:
    """A process in which nothing is compiled."""

    def __enter__(self) -> PlainMarket:
        self.folder = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.plain_market"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(ROOT)},
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()
        self.folder.cleanup()

    def history(self, **request: Any) -> dict[str, Any]:
        """The same as `history`, without compilation."""
        assert self.process.stdin and self.process.stdout
        file = Path(self.folder.name) / "answer.npz"
        print(json.dumps({**request, "file": str(file)}), file=self.process.stdin, flush=True)
        assert self.process.stdout.readline().strip() == str(file), "the market without compilation broke down"
        with np.load(file) as answer:
            return dict(answer)


def answer_requests() -> None:
    """Answer line by line until the input ends."""
    from stackrace.agents.offer import list_price

    assert not hasattr(list_price, "py_func"), "set NUMBA_DISABLE_JIT=1"
    for line in sys.stdin:
        request = json.loads(line)
        file = request.pop("file")
        with np.errstate(over="ignore"):  # the keyed chance multiplies 64-bit words
            np.savez(file, **history(**request))
        print(file, flush=True)


if __name__ == "__main__":
    answer_requests()
