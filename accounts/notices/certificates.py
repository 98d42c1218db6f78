"""What certificates tell their holders: the one they sign in with expires in 30, 7 days, tomorrow."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from accounts.events import VisitOpened
from accounts.models import Grant, UserSession
from accounts.notices.kinds import AHEAD, Follows, Kind, New, reminders
from accounts.roles import GrantState, Way
from kernel import clock
from kernel.audit.events import Event
from kernel.tables.dates import show

KINDS = tuple(
    Kind(
        code=f"accounts.certificate.runs_out_{days}",
        title=f"Строк дії вашого сертифіката спливає {words}",
        text="Сертифікат № {serial} чинний до {valid_to}. Отримайте новий у свого надавача"
        " електронних довірчих послуг: без чинного сертифіката не можна ні увійти, ні підписати.",
        url_name="my_visits",
    )
    for days, words in AHEAD.items()
)


def _remind(event: VisitOpened, at: datetime.datetime) -> Iterator[New]:
    """To whoever came in with it, under each grant it opens. id.gov.ua tells no term."""
    if event.way != Way.SIGNATURE:
        return
    visit = UserSession.objects.filter(
        user_id=event.subject, certificate_serial=event.certificate, way=event.way
    ).latest("pk")
    last = clock.day_of(visit.certificate_not_after)
    facts = {"serial": event.certificate, "valid_to": show(last)}
    grants = Grant.objects.filter(user_id=event.subject, state=GrantState.ACTIVE)
    if visit.grant_id is not None:
        grants = grants.filter(pk=visit.grant_id)
    for grant_id in grants.order_by("pk").values_list("pk", flat=True):
        for days, due in reminders(last, at):
            code = f"accounts.certificate.runs_out_{days}"
            yield New(grant_id, code, event.certificate, facts, due)


NOTICES: dict[type[Event], Follows] = {VisitOpened: Follows(opens=_remind, instead=True)}
