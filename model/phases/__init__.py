"""The phases of a step, one file each, in the order in which `advance` calls them.

A phase gathers what each firm may see, asks the firm's rule in `agents/`, and writes the answer. Where firms see what
others are about to change, it computes first and writes afterwards, so that the order of rows never matters.
"""
