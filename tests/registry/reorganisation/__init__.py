"""Reorganisation."""
