"""Kinds of movement: each inherits the promises of tests/registry_movements/contract.py."""
