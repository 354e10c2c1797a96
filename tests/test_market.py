"""The market as a Mesa model: its agents are the firms there are, and Mesa's own tools work on it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import mesa
import numpy as np
import pytest

import stackrace
from stackrace import Firm, Market

from .foresight import disagreements
from .markets import ROOT, stack_named
from .pages import played

STEPS = 30


@pytest.fixture(scope="module")
def market() -> Market:
    return Market("ai-stack", seed=3).run(STEPS)


def test_the_market_is_the_one_that_simulate_runs(market: Market) -> None:
    run = stackrace.simulate("ai-stack", seed=3, steps=STEPS)
    last = run.measures[run.measures.step == STEPS - 1].set_index("layer")
    assert market.measures.equals(last[market.measures.columns])
    kept = market.datacollector.get_model_vars_dataframe()
    assert len(kept) == STEPS + 1
    assert kept.model_hhi.iloc[1:].to_numpy() == pytest.approx(run.measures[run.measures.layer == "model"].hhi)


def test_agents_are_the_firms_that_there_are(market: Market) -> None:
    firms = market.world.state.firms
    assert len(market.agents) == firms.alive.sum() < len(firms)
    assert {firm.slot for firm in market.agents} == set(firms.slot[firms.alive].tolist())
    assert sum(firm.cash for firm in market.agents) == pytest.approx(firms.cash[firms.alive].sum())


def test_agents_come_and_go_with_fresh_ids() -> None:
    market = Market("ai-stack", seed=3)
    seen: dict[int, Firm] = {firm.unique_id: firm for firm in market.agents}
    entered = 0
    for _ in range(40):
        market.step()
        for firm in market.agents:
            if firm.unique_id not in seen:
                assert firm.unique_id > max(seen) or firm.birth > 0
                entered += 1
            assert seen.setdefault(firm.unique_id, firm) is firm
    gone = [firm for firm in seen.values() if not firm.lives]
    assert entered == sum(firm.birth > 0 for firm in seen.values()) > 0
    assert len(gone) == len(seen) - len(market.agents) > 0
    with pytest.raises(LookupError, match="has left the market"):
        _ = gone[0].cash
    with pytest.raises(ValueError, match="is not in the market at step 40"):
        market.firm(gone[0].name)


def test_a_firm_knows_its_books_and_whom_it_deals_with(market: Market) -> None:
    for firm in list(market.agents)[::7]:
        state, row = market.world.state, firm.slot
        assert firm.volume == state.units.volume[state.firms.home[row], row]
        assert set(firm.layers) == {market.stack.names[k] for k in np.flatnonzero(state.operates[:, row])}
        assert all(firm in ally.allies for ally in firm.allies)
        assert all(firm in contact.contacts for contact in firm.contacts)
        suppliers = {each for used in firm.suppliers.values() for each in used} - {firm}
        assert all(firm in supplier.clients for supplier in suppliers)
        assert firm.unit(firm.home)["markup"] == firm.markup
    with pytest.raises(AttributeError, match="firms have no 'profits'"):
        _ = market.firm("enterprise-1").profits
    with pytest.raises(LookupError, match="is not in layer 'nowhere': it is in"):
        market.firm("enterprise-1").unit("nowhere")


def test_a_firm_that_considers_prices_gets_the_price_that_it_said(market: Market) -> None:
    other = Market("ai-stack", seed=3).run(STEPS)
    said = {firm.name: firm.consider("price") for firm in other.agents if not firm.buys_only}
    other.step()
    for firm in other.agents:
        if firm.name in said and firm.home in firm.layers:
            question = next(q for q in said[firm.name].questions if q.about == f"{firm.home} mark-up")
            assert firm.markup == question.outcome["markup"]
    assert list(market.firm("model-1").view("price")) == list(market.firm("model-1").consider("price").choices)


class AtCost(Firm):
    """Sells at cost."""

    def decide_price(self, view: Any) -> float:
        return 0.0


def test_a_firm_of_another_kind_follows_its_own_rule_and_the_others_do_not() -> None:
    market = Market("ai-stack", seed=3, firm_class={"model": AtCost}).run(5)
    for firm in market.agents:
        if not firm.buys_only:
            assert isinstance(firm, AtCost) == (firm.home == "model")
            assert not isinstance(firm, AtCost) or firm.markup == 0.0
    assert any(firm.markup > 0.0 for firm in market.agents)
    same = stackrace.simulate("ai-stack", seed=3, steps=5, rules={"price": lambda view: 0.0}).state_at(5)
    everyone = Market("ai-stack", seed=3, firm_class=AtCost).run(5)
    ours, theirs = everyone.world.state, same.state
    np.testing.assert_array_equal(ours.units.markup[ours.operates], theirs.units.markup[theirs.operates])


class Bent(Firm):
    """Decides everything in its own way."""

    def decide_price(self, view: Any) -> float:
        return 0.9 * view.markup**2 + 0.01

    def decide_switch(self, view: Any) -> float:
        return -view.option.paid + view.option.taste

    def decide_build(self, view: Any) -> float:
        return view.cash - 2.0 * view.build_cost

    def decide_ally(self, view: Any) -> float:
        return view.discount + view.business


def test_firms_of_another_kind_do_what_they_say() -> None:
    market = Market(stack_named("rich"), seed=2, firm_class=Bent).run(3)
    for _ in range(10):
        assert list(disagreements(market.world)) == []
        market.step()


def test_a_branch_of_their_market_asks_for_them() -> None:
    market = Market(stack_named("rich"), seed=2, firm_class=Bent).run(3)
    with pytest.raises(ValueError, match="the firms of a Market decide"):
        stackrace.simulate(start=market.world, steps=3)
    other = Market(start=market.world, firm_class=Bent).run(4)
    assert other.measures.equals(market.run(4).measures)


def test_a_firm_is_a_view_and_no_place_to_write_to(market: Market) -> None:
    firm = market.firm("enterprise-2")
    with pytest.raises(AttributeError, match="cash is a column of the market"):
        firm.cash = 5.0
    with pytest.raises(LookupError, match="it leaves when it fails"):
        firm.remove()
    with pytest.raises(LookupError, match="a market makes its own agents"):
        Firm(market, firm.slot, firm.birth)
    firm.note = "mine"
    assert firm.note == "mine"
    assert {"cash", "volume", "markup"} <= {*dir(firm)}


class Fails(Firm):
    def decide_ally(self, view: Any) -> float:
        raise RuntimeError("no idea")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"model_tast": 1}, "no parameter is called 'model_tast': did you mean 'model_taste'"),
        ({"firm_class": 3}, "must be a subclass of Firm"),
        ({"firm_class": {"modle": AtCost}}, "no layer is called 'modle'"),
        ({"firm_class": {"model": int}}, "model needs a subclass of Firm"),
        ({"firm_class": AtCost, "rules": {"price": lambda view: 1.0}}, "give either a rule or a firm_class"),
        ({"collect": ["hhy"]}, "nothing measured is called 'hhy'"),
        ({"stack": "ai-stak"}, "no stack is called 'ai-stak'"),
        ({"model_taste": -1}, "taste must be"),
        ({"model_taste": 1, "set": {"model.taste": 2}}, "model.taste is given twice"),
        ({"seed": -1}, "seed = -1 is not a whole number of 0 or more"),
        ({"seed": 2**70}, "is too large"),
        ({"start": "nowhere.npz"}, "start brings its own stack, seed"),
        ({"seed": None, "start": "nowhere.npz"}, "nowhere.npz: there is no such file"),
    ],
)
def test_what_cannot_be_used_is_told(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Market(**{"seed": 1, **given})


def test_a_decision_that_fails_is_told_with_its_firm_class() -> None:
    with pytest.raises(RuntimeError, match=r"rule 'ally' \(Fails.decide_ally\) failed: RuntimeError: no idea"):
        Market("ai-stack", seed=1, firm_class=Fails).run(3)


def test_flat_names_and_public_names_set_the_same() -> None:
    flat = Market(stack_named("ai-stack"), seed=1, model_switching_cost=0.3, all_taste=0.1, contacts_degree=6)
    public = Market("ai-stack", seed=1, set={"model.switching_cost": 0.3, "*.taste": 0.1, "contacts.degree": 6})
    assert flat.world.set == public.world.set
    assert flat.run(3).measures.equals(public.run(3).measures)


def test_a_market_goes_on_from_a_run() -> None:
    run = stackrace.simulate("ai-stack", seed=3, steps=12)
    market = Market(start=run.state_at(8)).run(4)
    assert market.step_number == 12
    last = run.measures[run.measures.step == 11].set_index("layer")
    assert market.measures.equals(last[market.measures.columns])


def test_without_a_seed_one_is_drawn_and_told() -> None:
    one, other = Market("ai-stack"), Market("ai-stack")
    assert one.seed != other.seed
    assert Market("ai-stack", rng=one.seed).run(2).measures.equals(one.run(2).measures)


MEMORY = """
import sys
sys.path.insert(0, {root!r})
from stackrace import Firm, Market
from tests.markets import stack_named
class Own(Firm):
    def decide_price(self, view):
        return 0.25
