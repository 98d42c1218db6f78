"""The parents' window: one's own children, where their data went, corrections (handbook B.2, K)."""
