"""Vacancies: places to fill, entered by the school, closed by whoever fills them."""
