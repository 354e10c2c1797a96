"""The app without a browser: what is sent is the market, and visitors share nothing."""

from __future__ import annotations

import io
import json
import shlex
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from stackrace import load, read_stack, simulate, stacks
from stackrace.experiments.app import shelf
from stackrace.experiments.app.asked import of_manifest, read_asked, read_upload
from stackrace.experiments.app.catalogue import catalogue, of_stack
from stackrace.experiments.app.considered import considered, history
from stackrace.experiments.app.film import Film, allies_in, filmed, suppliers_in
from stackrace.experiments.app.pack import packed, unpacked
from stackrace.experiments.app.shelf import shelved
from stackrace.experiments.app.takeaway import archive, command_of, reproduced, toml_of
from stackrace.experiments.command.main import main
from stackrace.model.errors import InputError
from stackrace.model.interventions import KINDS
from stackrace.model.market import Market
from stackrace.model.policy import policies
from stackrace.model.stack import Stack

from .markets import HALF_SIZE
from .serving import ask

STEPS = 12
SMALL: dict[str, Any] = {"stack": "ai-stack", "seed": 3, "steps": STEPS, "set": dict(HALF_SIZE)}
INTERVENED = {**SMALL, "interventions": [{"kind": "open_release", "from": 4, "layer": "model"}]}


@pytest.fixture(scope="module")
def film() -> Film:
    return filmed(read_asked(INTERVENED))


def replayed(header: Any, arrays: Any, name: str, step: int) -> Any:
    """A table of links as the page has it at a step."""
    table = arrays[name].ravel().copy()
    changes = arrays[f"{name}_changes"]
    for _, place, value in changes[changes[:, 0] <= step]:
        table[place] = value
    return table.reshape(arrays[name].shape)


def test_the_links_and_alliances_sent_are_those_of_the_market_at_every_step(film: Film) -> None:
    header, arrays = unpacked(packed(film))
    for step in range(STEPS):
        state = film.run.state_at(step).state
        assert np.array_equal(replayed(header, arrays, "suppliers", step), suppliers_in(state))
        assert np.array_equal(replayed(header, arrays, "allies", step), allies_in(state))
    assert len(arrays["suppliers_changes"]) > 100


def test_the_run_sent_is_the_run_that_simulate_gives(film: Film) -> None:
    run = simulate("ai-stack", seed=3, steps=STEPS, set=HALF_SIZE, interventions=INTERVENED["interventions"])
    assert np.array_equal(film.run.record, run.record, equal_nan=True)
    header, arrays = unpacked(packed(film))
    assert np.array_equal(arrays["measures"], run.record.astype(np.float32), equal_nan=True)
    ends = [header["regimes"][n] for n in arrays["regime"][-1][: len(run.stack.selling_layers)]]
    assert ends == run.regimes().regime.tolist()


def test_books_and_events_sent_carry_their_names(film: Film) -> None:
    header, arrays = unpacked(packed(film))
    books, events = film.run.firms, film.run.events
    assert [header["firms"][n] for n in arrays["row_firm"]] == books.firm.tolist()
    volumes = arrays["books"][header["books"].index("volume")]
    assert np.array_equal(volumes, books.volume.to_numpy(np.float32))
    assert [header["firms"][n] for n in arrays["event_firm"]] == events.firm.tolist()
    last = slice(arrays["event_start"][STEPS - 1], arrays["event_start"][STEPS])
    assert set(events.step.iloc[last]) == {STEPS - 1}


def test_what_is_shown_of_a_live_market_are_its_links_and_volumes() -> None:
    from stackrace.experiments.app.moment import moment

    market = Market("ai-stack", seed=3, set=HALF_SIZE).run(5)
    header, arrays = unpacked(moment(market))
    assert np.array_equal(arrays["suppliers"], suppliers_in(market.world.state))
    assert header["step"] == 5
    assert header["series"]["hhi"]["model"][-1] == market.measure("hhi", "model")
    row = header["firms"].index("model-1"), market.stack.names.index("model")
    at = (arrays["row_firm"] == row[0]) & (arrays["row_layer"] == row[1])
    assert arrays["books"][header["books"].index("volume")][at] == np.float32(market.firm("model-1").volume)


