"""Certificates of study: drawn up from a table, signed at once by the head, voided with a reason.

A certificate changes nothing in the register; what was signed stays what it said.
"""

from __future__ import annotations

import dataclasses
import datetime
import secrets
import uuid
from collections.abc import Sequence
from typing import Any

import uuid_utils

from accounts.actors import Actor
from kernel import audit
from kernel.clock import Moment
from kernel.db import command, part_of_command, violation
from kernel.errors import DomainError, Invalid, Problem
from kernel.scoping import grant_of, person_of
from kernel.text import clean
from registry.certificates import policies
from registry.certificates.errors import CertificateDecided, CertificatesOutdated
from registry.certificates.events import (
    CertificateIssued,
    CertificatesGivenUp,
    CertificatesPrepared,
    CertificatesSigned,
    CertificateVoided,
)
from registry.certificates.models import CertificateIssue, StudyCertificate
from registry.certificates.papers import papers
from registry.certificates.process import PROCESS, Asked
from registry.certificates.selectors import next_number, opened
from registry.certificates.states import CERTIFICATE, ISSUE, VOIDED_FOR
from registry.classes.frames import year_for
from registry.classes.models import ClassGroup
from registry.classifiers.selectors import classifiers
from registry.drafts import services as drafts
from registry.drafts.errors import DraftClosed
from registry.drafts.judging import judge_whole, keep
from registry.drafts.models import Draft, DraftTable
from registry.enrolments.models import Enrolment
from registry.institutions.models.institutions import Institution
from registry.orders.errors import NothingReady
from registry.orders.selectors.issuers import Issuer, issuer_of
from registry.orders.services import close_draft, organisations_of, still_acting
from registry.people.models.pupils import Pupil
from registry.process import Conflict
from signatures.api import build_package
from signatures.errors import AlreadySigned, WrongSigner
from signatures.services import sessions

PURPOSE = "registry.certificates"
SCHEMA = "registry.certificate/1"
PAPER = "certificates.pdf"  # in the container
WAITS = datetime.timedelta(days=30)  # as orders do
MOST = 1000  # papers of one signature
MOST_NUMBER = 999_999


# ── drawing up ───────────────────────────────────────────────────────────────
@command
def prepare(
    *,
    actor: Actor,
    draft_id: Any,
    moment: Moment,
    first_number: int | None = None,
    expected: int | None = None,
) -> CertificateIssue:
    """Freeze a certificate for each ready row, numbered on from the last of the school's register
    (or from `first_number`), to be signed by the head at once.

    Raises:
        NotFound, NotAllowed: no such draft for this actor to prepare.
        DraftClosed: its certificates wait already, or it was discarded.
        NothingReady: no row is ready, their number is not the one seen, or they are too many.
        Invalid: a number is taken.
        NoHead: nobody could sign.
    """
    draft = drafts.locked(actor, draft_id)
    if draft.process != PROCESS.code or draft.state != "OPEN" or draft.waiting:
        raise DraftClosed("За цією чернеткою довідки вже сформовано або її вилучено.")
    institution = draft.institution
    # Numbers run on: whoever draws up others of this school waits.
    Institution.objects.select_for_update(of=("self",), no_key=True).get(pk=institution.pk)
    rows = list(draft.rows.order_by("position"))
    judged = judge_whole(draft, rows, actor, moment)
    keep(rows, judged)
    ready = [one.clean for one in judged if one.state == "READY" and one.clean is not None]
    if not ready or (expected is not None and expected != len(ready)):
        raise NothingReady(
            f"Готових рядків тепер {len(ready)}. Перегляньте таблицю ще раз.", ready=len(ready)
        )
    if len(ready) > MOST:
        raise NothingReady(f"Одним підписом видають до {MOST} довідок: поділіть таблицю.")
    first = _numbered_from(first_number, institution, len(ready), moment.today)
    issuer = issuer_of(institution)
    issue_id = uuid.UUID(str(uuid_utils.uuid7()))
    contents = _contents(ready, first, moment.today)
    document = _document(issue_id, institution, issuer, contents, actor, moment.today)
    package = build_package(
        document, contents, {PAPER: papers(document, contents, made_at=moment.now)}
    )
    session = sessions.prepare(
        user_id=issuer.head_id,
        purpose=PURPOSE,
        content=package.manifest,
        now=moment.now,
        lifetime=WAITS,
        files=package.kept,
    )
    issue = CertificateIssue.objects.create(
        id=issue_id,
        institution=institution,
        draft=draft,
        issued_on=moment.today,
        count=len(contents),
        signing=session,
        prepared_by_id=grant_of(actor),
        prepared_at=moment.now,
    )
    with violation("one_certificate_of_a_number", _taken):
        StudyCertificate.objects.bulk_create(
            StudyCertificate(
                issue=issue,
                institution=institution,
                pupil_id=one.child.pupil.pk,
                position=content["no"],
                year=moment.today.year,
                number=content["number"],
                issued_on=moment.today,
                valid_until=one.valid_until,
                full_name=one.child.pupil.full_name,
                class_label=content["class"],
                recipient=one.recipient,
                code=content["code"],
                content=packed,
            )
            for one, content, packed in zip(ready, contents, package.rows, strict=True)
        )
    draft.state = "ORDERED"
    draft.save(update_fields=["state", "updated_at"])
    DraftTable.objects.filter(draft=draft).delete()
    audit.record(
        CertificatesPrepared(
            subject=issue.pk, unit=institution.pk, first=first, count=len(contents)
        )
    )
    return issue


