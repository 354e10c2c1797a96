"""Colours of Okabe & Ito (2008), which people with any colour vision tell apart, in tones that a white page and a
dark one both bear."""

BLUE, ORANGE, RED = "#0072b2", "#e69f00", "#d55e00"
FAINT = "#8b949e"
WIDTH = 7.4
"""Of a figure, inches."""
