"""Kinds of movement of pupils (handbook D.6)."""
