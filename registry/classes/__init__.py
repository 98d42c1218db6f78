"""Classes of a school year (handbook D.4)."""
