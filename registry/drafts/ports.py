"""What drafts ask of the packages above; `registry.wiring` fills it when Django starts."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.drafts.models import DraftRun

# Form an order or let it take effect, as a run asks; to its end.
carry_on_order: Callable[[DraftRun, Callable[[], datetime.datetime]], None]
