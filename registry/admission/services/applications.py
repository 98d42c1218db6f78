"""Applications: taken in, changed, checked, refused, withdrawn."""

from __future__ import annotations

import types
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import uuid_utils

from accounts.actors import Actor
from kernel import audit
from kernel.clock import Moment
from kernel.db import command, part_of_command, violation
from kernel.errors import DomainError, Invalid, Problem, StaleVersion
from kernel.text import clean
from registry.admission import identity, policies
from registry.admission.errors import AdmissionClosed, ApplicationDecided
from registry.admission.events import (
    ApplicationChanged,
    ApplicationChecked,
    ApplicationRefused,
    ApplicationSubmitted,
    ApplicationWithdrawn,
)
from registry.admission.models import MOST_WISHES, Application, Candidate, Intake
from registry.admission.process import GROUNDS, PROCESS, Asked
from registry.admission.services.giving import reopened
from registry.admission.services.steps import days_of, held, school
from registry.admission.states import APPLICATION, HOLDS, STANDS
from registry.drafts import services as drafts
from registry.drafts.errors import DraftClosed
from registry.drafts.judging import judge_whole, keep
from registry.orders.errors import NothingReady

DOCUMENTS = {
    "BIRTH": "Копія свідоцтва про народження",
    "MEDICAL": "Медична довідка (форма 086-1/о)",
    "RESIDENCE": "Документ про місце проживання",
    "SIBLING": "Довідка, що брат чи сестра навчається у закладі",
    "STAFF": "Довідка з місця роботи",
    "IRC": "Висновок ІРЦ",
}


# ── taking in ────────────────────────────────────────────────────────────────
@command
def register(
    *, actor: Actor, draft_id: Any, moment: Moment, expected: int | None = None
) -> list[Application]:
    """Make applications of the ready rows of a draft; the others stay in it, an empty draft goes.

    Raises:
        NotFound, NotAllowed: no such draft for this actor.
        DraftClosed: it is closed, or its columns are not known.
        AdmissionClosed: no applications are accepted now.
        PlacesNotSet: the school has not said how many places it has.
        NothingReady: no row is ready, or their number is not the one seen.
        Invalid: a child is known under its document or number otherwise, or applied here already.
    """
    draft = drafts.locked(actor, draft_id)
    if draft.process != PROCESS.code or draft.state != "OPEN" or draft.waiting:
        raise DraftClosed
    institution = draft.institution
    days = days_of(institution, moment.today)
    if not days.accepts(moment.now):
        raise AdmissionClosed(_closed(days))
    intake = held(institution, days.school_year)
    rows = list(draft.rows.order_by("position"))
    judged = judge_whole(draft, rows, actor, moment)
    keep(rows, judged)
    ready = [
        (row, verdict.clean)
        for row, verdict in zip(rows, judged, strict=True)
        if verdict.state == "READY" and verdict.clean is not None
    ]
    if not ready or (expected is not None and expected != len(ready)):
        raise NothingReady(
            f"Готових рядків тепер {len(ready)}. Перегляньте таблицю ще раз.", ready=len(ready)
        )
    made = _submitted(intake, [(row.values, asked) for row, asked in ready], moment)
    rest = draft.rows.exclude(pk__in=[row.pk for row, _ in ready]).exclude(state="EMPTY")
    if rest.exists():
        draft.rows.filter(pk__in=[row.pk for row, _ in ready]).delete()
    else:
        draft.delete()
    return made


def _closed(days: Any) -> str:
    return (
        f"Заяви до 1 класу приймають з {days.opens:%d.%m.%Y} до {days.closes:%d.%m.%Y} включно, "
        f"а на вільні місця — після {days.draw_by:%d.%m.%Y}."
    )


