"""Pages of certificates of study."""
