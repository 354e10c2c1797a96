"""Histories of one run: what happened to a firm and why, in sentences and portraits."""
