"""Runs of the market: the run contract, ensembles, saved runs, figures, reports and the command line."""

DEFAULT_STEPS = 120
DEFAULT_SEED = 1
