"""What records tell those who keep them: one is to be seen to, its term ends or has passed; a notice is
to be signed or sent. No notice names a child; of those who may be missing only who may see them is told."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from accounts.models import Grant
from accounts.notices.kinds import AT, Follows, Kind, New
from accounts.roles import GrantState, Role
from kernel import clock
from kernel.audit.events import Event
from kernel.tables.dates import show
from registry.coverage.events import (
    CaseClosed,
    CaseMoved,
    CaseOpened,
    CaseStepped,
    LetterAnswered,
    LetterGivenUp,
    LetterPrepared,
    LetterSent,
    LetterSigned,
)
from registry.coverage.models import CoverageCase, CoverageLetter
from registry.coverage.states import ABSENT

_CASE = {"url_name": "coverage_case", "url_kwarg": "case_id"}
_LETTER = {"url_name": "coverage_letter", "url_kwarg": "letter_id"}
OPENED, LATE = "registry.coverage.opened", "registry.coverage.late"
TO_SIGN, TO_SEND = "registry.coverage.to_sign", "registry.coverage.to_send"
UNSENT, UNANSWERED = "registry.coverage.unsent", "registry.coverage.unanswered"
WORDS = {
    "NOT_COVERED": "Дитина, не охоплена навчанням",
    "ABSENT": "Учень відсутній 10 робочих днів поспіль",
    "MISSING": "Облік дітей: новий запис",
}
KINDS = (
    Kind(code=OPENED, title="{what}: до {by}", text="Зробіть наступний крок до {by}", **_CASE),
    Kind(code=LATE, title="Прострочено: {what}", text="Строк минув {by}", **_CASE),
    Kind(code=TO_SIGN, title="Підпишіть повідомлення № {number}", text="Дітей: {many}", **_LETTER),
    Kind(
        code=TO_SEND,
        title="Надішліть повідомлення № {number} до {by}",
        text="Підписано. Запишіть, як і коли надіслано",
        **_LETTER,
    ),
    Kind(
        code=UNSENT,
        title="Не надіслано повідомлення № {number}",
        text="Строк минув {by}",
        **_LETTER,
    ),
    Kind(
        code=UNANSWERED,
        title="Немає відповіді на повідомлення № {number}",
        text="{who}: строк минув {by}",
        **_LETTER,
    ),
)
_OFFICE = (Role.HROMADA_ADMIN, Role.DISTRICT_ADMIN, Role.OBLAST_ADMIN)


def _keepers(row: Any) -> Iterator[int]:
    """Grants of those who see to it: the head of the school it is of, else the community's own."""
    rows = Grant.objects.filter(state=GrantState.ACTIVE)
    own: set[int] = set()
    if row.institution_id is not None:
        nodes = {row.institution_id, row.institution.hub_id} - {None}
        own |= set(rows.filter(unit_id__in=nodes, role=Role.HEAD).values_list("pk", flat=True))
    if row.kind != ABSENT:
        own |= set(rows.filter(unit_id=row.unit_id, role__in=_OFFICE).values_list("pk", flat=True))
    yield from sorted(own)


def _passed(day: datetime.date) -> datetime.datetime:
    return clock.at(day + datetime.timedelta(days=1), AT)


def _of_case(event: Any, at: datetime.datetime) -> Iterator[New]:
    case = (
        CoverageCase.objects.select_related("institution")
        .filter(pk=event.subject)
        .exclude(state="CLOSED")
        .first()
    )
    if case is None or case.due_on is None:
        return
    facts = {"what": WORDS[case.kind], "by": show(case.due_on)}
    for grant in _keepers(case):
        if isinstance(event, CaseOpened):
            yield New(grant, OPENED, str(case.pk), facts, at)
        yield New(grant, LATE, str(case.pk), facts, _passed(case.due_on), again=True)


def _letter(subject: Any) -> CoverageLetter | None:
    rows = CoverageLetter.objects.select_related("institution").filter(pk=subject)
    return rows.exclude(state="GIVEN_UP").first()


def _prepared(event: LetterPrepared, at: datetime.datetime) -> Iterator[New]:
    letter = _letter(event.subject)
    if letter is not None and letter.state == "PREPARED":
        facts = {"number": letter.number, "many": event.children}
        for grant in _keepers(letter):
            yield New(grant, TO_SIGN, str(letter.pk), facts, at)


def _signed(event: LetterSigned, at: datetime.datetime) -> Iterator[New]:
    letter = _letter(event.subject)
    if letter is None or letter.send_by is None:
        return
    if not letter.deliveries.filter(sent_on=None).exists():
        return
    facts = {"number": letter.number, "by": show(letter.send_by)}
    for grant in _keepers(letter):
        yield New(grant, TO_SEND, str(letter.pk), facts, at)
        yield New(grant, UNSENT, str(letter.pk), facts, _passed(letter.send_by))


def _waits(event: LetterSent | LetterAnswered, at: datetime.datetime) -> Iterator[New]:
    """The answer that is waited for and is due first."""
    letter = _letter(event.subject)
    if letter is None:
        return
    rows = letter.deliveries.filter(sent_on__isnull=False, answered_on=None)
    waited = rows.order_by("answer_by").first()
    if waited is None or waited.answer_by is None:
        return
    told = {"number": letter.number, "who": waited.addressee, "by": show(waited.answer_by)}
    for grant in _keepers(letter):
        due = _passed(waited.answer_by)
        yield New(grant, UNANSWERED, str(letter.pk), told, due, again=True)


def _all_sent(event: LetterSent) -> list[str]:
    letter = _letter(event.subject)
    waits = letter is not None and letter.deliveries.filter(sent_on=None).exists()
    return [] if waits else [str(event.subject)]


def _all_answered(event: LetterAnswered) -> list[str]:
    letter = _letter(event.subject)
    waits = letter is not None and letter.deliveries.filter(sent_on__isnull=False, answered_on=None)
    return [] if waits else [str(event.subject)]


# What opens goes before what closes: a term told anew (`again`) takes the place of the one before.
NOTICES: dict[type[Event], Follows] = {
    CaseOpened: Follows(opens=_of_case),
    CaseStepped: Follows(opens=_of_case, closes=(OPENED,)),
    CaseMoved: Follows(closes=(OPENED, LATE)),
    CaseClosed: Follows(closes=(OPENED, LATE)),
    LetterPrepared: Follows(opens=_prepared),
    LetterSigned: Follows(opens=_signed, closes=(TO_SIGN,)),
    LetterGivenUp: Follows(closes=(TO_SIGN, TO_SEND, UNSENT, UNANSWERED)),
    LetterSent: Follows(opens=_waits, closes=(TO_SEND, UNSENT), subjects=_all_sent),
    LetterAnswered: Follows(opens=_waits, closes=(UNANSWERED,), subjects=_all_answered),
}
