"""How quick the app is: until its page can be used, after a change, while playing; and what ten visitors leave behind.

python benchmarks/app.py [--visitors 10] [--waves 3] [--seconds 5] [--quick]

The pages are measured in headless Chromium with the network cut; --quick does without it.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter, process_time, sleep
from typing import Any

from conditions import machine

from stackrace.experiments.app.asked import read_asked
from stackrace.experiments.app.film import filmed
from stackrace.experiments.app.pack import packed

READY = "window.explore && window.explore.page.film"
CHANGES = (0.5, 0.8, 1.1, 1.4, 1.7)
LARGE = {"application.firms": 400, "enterprise.firms": 1000, "embedded.firms": 200}
CULLED = 15.0
"""Seconds after which nothing of a visitor who has left is there."""


def computed(times: int, asked: dict[str, Any]) -> tuple[float, float, float]:
    """Wall and processor time of a run with all that a page needs, s, and its size, MB."""
    walls, works = [], []
    for _ in range(times):
        begun, worked = perf_counter(), process_time()
        size = len(packed(filmed(read_asked(asked))))
        walls.append(perf_counter() - begun)
        works.append(process_time() - worked)
    return median(walls), median(works), size / 1e6


@contextmanager
def server() -> Iterator[tuple[str, int, float]]:
    """Address, process and when it was started of `stackrace app`."""
    begun = perf_counter()
    command = [sys.executable, "-m", "stackrace", "app", "--port", "0", "--no-browser"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        found = re.search(r"http://\S+", process.stderr.readline())
        assert found, "the server did not start"
        yield found[0], process.pid, begun
        process.terminate()


def visited(browser: Any, address: str) -> Any:
    """A visitor's page, to whom nothing but this machine can be reached."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, bypass_csp=True)
    context.set_default_timeout(120_000)
    context.route(
        "**/*", lambda route: route.continue_() if route.request.url.startswith("http://127.") else route.abort()
    )
    page = context.new_page()
    page.goto(address)
    return page


def changes(page: Any) -> list[float]:
    """Seconds from a change to the run that it makes, drawn."""
    took = []
    for value in CHANGES:
        page.evaluate("window.explore.before = window.explore.page.film")
        page.evaluate(
            f"""() => {{ const box = document.getElementById('p-model.taste');
            box.value = {value}; box.dispatchEvent(new Event('change')); }}"""
        )
        page.wait_for_function("window.explore.page.film !== window.explore.before")
        took.append(page.evaluate("window.explore.page.took") / 1000)
    return took


def frames(page: Any, seconds: float) -> float:
    """Steps drawn per second, at the highest speed and with the alliances too."""
    page.evaluate("document.getElementById('show-alliances').checked = true")
    page.evaluate("document.getElementById('speed').value = 30; window.explore.stage.go(0)")
    before = page.evaluate("[performance.now(), window.explore.stage.drawn]")
    page.click("#play")
    page.wait_for_timeout(1000 * min(seconds, 3.5))
    after = page.evaluate("[performance.now(), window.explore.stage.drawn]")
    return 1000 * (after[1] - before[1]) / (after[0] - before[0])


def memory(process: int) -> float:
    """Memory that the server holds, MiB."""
    told = Path(f"/proc/{process}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", told)[1]) / 1024  # type: ignore[index]


def wave(browser: Any, address: str, visitors: int, seconds: float) -> None:
    """So many visitors at once play a live market, and go."""
    pages = [visited(browser, f"{address}live") for _ in range(visitors)]
    for page in pages:
        page.wait_for_function("document.body.innerText.includes('before the first step')")
        page.click("button:has-text('▶')")
    sleep(seconds)
    for page in pages:
        page.context.close()
    sleep(CULLED)


def in_browser(visitors: int, waves: int, seconds: float) -> None:
    """Everything that needs Chromium."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("no Chromium: the pages are not measured")
        return
    with sync_playwright() as playwright, server() as (address, process, begun):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        launched = perf_counter()
        page = visited(browser, address)
        page.wait_for_function(READY)
        start, load = launched - begun, perf_counter() - launched
        print(f"command to a run that is drawn: {start:.1f} s to start, {load:.1f} s to load")
        took = changes(page)
        print(f"a change to its run, drawn: {median(took):.2f} s (from {min(took):.2f} to {max(took):.2f})")
        print(f"playing with supply and alliances: {frames(page, seconds):.0f} frames per second")
        page.context.close()
        for n in range(1, waves + 1):
            wave(browser, address, visitors, seconds)
            print(f"{visitors} live visitors, wave {n}: {memory(process):.0f} MiB when they are gone")
        browser.close()


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    options.add_argument("--visitors", type=int, default=10)
    options.add_argument("--waves", type=int, default=3)
    options.add_argument("--seconds", type=float, default=5.0)
    options.add_argument("--quick", action="store_true")
    given = options.parse_args()
    print(f"{machine()}, load {os.getloadavg()[0]:.1f}")
    filmed(read_asked({"steps": 2}))  # compiles, or loads what was compiled
    for title, asked in (("ai-2025", {}), ("2,000 firms", {"set": LARGE})):
        steps = 5 if given.quick else 120
        wall, work, size = computed(1 if given.quick else 5, {**asked, "steps": steps})
        print(f"{title}, {steps} steps computed and packed: {wall:.2f} s, {work:.2f} s of work, {size:.1f} MB")
    if not given.quick:
        in_browser(given.visitors, given.waves, given.seconds)


if __name__ == "__main__":
    main()
