"""What requests tell people: a school has one to decide; a parent is asked, or has a decision."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterator

from accounts.models import Grant, User
from accounts.notices.kinds import Follows, Kind, New, to_person
from accounts.roles import Duty, GrantState, Role
from kernel import clock
from kernel.audit.events import Event
from registry.admission.events import ApplicationPlaced
from registry.admission.models import Application
from registry.parents.events import (
    ParentAnswered,
    ParentAsked,
    ParentsAsked,
    RequestAccepted,
    RequestDeclined,
    RequestWithdrawn,
)
from registry.parents.fields import FIELDS
from registry.parents.models import ParentRequest
from registry.parents.selectors import requests
from registry.people.events import GuardianConfirmed, GuardianshipEnded, GuardianUnconfirmed
from registry.people.models.guardians import Guardian

TO_DECIDE = "registry.parent_request.to_decide"
TO_ANSWER = "registry.parent_request.to_answer"
DECIDED = "registry.parent_request.decided"
PLACED = "registry.application.placed_to_parent"
REPRESENTS = "registry.guardianship.confirmed"
REPRESENTS_NO_MORE = "registry.guardianship.over"
KINDS = (
    Kind(
        code=TO_DECIDE,
        title="Батьки просять виправити: {field}",
        text="Вирішіть до {by}",
        url_name="parent_request",
        url_kwarg="request_id",
    ),
    Kind(
        code=TO_ANSWER,
        title="Заклад запитує: {field}",
        text="Відповідь запишуть до картки дитини, коли заклад її прийме",
        url_name="own_request",
        url_kwarg="request_id",
    ),
    Kind(
        code=DECIDED,
        title="{field}: {decision}",
        text="Подробиці на сторінці запиту",
        url_name="own_request",
        url_kwarg="request_id",
    ),
    Kind(
        code=PLACED,
        title="Дитині надано місце в 1 класі",
        text="Подробиці й строк на сторінці заяви",
        url_name="parent_application",
        url_kwarg="application_id",
    ),
    Kind(
        code=REPRESENTS,
        title="Заклад підтвердив, що ви представляєте дитину",
        text="Картка дитини відкрита вам у «Моїх дітях»",
        url_name="parent_child",
        url_kwarg="pupil_id",
    ),
    Kind(
        code=REPRESENTS_NO_MORE,
        title="Представництво дитини закінчено або підтвердження знято",
        text="Картка дитини у вашому вікні закрита. Якщо це помилка, зверніться до закладу",
        url_name="parents",
    ),
)
# What parents may want no letters about, in their words.
LETTERS = {
    DECIDED: "відповідь закладу на прохання виправити картку",
    TO_ANSWER: "запитання закладу до батьків",
    PLACED: "місце в 1 класі",
    REPRESENTS: "підтверджено, що ви представляєте дитину",
    REPRESENTS_NO_MORE: "представництво закінчено або підтвердження знято",
}


def _of(subject: uuid.UUID, *states: str) -> ParentRequest | None:
    rows = ParentRequest.objects.select_related("pupil")
    found: ParentRequest | None = rows.filter(pk=subject, state__in=states).first()
    return found


def _label(request: ParentRequest) -> str:
    return FIELDS[request.field].label.lower()


def _to_the_school(event: ParentAsked | ParentAnswered, at: datetime.datetime) -> Iterator[New]:
    if (found := _of(event.subject, "NEW")) is None:
        return
    facts = {"field": _label(found), "by": f"{found.due_on:%d.%m.%Y}"}
    grants = Grant.objects.filter(
        unit_id=found.pupil.institution_id,
        state=GrantState.ACTIVE,
        role__in=[Role.HEAD, Role.DEPUTY],
    ).order_by("pk")
    for grant in grants:
        if grant.role == Role.HEAD or Duty.PUPILS in grant.duties:
            yield New(grant.pk, TO_DECIDE, str(found.pk), facts, at, again=True)


def _to_parents(event: ParentsAsked, at: datetime.datetime) -> Iterator[New]:
    if (found := _of(event.subject, "ASKED")) is None:
        return
    for person in requests.persons(found.pupil, clock.day_of(at)):
        yield to_person(person, TO_ANSWER, str(found.pk), {"field": _label(found)}, at)


def _to_the_parent(
    event: RequestAccepted | RequestDeclined, at: datetime.datetime
) -> Iterator[New]:
    found = _of(event.subject, "ACCEPTED", "DECLINED")
    if found is None or found.person_id is None:
        return
    decision = "виправлено" if found.state == "ACCEPTED" else "заклад не виправив"
    facts = {"field": FIELDS[found.field].label, "decision": decision}
    yield to_person(found.person_id, DECIDED, str(found.pk), facts, at)


def _placed(event: ApplicationPlaced, at: datetime.datetime) -> Iterator[New]:
    sent_by = (
        Application.objects.filter(pk=event.subject).values_list("parent_id", flat=True).first()
    )
    if sent_by is not None:
        yield to_person(sent_by, PLACED, str(event.subject), {}, at)


def _of_tie(
    event: GuardianConfirmed | GuardianUnconfirmed | GuardianshipEnded, at: datetime.datetime
) -> Iterator[New]:
    """Whoever has stood in the window by the code of the representative."""
    person = Guardian.objects.filter(pk=event.guardian).first()
    if person is None or not person.code:
        return
    code = REPRESENTS if isinstance(event, GuardianConfirmed) else REPRESENTS_NO_MORE
    known = User.objects.filter(person_code=person.code).values_list("pk", flat=True).first()
    if known is not None:
        yield to_person(known, code, str(event.subject), {}, at)


NOTICES: dict[type[Event], Follows] = {
    ApplicationPlaced: Follows(opens=_placed),
    GuardianConfirmed: Follows(opens=_of_tie, closes=(REPRESENTS_NO_MORE,)),
    GuardianUnconfirmed: Follows(opens=_of_tie, closes=(REPRESENTS,)),
    GuardianshipEnded: Follows(opens=_of_tie, closes=(REPRESENTS,)),
    ParentAsked: Follows(opens=_to_the_school),
    ParentAnswered: Follows(opens=_to_the_school, closes=(TO_ANSWER,)),
    ParentsAsked: Follows(opens=_to_parents),
    RequestAccepted: Follows(opens=_to_the_parent, closes=(TO_DECIDE,)),
    RequestDeclined: Follows(opens=_to_the_parent, closes=(TO_DECIDE,)),
    RequestWithdrawn: Follows(closes=(TO_DECIDE, TO_ANSWER)),
}
