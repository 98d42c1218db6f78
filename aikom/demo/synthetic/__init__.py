"""Invented people, schools and classes: plausible, the same for the same seed, nobody real.

Pure functions and data without the database; `aikom.demo` writes what they make. Rules of
handbook M.2: certificates of the series X-…, telephones +380 00 …, mail at example.com, children's
РНОКПП nearly always absent and, where present, of a birth in the future.
"""