def test_a_live_market_that_nobody_watches_steps_no_more() -> None:
    from stackrace.experiments.app.live import WatchedMarket

    market = WatchedMarket("ai-stack", seed=1, set=HALF_SIZE)
    market.step()
    market.watched = False
    market.step()
    assert (market.step_number, market.running) == (1, False)


@pytest.mark.parametrize("name", stacks())
def test_every_slider_of_live_begins_at_the_value_of_the_stack(name: str) -> None:
    from stackrace.experiments.app.live import sliders

    shown = sliders(name)
    assert all(slider.min <= slider.value <= slider.max for slider in shown.values())
    market = Market(name, seed=1, **{key: slider.value for key, slider in shown.items()})
    assert np.array_equal(market.run(1).measures, Market(name, seed=1).run(1).measures, equal_nan=True)


@pytest.mark.parametrize("name", stacks())
def test_the_page_is_told_of_every_parameter_and_its_value(name: str) -> None:
    stack = read_stack(name)
    told = {each["name"]: each for group in of_stack(stack)["groups"] for each in group["parameters"]}
    run = simulate(stack, steps=1, set={key: each["value"] for key, each in told.items()})
    assert np.array_equal(run.record, simulate(stack, steps=1).record, equal_nan=True)
    numbers = [each for each in told.values() if each["low"] is not None]
    assert all(each["low"] <= each["value"] <= each["high"] for each in numbers)
    json.dumps(of_stack(stack), allow_nan=False)


def test_the_page_offers_the_policies_that_a_stack_can_have() -> None:
    offered = of_stack(read_stack("ai-stack"))["policies"]
    assert {*policies()} - {*offered} == {"computer-history", "pipeline-separation"}


def test_the_page_is_told_of_every_policy_and_kind_of_intervention() -> None:
    told = catalogue()
    assert {*told["policies"]} == {*policies()}
    for form, kind in zip(told["kinds"], KINDS, strict=True):
        assert len(form["fields"]) == len(kind.model_fields) - 4
    json.dumps(told, allow_nan=False)


@pytest.mark.parametrize("name", stacks())
def test_a_stack_written_as_toml_is_read_as_the_same(name: str) -> None:
    stack = read_stack(name)
    assert Stack.from_dict(tomllib.loads(toml_of(stack.as_dict()))) == stack
    assert read_upload(toml_of(stack.as_dict()).encode()).read_stack() == stack


def test_what_was_asked_can_be_taken_away_and_loaded_again() -> None:
    asked = read_asked(INTERVENED)
    assert read_upload(reproduced(asked)["asked.toml"].encode()) == asked


def test_the_run_taken_away_is_made_again_by_its_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = {**read_stack("ai-stack").as_dict(), "name": "mine"}
    asked = read_asked({**INTERVENED, "stack": stack, "steps": 6})
    zipfile.ZipFile(io.BytesIO(archive(asked))).extractall(tmp_path / "taken")
    for name, text in reproduced(asked).items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    assert command_of(asked) == (tmp_path / "taken/reproduce.sh").read_text().strip()
    assert main(shlex.split(command_of(asked))[1:]) == 0
    taken, made = load("taken/run"), load("run")
    assert taken.measures.equals(made.measures)
    assert taken.events.equals(made.events)
    assert taken.firms.volume.equals(made.firms.volume)


@pytest.mark.parametrize("name", ["../../evil", "/etc/evil", "asked", "interventions", "--help", "x\x7f", "\U0001f600"])
def test_no_name_of_a_stack_leads_out_of_the_archive_or_over_another_file(name: str) -> None:
    stack = {**read_stack("ai-stack").as_dict(), "name": name}
    asked = read_asked({**INTERVENED, "stack": stack})
    files = reproduced(asked)
    assert {*files} == {"asked.toml", "interventions.toml", "stack.toml"}
    assert shlex.split(command_of(asked))[2] == "stack.toml"
    assert tomllib.loads(files["stack.toml"])["name"] == name
    assert read_upload(files["asked.toml"].encode()) == asked


