"""Parts of a report as HTML: tables, figures, sentences. All text is escaped here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from ...model.interventions import as_toml
from ...model.settings import declaration_of, differences, public_values, resolve
from ..command.screen_compare import shown_number, shown_p
from ..comparisons.comparison import SURE
from ..comparisons.effect_words import between
from ..comparisons.study import Study
from ..ensemble import Ensemble
from ..plots.figures import INK
from ..regimes import MEANINGS, REGIMES, WINDOW
from ..summary import figures_of, spelt, summary

if TYPE_CHECKING:
    import pandas as pd


def sentences(lines: Iterable[str]) -> str:
    """A paragraph for each line."""
    return "\n".join(f"<p>{escape(line)}</p>" for line in lines)


def listed(lines: Iterable[str]) -> str:
    """A list of sentences."""
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], text_columns: int = 1) -> str:
    """A table whose first columns are text and whose others are numbers."""

    def cells(values: Sequence[str], tag: str) -> str:
        kinds = [" class=number" if n >= text_columns else "" for n in range(len(values))]
        return "".join(f"<{tag}{kind}>{escape(text)}</{tag}>" for kind, text in zip(kinds, values, strict=True))

    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{cells(head, "th")}</tr></thead><tbody>{body}</tbody></table></div>'


def figure(heading: str, caption: str, drawn: str) -> str:
    """An SVG with its heading and caption, in the colours of the page."""
    inline = drawn.replace(INK, "currentColor")
    label = f'<svg role="img" aria-label="{escape(heading)}: {escape(caption)}" '
    return (
        f'<h2>{escape(heading)}</h2>\n<figure><div class="wide">{inline.replace("<svg ", label, 1)}</div>'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def folded(summary_line: str, content: str) -> str:
    """Something that is opened by a click; it is printed open."""
    return f"<details><summary>{escape(summary_line)}</summary>{content}</details>"


def regimes(ensemble: Ensemble, window: int = WINDOW) -> str:
    """How often each layer ends in which regime, and the means behind it."""
    bodies = [_layer_rows(*each) for each in summary(ensemble.regimes(window))]
    head = "<th>Layer</th><th>Regime</th><th>Share of seeds</th>" + "".join(
        f"<th class=number>{name}</th>" for name in ("95 % interval", "HHI", "Lerner", "Units", "In-house")
    )
    meanings = "".join(f"<dt>{escape(name)}</dt><dd>{escape(what)}</dd>" for name, what in MEANINGS.items())
    note = (
        f"Regimes read from means over the last {min(window, ensemble.steps)} steps, frequencies over seeds with Wilson"
        " intervals; HHI, Lerner index (of what is sold to others), units and the share made in-house are means over"
        " seeds."
    )
    return (
        f'<div class="wide"><table><thead><tr>{head}</tr></thead>{"".join(bodies)}</table></div>'
        f'<p class="faint">{escape(note)}</p>{folded("What the regimes mean", f"<dl>{meanings}</dl>")}'
    )


def _layer_rows(layer: str, found: list[Any], means: dict[str, float]) -> str:
    rows = []
    for i, row in enumerate(found):
        bar = f'<span class="bar"><i style="width:{100 * row.share:.0f}%"></i></span>'
        cells = [
            f"<td>{escape(layer) if i == 0 else ''}</td><td>{escape(row.regime)}</td>",
            f'<td class="frequency">{bar}{row.count} of {row.seeds}</td>',
            f'<td class="number">{100 * row.low:.0f}–{100 * row.high:.0f} %</td>',
        ]
        figures = figures_of(means) if i == 0 else ("",) * len(figures_of(means))
        rows.append(f"<tr>{''.join(cells)}{''.join(f'<td class=number>{each}</td>' for each in figures)}</tr>")
    return f'<tbody class="layer">{"".join(rows)}</tbody>'


def effects(study: Study) -> str:
    """The effects that hold, a table over all comparisons, and all others in a folded one."""
    head = ("Market", "Layer", "Measure", "Before", "Effect", "95 % interval", "p (Holm)")
    rows: dict[bool, list[Sequence[str]]] = {True: [], False: []}
    for each in study.comparisons:
        sure = {*each.sure.index}
        for row in _rows(each.effects):
            shown = (shown_number(row.base), shown_number(row.effect), between(row.low, row.high), shown_p(row.p_holm))
            rows[row.Index in sure].append((study.titles[each.labels[1]], str(row.layer), str(row.measure), *shown))
    sure_ones = table(head, _once(rows[True]), 3) if rows[True] else "<p>No effect can be told from chance.</p>"
    rest = (
        folded(f"{len(rows[False])} effects that can be chance", table(head, _once(rows[False]), 3))
        if rows[False]
        else ""
    )
    return sure_ones + rest


def _once(rows: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """The same rows, what stands first told only where it changes."""
    before = ["", *(row[0] for row in rows)]
    return [("" if row[0] == last else row[0], *row[1:]) for row, last in zip(rows, before, strict=False)]


def shifts(study: Study) -> str:
    """Per layer and regime, how many seeds end in it with each market."""
    head = ("Layer", "Regime", "Baseline", *study.titles.values())
    before: dict[tuple[str, str], int] = {}
    after: list[dict[tuple[str, str], str]] = []
    for each in study.comparisons:
        net = _rows(each.regime_effects)
        before |= {(row.layer, row.regime): row.base for row in net}
        after.append({(row.layer, row.regime): f"{row.other}{'*' if row.p_holm < SURE else ''}" for row in net})
    layers, names = study.base.stack.selling_layers, list(REGIMES)
    ordered = sorted(before, key=lambda each: (layers.index(each[0]), names.index(each[1])))
    rows = [(*each, str(before[each]), *(counts.get(each, "0") for counts in after)) for each in ordered]
    note = (
        f"In how many of {len(study.comparisons[0].seeds)} seeds; * a shift that holds at 5 % (McNemar, Holm within a"
        " comparison)."
    )
    return table(head, rows, 2) + f'<p class="faint">{escape(note)}</p>'


def parameters(ensemble: Ensemble) -> str:
    """What differs from the stack's own values, and every value in a folded table."""
    changed = list(differences(ensemble.stack, resolve(ensemble.stack), ensemble.parameters))
    rows = [(name, spelt(used), spelt(own), _meaning(name)) for name, own, used in changed]
    told = (
        table(("Parameter", "Here", "In the stack", "Meaning"), rows, 4)
        if rows
        else "<p>Every parameter is as the stack has it.</p>"
    )
    every = [
        (name, spelt(value), _meaning(name))
        for name, value in public_values(ensemble.parameters, ensemble.stack).items()
    ]
    return told + folded("Every parameter", table(("Parameter", "Value", "Meaning"), every, 3))


def changes(study: Study) -> str:
    """What differs in each market: the policy as its file says it, or parameters."""
    told = []
    for each in study.comparisons:
        label = each.labels[1]
        told.append(f"<p>{escape(study.titles[label])}:</p>{interventions(study.others[label].runs[0].interventions)}")
        rows = [(row.name, spelt(row.other), spelt(row.base)) for row in _rows(each.parameters)]
        told += [table(("Parameter", "Here", "Baseline"), rows, 3)] if rows else []
    return "".join(told)


def interventions(planned: Sequence[Any]) -> str:
    """Interventions as a file says them."""
    return f"<pre>{escape(as_toml(planned))}</pre>" if planned else ""


def _rows(table: pd.DataFrame) -> list[Any]:
    """Its rows, whose cells have no type."""
    return list(table.itertuples())


def _meaning(name: str) -> str:
    declaration = declaration_of(name)
    return declaration.meaning + ("" if declaration.unit == "-" else f" ({declaration.unit})")
