"""The market in a browser: a server with two pages, Explore (a run computed ahead) and Live (Mesa's own)."""
