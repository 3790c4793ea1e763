"""Catalog: what is sold, described and priced; written on one side, found on the other."""
