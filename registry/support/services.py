"""Asking, answering, passing on, closing."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from django.db import connection

from accounts.actors import Actor
from accounts.identifiers import edrpou_problem
from kernel import audit, turns
from kernel.audit.events import Event
from kernel.clock import Moment
from kernel.db import command, part_of_command
from kernel.errors import Invalid, NotAllowed, NotFound, Problem
from kernel.scoping import grant_of
from kernel.text import clean, clean_lines, plural
from registry.classifiers.working_days import calendar
from registry.institutions.models.institutions import Institution
from registry.support import policies, selectors
from registry.support.errors import InstitutionAskedFor, InstitutionIsThere, RequestClosed
from registry.support.events import (
    SupportAnswered,
    SupportAsked,
    SupportClosed,
    SupportPassedOn,
    SupportTidied,
    SupportWritten,
)
from registry.support.models import SupportMessage, SupportRequest
from registry.support.states import AFTER_ASKED, AFTER_SOLVED, KINDS, OPEN, TRANSITIONS

LONGEST_TITLE = 120
LONGEST_TEXT = 5_000
A_DAY = 20  # requests of one person
_LOCK = 7306181  # of the counter of numbers


@command
def ask(
    *,
    actor: Actor,
    request_id: uuid.UUID,
    kind: str,
    title: str,
    text: str,
    edrpou: str = "",
    moment: Moment,
) -> SupportRequest:
    """Ask the level above, or, of some kinds, the technical administrator.

    request_id: made by the form, so that one sent twice is one request.

    Raises:
        NobodyToAsk: there is nobody above.
        Invalid: what was typed is wrong; every problem at once.
        InstitutionIsThere, InstitutionAskedFor: nothing is missing, or it was asked for.
        TooOften: this person asked too much today.
    """
    policies.ask.require(actor)
    before = SupportRequest.objects.filter(pk=request_id, author_id=grant_of(actor)).first()
    if before is not None:
        audit.record(_asked(before))
        return before
    title, text, edrpou = clean(title), clean_lines(text), clean(edrpou)
    if problems := _problems(kind, title, text, edrpou):
        raise Invalid(problems)
    if kind == "NEW_INSTITUTION":
        _still_missing(edrpou)
    turns.count("support", str(actor.grant_id), A_DAY, 86_400)
    what = KINDS[kind]
    handler = selectors.administrator() if what.to_administrator else selectors.first_line(actor)
    days = calendar()
    made = SupportRequest(
        id=request_id,
        number=_next_number(),
        author_id=grant_of(actor),
        unit_id=actor.unit_id or 0,
        handler=handler,
        kind=kind,
        title=title,
        edrpou=edrpou if kind == "NEW_INSTITUTION" else "",
        answer_by=days.after(moment.today, what.answer),
        solve_by=days.after(moment.today, what.solve),
        since=moment.today,
    )
    made.save(force_insert=True)
    _say(made, actor, text, moment)
    audit.record(_asked(made))
    return made


def _asked(request: SupportRequest) -> Event:
    return SupportAsked(
        subject=request.pk, unit=request.unit_id, number=request.number, about=request.kind
    )


def _problems(kind: str, title: str, text: str, edrpou: str) -> list[Problem]:
    found = _of_text("text", text)
    if kind not in KINDS:
        found.append(Problem("kind", "required", "Оберіть, про що звернення."))
    if not title:
        found.append(Problem("title", "required", "Напишіть кількома словами, у чому річ."))
    elif len(title) > LONGEST_TITLE:
        found.append(Problem("title", "too_long", f"Скоротіть: можна {_signs(LONGEST_TITLE)}."))
    if kind == "NEW_INSTITUTION":
        wrong = edrpou_problem(edrpou) if edrpou else "Напишіть ЄДРПОУ закладу."
        if wrong:
            found.append(Problem("edrpou", "edrpou", wrong))
    return found


def _of_text(field: str, text: str) -> list[Problem]:
    if not text:
        return [Problem(field, "required", "Напишіть, що сталося й чого ви очікували.")]
    if len(text) > LONGEST_TEXT:
        said = f"У тексті {_signs(len(text))}, а можна {LONGEST_TEXT}."
        return [Problem(field, "too_long", said)]
    return []


def _signs(number: int) -> str:
    return f"{number} {plural(number, 'знак', 'знаки', 'знаків')}"


@part_of_command
def _still_missing(edrpou: str) -> None:
    there = Institution.objects.filter(edrpou=edrpou).first()
    if there is not None:
        raise InstitutionIsThere(
            f"«{there.short_name}» має цей ЄДРПОУ. Знайдіть його за кодом у розділі «Заклади»."
        )
    asked = SupportRequest.objects.filter(
        kind="NEW_INSTITUTION", edrpou=edrpou, state__in=OPEN
    ).first()
    if asked is not None:
        raise InstitutionAskedFor(
            f"Звернення № {asked.number} розглядає технічний адміністратор: другого не треба.",
            number=asked.number,
        )


@part_of_command
def _next_number() -> int:
    """The next number; who comes second waits for the first to end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute("SELECT coalesce(max(number), 1000) + 1 FROM registry_supportrequest")
        return int(cursor.fetchone()[0])


@part_of_command
def _say(request: SupportRequest, actor: Actor, text: str, moment: Moment) -> None:
    SupportMessage.objects.create(
        request=request,
        grant_id=actor.grant_id,
        text=text,
        state=request.state,
        handler_id=request.handler_id,
        at=moment.now,
    )


