"""What came out, as a page in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..summary import spelt
from ..wording import amount, counted, joined
from .declared import Fact, convention, facts, tries
from .nulls import NULLS
from .validation import MARKET

if TYPE_CHECKING:
    import pandas as pd

    from ...model.parameters import Value
    from ...model.stack import Stack
    from .validation import Validation

MADE = "<!-- Made by `stackrace validate`; do not edit. -->"
FIGURE = "validation.svg"


def page(validation: Validation) -> str:
    """The page: what was asked and how, verdicts, each fact, the null models, what is missing and what was tried."""
    parts = [
        "# Validation: stylised facts and null models",
        MADE,
        *method(validation),
        "## What came out",
        summary(validation),
        *([what_nulls_lack(validation)] if validation.nulls and validation.holding() else []),
        table("fact, tolerance, market, " + ", ".join(validation.nulls) + ", counts", verdict_rows(validation)),
        f"![Each statistic in the market and in its null models]({FIGURE})",
        "## The facts",
        *(told for fact in facts() for told in fact_parts(validation, fact)),
        *null_parts(validation),
        *missing_parts(validation),
    ]
    return "\n\n".join(parts) + "\n"


def here(stack: Stack, set: Mapping[str, Value]) -> str:
    """Which market was held against the facts."""
    return f"Here: `{stack.name}`" + "".join(f", `{name}={spelt(value)}`" for name, value in sorted(set.items()))


def method(validation: Validation) -> list[str]:
    """What was asked, and how it is judged."""
    rule, stack = convention(), validation.stack
    return [
        "Does the market show what is known of industries, and would chance alone show it too? Statistics, tolerances"
        " and sources stand in `experiments/facts/facts.toml`; they were written down and committed before any of them"
        " was measured in the default stack (the last two after the others had been, and before they were).",
        f"{here(stack, validation.set)}, {counted(len(validation.seeds), 'seed')}, {rule.steps} steps, and the same"
        f" with a technology wave at step {rule.wave} for the facts that need one. A statistic is one number per seed."
        f" A fact *holds* if the number is within the tolerance in {100 * rule.holds:.0f} % of the seeds or more,"
        f" *fails* if in {100 * rule.fails:.0f} % or less, and is *mixed* in between; a market in which the number"
        " does not exist *has none*, which is as good as failing. It *counts* if it holds and fails in at least one"
        " null model.",
        "`stackrace validate --tries --out DIR` does it again in a few minutes; `stackrace validate STACK` for another"
        " market. In Python: `stackrace.validate(...)`, and `null(name, simulated(stack, seed, steps))` of"
        " `stackrace.experiments.facts` for the history of a null model, in tables like a run's.",
    ]


def summary(validation: Validation) -> str:
    """How many facts hold, and how many of them count."""
    holds, counting = validation.holding(), validation.counting()
    others: dict[str, list[str]] = {verdict: [] for verdict in ("mixed", "fails", "has none")}
    for fact in facts():
        if (verdict := validation.verdict(fact.id)) in others:
            others[verdict].append(fact.id)
    idle = [fact for fact in holds if fact not in counting]
    only = f" (no null model fails {joined(idle)})" if idle else ""
    told = [f"{verdict.capitalize()}: {joined(names)}." for verdict, names in others.items() if names]
    few = [f"Verdicts ask for {convention().seeds} seeds or more."] * (len(validation.seeds) < convention().seeds)
    return " ".join([f"Of {len(facts())} facts {len(holds)} hold and {len(counting)} count{only}.", *told, *few])


def what_nulls_lack(validation: Validation) -> str:
    """Which of the facts that hold each null model lacks: what it destroys is what they rest on."""
    told = []
    for name in validation.nulls:
        lacks = [fact for fact in validation.holding() if name in validation.failing(fact)]
        none = [fact for fact in lacks if validation.verdict(fact, name) == "has none"]
        about = f" (of {joined(none)} it has none)" if none else ""
        told.append(f"{name} lacks {joined(lacks)}{about}" if lacks else f"{name} lacks nothing")
    return "Of the facts that hold, " + "; ".join(told) + "."


def verdict_rows(validation: Validation) -> Iterable[list[str]]:
    """A row per fact: the median in the market with its verdict, the verdict in each null model."""
    counting = validation.counting()
    for fact in facts():
        cells = [cell(validation, fact, name) for name in (MARKET, *validation.nulls)]
        yield [f"[{fact.id}](#{fact.id})", fact.tolerance, *cells, "yes" if fact.id in counting else "no"]


def cell(validation: Validation, fact: Fact, market: str) -> str:
    """Verdict and share of seeds."""
    row = row_of(validation.verdicts, fact.id, market)
    return row.verdict if row.verdict == "has none" else f"{row.verdict} ({100 * row.there:.0f} %)"


def fact_parts(validation: Validation, fact: Fact) -> list[str]:
    """Statement, source, statistic, and its value in each market."""
    rows = [values_row(row_of(validation.verdicts, fact.id, name)) for name in (MARKET, *validation.nulls)]
    meaning = fact.meaning.rstrip(".")
    return [
        f"### {fact.id}",
        f"{fact.statement} *Statistic*: {meaning}. *Tolerance*: {fact.tolerance}. *Source*: {fact.source}.",
        table("market, median, 10 to 90 % of seeds, within the tolerance, 95 %, verdict", rows),
    ]


def values_row(row: Any) -> list[str]:
    """The numbers behind a verdict."""
    share = [f"{100 * row.there:.0f} %", f"{100 * row.there_low:.0f}–{100 * row.there_high:.0f} %"]
    if row.verdict == "has none":
        return [row.market, "", "", *share, row.verdict]
    return [row.market, amount(row.median), f"{amount(row.low)} to {amount(row.high)}", *share, row.verdict]


def null_parts(validation: Validation) -> list[str]:
    """What each null model keeps and destroys, and what becomes of the regimes."""
    names = [MARKET, *validation.nulls]
    about = [[name, NULLS[name].keeps, NULLS[name].destroys] for name in validation.nulls]
    heads = "## The null models", "Each is calibrated to the run with the same seed, and shares its chance."
    regimes = validation.regimes
    rows = [
        [layer, *(regime_of(regimes[(regimes.layer == layer) & (regimes.market == name)]) for name in names)]
        for layer in validation.stack.selling_layers
    ]
    ends = "Where each layer ends: commonest regime, share of seeds, mean HHI and mean Lerner index (last 20 steps)."
    return [*heads, table("null model, keeps, destroys", about), ends, table("layer, " + ", ".join(names), rows)]


def regime_of(ends: pd.DataFrame) -> str:
    """The commonest regime of a layer, how often it is, and the means behind it."""
    counts = ends.regime.value_counts()
    lerner = ends.lerner.mean()
    margins = f", {lerner:.2f}" if lerner == lerner else ""
    return f"{counts.index[0]} {100 * counts.iloc[0] / len(ends):.0f} %, {ends.hhi.mean():,.0f}{margins}"


def missing_parts(validation: Validation) -> list[str]:
    """What stands against the facts that do not hold, what was tried, and what came of it."""
    if validation.tried.empty:
        return []
    rows: list[list[str]] = []
    tried: list[Any] = list(validation.verdicts_tried.itertuples())
    for row in tried:
        change = tries()[row.fact, row.market]
        told = ", ".join(f"`{name}={spelt(value)}`" for name, value in change.settings(validation.stack).items())
        wave = ", ".join(f"{name} {spelt(value)}" for name, value in change.wave.items())
        before = row_of(validation.verdicts, row.fact, MARKET)
        came = f"{amount(row.median)}, {row.verdict} ({100 * row.there:.0f} %)"
        was = f"{amount(before.median)}, {before.verdict} ({100 * before.there:.0f} %)"
        made = "; ".join(part for part in (told, f"wave: {wave}" if wave else "") if part)
        expected = f" *Expected*: {change.expected}" if change.expected else ""
        rows.append([row.fact, row.market, f"{change.why}{expected}", made, was, came])
    return [
        "## What the missing facts need",
        "Which rule stands against each fact that does not hold, and what was tried, with the same seeds"
        " (`experiments/facts/tries.toml`): a change of parameters, then one of a rule (uptake, trust, attention),"
        " which a parameter turns on that is 0 otherwise. Values were chosen by trial on seeds 1 to 30; `--seed 31`"
        " tries them on others. Null models were not run again.",
        table("fact, changed, what stands against it, tried, before, with it", rows),
    ]


def row_of(verdicts: pd.DataFrame, fact: str, market: str) -> Any:
    """The row of a fact and market."""
    return next(verdicts[(verdicts.fact == fact) & (verdicts.market == market)].itertuples())


def table(head: str, rows: Iterable[list[str]]) -> str:
    """A Markdown table; `head` names its columns, separated by commas."""
    titles = head.split(", ")
    lines = [titles, ["---"] * len(titles), *([each.replace("|", "\\|") for each in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
