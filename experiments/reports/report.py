"""The report: one HTML file that reads like a brief and needs nothing else."""

from __future__ import annotations

from html import escape
from pathlib import Path
from string import Template

from matplotlib.figure import Figure

from ...model.interventions import as_toml, dates_of
from ..comparisons.effect_figures import forest, trajectory
from ..comparisons.study import Study
from ..ensemble import Ensemble
from ..histories.notable import notable
from ..histories.portraits import CAPTIONS as OF_ONE_RUN
from ..histories.portraits import PORTRAITS
from ..horizon import beyond
from ..plots.figures import CAPTIONS, FIGURES, marked, shaded, svg
from ..run import Run
from . import brief
from . import parts as report_parts
from .reproduce import INTERVENTIONS, command_line, follow_each_other, study_command

REPORT = "report.html"
BROKEN = " Broken lines: where interventions begin."
SHADED = " Shaded: beyond the stack's horizon."
TEMPLATE = Path(__file__).with_name("report.html")
DRAWN_EFFECTS = ("hhi", "lerner", "profit_share", "fragility")
"""Measures whose effects are drawn, where they were compared."""


def pages(ensemble: Ensemble, source: str | None = None) -> dict[str, str]:
    """Name -> text of the files that go with a saved run: report.html, each figure as SVG, and its interventions.

    `source` is what the stack was read from, a name or a file; by default the stack's own name.
    """
    first = _portrayed(ensemble)
    drawn = _drawn(ensemble, first)
    made = {f"{name}.svg": text for name, text in drawn.items()} | {REPORT: _page(ensemble, first, drawn, source)}
    if ensemble.runs[0].interventions:
        made[INTERVENTIONS] = as_toml(ensemble.runs[0].interventions)
    return made


def study_page(study: Study) -> str:
    """The report of a study: what each policy does, then the market without any."""
    base = study.base
    first = _portrayed(base)
    sections = [
        _section("What the policies do", report_parts.effects(study)),
        *(_effect_figures(study)),
        _section("Where each layer ends, and where with each policy", report_parts.shifts(study)),
        _section("Where each layer ends without any of it", report_parts.regimes(base, study.window)),
        *_figures(base, _drawn(base, first)),
        *_events(first, base),
        _section("Parameters without any of it", report_parts.parameters(base)),
        _section("What was changed", report_parts.changes(study)),
        _section("What a reader has to know", report_parts.listed(_remarks(study))),
    ]
    seeds = f"{_what(base)} Each of the {1 + len(study.others)} markets has the same seeds, and all chance in common."
    return _filled(base, brief.question_of_study(study), brief.answer_of_study(study), seeds, sections,
                   study_command(study))  # fmt: skip


def _page(ensemble: Ensemble, first: Run | None, drawn: dict[str, str], source: str | None) -> str:
    given = report_parts.interventions(ensemble.runs[0].interventions)
    sections = [
        _section("Where each layer ends", report_parts.regimes(ensemble)),
        *_figures(ensemble, drawn),
        *_events(first, ensemble),
        _section("Parameters", report_parts.parameters(ensemble)),
        *([_section(f"Interventions ({INTERVENTIONS})", given)] if given else []),
    ]
    return _filled(ensemble, brief.question(ensemble), brief.answer(ensemble), _what(ensemble), sections,
                   command_line(ensemble, source))  # fmt: skip


def _filled(ensemble: Ensemble, question: str, answer: list[str], what: str, sections: list[str], command: str) -> str:
    from stackrace import __version__

    values = {
        "title": escape(question),
        "answer": report_parts.sentences(answer),
        "description": escape(" ".join(ensemble.stack.description.split())),
        "what": escape(what),
        "sections": "\n".join(sections),
        "command": escape(command),
        "versions": escape(f"Made with stackrace {__version__}. {_again(ensemble)}"),
    }
    return Template(TEMPLATE.read_text("utf-8")).substitute(values)


def _again(ensemble: Ensemble) -> str:
    if follow_each_other(ensemble.seeds):
        return "The same command with the same version gives the same numbers."
    return (
        f"The seeds here were {', '.join(map(str, ensemble.seeds))}, which a command cannot name: use Python for them."
    )


def _section(heading: str, content: str) -> str:
    return f"<h2>{escape(heading)}</h2>\n{content}"


