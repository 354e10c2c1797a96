"""What quality is worth to a buyer, how much it wants, and when it adopts."""

from math import exp, pow

from .rule import rule

LEAST_COST = 1e-12  # keeps powers and logarithms finite for a product that costs nothing


@rule
def valued_quality(quality: float, frontier_weight: float, ceiling: float) -> float:
    """V(Q) = f Q + (1 - f) min(Q, ceiling): beyond the ceiling quality is worth nothing to a sufficiency client."""
    return frontier_weight * quality + (1.0 - frontier_weight) * min(quality, ceiling)


@rule
def ceiling_upstream(ceiling: float, client_quality: float, supplier_quality: float, passthrough: float) -> float:
    """The client's quality ceiling expressed at its supplier: the supplier quality that takes the client to it."""
    return (ceiling - (client_quality - passthrough * supplier_quality)) / passthrough


@rule
def wanted_volume(
    base_demand: float,
    growth: float,
    unit_cost: float,
    reference_cost: float,
    elasticity: float,
    valued: float,
    quality_elasticity: float,
) -> float:
    """Units an active buyer wants this step: v = D (1+g)^t (C/C_ref)^(-elasticity) exp(eta V(Q))."""
    affordable = pow(max(unit_cost / reference_cost, LEAST_COST), -elasticity)
    return base_demand * growth * affordable * exp(quality_elasticity * valued)


@rule
def adoption_probability(spontaneous: float, contagion: float, share_of_peers: float) -> float:
    """Probability that an inactive buyer adopts this step. Bass (1969)."""
    return spontaneous + contagion * share_of_peers
