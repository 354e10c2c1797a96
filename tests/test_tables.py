"""The reference pages say what the code declares."""

import runpy
from pathlib import Path

import pytest

import stackrace
from stackrace.agents.own import SHIPPED
from stackrace.agents.switch import Need, Option

DOCS = Path(__file__).resolve().parent.parent / "docs"
TABLES = runpy.run_path(str(DOCS / "tables.py"))
PAGES = TABLES["PAGES"]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_as_the_declarations_are(name: str) -> None:
    assert (DOCS / name).read_text("utf-8") == PAGES[name](), "run `make tables`"


@pytest.mark.parametrize("name", PAGES)
def test_every_row_of_a_table_has_as_many_cells_as_its_head(name: str) -> None:
    for part in PAGES[name]().split("\n\n"):
        if part.startswith("|"):
            assert len({line.replace("\\|", "").count("|") for line in part.splitlines()}) == 1


def test_the_reference_explains_every_public_name_once() -> None:
    told = [name for places in TABLES["API"].values() for name in places]
    assert len({*told}) == len(told)
    assert {*stackrace.__all__} - {"__version__"} == {name for name in told if "." not in name}


def test_every_field_of_every_view_is_explained() -> None:
    told = [line.split("`")[1] for line in TABLES["views"]().splitlines() if line.startswith("| `")]
    views = [*(view for view, _ in SHIPPED.values()), Need, Option]
    assert told == [field for view in views for field in view._fields]
