"""The pinned run: `python -m tests.baseline` rewrites tests/baseline.json, when a change of results is meant.

The file holds the version of the rules, which goes up by one whenever the results are others than before, and the
measures of ai-stack at some steps. New measures are added to it without a new version: the market is as before.
"""

from __future__ import annotations

import json
import re
from math import isclose, isnan
from pathlib import Path
from typing import Any

from stackrace import simulate
from stackrace.model.measures import COLUMNS, OVERALL

FILE = Path(__file__).with_suffix(".json")
DECLARED = FILE.parent.parent / "model" / "__init__.py"
STACK, SEED, STEPS = "ai-stack", 1, 60
WHOLE = "the whole stack"
"""Where a layer stands in the file; no layer can have that name."""
PINNED_STEPS = (0, 1, 5, 20, 40, 59)
DIGITS, TOLERANCE = 12, 1e-9

Results = dict[str, dict[str, dict[str, float | None]]]


def results() -> Results:
    """Step -> layer -> measure -> value; None for NaN."""
    run = simulate(STACK, seed=SEED, steps=STEPS)
    pinned: Results = {}
    for table, names in ((run.measures, COLUMNS), (run.overall.assign(layer=WHOLE), tuple(OVERALL))):
        for row in table[table.step.isin(PINNED_STEPS)].to_dict("records"):
            values = {name: None if isnan(row[name]) else float(f"{row[name]:.{DIGITS}g}") for name in names}
            pinned.setdefault(str(row["step"]), {})[row["layer"]] = values
    return pinned


def added(old: Results, new: Results) -> set[tuple[bool, str]]:
    """Measures that only the new results have, each with whether it is one of the whole stack."""
    measured_old, measured_new = ({(layer == WHOLE, name) for _, layer, name in flat(each)} for each in (old, new))
    return measured_new - measured_old


def differences(old: Results, new: Results) -> list[str]:
    """What differs by more than rounding, in words; measures that the old results did not have are no difference."""
    flat_old, flat_new, fresh = flat(old), flat(new), added(old, new)
    flat_new = {key: value for key, value in flat_new.items() if (key[1] == WHOLE, key[2]) not in fresh}
    if missing := flat_old.keys() ^ flat_new.keys():
        return [f"{'.'.join(key)} is in one of the two only" for key in sorted(missing)]
    return [
        f"step {step}, {layer}: {measure} was {flat_old[step, layer, measure]}, is {value}"
        for (step, layer, measure), value in flat_new.items()
        if not same(flat_old[step, layer, measure], value)
    ]


def flat(pinned: Results) -> dict[tuple[str, str, str], float | None]:
    return {
        (step, layer, measure): value
        for step, layers in pinned.items()
        for layer, values in layers.items()
        for measure, value in values.items()
    }


def same(old: float | None, new: float | None) -> bool:
    if old is None or new is None:
        return old is new
    return isclose(old, new, rel_tol=TOLERANCE, abs_tol=1e-12)


def read() -> dict[str, Any]:
    """The file as it is; version 0 without results if there is none."""
    if not FILE.is_file():
        return {"rules": 0, "results": {}}
    found: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return found


def rewritten(before: dict[str, Any], now: Results) -> dict[str, Any]:
    """The next content of the file; the same if the results are, and of the same version if measures were added."""
    changed = not before["rules"] or differences(before["results"], now)
    if not changed and not added(before["results"], now):
        return before
    return {
        "rules": before["rules"] + 1 if changed else before["rules"],
        "stack": STACK,
        "seed": SEED,
        "steps": STEPS,
        "results": now,
    }


def rewrite() -> None:
    """Pin what the market does now."""
    before = read()
    after = rewritten(before, results())
    if after is before:
        print(f"nothing changed: {FILE.name} stays at rules version {before['rules']}")
        return
    FILE.write_text(json.dumps(after, indent=1) + "\n", "utf-8")
    source = DECLARED.read_text("utf-8")
    if after["rules"] == before["rules"]:
        print(f"{FILE.name} holds new measures; the old ones are unchanged, and so is rules version {after['rules']}")
        return
    DECLARED.write_text(re.sub(r"^RULES = \d+$", f"RULES = {after['rules']}", source, flags=re.MULTILINE), "utf-8")
    print(f"{FILE.name} is now at rules version {after['rules']}: say why in CHANGELOG.md under 'Results change'")


if __name__ == "__main__":
    rewrite()
