"""The command line. Everything heavy is imported inside the commands, so that help comes at once."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .. import DEFAULT_SEED
from .analysis import discover, sensitivity
from .app import app as open_app
from .attribute import attribute
from .calibrate import calibrate
from .claims import claims
from .compare import compare
from .explain import explain
from .forecast import forecast
from .options import (
    Force,
    Intervene,
    Json,
    Out,
    Seed,
    Seeds,
    Settings,
    StackName,
    Steps,
    Threads,
    seeds_from,
    settings_of,
    whole,
)
from .report import report
from .stacks import check, new, params, policies, schema, show, stacks
from .sweep import sweep
from .validate import validate

if TYPE_CHECKING:
    from ..ensemble import Ensemble

DEMO_STACK, DEMO_SEEDS, DEMO_STEPS = "ai-2025", 30, 40
DEMO_POLICIES = ("interoperability", "open-release")
FAILED, MISUSED, INTERRUPTED = 1, 2, 130
"""Exit codes: the work failed; the input was wrong; Ctrl-C."""

# typer carries a click of its own or uses the one installed, depending on its version.
UsageProblem: Any = next(each for each in typer.BadParameter.__mro__ if each.__name__ == "ClickException")

app = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", add_completion=False, pretty_exceptions_enable=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; what goes wrong is told in one line on stderr."""
    _make_streams_usable()
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # a folder for its fonts that cannot be kept
    from ..interrupt import heeding_signals

    try:
        with heeding_signals():
            code = app(
                args=None if arguments is None else list(arguments), prog_name="stackrace", standalone_mode=False
            )
        sys.stdout.flush()
        if code == INTERRUPTED:  # newer versions of typer turn Ctrl-C into this, older ones into Abort
            raise KeyboardInterrupt
        return int(code or 0)
    except UsageProblem as problem:
        if not problem.format_message():  # no command at all: help was shown
            return MISUSED
        where = f" (see {problem.ctx.command_path} --help)" if getattr(problem, "ctx", None) else ""
        return _told(problem.format_message() + where, MISUSED)
    except (KeyboardInterrupt, typer.Abort):
        return _told("interrupted: nothing was saved", INTERRUPTED)
    except MemoryError as error:
        size = re.match(r"Unable to allocate ([^ ]+ [A-Za-z]+)", str(error))
        return _told(f"not enough memory{f' for {size[1]}' if size else ''}: take fewer firms or steps", FAILED)
    except OSError as error:
        _discard_output()
        where = f"{error.filename}: cannot be used" if error.filename else "cannot write"
        return _told(f"{where}: {error.strerror or error}", FAILED)
    except (ValueError, RuntimeError) as error:
        if (code := _known(error)) is None:
            raise
        return _told(str(error), code)


def _version(asked: bool) -> None:
    if asked:
        from stackrace import __version__

        print(f"stackrace {__version__}")
        raise typer.Exit


