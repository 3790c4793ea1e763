"""System: whether the platform is up, and what can be asked of it."""