@part_of_command
def _submitted(
    intake: Intake,
    rows: Sequence[tuple[Mapping[str, str], Asked]],
    moment: Moment,
    parent: int | None = None,
) -> list[Application]:
    children = identity.joined([asked for _, asked in rows], intake.school_year_id)
    taken = _wishes_of(children)
    made = []
    for (values, asked), child in zip(rows, children, strict=True):
        wish = _free_wish(asked.wish, taken.setdefault(child.pk, set()))
        taken[child.pk].add(wish)
        made.append(
            Application(
                id=uuid.UUID(str(uuid_utils.uuid7())),
                institution_id=intake.institution_id,
                intake=intake,
                candidate=child,
                wish=wish,
                values=_cells(values),
                surname=asked.surname,
                given_name=asked.given_name,
                patronymic=asked.patronymic,
                born_on=asked.born_on,
                submitted_at=moment.now,
                claims=list(asked.claims),
                parent_id=parent,
            )
        )
    with violation("one_application_of_a_child", _applied):
        Application.objects.bulk_create(made)
    audit.record(
        *(
            ApplicationSubmitted(
                subject=one.pk,
                unit=intake.institution_id,
                number=one.candidate.number,
                wish=one.wish,
            )
            for one in made
        )
    )
    return made


def _applied() -> DomainError:
    return Invalid([Problem("document", "applied", "Заяву цієї дитини щойно прийнято.")])


def _cells(values: Mapping[str, str]) -> dict[str, str]:
    """The cells of enrolment alone."""
    return {name: value for name, value in values.items() if name not in {"wish", "claims"}}


def _wishes_of(children: Iterable[Candidate]) -> dict[int, set[int]]:
    """Wishes that stand already, by child: their numbers alone are read."""
    found: dict[int, set[int]] = {}
    rows = Application.objects.filter(candidate__in=list(children), state__in=STANDS)
    for child, wish in rows.values_list("candidate_id", "wish"):
        found.setdefault(child, set()).add(wish)
    return found


def _free_wish(wanted: int, taken: Collection[int]) -> int:
    """The wish asked for, or the next number that no other application of the child has."""
    for wish in [*range(wanted, MOST_WISHES + 1), *range(1, wanted)]:
        if wish not in taken:
            return wish
    raise Invalid(
        [Problem("wish", "too_many", f"Дитина вже має {MOST_WISHES} заяв: більше не приймають.")]
    )


# ── deciding ─────────────────────────────────────────────────────────────────
@part_of_command
def _locked(actor: Actor, application_id: Any) -> Application:
    """An application whose child and row are held: the child first, as everywhere."""
    found: Application = (
        Application.objects.visible_to(actor)
        .select_related("institution__unit", "candidate", "intake")
        .find(pk=application_id)
    )
    policies.keep.require(actor, found.institution)
    Candidate.objects.select_for_update(no_key=True).get(pk=found.candidate_id)
    found.refresh_from_db(fields=["state", "version", "wish", "draft_id"])
    return found


def _may(application: Application, step: str) -> str:
    to = APPLICATION[application.state].get(step)
    if to is None:
        raise ApplicationDecided
    return to


@part_of_command
def _saved(application: Application) -> None:
    application.version += 1
    application.save()


@command
def check(
    *,
    actor: Actor,
    application_id: Any,
    grounds: Sequence[str],
    documents: Sequence[str] = (),
    version: int,
) -> Application:
    """Say that the documents were seen and which grounds of the first turn they confirm.

    Raises:
        NotFound, NotAllowed: not an application that the actor keeps.
        StaleVersion: it was changed meanwhile.
        ApplicationDecided: it is past that.
    """
    one = _locked(actor, application_id)
    if one.version != version:
        raise StaleVersion("Заяву вже змінили. Перегляньте її й повторіть.")
    _check(one, grounds, documents)
    return one


@command
def check_many(*, actor: Actor, institution_id: Any, ids: Sequence[Any]) -> int:
    """Check these applications of a school with the grounds they name; how many were. What is past
    that, or not the school's, is left as it is."""
    institution = school(actor, institution_id, policies.keep)
    found = Application.objects.filter(institution=institution, pk__in=ids, state="SUBMITTED")
    children = found.order_by().values_list("candidate_id", flat=True)
    list(Candidate.objects.filter(pk__in=list(children)).select_for_update().order_by("pk"))
    count = 0
    for one in found.select_related("candidate").order_by("pk"):
        _check(one, one.claims, one.documents or ["BIRTH"])
        count += 1
    if not count:
        raise ApplicationDecided("Серед вибраних немає заяв, які треба перевірити.")
    return count


