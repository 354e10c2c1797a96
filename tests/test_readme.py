"""The README, word for word: its Python prints what it says, its commands run."""

import contextlib
import io
import re
import shlex
from pathlib import Path

import pytest

from stackrace.experiments.command.main import main

pytestmark = pytest.mark.usefixtures("clean_tree")
ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


COMMANDS = [line for block in blocks("sh") for line in block.splitlines()]


def test_its_python_prints_what_it_says() -> None:
    (program,), (promised,) = blocks("python"), blocks("text")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(program, "README.md", "exec"), {})
    assert printed.getvalue() == promised


def test_its_commands_run_one_after_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for line in COMMANDS:
        if line.startswith("stackrace "):
            assert main(shlex.split(line)[1:]) == 0, line


@pytest.mark.parametrize("line", [line for line in COMMANDS if line.startswith("make ")])
def test_its_make_targets_exist(line: str) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert re.search(rf"^{line.split()[1]}:", makefile, flags=re.MULTILINE)


def test_every_command_is_of_a_kind_that_is_tried() -> None:
    assert all(line.startswith(("stackrace ", "make ")) for line in COMMANDS)


@pytest.mark.parametrize("target", re.findall(r"\]\(((?!http)[^)]+)\)", README))
def test_its_links_lead_somewhere(target: str) -> None:
    assert (ROOT / target).exists()
