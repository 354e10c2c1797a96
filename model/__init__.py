"""The market: the stack, its columns and contacts, the phases of a step, and what is measured."""

RULES = 3
"""Version of the rules: the same version gives the same results. `make baseline` raises it when results change."""
