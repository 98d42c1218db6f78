"""Admission to grade 1: places, service territories, applications, the draw (handbook D.6)."""
