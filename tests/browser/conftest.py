"""A server, and Debian's Chromium, which reaches nothing but this machine."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, sync_playwright

from ..serving import served

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or "/usr/bin/chromium"
STEPS = 30
ASKED = "#" + quote(json.dumps({"steps": STEPS}))
READY = "window.explore && window.explore.page.film"
PATIENCE = 60_000
"""Milliseconds that a slow machine may take."""


def at_step(step: int) -> str:
    """What Mesa's page shows at a step: "Step: 1" before Mesa 3.5, later "Time: 1.0"."""
    return f"text=/(Step: {step}|Time: {step}\\.0)$/"


@dataclass
class Cut:
    """What pages asked for outside this machine, and what they complained of."""

    asked: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def gate(self, route: Route) -> None:
        """Let nothing out."""
        if route.request.url.startswith(("http://127.0.0.1:", "blob:", "data:")):
            route.continue_()
        else:
            self.asked.append(route.request.url)
            route.abort()

    def hear(self, message: ConsoleMessage) -> None:
        """Note an error."""
        if message.type == "error":
            self.errors.append(message.text)


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with served() as where:
        yield where


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def cut() -> Cut:
    return Cut()


@pytest.fixture
def visit(browser: Browser, address: str, cut: Cut) -> Iterator[Callable[..., Page]]:
    """A new visitor's page, ready; whatever it asks for outside this machine fails the test."""
    contexts = []

    def go(path: str = ASKED, ready: str = READY, **given: Any) -> Page:
        usual = {"viewport": {"width": 1280, "height": 800}, "bypass_csp": True}  # waiting for a function needs eval
        context = browser.new_context(**{**usual, **given})
        context.set_default_timeout(PATIENCE)
        context.route("**/*", cut.gate)
        contexts.append(context)
        page = context.new_page()
        page.on("console", cut.hear)
        page.on("pageerror", lambda error: cut.errors.append(str(error)))
        page.goto(address + path)
        if ready:
            page.wait_for_function(ready)
        return page

    yield go
    for context in contexts:
        context.close()
    assert cut.asked == []


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A file that asks for a small market."""
    file = tmp_path / "small.toml"
    file.write_text('stack = "ai-stack"\nseed = 4\nsteps = 20\n[set]\n"enterprise.firms" = 60\n')
    return file


def changed(page: Page, act: Callable[[], Any]) -> None:
    """Do something and wait until another run is shown."""
    page.evaluate("window.explore.before = window.explore.page.film")
    act()
    page.wait_for_function("window.explore.page.film !== window.explore.before")


def set_taste(page: Page, value: str) -> None:
    """Type a value of model.taste."""
    page.fill("#search", "taste")
    page.fill("#p-model\\.taste", value)
    page.press("#p-model\\.taste", "Enter")


def shown_step(page: Page) -> int:
    """The step on the stage."""
    return int(page.input_value("#step"))
