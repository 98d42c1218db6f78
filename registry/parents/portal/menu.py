"""What the parents' window adds to the frame."""

from __future__ import annotations

from typing import Any

from accounts.roles import PARENT
from kernel.ui import menu


def in_window(actor: Any) -> bool:
    """Whether the actor stands in the parents' window."""
    return actor is not None and actor.role == PARENT


menu.register_nav(menu.NavItem(url_name="parents", label="Мої діти", order=10, visible=in_window))
