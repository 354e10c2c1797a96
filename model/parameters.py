"""Every parameter of the market, declared once.

Three tables: `LayerParameters` (one value per layer), `BuyerParameters` (one market-wide value that a demand layer may
override) and `MarketParameters` (one value for the whole market). Each field's annotation carries default, unit,
range, meaning and source; the stack reader, the command line, sweeps and the documentation are derived from it.

Money is counted in units of "base stage cost of one unit"; a step is a quarter.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .parameter import GROUPS as GROUPS
from .parameter import INFINITE, declarations
from .parameter import Parameter as Parameter
from .parameter import Value as Value

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
CONTACT_KINDS = ("watts-strogatz", "erdos-renyi", "barabasi-albert", "stochastic-blocks")

P = Parameter
S = partial(Parameter, at_start=True)  # read at the start only
GOMPERTZ = "Winsor, The Gompertz Curve as a Growth Curve (1932)"
BERRY = "Berry, Estimating Discrete-Choice Models of Product Differentiation (1994)"
SUTTON = "Sutton, Sunk Costs and Market Structure (1991)"
KLEMPERER = "Klemperer, Markets with Switching Costs (1987)"
WRIGHT = "Wright, Factors Affecting the Cost of Airplanes (1936)"
KATZ_SHAPIRO = "Katz & Shapiro, Network Externalities (1985)"
MCFADDEN = "McFadden, Conditional Logit Analysis (1974)"
DEEDS_HILL = "Deeds & Hill, Strategic Alliances and the Rate of New Product Development (1996)"
GULATI = "Gulati, Social Structure and Alliance Formation Patterns (1995)"


class LayerParameters(NamedTuple):
    """One value per layer, arrays of shape (layers,)."""

    firms: Annotated[Integers, S(30, "firms whose home this layer can be: its slots", "firms", 1, 1e8, "n")]
    occupied: Annotated[
        Floats, S(1.0, "share of a selling layer's slots that are taken at the start, one at least", "-", 0, 1)
    ]
    speculation: Annotated[
        Floats, P(0.0, "probability that a vacant slot is entered though nothing says that it will pay", "1/step", 0, 1)
    ]
    base_cost: Annotated[Floats, P(1.0, "stage cost of one unit, before learning", "money/unit", 0, 1e6, "c")]
    cost_decline: Annotated[Floats, P(0.0, "fall of log base cost by progress from outside the stack", "1/step", -1, 1)]
    fixed_cost: Annotated[
        Floats, P(2.0, "cost of being in the layer at capability 0", "money/step", 0, 1e6, "F", SUTTON)
    ]
    build_cost: Annotated[Floats, P(20.0, "one-off cost of a new unit at capability 0", "money", 0, 1e6, "B", SUTTON)]
    escalation: Annotated[
        Floats,
        P(
            0.4,
            "fixed, build and research cost grow by exp(escalation * capability): endogenous sunk cost",
            "1/log quality",
            0,
            10,
            "kappa",
            SUTTON,
        ),
    ]
    learning: Annotated[
        Floats,
        P(0.1, "Wright exponent: stage cost falls with cumulative output", "-", 0, 2, "b", WRIGHT),
    ]
    innovation: Annotated[Floats, P(0.03, "mean jump of capability on success", "log quality", 0, 5, "lambda")]
    research_scale: Annotated[Floats, P(4.0, "outlay at which success becomes likely", "money/step", 1e-6, 1e9, "I")]
    imitation: Annotated[
        Floats, P(0.05, "share of the visible capability gap closed: how fast secrets leak", "1/step", 0, 1, "d")
    ]
    flywheel: Annotated[
        Floats, P(0.0, "capability gained per unit rise of ln(1 + experience): usage data", "log quality", 0, 5, "phi")
    ]
    taste: Annotated[
        Floats, P(0.4, "horizontal differentiation: scale of lasting tastes for a supplier", "appeal", 0, 20, "tau")
    ]
    standing: Annotated[
        Floats,
        P(1.0, "how much of a share given at the start is lasting liking of all clients", "-", 0, 10, "", BERRY),
    ]
    switching_cost: Annotated[
        Floats,
        P(0.4, "appeal lost by leaving a supplier, approached as tenure grows", "appeal", 0, 50, "sigma", KLEMPERER),
    ]
    tenure_scale: Annotated[
        Floats, P(4.0, "steps until switching costs have grown to 63 %; long = data gravity", "steps", 1e-6, 1e4, "h0")
    ]
    network_effect: Annotated[
        Floats,
        P(0.0, "appeal of a supplier that all peers use: a software ecosystem", "appeal", 0, 20, "nu", KATZ_SHAPIRO),
    ]
    review: Annotated[
        Floats, P(0.4, "probability that a contract comes up: 1 / contract length", "1/step", 0, 1, "rho")
    ]
    congestion: Annotated[Floats, P(1.0, "rise of the stage cost beyond capacity", "-", 0, 100, "chi")]
    capacity_growth: Annotated[Floats, P(0.15, "most that capacity grows by", "1/step", 0, 10, "g_cap")]
    initial_markup: Annotated[Floats, S(0.3, "mark-up at the start", "-", 0, 1e3)]
    capex: Annotated[Floats, P(0.5, "price of one unit of capacity", "money/unit", 0, 1e6)]
    openable: Annotated[Flags, P(False, "whether a unit of this layer can be released openly")]
    quality_floor: Annotated[
        Floats,
        P(-INFINITE, "demand layers: buyers buy nothing of lower quality than this", "log quality", -INFINITE, 100),
    ]


class BuyerParameters(NamedTuple):
    """One value per layer, shape (layers,): the market's value unless the demand layer overrides it."""

    frontier_share: Annotated[
        Floats, P(0.5, "share of buyers to whom more quality is always worth more", "-", 0, 1, "f")
    ]
    quality_ceiling: Annotated[
        Floats, P(1.5, "log quality beyond which the other buyers pay nothing more", "log quality", -100, 100)
    ]
    ceiling_drift: Annotated[Floats, P(0.0, "rise of the quality ceiling", "log quality/step", -1, 1)]
    demand_growth: Annotated[Floats, P(0.02, "growth of every buyer's demand", "1/step", -0.5, 1, "g")]
    demand_slowdown: Annotated[
        Floats, P(0.0, "fall of the log of demand's growth: a Gompertz curve", "1/step", 0, 1, "", GOMPERTZ)
    ]
    demand_elasticity: Annotated[
        Floats, P(0.5, "price elasticity of a buyer's demand (as a positive number)", "-", 0, 10)
    ]
    quality_elasticity: Annotated[
        Floats, P(0.05, "rise of log demand per unit of valued quality", "1/log quality", 0, 10)
    ]
    demand_spread: Annotated[
        Floats,
        S(0.7, "spread of log demand between buyers; demand in all rises by exp(spread^2 / 2)", "log units", 0, 5),
    ]
    demand_reference_cost: Annotated[
        Floats, P(5.0, "unit cost at which a buyer wants its base demand", "money/unit", 1e-6, 1e6)
    ]
    buyer_budget: Annotated[Floats, P(0.02, "share of spending that buyers set aside for building", "-", 0, 1)]
    adoption_initial: Annotated[Floats, S(0.15, "share of buyers active at the start", "-", 0, 1)]
    adoption_spontaneous: Annotated[
        Floats,
        P(0.02, "probability to adopt unprompted", "1/step", 0, 1, "p", "Bass, A New Product Growth Model (1969)"),
    ]
    adoption_contagion: Annotated[
        Floats,
        P(
            0.12,
            "added probability to adopt when all buyer contacts have",
            "1/step",
            0,
            1,
            "q",
            "Bass, A New Product Growth Model (1969)",
        ),
    ]


