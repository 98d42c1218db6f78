"""Fuzzing of everything that reads bytes from outside.

`test_fuzz.py` is a bounded part of the suite; `python -m tests.signatures.fuzz.run --seconds 600`
(`make fuzz`) is the long run. Inputs that once failed lie in `corpus/` and are tried in both.
"""