def plain(view):
    return float(str(view.discount))
def resident():
    return int(open("/proc/self/statm").read().split()[1])
stack = stack_named("ai-stack")
for n in range(60):
    market = Market(stack, seed=n, firm_class=Own, rules={{"ally": plain}})
    market.run(2)
    market.firm(0).consider("switch")
    if n == 9:
        tenth = resident()
print(resident() / tenth)
"""


def test_finished_markets_are_freed() -> None:
    told = subprocess.run(
        [sys.executable, "-c", MEMORY.format(root=str(ROOT))], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert float(told.stdout) < 1.1
    assert not any(isinstance(model, Market) for model in getattr(mesa.Agent, "_ids", ()))  # gone in Mesa 3.5


def test_the_page_in_the_documentation_runs_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import ipyvuetify
    import solara

    monkeypatch.chdir(tmp_path)
    blocks = list(played(ROOT / "docs" / "mesa.md"))
    for _, promised, printed, _ in blocks:
        assert printed == (promised or ""), "run `python -m tests.pages docs/mesa.md`"
    page = blocks[-1][3]["Page"]

    @solara.component  # type: ignore[untyped-decorator]
    def shown() -> None:
        with solara.AppLayout():
            page()

    _, context = solara.render(shown(), handle_error=False)
    try:
        labels = [slider.label for slider in context.find(ipyvuetify.Slider).widgets]
        assert {"switching cost of models", "reviews per step"} <= set(labels)
        for _ in range(3):
            context.find(ipyvuetify.Btn, children=["Step"]).widget.click()
        context.find(ipyvuetify.Slider, label="reviews per step").widget.v_model = 0.2
        context.find(ipyvuetify.Btn, children=["Reset"]).widget.click()
        context.find(ipyvuetify.Btn, children=["Step"]).widget.click()
    finally:
        context.close()
