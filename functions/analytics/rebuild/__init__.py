"""A rebuild: the figures made anew from the archive, beside the live ones, and put in their place."""
