"""Live as visitors use it: markets of their own, which end with their tabs."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

from playwright.sync_api import Page

from stackrace.experiments.app.live import WatchedMarket

from .conftest import Cut

Visit = Callable[..., Page]
READY = "document.body.innerText.includes('before the first step')"
GONE_WITHIN = 30.0
"""Seconds after which nothing of a closed tab may be left."""


def steps(page: Page) -> int:
    return int(page.inner_text("text=/^Step: \\d+$/").split()[1])


def alive() -> int:
    gc.collect()
    return len(WatchedMarket._kept)


def none_within(seconds: float) -> bool:
    until = time.monotonic() + seconds
    while alive() and time.monotonic() < until:
        time.sleep(0.5)
    return alive() == 0


def test_live_draws_steps_plays_and_begins_anew_without_any_network(visit: Visit, cut: Cut) -> None:
    page = visit("live", ready=READY)
    page.click("button:has-text('Step')")
    page.wait_for_selector("text=Step: 1")
    page.click("button:has-text('▶')")
    page.wait_for_function("Number(/Step: (\\d+)/.exec(document.body.innerText)[1]) >= 5")
    page.click("button:has-text('❚❚')")
    page.wait_for_selector("button:has-text('▶')")
    page.click("button:has-text('Reset')")
    page.wait_for_selector("text=Step: 0")
    assert [error for error in cut.errors if "favicon" not in error] == []


def test_a_unit_under_the_pointer_tells_its_books(visit: Visit) -> None:
    page = visit("live", ready=READY)
    page.click("button:has-text('Step')")
    page.wait_for_selector("text=Step: 1")
    box = page.locator("canvas >> nth=0").bounding_box()
    assert box is not None
    for x in range(0, int(box["width"]), 6):
        page.mouse.move(box["x"] + x, box["y"] + box["height"] - 75)
        if page.locator("#tip:not([hidden])").count():
            break
    assert "units a step" in page.inner_text("#tip")


def test_every_visitor_steps_a_market_of_his_own(visit: Visit) -> None:
    one, other = (visit("live", ready=READY) for _ in range(2))
    for n in (1, 2):
        one.click("button:has-text('Step')")
        one.wait_for_selector(f"text=Step: {n}")
    assert (steps(one), steps(other)) == (2, 0)


def test_a_tab_closed_while_playing_leaves_no_market(visit: Visit) -> None:
    page = visit("live", ready=READY)
    page.click("button:has-text('▶')")
    page.wait_for_selector("text=/^Step: [1-9]/")
    page.context.close()
    assert none_within(GONE_WITHIN)
