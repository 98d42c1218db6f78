"""What this room adds to the frame: the public check of signatures, at the foot of every page."""

from __future__ import annotations

from kernel.ui import menu

menu.register_footer(
    menu.FooterLink(url_name="verify_signature", label="Перевірка підпису", order=10)
)
