"""What keys of systems tell heads: access runs out in 30, 7 days and tomorrow; it was suspended."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from accounts.notices.kinds import AHEAD, Follows, Kind, New, reminders
from accounts.roles import GrantState
from integrations.eis.events import MandateEnded, MandateSigned, SystemRestored, SystemSuspended
from integrations.eis.models import EisSystem, Mandate
from integrations.eis.states import SUSPENSION_GROUNDS, MandateState, SystemState
from kernel import audit
from kernel.audit.events import Event
from kernel.tables.dates import show

RUNS_OUT = tuple(
    Kind(
        code=f"eis.key.runs_out_{days}",
        title=f"Доступ ОІС «{{system}}» спливає {words}",
        text="Доступ діє до {valid_to}: цього дня вже ні. Щоб обмін даними не зупинився, надайте новий доступ.",
        url_name="eis_keys",
    )
    for days, words in AHEAD.items()
)
SUSPENDED = "eis.system.suspended"
KINDS = (
    *RUNS_OUT,
    Kind(
        code=SUSPENDED,
        title="Доступ ОІС «{system}» зупинено",
        text="Підстава: {ground}. Ключі вашого закладу для цієї системи не діють, доки доступ не відновлять.",
        url_name="eis_keys",
    ),
)


def _remind(event: MandateSigned, at: datetime.datetime) -> Iterator[New]:
    """To the head who signed it; reminders whose day has passed are not made."""
    found = (
        Mandate.objects.filter(pk=event.subject, ended_at=None)
        .select_related("system", "granted_by")
        .first()
    )
    if found is None or found.granted_by.state == GrantState.INACTIVE:
        return
    facts = {"system": found.system.name, "valid_to": show(found.valid_to)}
    for days, due in reminders(found.valid_to, at):
        yield New(found.granted_by_id, f"eis.key.runs_out_{days}", str(found.pk), facts, due)


def _suspended(event: SystemSuspended, at: datetime.datetime) -> Iterator[New]:
    """To the heads whose keys stopped with the system; to nobody when it works again."""
    system = EisSystem.objects.filter(pk=event.subject, state=SystemState.SUSPENDED).first()
    if system is None:
        return
    mandates = Mandate.objects.filter(
        system=system,
        state=MandateState.SIGNED,
        ended_at=None,
        valid_to__gt=audit.today(),
        granted_by__state=GrantState.ACTIVE,
    )
    ground = f"п. {event.ground} Положення, {SUSPENSION_GROUNDS[event.ground]}"
    for head in (
        mandates.order_by("granted_by_id").values_list("granted_by_id", flat=True).distinct()
    ):
        facts = {"system": system.name, "ground": ground}
        yield New(head, SUSPENDED, str(system.pk), facts, at)


NOTICES: dict[type[Event], Follows] = {
    MandateSigned: Follows(opens=_remind),
    MandateEnded: Follows(closes=tuple(kind.code for kind in RUNS_OUT)),
    SystemSuspended: Follows(opens=_suspended),
    SystemRestored: Follows(closes=(SUSPENDED,)),
}
