"""A sweep by the workers of a Dask scheduler survives the loss of any of them, and gives what one machine gives."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import stackrace
from stackrace.experiments.command.main import main
from stackrace.experiments.sweeps.cluster import ClusterError, check_workers, executor_at
from stackrace.experiments.sweeps.drive import Progress
from stackrace.experiments.sweeps.workers import Workers
from stackrace.model import RULES
from stackrace.model.errors import SimulationError

ROOT = Path(__file__).parent.parent
SWEEP = f"""
stack = "{ROOT / "tests" / "stacks" / "tiny.toml"}"
steps = 40
seeds = 150
[design.parameters]
"chips.taste" = [0.1, 0.3]
"""


class Cluster:
    """A scheduler and its workers, each a process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.scheduler = self.begun("scheduler", "--port", "0", "--no-dashboard", "--host", "127.0.0.1")
        self.workers: list[subprocess.Popen[bytes]] = []

    def begun(self, what: str, *options: str) -> subprocess.Popen[bytes]:
        file = ["--scheduler-file", str(self.folder / "scheduler.json")]
        command = [sys.executable, "-m", "dask", what, *file, *options]
        return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)

    def hire(self) -> None:
        self.workers.append(self.begun("worker", "--nthreads", "1", "--no-nanny", "--no-dashboard"))

    @property
    def address(self) -> str:
        file = self.folder / "scheduler.json"
        for _ in range(300):
            if file.exists() and file.stat().st_size:
                return str(json.loads(file.read_text())["address"])
            time.sleep(0.1)
        raise TimeoutError("the scheduler has not started within 30 s")

    def end(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path)
    for _ in range(2):
        made.hire()
    yield made
    made.end()


def test_a_worker_killed_in_the_middle_changes_no_bit_of_what_comes_out(cluster: Cluster, tmp_path: Path) -> None:
    file = tmp_path / "sweep.toml"
    file.write_text(SWEEP)

    def kill_one(told: Progress) -> None:
        if told.done == 20:
            cluster.workers[0].send_signal(signal.SIGKILL)

    with executor_at(cluster.address) as executor:
        far = stackrace.sweep(file, tmp_path / "far", executor=executor, progress=kill_one)
    assert cluster.workers[0].wait(10) == -signal.SIGKILL
    with ThreadPoolExecutor(1) as here:
        near = stackrace.sweep(file, tmp_path / "near", executor=here)
    assert len(stackrace.open(far.address).done) == 300
    assert stackrace.open(far.address).digest() == stackrace.open(near.address).digest()


def dies(n: int) -> int:
    if n == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return n * n


def test_a_task_that_kills_its_workers_is_given_up_and_all_others_are_answered(cluster: Cluster) -> None:
    from distributed import Client

    for _ in range(3):
        cluster.hire()
    with Client(cluster.address) as client:
        client.run_on_scheduler(lambda dask_scheduler: setattr(dask_scheduler, "allowed_failures", 0))
        asked = ((str(n), n) for n in range(12))
        found = dict(Workers(dies, 1, client.get_executor()).answers(asked, lambda name, how: f"{name} {how}"))
    assert found == {**{str(n): n * n for n in range(12)}, "3": "3 killed its worker 2 times"}


def test_a_scheduler_that_is_gone_ends_the_sweep_in_one_line_and_what_is_done_stays(
    cluster: Cluster, tmp_path: Path
) -> None:
    file = tmp_path / "sweep.toml"
    file.write_text(SWEEP)

    def kill_scheduler(told: Progress) -> None:
        if told.done == 20:
            cluster.scheduler.kill()

    with (
        pytest.raises(SimulationError, match=r"the executor cannot go on .*: what is done is stored"),
        executor_at(cluster.address) as executor,
    ):
        stackrace.sweep(file, tmp_path / "far", executor=executor, progress=kill_scheduler)
    assert len(stackrace.open(tmp_path / "far").done) >= 20


def test_where_nobody_answers_one_line_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "sweep.toml"
    file.write_text(SWEEP)
    for address in ("tcp://127.0.0.1:9", "nonsense://x"):
        assert main(["sweep", str(file), "--out", str(tmp_path / "store"), "--scheduler", address]) == 2
        said = capsys.readouterr().err
        assert said.startswith(f"stackrace: no scheduler answers at '{address}'")
        assert said.count("\n") == 1
    assert main(["sweep", str(file), "--out", "x", "--workers", "2", "--scheduler", "tcp://127.0.0.1:9"]) == 2
    assert "leave one out" in capsys.readouterr().err


def test_workers_with_other_rules_are_named() -> None:
    check_workers({"tcp://a": RULES})
    with pytest.raises(ClusterError, match=r"worker at tcp://b has version 0 of the rules, this process"):
        check_workers({"tcp://a": RULES, "tcp://b": 0})
    with pytest.raises(ClusterError, match=r"tcp://b cannot run stackrace \(No module named 'stackrace'\)"):
        check_workers({"tcp://b": ModuleNotFoundError("No module named 'stackrace'")})
