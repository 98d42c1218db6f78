"""What staff asks of the packages above; `registry.wiring` fills it when Django starts."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

# For each person being entered (columns of `Employee`), people of the register whom nothing exact
# names and who may be the same.
alike_to: Callable[[Sequence[Mapping[str, Any]]], list[tuple[uuid.UUID, ...]]]
