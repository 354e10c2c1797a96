"""Live as visitors use it: markets of their own, which end with their tabs."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from stackrace.experiments.app.live import WatchedMarket
from stackrace.model.world import World

from .conftest import Cut, at_step

Visit = Callable[..., Page]
READY = "document.body.innerText.includes('before the first step')"
GONE_WITHIN = 30.0
"""Seconds after which nothing of a closed tab may be left."""

LIGHT, DARK = [232, 235, 238], [28, 33, 39]
"""Ink of the dark theme and of the light one."""
HAS = """(canvas, ink) => { const pen = canvas.getContext('2d');
  const {data} = pen.getImageData(0, 0, canvas.width, canvas.height);
  for (let n = 0; n < data.length; n += 4)
    if (data[n + 3] === 255 && ink.every((each, k) => data[n + k] === each)) return true;
  return false; }"""


def has(page: Page, number: int, ink: list[int]) -> bool:
    """Whether a drawing has a colour in it."""
    return bool(page.locator("canvas").nth(number).evaluate(HAS, ink))


def steps(page: Page) -> int:
    return int(float(page.inner_text("text=/^(Step|Time): [\\d.]+$/").split()[1]))


def alive() -> int:
    gc.collect()
    worlds = sum(isinstance(each, World) for each in gc.get_objects())
    return len(WatchedMarket._kept) + worlds


def none_within(seconds: float) -> bool:
    until = time.monotonic() + seconds
    while alive() and time.monotonic() < until:
        time.sleep(0.5)
    return alive() == 0


def test_live_draws_steps_plays_and_begins_anew_without_any_network(visit: Visit, cut: Cut) -> None:
    page = visit("live", ready=READY)
    page.click("button:has-text('Step')")
    page.wait_for_selector(at_step(1))
    page.click("button:has-text('▶')")
    page.wait_for_function("Number(/(Step|Time): (\\d+)/.exec(document.body.innerText)[2]) >= 5")
    page.click("button:has-text('❚❚')")
    page.wait_for_selector("button:has-text('▶')")
    page.click("button:has-text('Reset')")
    page.wait_for_selector(at_step(0))
    page.click("button:has-text('Step')")
    page.wait_for_selector(at_step(1))
    assert page.locator("text=error in").count() == 0
    assert [error for error in cut.errors if "favicon" not in error] == []


def test_a_unit_under_the_pointer_tells_its_books(visit: Visit) -> None:
    page = visit("live", ready=READY)
    page.click("button:has-text('Step')")
    page.wait_for_selector(at_step(1))
    box = page.locator("canvas >> nth=0").bounding_box()
    assert box is not None
    for x in range(0, int(box["width"]), 6):
        page.mouse.move(box["x"] + x, box["y"] + box["height"] - 93)
        if page.locator("#tip:not([hidden])").count():
            break
    assert "units a step" in page.inner_text("#tip")


def test_every_visitor_steps_a_market_of_his_own(visit: Visit) -> None:
    one, other = (visit("live", ready=READY) for _ in range(2))
    for n in (1, 2):
        one.click("button:has-text('Step')")
        one.wait_for_selector(at_step(n))
    assert (steps(one), steps(other)) == (2, 0)


def test_a_tab_closed_while_playing_leaves_no_market(visit: Visit) -> None:
    page = visit("live", ready=READY)
    page.click("button:has-text('▶')")
    page.wait_for_selector("text=/^(Step|Time): [1-9]/")
    page.context.close()
    assert none_within(GONE_WITHIN)


def corners(page: Page) -> list[dict[str, float]]:
    """Where the drawings stand."""
    return [box for box in (each.bounding_box() for each in page.locator("canvas").all()) if box]  # type: ignore[misc]


@pytest.mark.parametrize("width", [375, 768, 1280])
def test_no_drawing_lies_on_another_and_none_leaves_the_screen(visit: Visit, width: int) -> None:
    page = visit("live", ready=READY, viewport={"width": width, "height": 740})
    network, measures = corners(page)
    beside = network["x"] + network["width"] <= measures["x"]
    assert beside or network["y"] + network["height"] <= measures["y"]
    assert beside == (width > 960)
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= width for box in (network, measures))
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_on_a_phone_the_controls_leave_the_network_in_sight(visit: Visit) -> None:
    page = visit("live", ready=READY, viewport={"width": 375, "height": 740})
    network = corners(page)[0]
    middle = (network["x"] + network["width"] / 2, network["y"] + 100)
    on_top = f"document.elementFromPoint({middle[0]}, {middle[1]}).tagName"
    assert page.evaluate(on_top) == "CANVAS"
    page.click("header button >> nth=0")
    page.click("button:has-text('Step')")
    page.wait_for_selector(at_step(1))
    assert page.evaluate(on_top) == "CANVAS"
    page.mouse.click(*middle)
    page.wait_for_selector("button:has-text('Step')", state="hidden")


def test_both_drawings_have_the_ink_of_the_theme_and_turn_with_it(visit: Visit) -> None:
    page = visit("live", ready=READY, color_scheme="dark")
    assert [has(page, n, LIGHT) for n in (0, 1)] == [True, True]
    for _ in ("dark", "light"):  # what the button does after "as the machine has it"
        page.click("header button >> nth=-1")
    page.wait_for_function("document.documentElement.dataset.theme === 'light'")
    assert [(has(page, n, LIGHT), has(page, n, DARK)) for n in (0, 1)] == [(False, True), (False, True)]
