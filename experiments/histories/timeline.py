"""Portrait of a run: when what happened, and which large firms went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ...model.calendar import quarter_of
from ..plots.palette import BLUE, FAINT, ORANGE, RED, WIDTH
from ..plots.panels import INK, STEP_LABEL, YEAR_LABEL
from ..run import Run
from ..wording import in_cell, in_quarters, when
from .rise import Frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LARGEST = 8
"""How many of the largest exits are named."""
STRIPS: Mapping[str, tuple[tuple[str, str, int], ...]] = {
    "contracts": (("switched", BLUE, 1),),
    "units": (("built", BLUE, 1), ("closed", RED, -1)),
    "alliances": (("allied", BLUE, 1), ("parted", RED, -1)),
    "firms": (("entered", BLUE, 1), ("left", RED, -1), ("acquired", ORANGE, -1)),
    "buyers": (("adopted", BLUE, 1),),
}
"""Strip -> kinds of events with their colour and side, those that end something below the line."""
WORDS = {"switched": "switched supplier", "allied": "formed", "left": "failed", "acquired": "taken over"}


def counts(run: Run) -> Frame:
    """How many events of each kind there were: a row a step, a column a kind."""
    table = run.events.groupby(["step", "kind"], observed=False).size().unstack(fill_value=0)
    table.columns = table.columns.astype(object)
    return table.reindex(index=range(run.first_step, run.first_step + run.steps), fill_value=0)


def exits(run: Run) -> Frame:
    """Failures and takeovers with the share of the home layer's volume that went, the largest first."""
    events = run.events[run.events.kind.isin(["left", "acquired"])].copy()
    volumes = run.measures.set_index(["step", "layer"]).volume
    wholes = np.array(
        [volumes[step, layer] for step, layer in zip(events.step, events.layer, strict=True)], dtype=float
    )
    events["share"] = np.divide(events.volume, wholes, out=np.zeros(len(events)), where=wholes > 0.0)
    return events.sort_values("share", ascending=False, kind="stable")


def timeline(run: Run) -> Figure:
    """How often what happened in each step, with the largest exits numbered and named below."""
    if "events" not in run.records:
        run = run.replay(events=True)
    table = counts(run)
    named = exits(run).head(LARGEST)
    named = named[named.share > 0.0].sort_values("step", kind="stable")
    lines = [f"{n + 1}  {in_quarters(_exit(event), run.stack.start)}" for n, event in enumerate(named.itertuples())]
    figure = Figure(figsize=(WIDTH, 0.85 * len(STRIPS) + 0.5 + 0.16 * len(lines)), layout="constrained")
    figure.get_layout_engine().set(h_pad=0.07)  # type: ignore[union-attr, call-arg]
    ratios = [1.0, 1.0, 1.0, 1.35, 0.7]
    strips = figure.subplots(len(STRIPS), 1, sharex=True, squeeze=False, height_ratios=ratios).ravel().tolist()
    for axes, (title, kinds) in zip(strips, STRIPS.items(), strict=True):
        _strip(axes, table, title, kinds)
    _number(strips[list(STRIPS).index("firms")], table, named)
    _time_axis(strips[-1], run)
    figure.supylabel("events per step", fontsize=9, color=INK)
    strips[-1].annotate(
        "\n".join(lines), (0, 0), (0, -34), "axes fraction", "offset points", va="top", fontsize=7, color=INK,
        linespacing=1.5,
    )  # fmt: skip
    return figure


def _time_axis(axes: Axes, run: Run) -> None:
    """Years where the stack is in_quarters, else steps."""
    axes.set_xlabel(YEAR_LABEL if run.stack.start else STEP_LABEL, fontsize=9, color=INK)
    if run.stack.start:
        steps = range(run.first_step, run.first_step + run.steps)
        quarters = [quarter_of(step, run.stack.start) for step in steps]
        years = {step: name[:4] for step, name in zip(steps, quarters, strict=True) if name.endswith("Q1")}
        every = 1 + len(years) // 8
        axes.set_xticks([*years][::every], [*years.values()][::every])


def _strip(axes: Axes, table: Frame, title: str, kinds: Sequence[tuple[str, str, int]]) -> None:
    """One strip: bars upwards for what begins, downwards for what ends."""
    edges = np.append(table.index, table.index[-1] + 1) - 0.5
    floor = np.zeros(len(table))
    for kind, colour, side in kinds:
        base = floor if side < 0 else np.zeros(len(table))
        tops = base + side * table[kind].to_numpy()
        label = f"{WORDS.get(kind, kind)} ({int(table[kind].sum()):,})"
        axes.stairs(tops, edges, baseline=base, fill=True, color=colour, linewidth=0, label=label)
        floor = tops if side < 0 else floor
    axes.axhline(0, color=FAINT, linewidth=0.6)
    axes.set_title(title, loc="left", fontsize=9, fontweight="bold", color=INK, pad=4)
    axes.legend(
        loc="lower right", bbox_to_anchor=(1.0, 0.97), ncols=3, frameon=False, fontsize=7.5, labelcolor=INK,
        handlelength=0.8, handleheight=0.8, borderpad=0, borderaxespad=0,
    )  # fmt: skip
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.spines["left"].set_color(INK)
    axes.tick_params(colors=INK, labelsize=8, length=3)
    axes.tick_params(axis="x", length=0)
    axes.set_xlim(table.index[0] - 0.5, table.index[-1] + 0.5)
    axes.yaxis.set_major_formatter(lambda value, _: f"{abs(value):.0f}")
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))


def _number(axes: Axes, table: Frame, named: Frame) -> None:
    """Write the numbers of the named exits under the bars of their steps."""
    down = -table[["left", "acquired"]].sum(axis=1)
    low, high = float(down.min()), float(table.entered.max())
    line = 0.17 * max(high - low, 1.0)
    written: list[tuple[int, float]] = []
    for n, event in enumerate(named.itertuples()):
        near = [y for step, y in written if abs(step - event.step) < 0.02 * len(table)]
        y = min([float(down[event.step]), *(each - line for each in near)])
        written.append((event.step, y))
        axes.text(event.step, y, str(n + 1), ha="center", va="top", fontsize=7, color=INK)
    axes.set_ylim(min([low, *(y - line for _, y in written)]) - 0.1 * line, high + 0.3 * line)


def _exit(event: Any) -> str:
    """An exit in words."""
    share = in_cell(event.share)
    if event.kind == "acquired":
        return f"{when(event.step)}: {event.counterparty} taken over by {event.firm} ({share} of {event.layer})"
    return f"{when(event.step)}: {event.firm} fails ({share} of {event.layer})"
