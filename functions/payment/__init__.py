"""Payment owns the money: what is held, taken and given back at the provider, and the ledger that says so."""
