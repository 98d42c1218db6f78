"""What requests tell people: one is asked of your office; yours is answered."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterator

from accounts.notices.kinds import Follows, Kind, New
from kernel.audit.events import Event
from registry.support import selectors
from registry.support.events import (
    SupportAnswered,
    SupportAsked,
    SupportClosed,
    SupportPassedOn,
    SupportWritten,
)
from registry.support.models import SupportRequest
from registry.support.states import KINDS as KINDS_OF_REQUESTS
from registry.support.states import STATES

TO_ANSWER = "registry.support.to_answer"
ANSWERED = "registry.support.answered"
KINDS = (
    Kind(
        code=TO_ANSWER,
        title="Звернення № {number}: {title}",
        text="{kind}. {who}. Відповісти до {by}",
        url_name="support_request",
        url_kwarg="request_id",
    ),
    Kind(
        code=ANSWERED,
        title="Відповідь на звернення № {number}",
        text="{title}. Стан: {state}",
        url_name="support_request",
        url_kwarg="request_id",
    ),
)


def _of(subject: uuid.UUID) -> SupportRequest | None:
    rows = SupportRequest.objects.select_related("unit", "handler", "author")
    return rows.filter(pk=subject).exclude(state="CLOSED").first()


def _to_the_office(
    event: SupportAsked | SupportPassedOn | SupportWritten, at: datetime.datetime
) -> Iterator[New]:
    if (found := _of(event.subject)) is None:
        return
    facts = {
        "number": found.number,
        "title": found.title,
        "kind": KINDS_OF_REQUESTS[found.kind].label,
        "who": found.unit.name,
        "by": f"{found.answer_by:%d.%m.%Y}",
    }
    for grant in selectors.handlers(found).values_list("pk", flat=True):
        yield New(grant, TO_ANSWER, str(found.pk), facts, at)


def _to_the_author(event: SupportAnswered, at: datetime.datetime) -> Iterator[New]:
    if (found := _of(event.subject)) is not None:
        facts = {"number": found.number, "title": found.title, "state": STATES[event.state]}
        for grant in selectors.spokesmen(found):
            yield New(grant, ANSWERED, str(found.pk), facts, at)


NOTICES: dict[type[Event], Follows] = {
    SupportAsked: Follows(opens=_to_the_office),
    SupportPassedOn: Follows(opens=_to_the_office),
    SupportWritten: Follows(opens=_to_the_office, closes=(ANSWERED,)),
    SupportAnswered: Follows(opens=_to_the_author, closes=(TO_ANSWER,)),
    SupportClosed: Follows(closes=(TO_ANSWER, ANSWERED)),
}
