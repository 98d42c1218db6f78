"""An order as the ground of an act: what the log keeps, and back.

The ground of an act is a reference when the paper is an order of the register, so that pages lead
to it; of any other paper it is what the person typed.
"""

from __future__ import annotations

import uuid
from typing import Any

_PREFIX = "registry.order:"


def by_order(*, order_id: Any, **_: Any) -> str:
    """For `command(ground=…)` of what is done by an order."""
    return f"{_PREFIX}{order_id}"


def order_of(ground: str) -> uuid.UUID | None:
    """The order that is the ground of an act; None when the ground is another paper, or none."""
    return uuid.UUID(ground.removeprefix(_PREFIX)) if ground.startswith(_PREFIX) else None
