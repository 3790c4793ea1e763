"""Analytics: what was sold, when, and how far orders come. Every event counts once."""
