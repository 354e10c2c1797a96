"""It runs where its users are: without a home, without standard streams, on Windows, in folders of any name."""

from __future__ import annotations

import configparser
import errno
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import stackrace
from stackrace.experiments import folder

from .markets import HALF_SIZE, ROOT

RUN = [sys.executable, "-m", "stackrace", "run", "ai-stack", "--steps", "2"]
ODD = os.fsdecode(b"caf\xe9")
"""A name that is not UTF-8: bytes that an old file system keeps."""


def without_a_cache(**more: str) -> dict[str, str]:
    """An environment with neither a home nor any other place for compiled code."""
    left_out = ("STACKRACE_CACHE_DIR", "NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return {**kept, "HOME": os.devnull, "USERPROFILE": os.devnull, "PYTHONPATH": str(ROOT), **more}


def test_without_a_folder_for_compiled_code_it_runs_and_says_what_that_costs(tmp_path: Path) -> None:
    environment = without_a_cache(TMPDIR=str(tmp_path))
    done = subprocess.run(
        [*RUN, "--out", "run"], capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=600
    )
    assert done.returncode == 0, done.stderr
    (told,) = done.stderr.splitlines()
    assert "each time" in told and "STACKRACE_CACHE_DIR" in told
    assert [file.name for file in tmp_path.iterdir()] == ["run"], "what was compiled is left behind"


CACHE = """
from pathlib import Path
from stackrace.agents import rule
rule.settings.CACHE_DIR = ""  # as numba leaves it when its environment has changed
from stackrace.agents.price import markup_after
put = Path(markup_after._cache.cache_path)
print(rule.CACHED, rule.KEPT, rule.is_compiled_before(), put.is_relative_to(rule.cache_folder()))
"""


def cache(environment: dict[str, str]) -> list[str]:
    """What the engine finds: whether there is a folder, whether it is kept, whether the market is compiled in it."""
    told = subprocess.run(
        [sys.executable, "-c", CACHE], capture_output=True, text=True, check=True, cwd=ROOT, env=environment
    )
    return told.stdout.split()


def test_compiled_code_that_can_only_be_read_is_used() -> None:
    stackrace.simulate("ai-stack", steps=1)
    from stackrace.agents import rule

    place = rule.cache_folder().parent
    program = f"""
import os
import shutil
from pathlib import Path
def touch(path, *given, really=os.utime, **named):
    if Path(path).is_relative_to({str(place)!r}):
        raise OSError(30, "Read-only file system")
    really(path, *given, **named)
os.utime = touch
{CACHE}"""
    environment = without_a_cache(STACKRACE_CACHE_DIR=str(place))
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT, env=environment
    )
    assert told.stdout.split() == ["True", "False", "True", "True"]


def test_a_home_that_nobody_knows_is_no_place() -> None:
    from stackrace.agents import rule

    assert not rule._can_write(Path("~/.cache/stackrace"))
    assert not Path("~").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="closed streams are a matter of POSIX shells")