class MarketParameters(NamedTuple):
    """One value for the whole market."""

    contacts_kind: Annotated[str, S("watts-strogatz", "how contacts are drawn", choices=CONTACT_KINDS)]
    contacts_degree: Annotated[
        int, S(12, "contacts per firm, on average", "firms", 0, 1e6, "", "Watts & Strogatz (1998)")
    ]
    contacts_rewiring: Annotated[
        float,
        S(
            0.2,
            "share of contacts that are far away (stochastic-blocks: outside the own layer)",
            "-",
            0,
            1,
            "",
            "Watts & Strogatz (1998)",
        ),
    ]
    research_share: Annotated[float, P(0.3, "share of a unit's margin spent on research", "-", 0, 1, "rd")]
    research_from_cash: Annotated[float, P(0.02, "share of cash that the home unit spends on research", "1/step", 0, 1)]
    quality_weight: Annotated[
        float, P(1.0, "weight of valued quality in appeal", "appeal/log quality", 0, 100, "theta")
    ]
    price_weight: Annotated[float, P(2.0, "weight of log unit cost in appeal", "appeal/log money", 1e-3, 100, "beta")]
    choice_noise: Annotated[
        float,
        P(0.03, "scale of the noise in each single choice", "appeal", 0, 20, "", MCFADDEN),
    ]
    exploration: Annotated[float, P(1.0, "probability to meet one supplier at random per review", "-", 0, 1)]
    price_probe: Annotated[float, P(0.05, "price change that a seller plays through", "-", 1e-4, 0.9)]
    price_speed: Annotated[float, P(2.0, "how fast mark-ups follow the probe", "-", 0, 100)]
    price_step_max: Annotated[float, P(0.05, "largest change of ln(1 + mark-up)", "1/step", 0, 5)]
    markup_cap: Annotated[float, P(20.0, "largest mark-up", "-", 0, 1e6)]
    alliance_discount: Annotated[float, P(0.15, "share of its margin that a seller leaves to an ally", "-", 0, 1)]
    exclusivity: Annotated[
        float, P(0.7, "probability that a contract with an ally is not put up for review", "-", 0, 1)
    ]
    alliance_spillover: Annotated[float, P(0.1, "share of the gap to an ally's capability closed", "1/step", 0, 1)]
    alliance_upkeep: Annotated[float, P(0.05, "cost of one alliance to each side", "money/step", 0, 1e6)]
    alliance_attention: Annotated[
        float, P(0.0, "rise of the outlay that research needs, per ally beyond the first", "-", 0, 100, "", DEEDS_HILL)
    ]
    alliance_trust: Annotated[
        float, P(0.0, "worth of an ally in common when firms ally or part", "money/step", 0, 1e6, "", GULATI)
    ]
    max_allies: Annotated[int, P(6, "most allies a firm can have", "firms", 0, 100, "A")]
    runway: Annotated[float, P(8.0, "steps of fixed cost that investors or allies put in", "steps", 0, 1e3)]
    funding: Annotated[float, P(0.5, "probability that investors rescue a growing firm", "-", 0, 1)]
    entry_rate: Annotated[float, P(0.1, "probability that a vacant slot is entered when entry pays", "1/step", 0, 1)]
    start_cash: Annotated[float, P(12.0, "cash of a new firm, in steps of fixed cost", "steps", 0, 1e4)]
    planning_horizon: Annotated[float, P(12.0, "steps over which a firm counts gains", "steps", 1e-6, 1e4)]
    capture: Annotated[float, P(0.3, "share of the best visible margin a newcomer expects", "-", 0, 10)]
    inheritance_gap: Annotated[
        float, P(0.22, "log quality by which a new unit trails the best it knows", "log quality", 0, 10)
    ]
    foreclosure: Annotated[
        float,
        P(
            0.0,
            "mark-up on the price for a client that the supplier competes with",
            "-",
            0,
            100,
            "",
            "Ordover, Saloner & Salop (1990)",
        ),
    ]
    bundle_discount: Annotated[float, P(0.0, "share of the margin left to who buys two inputs", "-", 0, 1)]
    open_share: Annotated[float, P(0.05, "share of openable units that start open", "-", 0, 1)]
    open_imitation: Annotated[float, P(0.5, "share of the gap to an open contact closed", "1/step", 0, 1)]
    experience_scale: Annotated[float, P(50.0, "cumulative output at which learning sets in", "units", 1e-6, 1e9, "x0")]
    capacity_slack: Annotated[float, S(1.5, "capacity over load at the start", "-", 1e-6, 1e6)]
    capacity_decay: Annotated[float, P(0.03, "loss of idle capacity", "1/step", 0, 1)]
    decisions_ally: Annotated[bool, P(True, "firms form and leave alliances (off: ablation)")]
    decisions_build: Annotated[bool, P(True, "firms build units themselves (off: ablation)")]
    decisions_switch: Annotated[bool, P(True, "firms review suppliers that they have (off: ablation)")]
    decisions_merge: Annotated[bool, P(True, "failing firms are taken over (off: ablation)")]
    decisions_open: Annotated[bool, P(True, "owners open and close units (off: ablation)")]


class Parameters(NamedTuple):
    """Everything the rules may be tuned by."""

    layer: LayerParameters
    buyer: BuyerParameters
    market: MarketParameters


def slots_taken(layer: LayerParameters) -> Integers:
    """How many slots of each selling layer are taken at the start, shape (layers,): one at least."""
    return np.maximum(np.rint(layer.occupied * layer.firms).astype(np.int64), 1)


LAYER = declarations(LayerParameters, "layer")
BUYER = declarations(BuyerParameters, "buyer")
MARKET = declarations(MarketParameters, "market")
PARAMETERS: dict[str, Parameter] = {**LAYER, **BUYER, **MARKET}
"""Public name -> declaration, for all three tables."""
