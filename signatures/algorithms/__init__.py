"""DSTU 4145, GOST 34.311, Kupyna, and which hash and signature an object identifier means.

Two levels with the same answers: a C library built at set-up where a compiler is present
(`native`), and pure Python otherwise. Nothing outside this package needs to know which one runs.
"""