@pytest.mark.parametrize("closed", ["0<&-", ">&-", "2>&-", "0<&- >&- 2>&-"])
def test_without_standard_streams_a_run_is_saved(closed: str, tmp_path: Path) -> None:
    shell = f'"$0" -m stackrace run ai-stack --steps 2 --out run {closed}'
    done = subprocess.run(
        ["sh", "-c", shell, sys.executable],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    assert stackrace.load(tmp_path / "run").steps == 2


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_names_that_are_not_utf_8(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from stackrace.experiments.command.main import main

    monkeypatch.chdir(tmp_path)
    short = ["--steps", "2", "--seeds", "2"]
    sweep = tmp_path / f"{ODD}-sweep.toml"
    sweep.write_text('stack = "ai-stack"\nsteps = 2\nseeds = 1\n[design.parameters]\nprice_weight = [1.0, 2.0]\n')
    policy = tmp_path / f"{ODD}-policy.toml"
    policy.write_text('[[interventions]]\nkind = "set"\nfrom = 1\nset = { price_weight = 3 }\n')
    for command in (
        ["run", "ai-stack", *short, "--events", "--out", f"{ODD}-run"],
        ["run", "ai-stack", *short, "--set", "model.taste=0.1", "--out", f"{ODD}-other"],
        ["explain", f"{ODD}-run", "model-1", "--seed", "1"],
        ["report", f"{ODD}-run"],
        ["compare", f"{ODD}-run", f"{ODD}-other", "--out", f"{ODD}-compared"],
        ["new", f"{ODD}-stack.toml", "--from", "ai-stack"],
        ["check", f"{ODD}-stack.toml"],
        ["compare", f"{ODD}-stack.toml", "--intervene", str(policy), *short, "--out", f"{ODD}-study"],
        ["report", f"{ODD}-study"],
        ["sweep", str(sweep), "--out", f"{ODD}-store", "--workers", "1"],
        ["sweep", str(sweep), "--out", f"{ODD}-store", "--json"],
    ):
        assert main(command) == 0, command


def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows' rules: no folder can be opened, no file that is open for reading only can be flushed; asking for a
    process by `os.kill` would end it."""
    opened, flushed, reading = os.open, os.fsync, set()

    def open_file(path: Any, flags: int, *rest: Any, **named: Any) -> int:
        if Path(path).is_dir():
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        handle = opened(path, flags, *rest, **named)
        (reading.discard if flags & (os.O_WRONLY | os.O_RDWR) else reading.add)(handle)
        return handle

    def flush(handle: Any) -> None:
        number = handle if isinstance(handle, int) else handle.fileno()
        if number in reading or stat.S_ISDIR(os.fstat(number).st_mode):
            raise OSError(errno.EBADF, "Bad file descriptor")
        flushed(number)

    def kill(process: int, number: int) -> None:
        raise AssertionError("this would end the process on Windows")

    monkeypatch.setattr(os, "open", open_file)
    monkeypatch.setattr(os, "fsync", flush)
    monkeypatch.setattr(os, "kill", kill)
    monkeypatch.setattr(shutil, "_use_fd_functions", False)  # how folders are removed there


def test_everything_is_saved_on_windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from concurrent.futures import ThreadPoolExecutor

    run = stackrace.simulate("ai-stack", seed=1, steps=2, set=HALF_SIZE)
    study = stackrace.study("ai-stack", "open-release", seeds=1, steps=9, set=HALF_SIZE)
    file = tmp_path / "sweep.toml"
    file.write_text('stack = "ai-stack"\nsteps = 2\nseeds = 1\n[design.parameters]\nprice_weight = [1.0, 2.0]\n')
    windows(monkeypatch)
    left = tmp_path / f".run.{folder.platform.node()}-4194305-0123abcd.partial"  # of a process that cannot be
    left.mkdir()
    run.save(tmp_path / "run")
    run.save(tmp_path / "run")
    assert not left.exists()
    run.state_at(1).save(tmp_path / "world.npz")
    study.save(tmp_path / "study")
    with ThreadPoolExecutor(1) as one:
        store = stackrace.sweep(file, tmp_path / "store", executor=one)
    assert stackrace.load(tmp_path / "run").measures.equals(run.measures)
    assert len(stackrace.load_study(tmp_path / "study").effects) == len(study.effects)
    assert not any((tmp_path / "store").rglob("*.partial")) and store.parts("runs")


def test_every_package_is_named_in_setup_cfg() -> None:
    read = configparser.ConfigParser()
    read.read(ROOT / "setup.cfg")
    folders = dict(line.split(" = ") for line in read["options"]["package_dir"].strip().splitlines())
    named = read["options"]["packages"].split()
    found = {"stackrace"}
    for package, place in folders.items():
        for file in (ROOT / place).rglob("__init__.py"):
            parts = file.parent.relative_to(ROOT / place).parts
            if package != "stackrace" or not parts:
                found.add(".".join([package, *parts]))
    assert named == sorted(found)


@pytest.mark.parametrize("name", ["agents", "experiments", "model"])
def test_links_for_type_checkers_lead_to_the_folders(name: str) -> None:
    link = ROOT / "stackrace" / name
    where = link.read_text("utf-8") if link.is_file() else link.readlink()  # a system without links has a text
    assert (ROOT / "stackrace" / where).resolve() == ROOT / name
