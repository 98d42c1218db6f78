"""What the database does for every page: plans over a filled country, indexes of foreign keys."""
