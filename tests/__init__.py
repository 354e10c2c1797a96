"""Claims about the market, in four layers: a rule by hand; the engine against its rules; identities, limits,
permutation, locality and known cases; one pinned run."""
