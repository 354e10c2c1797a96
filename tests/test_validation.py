"""A validation: verdicts, what counts, the page, the folder, the command, and what is said to bad input."""

import json
import math
import re
import signal
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

import stackrace
from stackrace.experiments.command import screen, screen_validate
from stackrace.experiments.command.main import main
from stackrace.experiments.facts.declared import convention, facts, tries
from stackrace.experiments.facts.page import page
from stackrace.experiments.facts.validation import MARKET, VALUES, Validation, stages, validate, verdicts_of
from stackrace.model.errors import InputError

from .markets import HALF_SIZE, stack_named

PAGE = Path(__file__).resolve().parent.parent / "docs" / "validation.md"


@pytest.fixture(scope="module")
def found():
    return validate("ai-stack", seeds=[4, 5], set=HALF_SIZE, change=True)


def planted(**there):
    """A validation in which facts are there in so many seeds of ten, in the market and in each null; None: has none."""
    nulls = ("random-choices", "gibrat")
    rows = [
        (market, fact, seed, np.nan if count is None else 1.0, seed < (count or 0))
        for fact, counts in there.items()
        for market, count in zip((MARKET, *nulls), counts, strict=True)
        for seed in range(10)
    ]
    table = pd.DataFrame(rows, columns=list(VALUES))
    return Validation(stack_named("ai-stack"), {}, tuple(range(10)), nulls, table, pd.DataFrame(), table[:0])


def test_a_fact_counts_if_it_holds_and_a_null_model_lacks_it():
    made = planted(a=(9, 10, 2), b=(8, 10, None), c=(9, 9, 5), d=(7, 0, 0), e=(1, 0, 0))
    assert [made.verdict(fact) for fact in "abcde"] == ["holds", "holds", "holds", "mixed", "fails"]
    assert made.holding() == ["a", "b", "c"] and made.counting() == ["a", "b"]
    assert made.failing("a") == ["gibrat"] and made.verdict("b", "gibrat") == "has none"


def test_a_value_that_does_not_exist_is_not_within_the_tolerance():
    table = pd.DataFrame([(MARKET, "a", seed, value, value > 1) for seed, value in enumerate([2.0, 3.0, math.nan])])
    row = verdicts_of(table.set_axis(list(VALUES), axis=1)).iloc[0]
    assert (row["median"], row["values"], row.there, row.verdict) == (2.5, 2, pytest.approx(2 / 3), "mixed")
    assert row.there_low < row.there < row.there_high


def test_every_fact_has_a_value_per_market_and_seed(found):
    assert len(found.values) == len(facts()) * 4 * 2
    assert set(found.values.market) == {MARKET, *found.nulls}
    assert found.regimes.groupby(["market", "seed"]).size().eq(7).all()
    for fact in facts():
        cells = found.values[found.values.fact == fact.id]
        assert [fact.is_there(value) for value in cells.value] == cells.there.tolist()


def test_what_is_missing_is_tried_again_and_nothing_else(found):
    missing = {fact.id for fact in facts() if found.verdict(fact.id) != "holds"}
    assert {*zip(found.tried.fact, found.tried.market, strict=True)} == {key for key in tries() if key[0] in missing}
    assert set(found.tried.seed) == {4, 5}


def test_a_seed_gives_the_same_values_alone_and_among_others(found):
    alone = validate("ai-stack", seeds=[5], set=HALF_SIZE, nulls=["gibrat"])
    both = found.values[(found.values.seed == 5) & found.values.market.isin([MARKET, "gibrat"])]
    pd.testing.assert_frame_equal(alone.values, both.reset_index(drop=True))


def test_the_page_tells_each_fact_with_its_source_and_verdict(found):
    told = page(found)
    for fact in facts():
        assert f"### {fact.id}\n" in told and fact.source in told and fact.meaning in told
    for name in found.nulls:
        assert f"| {name} |" in told
    assert all(each.why in told for each in tries().values() if each.fact in set(found.tried.fact))
    assert not re.search(r"\bnan\b|\bNone\b|\binf\b", told)
    for part in told.split("\n\n"):
        if part.startswith("|"):
            assert len({line.count("|") for line in part.splitlines()}) == 1


