"""The page of claims: what each says, what came out, its figure, its experiment and the command that repeats it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..folder import WriteError, put_file
from ..plots.figures import svg
from ..wording import counted, joined
from . import words
from .claim import ClaimError, claims
from .criteria import FAILS, HOLDS, MIXED
from .experiment import Verdict
from .figure import drawn

SHIPPED = """# Claims

Claims about the market for the AI stack, put to the test. They are hypotheses: nothing in the rules helps them along,
and "does not hold" is a result. Each is a small file with the markets that are run, the criteria, and the smallest
effect of interest; the files were fixed before any full run (C15, a check of limits rather than a claim, was tried on
six seeds before its reading was settled: see there)."""
OTHERS = """# Claims put to the test

Each claim is a small file with the markets that are run, the criteria, and the smallest effect of interest."""
METHOD = """Two markets of a claim share their seeds, so
that an effect is the mean of paired differences, with its 95 % bootstrap interval; p values are adjusted for all
criteria of the claim (Holm). A criterion of more or less is met when p is below .05 and the mean difference is as
large as asked, though its interval may reach below that; one of sameness, when two one-sided tests exclude a
difference as large as asked. *Holds*: all criteria are met. *Does not hold*: none is, or the first, the main one,
goes the other way. *Mixed*: the rest. All of it speaks of this model, whose numbers are assumptions for the most
part; none is a forecast."""
MADE = "This page is made by `stackrace claims{} --page {}`. A claim's number leads to its experiment."


def free(file: str | Path) -> Path:
    """The place of a page that may be written; raises ClaimError if it would replace something else."""
    place = Path(file)
    try:
        if place.is_dir() or (place.exists() and not place.read_text("utf-8").startswith("# Claims")):
            raise ClaimError(f"{file}: is there, and is no page of claims: give another name")
    except (OSError, ValueError) as error:
        raise ClaimError(f"{file}: cannot be used: {error}") from None
    return place


def write_page(verdicts: Sequence[Verdict], file: Path) -> None:
    """Write the page, and the figures to a folder of its name beside it; raises WriteError."""
    folder = file.parent / file.stem
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(folder, error) from None
    for each in verdicts:
        put_file(folder / figure_name(each), svg(drawn(each), each.claim.name))
    put_file(file, page(verdicts, file))


def figure_name(found: Verdict) -> str:
    """What the file of a claim's figure is called."""
    return f"{found.claim.file.stem}.svg"


def page(verdicts: Sequence[Verdict], file: Path) -> str:
    """The text of a page to be written to `file`, with figures in a folder of its name beside it."""
    place, figures = file.parent.resolve(), file.stem
    counts = Counter(each.verdict for each in verdicts)
    tally = joined([f"{name} {counts[name]}" for name in (HOLDS, MIXED, FAILS) if counts[name]])
    parts = [
        *_preface(verdicts, file),
        f"Verdicts on {counted(len(verdicts), 'claim')}: {tally}.",
        _overview(verdicts, place),
    ]
    parts += [_section(each, place, figures) for each in verdicts]
    return "\n\n".join(parts) + "\n"


def _preface(verdicts: Sequence[Verdict], file: Path) -> list[str]:
    """What claims are, and how the page is made."""
    files = [each.claim.file for each in verdicts]
    are_shipped = files == [*claims().values()]
    made = MADE.format("" if are_shipped else "".join(f" {each}" for each in files), file)
    return [f"{SHIPPED if are_shipped else OTHERS} {METHOD}", made]


def _overview(verdicts: Iterable[Verdict], place: Path) -> str:
    rows = ["| id | claim | verdict | main effect |", "| --- | --- | --- | --- |"]
    for each in verdicts:
        main = each.findings[0]
        rows.append(
            f"| {_experiment(each, place)} | {each.claim.table.claim} | {each.verdict} | {main.criterion.says}:"
            f" {words.effect(main)} |"
        )
    return "\n".join(rows)


def _section(found: Verdict, place: Path, figures: str) -> str:
    table = found.claim.table
    rows = ["| criterion | asked | came out | result |", "| --- | --- | --- | --- |"]
    rows += [
        f"| {each.criterion.says} | {words.asked(each)} | {words.effect(each)} | {each.result} |"
        for each in found.findings
    ]
    return "\n\n".join(
        [
            f"## {found.claim.name}: {found.verdict}",
            f"**{table.claim}** {' '.join(table.how.split())}",
            f"{words.heading(found)}. Experiment: {_experiment(found, place)}. Again: `{found.claim.command}`",
            "\n".join(rows),
            f"![{table.claim}]({figures}/{figure_name(found)})",
        ]
    )


def _experiment(found: Verdict, place: Path) -> str:
    """The claim's number as a link to its file."""
    return f"[{found.claim.name}]({Path(os.path.relpath(found.claim.file.resolve(), place)).as_posix()})"
