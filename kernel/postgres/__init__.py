"""Django's engine of PostgreSQL, with what a request pays for its connection made smaller."""
