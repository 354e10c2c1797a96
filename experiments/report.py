"""The report: one HTML file that needs nothing else, with the regimes, the figures and how to reproduce them."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from ..model.interventions import as_toml
from ..model.settings import declaration_of, differences, resolve
from .ensemble import Ensemble
from .figures import FIGURES, INK, svg
from .portraits import CAPTIONS as OF_ONE_RUN
from .portraits import PORTRAITS
from .regimes import MEANINGS, WINDOW
from .summary import figures_of, spelt, summary

INTERVENTIONS = "interventions.toml"
"""File beside a saved run that holds what it was run with."""
TEMPLATE = Path(__file__).with_name("report.html")
CAPTIONS = {
    "shares": (
        "Who sells",
        "Share of each layer's volume, what firms make for themselves included, held by its largest firm, its next"
        " three and the rest. Who is largest may change from step to step.",
    ),
    "hhi": (
        "How concentrated",
        "Herfindahl-Hirschman index: the sum of squared shares in per cent, 10,000 for a monopoly. Lines at 1,000 and"
        " 1,800 as in the US Merger Guidelines (2023).",
    ),
    "lerner": (
        "Who has pricing power",
        "Lerner index: the part of the price that is margin over unit cost, in sales to others. 0 is a commodity.",
    ),
    "profit_share": (
        "Where value accrues",
        "Each layer's share of the margins that all layers earn in sales to others: the layers without inputs at the"
        " bottom, those that sell to buyers at the top. Who makes an input in-house earns its margin further up.",
    ),
}


def pages(ensemble: Ensemble, source: str | None = None) -> dict[str, str]:
    """Name -> text of the files that go with a saved run: report.html, each figure as SVG, and its interventions.

    `source` is what the stack was read from, a name or a file; by default the stack's own name.
    """
    layers = ensemble.stack.selling_layers
    drawn = {name: svg(draw(ensemble.measures, layers), name) for name, draw in FIGURES.items()}
    first = ensemble.runs[0]
    first = first if "events" in first.records else first.replay(events=True)
    drawn |= {name: svg(portrait(first), name) for name, portrait in PORTRAITS.items()}
    made = {f"{name}.svg": text for name, text in drawn.items()} | {"report.html": _page(ensemble, drawn, source)}
    if first.interventions:
        made[INTERVENTIONS] = as_toml(first.interventions)
    return made


def command_line(ensemble: Ensemble, source: str | None = None) -> str:
    """The command that gives exactly this ensemble, if its seeds follow each other."""
    words = ["stackrace", "run", source or ensemble.stack.name]
    words += ["--seed", str(min(ensemble.seeds))]
    words += ["--seeds", str(len(ensemble.seeds))] if len(ensemble.seeds) > 1 else []
    words += ["--steps", str(ensemble.steps)]
    words += ["--intervene", INTERVENTIONS] if ensemble.runs[0].interventions else []
    for name, value in ensemble.set.items():
        words += ["--set", f"{name}={spelt(value)}"]
    return shlex.join(words).encode(errors="backslashreplace").decode()  # paths need not be UTF-8


def _page(ensemble: Ensemble, drawn: dict[str, str], source: str | None) -> str:
    from stackrace import __version__

    stack, seeds = ensemble.stack, ensemble.seeds
    window = min(WINDOW, ensemble.steps)
    runs = f"{len(seeds)} seeds ({min(seeds)} to {max(seeds)})" if len(seeds) > 1 else f"one seed ({seeds[0]})"
    firms = int(ensemble.parameters.layer.firms.sum())
    values = {
        "title": escape(f"{stack.title}: which layers consolidate"),
        "description": escape(stack.description),
        "what": escape(f"Stack {stack.name}: {firms:,} firms, {ensemble.steps} steps (quarters), {runs}."),
        "caption": escape(
            f"Regimes read from means over the last {window} steps, frequencies over seeds with Wilson intervals;"
            " HHI, Lerner index (of what is sold to others), units and the share made in-house are means over seeds."
        ),
        "regimes": "\n".join(_layer_rows(*each) for each in summary(ensemble.regimes())),
        "meanings": "".join(f"<dt>{escape(name)}</dt><dd>{escape(what)}</dd>" for name, what in MEANINGS.items()),
        "figures": "\n".join(_figure(name, text, seeds) for name, text in drawn.items()),
        "parameters": _parameters(ensemble),
        "command": escape(command_line(ensemble, source)),
        "versions": escape(f"Made with stackrace {__version__}."),
    }
    return Template(TEMPLATE.read_text("utf-8")).substitute(values)


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


def _figure(name: str, drawn: str, seeds: Sequence[int]) -> str:
    heading, caption = (CAPTIONS | OF_ONE_RUN)[name]
    if name in OF_ONE_RUN and len(seeds) > 1:
        caption += f" This is seed {seeds[0]} alone, the first of {len(seeds)}: other seeds go other ways."
    inline = drawn.replace(INK, "currentColor")
    label = f'<svg role="img" aria-label="{escape(heading)}: {escape(caption)}" '
    return (
        f'<h2>{escape(heading)}</h2>\n<figure><div class="wide">{inline.replace("<svg ", label, 1)}</div>'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def _parameters(ensemble: Ensemble) -> str:
    """A table of what differs from the stack's own values, and the interventions."""
    planned = ensemble.runs[0].interventions
    given = f"<p>Interventions ({INTERVENTIONS}):</p><pre>{escape(as_toml(planned))}</pre>" if planned else ""
    changed = list(differences(ensemble.stack, resolve(ensemble.stack), ensemble.parameters))
    if not changed:
        return f"<p>None: every parameter is as the stack has it.</p>{given}"
    rows = []
    for name, own, used in changed:
        declaration = declaration_of(name)
        unit = "" if declaration.unit == "-" else f" ({declaration.unit})"
        cells = (name, spelt(used), spelt(own), declaration.meaning + unit)
        rows.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
    head = "".join(f"<th>{title}</th>" for title in ("Parameter", "Here", "In the stack", "Meaning"))
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>{given}'
