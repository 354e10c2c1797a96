"""Pages of documentation as programs: their Python is run block by block and must print what the page says."""

from __future__ import annotations

import contextlib
import io
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BLOCK = re.compile(r"```python\n(.*?)```\n(?:\n```text\n(.*?)```)?", flags=re.DOTALL)


def played(page: Path) -> Iterator[tuple[str, str | None, str, dict[str, Any]]]:
    """Each block's program, what it promises to print (None: nothing is said), what it prints, and all names."""
    names: dict[str, Any] = {"__name__": "page"}
    for program, promised in BLOCK.findall(page.read_text("utf-8")):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(program, page.name, "exec"), names)
        yield program, promised or None, printed.getvalue(), names


def rewrite(page: Path) -> None:
    """Put into a page what its programs print now; what they write goes to a folder that is gone afterwards."""
    page = page.resolve()
    with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch):
        results = iter([printed for _, promised, printed, _ in played(page)])

    def renewed(found: re.Match[str]) -> str:
        printed = next(results)
        told = f"\n```text\n{printed}```" if printed else ""
        return f"```python\n{found[1]}```\n{told}"

    page.write_text(BLOCK.sub(renewed, page.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    import sys

    for name in sys.argv[1:]:
        rewrite(Path(name))