@app.callback()
def _stackrace(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """How the market for the AI stack evolves: which layers consolidate, which become an oligopoly, which a commodity.

    \b
    Start here:
      stackrace run ai-stack              one market, 120 quarters
      stackrace run ai-stack --seeds 30   how often it ends how
      stackrace show ai-stack             what is in that stack
      stackrace params switching_cost     what a parameter means
      stackrace explain DIR model-3       the history of a firm
      stackrace compare ai-stack --intervene open-release --seeds 30
                                          what a policy does
      stackrace validate                  which facts of industries it shows
    """


for command in (stacks, show, params, check, new, schema, policies):
    app.command()(command)


@app.command()
def run(
    stack: StackName,
    steps: Steps = None,
    seed: Seed = DEFAULT_SEED,
    seeds: Seeds = 1,
    set: Settings = None,
    out: Out = None,
    events: Annotated[bool, typer.Option("--events", help="Save every event too: who did what with whom.")] = False,
    firms: Annotated[bool, typer.Option("--firms", help="Save the books of every firm in every step too.")] = False,
    intervene: Intervene = None,
    threads: Threads = 1,
    json: Json = False,
    force: Force = False,
) -> None:
    """Let a market evolve and say in which regime each layer ends.

    \b
    Parameters are set
      for one layer               --set model.taste=.1
      for all layers that sell    --set "*.taste=.1"
      for the whole market        --set price_weight=3

    \b
    Examples:
      stackrace run ai-stack
      stackrace run ai-stack --seeds 30 --out out/base
      stackrace run ai-stack --seeds 30 --set model.switching_cost=0
      stackrace run my-stack.toml --steps 40 --json
      stackrace run ai-2025 --events --firms --out out/2025
    """
    from . import screen

    if (events or firms) and out is None:
        raise typer.BadParameter("--events and --firms are saved: say where with --out DIR")
    ensemble = _simulated(stack, steps, seed, seeds, set or [], out, events, firms, intervene, threads, force)
    if out is not None:
        _save(ensemble, out, stack, force)
    if json:
        screen.print_json(ensemble, out)
    else:
        screen.show_result(ensemble, out)


@app.command()
def demo(
    out: Annotated[str, typer.Option(metavar="DIR", help="Where tables, figures and report.html go.")] = "out/demo",
    stack: Annotated[str, typer.Option(hidden=True)] = DEMO_STACK,
    seeds: Annotated[int, typer.Option(parser=whole(1), hidden=True)] = DEMO_SEEDS,
    steps: Annotated[int, typer.Option(parser=whole(1), hidden=True)] = DEMO_STEPS,
) -> None:
    """Compare two policies for the AI stack of 2025, over ten years with 30 seeds, and write a report.

    \b
    Example:
      stackrace demo --out out/demo
    """
    from .compare import study_of

    study_of(stack, DEMO_POLICIES, seeds=seeds, steps=steps, out=out, force=True)


app.command()(explain)
app.command()(compare)
app.command()(report)
app.command()(sweep)
app.command()(sensitivity)
app.command()(discover)
app.command()(claims)
app.command()(attribute)
app.command()(validate)
app.command("app")(open_app)
app.command()(calibrate)
app.command()(forecast)


def _simulated(
    stack: str,
    steps: int | None,
    seed: int,
    seeds: int,
    settings: list[str],
    out: str | None,
    events: bool = False,
    firms: bool = False,
    intervene: str | None = None,
    threads: int = 1,
    force: bool = False,
) -> Ensemble:
    """Check everything that can be checked beforehand, then run all seeds with a progress bar."""
    from ...model.interventions import InterventionError, check, never_in_force, read_interventions
    from ...model.settings import resolve
    from ...model.stack import read_stack
    from ..ensemble import repeat
    from ..interrupt import heeding
    from . import screen

    read = read_stack(stack)
    steps = screen.steps_of(read, steps)
    given = settings_of(settings)
    planned = () if intervene is None else read_interventions(intervene)
    try:
        check(planned, read, resolve(read, given))
    except InterventionError as error:
        raise InterventionError(f"{intervene}: {error}") from None
    for label in never_in_force(planned, read, steps):
        screen.remarks.print(f"{label} is never in force: the last step is {steps - 1}.", soft_wrap=True)
    every = seeds_from(seed, seeds)
    if out is not None:
        from ..manifest import content_to_be
        from ..saved import check_replaced, check_target

        check_target(out)
        records = [name for name, is_kept in (("events", events), ("firms", firms)) if is_kept]
        check_replaced(out, content_to_be(read, given, every, steps, planned), records, force)
    with screen.progress(steps * seeds) as shown:
        return repeat(
            read,
            seeds=every,
            steps=steps,
            set=given,
            interventions=planned,
            events=events,
            firms=firms,
            progress=heeding(shown),
            threads=threads,
        )


def _save(ensemble: Ensemble, out: str, source: str, force: bool) -> None:
    """The saved run with its figures and report."""
    from ..reports.report import pages
    from ..saved import save

    save(ensemble, Path(out), pages(ensemble, source), force=force)


def _known(error: Exception) -> int | None:
    """The exit code of an error that tells a user what to do; None for a fault of ours, which needs its traceback."""
    from ...model.errors import InputError, SimulationError
    from ..folder import WriteError
    from ..interrupt import Interrupted

    if isinstance(error, Interrupted):
        return INTERRUPTED
    if isinstance(error, WriteError | SimulationError):
        return FAILED
    return MISUSED if isinstance(error, InputError) else None


def _make_streams_usable() -> None:
    """Let output go nowhere where there is no stream for it, and a sign that a terminal cannot show be replaced.

    A program started without standard streams would otherwise write its files to where others expect output.
    """
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "r" if name == "stdin" else "w", encoding="utf-8"))  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _told(message: str, code: int) -> int:
    line = " ".join(message.split())
    print(f"stackrace: {line}", file=sys.stderr)
    return code


def _discard_output() -> None:
    """Let what is left in the buffers go nowhere, or the interpreter would complain again when it ends."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # no real file behind it
        return
