"""Explore as a visitor uses it."""

from __future__ import annotations

import json
import re
import shlex
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import numpy as np
import pytest
from playwright.sync_api import Page

from stackrace import load, simulate
from stackrace.experiments.command.main import main

from .conftest import STEPS, Cut, changed, set_taste, shown_step

Visit = Callable[..., Page]
HHI = "[...window.explore.page.film.measure('hhi', '{}')]"
INK = """(canvas) => { const {width, height} = canvas; const pen = canvas.getContext('2d');
  return new Set(new Uint32Array(pen.getImageData(0, 0, width, height).data.buffer)).size; }"""

FRAMES = """new Promise((done) => {
  let left = 60;
  const drawn = () => (--left ? requestAnimationFrame(drawn) : done());
  drawn();
})"""
"""Resolves when the browser has drawn so many frames."""


def hhi(page: Page, layer: str = "model") -> Any:
    """The measure as the page has it."""
    return np.array(page.evaluate(HHI.format(layer)), dtype=np.float32)


def test_the_page_draws_without_any_network(visit: Visit, cut: Cut) -> None:
    page = visit(ready="", bypass_csp=False)
    page.wait_for_selector("#state:has-text('steps in')")
    assert page.eval_on_selector(".network canvas", INK) > 50
    assert page.eval_on_selector("#figure-hhi canvas", INK) > 10
    assert cut.errors == []


def test_the_run_that_is_shown_is_the_run_that_python_gives(visit: Visit) -> None:
    run = simulate("ai-2025", seed=1, steps=STEPS)
    expected = run.measures[run.measures.layer == "model"].hhi.to_numpy(np.float32)
    assert np.array_equal(hhi(visit()), expected)


def test_playing_goes_on_and_pausing_stops(visit: Visit) -> None:
    page = visit()
    page.click("#play")
    page.wait_for_function("Number(document.querySelector('#step').value) >= 3")
    page.click("#play")
    step = shown_step(page)
    page.evaluate(FRAMES)
    assert shown_step(page) == step


def test_scrubbing_shows_another_step_at_once(visit: Visit) -> None:
    page = visit()
    before = page.eval_on_selector(".network canvas", "(canvas) => canvas.toDataURL()")
    page.evaluate("const s = document.querySelector('#step'); s.value = 20; s.dispatchEvent(new Event('input'))")
    assert page.inner_text("#when") == "2031-Q1"
    assert page.inner_text("#feed-list h4 >> nth=0") == "2031-Q1"
    assert page.eval_on_selector(".network canvas", "(canvas) => canvas.toDataURL()") != before


def test_a_changed_parameter_is_marked_and_can_be_taken_back(visit: Visit) -> None:
    page = visit()
    before = hhi(page)
    changed(page, lambda: set_taste(page, "1.5"))
    assert page.locator(".field.changed").count() == 1
    assert not np.array_equal(hhi(page), before)
    changed(page, lambda: page.click("#reset"))
    assert page.locator(".field.changed").count() == 0
    assert np.array_equal(hhi(page), before)


def test_a_value_out_of_range_is_told_and_the_last_run_stays(visit: Visit) -> None:
    page = visit()
    before = hhi(page)
    set_taste(page, "-3")
    page.wait_for_selector("#error")
    assert "model.taste" in page.inner_text("#error")
    assert page.input_value("#p-model\\.taste") != "-3"
    assert np.array_equal(hhi(page), before)


def test_an_intervention_is_placed_moved_and_removed_on_the_timeline(visit: Visit) -> None:
    page = visit()
    before = hhi(page)
    changed(page, lambda: page.select_option("#add", "policy open-release"))
    assert not np.array_equal(hhi(page), before)
    mark, lanes = page.locator("#lanes .mark").bounding_box(), page.locator("#lanes").bounding_box()
    assert mark is not None
    assert lanes is not None

    def drag() -> None:
        page.mouse.move(mark["x"] + 5, mark["y"] + 5)
        page.mouse.down()
        page.mouse.move(lanes["x"] + lanes["width"] / 2, mark["y"] + 5, steps=4)
        page.mouse.up()

    changed(page, drag)
    first = page.evaluate("window.explore.page.film.interventions[0].from")
    assert abs(first - STEPS / 2) <= 1
    assert np.array_equal(hhi(page)[:first], before[:first])
    page.click("#lanes .mark")
    changed(page, lambda: page.click("#form-remove"))
    assert np.array_equal(hhi(page), before)


