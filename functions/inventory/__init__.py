"""Inventory: knows what stands in which warehouse, and keeps it for orders until they leave or give it back."""
