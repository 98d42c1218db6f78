"""Reorganisation: whose children and staff pass to whom, and what ends with an institution."""
