"""Two programs in one run: the product, and what the same libraries cost doing nothing else."""
