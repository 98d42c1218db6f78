"""Kinds of movement: each inherits the promises of tests/registry/movements/contract.py."""
