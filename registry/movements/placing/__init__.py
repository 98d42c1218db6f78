"""Movements within an institution: the child stays, its class or its form of education changes."""
