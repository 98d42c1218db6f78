"""Commands of reorganisation: the plan frozen for the authority's signature, and its other orders."""

from registry.reorganisation.services.acts import (
    prepare_place,
    prepare_revocation,
    prepare_status,
)
from registry.reorganisation.services.reorganising import prepare, successors, waiting

__all__ = [
    "prepare",
    "prepare_place",
    "prepare_revocation",
    "prepare_status",
    "successors",
    "waiting",
]
