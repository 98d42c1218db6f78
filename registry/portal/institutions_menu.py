"""Menu entries of institutions, classes, staff and the search box."""