@part_of_command
def _check(one: Application, grounds: Sequence[str], documents: Sequence[str]) -> None:
    one.state = "CHECKED" if one.state == "CHECKED" else _may(one, "check")
    one.grounds = [code for code in GROUNDS if code in grounds]
    one.documents = [code for code in DOCUMENTS if code in documents]
    one.reason = ""
    _saved(one)
    audit.record(
        ApplicationChecked(
            subject=one.pk,
            unit=one.institution_id,
            number=one.candidate.number,
            grounds=tuple(one.grounds),
        )
    )


@command
def refuse(*, actor: Actor, application_id: Any, reason: str) -> Application:
    """Say that an application is not considered, and why.

    Raises:
        NotFound, NotAllowed, ApplicationDecided: as `check`.
        Invalid: no reason.
    """
    one = _locked(actor, application_id)
    one.state = _may(one, "refuse")
    one.reason = _said(reason, "reason", "Вкажіть, чому заяву не розглядають.")
    _saved(one)
    audit.record(
        ApplicationRefused(
            subject=one.pk,
            unit=one.institution_id,
            number=one.candidate.number,
            reason=one.reason,
        )
    )
    return one


@command
def withdraw(*, actor: Actor, application_id: Any, ground: str) -> Application:
    """Parents take the application back; a place it held is free, and the child stands again in the
    lines of its farther wishes.

    Raises:
        NotFound, NotAllowed, ApplicationDecided: as `check`.
        Invalid: no ground.
    """
    one = _locked(actor, application_id)
    return taken_back(one, ground, "Вкажіть підставу: заява батьків, її дата.")


@part_of_command
def taken_back(one: Application, ground: str, wanted: str) -> Application:
    """An application in hand is taken back, whoever does it; `wanted` asks for a ground left out.

    Raises:
        ApplicationDecided: the child is enrolled, or it was taken back.
        Invalid: no ground.
    """
    had = one.state in HOLDS
    one.state = _may(one, "withdraw")
    one.reason = _said(ground, "ground", wanted)
    _saved(one)
    audit.record(
        ApplicationWithdrawn(
            subject=one.pk,
            unit=one.institution_id,
            number=one.candidate.number,
            ground=one.reason,
        )
    )
    if had:
        reopened(one)
    return one


@command
def change(
    *,
    actor: Actor,
    application_id: Any,
    values: Mapping[str, str],
    version: int,
    moment: Moment,
) -> Application:
    """Correct what an application says while it is not decided; it is to be checked anew.

    Raises:
        NotFound, NotAllowed, ApplicationDecided, StaleVersion: as `check`.
        Invalid: cells are wrong, or they are of another child.
    """
    one = _locked(actor, application_id)
    if one.version != version:
        raise StaleVersion("Заяву вже змінили. Перегляньте її й повторіть.")
    if one.state != "SUBMITTED":
        one.state = _may(one, "change")
    row = types.SimpleNamespace(values=drafts.filled_cells(PROCESS, values))
    draft = types.SimpleNamespace(institution_id=one.institution_id, terms={})
    read = PROCESS.read(row, PROCESS.frame(draft, actor, moment))
    if read.clean is None:
        raise Invalid([Problem(p.field, p.code, p.detail) for p in read.problems])
    asked: Asked = read.clean
    (child,) = identity.joined([asked], one.intake.school_year_id)
    # A mistyped document made another child of it: the application is of the right one now.
    one.candidate = child
    taken = _wishes_of([child]).get(child.pk, set()) - {one.wish}
    one.wish = _free_wish(asked.wish, taken)
    one.values = _cells(row.values)
    one.surname, one.given_name, one.patronymic = asked.surname, asked.given_name, asked.patronymic
    one.born_on, one.claims, one.grounds = asked.born_on, list(asked.claims), []
    with violation("one_application_of_a_child", _applied):
        _saved(one)
    audit.record(
        ApplicationChanged(subject=one.pk, unit=one.institution_id, number=one.candidate.number)
    )
    return one


def _said(text: str, field: str, missing: str) -> str:
    said = clean(text.replace("\x00", ""))[:500]
    if not said:
        raise Invalid([Problem(field, "required", missing)])
    return said
