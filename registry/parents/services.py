"""Corrections that parents ask for, questions that schools ask parents, and what comes of both."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from typing import Any

from accounts import identifiers
from accounts.actors import Actor
from kernel import audit, turns
from kernel.clock import Moment
from kernel.db import command, part_of_command, violation
from kernel.errors import Invalid, NotFound, Problem, StaleVersion
from kernel.scoping import grant_of, person_of
from kernel.text import clean_lines
from registry.classifiers.working_days import term_ends
from registry.parents.errors import RequestDecided, RequestStands, UnfitPaper
from registry.parents.events import (
    ParentAnswered,
    ParentAsked,
    ParentsAsked,
    RequestAccepted,
    RequestDeclined,
    RequestWithdrawn,
)
from registry.parents.fields import FIELDS, now
from registry.parents.models import ParentPaper, ParentRequest
from registry.parents.selectors import children, requests
from registry.parents.states import TRANSITIONS
from registry.people.models.guardians import Guardianship
from registry.people.models.pupils import Pupil
from registry.people.services.addresses import address_written
from registry.people.services.guardians import guardian_corrected, values_of_guardian
from registry.people.services.profile import corrected, values_of
from registry.people.services.steps import kept

A_DAY = 20  # requests of one person
LONGEST = 2_000
MOST_BYTES = 3 * 1024 * 1024
# What a paper may be, told by its first bytes: it is handed out as a file and never shown in a page.
PAPERS = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png"}


@dataclasses.dataclass(frozen=True)
class Paper:
    """A file that a parent attached."""

    name: str
    content: bytes


# ── a parent asks ────────────────────────────────────────────────────────────
@command
def ask_correction(
    *,
    actor: Actor,
    request_id: uuid.UUID,
    pupil_id: Any,
    field: str,
    wanted: str,
    text: str,
    paper: Paper | None = None,
    moment: Moment,
) -> ParentRequest:
    """Ask the school to correct a field of one's child's card.

    request_id: made by the form, so that one sent twice is one request.

    Raises:
        NotFound: not a child of the actor's.
        Invalid: what was typed is wrong; every problem at once.
        UnfitPaper: the file is too large, or neither a PDF nor a picture.
        RequestStands: this field is asked about already, and not decided.
        TooOften: this person asked too much today.
    """
    own = children.tie(actor, pupil_id, moment.today)
    person = person_of(actor)
    before = ParentRequest.objects.filter(pk=request_id, person_id=person).first()
    if before is not None:
        audit.record(_asked(before, own.pupil))
        return before
    text = clean_lines(text)[:LONGEST]
    problems = _problems(field, wanted)
    if not text:
        problems.append(Problem("text", "required", "Напишіть, чому так: документ, номер, дата."))
    if problems:
        raise Invalid(problems)
    kind = _kind_of(paper)
    turns.count("parent_requests", str(person), A_DAY, 86_400)
    made = ParentRequest(
        id=request_id,
        kind="CORRECTION",
        pupil=own.pupil,
        person_id=person,
        field=field,
        was=_was(field, own.pupil, own),
        wanted=_normal(field, wanted),
        text=text,
        state="NEW",
        due_on=term_ends("parent_request", moment.today),
        created_at=moment.now,
    )
    with violation("one_open_correction_of_a_field", RequestStands):
        made.save(force_insert=True)
    if paper is not None:
        ParentPaper.objects.create(
            request=made, name=paper.name[:200] or "документ", kind=kind, content=paper.content
        )
    audit.record(_asked(made, own.pupil))
    return made


def _was(field: str, pupil: Pupil, own: Guardianship | None) -> str:
    """What stood in the card, for whoever asks: long numbers by their ends alone."""
    said = now(FIELDS[field], pupil, own)
    return identifiers.masked(said) if FIELDS[field].masked else said


def _asked(request: ParentRequest, pupil: Pupil) -> ParentAsked:
    return ParentAsked(subject=request.pk, unit=pupil.institution_id, field=request.field)


def _problems(field: str, wanted: str) -> list[Problem]:
    if field not in FIELDS:
        return [Problem("field", "required", "Оберіть, що виправити.")]
    found = FIELDS[field].check(wanted).problems
    return [Problem("wanted", one.code, one.detail) for one in found if one.level == "error"]


def _normal(field: str, wanted: str) -> str:
    """The value in its one spelling: numbers and dates as they are read, the rest as typed."""
    value = FIELDS[field].check(wanted).value
    if isinstance(value, tuple):  # a number and its state
        value = value[0]
    if isinstance(value, datetime.date):
        return f"{value:%d.%m.%Y}"
    return str(value or wanted).strip()


def _kind_of(paper: Paper | None) -> str:
    if paper is None:
        return ""
    if len(paper.content) > MOST_BYTES:
        raise UnfitPaper("Файл завеликий: можна до 3 МБ.")
    for begins, kind in PAPERS.items():
        if paper.content.startswith(begins):
            return kind
    raise UnfitPaper("Додайте PDF або зображення (JPEG, PNG).")


@command
def withdraw(*, actor: Actor, request_id: Any, version: int) -> ParentRequest:
    """Take one's own request back before it is decided: a parent the correction, a school the question.

    Raises:
        NotFound: not the actor's.
        StaleVersion: it was changed meanwhile.
        RequestDecided: it is decided, or answered.
    """
    found = requests.find(actor, request_id, audit.today())
    mine = found.kind == ("CORRECTION" if actor.grant_id is None else "QUESTION")
    if not mine:
        raise NotFound
    held = _held(found, version)
    if actor.grant_id is not None and held.state != "ASKED":
        raise RequestDecided
    _step(held, "withdraw")
    held.save(update_fields=["state", "version"])
    audit.record(RequestWithdrawn(subject=held.pk, unit=found.pupil.institution_id))
    return held


# ── a school asks ────────────────────────────────────────────────────────────
@command
def ask_parents(
    *,
    actor: Actor,
    request_id: uuid.UUID,
    pupil_id: Any,
    field: str,
    text: str,
    moment: Moment,
) -> ParentRequest:
    """Ask the child's confirmed representatives what a field should be; whoever answers first does.

    Raises:
        NotFound, NotAllowed: not a child of an institution the actor keeps.
        Invalid: what was typed is wrong.
        RequestStands: nobody is there to ask.
    """
    pupil = kept(actor, pupil_id)
    before = ParentRequest.objects.filter(pk=request_id, asked_by_id=grant_of(actor)).first()
    if before is not None:
        audit.record(ParentsAsked(subject=before.pk, unit=pupil.institution_id, field=field))
        return before
    text = clean_lines(text)[:LONGEST]
    problems = []
    if field not in FIELDS:
        problems.append(Problem("field", "required", "Оберіть, про що запитуєте."))
    if not text:
        problems.append(Problem("text", "required", "Напишіть, про що запитуєте."))
    if problems:
        raise Invalid(problems)
    if not requests.representatives(pupil, moment.today):
        raise RequestStands(
            "Запитати нікого: жодного представника дитини ще не підтверджено.", field="field"
        )
    made = ParentRequest(
        id=request_id,
        kind="QUESTION",
        pupil=pupil,
        asked_by_id=grant_of(actor),
        field=field,
        was=_was(field, pupil, None),
        text=text,
        state="ASKED",
        due_on=term_ends("parent_request", moment.today),
        created_at=moment.now,
    )
    made.save(force_insert=True)
    audit.record(ParentsAsked(subject=made.pk, unit=pupil.institution_id, field=field))
    return made


@command
def answer(
    *, actor: Actor, request_id: Any, wanted: str, version: int, moment: Moment
) -> ParentRequest:
    """A parent answers the school's question; the school takes the answer into the card, or not.

    Raises:
        NotFound: not a question about a child of the actor's.
        StaleVersion, RequestDecided: somebody answered it meanwhile.
        Invalid: the answer is wrong.
        RequestStands: the actor asked to correct this very field already.
    """
    found = requests.find(actor, request_id, moment.today)
    own = children.tie(actor, found.pupil_id, moment.today)
    if found.kind != "QUESTION":
        raise NotFound
    if problems := _problems(found.field, wanted):
        raise Invalid(problems)
    held = _held(found, version)
    _step(held, "answer")
    held.person_id = person_of(actor)
    held.wanted = _normal(held.field, wanted)
    held.was = _was(held.field, own.pupil, own)
    held.due_on = term_ends("parent_request", moment.today)
    with violation("one_open_correction_of_a_field", RequestStands):
        held.save(update_fields=["state", "person", "wanted", "was", "due_on", "version"])
    audit.record(ParentAnswered(subject=held.pk, unit=own.pupil.institution_id, field=held.field))
    return held


# ── the school decides ───────────────────────────────────────────────────────
@command
def accept(
    *,
    actor: Actor,
    request_id: Any,
    version: int,
    seen: str,
    confirmed: bool = False,
    moment: Moment,
) -> ParentRequest:
    """Correct the card as asked, by the very steps of its own page; the request says by whom and why.

    seen: what stood in the card when the actor decided.

    Raises:
        NotFound, NotAllowed: not about a child of an institution the actor keeps.
        StaleVersion: the request or the field was changed meanwhile.
        RequestDecided: it waits for nobody's decision.
        Invalid: the card's own rules refuse the value; doubts until `confirmed`.
    """
    found = requests.find(actor, request_id, moment.today)
    pupil = kept(actor, found.pupil_id)
    held = _held(found, version)
    _step(held, "accept")
    field = FIELDS[held.field]
    own = requests.tie_of(held, moment.today)
    if now(field, pupil, own) != seen:
        raise StaleVersion("Це поле в картці тим часом змінено. Перегляньте й вирішіть знову.")
    _write(held, pupil, own, confirmed=confirmed, today=moment.today)
    held.decided_by_id, held.decided_at = grant_of(actor), moment.now
    held.save(update_fields=["state", "decided_by", "decided_at", "version"])
    audit.record(RequestAccepted(subject=held.pk, unit=pupil.institution_id, field=held.field))
    return held


@part_of_command
def _write(
    request: ParentRequest,
    pupil: Pupil,
    own: Guardianship | None,
    *,
    confirmed: bool,
    today: datetime.date,
) -> None:
    """Ask the step of the card to write the value; a refusal is told beside `wanted`."""
    field = FIELDS[request.field]
    said = {"confirmed": "on" if confirmed else ""}
    try:
        if field.of == "child":
            values = values_of(pupil) | said | {field.name: request.wanted}
            ground = f"прохання представника від {request.created_at:%d.%m.%Y}: {request.text}"
            corrected(pupil, pupil.version, values, ground[:500], today)
        elif field.of == "address":
            row = pupil.addresses.filter(kind=field.name).first()
            told = {
                "country": row.country if row else "UA",
                "territory_code": row.territory_code if row else "",
                "line": request.wanted,
            }
            address_written(pupil, field.name, row.version if row else 0, told)
        elif field.of == "person":
            if own is None:
                raise RequestDecided("Представництво завершено: виправляти нічого.")
            values = values_of_guardian(own) | said | {field.name: request.wanted}
            guardian_corrected(pupil, own, own.guardian.version, values, today)
    except Invalid as refusal:
        raise Invalid(
            [
                Problem("confirmed" if one.field == "confirmed" else "wanted", one.code, one.detail)
                for one in refusal.problems
            ]
        ) from refusal


@command
def decline(
    *, actor: Actor, request_id: Any, version: int, reason: str, moment: Moment
) -> ParentRequest:
    """Leave the card as it is, and say why.

    Raises:
        NotFound, NotAllowed, StaleVersion, RequestDecided: as `accept`.
        Invalid: no ground.
    """
    found = requests.find(actor, request_id, moment.today)
    pupil = kept(actor, found.pupil_id)
    held = _held(found, version)
    _step(held, "decline")
    held.reason = clean_lines(reason)[:LONGEST]
    if not held.reason:
        raise Invalid([Problem("reason", "required", "Напишіть батькам, чому не виправляєте.")])
    held.decided_by_id, held.decided_at = grant_of(actor), moment.now
    held.save(update_fields=["state", "reason", "decided_by", "decided_at", "version"])
    audit.record(RequestDeclined(subject=held.pk, unit=pupil.institution_id, field=held.field))
    return held


@part_of_command
def _held(found: ParentRequest, version: int) -> ParentRequest:
    held: ParentRequest = ParentRequest.objects.select_for_update(no_key=True).get(pk=found.pk)
    if held.version != version:
        raise StaleVersion("Запит тим часом змінено. Перегляньте його й повторіть.")
    return held


def _step(request: ParentRequest, step: str) -> None:
    further = TRANSITIONS[request.state].get(step)
    if further is None:
        raise RequestDecided
    request.state = further
    request.version += 1
