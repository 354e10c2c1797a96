"""Calibration: which parameters make a market do what is known of the real one, and what they leave open."""
