"""Runs of the market: the run contract, sweeps, figures, reports and the command line."""
