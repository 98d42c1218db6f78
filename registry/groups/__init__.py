"""Groups into which classes are split for a subject (handbook D.4)."""