@part_of_command
def _numbered_from(
    asked: int | None, institution: Institution, count: int, today: datetime.date
) -> int:
    """The first number, none of those that follow being taken."""
    first = next_number(institution.pk, today.year) if asked is None else asked
    if not 1 <= first <= MOST_NUMBER - count:
        raise Invalid([Problem("first_number", "wrong", f"Номер — від 1 до {MOST_NUMBER}.")])
    taken = (
        StudyCertificate.objects.filter(
            institution=institution, year=today.year, number__range=(first, first + count - 1)
        )
        .exclude(state="GIVEN_UP")
        .order_by("number")
        .values_list("number", flat=True)
        .first()
    )
    if taken is not None:
        raise Invalid(
            [
                Problem(
                    "first_number",
                    "number_taken",
                    f"Довідка № {taken} у {today.year} році вже є. Вільний номер: "
                    f"{next_number(institution.pk, today.year)}.",
                )
            ]
        )
    return first


def _taken() -> DomainError:
    return Invalid(
        [Problem("first_number", "number_taken", "Довідка з таким номером щойно зʼявилася.")]
    )


def _contents(ready: Sequence[Asked], first: int, today: datetime.date) -> list[dict[str, Any]]:
    """What each paper says, to be signed."""
    since = dict(
        Enrolment.objects.filter(
            pupil__in=[one.child.pupil.pk for one in ready],
            kind="MAIN",
            voided_by=None,
            starts_on__lte=today,
            ends_on=None,
        ).values_list("pupil_id", "starts_on")
    )
    forms = _forms([one.child.pupil.pk for one in ready])
    return [
        {
            "schema": SCHEMA,
            "no": no,
            "number": first + no - 1,
            "code": secrets.token_hex(10).upper(),
            "pupil": str(one.child.pupil.pk),
            "surname": one.child.pupil.surname,
            "given_name": one.child.pupil.given_name,
            "patronymic": one.child.pupil.patronymic,
            "born_on": one.child.pupil.born_on.isoformat(),
            "class": one.child.class_label,
            "form": forms.get(one.child.pupil.pk, ""),
            "since": since[one.child.pupil.pk].isoformat() if one.child.pupil.pk in since else "",
            "recipient": one.recipient,
            "purpose": one.purpose,
            "valid_until": one.valid_until.isoformat() if one.valid_until else "",
        }
        for no, one in enumerate(ready, start=1)
    ]


