"""Sweeps: designs, the store that survives a crash, the workers that fill it, and what came out."""
