"""The firm and its rules, one file per decision."""
