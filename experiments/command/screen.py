"""What the command line shows: tables on stdout, progress and remarks on stderr."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from ...model.checks import DEMAND_ONLY
from ...model.parameters import BUYER, GROUPS, LAYER, MARKET, PARAMETERS, Parameter
from ...model.settings import ParameterError
from ..horizon import beyond, default_steps
from ..regimes import REGIMES, WINDOW
from ..summary import figures_of, spelt, summary
from .drawing import drawn

if TYPE_CHECKING:
    from ...model.stack import Layer, NamedFirm, Stack
    from ..ensemble import Ensemble

# Nothing is coloured by guess, and square brackets stay what they are: names are the user's.
out = Console(highlight=False, markup=False)
remarks = Console(stderr=True, highlight=False, markup=False)


def show_table(table: Table) -> None:
    """Print a table with every number and name whole: on a terminal that is too narrow, lines are broken by it.

    The library would cut numbers, without a sign.
    """
    for column in table.columns:
        words = " ".join([str(column.header), *map(str, column.cells)]).split()
        column.min_width = max([column.min_width or 0, *map(cell_len, words)])
    out.print(table, crop=False)


def steps_of(stack: Stack, steps: int | None) -> int:
    """Return how many steps a stack is run; says so if that goes beyond what it can be trusted for."""
    wanted = default_steps(stack) if steps is None else steps
    warn_beyond(stack, wanted)
    return wanted


def warn_beyond(stack: Stack, steps: int) -> None:
    """Say in one line if a run of so many steps goes beyond the stack's horizon."""
    if told := beyond(stack, steps):
        remarks.print(told, soft_wrap=True)


def show_stacks(titles: Mapping[str, str]) -> None:
    """Name and title of each stack."""
    table = _table("stack", "what it is")
    for name, title in titles.items():
        table.add_row(name, title)
    show_table(table)


def show_policies(titles: Mapping[str, str], folder: Path) -> None:
    """Name and title of each policy, and where their files are."""
    table = _table("policy", "what it is")
    for name, title in titles.items():
        table.add_row(name, title)
    show_table(table)
    out.print(f"Their files, to copy and change: {folder}", style="dim", soft_wrap=True)


def show_stack(stack: Stack) -> None:
    """A drawing of who buys from whom, then the layers with what they buy and what sets them apart, then the firms."""
    out.print(f"{stack.name}: {stack.title}", style="bold")
    if stack.description:
        out.print(" ".join(stack.description.split()))
    if stack.start is not None:
        out.print(f"Its first step is {stack.start}.")
    if stack.horizon is not None:
        out.print(f"It can be trusted for {stack.horizon} steps.")
    out.print()
    for line in drawn(stack):
        out.print(line, soft_wrap=True)
    table = _table("layer", "buys (units, quality kept)", "differs from the defaults", title="")
    for layer in stack.layers:
        role = "\nbuyers" if layer.name in stack.demand_layers else ""
        table.add_row(layer.name + role, _inputs(layer), _settings(layer.parameters))
    show_table(table)
    if stack.parameters:
        out.print("Market: " + _settings(stack.parameters))
    for firm in stack.firms:
        out.print(f"{firm.name}: " + ", ".join(firm.operated) + _allies(stack, firm))
    out.print("What a parameter means: stackrace params NAME", style="dim")


def show_parameters() -> None:
    """All parameters with unit and default, in the three groups of their scope."""
    groups = (
        ("Per layer: --set model.NAME=VALUE, or *.NAME for all layers that sell", LAYER),
        ("Of buyers: --set NAME=VALUE, or DEMAND-LAYER.NAME", BUYER),
        ("Of the market: --set NAME=VALUE", MARKET),
    )
    for title, declared in groups:
        table = _table("parameter", "default", "meaning", title=title)
        for name, parameter in declared.items():
            table.add_row(name, _default(parameter), parameter.meaning + _unit(parameter))
        show_table(table)


def show_parameter(asked: str) -> None:
    """Everything that is known of one parameter, or of a group; raises ParameterError for an unknown name."""
    members = [name for name in PARAMETERS if name.startswith(f"{asked}.")] if asked in GROUPS else []
    name = asked if asked in PARAMETERS or members else asked.rpartition(".")[2]
    if name not in PARAMETERS and not members:
        close = [*get_close_matches(asked, PARAMETERS, 1), *get_close_matches(name, PARAMETERS, 1)]
        likely = f"did you mean {close[0]!r}?" if close else "`stackrace params` lists them all"
        raise ParameterError(f"no parameter is called {asked!r}: {likely}")
    for each in members or [name]:
        _show_one(PARAMETERS[each])


def show_checked(file: str, stack: Stack) -> None:
    """What a stack file that is in order holds."""
    selling, buying = stack.selling_layers, stack.demand_layers
    out.print(
        f"{file}: in order. {len(selling)} layers sell ({', '.join(selling)}), {len(buying)} buy ({', '.join(buying)}),"
        f" {len(stack.firms)} firms are named.",
        soft_wrap=True,
    )


def show_copied(file: str, source: str) -> None:
    """What to do with a stack that was just copied."""
    out.print(f"{file}: a copy of {source}. Change it, then: stackrace check {file}", soft_wrap=True)