def test_an_intervention_of_ones_own_is_made_in_a_form(visit: Visit) -> None:
    page = visit()
    page.select_option("#add", "kind set")
    page.fill("#form [name=from]", "2030-Q1")
    page.fill("#form [name=set]", "*.switching_cost = 0\nexclusivity = 0.1")
    changed(page, lambda: page.click("#form .main"))
    tables = page.evaluate("window.explore.page.asked.interventions")
    assert tables[0]["set"] == {"*.switching_cost": 0, "exclusivity": 0.1}
    run = simulate("ai-2025", seed=1, steps=STEPS, interventions=tables)
    assert np.array_equal(hhi(page), run.measures[run.measures.layer == "model"].hhi.to_numpy(np.float32))


def test_a_firm_that_is_clicked_tells_its_books_and_why_it_chooses(visit: Visit) -> None:
    page = visit()
    page.evaluate("window.explore.stage.go(10)")
    x, y = page.evaluate(
        """() => { const {film, network} = window.explore.stage.views[0]; const firm = film.number.get('Anthropic');
        const node = network.plan.nodes.find((n) => n.firm === firm); return [node.x, node.y]; }"""
    )
    box = page.locator(".network canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + x, box["y"] + y)
    assert "Anthropic" in page.inner_text("#tip")
    page.mouse.click(box["x"] + x, box["y"] + y)
    assert page.inner_text("#firm-name") == "Anthropic"
    page.wait_for_selector("#firm-why .question .chosen")
    run = simulate("ai-2025", seed=1, steps=STEPS, firms=True, events=True)
    books = run.firms[(run.firms.step == 10) & (run.firms.firm == "Anthropic") & (run.firms.layer == "model")]
    assert f"{books.price.iloc[0]:.2f}" in page.inner_text("#firm-books")
    page.click("#firm-history")
    page.wait_for_selector("#firm-told p:nth-child(3)")
    assert page.inner_text("#firm-told").split() == run.explain("Anthropic").split()


def test_two_runs_stand_beside_each_other_with_their_difference(visit: Visit) -> None:
    page = visit()
    changed(page, lambda: set_taste(page, "1.5"))
    page.check("#compare")
    page.wait_for_selector("#difference tr:nth-child(7)")
    assert page.locator(".network canvas").count() == 2
    assert page.locator("#figure-shares canvas:not(.cursor)").count() == 2
    run, base = (simulate("ai-2025", seed=1, steps=STEPS, set=each) for each in ({"model.taste": 1.5}, {}))
    change = (run.regimes().set_index("layer").hhi - base.regimes().set_index("layer").hhi)["model"]
    told = page.locator("#difference tr", has=page.locator("td:text-is('model')")).inner_text()
    signed = re.findall(r"[+−][\d,.]+", told)[0].replace("−", "-").replace(",", "")
    assert float(signed) == pytest.approx(change, abs=1)


def test_a_run_taken_away_is_made_again_on_the_command_line_with_identical_numbers(
    visit: Visit, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = visit()
    changed(page, lambda: page.set_input_files("#upload", small))
    changed(page, lambda: page.select_option("#add", "policy open-release"))
    page.click("#take summary")
    page.wait_for_selector("#command:not(:empty)")
    with page.expect_download() as waiting:
        page.click("[data-table=parquet]")
    zipfile.ZipFile(waiting.value.path()).extractall(tmp_path)
    monkeypatch.chdir(tmp_path)
    taken = load("run")
    command = shlex.split(page.inner_text("#command"))
    assert main([*command[1:-1], "again"]) == 0
    assert taken.measures.equals(load("again").measures)
    assert np.array_equal(hhi(page), taken.measures[taken.measures.layer == "model"].hhi.to_numpy(np.float32))


@pytest.mark.parametrize("figure", ["shares", "hhi", "lerner", "profit", "integration"])
def test_every_figure_is_saved_as_svg_that_reads_as_xml(visit: Visit, figure: str) -> None:
    page = visit()
    with page.expect_download() as waiting:
        page.click(f"#figure-{figure} figcaption button:text-is('SVG')")
    root = ElementTree.parse(waiting.value.path()).getroot()
    assert len(list(root)) > 20
    assert "NaN" not in waiting.value.path().read_text()


def test_the_network_is_saved_as_svg_and_png(visit: Visit) -> None:
    page = visit()
    page.click("#take summary")
    with page.expect_download() as waiting:
        page.click("#take-network-svg")
    assert "NVIDIA" in waiting.value.path().read_text()
    with page.expect_download() as waiting:
        page.click("#take-network-png")
    assert waiting.value.path().read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("content", [b"\x00\x01\x02", b"[layers]\nmodel = 3", b"", b"#" * 1_200_000])
def test_a_bad_upload_is_told_and_the_page_lives_on(visit: Visit, tmp_path: Path, content: bytes) -> None:
    page = visit()
    (tmp_path / "bad.toml").write_bytes(content)
    page.set_input_files("#upload", tmp_path / "bad.toml")
    page.wait_for_selector("#error")
    assert len(page.inner_text("#error")) > 10
    changed(page, lambda: set_taste(page, "1"))
    assert page.is_hidden("#error")


def test_two_visitors_have_markets_of_their_own(visit: Visit) -> None:
    one, other = visit(), visit()
    before = hhi(other)
    changed(one, lambda: set_taste(one, "2"))
    changed(other, lambda: (other.fill("#seed", "7"), other.press("#seed", "Enter")))
    assert json.loads(one.evaluate("JSON.stringify(window.explore.page.asked.set)")) == {"model.taste": 2}
    assert other.evaluate("window.explore.page.asked.set") == {}
    assert not np.array_equal(hhi(one), hhi(other))
    changed(other, lambda: (other.fill("#seed", "1"), other.press("#seed", "Enter")))
    assert np.array_equal(hhi(other), before)


def test_the_address_brings_the_same_market_back(visit: Visit) -> None:
    page = visit()
    changed(page, lambda: set_taste(page, "1.25"))
    before = hhi(page)
    page.reload()
    page.wait_for_function("window.explore && window.explore.page.film")
    assert np.array_equal(hhi(page), before)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_everything_in_its_width(visit: Visit, scheme: str) -> None:
    asked = {"steps": STEPS, "set": {"model.taste": 1.5}, "compare": True}
    page = visit("#" + quote(json.dumps(asked)), viewport={"width": 375, "height": 844}, color_scheme=scheme)
    assert page.is_visible("#difference")
    for menu in ("#take", "#load"):
        page.click(f"{menu} summary")
        assert page.evaluate("document.documentElement.scrollWidth") <= 375
        box = page.locator(f"{menu} > div").bounding_box()
        assert box is not None
        assert 0 <= box["x"] < box["x"] + box["width"] <= 375
    assert page.eval_on_selector(".network canvas", INK) > 50
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 26)"
    assert dark == (scheme == "dark")


def test_two_thousand_firms_are_shown_by_their_largest(visit: Visit) -> None:
    page = visit()
    many = {"enterprise.firms": 1200, "application.firms": 500}
    page.evaluate(f"location.hash = encodeURIComponent(JSON.stringify({{set: {json.dumps(many)}, steps: 10}}))")
    page.reload()
    page.wait_for_function("window.explore && window.explore.page.film")
    assert page.evaluate("window.explore.page.film.slots") > 1900
    assert page.evaluate("window.explore.stage.views[0].network.plan.nodes.length") < 700
    assert page.evaluate("window.explore.stage.views[0].network.counts[7]") > 500
