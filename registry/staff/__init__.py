"""Staff of institutions (handbook D.5)."""
