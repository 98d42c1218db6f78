"""Kept figures: how many of what each institution has, and what there needs attention.

A page of the ministry asks a few thousand rows of these and not millions of the register. Each row
is derived: `keeping` makes it anew from the register when the log tells of a change, and by night.
"""
