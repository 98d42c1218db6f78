"""Webhooks: signed wake-ups of the feed of changes (ADR 0080)."""
