"""The market: the stack, its columns and contacts, the phases of a step, and what is measured."""
