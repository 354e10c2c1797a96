"""Comparisons: ensembles held against each other seed by seed, studies of policies, and what is said of both."""
