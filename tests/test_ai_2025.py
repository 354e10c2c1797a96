"""Claims about ai-2025: its numbers are facts with a source, and the market starts with them."""

from __future__ import annotations

import csv
from collections import Counter

import numpy as np
import pytest

from stackrace import repeat, simulate
from stackrace.experiments.calibration.forecast import shipped_set
from stackrace.experiments.calibration.particles import quantile, read_particles
from stackrace.experiments.calibration.setup import read_calibration
from stackrace.model.advance import advance
from stackrace.model.columns import State, empty_table
from stackrace.model.first_links import buyers_wants, flow_down
from stackrace.model.incumbents import slot_names
from stackrace.model.measures import empty_records
from stackrace.model.settings import resolve
from stackrace.model.stack import SHIPPED, NamedFirm, read_stack
from stackrace.model.start import start

STACK = read_stack("ai-2025")
SLOTS = {name: slot for slot, name in slot_names(STACK).items()}
SEEDS = range(30)


def facts() -> dict[str, dict[str, str]]:
    with (SHIPPED / "facts-2025.csv").open(newline="", encoding="utf-8") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


FACTS = facts()


def value(fact: str) -> float:
    return float(FACTS[fact]["value"])


def begun(seed: int) -> State:
    return start(STACK, resolve(STACK), seed)


# Its numbers


def test_a_run_knows_its_firms_by_name() -> None:
    run = simulate("ai-2025", steps=1)
    compute = run.measures[run.measures.layer == "compute"]
    assert run.names[int(compute.leader.item())] == "NVIDIA"
    assert simulate("ai-stack", steps=1).names == {}


def test_every_source_is_a_fact_and_every_fact_is_used() -> None:
    text = (SHIPPED / "ai-2025.toml").read_text("utf-8")
    sources = {unit.source for firm in STACK.firms for unit in firm.units}
    sources |= {known.source for firm in STACK.firms for known in (*firm.links, *firm.allies)}
    assert sources <= set(FACTS)
    computed = " ".join(row["source"] for row in FACTS.values())
    for fact in FACTS:
        assert fact in text or fact.split(".")[0] in text or fact in computed


@pytest.mark.parametrize("firm", STACK.firms, ids=lambda firm: firm.name)
def test_shares_are_those_of_their_sources(firm: NamedFirm) -> None:
    for unit in firm.units:
        assert unit.share is not None
        assert 100 * unit.share == pytest.approx(value(unit.source))


def test_adoption_is_that_of_its_source() -> None:
    assert 100 * float(STACK.parameters["adoption_initial"]) == pytest.approx(value("E04"))


def test_buyers_for_whom_quality_is_enough_are_as_many_as_take_open_models() -> None:
    enterprise = next(layer for layer in STACK.layers if layer.name == "enterprise")
    assert 100 * (1 - float(enterprise.parameters["frontier_share"])) == pytest.approx(value("F16"))


def test_computed_facts_follow_from_those_they_name() -> None:
    assert value("E02.1") == pytest.approx(100 * value("F27.4") / value("H07.3"), abs=0.05)
    assert value("E02.2") == pytest.approx(100 * value("F27.5") / value("H07.3"), abs=0.05)
    assert value("E04") == pytest.approx(value("F14.1") * (1 - value("W05") / 100) + value("F14.2"), abs=0.05)


@pytest.mark.parametrize(
    ("firm", "by", "fact"),
    [
        ("Google", "Google", "E03.1"),
        ("Amazon", "Amazon", "E03.2"),
        ("CoreWeave", "NVIDIA", "E03.3"),
        ("Meta", "AMD", "E03.4"),
    ],
)
def test_known_chips_of_a_cloud_are_the_nearest_number_of_its_sources(firm: str, by: str, fact: str) -> None:
    (cloud,) = (each for each in STACK.firms if each.name == firm)
    chips = Counter(link.by for link in cloud.links if link.input == "compute")
    assert chips.total() == 4
    assert chips[by] == round(4 * value(fact) / 100)


BY_HAND = {"*.switching_cost": 1.0, "choice_noise": 0.03}


def test_calibrated_values_are_the_medians_of_the_set_that_comes_along() -> None:
    """Those that the facts do not tell, whose interval is as wide as the prior's, are as they were set by hand."""
    wanted, particles = read_calibration("ai-2025"), read_particles(shipped_set("ai-2025"))
    found = {
        name: float(quantile(column, particles.weights, (0.5,))[0])
        for name, column in zip(particles.names, particles.values.T, strict=True)
    }
    here, there = resolve(STACK), resolve(STACK, wanted.settings({**found, **BY_HAND}))
    for mine, theirs in zip(here, there, strict=True):
        for name, value in theirs._asdict().items():
            if not isinstance(value, str):
                assert getattr(mine, name) == pytest.approx(value, rel=0.01), name


def test_the_growth_of_demand_slows_and_capacity_can_grow_as_the_stock_of_compute_did() -> None:
    grown = np.diff(np.log([value(fact) for fact in ("H07.1", "H07.2", "H07.3")]))
    assert float(STACK.parameters["demand_slowdown"]) == pytest.approx(np.log(grown[0] / grown[1]) / 4, abs=0.005)
    assert resolve(STACK).layer.capacity_growth[: len(STACK.selling_layers)] == pytest.approx(
        np.expm1(grown[0] / 4), abs=0.005
    )


OF_ALL = {"firms", "occupied", "initial_markup", "capacity_growth", "standing", "cost_decline", "review"}
OF_SOME = {("model", "innovation"), ("model", "speculation"), ("tooling", "speculation")}


