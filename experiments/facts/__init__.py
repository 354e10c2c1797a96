"""Stylised facts of industries, held against the market and against null models of it."""
