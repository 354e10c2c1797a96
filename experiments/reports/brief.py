"""The first lines of a report: the question, and an answer in three sentences made from the numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..comparisons.comparison import SURE, WHOLE, Comparison
from ..comparisons.effect_words import between, is_nothing, power
from ..comparisons.study import Study
from ..ensemble import Ensemble
from ..regimes import REGIMES, WINDOW
from ..summary import summary
from ..wording import amount, counted, joined

if TYPE_CHECKING:
    import pandas as pd

SPOKEN = {
    "hhi": "the HHI",
    "lerner": "the Lerner index",
    "profit_share": "the share of all margins",
    "fragility": "the final demand that hangs on the largest supplier",
    "unserved": "the unmet need",
    "control_hhi": "the concentration of owners",
    "final_volume": "the final volume",
    "independent_stacks": "the number of independent stacks",
    "margin": "the sum of all margins",
}
"""Measures as a sentence names them; others by their own name."""
STATES = {
    "no market": ("is without a market", "are without a market"),
    "unserved": ("is unserved", "are unserved"),
    "consolidated": ("is consolidated", "are consolidated"),
    "commoditised": ("is commoditised", "are commoditised"),
    "oligopoly": ("is an oligopoly", "are oligopolies"),
    "differentiated": ("is differentiated", "are differentiated"),
    "": ("has no commonest regime", "have no commonest regime"),
}
"""Regime -> what is said of one layer in it, and of several."""
MOST = 3
"""So many effects of a policy are named in the answer."""


def question(ensemble: Ensemble) -> str:
    """What the report of one setting asks."""
    return f"{ensemble.stack.title}: which layers consolidate, and who earns?"


def question_of_study(study: Study) -> str:
    """What the report of a study asks."""
    return f"{study.base.stack.title}: what changes with {joined([f'“{title}”' for title in study.titles.values()])}?"


def answer(ensemble: Ensemble) -> list[str]:
    """Three sentences: the regimes, where value accrues, and on whom final demand hangs."""
    return [where_it_ends(ensemble), who_earns(ensemble), on_whom_it_hangs(ensemble)]


def answer_of_study(study: Study) -> list[str]:
    """Three sentences: the market as it is, what each policy does to it for sure, and what becomes of concentration."""
    return [where_it_ends(study.base, study.window), what_they_do(study), what_of_concentration(study)]


def where_it_ends(ensemble: Ensemble, window: int = WINDOW) -> str:
    """The commonest regime of each layer and in how many seeds it is that, layers grouped by regime."""
    seeds, steps = len(ensemble.seeds), ensemble.steps
    groups: dict[str, list[str]] = {}
    for layer, found, _ in summary(ensemble.regimes(window)):
        tied = len(found) > 1 and found[0].count == found[1].count
        told = f"{layer} ({found[0].count})" if seeds > 1 else layer
        groups.setdefault("" if tied else found[0].regime, []).append(told)
    parts = [
        f"{joined(groups[name])} {STATES[name][len(groups[name]) > 1]}" for name in (*REGIMES, "") if name in groups
    ]
    most = f" most often (in brackets: in how many of {seeds} seeds)" if seeds > 1 else ""
    return f"After {counted(steps, 'quarter')}{most} {'; '.join(parts)}."


def who_earns(ensemble: Ensemble) -> str:
    """The layers with the largest shares of all margins, and those with the highest and lowest prices over cost."""
    layers = list(ensemble.stack.selling_layers)
    shares = per_seed(ensemble.measures, "profit_share")[layers]
    lerner = per_seed(ensemble.measures, "lerner")[layers].mean().dropna()
    largest = shares.mean().dropna().sort_values(ascending=False)
    if largest.empty or lerner.empty:
        return "Nobody earns a margin in sales to others."
    told = joined([f"{layer} takes {_percent(shares[layer])}" for layer in largest.index[:2]])
    high, low = str(lerner.idxmax()), str(lerner.idxmin())
    apart = f" and nearest to it in {low} ({lerner[low]:.2f})" if high != low else ""
    furthest = "furthest above cost" if apart else "above cost"
    return (
        f"Of all margins in sales to others {told}; prices stand {furthest} in {high} (Lerner index"
        f" {lerner[high]:.2f}){apart}."
    )


def on_whom_it_hangs(ensemble: Ensemble) -> str:
    """The layer whose largest supplier final demand could least do without, and how many stacks are independent."""
    hangs = per_seed(ensemble.measures, "fragility")[list(ensemble.stack.selling_layers)]
    worst = hangs.mean().dropna()
    stacks = per_seed(ensemble.overall.assign(layer=WHOLE), "independent_stacks")[WHOLE].mean()
    if worst.empty:
        return "Nothing is delivered to final buyers, so nothing hangs on anyone."
    layer = str(worst.idxmax())
    return (
        f"Final demand hangs most on {layer}: were its largest supplier to stop, {_percent(hangs[layer])} of all final"
        f" volume would be lost at once; the number of independent stacks behind what buyers get is {amount(stacks)}."
    )


def what_they_do(study: Study) -> str:
    """Per policy the effects that hold, those of three measures that are largest against the spread of seeds."""
    if len(study.comparisons[0].seeds) == 1:
        return "One seed shows a difference, and no effect: take 30."
    return _sentence([_does(study.titles[each.labels[1]], each) for each in study.comparisons])


def _does(title: str, comparison: Comparison) -> str:
    same = comparison.sure.round({"base": 9, "effect": 9})  # one flow runs through many layers
    held = len(same.drop_duplicates(["measure", "base", "effect"]))
    if is_nothing(comparison):
        return f"“{title}” changes nothing at all"
    if any(power(comparison)):
        return f"of “{title}” nothing can be told: {len(comparison.seeds)} seeds are too few for so many tests"
    if not held:
        return f"no effect of “{title}” can be told from chance"
    named = strongest(comparison)[:MOST]
    more = f" ({counted(held - len(named), 'effect')} more hold)" if held > len(named) else ""
    return f"with “{title}” {joined([_effect(row) for row in named])}{more}"


def what_of_concentration(study: Study) -> str:
    """In which layers the HHI or the regime moves for sure, and that elsewhere it cannot be told."""
    if len(study.comparisons[0].seeds) == 1:
        return "Nor does it show what becomes of concentration."
    moved, shifts = [], []
    for each in study.comparisons:
        title = study.titles[each.labels[1]]
        sells = each.sure.layer.isin(each.stack.selling_layers)
        sure: list[Any] = list(each.sure[(each.sure.measure == "hhi") & sells].itertuples())
        told = [f"{row.layer} ({'+' if row.effect > 0 else '−'}{amount(abs(row.effect))})" for row in sure]
        moved += [f"“{title}” moves that of {joined(told)}"] if told else []
        net = each.regime_effects
        layers = [str(layer) for layer in dict.fromkeys(net.layer[net.p_holm < SURE])]
        shifts += [f"“{title}” shifts that of {joined(layers)}"] if layers else []
    compared = any("hhi" in each.measures for each in study.comparisons)
    hhi = "; ".join(moved) or "in no layer can a change be told from chance"
    regime = "; ".join(shifts) or "in no layer is there more than seeds that come and go"
    return f"Concentration (HHI): {hhi}. Regimes: {regime}." if compared else f"Regimes: {regime}."


def strongest(comparison: Comparison) -> list[Any]:
    """Of each measure the effect that holds and is largest over the standard deviation of the base's seeds, in order.

    That is Glass's delta; a measure that does not vary over seeds has none and comes last.
    """
    pairs = comparison.pairs.dropna(subset=["base", "other"])
    spreads = pairs.groupby(["layer", "measure"]).base.std()
    rows: list[Any] = list(comparison.sure.itertuples())

    def size(row: Any) -> float:
        spread = float(spreads[row.layer, row.measure])
        return abs(row.effect) / spread if spread > 0.0 else 0.0

    best: dict[str, Any] = {}
    for row in sorted(rows, key=size, reverse=True):
        best.setdefault(row.measure, row)
    return list(best.values())


def per_seed(measures: pd.DataFrame, name: str, window: int = WINDOW) -> pd.DataFrame:
    """Means of a measure over the last `window` steps: a row a seed, a column a layer."""
    last = measures[measures.step > measures.step.max() - window]
    table: pd.DataFrame = last.groupby(["seed", "layer"], observed=True)[name].mean().unstack()
    return table


def _effect(row: Any) -> str:
    moves = "rises" if row.effect > 0 else "falls"
    whose = "" if row.layer == WHOLE else f" of {row.layer}"
    spoken = SPOKEN.get(row.measure, f"the {row.measure.replace('_', ' ')}")
    scale, unit, points = (100.0, " %", " points") if row.unit == "share" and row.measure != "lerner" else (1.0, "", "")
    return (
        f"{spoken}{whose} {moves} from {amount(scale * row.base)} to {amount(scale * row.other)}{unit}"
        f" (95 %: {between(scale * row.low, scale * row.high)}{points})"
    )


def _percent(values: pd.Series[float]) -> str:
    """The mean over seeds in per cent, with the range of the middle 80 % of seeds."""
    text = f"{100 * values.mean():.0f} %"
    if len(values.dropna()) < 2:
        return text
    return f"{text} (10–90 % of seeds: {100 * values.quantile(0.1):.0f}–{100 * values.quantile(0.9):.0f})"


def _sentence(parts: Iterable[str]) -> str:
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}."
