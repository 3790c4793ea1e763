"""What stands where: one row per SKU and warehouse, changed in the transaction of the event that says why."""
