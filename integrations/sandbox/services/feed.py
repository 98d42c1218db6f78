"""The sandbox has no process that follows its log: what was written is told at once."""

from __future__ import annotations

from integrations.eis.feed import FollowSchools
from kernel.audit import outbox


def tell() -> None:
    """Number what is over, and let the feed of changes compare what it touched."""
    outbox.settle()
    while outbox.advance(FollowSchools()):
        outbox.settle()