def test_layers_are_those_of_ai_stack_but_for_their_start_what_is_from_facts_and_buyers_taste_for_quality() -> None:
    plain = read_stack("ai-stack")
    assert STACK.names == plain.names
    for here, there in zip(STACK.layers, plain.layers, strict=True):
        own = {**here.parameters}
        if here.name == "enterprise":
            del own["frontier_share"]
        other = OF_ALL | {name for layer, name in OF_SOME if layer == here.name}
        assert {**own, **dict.fromkeys(other)} == {**there.parameters, **dict.fromkeys(other)}
        assert own["firms"] * own.get("occupied", 1.0) == there.parameters["firms"]
        for mine, theirs in zip(here.inputs, there.inputs, strict=True):
            assert (mine.layer, mine.weight, mine.passthrough) == (theirs.layer, theirs.weight, theirs.passthrough)


# The market that it starts


def test_each_given_share_is_met_within_two_points_on_average_at_the_first_step() -> None:
    given = {
        (firm.name, unit.layer): unit.share for firm in STACK.firms for unit in firm.units if unit.share is not None
    }
    found: dict[tuple[str, str], list[float]] = {key: [] for key in given}
    for seed in SEEDS:
        state = begun(seed)
        advance(state, *empty_records(1, len(STACK.names)), empty_table("market", 1))
        volumes = state.units.volume * state.traded
        for name, layer in given:
            row = volumes[STACK.names.index(layer)]
            found[name, layer].append(float(row[SLOTS[name]] / row.sum()))
        assert state.firms.alive[list(SLOTS.values())].all()
    assert {key: float(np.mean(each)) for key, each in found.items()} == pytest.approx(given, abs=0.02)


def test_enterprises_use_models_of_as_many_developers_as_surveys_say() -> None:
    several, both = [], []
    for seed in SEEDS:
        state = begun(seed)
        application, model, enterprise = (STACK.names.index(name) for name in ("application", "model", "enterprise"))
        buyers = (state.firms.home == enterprise) & state.firms.active
        (bought,) = state.links.supplier[state.edges.consumer == enterprise]
        models = (state.edges.consumer == application) & (state.edges.input == model)
        used = state.links.supplier[models][:, bought[buyers]]
        several.append(np.mean([len(set(each)) >= 3 for each in used.T.tolist()]))
        anthropic, openai = ((used == SLOTS[name]).any(axis=0) for name in ("Anthropic", "OpenAI"))
        both.append(np.mean(openai[anthropic]))
    assert 100 * np.mean(several) == pytest.approx(value("W04"), abs=5)
    assert 100 * np.mean(both) == pytest.approx(value("W05"), abs=6)


def test_the_largest_clients_of_nvidia_are_about_as_large_as_it_reports() -> None:
    """No number was set for this: it follows from the shares in hosting and the chips that clouds make themselves."""
    found = []
    for seed in SEEDS:
        state = begun(seed)
        volumes = flow_down(state, buyers_wants(state))
        hosting, compute = STACK.names.index("hosting"), STACK.names.index("compute")
        parts = state.links.supplier[(state.edges.consumer == hosting) & (state.edges.input == compute)]
        bought = np.sum(parts == SLOTS["NVIDIA"], axis=0) * volumes[hosting]
        found.append(np.sort(bought)[:-3:-1] / bought.sum())
    assert 100 * np.mean(found, axis=0) == pytest.approx([value("H09.5"), value("H09.6")], abs=5)


def test_margins_in_the_first_step_are_those_of_their_sources() -> None:
    facts_of = {"compute": "H11.5", "hosting": "C24", "model": "F31", "application": "A05.2"}
    first = repeat("ai-2025", seeds=range(1, 11), steps=1).measures.groupby("layer").lerner.mean()
    assert {layer: 100 * first[layer] for layer in facts_of} == pytest.approx(
        {layer: value(fact) for layer, fact in facts_of.items()}, abs=1.0
    )


def test_names_are_on_the_first_slots_of_their_home_layers() -> None:
    state = begun(1)
    for firm in STACK.firms:
        row = state.firms.row_of_slot[SLOTS[firm.name]]
        assert STACK.names[state.firms.home[row]] == firm.home
        operated = [STACK.names[k] for k in np.flatnonzero(state.operates[:, row])]
        assert sorted(operated) == sorted(firm.operated)


def test_chips_and_hosting_of_their_own_serve_their_owners() -> None:
    state = begun(2)
    layer = {name: k for k, name in enumerate(STACK.names)}
    for name, client, bought, times in [
        ("Google", "hosting", "compute", 3),
        ("Amazon", "hosting", "compute", 2),
        ("Google", "model", "hosting", 5),
        ("Meta", "model", "hosting", 5),
    ]:
        edges = (state.edges.consumer == layer[client]) & (state.edges.input == layer[bought])
        assert np.sum(state.links.supplier[edges, SLOTS[name]] == SLOTS[name]) >= times


def test_developers_of_models_start_allied_with_the_clouds_that_invested_in_them() -> None:
    state = begun(3)
    names = {slot: name for name, slot in SLOTS.items()}
    allies = {name: {names[ally] for ally in state.ties.ally[slot] if ally >= 0} for name, slot in SLOTS.items()}
    assert allies["Anthropic"] == {"Amazon", "Google"} and allies["OpenAI"] == {"Microsoft"}
    assert allies["Amazon"] == allies["Google"] == {"Anthropic"} and allies["Microsoft"] == {"OpenAI"}
    assert sum(map(len, allies.values())) == 6


def test_meta_is_open_and_the_others_closed() -> None:
    state = begun(3)
    model = STACK.names.index("model")
    opened = {name for name, slot in SLOTS.items() if state.units.open[model, slot]}
    assert opened == {"Meta"}
