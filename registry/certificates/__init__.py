"""Certificates of study (довідки про навчання): issued by one signature, checked by anybody.

Not the certificates of keys, which are `signatures`' matter.
"""
