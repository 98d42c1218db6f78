"""Commands of identity, the one door to merging; doubts and the nightly search have their own modules."""

from registry.identity.services.merging import (
    ask_merge,
    ask_unmerge,
    confirm_merge,
    keep_merge,
    reject_merge,
    unmerge,
)

__all__ = [
    "ask_merge",
    "ask_unmerge",
    "confirm_merge",
    "keep_merge",
    "reject_merge",
    "unmerge",
]
