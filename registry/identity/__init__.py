"""Whether two records are one child."""