def _what(ensemble: Ensemble) -> str:
    seeds = ensemble.seeds
    runs = f"{len(seeds)} seeds ({min(seeds)} to {max(seeds)})" if len(seeds) > 1 else f"one seed ({seeds[0]})"
    firms = int(ensemble.parameters.layer.firms.sum())
    told = f"Stack {ensemble.stack.name}: {firms:,} firms, {ensemble.steps} steps (quarters), {runs}."
    return f"{told} {beyond(ensemble.stack, ensemble.runs[0].last_step + 1)}".strip()


def _portrayed(ensemble: Ensemble) -> Run | None:
    """The first run with its events and the volumes of its firms; None if its own rules are not at hand."""
    first = ensemble.runs[0]
    if any(rule.address == 0 for rule in first.rules.values()):
        return None
    return first.replay(events=True, firms=["volume"])


def _drawn(ensemble: Ensemble, first: Run | None) -> dict[str, str]:
    """Name -> SVG of the figures of all seeds, with the dates of interventions, and of the portraits of one run."""
    layers = ensemble.stack.selling_layers
    drawn = {name: svg(_marked(draw(ensemble.measures, layers), ensemble), name) for name, draw in FIGURES.items()}
    return drawn | ({name: svg(draw(first), name) for name, draw in PORTRAITS.items()} if first else {})


def _marked(drawn: Figure, ensemble: Ensemble) -> Figure:
    """The figure with lines where interventions begin, and shaded beyond the stack's horizon."""
    dates = [dates_of(each, ensemble.stack)[0] for each in ensemble.runs[0].interventions]
    return shaded(marked(drawn, dates, ensemble.stack.start), ensemble.stack)


def _figures(ensemble: Ensemble, drawn: dict[str, str]) -> list[str]:
    seeds = ensemble.seeds
    made = []
    for name, text in drawn.items():
        heading, caption = (CAPTIONS | OF_ONE_RUN)[name]
        if ensemble.runs[0].interventions and name in CAPTIONS:
            caption += BROKEN
        if name in CAPTIONS and beyond(ensemble.stack, ensemble.runs[0].last_step + 1):
            caption += SHADED
        if name in OF_ONE_RUN and len(seeds) > 1:
            caption += f" This is seed {seeds[0]} alone, the first of {len(seeds)}: other seeds go other ways."
        made.append(report_parts.figure(heading, caption, text))
    return made


def _effect_figures(study: Study) -> list[str]:
    made = []
    for n, each in enumerate(study.comparisons):
        title = study.titles[each.labels[1]]
        chosen = [name for name in DRAWN_EFFECTS if name in each.measures and each.paths[name].notna().any()]
        if not chosen:
            chosen = [name for name in each.measures if each.paths[name].notna().any()][:1]
        caption = "Mean paired difference with its 95 % bootstrap interval; filled: holds after Holm's correction."
        made.append(report_parts.figure(f"Effects: {title}", caption, svg(forest(each, chosen), f"effects{n}")))
        for name in chosen[:2]:
            caption = "Difference from the baseline with the same seed, over seeds; grey: the steps of the means above."
            if study.others[each.labels[1]].runs[0].interventions:
                caption += BROKEN
            drawn = svg(_marked(trajectory(each, name), study.others[each.labels[1]]), f"{name}-path{n}")
            made.append(report_parts.figure(f"The effect over time: {name}, {title}", caption, drawn))
    return made


def _events(first: Run | None, ensemble: Ensemble) -> list[str]:
    told = notable(first) if first else []
    if not told:
        return []
    alone = f"Seed {ensemble.seeds[0]} alone: w" if len(ensemble.seeds) > 1 else "W"
    which = f"{alone}hat concerns the largest shares of a layer's volume."
    return [_section("Events of note", f'<p class="faint">{escape(which)}</p>{report_parts.listed(told)}')]


def _remarks(study: Study) -> list[str]:
    lines = [
        f"Effects are means over the last {study.comparisons[0].window} steps of differences between runs with the same"
        " seed; p values are those of sign flips, corrected by Holm's method over all"
        f" {study.comparisons[0].tests} tests of effects here. Shifts of regimes are corrected within each comparison.",
        *dict.fromkeys(remark for each in study.comparisons for remark in each.cautions),
        "It is a model, not a forecast: what it says is conditional on its rules.",
    ]
    return lines