def _forms(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    codes = Pupil.objects.filter(pk__in=ids).exclude(form=None).values_list("pk", "form")
    return {pk: classifiers.label("education_form", code) for pk, code in codes if code}


def _document(
    issue_id: uuid.UUID,
    institution: Institution,
    issuer: Issuer,
    contents: Sequence[dict[str, Any]],
    actor: Actor,
    today: datetime.date,
) -> dict[str, Any]:
    first, last = contents[0]["number"], contents[-1]["number"]
    one = len(contents) == 1
    contacts = (", ".join(filter(None, (institution.postal_code, institution.address))),)
    return {
        "type": "certificates",
        "id": str(issue_id),
        "institution": {
            "id": str(institution.uid),
            "name": institution.full_name,
            "edrpou": issuer.edrpou,
            "superior": issuer.superior,
            "place": issuer.place,
            "contacts": " · ".join(filter(None, (*contacts, institution.phone, institution.email))),
        },
        "title": "Довідка про навчання" if one else "Довідки про навчання",
        "number": str(first) if one else f"{first}–{last}",
        "date": today.isoformat(),
        "school_year": year_for(today).code,
        "signer": {"name": issuer.head_name, "position": issuer.head_position},
        "prepared_by": actor.full_name,
    }


# ── signing ──────────────────────────────────────────────────────────────────
def sign(*, actor: Actor, issue_id: Any, cms: bytes, moment: Moment) -> CertificateIssue:
    """Issue certificates by the head's signature of exactly the bytes shown; in two phases, as an
    order is. Signed again they stay as they are.

    Raises:
        NotFound: no such issue within reach.
        NotAllowed: the actor is not the acting head.
        CertificateDecided: it was given up, or is prepared for another head.
        SignatureRefused, WrongSigner, SigningExpired: the signature does not hold.
        CertificatesOutdated: the register changed since; `rows` says what and where.
    """
    issue: CertificateIssue = (
        CertificateIssue.objects.visible_to(actor).select_related("institution").find(pk=issue_id)
    )
    policies.sign.require(actor, issue.institution)
    if issue.state == "SIGNED":
        return issue
    _step(issue, "sign")
    try:
        verified = sessions.verify(
            issue.signing_id, cms, actor=actor, now=moment.now, rnokpp=actor.person_code
        )
    except AlreadySigned:  # by the same click a moment ago
        issue.refresh_from_db()
        return issue
    return _signed(actor=actor, issue_id=issue.pk, verified_id=verified.pk, moment=moment)


@command
def _signed(
    *, actor: Actor, issue_id: Any, verified_id: uuid.UUID, moment: Moment
) -> CertificateIssue:
    """The second phase: the register is asked again, the certificates hold from now on.

    Raises:
        as `sign`.
    """
    issue = _held(actor, issue_id)
    still_acting(actor, issue.institution)
    policies.sign.require(actor, issue.institution)
    if issue.state == "SIGNED":
        return issue
    _step(issue, "sign")
    session = sessions.locked(issue.signing_id)
    if session.user_id != person_of(actor):
        raise CertificateDecided(
            "Довідки підготовлено для підпису іншим керівником. Поверніть їх до таблиці і сформуйте "
            "знову."
        )
    shown = opened(issue)
    signer = sessions.complete(session, verified_id, now=moment.now, rnokpp=actor.person_code)
    if signer.edrpou not in organisations_of(issue.institution):
        raise WrongSigner(
            "Ключ видано для іншої організації. Довідки підписують ключем керівника цього закладу.",
            field="signature",
        )
    if found := _outdated(issue, shown.rows):
        told = "; ".join(f"№ {one.no}, {one.name}: {one.what}" for one in found[:5])
        raise CertificatesOutdated(
            f"Підписувати вже не те: {told}. Поверніть довідки до таблиці і сформуйте знову.",
            rows=[dataclasses.asdict(one) for one in found],
        )
    issue.state, issue.signed_at = ISSUE[issue.state]["sign"], moment.now
    issue.save(update_fields=["state", "signed_at"])
    issue.certificates.update(state=CERTIFICATE["PREPARED"]["sign"])
    if issue.draft_id is not None:
        close_draft(issue.draft_id)
    audit.record(
        CertificatesSigned(
            subject=issue.pk,
            unit=issue.institution_id,
            first=shown.rows[0]["number"],
            count=issue.count,
            certificate=signer.serial,
        ),
        *(
            CertificateIssued(
                subject=one.pupil_id,
                unit=issue.institution_id,
                number=one.number,
                issued_on=one.issued_on,
                recipient=one.recipient,
            )
            for one in shown.certificates
        ),
    )
    return issue


@part_of_command
def _outdated(issue: CertificateIssue, rows: Sequence[dict[str, Any]]) -> list[Conflict]:
    """Children who no longer learn here, are named otherwise or learn in another class; held."""
    here = {
        str(one.pk): one
        for one in Pupil.objects.filter(
            pk__in=[row["pupil"] for row in rows], institution_id=issue.institution_id
        )
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
    }
    classes = {
        group.pk: group.label for group in ClassGroup.objects.filter(institution=issue.institution)
    }
    found = []
    for row in rows:
        pupil = here.get(row["pupil"])
        names = (row["surname"], row["given_name"], row["patronymic"], row["born_on"])
        if pupil is None:
            what = "вже не навчається у закладі"
        elif names != (
            pupil.surname,
            pupil.given_name,
            pupil.patronymic,
            pupil.born_on.isoformat(),
        ):
            what = "у профілі змінено імʼя або дату народження"
        elif classes.get(pupil.class_group_id or 0) != row["class"]:
            what = "змінився клас"
        else:
            continue
        name = " ".join(filter(None, names[:3]))
        found.append(Conflict(row["number"], name, what))
    return found


@command
def give_up(*, actor: Actor, issue_id: Any) -> CertificateIssue:
    """Give certificates up unsigned: their table is open again, their numbers are free.

    Raises:
        NotFound, NotAllowed: no such issue for this actor to prepare.
        CertificateDecided: they are signed.
    """
    issue = _held(actor, issue_id)
    policies.keep.require(actor, issue.institution)
    if issue.state == "GIVEN_UP":
        return issue
    _step(issue, "give_up")
    issue.state = ISSUE[issue.state]["give_up"]
    issue.save(update_fields=["state"])
    sessions.give_up(issue.signing_id)
    issue.certificates.update(state=CERTIFICATE["PREPARED"]["give_up"])
    Draft.objects.filter(pk=issue.draft_id, state="ORDERED").update(state="OPEN")
    first = issue.certificates.order_by("position").values_list("number", flat=True)[0]
    audit.record(
        CertificatesGivenUp(
            subject=issue.pk, unit=issue.institution_id, first=first, count=issue.count
        )
    )
    return issue


def _step(issue: CertificateIssue, step: str) -> None:
    if step not in ISSUE[issue.state]:
        raise CertificateDecided


@part_of_command
def _held(actor: Actor, issue_id: Any) -> CertificateIssue:
    found: CertificateIssue = (
        CertificateIssue.objects.visible_to(actor)
        .select_related("institution__hub", "signing")
        .select_for_update(of=("self",), no_key=True)
        .find(pk=issue_id)
    )
    return found


# ── voiding ──────────────────────────────────────────────────────────────────
@command
def void(
    *, actor: Actor, certificate_id: Any, reason: str, note: str, moment: Moment
) -> StudyCertificate:
    """Say that a certificate holds no more; whoever checks it is told the day and `reason`. `note`
    is for the school alone. Voided again it stays as it is.

    Raises:
        NotFound: no such certificate within reach.
        NotAllowed: the actor is not the head.
        Invalid: no such reason, or a note that is too long.
        CertificateDecided: it is not signed.
    """
    one: StudyCertificate = (
        StudyCertificate.objects.visible_to(actor)
        .select_related("institution")
        .select_for_update(of=("self",), no_key=True)
        .find(pk=certificate_id)
    )
    policies.sign.require(actor, one.institution)
    if one.state == "VOIDED":
        return one
    if "void" not in CERTIFICATE[one.state]:
        raise CertificateDecided
    if reason not in VOIDED_FOR:
        raise Invalid([Problem("reason", "required", "Виберіть причину.")])
    said = clean(note.replace("\x00", ""))
    if len(said) > 500:
        raise Invalid([Problem("note", "long", "Не більше 500 знаків.")])
    one.state = CERTIFICATE[one.state]["void"]
    one.void_reason, one.void_note = reason, said
    one.voided_by_id, one.voided_at = grant_of(actor), moment.now
    one.save(update_fields=["state", "void_reason", "void_note", "voided_by", "voided_at"])
    audit.record(
        CertificateVoided(
            subject=one.pupil_id,
            unit=one.institution_id,
            number=one.number,
            issued_on=one.issued_on,
            reason=reason,
            note=said,
        )
    )
    return one
