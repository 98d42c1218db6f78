"""Refusals about territories, institutions, classes and staff."""
