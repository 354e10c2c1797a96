"""Figures show the numbers of the table, one panel a layer, and the report stands alone."""

import re
import sys
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

import stackrace
from stackrace.experiments.histories.portraits import PORTRAITS
from stackrace.experiments.plots.figures import FIGURES, INK, hhi, lerner, profit_share, shares, svg
from stackrace.experiments.reports.report import command_line, pages


@pytest.fixture(scope="module")
def ensemble():
    return stackrace.repeat("ai-stack", seeds=range(3), steps=4, set={"model.taste": 0.3})


@pytest.fixture
def table():
    """Two layers, three seeds, two steps; the second layer has no outside sales in its first step."""
    rows = [
        {"seed": seed, "step": step, "layer": layer, "hhi": 1000 * seed, "cr1": 0.2, "cr4": 0.6, "lerner": lerner}
        for seed in (1, 2, 3)
        for step in (0, 1)
        for layer, lerner in (("a", 0.5), ("b", np.nan if step == 0 else 0.1 * seed))
    ]
    return pd.DataFrame(rows)


def panels(figure):
    return {axes.get_title("left"): axes for axes in figure.axes if axes.get_title("left")}


@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES)
def test_axes_are_labelled(ensemble, draw):
    figure = draw(ensemble.measures, ensemble.stack.selling_layers)
    assert figure.get_supxlabel() == "step (quarter)"
    assert figure.get_supylabel()


@pytest.mark.parametrize("draw", [shares, hhi, lerner])
def test_there_is_a_panel_a_layer(ensemble, draw):
    layers = ensemble.stack.selling_layers
    assert tuple(panels(draw(ensemble.measures, layers))) == layers


@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES)
def test_time_is_in_years_where_the_stack_has_a_start(draw):
    run = stackrace.simulate("ai-2025", steps=9)
    figure = draw(run.measures, run.stack.selling_layers)
    assert figure.get_supxlabel() == "year"
    assert {axes.get_xlim() for axes in figure.axes if axes.axison} == {(2026.0, 2028.0)}


def test_profit_shares_stack_up_to_the_whole_in_the_order_of_the_layers(table):
    table["profit_share"] = np.where(table.layer == "a", 0.3, 0.7)
    table.loc[table.step == 1, "profit_share"] = np.nan
    figure = profit_share(table, ["a", "b"])
    tops = [[path.vertices[:, 1].max() for path in part.get_paths()] for part in figure.axes[0].collections]
    assert tops == [[pytest.approx(0.3)], [pytest.approx(1)]]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["b", "a"]


def test_the_line_is_the_median_over_seeds_between_the_tenth_and_ninetieth_percentile(table):
    axes = panels(hhi(table, ["a"]))["a"]
    assert axes.lines[0].get_ydata().tolist() == [2000, 2000]
    band = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == pytest.approx((1200, 2800))


def test_the_guidelines_thresholds_are_drawn(table):
    axes = panels(hhi(table, ["a"]))["a"]
    assert [line.get_ydata()[0] for line in axes.lines[1:]] == [1000, 1800]


def test_a_step_without_outside_sales_is_a_gap(table):
    line = panels(lerner(table, ["a", "b"]))["b"].lines[0].get_ydata()
    assert np.isnan(line[0])
    assert line[1] == pytest.approx(0.2)


def test_shares_stack_up_to_the_whole(table):
    stacked = panels(shares(table, ["a"]))["a"].collections
    tops = [part.get_paths()[0].vertices[:, 1].max() for part in stacked]
    assert tops == pytest.approx([0.2, 0.6, 1])


@pytest.mark.parametrize("layers", [1, 2, 3, 4, 6, 7])
def test_any_number_of_layers_is_drawn(table, layers):
    one = table[table.layer == "a"]
    names = [f"layer {i}" for i in range(layers)]
    many = pd.concat([one.assign(layer=name) for name in names])
    ElementTree.fromstring(svg(hhi(many, names), "hhi"))


def test_figures_are_the_same_in_threads_and_leave_no_state_behind(ensemble):
    layers = ensemble.stack.selling_layers

    def drawn(_=None):
        return svg(hhi(ensemble.measures, layers), "hhi")

    alone = drawn()
    with ThreadPoolExecutor(3) as threads:
        assert set(threads.map(drawn, range(3))) == {alone}
    pyplot = sys.modules.get("matplotlib.pyplot")  # others may have imported it
    assert pyplot is None or pyplot.get_fignums() == []


class Elements(HTMLParser):
    """Tags, ids and addresses of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.ids, self.addresses = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        given = dict(attributes)
        self.ids += [given["id"]] if "id" in given else []
        self.addresses += [given[name] for name in ("src", "href", "xlink:href") if name in given]


def test_the_report_needs_nothing_else_and_holds_each_id_once(ensemble):
    page = Elements(pages(ensemble)["report.html"])
    assert page.tags.count("svg") == len(FIGURES) + len(PORTRAITS)
    assert all(address.startswith("#") for address in page.addresses)
    assert {address[1:] for address in page.addresses} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    assert not {"script", "link", "img"} & set(page.tags)


def test_ink_takes_the_colour_of_the_page(ensemble):
    made = pages(ensemble)
    assert INK in made["hhi.svg"]
    assert INK not in made["report.html"].partition("<body>")[2]


def test_the_report_holds_the_table_the_changed_parameters_and_the_command(ensemble):
    text = pages(ensemble, "mine.toml")["report.html"]
    for layer in ensemble.stack.selling_layers:
        assert f"<td>{layer}</td>" in text
    assert "<td>model.taste</td><td>0.3</td><td>0.35</td>" in text
    assert "stackrace run mine.toml --seed 0 --seeds 3 --steps 4 --set model.taste=0.3" in text
    assert "$" not in re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)


def test_text_of_users_is_escaped(ensemble):
    evil = "<script>alert(1)</script> $title & 'more'"
    stack = replace(ensemble.runs[0].stack, title=evil, description=evil)
    forged = stackrace.Ensemble(tuple(replace(run, stack=stack) for run in ensemble.runs))
    text = pages(forged, evil)["report.html"]
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; $title &amp;" in text


@pytest.mark.parametrize(
    ("source", "written"),
    [(None, "run ai-stack "), ("my stack.toml", "run 'my stack.toml' "), ("\udcff.toml", r"run '\udcff.toml' ")],
)
def test_the_command_is_quoted_for_a_shell(ensemble, source, written):
    assert written in command_line(ensemble, source)
