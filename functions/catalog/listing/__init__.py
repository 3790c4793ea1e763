"""The read side: finding products, from rows that are fed by events and by nothing else."""
