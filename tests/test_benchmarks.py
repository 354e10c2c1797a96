"""Every benchmark runs and prints its table; how long things take is no matter of a test."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from .markets import ROOT

TABLES = {
    "app": (["--quick"], ["computed and packed", "2,000 firms"]),
    "cold": (["--quick"], ["stackrace --help", "python -c simulate"]),
    "docking": (["--quick"], ["application", "within two standard errors"]),
    "ensemble": (["--quick"], ["runs per minute", "parameter sets", "peak memory"]),
    "idiomatic_mesa": (["--quick", "--firms", "100"], ["ks_p", "firm-steps per second"]),
    "limit": (["--quick"], ["ratio", "none"]),
    "phases": (["--quick", "--firms", "552"], ["source", "measure"]),
    "scaling": (["--quick", "--firms", "500", "1000"], ["ns per firm-step", "peak MiB"]),
}
"""Script -> what it is given, and what its table says."""


def test_every_benchmark_is_tried() -> None:
    assert {file.stem for file in (ROOT / "benchmarks").glob("*.py")} == TABLES.keys()


@pytest.mark.parametrize("name", TABLES)
def test_a_benchmark_prints_its_table(name: str) -> None:
    if name == "limit" and shutil.which("gcc") is None:
        pytest.skip("no gcc to compile C with")
    given, expected = TABLES[name]
    command = [sys.executable, str(ROOT / "benchmarks" / f"{name}.py"), *given]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    for words in expected:
        assert words in ran.stdout
