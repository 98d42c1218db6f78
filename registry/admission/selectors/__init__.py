"""Reading admission: the school, its applications, draws in public."""
