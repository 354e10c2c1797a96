"""What a visitor asks for: in haste, by an address, from the keyboard."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page

from stackrace import read_stack
from stackrace.experiments.app.takeaway import toml_of

from .conftest import STEPS, changed, set_taste, shown_step

Visit = Callable[..., Page]


def test_changes_made_quickly_are_all_in_the_run_that_is_shown(visit: Visit) -> None:
    page = visit()
    set_taste(page, "1.25")
    page.evaluate(
        """() => { for (const [id, value] of [["seed", 5], ["steps", 20]]) {
        const field = document.getElementById(id); field.value = value; field.dispatchEvent(new Event("change")); } }"""
    )
    page.wait_for_function("window.explore.page.film.steps === 20")
    asked = page.evaluate("window.explore.page.asked")
    assert (asked["seed"], asked["steps"], asked["set"]) == (5, 20, {"model.taste": 1.25})


def test_a_stack_that_is_refused_leaves_the_controls_of_the_one_shown(visit: Visit, tmp_path: Path) -> None:
    page = visit()
    large = {**read_stack("institutional").as_dict(), "name": "large"}
    large["layers"]["model"]["firms"] = 90_000
    (tmp_path / "large.toml").write_text(toml_of(large))
    page.set_input_files("#upload", tmp_path / "large.toml")
    page.wait_for_selector("#error")
    changed(page, lambda: (page.fill("#seed", "2"), page.press("#seed", "Enter")))
    assert page.evaluate("window.explore.page.stack.name") == "ai-2025"
    assert page.locator("#p-model\\.taste").count() == 1


def test_a_bad_bookmark_is_told_and_the_page_lives(visit: Visit) -> None:
    page = visit("#" + quote(json.dumps({"set": {"x": 1}})))
    page.wait_for_selector("#error")
    assert "x" in page.inner_text("#error-text")
    page.click("#error-close")
    assert page.is_hidden("#error")
    changed(page, lambda: set_taste(page, "1.5"))


def test_another_address_in_an_open_tab_shows_its_market_beside_the_baseline(visit: Visit) -> None:
    page = visit()
    asked = {"steps": STEPS, "seed": 9, "set": {"model.taste": 1.5}, "compare": True}
    changed(page, lambda: page.evaluate("(hash) => (location.hash = hash)", quote(json.dumps(asked))))
    assert (page.input_value("#seed"), page.locator(".network canvas").count()) == ("9", 2)
    page.reload()
    page.wait_for_function("window.explore && window.explore.page.film")
    assert (page.input_value("#seed"), page.locator(".network canvas").count()) == ("9", 2)


def test_an_intervention_after_the_end_is_refused_in_its_form_and_marked_on_the_timeline(visit: Visit) -> None:
    page = visit()
    page.select_option("#add", "kind set")
    page.fill("#form [name=from]", "99999")
    page.click("#form .main")
    assert page.is_visible("#form")
    page.fill("#form [name=from]", "20")
    changed(page, lambda: page.click("#form .main"))
    page.wait_for_selector("#form", state="hidden")
    changed(page, lambda: (page.fill("#steps", "15"), page.press("#steps", "Enter")))
    assert "without effect" in page.inner_text("#lanes")


def test_a_form_that_is_refused_keeps_what_was_typed_and_says_why(visit: Visit) -> None:
    page = visit()
    page.select_option("#add", "kind set")
    page.fill("#form [name=name]", "mine")
    page.fill("#form [name=set]", "nothing.such = 3")
    page.click("#form .main")
    page.wait_for_selector("#form-error")
    assert "nothing.such" in page.inner_text("#form-error")
    assert page.is_hidden("#error")
    assert (page.input_value("#form [name=name]"), page.input_value("#form [name=set]")) == ("mine", "nothing.such = 3")
    page.fill("#form [name=set]", "exclusivity = 0.1")
    changed(page, lambda: page.click("#form .main"))
    page.wait_for_selector("#form", state="hidden")
    assert page.evaluate("window.explore.page.asked.interventions[0].name") == "mine"


def test_an_error_is_short_and_leaves_the_page_in_sight(visit: Visit) -> None:
    page = visit()
    page.evaluate("(hash) => (location.hash = hash)", quote(json.dumps({"steps": STEPS, "set": {"zz": 1}})))
    page.wait_for_selector("#error")
    assert len(page.inner_text("#error-text")) < 120
    page.evaluate("document.getElementById('error-text').textContent = 'x'.repeat(5000)")
    page.wait_for_function("document.querySelector('.time').getBoundingClientRect().bottom <= 800")
    box = page.locator("#error").bounding_box()
    assert box is not None
    assert (box["height"] < 100, box["width"] <= 1280) == (True, True)
    page.click("#error-close")
    assert page.is_hidden("#error")


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_an_intervention_is_edited_by_keyboard(visit: Visit, key: str) -> None:
    page = visit()
    changed(page, lambda: page.select_option("#add", "policy open-release"))
    page.focus("#lanes .mark")
    page.keyboard.press(key)
    assert page.is_visible("#form")


def test_arrow_keys_step_after_a_click_on_play_and_escape_closes_a_menu(visit: Visit) -> None:
    page = visit()
    page.click("#play")
    page.click("#play")
    step = shown_step(page)
    page.keyboard.press("ArrowRight")
    assert shown_step(page) == step + 1
    page.click("#load summary")
    page.keyboard.press("Escape")
    assert page.is_hidden("#upload")
    page.click("#load summary")
    page.click("#when")
    assert page.is_hidden("#upload")


def test_a_run_that_a_list_has_no_room_for_is_had_by_its_number(visit: Visit) -> None:
    page = visit()
    page.evaluate(
        """async () => { const { shelve } = await import('/page/shelf.js');
        const place = { path: "store", called: "run", runs: [[0, "run 0"], [1, "run 1"]], count: 3000 };
        shelve([place], (...had) => (window.had = had.map(Number))); }"""
    )
    page.click("#load summary")
    assert "listed are 2 of 3,000" in page.inner_text("#shelf-rest")
    page.fill("#shelf-rest input", "2999")
    page.press("#shelf-rest input", "Enter")
    assert page.evaluate("window.had") == [0, 2999]
    page.select_option("#shelf", label="run 1")
    assert page.evaluate("window.had") == [0, 1]
