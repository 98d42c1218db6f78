"""Institutions and branches (handbook D.1)."""
