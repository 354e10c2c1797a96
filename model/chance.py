"""Keyed chance: every draw is a pure function of (seed, step, slot, birth, purpose, index).

No generator state exists anywhere, so an idle firm, another thread count or a policy changes nobody else's draws
(common random numbers). The mixer is the finaliser of SplitMix64 (Steele, Lea & Flood 2014).
"""

from math import cos, log, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from ..agents.rule import part, rule

(
    TASTE,
    NOISE,
    REVIEW,
    MEETING,
    WHICH,
    SUCCESS,
    JUMP,
    OPENING,
    FORWARD,
    BUILD_ORDER,
    PROPOSAL,
    ALLY_ORDER,
    PARTING,
    RESCUE,
    BID,
    BID_ORDER,
    ENTRY,
    ADOPTION,
    CAPABILITY,
    CASH,
    OPEN_START,
    ACTIVE_START,
    DEMAND,
    FRONTIER,
    FIRST_LINK,
    PLACE,
    REWIRE,
    CONTACT,
    SHARE_ORDER,
    UPTAKE,
) = range(30)

FIRST = np.uint64(0xBF58476D1CE4E5B9)
SECOND = np.uint64(0x94D049BB133111EB)
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
SLOT = np.uint64(0xD6E8FEB86659FD93)
BIRTH = np.uint64(0xA0761D6478BD642F)
PURPOSE = np.uint64(0xE7037ED1A0B428DB)
INDEX = np.uint64(0x8EBC6AF09C88C6E3)
S30, S27, S31, S12 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(12)
UNIT = 2.0**-52  # 52 bits and a half: never 0 and never 1


@part
def mix(bits: np.uint64) -> np.uint64:
    """Spread the bits of a 64-bit word."""
    bits = (bits ^ (bits >> S30)) * FIRST
    bits = (bits ^ (bits >> S27)) * SECOND
    return bits ^ (bits >> S31)


@part
def key(seed: int, step: int, slot: int, birth: int, purpose: int, index: int) -> np.uint64:
    """The 64-bit word that belongs to one draw."""
    moment = mix(np.uint64(seed) * GOLDEN + np.uint64(step + 1) * FIRST)
    who = mix(moment ^ (np.uint64(slot + 1) * SLOT + np.uint64(birth) * BIRTH))
    return mix(who ^ (np.uint64(purpose + 1) * PURPOSE + np.uint64(index) * INDEX))


@part
def uniform(seed: int, step: int, slot: int, birth: int, purpose: int, index: int) -> float:
    """Uniform on the open interval (0, 1)."""
    return (np.float64(key(seed, step, slot, birth, purpose, index) >> S12) + 0.5) * UNIT


@part
def gumbel_of(u: float) -> float:
    """Standard Gumbel from a uniform."""
    return -log(-log(u))


@part
def pair_uniform(seed: int, edge: int, slot: int, birth: int, other_slot: int, other_birth: int) -> float:
    """Uniform that belongs to (buyer, supplier, input) for as long as both live; it does not depend on the step."""
    buyer = key(seed, 0, slot, birth, TASTE, edge)
    return (
        np.float64(mix(buyer ^ (np.uint64(other_slot + 1) * SLOT + np.uint64(other_birth) * BIRTH)) >> S12) + 0.5
    ) * UNIT


@part
def exponential(seed: int, step: int, slot: int, birth: int, purpose: int, index: int) -> float:
    """Standard exponential."""
    return -log(uniform(seed, step, slot, birth, purpose, index))


@part
def normal(seed: int, step: int, slot: int, birth: int, purpose: int, index: int) -> float:
    """Standard normal (Box-Muller on two draws)."""
    radius = sqrt(-2.0 * log(uniform(seed, step, slot, birth, purpose, 2 * index)))
    return radius * cos(2.0 * pi * uniform(seed, step, slot, birth, purpose, 2 * index + 1))


@rule
def draws(seed: int, slots: NDArray[np.int64], purpose: int, index: int) -> NDArray[np.float64]:
    """One uniform per slot, for the first firm there and the start of the market."""
    drawn = np.empty(slots.shape[0])
    for n in range(slots.shape[0]):
        drawn[n] = uniform(seed, 0, slots[n], 0, purpose, index)
    return drawn


@rule
def one_draw(seed: int, step: int, slot: int, birth: int, purpose: int, index: int) -> float:
    """`uniform`, for Python."""
    return uniform(seed, step, slot, birth, purpose, index)


@rule
def one_pair_draw(seed: int, edge: int, slot: int, birth: int, other_slot: int, other_birth: int) -> float:
    """`pair_uniform`, for Python."""
    return pair_uniform(seed, edge, slot, birth, other_slot, other_birth)


@rule
def one_gumbel(u: float) -> float:
    """`gumbel_of`, for Python."""
    return gumbel_of(u)
