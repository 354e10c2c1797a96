"""Analyses of many runs: attribution to decisions, sensitivity to parameters, boxes that lead to a regime."""
