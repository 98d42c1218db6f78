"""What webhooks tell the operator: an address is switched off."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from accounts.notices.kinds import Follows, Kind, New
from integrations.eis.events import HookDisabled, HookEnabled, HookRemoved
from integrations.eis.models import EisSystem
from integrations.eis.road.services import operators
from kernel.audit.events import Event

DISABLED = "eis.hook.disabled"
KINDS = (
    Kind(
        code=DISABLED,
        title="Сповіщення ОІС «{system}» вимкнено",
        text="Адреса {url} довго не приймала сповіщень. {why}. Виправте її й увімкніть знову: пропущені "
        "сповіщення збережено.",
        url_name="operator_hook",
        url_kwarg="hook_id",
    ),
)


def _disabled(event: HookDisabled, at: datetime.datetime) -> Iterator[New]:
    system = EisSystem.objects.select_related("operator").filter(pk=event.system_id).first()
    if system is None:
        return
    facts = {"system": event.system, "url": event.url, "why": event.why}
    for grant in operators.people_of(system):
        yield New(grant, DISABLED, str(event.subject), facts, at, again=True)


NOTICES: dict[type[Event], Follows] = {
    HookDisabled: Follows(opens=_disabled),
    HookEnabled: Follows(closes=(DISABLED,)),
    HookRemoved: Follows(closes=(DISABLED,)),
}
