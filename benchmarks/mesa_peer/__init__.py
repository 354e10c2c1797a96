"""The market once more, as a Mesa user would write it: agents, objects and links, without arrays or compilation.

A second statement of the same specification, against which `benchmarks/idiomatic_mesa.py` holds rules and speed. It
shares stacks and parameters with `stackrace`, and nothing else.
"""
