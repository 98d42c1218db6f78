"""Ports of this room, filled in aikom/wiring.py: the domain knows nothing of HTTP."""

from __future__ import annotations

from collections.abc import Callable

from signatures.revocation import Lookup
from signatures.trust import TrustStore

# How revocation evidence is asked for on behalf of a trust store; None while the way out is shut.
lookup_for: Callable[[TrustStore], Lookup | None] = lambda store: None  # noqa: E731

# Papers whose printed codes are not of a signing session: each says where a plain code leads, or
# nothing. Codes are eighty random bits, so no two papers have one.
printed_codes: list[Callable[[str], str]] = []
