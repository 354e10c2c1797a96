"""A store stays readable: by other tools, by later versions, on other file systems, whatever a killed process left."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import polars
import pytest
from filelock import FileLock

import stackrace
from stackrace.experiments.command.main import main
from stackrace.experiments.command.screen_sweep import show_results
from stackrace.experiments.sweeps.one_run import Outcome
from stackrace.experiments.sweeps.results import Results
from stackrace.experiments.sweeps.store import SCHEMA, StoreError
from stackrace.model.errors import InputError, SimulationError

HERE = Path(__file__).parent
STACK = HERE / "stacks" / "tiny.toml"
STORES = HERE / "stores"
"""One store of each version of the layout that there ever was, kept as it was written."""
SWEEP = f"""
stack = "{STACK}"
steps = 4
seeds = 3
window = 2
[design]
kind = "list"
[design.parameters]
"chips.taste" = [0, 0.3, 1]
"contacts.degree" = [2, 4, 5000]
"decisions.build" = [true, false, true]
"contacts.kind" = ["watts-strogatz", "barabasi-albert", "erdos-renyi"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "sweep.toml"
    made.write_text(SWEEP)
    return made


def swept(file: Path, place: str | Path) -> Results:
    with ThreadPoolExecutor(1) as team:
        return stackrace.open(stackrace.sweep(file, place, executor=team).address)


def test_stores_of_every_version_of_the_layout_are_read() -> None:
    assert sorted(int(place.name) for place in STORES.iterdir()) == list(range(1, SCHEMA + 1))
    for place in STORES.iterdir():
        results = stackrace.open(place)
        assert results.digest() == json.loads((place / "expected.json").read_text())["digest"]
        assert results.about["schema"] == int(place.name)
        assert len(results.frame()) == 6 * 3 and len(results.failures()) == 3
        assert len(results.series()) == 6 * 4 * 2
        assert results.frequencies(["chips.taste"])["count"].sum() > 0


def test_other_tools_read_the_same_rows(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stackrace.experiments.sweeps.drive.PART", 2)  # so that parts hold different parameters
    results = swept(file, tmp_path / "store")
    parts = str(tmp_path / "store" / "runs" / "*.parquet")
    ours = results.frame(layer="chips").hhi.sum()
    rows, hhi = duckdb.sql(f"select count(*), sum(hhi) from '{parts}' where layer = 'chips'").fetchall()[0]
    assert (rows, hhi) == (6, pytest.approx(ours))
    table = polars.scan_parquet(parts).filter(polars.col("layer") == "chips").collect()
    assert (table.height, table["hhi"].sum()) == (6, pytest.approx(ours))
    assert table.schema["chips.taste"] == polars.Float64 and table.schema["contacts.degree"] == polars.Int64


def test_a_store_may_be_on_any_file_system_that_fsspec_knows(file: Path, tmp_path: Path) -> None:
    here, there = swept(file, tmp_path / "store"), swept(file, "memory://far/store")
    assert here.digest() == there.digest() and len(there.done) == 6
    with pytest.raises(StoreError, match="nowhere://x"):
        stackrace.open("nowhere://x")


def test_only_one_process_writes_to_a_store(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "store").mkdir()
    with FileLock(tmp_path / "store" / ".lock"):
        assert main(["sweep", str(file), "--out", str(tmp_path / "store"), "--workers", "1"]) == 2
    assert capsys.readouterr().err.endswith("another process is writing to it: wait until that has ended\n")
    assert len(swept(file, tmp_path / "store").done) == 6


@pytest.mark.parametrize("more", [[], ["--dry-run"]])
def test_a_sweep_of_another_kind_or_stack_does_not_replace_the_one_that_is_there(
    file: Path, tmp_path: Path, more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    store = tmp_path / "store"
    before = swept(file, store).digest(), (store / "sweep.json").read_bytes()
    changes = {
        "grid sweep of tiny": ('kind = "list"', 'kind = "grid"'),
        "list sweep of training-pipeline": (str(STACK), "training-pipeline"),
    }
    for wanted, change in changes.items():
        other = tmp_path / "other.toml"
        other.write_text(SWEEP.replace(*change).replace("chips.taste", "*.taste"))
        assert main(["sweep", str(other), "--out", str(store), *more]) == 2
        said = f"{store}: holds a list sweep of tiny, and this is a {wanted}: give a new folder, or remove that one"
        assert capsys.readouterr().err == f"stackrace: {said}\n"
    assert before == (stackrace.open(store).digest(), (store / "sweep.json").read_bytes())


def test_what_a_killed_process_left_is_cleared_away(file: Path, tmp_path: Path) -> None:
    swept(file, tmp_path / "store")
    runs = tmp_path / "store" / "runs"
    (runs / ".00000000-0123abcd.parquet.partial").write_bytes(b"PAR1, and then the power went")
    swept(file, tmp_path / "store")
    assert [part.suffix for part in runs.iterdir()] == [".parquet"]


def test_series_asked_for_later_are_added(file: Path, tmp_path: Path) -> None:
    plain = swept(file, tmp_path / "store").digest()
    file.write_text("series = true\n" + SWEEP)
    both = swept(file, tmp_path / "store")
    assert both.digest() == plain
    assert both.series().groupby("run").size().to_list() == [4 * 2] * 6
    assert len(both.frame(layer="chips")) == 6


def test_a_parameter_that_is_named_like_a_measure_keeps_its_column(file: Path, tmp_path: Path) -> None:
    file.write_text(f'stack = "{STACK}"\nsteps = 4\nseeds = 2\n[design.parameters]\nentry_rate = [0.0, 0.5]\n')
    results = swept(file, tmp_path / "store")
    table = results.frame(["entry_rate"], layer="chips")
    assert list(table["set.entry_rate"]) == [0.0, 0.0, 0.5, 0.5]
    run = stackrace.simulate(STACK, seed=0, steps=4, set={"entry_rate": 0.5})
    late = run.measures[run.measures.layer == "chips"].entry_rate
    assert table.entry_rate.iloc[2] == pytest.approx(late.mean())
    assert set(results.frequencies("entry_rate")["set.entry_rate"]) == {0.0, 0.5}


def test_points_that_coincide_are_run_once_and_stand_for_each_other(file: Path, tmp_path: Path) -> None:
    file.write_text(f'stack = "{STACK}"\nsteps = 4\nseeds = 2\n[design.parameters]\nprice_weight = [1.0, 1.0, 2.0]\n')
    results = swept(file, tmp_path / "store")
    assert len(results.done) == 6
    table = results.frame(["hhi"], layer="chips")
    assert list(table.hhi[table.point == 0]) == list(table.hhi[table.point == 1])


def test_a_sweep_of_which_every_run_failed_has_empty_tables(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("stackrace.experiments.sweeps.drive.run_one", lambda job: Outcome(error="out of luck"))
    results = swept(file, tmp_path / "store")
    assert len(results.failures()) == 9 and results.frame().empty and results.frequencies().empty
    show_results(results)
    assert "9 runs failed, such as" in capsys.readouterr().out
    for ask in (
        lambda: results.compare(0, 1),
        lambda: results.phase_diagram("chips.taste", "contacts.degree", "chips"),
    ):
        with pytest.raises(InputError, match="no stored run"):
            ask()


def test_damage_in_the_middle_of_a_part_is_found(file: Path, tmp_path: Path) -> None:
    whole = swept(file, tmp_path / "store").digest()
    (part,) = (tmp_path / "store" / "runs").glob("*.parquet")
    content = bytearray(part.read_bytes())
    content[len(content) // 3 : len(content) // 3 + 300] = bytes(300)
    part.write_bytes(content)
    again = swept(file, tmp_path / "store")
    assert again.digest() == whole and len(again.frame()) == 6 * 3


def test_a_store_whose_beginning_failed_is_begun_again(file: Path, tmp_path: Path) -> None:
    whole = swept(file, tmp_path / "store")
    (tmp_path / "store" / "sweep.json").unlink()
    assert swept(file, tmp_path / "store").digest() == whole.digest()


def test_a_worker_of_another_version_ends_the_sweep(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stackrace.experiments.sweeps.one_run.RULES", 999)
    with pytest.raises(SimulationError, match="a worker has version 999 of the rules, the driver"):
        swept(file, tmp_path / "store")
    assert len(stackrace.open(tmp_path / "store").done) == 0


def test_what_is_asked_for_by_a_wrong_name_is_told(file: Path, tmp_path: Path) -> None:
    results = swept(file, tmp_path / "store")
    with pytest.raises(InputError, match="no measure is called 'hi': did you mean 'hhi'"):
        results.frame("hi")
    with pytest.raises(InputError, match="give two"):
        results.compare(0, 1, policies="baseline")  # type: ignore[arg-type]
    (tmp_path / "store" / "design.parquet").unlink()
    with pytest.raises(StoreError, match="the same sweep again writes it anew"):
        stackrace.open(tmp_path / "store").frame()


def test_a_script_without_a_main_guard_is_told_so(file: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(f"import stackrace\nstackrace.sweep({str(file)!r}, {str(tmp_path / 'store')!r}, workers=1)\n")
    ran = subprocess.run([sys.executable, str(script)], cwd=HERE.parent, capture_output=True, text=True)
    assert "InputError: worker processes cannot start" in ran.stderr and "__main__" in ran.stderr
    assert not (tmp_path / "store").exists()


def write(place: Path) -> None:
    """Keep a store of the present layout."""
    file = place.parent / "sweep.toml"
    file.write_text(("series = true\n" + SWEEP).replace(str(STACK), "../stacks/tiny.toml"))
    results = swept(file, place)
    (place / "expected.json").write_text(json.dumps({"digest": results.digest()}) + "\n")
    (place / ".lock").unlink()
    file.unlink()


if __name__ == "__main__":
    shutil.rmtree(STORES / str(SCHEMA), ignore_errors=True)
    STORES.mkdir(exist_ok=True)
    write(STORES / str(SCHEMA))
