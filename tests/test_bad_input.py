"""Whatever a user gets wrong is told in one line on stderr that says what would be right; nothing is half-written."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stackrace.experiments.command.main import main

REPOSITORY = Path(__file__).parent.parent
SMALL = """
name = "small"
title = "Small"
[layers.chip]
firms = 3
[layers.model]
firms = 3
inputs = [{ layer = "chip", weight = 1.0, passthrough = 0.5 }]
[layers.buyer]
firms = 5
inputs = [{ layer = "model", weight = 1.0, passthrough = 1.0 }]
[parameters.contacts]
degree = 4
"""
SHORT = ["run", "ai-stack", "--steps", "1"]

ARGUMENTS = {
    "a misspelt command is told the nearest one": (["runn"], "did you mean 'run'"),
    "an unknown option is named": (["--nope"], "--nope"),
    "a misspelt option is told others": (["run", "ai-stack", "--stepz", "3"], "--steps"),
    "a missing stack is asked for": (["run"], "STACK"),
    "one stack too many is named": ([*SHORT, "other"], "other"),
    "a misspelt stack is told the nearest one": (["run", "ai-stak"], "did you mean 'ai-stack'?"),
    "show says so too": (["show", "ai_stack"], "did you mean 'ai-stack'?"),
    "an empty stack name is told what there is": (["run", ""], "ai-stack"),
    "a stack file that is not there is named": (["run", "nope.toml"], "nope.toml: cannot be read"),
    "a folder is no stack": (["show", "."], "cannot be read"),
    "check names a file that is not there": (["check", "nope.toml"], "nope.toml: cannot be read"),
    "a misspelt parameter is told the nearest one": (["params", "swiching_cost"], "did you mean 'switching_cost'?"),
    "also behind the name of a layer": (["params", "model.tast"], "did you mean 'taste'?"),
    "a hopeless parameter is told where all are": (["params", "zzz"], "`stackrace params` lists them all"),
    "an empty parameter as well": (["params", ""], "`stackrace params` lists them all"),
    "zero steps are too few": (["run", "ai-stack", "--steps", "0"], "'0' is not a whole number of 1 or more"),
    "negative steps are too few": (["run", "ai-stack", "--steps", "-3"], "'-3' is not a whole number of 1 or more"),
    "half a step is none": (["run", "ai-stack", "--steps", "1.5"], "'1.5' is not a whole number"),
    "steps are a number": (["run", "ai-stack", "--steps", "many"], "'many' is not a whole number"),
    "steps are countable": (["run", "ai-stack", "--steps", "9" * 30], "is not a whole number"),
    "a seed is not negative": ([*SHORT, "--seed", "-1"], "'-1' is not a whole number of 0 or more"),
    "no seeds are too few": ([*SHORT, "--seeds", "0"], "'0' is not a whole number of 1 or more"),
    "seeds beyond the last one": ([*SHORT, "--seed", str(2**63 - 1), "--seeds", "2"], "leaves no room for 2 seeds"),
    "an option without its value": ([*SHORT, "--seed"], "requires an argument"),
}

SETTINGS = {
    "a name alone sets nothing": ("model.taste", "write NAME=VALUE"),
    "a value alone sets nothing": ("=1", "write NAME=VALUE"),
    "an empty value sets nothing": ("model.taste=", "write NAME=VALUE"),
    "a misspelt layer": ("modle.taste=.1", "did you mean 'model'?"),
    "a misspelt parameter of a layer": ("model.tast=.1", "did you mean 'model.taste'?"),
    "a misspelt parameter of the market": ("price_weigth=1", "did you mean 'price_weight'?"),
    "a misspelt kind of network": ("contacts.kind=ring", "watts-strogatz"),
    "a layer's parameter without a layer": ("taste=.1", "*.taste"),
    "the market's parameter in a layer": ("model.price_weight=1", "write price_weight"),
    "a buyer's parameter at a seller": ("model.frontier_share=1", "write frontier_share"),
    "a group is no parameter": ("contacts=3", "contacts.degree"),
    "a word for a number": ("model.taste=abc", "must be a number, 0 to 20 (appeal), not 'abc'"),
    "NaN": ("model.taste=nan", "must be a number, 0 to 20 (appeal), not nan"),
    "infinity": ("model.taste=inf", "0 to 20"),
    "a negative cost": ("model.base_cost=-1", "must be a number, 0 to 1e+06 (money/unit), not -1"),
    "a probability above one": ("funding=1.5", "must be a number, 0 to 1, not 1.5"),
    "half a firm": ("model.firms=1.5", "must be a whole number"),
    "zero firms": ("model.firms=0", "must be a whole number, 1 to"),
    "a number for yes or no": ("model.openable=1", "true | false"),
    "more contacts than firms": ("contacts.degree=5000", "551 or less"),
    "an odd ring": ("contacts.degree=13", "must be even"),
    "a product for nothing": ("compute.base_cost=0", "must be above 0"),
}

FILES = {
    "half a file": (SMALL[: len(SMALL) // 2], "not valid TOML"),
    "an empty file": ("", "name is missing"),
    "a stack without layers": ('name = "a"\ntitle = "a"\n[layers]\n', "layers is empty"),
    "a circle": (SMALL.replace("firms = 3\n[layers.model]", "firms = 3\n" + SMALL.split("\n")[7].replace(
        '"chip"', '"model"') + "\n[layers.model]"), "in a circle"),
    "a layer of its own input": (SMALL.replace('layer = "chip"', 'layer = "model"'), "its own input"),
    "two islands": (SMALL + "[layers.alone]\nfirms = 1\n", "falls into 2 parts"),
    "an unknown input": (SMALL.replace('layer = "chip"', 'layer = "chips"'), "did you mean 'chip'?"),
    "a misspelt key": (SMALL.replace("weight = 1.0, passthrough = 0.5", "wieght = 1.0, passthrough = 0.5"), "weight"),
    "text for a number": (SMALL.replace("firms = 5", 'firms = "five"'), "must be a whole number"),
    "no firms": (SMALL.replace("firms = 5", "firms = 0"), "must be a whole number, 1 to"),
    "NaN in a file": (SMALL.replace("firms = 5", "firms = 5\nfixed_cost = nan"), "fixed_cost"),
    "a negative weight": (SMALL.replace("weight = 1.0", "weight = -1.0", 1), "weight must be a number"),
    "a buyer's parameter at a seller": (SMALL.replace("firms = 3", "firms = 3\nfrontier_share = 1.0", 1), "demand"),
    "not text": (b"\xff\xfe\x00", "not UTF-8"),
}  # fmt: skip


def told(capsys, arguments, code=2):
    """The one line on stderr, and nothing on stdout."""
    assert main(arguments) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("stackrace: ")
    return captured.err


@pytest.mark.parametrize(("arguments", "right"), ARGUMENTS.values(), ids=ARGUMENTS)
def test_wrong_arguments(capsys, arguments, right):
    assert right.lower() in told(capsys, arguments).lower()


@pytest.mark.parametrize(("setting", "right"), SETTINGS.values(), ids=SETTINGS)
def test_wrong_settings(capsys, tmp_path, setting, right):
    assert right in told(capsys, [*SHORT, "--set", setting, "--out", str(tmp_path / "out")])
    assert not any(tmp_path.iterdir())


def test_a_parameter_set_twice(capsys):
    assert "funding is set twice" in told(capsys, [*SHORT, "--set", "funding=.1", "--set", "funding=.2"])


@pytest.mark.parametrize("command", ["check", "show", "run"])
@pytest.mark.parametrize(("text", "right"), FILES.values(), ids=FILES)
def test_wrong_stack_files(capsys, tmp_path, command, text, right):
    file = tmp_path / "mine.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    line = told(capsys, [command, str(file)])
    assert right in line
    assert str(file) in line


def test_the_stack_that_the_wrong_ones_are_made_of_is_right(capsys, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(SMALL)
    assert main(["check", str(file)]) == 0
    assert "2 layers sell (chip, model), 1 buy (buyer)" in capsys.readouterr().out
    assert main(["run", str(file), "--steps", "2"]) == 0


@pytest.mark.parametrize("command", [SHORT, ["demo", "--stack", "ai-stack", "--seeds", "1", "--steps", "1"]])
def test_an_output_folder_that_is_a_file(capsys, tmp_path, command):
    (tmp_path / "file").write_text("mine")
    assert "is a file: give a folder" in told(capsys, [*command, "--out", str(tmp_path / "file")])
    assert "is a file: give a folder" in told(capsys, [*command, "--out", str(tmp_path / "file" / "below")])
    assert (tmp_path / "file").read_text() == "mine"


def test_an_output_folder_that_holds_something_else(capsys, tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    assert "thesis.tex, which no saved run put there" in told(capsys, [*SHORT, "--out", str(tmp_path)])
    assert [each.name for each in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize("name", ["", "x" * 300, "a\0b"], ids=["empty", "too long", "with a NUL"])
def test_an_output_folder_that_no_file_system_takes(capsys, tmp_path, name, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main([*SHORT, "--out", name]) in (1, 2)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert not any(tmp_path.iterdir())


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_an_output_folder_without_permission(capsys, tmp_path):
    tmp_path.chmod(0o500)
    assert "cannot be written" in told(capsys, [*SHORT, "--out", str(tmp_path / "run")], code=1)
    tmp_path.chmod(0o700)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are a matter of POSIX")
def test_a_disk_without_room_leaves_nothing_behind(tmp_path):
    limited = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "from stackrace.experiments.command.main import main;"
        "import stackrace.experiments.saved, stackrace.experiments.reports.report, stackrace.model.advance;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000));"
        f"raise SystemExit(main(['run', 'ai-stack', '--steps', '20', '--out', {str(tmp_path / 'run')!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", limited], capture_output=True, text=True, cwd=REPOSITORY, check=False)
    assert done.returncode == 1
    assert "cannot be written: File too large" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert not any(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", [["params"], ["--help"], [*SHORT, "--json"]])
def test_a_full_disk_behind_stdout(arguments):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "stackrace", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            cwd=REPOSITORY,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, "stackrace: cannot write: No space left on device\n")


@pytest.mark.skipif(shutil.which("head") is None, reason="needs head")
def test_a_reader_that_goes_away_is_no_error():
    done = subprocess.run(
        f"{sys.executable} -m stackrace params | head -1",
        shell=True,
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert done.stdout.count("\n") == 1


def test_more_than_memory_holds(capsys):
    assert "not enough memory" in told(capsys, ["run", "ai-stack", "--steps", "9" * 16], code=1)
