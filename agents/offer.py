"""What a unit's product costs, how good it is, and what a given client pays for it."""

from math import exp, pow

from .rule import rule


@rule
def congestion_factor(load: float, congestion: float) -> float:
    """Rise of stage cost at `load` = volume / capacity: G = 1 up to 1, 1 + chi (z - 1)^2 up to 3, then linear."""
    if load <= 1.0:
        return 1.0
    if load <= 3.0:
        return 1.0 + congestion * (load - 1.0) * (load - 1.0)
    return 1.0 + congestion * (4.0 + 4.0 * (load - 3.0))


@rule
def stage_cost(
    base_cost: float,
    experience: float,
    experience_scale: float,
    learning: float,
    load: float,
    congestion: float,
) -> float:
    """Cost of the stage itself per unit (money): s = c (1 + x/x0)^(-b) G(v/y). Wright (1936)."""
    learned = pow(1.0 + experience / experience_scale, -learning)
    return base_cost * learned * congestion_factor(load, congestion)


@rule
def escalated(amount: float, escalation: float, capability: float) -> float:
    """A cost that grows with the quality chosen: amount * exp(kappa a). Sutton (1991)."""
    return amount * exp(escalation * capability)


@rule
def list_price(unit_cost: float, markup: float, is_open: bool) -> float:
    """p = (1 + mu) C; an open unit sells at cost."""
    return unit_cost if is_open else (1.0 + markup) * unit_cost


@rule
def price_paid(
    price: float,
    unit_cost: float,
    foreclosure: float,
    alliance_discount: float,
    bundle_discount: float,
) -> float:
    """What one client pays per unit.

    `foreclosure` raises the list price (0 for a client that the seller does not compete with); each discount
    (0 where it does not apply) is a share of what is then left above unit cost.
    """
    above_cost = price * (1.0 + foreclosure) - unit_cost
    return unit_cost + above_cost * (1.0 - alliance_discount) * (1.0 - bundle_discount)
