"""A saved run is whole or refused, and comes back as it was."""

import errno
import json
import shutil

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import stackrace
from stackrace.experiments import saved
from stackrace.experiments.folder import SavedRunError, WriteError, digest
from stackrace.experiments.saved import save
from stackrace.model import RULES

SETTINGS = {"frontier_share": 0.2, "model.taste": 0.3, "*.taste": 0.1, "contacts.degree": np.int64(8), "funding": 1}


@pytest.fixture(scope="module")
def run():
    return stackrace.simulate("ai-stack", seed=3, steps=4, set=SETTINGS)


@pytest.fixture(scope="module")
def ensemble():
    return stackrace.repeat("ai-stack", seeds=[5, 2], steps=3)


@pytest.fixture
def folder(run, tmp_path):
    return run.save(tmp_path / "run")


def edit(folder, **changes):
    path = folder / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_a_run_comes_back_as_it_was(run, folder):
    loaded = stackrace.load(folder)
    pd.testing.assert_frame_equal(loaded.measures, run.measures, check_exact=True)
    pd.testing.assert_frame_equal(loaded.regimes(), run.regimes(), check_exact=True)
    pd.testing.assert_frame_equal(loaded.ledger, run.ledger, check_exact=True)
    assert (loaded.stack, loaded.seed, loaded.steps, loaded.set) == (run.stack, run.seed, run.steps, run.set)
    for mine, theirs in zip(loaded.parameters, run.parameters, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(mine, theirs, strict=True))


def test_an_ensemble_comes_back_with_its_seeds_in_order(ensemble, tmp_path):
    loaded = stackrace.load(ensemble.save(tmp_path / "many"))
    assert loaded.seeds == (5, 2)
    pd.testing.assert_frame_equal(loaded.measures, ensemble.measures, check_exact=True)
    pd.testing.assert_frame_equal(loaded.frequencies(), ensemble.frequencies())
    pd.testing.assert_frame_equal(loaded.runs[1].ledger, ensemble.runs[1].ledger, check_exact=True)


def test_an_ensemble_holds_the_runs_that_simulate_gives(ensemble):
    alone = stackrace.simulate("ai-stack", seed=2, steps=3)
    pd.testing.assert_frame_equal(ensemble.runs[1].measures, alone.measures, check_exact=True)


def test_the_measures_of_the_whole_stack_come_back_too(run, ensemble, folder, tmp_path):
    pd.testing.assert_frame_equal(stackrace.load(folder).overall, run.overall, check_exact=True)
    loaded = stackrace.load(ensemble.save(tmp_path / "many"))
    pd.testing.assert_frame_equal(loaded.overall, ensemble.overall, check_exact=True)


def test_a_dated_run_comes_back_with_its_dates(tmp_path):
    run = stackrace.simulate("ai-2025", steps=3)
    folder = run.save(tmp_path / "dated")
    assert pd.read_parquet(folder / "overall.parquet").date.dt.year.tolist() == [2026] * 3
    pd.testing.assert_frame_equal(stackrace.load(folder).measures, run.measures, check_exact=True)


def as_written_by_an_older_version(folder, schema):
    """The folder as schema 1 had it, or without some measures of schema 2."""
    path = folder / "measures.parquet"
    table = pd.read_parquet(path)
    table.drop(columns=["fragility", "turbulence"] if schema == 2 else list(table)[15:]).to_parquet(path, index=False)
    files = json.loads((folder / "run.json").read_text())["files"] | {"measures.parquet": digest(path)}
    if schema == 1:
        (folder / "overall.parquet").unlink()
        del files["overall.parquet"]
    edit(folder, schema=schema, files=files)


@pytest.mark.parametrize("schema", [1, 2])
def test_an_older_folder_loads_with_nan_for_what_it_did_not_measure(run, folder, schema):
    as_written_by_an_older_version(folder, schema)
    loaded = stackrace.load(folder)
    assert list(loaded.measures) == list(run.measures)
    assert loaded.measures[["fragility", "turbulence"]].isna().all(axis=None)
    assert loaded.overall.margin.isna().all() == (schema == 1)
    pd.testing.assert_frame_equal(loaded.regimes(), run.regimes(), check_exact=True)
    again = stackrace.load(loaded.save(folder))
    pd.testing.assert_frame_equal(again.measures, loaded.measures, check_exact=True)


def test_the_tables_can_be_read_without_this_package(ensemble, tmp_path):
    table = pd.read_parquet(ensemble.save(tmp_path / "many") / "measures.parquet")
    assert table.groupby("seed").step.max().to_dict() == {2: 2, 5: 2}
    assert {"seed", "step", "layer", "hhi", "lerner"} <= set(table)
    np.testing.assert_array_equal(table.hhi, ensemble.measures.hhi)


def test_the_content_hash_tells_what_differs_and_nothing_else(tmp_path):
    def content(name, **changes):
        made = stackrace.simulate("ai-stack", **{"steps": 2, "seed": 1} | changes)
        return json.loads((made.save(tmp_path / name) / "run.json").read_text())["content"]

    ring = nx.cycle_graph(552)
    hashes = [
        content("a"),
        content("b", seed=2),
        content("c", steps=3),
        content("d", set={"funding": 0.1}),
        content("e", contacts=ring),
    ]
    assert len({*hashes}) == len(hashes)
    assert content("f", set={"funding": 0.5}) == hashes[0], "to set a parameter to its default changes nothing"


