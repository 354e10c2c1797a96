"""What a calibration leaves behind: the set of particles, its check, a figure, and a record of how it was made."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from stackrace import __version__

from ...model import RULES
from ..folder import put_files
from ..plots.figures import svg
from .check import Check
from .particles import Particles
from .setup import Calibration

PARTICLES, TARGETS, FIGURE = "particles.csv", "targets.csv", "check.svg"


def keep(folder: str | Path, name: str, wanted: Calibration, particles: Particles, found: Check) -> list[Path]:
    """Write all of it to a folder; raises WriteError."""
    record = {
        "command": f"stackrace calibrate {name} --out {folder}",
        "date": datetime.now(UTC).date().isoformat(),
        "version": __version__,
        "rules": RULES,
        "identity": wanted.identity,
        "calibration": wanted.table.model_dump(),
        "found": found.sentences(),
    }
    return put_files(
        folder,
        {
            PARTICLES: particles.text(),
            TARGETS: found.targets.to_csv(index=False, float_format="%.4g"),
            "parameters.csv": found.parameters.to_csv(index=False, float_format="%.4g"),
            "correlations.csv": found.correlations.to_csv(index=False, float_format="%.3f"),
            FIGURE: svg(found.figure(), "check"),
            "record.json": json.dumps(record, indent=2) + "\n",
        },
    )
