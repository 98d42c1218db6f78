"""What keys of systems tell heads: access runs out in 30, 7 days and tomorrow."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from accounts.notices.kinds import AHEAD, Follows, Kind, New, reminders
from accounts.roles import GrantState
from integrations.eis.events import KeyGranted, KeyRevoked
from integrations.eis.models import SchoolKey
from kernel.audit.events import Event
from kernel.tables.dates import show

KINDS = tuple(
    Kind(
        code=f"eis.key.runs_out_{days}",
        title=f"Доступ ОІС «{{system}}» спливає {words}",
        text="Ключ діє до {valid_to}: цього дня вже ні. Щоб обмін даними не зупинився, надайте новий доступ.",
        url_name="eis_keys",
    )
    for days, words in AHEAD.items()
)


def _remind(event: KeyGranted, at: datetime.datetime) -> Iterator[New]:
    """To the head who granted the key; reminders whose day has passed are not made."""
    key = (
        SchoolKey.objects.filter(pk=event.subject, revoked_at=None)
        .select_related("system", "granted_by")
        .first()
    )
    if key is None or key.granted_by.state == GrantState.INACTIVE:
        return
    facts = {"system": key.system.name, "valid_to": show(key.valid_to)}
    for days, due in reminders(key.valid_to, at):
        yield New(key.granted_by_id, f"eis.key.runs_out_{days}", str(key.pk), facts, due)


NOTICES: dict[type[Event], Follows] = {
    KeyGranted: Follows(opens=_remind),
    KeyRevoked: Follows(closes=tuple(kind.code for kind in KINDS)),
}
