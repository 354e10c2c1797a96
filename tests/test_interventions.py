"""What a regulator, or the world, does to a market: nothing before its date, something after, and what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import stackrace
from stackrace.experiments.ensemble import Ensemble
from stackrace.experiments.reports.report import pages
from stackrace.experiments.run import Run
from stackrace.model.enforce import parameters_at
from stackrace.model.interventions import InterventionError, read_interventions
from stackrace.model.world import World, opened

from .foresight import disagreements
from .markets import stack_named

DATE, STEPS = 8, 20
CASES: dict[str, dict[str, Any]] = {
    "interoperability mandate": {"kind": "set", "from": "2028-Q1", "set": {"*.switching_cost": 0.0}},
    "ban of exclusive deals, in steps, for a while": {
        "kind": "set",
        "from": DATE,
        "ramp": 4,
        "until": 16,
        "set": {"exclusivity": 0.0},
    },
    "funding winter": {"kind": "set", "from": DATE, "set": {"funding": 0.0, "entry_rate": 0.0}},
    "merger control": {"kind": "merger_control", "from": DATE, "hhi": 1.0, "rise": 0.0},
    "structural separation": {"kind": "separation", "from": DATE, "layers": ["compute", "hosting"]},
    "technology wave": {"kind": "technology_wave", "from": DATE, "layer": "model", "leap": 0.7, "steps": 6},
    "open release": {"kind": "open_release", "from": DATE, "layer": "model"},
    "failure of the largest": {"kind": "failure", "from": DATE, "layer": "compute"},
    "outage of the largest": {"kind": "failure", "from": DATE, "until": 11, "layer": "compute"},
    "export control": {"kind": "capacity_cap", "from": DATE, "layer": "compute", "capacity": 6.0},
    "public option": {"kind": "public_option", "from": DATE, "layer": "model"},
}


@pytest.fixture(scope="module")
def base() -> Run:
    return stackrace.simulate("ai-2025", seed=1, steps=STEPS)


def run_with(*names: str) -> Run:
    return stackrace.simulate(
        "ai-2025", seed=1, steps=STEPS, events=True, interventions=[CASES[name] for name in names]
    )


def world_with(name: str, stack: str = "ai-2025", seed: int = 1) -> World:
    return opened(stack_named(stack), seed, interventions=[CASES[name]])


@pytest.mark.parametrize("name", CASES)
def test_nothing_happens_before_its_date_and_something_after(name: str, base: Run) -> None:
    record = run_with(name).record
    np.testing.assert_array_equal(record[:DATE], base.record[:DATE])
    assert not np.array_equal(record[DATE:], base.record[DATE:], equal_nan=True)


@pytest.mark.parametrize("name", CASES)
def test_firms_still_do_what_they_say(name: str) -> None:
    world = world_with(name)
    world.advance(DATE - 1)
    for _ in range(5):
        assert list(disagreements(world)) == []
        world.advance()


def test_no_intervention_changes_nothing_at_all(base: Run) -> None:
    np.testing.assert_array_equal(
        stackrace.simulate("ai-2025", seed=1, steps=STEPS, interventions=[]).record, base.record
    )
    late = [{**CASES["technology wave"], "from": STEPS}]
    np.testing.assert_array_equal(
        stackrace.simulate("ai-2025", seed=1, steps=STEPS, interventions=late).record, base.record
    )


def test_a_mandate_sets_what_it_says_from_its_quarter_on() -> None:
    world = world_with("interoperability mandate")
    assert parameters_at(world, DATE - 1).layer.switching_cost.max() > 0.0
    world.advance(DATE + 1)
    assert world.state.layers.switching_cost[:7].tolist() == [0.0] * 7


def test_a_ramp_goes_in_equal_parts_and_ends_at_its_end() -> None:
    world = world_with("ban of exclusive deals, in steps, for a while")
    whole = float(world.state.market.exclusivity[0])
    ways = []
    for _ in range(18):
        world.advance()
        ways.append(float(world.state.market.exclusivity[0]) / whole)
    assert ways == pytest.approx([1.0] * 8 + [0.75, 0.5, 0.25, 0.0] + [0.0] * 4 + [1.0] * 2)


def overlapping(run: Run) -> int:
    """Takeovers by a firm that sold in a layer in which the firm taken over sold too."""
    count = 0
    for event in run.events[run.events.kind == "acquired"].itertuples():
        before = run.firms[(run.firms.step == event.step - 1) & (run.firms.volume > 0)]
        theirs, own = (set(before[before.firm == who].layer) for who in (event.counterparty, event.firm))
        count += bool(theirs & own)
    return count


def test_merger_control_blocks_what_would_concentrate() -> None:
    free, bound = (
        stackrace.simulate("ai-stack", seed=2, steps=40, events=True, firms=["volume"], interventions=given)
        for given in ([], [{**CASES["merger control"], "from": 0}])
    )
    # at most one: what either sold may have ended in the step of the takeover itself
    assert overlapping(free) > 5 > 1 >= overlapping(bound)
    assert (bound.events.kind == "acquired").any(), "across layers firms may merge"


def test_separated_layers_are_never_held_together() -> None:
    world = world_with("structural separation")
    world.advance(DATE)
    both = world.state.operates[0] & world.state.operates[1]
    assert both.any()
    events = world.advance(events=True).events
    assert (events.kind == 2).sum() >= both.sum()
    for _ in range(30):
        assert not (world.state.operates[0] & world.state.operates[1]).any()
        world.advance()


def test_a_wave_resets_experience_and_lets_entrants_start_ahead() -> None:
    world = world_with("technology wave")
    world.advance(DATE)
    before = world.state.units.experience[2].copy()
    world.prepare()
    assert world.state.units.experience[2] == pytest.approx(0.1 * before)
    assert world.state.layers.leap[2] == 0.7
    world.advance(6)
    world.prepare()
    assert world.state.layers.leap[2] == 0.0


def test_the_best_unit_is_released_and_stays_open() -> None:
    world = world_with("open release")
    world.advance(DATE)
    best = int(np.where(world.state.operates[2], world.state.units.capability[2], -1).argmax())
    birth, steps = world.state.firms.birth[best], 0
    assert not world.state.units.open[2, best]
    world.advance()
    while steps < 30 and world.state.operates[2, best] and world.state.firms.birth[best] == birth:
        assert world.state.units.open[2, best]
        world.advance()
        steps += 1
    assert steps > 0


def test_the_largest_supplier_fails_and_its_clients_go_elsewhere() -> None:
    run = run_with("failure of the largest")
    leader = run.register.label(
        int(run.measures[(run.measures.step == 7) & (run.measures.layer == "compute")].leader.item())
    )
    left = run.events[(run.events.kind == "left") & (run.events.step == DATE)]
    assert leader in set(left.firm)
    exits = run.measures[(run.measures.step == DATE) & (run.measures.layer == "compute")].exit.item()
    assert exits == (left.layer == "compute").sum() >= 1


def test_an_outage_lasts_until_it_ends() -> None:
    run = stackrace.simulate(
        "ai-2025", seed=1, steps=STEPS, firms=["volume"], interventions=[CASES["outage of the largest"]]
    )
    sales = run.firms[(run.firms.layer == "compute") & (run.firms.firm == "NVIDIA")].set_index("step").volume
    assert sales.loc[DATE - 1] > 0
    assert sales.loc[DATE:10].tolist() == [0.0] * 3
    assert sales.loc[12:].max() > 0


def test_nobody_has_more_capacity_than_the_cap() -> None:
    world = world_with("export control")
    world.advance(DATE)
    assert world.state.units.capacity[0][world.state.operates[0]].max() > 6.0
    world.advance()
    for _ in range(10):
        assert world.state.units.capacity[0][world.state.operates[0]].max() <= 6.0
        world.advance()


def test_a_public_supplier_never_marks_up_and_never_fails() -> None:
    world = world_with("public option", "ai-stack")  # where rivals have no standing, so that it is bought from
    world.advance(DATE + 1)
    (row,) = np.flatnonzero(world.state.firms.public)
    birth = world.state.firms.birth[row]
    for _ in range(40):
        world.advance()
        assert world.state.firms.alive[row] and world.state.firms.birth[row] == birth
        assert world.state.units.markup[2, row] == 0.0
    assert world.state.units.volume[2, row] > 0.0


def test_a_report_says_how_to_do_it_again(tmp_path: Path) -> None:
    run = run_with("structural separation", "interoperability mandate")
    made = pages(Ensemble((run,)))
    file = tmp_path / "interventions.toml"
    file.write_text(made["interventions.toml"], "utf-8")
    assert read_interventions(file) == run.interventions
    assert "--intervene interventions.toml" in made["report.html"]


def test_several_at_once_and_saved_and_branched(tmp_path: Path) -> None:
    run = run_with("technology wave", "open release", "ban of exclusive deals, in steps, for a while")
    loaded = stackrace.load(run.save(tmp_path / "run"))
    assert isinstance(loaded, Run)
    assert loaded.interventions == run.interventions
    np.testing.assert_array_equal(loaded.replay(events=True).record, run.record)
    for at in (3, DATE, 10, 16):
        state = loaded.state_at(at)
        for begin in (state, state.save(tmp_path / "state.npz")):
            branch = stackrace.simulate(start=begin, steps=STEPS - at)
            np.testing.assert_array_equal(branch.record, run.record[at:])
    kept = stackrace.load(branch.save(tmp_path / "branch"))
    assert isinstance(kept, Run) and kept.start is not None
    assert kept.interventions == kept.start.interventions == run.interventions
    plain = stackrace.simulate(start=loaded.state_at(5), steps=STEPS - 5, interventions=[])
    bare = stackrace.simulate("ai-2025", seed=1, steps=STEPS)
    np.testing.assert_array_equal(plain.record, bare.record[5:])


def test_a_file_says_the_same_as_tables(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(
        '[[interventions]]\nkind = "set"\nname = "mandate"\nfrom = "2028-Q1"\nset = { "*.switching_cost" = 0.0 }\n'
    )
    (read,) = read_interventions(file)
    assert (read.label, read.kind, read.start) == ("mandate", "set", "2028-Q1")
    assert read.set == CASES["interoperability mandate"]["set"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"kind": "tax", "from": 3}, r"interventions\[0\].kind must be one of set, merger_control,"),
        ({"kind": "set", "set": {"funding": 0.0}}, "from is missing"),
        ({"kind": "set", "from": 3, "set": {}}, "set"),
        ({"kind": "set", "from": -3, "set": {"funding": 0.0}}, "from"),
        ({"kind": "set", "from": 3, "rampe": 3, "set": {"funding": 0.0}}, "rampe is unknown: did you mean 'ramp'"),
        ({"kind": "set", "from": 3, "set": {"fundng": 0.0}}, "set: .*fundng"),
        ({"kind": "set", "from": 3, "set": {"funding": 7}}, "funding must be a number, 0 to 1"),
        ({"kind": "set", "from": 3, "set": {"model.firms": 70}}, "model.firms only matters at the start"),
        ({"kind": "set", "from": 3, "set": {"max_allies": 7}}, "max_allies cannot rise above 6"),
        (
            {"kind": "set", "from": 5, "until": 5, "set": {"funding": 0.0}},
            r"it must end after it begins \(5\), not at 5",
        ),
        ({"kind": "set", "from": "2025-Q1", "set": {"funding": 0.0}}, "2025-Q1 is before the start, 2026-Q1"),
        ({"kind": "set", "from": "soon", "set": {"funding": 0.0}}, "is no quarter"),
        (
            {"kind": "open_release", "from": 3, "layer": "modle"},
            "no selling layer is called 'modle': did you mean 'model'",
        ),
        ({"kind": "open_release", "from": 3, "layer": "model", "firm": "OpenIA"}, "did you mean 'OpenAI'"),
        ({"kind": "separation", "from": 3, "layers": ["model", "model"]}, "cannot be separated from itself"),
        ({"kind": "separation", "from": 3, "layers": ["model"]}, "layers"),
        ({"kind": "capacity_cap", "from": 3, "layer": "model", "capacity": 0}, "capacity should be greater than 0"),
        ({"kind": "technology_wave", "from": 3, "layer": "model", "uptake": 2}, "uptake should be less than or equal"),
        ({"kind": "technology_wave", "from": 3, "layer": "model", "keep": 2}, "keep should be less than or equal to 1"),
    ],
)
def test_what_cannot_be_done_is_told_beforehand(given: dict[str, Any], told: str) -> None:
    with pytest.raises(InterventionError, match=told) as error:
        stackrace.simulate("ai-2025", steps=1, interventions=[given])
    assert "\n" not in str(error.value)


def test_a_quarter_needs_a_stack_with_a_calendar(tmp_path: Path) -> None:
    with pytest.raises(InterventionError, match="needs a stack that says when it starts"):
        stackrace.simulate("ai-stack", steps=1, interventions=[CASES["interoperability mandate"]])
    with pytest.raises(InterventionError, match="cannot be read: No such file or directory"):
        stackrace.simulate("ai-stack", steps=1, interventions=tmp_path / "nowhere.toml")
