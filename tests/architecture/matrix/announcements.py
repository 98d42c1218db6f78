"""Rows of announcements: told and sent ones; another's is no page at all."""

from __future__ import annotations

import uuid

from accounts.announcements import services
from accounts.announcements.models import Announcement
from kernel.clock import moment
from tests.architecture.matrix import EVERYBODY, Row, with_
from tests.world import World

SENDERS = "admin iryna taras bohdan hanna olena petro nina"
OTHERS = "maria dana"


def announced(world: World) -> uuid.UUID:
    """What Bohdan told the heads and deputies of his city."""
    sent = Announcement.objects.filter(sender=world.grants["bohdan"], asks=True).first()
    made = sent or services.announce(
        actor=world.actor("bohdan"),
        announcement_id=uuid.UUID(int=0x019F0000000070008000000000000001),
        unit=None,
        roles=["HEAD", "DEPUTY"],
        title="Нарада керівників закладів",
        text="Запрошуємо на нараду 4 грудня о 15:00.\n\nПоширте серед відповідальних осіб.",
        asks=True,
        moment=moment(),
    )
    return made.pk


told = with_(announcement_id=announced)
TOLD = "olena petro dana"
BESIDE = "admin iryna taras hanna nina"

ROWS = {
    "announcements": Row(opens=EVERYBODY),
    "announcement_new": Row(opens=SENDERS, refused=OTHERS),
    "announcement": Row(told, opens=f"bohdan {TOLD}", absent=f"{BESIDE} maria"),
    "announcement_confirm": Row(told, opens=TOLD, absent=f"{BESIDE} bohdan maria", method="POST"),
    "announcement_remind": Row(
        told, opens="bohdan", absent=f"{BESIDE} olena petro", refused=OTHERS, method="POST"
    ),
    "announcement_withdraw": Row(
        told, opens="bohdan", absent=f"{BESIDE} olena petro", refused=OTHERS
    ),
}
