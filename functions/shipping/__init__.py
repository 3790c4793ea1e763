"""Shipping: sends what was ordered, once, and knows where it is."""