def show_result(ensemble: Ensemble, saved: str | None) -> None:
    """In which regime each layer ends, how often, and the means behind it."""
    seeds, steps = len(ensemble.seeds), ensemble.steps
    runs = f"{seeds} seeds" if seeds > 1 else f"seed {ensemble.seeds[0]}"
    table = Table(
        box=box.SIMPLE_HEAD,
        title=f"{ensemble.stack.title}, {steps} steps, {runs}",
        title_justify="left",
        pad_edge=False,
        collapse_padding=True,
    )
    table.add_column("layer")
    table.add_column("regime", min_width=max(map(len, REGIMES)))
    if seeds > 1:
        table.add_column("seeds", justify="right")
        table.add_column("95 % interval", justify="right")
    for name in ("HHI", "Lerner", "units", "own"):
        table.add_column(name, justify="right")
    for layer, found, means in summary(ensemble.regimes()):
        figures = figures_of(means)
        for i, row in enumerate(found):
            frequency = (f"{100 * row.share:.0f} %", f"{100 * row.low:.0f}–{100 * row.high:.0f} %") if seeds > 1 else ()
            table.add_row(
                layer if i == 0 else "", row.regime, *frequency, *(figures if i == 0 else ("",) * len(figures))
            )
    show_table(table)
    how_often = "Wilson intervals" if seeds > 1 else "--seeds 30 says how often"
    out.print(f"Means over the last {min(WINDOW, steps)} steps; own: share made in-house; {how_often}.", style="dim")
    if saved is not None:
        out.print(f"Report: {saved}/report.html", soft_wrap=True)


def print_json(ensemble: Ensemble, saved: str | None) -> None:
    """The same for programs: one JSON object on stdout."""
    layers = [
        {
            "layer": layer,
            "regime": found[0].regime,
            "frequencies": [
                {"regime": row.regime, "count": row.count, "share": row.share, "low": row.low, "high": row.high}
                for row in found
            ],
            "means": {name: None if math.isnan(value) else value for name, value in means.items() if name != "seed"},
        }
        for layer, found, means in summary(ensemble.regimes())
    ]
    told = {
        "stack": ensemble.stack.name,
        "steps": ensemble.steps,
        "seeds": list(ensemble.seeds),
        "set": dict(ensemble.set),
        "window": min(WINDOW, ensemble.steps),
        "layers": layers,
        "saved": saved,
    }
    print(json.dumps(told, indent=1, allow_nan=False))


@contextmanager
def progress(steps: int) -> Iterator[Callable[[int], None]]:
    """A bar over so many steps, on a terminal only; says so when the market has to be compiled first."""
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    from ...agents.rule import KEPT, is_compiled_before

    if not is_compiled_before():
        often = "once" if KEPT else "each time, since no folder for it can be written (see STACKRACE_CACHE_DIR)"
        remarks.print(f"Compiling the market: about half a minute, {often}.", soft_wrap=True)
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.completed:,} of {task.total:,} steps"),
        BarColumn(),
        TimeRemainingColumn(),
        console=remarks,
        transient=True,
        disable=not remarks.is_terminal,
    )
    with bar:
        task = bar.add_task("", total=steps)
        yield lambda done: bar.update(task, completed=done)


def _show_one(parameter: Parameter) -> None:
    title = parameter.name + (f"  ({parameter.symbol})" if parameter.symbol else "")
    out.print(title, style="bold")
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 2))
    table.add_row("meaning", parameter.meaning)
    table.add_row("unit", parameter.unit if parameter.unit != "-" else "none")
    table.add_row("range", parameter.range)
    table.add_row("default", _default(parameter))
    table.add_row("source", "this model" if parameter.source == "stackrace" else parameter.source)
    for whom, setting in _usages(parameter).items():
        table.add_row(whom, setting)
    show_table(table)


def _usages(parameter: Parameter) -> dict[str, str]:
    """Whom a parameter can be set for, and how."""
    name = parameter.name
    value = "0" if parameter.default == -math.inf else spelt(parameter.default)
    if parameter.scope == "market":
        return {"to set it": f"--set {name}={value}"}
    if name in DEMAND_ONLY:
        everyone = {"for all buyers": f"--set {name}={value}"} if name in BUYER else {}
        return everyone | {"for a demand layer": f"--set enterprise.{name}={value}"}
    return {"for a layer": f"--set model.{name}={value}", "for all that sell": f'--set "*.{name}={value}"'}


def _table(*columns: str, title: str | None = None) -> Table:
    """A plain table; the first column is never broken."""
    table = Table(box=box.SIMPLE_HEAD, title=title or None, title_justify="left", title_style="bold")
    for i, name in enumerate(columns):
        table.add_column(name, no_wrap=i == 0, overflow="fold")
    return table


def _inputs(layer: Layer) -> str:
    return "\n".join(
        f"{edge.layer} ({edge.weight:g}, {edge.passthrough:g}{f', {edge.sources} sources' * (edge.sources > 1)})"
        for edge in layer.inputs
    )


def _allies(stack: Stack, firm: NamedFirm) -> str:
    """With whom a named firm is allied at the start, said with both sides."""
    own = {tie.ally: " (exclusive)" * tie.exclusive for tie in firm.allies}
    others = {other.name: "" for other in stack.firms if any(tie.ally == firm.name for tie in other.allies)}
    names = [name + how for name, how in sorted({**others, **own}.items())]
    return "; allied with " + ", ".join(names) if names else ""


def _settings(values: Mapping[str, object]) -> str:
    """Values that are not the default, in one line."""
    return ", ".join(
        f"{name}\u00a0{spelt(value)}" for name, value in values.items() if value != PARAMETERS[name].default
    )


def _default(parameter: Parameter) -> str:
    return "none" if parameter.default == -math.inf else spelt(parameter.default)


def _unit(parameter: Parameter) -> str:
    return "" if parameter.unit == "-" else f" ({parameter.unit})"
