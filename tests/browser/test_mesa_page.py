"""Mesa's own page, as docs/mesa.md writes it: it steps, begins anew and steps again."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from .conftest import at_step

PAGE = Path(__file__).resolve().parents[2] / "docs" / "mesa.md"


@pytest.fixture
def started(tmp_path: Path) -> Iterator[str]:
    """The address of the page in a server of solara's."""
    file = tmp_path / "page.py"
    file.write_text(re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), flags=re.DOTALL)[-1], "utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "solara", "run", str(file), "--port", str(port), "--no-open", "--production"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            while not answers(port):
                assert server.poll() is None, "it did not start"
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.kill()


def answers(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0


def test_the_page_steps_begins_anew_and_steps_again(browser: Browser, started: str) -> None:
    page = browser.new_page()
    page.set_default_timeout(60_000)
    page.goto(started)
    for button, step in (("Step", 1), ("Step", 2), ("Reset", 0), ("Step", 1)):
        page.click(f"button:has-text('{button}')")
        page.wait_for_selector(at_step(step))
    assert "error" not in page.inner_text("body").lower()
    page.close()
