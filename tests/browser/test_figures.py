"""What figures and networks say beside their drawing: axes and legends."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page

Visit = Callable[..., Page]
HIGHEST = """Math.max(...window.explore.page.film.selling.flatMap((layer) =>
  [...window.explore.page.film.measure("hhi", layer)].filter((value) => !Number.isNaN(value))))"""


def figure(page: Page, name: str) -> ElementTree.Element:
    """A figure of the page as SVG."""
    with page.expect_download() as waiting:
        page.click(f"#figure-{name} figcaption button:text-is('SVG')")
    return ElementTree.parse(waiting.value.path()).getroot()


def texts(root: ElementTree.Element) -> set[str | None]:
    return {each.text for each in root if each.tag.endswith("text")}


def squares(root: ElementTree.Element) -> set[str]:
    """Colours that the legend explains."""
    return {each.attrib["fill"] for each in root if (each.get("width"), each.get("height")) == ("12", "10")}


@pytest.mark.parametrize(("asked", "top"), [({"stack": "ai-2025"}, "10k"), ({"stack": "training-pipeline"}, "5k")])
def test_the_axis_of_the_hhi_goes_as_far_as_the_market(visit: Visit, asked: dict[str, object], top: str) -> None:
    page = visit("#" + quote(json.dumps({**asked, "steps": 20})))
    assert (page.evaluate(HIGHEST) > 5000) == (top == "10k")
    assert texts(figure(page, "hhi")) & {"5k", "10k"} == {top}


def test_no_axis_of_the_hhi_cuts_a_value_off(visit: Visit) -> None:
    tops = visit().evaluate(
        "async () => { const { hhiTop } = await import('/page/charts.js');"
        " return [[], [NaN, 300], [5000], [4000, 5001], [NaN, 10000]].map(hhiTop); }"
    )
    assert tops == [5000, 5000, 5000, 10000, 10000]


def test_the_legend_of_shares_has_every_colour_that_is_drawn(visit: Visit) -> None:
    root = figure(visit(), "shares")
    areas = {each.attrib["fill"] for each in root if each.tag.endswith("path")} - {"none"}
    assert len(areas) > 5
    assert areas - squares(root) <= {"#c8ced4", "#d8dde1"}  # shades of "next three"


def test_the_legend_of_concentration_has_every_regime_that_is_met(visit: Visit) -> None:
    page = visit()
    root = figure(page, "hhi")
    met = page.evaluate(
        "() => { const film = window.explore.page.film;"
        " return film.selling.flatMap((layer) => film.dates.map((_, step) => film.regimeOf(layer, step))); }"
    )
    strips = {each.attrib["fill"] for each in root if each.get("height") == "4"}
    assert strips == squares(root)
    assert {*met} <= texts(root)


def test_the_legend_of_the_network_names_its_owners_and_the_lines_that_are_shown(visit: Visit) -> None:
    page = visit()
    told = page.inner_text("#legend")
    assert all(owner in told for owner in page.evaluate("[...window.explore.page.colours.keys()]"))
    assert ("supply" in told, "alliance" in told, "contact" in told) == (True, False, False)
    page.check("#show-alliances")
    page.check("#show-contacts")
    told = page.inner_text("#legend")
    assert ("alliance" in told, "contact" in told) == (True, True)
    page.uncheck("#show-supply")
    assert "supply" not in page.inner_text("#legend")


def test_beside_a_baseline_the_legend_says_which_line_is_which(visit: Visit) -> None:
    asked = {"steps": 20, "set": {"model.taste": 1.5}}
    page = visit("#" + quote(json.dumps(asked)))
    assert not {"baseline", "changed"} & texts(figure(page, "lerner"))
    page.check("#compare")
    page.wait_for_selector("#difference table")
    assert {"baseline", "changed"} <= texts(figure(page, "lerner"))
