"""Pages of admission to grade 1."""
