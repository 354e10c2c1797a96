"""Recovery: does the calibration find parameters again that were planted in the market itself?

Parameters are drawn from the prior of a calibration, the market's moments with them take the place of the facts, and
the fit must have them in its 90 % sets. Printed: per trial whether the planted point is in the joint set, and per
parameter in how many trials it is in its own interval. A run that was stopped goes on in the same folder.

    python docs/calibration/recovery.py [--trials 10] [--particles 200] [--generations 5] [--out out/recovery]
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path

from stackrace.experiments.calibration.recover import Recovery, recover
from stackrace.experiments.calibration.setup import read_calibration


def main() -> None:
    """Recover and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calibration", default="ai-2025")
    parser.add_argument("--trials", type=int, default=10)
    parser.add_argument("--particles", type=int, default=200)
    parser.add_argument("--generations", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("out/recovery"))
    asked = parser.parse_args()
    wanted = read_calibration(asked.calibration)
    smaller = {"particles": asked.particles, "generations": asked.generations}
    began = time.perf_counter()

    def told(number: int, found: Recovery) -> None:
        missed = [name for name, inside in found.each.items() if not inside]
        place = "in" if found.joint else "outside"
        print(
            f"{number}: {place} the joint set; outside their own: {', '.join(missed) or 'none'}"
            f" ({time.perf_counter() - began:.0f} s)",
            flush=True,
        )

    trials = recover(replace(wanted, table=wanted.table.model_copy(update=smaller)), asked.out, asked.trials, told=told)
    print(f"joint 90 % set: {sum(each.joint for each in trials)} of {len(trials)}")
    for name in wanted.names:
        print(f"{name}: {sum(each.each[name] for each in trials)} of {len(trials)}")


if __name__ == "__main__":
    main()