# ── further steps ────────────────────────────────────────────────────────────
@command
def write_more(*, actor: Actor, request_id: Any, text: str, moment: Moment) -> SupportRequest:
    """The author writes more: answers what was asked back, or says that it is not solved.

    Raises:
        NotFound: not the author's.
        Invalid: nothing is written.
        RequestClosed: it is closed.
    """
    held = _held(actor, request_id)
    if not selectors.is_author(actor, held):
        raise NotFound
    text = _checked(text)
    if held.state == "CLOSED":
        raise RequestClosed("Звернення закрито. Напишіть нове.")
    if "write" in TRANSITIONS[held.state]:
        if held.state == "WAITING_USER":
            held.solve_by = _later(held.solve_by, held.since, moment.today)
        else:
            days = KINDS[held.kind]
            held.solve_by = calendar().after(moment.today, days.solve)
        held.state, held.since = TRANSITIONS[held.state]["write"], moment.today
        held.save(update_fields=["state", "since", "solve_by"])
    _say(held, actor, text, moment)
    audit.record(SupportWritten(subject=held.pk, unit=held.unit_id, number=held.number))
    return held


def _later(due: datetime.date, since: datetime.date, today: datetime.date) -> datetime.date:
    """A term moved by the working days on which the clock stood."""
    days, stood = calendar(), 0
    day = since
    while day < today:
        day += datetime.timedelta(days=1)
        stood += days.works(day)
    return days.after(due, stood)


@command
def answer(
    *, actor: Actor, request_id: Any, text: str, step: str, moment: Moment
) -> SupportRequest:
    """The office answers: takes it into work (`take`), asks back (`ask_back`) or solves (`solve`).

    Raises:
        NotFound: not asked of this office.
        Invalid: nothing is written.
        RequestClosed: the step does not lead from where it stands.
    """
    held = _ours(actor, request_id)
    if step not in {"take", "ask_back", "solve"}:
        raise Invalid([Problem("step", "required", "Оберіть, що далі зі зверненням.")])
    text = _checked(text)
    _step(held, step)
    held.since = moment.today
    held.answered_at = held.answered_at or moment.now
    held.save(update_fields=["state", "since", "answered_at"])
    _say(held, actor, text, moment)
    audit.record(
        SupportAnswered(subject=held.pk, unit=held.unit_id, number=held.number, state=held.state)
    )
    return held


@command
def hand_up(*, actor: Actor, request_id: Any, text: str, moment: Moment) -> SupportRequest:
    """The office asks the level above it, up to the technical administrator; the terms begin anew.

    Raises:
        NotFound: not asked of this office.
        Invalid: nothing is written.
        RequestClosed: there is nobody further, or it waits for its author.
    """
    held = _ours(actor, request_id)
    text = _checked(text)
    further = selectors.next_line(held.handler)
    if further.pk == held.handler_id:
        raise RequestClosed("Далі передати нікому: відповідає технічний адміністратор.")
    _step(held, "pass_on")
    days, what = calendar(), KINDS[held.kind]
    # Written by this office, so that it goes on seeing what it passed on.
    _say(held, actor, text, moment)
    held.handler = further
    held.since = moment.today
    held.answer_by = days.after(moment.today, what.answer)
    held.solve_by = days.after(moment.today, what.solve)
    held.save(update_fields=["state", "handler", "since", "answer_by", "solve_by"])
    audit.record(SupportPassedOn(subject=held.pk, unit=held.unit_id, number=held.number))
    return held


@command
def close(*, actor: Actor, request_id: Any, moment: Moment) -> SupportRequest:
    """The author agrees that it is solved; twice is once.

    Raises:
        NotFound: not the author's.
        RequestClosed: it is not solved yet.
    """
    held = _held(actor, request_id)
    if not selectors.is_author(actor, held):
        raise NotFound
    if held.state != "CLOSED":
        _step(held, "close")
        held.since = moment.today
        held.save(update_fields=["state", "since"])
        _say(held, actor, "", moment)
    audit.record(SupportClosed(subject=held.pk, unit=held.unit_id, number=held.number))
    return held


@command
def close_old(*, actor: Actor, moment: Moment) -> int:
    """Close what was solved ten days ago or asked back two weeks ago; how many.

    Raises:
        NotAllowed: only the system does this.
    """
    if not actor.is_system:
        raise NotAllowed
    terms = {"SOLVED": AFTER_SOLVED, "WAITING_USER": AFTER_ASKED}
    over: list[SupportRequest] = []
    for state, days in terms.items():
        last = moment.today - datetime.timedelta(days=days)
        over += SupportRequest.objects.select_for_update(skip_locked=True, no_key=True).filter(
            state=state, since__lt=last
        )
    for one in over:
        _step(one, "expire")
        one.since = moment.today
        one.save(update_fields=["state", "since"])
        _say(one, actor, "", moment)
        audit.record(SupportClosed(subject=one.pk, unit=one.unit_id, number=one.number))
    audit.record(SupportTidied(closed=len(over)))
    return len(over)


def _checked(text: str) -> str:
    text = clean_lines(text)
    if problems := _of_text("text", text):
        raise Invalid(problems)
    return text


def _step(request: SupportRequest, step: str) -> None:
    further = TRANSITIONS[request.state].get(step)
    if further is None:
        raise RequestClosed
    request.state = further


def _held(actor: Actor, request_id: Any) -> SupportRequest:
    """The request, held until the command ends.

    Raises:
        NotFound: of others.
    """
    found = selectors.find(actor, request_id)
    held: SupportRequest = (
        SupportRequest.objects.select_for_update(of=("self",), no_key=True)
        .select_related("handler", "author")
        .get(pk=found.pk)
    )
    return held


def _ours(actor: Actor, request_id: Any) -> SupportRequest:
    held = _held(actor, request_id)
    if not policies.answer.allows(actor) or held.handler_id != actor.unit_id:
        raise NotFound
    return held
