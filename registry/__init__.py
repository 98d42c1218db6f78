"""What is taught where to whom: territory, institutions, people, classes, enrolments, orders."""
