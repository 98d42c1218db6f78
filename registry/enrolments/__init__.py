"""Who learns where, when."""
