"""What a firm sees and how it weighs it, firm by firm in plain Python.

A second way to gather what the compiled phases gather, independent of them, that ends in the same rules of `agents/`:
it answers for one firm, term by term, and a test holds it against what the engine then does.
"""
