"""The page Live: Mesa's SolaraViz on a market that belongs to the visitor alone."""

from __future__ import annotations

from time import monotonic, sleep
from typing import Any

import solara
from mesa.visualization import Slider, SolaraViz

from ...model.errors import InputError
from ...model.market import Market
from ...model.settings import declaration_of, flat_name, public_values, resolve
from ...model.stack import read_stack, stacks
from .asked import FIRST_STACK
from .catalogue import slider_bounds
from .moment import moment

OF_LAYERS = ("switching_cost", "review", "taste")
OF_MARKET = ("price_weight", "exclusivity", "entry_rate", "inheritance_gap")
"""Parameters that have a slider."""
BREATH = 0.08
"""Least seconds between two steps: faster than a browser draws, a page would freeze."""
STYLE = """
.v-slider__thumb-label-container { display: block !important; }
.v-slider__thumb-container .v-slider__thumb-label.v-slider__thumb-label { background: transparent !important;
  color: inherit !important; width: 60px !important; height: 14px !important; font-size: 11px;
  transform: translateX(-50%) translateY(22px) !important; }
.v-slider__thumb-label > div, .v-slider__thumb-label > div > span { transform: none !important; }
.v-tabs { display: none; }
.vue-grid-layout { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 380px), 1fr)); gap: 10px;
  height: auto !important; }
.vue-grid-item { position: static !important; transform: none !important; width: auto !important;
  height: auto !important; min-width: 0; touch-action: auto !important; }
.vue-resizable-handle, .vue-grid-placeholder { display: none; }
@media (max-width: 959px) {
  .v-navigation-drawer { inset: auto 0 0 0 !important; width: 100% !important; min-width: 0 !important;
    max-width: none !important; height: 52% !important; border-top: 1px solid #8886; }
  .v-navigation-drawer--close { visibility: hidden; }
  .v-overlay { display: none; }
}
"""
"""Mesa's page: sliders show their value without being touched; one page needs no tabs; drawings stand side by side or,
on a narrow screen, below each other, each as tall as it is; there the controls come from below and leave the top free.
"""


class WatchedMarket(Market):
    """A market that steps no faster than its page can draw, and no more when the page is gone."""

    watched = True
    _stepped = 0.0

    def step(self) -> None:
        """One step, unless nobody watches."""
        if not self.watched:
            self.running = False
            return
        sleep(max(0.0, self._stepped + BREATH - monotonic()))
        super().step()
        self._stepped = monotonic()


@solara.component_vue("live.vue")
def Drawing(part: str, frame: bytes) -> None:  # noqa: N802
    """The network or the measures, drawn in the browser."""


@solara.component
def Frame(children: Any = ()) -> Any:  # noqa: N802
    """The page with its controls at the side: open where there is room, which only the browser knows (None)."""
    return solara.AppLayout(children=[*children], sidebar_open=None)


@solara.component
def Page() -> None:  # noqa: N802
    """The visitor chooses a stack; everything below begins anew with it."""
    name, choose = solara.use_state(FIRST_STACK)
    solara.Style(STYLE)
    with solara.Sidebar():
        solara.v.Html(tag="a", attributes={"href": "/"}, children=["Explore: a run computed ahead"])
        solara.Select("stack", values=[*stacks()], value=name, on_value=choose)
    Watching(name).key(name)


@solara.component
def Watching(name: str) -> None:  # noqa: N802
    """Mesa's page on a market of one stack, which ends with it."""
    market = solara.use_reactive(solara.use_memo(lambda: WatchedMarket(name, seed=1), []))

    def end() -> None:
        market.peek().watched = False

    solara.use_effect(lambda: end, [])
    parameters = solara.use_memo(lambda: {"stack": name, "seed": Slider("seed", 1, 0, 100, 1), **sliders(name)}, [])
    SolaraViz(market, components=[network, measures], model_params=parameters, name="stackrace", play_interval=100)


def network(market: Market) -> Any:
    """The network as it is now."""
    return drawing(market, "network")


def measures(market: Market) -> Any:
    """The measures so far."""
    return drawing(market, "measures")


def drawing(market: Market, part: str) -> Any:
    """A part of the market as it is now; what cannot be shown is told."""
    try:
        return Drawing(part=part, frame=moment(market))
    except InputError as error:
        return solara.Error(str(error))


def sliders(name: str) -> dict[str, Slider]:
    """Flat name -> slider of the parameters that have one, as they are in a stack."""
    stack = read_stack(name)
    values = public_values(resolve(stack), stack)
    names = [*OF_MARKET, *(f"{layer}.{each}" for layer in stack.selling_layers for each in OF_LAYERS)]
    return {flat_name(each): slider(each, values[each]) for each in names}


def slider(name: str, value: Any) -> Slider:
    """A slider made from the declaration of a parameter."""
    declared = declaration_of(name)
    low, high = (float(bound or 0.0) for bound in slider_bounds(declared, value))
    unit = f" ({declared.unit})" if declared.unit != "-" else ""
    step = float(f"{(high - low) / 100:.0e}")  # a round one, or values are shown with all their digits
    return Slider(f"{name.replace('_', ' ')}{unit}", value, low, high, step, dtype=float)


routes = [solara.Route("live", component=Page, label="Live", layout=Frame)]
