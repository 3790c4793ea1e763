"""Whether the ledger, the provider's own log and the orders say the same about a day's money."""