def test_tables_taken_as_text_hold_the_same_numbers() -> None:
    asked = read_asked({**SMALL, "steps": 3})
    with zipfile.ZipFile(io.BytesIO(archive(asked, "csv"))) as bundle:
        table = pd.read_csv(bundle.open("run/measures.csv"))
    assert np.array_equal(table.hhi, filmed(asked).run.measures.hhi, equal_nan=True)


def test_a_firm_is_shown_to_consider_what_it_says_in_mesa() -> None:
    asked = read_asked({**SMALL, "steps": 8})
    shown = considered(asked, "embedded-1", 5)
    firm = Market("ai-stack", seed=3, set=HALF_SIZE).run(5).firm("embedded-1")
    for decision in shown["decisions"]:
        choices = [(each["about"], each["choice"]) for each in decision["questions"]]
        assert choices == [*firm.consider(decision["decision"]).choices.items()]
    assert sum(len(each["options"]) for each in shown["decisions"][0]["questions"]) > 1
    assert history(asked, "embedded-1") == simulate("ai-stack", seed=3, steps=8, set=HALF_SIZE).explain("embedded-1")


def test_a_firm_that_is_not_there_considers_nothing() -> None:
    asked = read_asked(SMALL)
    assert considered(asked, "model-1.5", 3)["decisions"] == []
    with pytest.raises(InputError, match="no firm is called"):
        considered(asked, "nobody", 3)
    with pytest.raises(InputError, match="is not one of this run"):
        considered(asked, "model-1", 99)


def test_a_saved_run_keeps_its_parameters_when_defaults_have_changed(tmp_path: Path) -> None:
    manifest = json.loads((simulate("ai-stack", steps=1).save(tmp_path / "run") / "run.json").read_text())
    manifest["parameters"]["parameters"]["price_weight"] = 2.5
    manifest["parameters"]["layers"]["model"]["taste"] = 0.75
    assert of_manifest(manifest).set == {"price_weight": 2.5, "model.taste": 0.75}


def test_saved_runs_and_sweeps_are_shown_as_they_were_run(tmp_path: Path) -> None:
    from stackrace import sweep
    from stackrace.experiments.sweeps.file import read_sweep

    run = simulate("ai-stack", seed=5, steps=2, set=HALF_SIZE)
    run.save(tmp_path / "saved")
    uploaded = read_upload((tmp_path / "saved/run.json").read_bytes())
    small = ", ".join(f'"{name}" = {value}' for name, value in HALF_SIZE.items())
    (tmp_path / "taste.toml").write_text(
        f'stack = "ai-stack"\nsteps = 2\nseeds = 2\nset = {{ {small} }}\n'
        '[design.parameters]\n"model.taste" = [0.1, 0.9]\n'
    )
    sweep(read_sweep(tmp_path / "taste.toml"), tmp_path / "store", workers=1)
    saved, store = shelved([str(tmp_path / "saved"), str(tmp_path / "store")])
    assert saved.told() == {"path": str(tmp_path / "saved"), "called": "seed", "runs": [(5, "seed 5")], "count": 1}
    assert saved.asked(5) == uploaded
    assert np.array_equal(filmed(saved.asked(5)).run.record, run.record, equal_nan=True)
    assert [store.asked(number).set["model.taste"] for number in store.numbers] == [0.1, 0.1, 0.9, 0.9]
    status, content = ask("/explore/shelf/1/3", shelf=[saved, store])
    assert (status, json.loads(content)) == (200, store.asked(3).model_dump())
    for path, told in (("0/6", "has no seed 6"), ("1/4", "has no run 4"), ("2/0", "no place 2")):
        status, content = ask(f"/explore/shelf/{path}", shelf=[saved, store])
        assert (status in (404, 422), told in json.loads(content)["error"]) == (True, True)


def test_a_list_that_is_cut_says_so_and_every_run_can_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "MOST", 2)
    runs = tmp_path / "runs"
    manifest = json.loads((simulate("ai-stack", steps=1, set=HALF_SIZE).save(runs) / "run.json").read_text())
    (runs / "run.json").write_text(json.dumps({**manifest, "seeds": [3, 5, 7, 9]}))
    (place,) = shelved([str(runs)])
    assert (place.told()["runs"], place.told()["count"]) == ([(3, "seed 3"), (5, "seed 5")], 4)
    assert place.asked(9).seed == 9
