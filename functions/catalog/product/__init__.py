"""Products on the write side: what they are, what they cost and have cost, and which belong together."""
