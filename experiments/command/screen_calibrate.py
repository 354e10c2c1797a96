"""What the command line shows of a calibration."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from . import screen

if TYPE_CHECKING:
    from ..calibration.check import Check
    from ..calibration.fit import Generation

TELLING = 0.5
"""Correlations from here on are shown."""


def show_generation(made: Generation) -> None:
    """A generation is whole and kept."""
    screen.remarks.print(
        f"generation {made.number}: tolerance {made.tolerance:.2f}, {100 * made.acceptance:.0f} % of trials within it,"
        f" as good as {made.effective:.0f} particles of equal weight",
        soft_wrap=True,
    )


def show_check(found: Check, folder: str) -> None:
    """The targets, the parameters, which of these go together, and what it comes to."""
    targets = Table("target", "role", "fact", "prior 90 %", "ensemble 90 %", "", box=box.SIMPLE_HEAD)
    for row in found.targets.itertuples():
        targets.add_row(
            str(row.target),
            str(row.role),
            f"{row.value:g} {row.unit}",
            f"{row.prior_low:.3g} to {row.prior_high:.3g}",
            f"{row.band_low:.3g} to {row.band_high:.3g}",
            "" if row.inside else "outside",
        )
    parameters = Table("parameter", "prior", "90 % set", "median", "width / prior", box=box.SIMPLE_HEAD)
    for row in found.parameters.itertuples():
        parameters.add_row(
            str(row.parameter),
            f"{row.prior_low:g} to {row.prior_high:g}",
            f"{row.band_low:.3g} to {row.band_high:.3g}",
            f"{row.median:.3g}",
            f"{row.width:.2f}",
        )
    for table in (targets, parameters):
        screen.show_table(table)
    for row in found.correlations[found.correlations.correlation.abs() >= TELLING].itertuples():
        screen.out.print(f"{row.one} and {row.other} go together: correlation {row.correlation:.2f}", soft_wrap=True)
    for sentence in found.sentences():
        screen.out.print(sentence, soft_wrap=True)
    screen.out.print(f"Saved to {folder}: particles.csv, targets.csv, check.svg", soft_wrap=True)


def print_json(found: Check) -> None:
    """The tables as JSON."""
    tables = {name: json.loads(getattr(found, name).to_json(orient="records")) for name in found.__dataclass_fields__}
    print(json.dumps({**tables, "found": found.sentences()}, indent=2))
