"""Qualified signatures: algorithms, containers, trust, signing sessions. Knows not who signs what."""
