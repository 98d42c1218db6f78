"""Extracts of cards as PDF/A."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kernel import clock
from registry.orders.papers import drawn

_TEMPLATE = Path(__file__).with_name("extract.typ")


def extract_paper(data: Mapping[str, Any], when: datetime.datetime) -> bytes:
    """What a card says, what happened and how each field changed, as PDF/A-2a."""
    made = f"{clock.local(when):%d.%m.%Y %H:%M}"
    return drawn({**data, "made": made}, when, template=_TEMPLATE)
