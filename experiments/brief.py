"""The first lines of a report: the question, and an answer in three sentences made from the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .comparison import SURE, WHOLE, Comparison
from .effect_words import between
from .ensemble import Ensemble
from .regimes import REGIMES, WINDOW
from .study import Study
from .summary import summary
from .wording import amount, counted, joined

if TYPE_CHECKING:
    import pandas as pd

SPOKEN = {
    "hhi": "the HHI",
    "lerner": "the Lerner index",
    "profit_share": "the share of all margins",
    "fragility": "the final demand that hangs on the largest supplier",
    "volume": "the volume",
    "unserved": "the unmet need",
    "control_hhi": "the concentration of owners",
    "final_volume": "the final volume",
    "independent_stacks": "the number of independent stacks",
    "margin": "the sum of all margins",
}
"""Measures as a sentence names them."""
SHARES = ("profit_share", "fragility", "unserved", "entry_rate", "exit_rate")
"""Measures that a sentence gives in per cent."""
STATES = {
    "no market": "without a market",
    "unserved": "unserved",
    "consolidated": "consolidated",
    "commoditised": "commoditised",
    "oligopoly": "an oligopoly",
    "differentiated": "differentiated",
}
MOST = 3
"""So many effects of a policy are named in the answer."""


def question(ensemble: Ensemble) -> str:
    """What the report of one setting asks."""
    return f"{ensemble.stack.title}: which layers consolidate, and who earns?"


def question_of_study(study: Study) -> str:
    """What the report of a study asks."""
    titles = [_lower(title) for title in study.titles.values()]
    return f"{study.base.stack.title}: what changes with {joined([f'“{title}”' for title in titles])}?"


def answer(ensemble: Ensemble) -> list[str]:
    """Three sentences: the regimes, where value accrues, and on whom final demand hangs."""
    return [where_it_ends(ensemble), who_earns(ensemble), on_whom_it_hangs(ensemble)]


def answer_of_study(study: Study) -> list[str]:
    """Three sentences: the market as it is, what each policy does to it for sure, and what becomes of concentration."""
    return [where_it_ends(study.base), what_they_do(study), what_of_concentration(study)]


def where_it_ends(ensemble: Ensemble) -> str:
    """The commonest regime of each layer and in how many seeds it is that, layers grouped by regime."""
    seeds, steps = len(ensemble.seeds), ensemble.steps
    groups: dict[str, list[str]] = {}
    for layer, found, _ in summary(ensemble.regimes()):
        groups.setdefault(found[0].regime, []).append(f"{layer} ({found[0].count})" if seeds > 1 else layer)
    parts = [
        f"{joined(groups[name])} {'is' if len(groups[name]) == 1 else 'are'} {STATES[name]}"
        for name in REGIMES
        if name in groups
    ]
    most = " most often (in brackets: in how many of the " + f"{seeds} seeds)" if seeds > 1 else ""
    return f"After {steps} quarters{most} {'; '.join(parts)}."


def who_earns(ensemble: Ensemble) -> str:
    """The layers with the largest shares of all margins, and those with the highest and lowest prices over cost."""
    shares = per_seed(ensemble.measures, "profit_share")[list(ensemble.stack.selling_layers)]
    lerner = per_seed(ensemble.measures, "lerner")[list(ensemble.stack.selling_layers)].mean().dropna()
    largest = shares.mean().dropna().sort_values(ascending=False)
    if largest.empty or lerner.empty:
        return "Nobody earns a margin in sales to others."
    told = joined([f"{layer} takes {_percent(shares[layer])}" for layer in largest.index[:2]])
    high, low = str(lerner.idxmax()), str(lerner.idxmin())
    return (
        f"Of all margins in sales to others {told}; prices stand furthest above cost in {high} (Lerner index"
        f" {lerner[high]:.2f}) and nearest to it in {low} ({lerner[low]:.2f})."
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
        f" volume would be lost at once; behind what buyers get stand {amount(stacks)} independent stacks."
    )


def what_they_do(study: Study) -> str:
    """Per policy the effects that hold, the strongest first: those that move furthest against what seeds differ by."""
    parts = []
    for each in study.comparisons:
        titled = f"“{_lower(study.titles[each.labels[1]])}”"
        rows = strongest(each)
        if not rows:
            parts.append(f"no effect of {titled} can be told from chance")
            continue
        told = joined([_effect(row) for row in rows[:MOST]])
        more = len(rows) - MOST
        parts.append(f"with {titled} {told}" + (f" ({counted(more, 'effect')} more hold)" if more > 0 else ""))
    return _sentence("; ".join(parts))


def what_of_concentration(study: Study) -> str:
    """In which layers the HHI or the regime moves for sure, and that elsewhere it cannot be told."""
    moved, shifts = [], []
    for each in study.comparisons:
        titled = f"“{_lower(study.titles[each.labels[1]])}”"
        sure: list[Any] = list(each.sure[each.sure.measure == "hhi"].itertuples())
        told = [f"{row.layer} ({'+' if row.effect > 0 else '−'}{amount(abs(row.effect))})" for row in sure]
        moved += [f"{titled} moves that of {joined(told)}"] if told else []
        net = each.regime_effects
        layers = dict.fromkeys(net.layer[net.p_holm < SURE])
        shifts += [f"{titled} shifts that of {joined(list(layers))}"] if layers else []
    tested = any("hhi" in each.measures for each in study.comparisons)
    seeds = counted(len(study.comparisons[0].seeds), "seed")
    concentration = "; ".join(moved) if moved else "no policy moves that of any layer beyond what chance could do"
    regime = "; ".join(shifts) if shifts else "no policy shifts that of any layer beyond seeds coming and going"
    first = f"Of concentration (HHI): {concentration}; of the regime" if tested else "Of the regime"
    return f"{first}: {regime} (all at 5 %, corrected for all tests, {seeds})."


def strongest(comparison: Comparison) -> list[Any]:
    """The effects that hold, ordered by their size over the standard deviation of the base's seeds (Glass's delta)."""
    spreads = comparison.pairs.groupby(["layer", "measure"]).base.std()
    rows: list[Any] = list(comparison.sure.itertuples())

    def size(row: Any) -> float:
        spread = float(spreads[row.layer, row.measure])
        return abs(row.effect) / spread if spread > 0.0 else float("inf")

    return sorted(rows, key=size, reverse=True)


def per_seed(measures: pd.DataFrame, name: str, window: int = WINDOW) -> pd.DataFrame:
    """Means of a measure over the last `window` steps: a row a seed, a column a layer."""
    last = measures[measures.step > measures.step.max() - window]
    table: pd.DataFrame = last.groupby(["seed", "layer"], observed=True)[name].mean().unstack()
    return table


def _effect(row: Any) -> str:
    moves = "rises" if row.effect > 0 else "falls"
    whose = "" if row.layer == WHOLE else f" of {row.layer}"
    spoken = SPOKEN.get(row.measure, f"the {row.measure.replace('_', ' ')}")
    scale, unit = (100.0, " %") if row.measure in SHARES else (1.0, "")
    return (
        f"{spoken}{whose} {moves} from {amount(scale * row.base)} to {amount(scale * row.other)}{unit}"
        f" (by {between(*sorted((scale * abs(row.low), scale * abs(row.high))))})"
    )


def _percent(values: pd.Series[float]) -> str:
    """The mean over seeds in per cent, with the range of the middle 80 % of seeds."""
    text = f"{100 * values.mean():.0f} %"
    if len(values.dropna()) < 2:
        return text
    return f"{text} (10–90 % of seeds: {100 * values.quantile(0.1):.0f}–{100 * values.quantile(0.9):.0f})"


def _lower(title: str) -> str:
    """A title inside a sentence: without its capital, unless more than one letter is one."""
    return title[:1].lower() + title[1:] if title[1:2].islower() else title


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
