"""How firms come and go: rescue, takeover bids, entry."""

from .rule import rule

GROWING = 1.05
KEPT = 0.75


@rule
def is_rescued(volume: float, smoothed_volume: float, funding: float, draw: float) -> bool:
    """Investors put money into a firm without cash if its home volume grows, with the funding probability."""
    return volume > GROWING * smoothed_volume and draw < funding


@rule
def smoothed(old: float, new: float) -> float:
    """Volume as investors remember it."""
    return KEPT * old + (1.0 - KEPT) * new


@rule
def takeover_bid(margin: float, build_cost: float, is_new: bool, horizon: float, judgement: float) -> float:
    """What a failing firm's business is worth to a contact, in money.

    The margin over the horizon, and half of the build cost that a bidder new to the layer saves; `judgement`
    (uniform between .5 and 1.5) is the bidder's own opinion.
    """
    saved = 0.5 * build_cost if is_new else 0.0
    return (horizon * margin + saved) * judgement


@rule
def entry_probability(is_needed: bool, gain: float, entry_rate: float, speculation: float, funding: float) -> float:
    """Probability that a vacant slot is entered: when a contact finds no supplier, when a gain is to be expected, or
    on hope alone (`speculation`); without investors (`funding` 0) nobody enters.

    `gain` is what `entry_gain` says of the margins seen, in money.
    """
    pays = is_needed or gain > 0.0
    return (max(entry_rate, speculation) if pays else speculation) * min(1.0, 2.0 * funding)
