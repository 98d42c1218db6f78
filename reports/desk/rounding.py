"""Figures of people are told rounded, each set of people always the same way (docs/adr/0073).

A figure is brought to a multiple of five, up or down by chance so that on the whole nothing is added
or lost; one in eight goes five further, and from fifty on one in sixty-four ten further. The chance is drawn from who was counted (the sum of
their marks) and how many, under a key of the server: the same set has the same figure in every table
and on every day, and another set, be it of one child more, another draw.
"""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.utils.crypto import salted_hmac

from reports.open.secrecy import K

STEP = 5
MANY = 50  # from so many people on a figure may go ten further, below it five
FURTHEST = 14  # how far a figure told may stand from the true one; below MANY, 9
_SPAN = 1 << 32
# Of so many draws so many go further, as much up as down.
_FURTHER = ((_SPAN // 16, STEP), (_SPAN // 8, -STEP), (_SPAN // 8 + _SPAN // 128, 2 * STEP),
            (_SPAN // 8 + _SPAN // 64, -2 * STEP))  # fmt: skip


def seed() -> int:
    """By which children and staff get their marks: known to the server alone, one for every day."""
    made = salted_hmac("reports.desk.marks", "", secret=settings.SECRET_KEY, algorithm="sha256")
    return int.from_bytes(made.digest()[:8], "big", signed=True)


def key() -> bytes:
    """By which figures are rounded: another one than that of marks."""
    made = salted_hmac("reports.desk.rounding", "", secret=settings.SECRET_KEY, algorithm="sha256")
    return made.digest()


def told(n: int, seal: int, under: bytes) -> int:
    """A count of people as it is told; nobody is nobody, and from K on nothing is told below K."""
    if n == 0:
        return 0
    drawn = hashlib.blake2b(b"%d.%d" % (n, seal), key=under, digest_size=8).digest()
    first, second = int.from_bytes(drawn[:4], "big"), int.from_bytes(drawn[4:], "big")
    low, rest = n - n % STEP, n % STEP
    made = low + STEP if first * STEP < rest * _SPAN else low
    further = _FURTHER if n >= MANY else _FURTHER[:2]
    made += next((more for until, more in further if second < until), 0)
    return max(made, K)
