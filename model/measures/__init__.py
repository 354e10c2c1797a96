"""What is measured of a market, for every layer and step and for the whole stack.

Measures read the market; nothing in the market reads them. They are declared in `declarations.py`; each of the other
files computes those of one kind.
"""

from .declarations import COLUMNS, MEASURES, OVERALL, Measure, as_floats, empty_records

__all__ = ["COLUMNS", "MEASURES", "OVERALL", "Measure", "as_floats", "empty_records"]