def test_it_is_saved_whole_and_replaced_but_nothing_else_is(found, tmp_path):
    place = found.save(tmp_path / "out")
    found.save(place)
    names = {file.name for file in place.iterdir()}
    assert names == {"validation.md", "validation.svg", "values.csv", "verdicts.csv", "regimes.csv", "tried.csv"}
    ElementTree.parse(place / "validation.svg")
    assert len(pd.read_csv(place / "values.csv")) == len(found.values)
    (place / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match=r"mine\.txt, which no validation put"):
        found.save(place)


def test_it_fits_a_terminal(found, monkeypatch, capsys):
    monkeypatch.setattr(screen, "out", Console(width=80, highlight=False, markup=False))
    screen_validate.show(found, "out/here")
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80 and "…" not in "".join(lines)
    assert all(any(line.strip().startswith(fact.id) for line in lines) for fact in facts())
    assert "Page: out/here/validation.md" in lines
    assert "Verdicts ask for 30 seeds or more." in " ".join(line.strip() for line in lines)


def test_the_command_answers_programs_too(capsys):
    assert main(["validate", "--seeds", "1", "--null", "gibrat", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {row["market"] for row in told["facts"]} == {MARKET, "gibrat"}
    assert set(told["count"]) <= set(told["hold"]) <= {fact.id for fact in facts()}


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["--null", "gibart"], "no null model is called 'gibart': did you mean 'gibrat'?"),
        (["nowhere"], "no stack is called 'nowhere'"),
        (["--set", "tase=1"], "tase"),
        (["--seeds", "0"], "'0' is not a whole number of 1 or more"),
        (["--out", "setup.cfg"], "setup.cfg"),
    ],
)
def test_bad_input_gets_one_line(arguments, said, capsys):
    assert main(["validate", *arguments]) == 2
    told = capsys.readouterr().err.strip().splitlines()
    assert len(told) == 1 and said in told[0]


@pytest.mark.parametrize("out", [True, False])
def test_an_interrupt_keeps_the_seeds_that_are_done(out, found, tmp_path, monkeypatch, capsys):
    def until_interrupted(*asked, **more):
        yield found
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("stackrace.experiments.facts.validation.stages", until_interrupted)
    place = tmp_path / "out"
    assert main(["validate", "--seeds", "3", "--tries", *(["--out", str(place)] if out else [])]) == 130
    kept = f"2 seeds of 3 and {found.changes} changes tried saved in {place}" if out else "nothing was saved"
    assert capsys.readouterr().err.splitlines()[-1] == f"stackrace: interrupted: {kept}"
    assert place.exists() == out
    if out:
        assert set(pd.read_csv(place / "values.csv").seed) == {4, 5}


def test_a_validation_grows_by_its_seeds(found):
    grown = [(len(each.seeds), len(each.tried)) for each in stages("ai-stack", seeds=[4, 5], set=HALF_SIZE, nulls=[])]
    assert grown == [(1, 0), (2, 0)]


def test_validate_is_public():
    assert stackrace.validate is validate and stackrace.Validation is Validation


def test_the_page_in_the_documentation_has_the_facts_as_they_are_declared():
    told = PAGE.read_text("utf-8")
    for fact in facts():
        assert f"{fact.statement} *Statistic*: {fact.meaning.rstrip('.')}. *Tolerance*: {fact.tolerance}." in told, (
            "make validation"
        )
    rows = re.findall(r"^\| \[([\w-]+)\]\(.*\| (yes|no) \|$", told, flags=re.MULTILINE)
    assert [name for name, _ in rows] == [fact.id for fact in facts()]
    holds, counts = re.search(r"(\d+) hold and (\d+) count", told).groups()
    assert int(holds) >= int(counts) == sum(counts == "yes" for _, counts in rows)
    for verdict, share in re.findall(r"\| (holds|mixed|fails) \((\d+) %\)", told):
        assert convention().verdict(int(share) / 100) == verdict
