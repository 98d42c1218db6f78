"""Set-up, supervision, health and production settings."""
