"""Plots: what all figures have in common, and the figures of a market."""
