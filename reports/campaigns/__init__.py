"""Campaigns of reporting: forms generated for every school of a day, signed, accepted level by level,
consolidated and closed (handbook F.2; ADR 0067)."""
