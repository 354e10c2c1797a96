"""Claims about the market, each put to the test by an experiment whose criteria were fixed beforehand."""
