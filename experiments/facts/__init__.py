"""Stylised facts of industries, held against the market and against null models of it."""

from .history import History, simulated
from .nulls import null

__all__ = ["History", "null", "simulated"]
