"""The market once more, as a Mesa user would write it: agents, objects and links, without arrays or compilation.

A second statement of the same specification, against which `benchmarks/idiomatic_mesa.py` holds rules and speed. It
shares stacks and parameters with `stackrace`, and nothing else. `market.py` is the place to begin: its `step` lists the
phases, in each of which all firms decide on the same state before anything changes.

It is tuned as far as it stays readable. Profiled at 552 firms, sourcing takes two fifths of a step, imitation and
alliances a tenth each, and no single function more than 7 %. What that led to: contracts between sellers are looked
up once per step instead of once per pair (which halved the phase of alliances); fixed costs, growth of demand and
ceilings are worked out once; tastes are dictionaries that draw what they lack; Gumbel draws come by the thousand;
contacts are lists of the firms that are there, kept up to date by those who come and go.
"""
