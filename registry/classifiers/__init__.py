"""State classifiers and КАТОТТГ (handbook C.5)."""
