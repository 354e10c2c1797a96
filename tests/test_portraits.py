"""Portraits of a run show the numbers of its tables, name who they leave out, and read well on any page."""

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from matplotlib.colors import to_hex

import stackrace
from stackrace.experiments.histories import alliances, portraits, timeline
from stackrace.experiments.plots import palette
from stackrace.experiments.plots.figures import INK, svg
from stackrace.experiments.reports.report import pages
from stackrace.model.events import KINDS

from .markets import HALF_SIZE


@pytest.fixture(scope="module")
def run():
    return stackrace.simulate("ai-stack", seed=3, steps=40, set=HALF_SIZE, events=True, firms=True)


def texts(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


@pytest.mark.parametrize("name", portraits.PORTRAITS)
def test_a_portrait_is_drawn_of_any_run(run, name):
    short = stackrace.simulate("ai-2025", steps=1)
    still = stackrace.simulate("ai-stack", steps=2, set={**HALF_SIZE, "decisions.ally": False, "adoption_initial": 0.0})
    for each in (run, short, still):
        ElementTree.fromstring(svg(portraits.PORTRAITS[name](each), name))


@pytest.mark.parametrize("name", portraits.PORTRAITS)
def test_nothing_but_text_and_axes_has_the_colour_of_ink(run, name):
    figure = portraits.PORTRAITS[name](run)
    for axes in figure.axes:
        for shape in [*axes.patches, *axes.collections, *axes.lines]:
            face = shape.get_color() if hasattr(shape, "get_color") else shape.get_facecolor()
            rows = np.atleast_2d(face) if not isinstance(face, str) else [face]
            assert INK not in {to_hex(row) for row in rows}
    labels = [text for axes in figure.axes for text in axes.texts]
    labels += [
        text for axes in figure.axes if axes.axison for text in [*axes.get_xticklabels(), *axes.get_yticklabels()]
    ]
    assert {to_hex(label.get_color()) for label in labels if label.get_text()} <= {INK, palette.FAINT}


def test_all_allied_firms_are_drawn_and_the_others_are_counted(run):
    made, figure = run.graph("alliances"), portraits.alliances(run)
    allied = [name for name in made if made.degree(name)]
    [axes] = figure.axes
    assert len(axes.collections[0].get_offsets()) == len(allied)
    assert len(axes.patches) == made.number_of_edges()
    title = figure.legends[0].get_title().get_text()
    assert title == f"not drawn: {len(made) - len(allied)} firms without allies"
    counts = [re.fullmatch(r"(\d+) of (\d+) allied", text) for text in texts(figure)]
    assert sum(int(found[1]) for found in counts if found) == len(allied)
    assert sum(int(found[2]) for found in counts if found) == len(made)
    for layer in run.stack.selling_layers:
        assert layer in texts(figure)


def test_of_a_crowded_row_the_smaller_firms_are_counted(run, monkeypatch):
    monkeypatch.setattr(alliances, "ROOM", 3)
    made, figure = run.graph("alliances"), alliances.alliances(run)
    homes = [data["home"] for name, data in made.nodes(data=True) if made.degree(name)]
    allied = [homes.count(layer) for layer in run.stack.selling_layers]
    assert len(figure.axes[0].collections[0].get_offsets()) == sum(min(3, each) for each in allied)
    small = sum(max(0, each - 3) for each in allied)
    assert f" and {small} smaller ones of rows with more than 3" in figure.legends[0].get_title().get_text()


def test_known_firms_that_have_allies_are_named_where_there_is_room():
    run = stackrace.simulate("ai-2025", seed=1, steps=20)
    made = run.graph("alliances")
    shown = set(texts(portraits.alliances(run)))
    known = {name for name in run.names.values() if name in made and made.degree(name)}
    assert known
    assert len(known & shown) >= 0.7 * len(known)
    assert shown & set(made) <= {name for name in made if made.degree(name)}


def test_owners_hold_what_the_books_say(run):
    table = portraits.owners(run.state_at(40))
    books = run.firms[(run.firms.step == 39) & run.firms.layer.isin(run.stack.selling_layers)]
    volumes = books.pivot_table(index="firm", columns="layer", values="volume", aggfunc="sum", observed=True)
    shares = volumes / volumes.sum()
    for label in table.index:
        for layer in run.stack.selling_layers:
            expected = shares.at[label, layer] if label in shares.index else 0.0
            assert table.at[label, layer] == pytest.approx(0.0 if np.isnan(expected) else expected)
    assert table[list(run.stack.selling_layers)].sum().to_numpy() == pytest.approx(1.0)
    control = 10_000 * ((table.value / table.value.sum()) ** 2).sum()
    assert control == pytest.approx(run.overall.control_hhi.iloc[-1])


def test_the_matrix_shows_every_owner_or_counts_it_among_the_others(run):
    table, figure = portraits.owners(run.state_at(40)), portraits.ownership(run)
    [axes] = figure.axes
    rows = [label.get_text() for label in axes.get_yticklabels()]
    assert rows == [*table.index[:12], f"{len(table) - 12} other firms"]
    columns = [label.get_text() for label in axes.get_xticklabels()]
    assert columns == [*run.stack.selling_layers, "all, by cost"]
    cells = {(round(text.get_position()[0]), round(text.get_position()[1])): text for text in axes.texts}
    for row, label in enumerate(table.index[:12]):
        for column, layer in enumerate(run.stack.selling_layers):
            share = table.at[label, layer]
            shown = "" if share == 0.0 else "< 1 %" if share < 0.005 else f"{100 * share:.0f} %"
            assert cells[column, row].get_text() == shown
            assert (cells[column, row].get_weight() == "bold") == (table.home[label] == layer)


def test_the_timeline_counts_every_event(run):
    counts, figure = timeline.counts(run), timeline.timeline(run)
    assert counts.to_numpy().sum() == len(run.events)
    assert len(counts) == 40
    assert {kind for strip in timeline.STRIPS.values() for kind, *_ in strip} == {kind.name for kind in KINDS}
    told = [text.get_text() for axes in figure.axes for text in axes.get_legend().get_texts()]
    totals = [int(found[1].replace(",", "")) for found in (re.search(r"\(([\d,]+)\)", text) for text in told)]
    assert sum(totals) == len(run.events)
    assert [axes.get_title("left") for axes in figure.axes] == list(timeline.STRIPS)


def test_the_timeline_names_the_exits_that_took_most_with_them(run):
    largest = timeline.exits(run).head(timeline.LARGEST)
    assert largest.share.is_monotonic_decreasing
    told = "\n".join(texts(timeline.timeline(run)))
    for event in largest.itertuples():
        if event.kind == "acquired":
            assert f"step {event.step}: {event.counterparty} taken over by {event.firm} (" in told
        else:
            assert f"step {event.step}: {event.firm} fails (" in told


def test_a_run_without_events_is_played_again_for_its_timeline(run):
    plain = stackrace.simulate("ai-stack", seed=3, steps=40, set=HALF_SIZE)
    assert texts(timeline.timeline(plain)) == texts(timeline.timeline(run))


def test_the_report_says_which_seed_is_portrayed():
    several = stackrace.repeat("ai-stack", seeds=[4, 5], steps=2, set=HALF_SIZE)
    remark = "This is seed 4 alone, the first of 2"
    assert pages(several)["report.html"].count(f"{remark}: other seeds go other ways.</figcaption>") == 3
    assert "alone" not in pages(stackrace.Ensemble(several.runs[:1]))["report.html"]
    assert {"ownership.svg", "alliances.svg", "timeline.svg"} <= set(pages(several))
