"""The app's server: what it refuses, in one line; and that visitors share nothing."""

from __future__ import annotations

import gc
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import numpy as np
import pytest

from stackrace import simulate
from stackrace.experiments.app.asked import AskedError, read_upload
from stackrace.experiments.app.pack import unpacked
from stackrace.experiments.command.main import main
from stackrace.model import RULES
from stackrace.model.errors import InputError
from stackrace.model.world import World

from .markets import HALF_SIZE
from .serving import ask, served

SMALL: dict[str, Any] = {"stack": "ai-stack", "seed": 3, "steps": 12, "set": dict(HALF_SIZE)}


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"stack": "/etc/passwd"}, "no stack is called '/etc/passwd'"),
        ({"stack": "../ai-stack.toml"}, "no stack is called"),
        ({"stack": {"layers": {}}}, "stack: "),
        ({"steps": 0}, "steps: "),
        ({"steps": 10_000}, "steps: "),
        ({"seed": -1}, "seed: "),
        ({"seed": "1"}, "seed: "),
        ({"sets": {}}, "sets: "),
        ({"set": {"model.tast": 1.0}}, "did you mean"),
        ({"set": {"enterprise.firms": 100_000}}, "too many for a page"),
        ({"interventions": [{"kind": "magic", "from": 3}]}, "intervention 1.kind must be one of"),
        ({"interventions": [{"kind": "open_release", "from": 3, "layer": "modell"}]}, "did you mean 'model'"),
    ],
)
def test_what_cannot_be_asked_for_is_told_in_one_line(asked: Any, told: str) -> None:
    status, content = ask("/explore/run", asked)
    message = json.loads(content)["error"]
    assert (status, told in message, "\n" in message) == (422, True, False)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\x00\xff\xfe", "no text"),
        (b"PK\x03\x04 a zip", "not valid TOML"),
        (b"{", "not valid JSON"),
        (b"[" * 100_000, "not valid TOML"),
        (b'{"a":' * 100_000, "no text"),
        (b"x = 1", "x: "),
        (b"", "holds no tables"),
        (b"{}", "holds no tables"),
        (b"steps = " + b"9" * 9_000, "not valid TOML"),
        (b"stack = '/etc/passwd'", "no stack is called"),
        (b"[layers.a]\nfirms = 'many'", "name is missing"),
        (b"[[interventions]]\nkind = 'set'", "missing"),
        (b"[[interventions]]\nkind = 'set'\nfrom = 2020-01-01\nset = { taste = 1 }", "neither number nor text"),
        (b'{"schema": 2, "parameters": {}}', "followed rules of version None"),
        (f'{{"schema": 2, "rules": {RULES}, "parameters": {{}}}}'.encode(), "not a run.json"),
        (b'{"schema": 2, "parameters": {}, "start": "x"}', "goes on from another market"),
    ],
)
def test_an_upload_that_is_none_is_told_in_one_line(content: bytes, told: str) -> None:
    with pytest.raises(InputError) as error:
        read_upload(content)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_a_step_that_is_no_number_is_refused() -> None:
    status, content = ask("/explore/firm", {"asked": SMALL, "firm": "model-1", "step": True})
    assert (status, "give firm and step" in json.loads(content)["error"]) == (422, True)


def test_an_upload_beyond_the_limit_is_refused_before_it_is_read() -> None:
    status, content = ask("/explore/upload", b"#" * 1_000_001)
    assert (status, "more than 1,000 kB" in json.loads(content)["error"]) == (413, True)
    with pytest.raises(AskedError, match="more than"):
        read_upload(b"#" * 1_000_001)


def test_a_place_without_a_run_is_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["app", "--no-browser", "--port", "0", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_without_the_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert main(["app", "--no-browser", "--port", "0"]) == 2
    assert "pip install 'stackrace[app]'" in capsys.readouterr().err


def test_a_port_that_is_taken_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    from stackrace.experiments.app.serve import bound

    with bound("127.0.0.1", 0) as taken:
        assert main(["app", "--no-browser", "--port", str(taken.getsockname()[1])]) == 2
    told = capsys.readouterr().err
    assert "give another --port" in told
    assert told.count("\n") == 1
    assert main(["app", "--no-browser", "--port", "70000"]) == 2
    assert main(["app", "--no-browser", "--host", "no.such.host.invalid"]) == 2


def test_the_server_answers_to_its_own_name_only() -> None:
    assert ask("/explore/catalogue", host="evil.example")[0] == 400
    assert ask("/explore/catalogue", host="127.0.0.1:8765")[0] == 200


def test_a_run_is_given_up_when_its_visitor_leaves() -> None:
    status, _ = ask("/explore/run", {**SMALL, "steps": 400}, leaves=True)
    assert status == 499


def worlds() -> list[World]:
    gc.collect()
    return [each for each in gc.get_objects() if isinstance(each, World)]


def test_nothing_of_a_visit_is_left_on_the_server() -> None:
    before = worlds()  # of other tests
    for seed in range(3):
        assert ask("/explore/run", {**SMALL, "seed": seed, "steps": 2})[0] == 200
        assert ask("/explore/firm", {"asked": SMALL, "firm": "model-1", "step": 1})[0] == 200
    assert [each for each in worlds() if all(each is not known for known in before)] == []


def test_visitors_at_once_each_get_the_run_that_they_asked_for() -> None:
    def visit(seed: int) -> Any:
        body = json.dumps({**SMALL, "seed": seed, "steps": 3}).encode()
        with urlopen(Request(f"{address}explore/run", body), timeout=120) as response:
            return unpacked(response.read())[1]["measures"]

    with served(live=False) as address, ThreadPoolExecutor(10) as visitors:
        found = list(visitors.map(visit, range(10)))
    for seed in (0, 9):
        record = simulate("ai-stack", seed=seed, steps=3, set=HALF_SIZE).record
        assert np.array_equal(found[seed], record.astype(np.float32), equal_nan=True)
