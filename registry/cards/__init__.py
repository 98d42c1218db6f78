"""Pages that compose several aggregates."""
