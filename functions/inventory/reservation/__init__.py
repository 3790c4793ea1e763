"""What is kept for one order, from which warehouses, and until when."""
