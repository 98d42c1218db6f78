"""Rows of requests for support: the author and the office that answers; nobody else."""

from __future__ import annotations

import uuid

from kernel.clock import moment
from registry.support import services
from registry.support.models import SupportRequest
from tests.architecture.matrix import EVERYBODY, Row, all_but, with_
from tests.world import World


def asked(world: World) -> uuid.UUID:
    """What Olena asked her city."""
    author = world.grants["olena"]
    sent = SupportRequest.objects.filter(author=author, state="NEW").first()
    made = sent or services.ask(
        actor=world.actor("olena"),
        request_id=uuid.UUID(int=0x019F0000000070008000000000000002),
        kind="QUESTION",
        title="Як закрити клас",
        text="Не бачу кнопки на картці класу.\n\nДе вона?",
        moment=moment(),
    )
    return made.pk


request = with_(request_id=asked)

ROWS = {
    "support": Row(opens=EVERYBODY),
    "support_new": Row(opens=all_but("admin"), refused="admin"),
    "support_request": Row(request, opens="olena bohdan", absent=all_but("olena bohdan")),
    "support_write": Row(request, opens="olena", absent=all_but("olena"), method="POST"),
    "support_answer": Row(
        request,
        opens="bohdan",
        absent=all_but("bohdan"),
        method="POST",
    ),
    "support_close": Row(request, opens="olena", absent=all_but("olena"), method="POST"),
}
