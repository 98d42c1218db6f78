"""Rows of the public check of signatures."""

from __future__ import annotations

from tests.architecture.matrix import Row

ROWS = {
    "verify_signature": Row(public=True),
}
