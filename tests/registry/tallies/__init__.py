"""Kept figures of institutions and the workplace of authorities."""