def test_a_new_run_replaces_the_old_one_and_leaves_nothing_beside_it(ensemble, folder):
    ensemble.save(folder, force=True)
    assert stackrace.load(folder).seeds == ensemble.seeds
    assert [each.name for each in folder.parent.iterdir()] == [folder.name]


def test_files_that_no_run_wrote_are_never_replaced(run, folder):
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(SavedRunError, match=r"notes\.txt"):
        run.save(folder)
    assert (folder / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_when_writing_breaks_off_the_old_run_stays(ensemble, folder, failure, monkeypatch):
    def fail(*_):
        raise failure

    monkeypatch.setattr(saved, "described", fail)
    with pytest.raises((WriteError, KeyboardInterrupt)):
        ensemble.save(folder, force=True)
    assert stackrace.load(folder).seed == 3
    assert [each.name for each in folder.parent.iterdir()] == [folder.name]


def test_when_the_last_rename_fails_the_old_run_comes_back(ensemble, folder, monkeypatch):
    rename = type(folder).rename

    def fail_in_place(source, target):
        if source.name.endswith(".partial"):
            raise OSError(errno.EIO, "Input/output error")
        return rename(source, target)

    monkeypatch.setattr(type(folder), "rename", fail_in_place)
    with pytest.raises(WriteError, match="Input/output error"):
        ensemble.save(folder, force=True)
    assert stackrace.load(folder).seed == 3


def damage_missing_folder(folder):
    shutil.rmtree(folder)


def damage_file_instead_of_folder(folder):
    shutil.rmtree(folder)
    folder.write_text("")


def damage_no_manifest(folder):
    (folder / "run.json").unlink()


def damage_half_a_manifest(folder):
    path = folder / "run.json"
    path.write_text(path.read_text()[:500])


def damage_binary_manifest(folder):
    (folder / "run.json").write_bytes(b"\xff\x00")


def damage_manifest_of_something_else(folder):
    (folder / "run.json").write_text("[1, 2]")


def damage_newer_schema(folder):
    edit(folder, schema=99)


def damage_edited_seed(folder):
    edit(folder, seeds=[4])


def damage_other_rules(folder):
    edit(folder, rules=1)


def damage_no_stack(folder):
    edit(folder, stack=None)


def damage_no_steps(folder):
    edit(folder, steps=None)


def damage_edited_parameter(folder):
    parameters = json.loads((folder / "run.json").read_text())["parameters"]
    edit(folder, parameters=parameters | {"parameters": parameters["parameters"] | {"funding": 7}})


def damage_no_measures(folder):
    (folder / "measures.parquet").unlink()


def damage_no_table_of_the_whole_stack(folder):
    (folder / "overall.parquet").unlink()


def damage_torn_measures(folder):
    path = folder / "measures.parquet"
    path.write_bytes(path.read_bytes()[:-100])


def damage_edited_ledger(folder):
    path = folder / "ledger.parquet"
    table = pd.read_parquet(path)
    table.loc[0, "ledger_sales"] += 1
    table.to_parquet(path)


def damage_measures_that_are_a_folder(folder):
    (folder / "measures.parquet").unlink()
    (folder / "measures.parquet").mkdir()


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (damage_missing_folder, "no such folder"),
        (damage_file_instead_of_folder, "is a file: give the folder"),
        (damage_no_manifest, "there is no run.json in it"),
        (damage_half_a_manifest, "half-written or edited"),
        (damage_binary_manifest, "half-written or edited"),
        (damage_manifest_of_something_else, "not written by stackrace"),
        (damage_newer_schema, "schema version 99, this stackrace reads up to"),
        (damage_edited_seed, "content hash does not match"),
        (damage_other_rules, f"follows rules version 1, this stackrace {RULES}; run it again"),
        (damage_no_stack, "not usable here (written by stackrace"),
        (damage_no_steps, "not as a saved run has it"),
        (damage_edited_parameter, "funding must be a number, 0 to 1, not 7"),
        (damage_no_measures, "measures.parquet: is missing"),
        (damage_no_table_of_the_whole_stack, "overall.parquet: is missing"),
        (damage_torn_measures, "measures.parquet: half-written or edited"),
        (damage_edited_ledger, "ledger.parquet: half-written or edited"),
        (damage_measures_that_are_a_folder, "Is a directory"),
    ],
)
def test_damage_is_told_in_one_line(folder, damage, told):
    damage(folder)
    with pytest.raises(SavedRunError) as error:
        stackrace.load(folder)
    assert told in str(error.value)
    assert str(folder) in str(error.value)
    assert "\n" not in str(error.value)


def test_pages_are_saved_with_the_run(run, tmp_path):
    folder = save(run, tmp_path / "run", {"report.html": "<p>Größe"})
    assert (folder / "report.html").read_text("utf-8") == "<p>Größe"
    run.save(folder)
    assert not (folder / "report.html").exists(), "a report of another run must not stay behind"


@pytest.mark.parametrize("seeds", [[], [1, 1]])
def test_an_ensemble_needs_seeds_that_differ(seeds):
    with pytest.raises(ValueError, match="give one or more, each once"):
        stackrace.repeat("ai-stack", seeds=seeds, steps=1)
