"""Orders of enrolment: prepared as frozen bytes, made effective by one signature (handbook D.6).

Many pupils, one signature: what is signed is the manifest with the root of a hash tree over the
rows; any row can be shown and proved alone.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import uuid_utils
from django.db import connection

from accounts.actors import Actor
from kernel import audit
from kernel.db import command, part_of_command, violation
from kernel.errors import DomainError, Invalid
from kernel.errors import Problem as FieldProblem
from kernel.scoping import grant_of
from kernel.tables import dates
from kernel.tables.cells import storable
from kernel.text import plural
from registry.classes.frames import year_for
from registry.classifiers.errors import NoSchoolYear
from registry.classifiers.models import SchoolYear
from registry.drafts.checks import Verdict, judge, save_rows_at_once
from registry.drafts.models import EnrolmentDraft, EnrolmentDraftRow
from registry.institutions.models.institutions import Institution
from registry.movements.enrol import effect
from registry.movements.enrol import rows as rules
from registry.orders.models import Order, OrderRow
from registry.orders.papers import order_paper
from registry.orders.selectors.issuers import Issuer, issuer_of
from registry.orders.selectors.orders import package_of
from registry.people import policies
from registry.people.errors import (
    DraftClosed,
    NothingReady,
    OrderAlreadySigned,
    OrderNotPrepared,
)
from signatures.api import SignerIdentity, build_package
from signatures.errors import SignatureRefused, WrongSigner
from signatures.services import sessions

PURPOSE = "registry.order.enrol"
PAPER = "order.pdf"  # in the container of the order
WAITS = datetime.timedelta(days=30)  # a deputy prepares on Friday, the head signs after a leave
TITLE = "Про зарахування учнів"
PREAMBLE = (
    "Відповідно до статті 9 Закону України «Про повну загальну середню освіту», Порядку зарахування, "
    "відрахування та переведення учнів до державних та комунальних закладів освіти для здобуття "
    "повної загальної середньої освіти, затвердженого наказом МОН від 16.04.2018 № 367"
)


@dataclasses.dataclass(frozen=True)
class Terms:
    """What an order says beside its rows."""

    number: str
    issued_on: datetime.date
    effective_on: datetime.date
    ground: str
    year: SchoolYear


# ── preparing ────────────────────────────────────────────────────────────────
@command
def prepare(
    *,
    actor: Actor,
    draft_id: Any,
    fields: Mapping[str, str],
    now: datetime.datetime,
    today: datetime.date,
    expected: int | None = None,
) -> Order:
    """Freeze the ready rows of a draft as an order that waits for the head's signature.

    `fields`, as typed: number, issued_on, effective_on, ground, identity_shown. `expected` is the
    number of rows the person saw. What was typed is kept in the draft even when refused, by the
    caller through `drafts.save_order_fields`.

    Raises:
        NotFound, NotAllowed: no such draft for this actor to prepare.
        DraftClosed: its order waits already, or it was discarded.
        Invalid: number, dates or ground are wrong; every problem is told.
        NothingReady: no row can be enrolled, or their number is not the one seen.
        NoHead: nobody could sign.
    """
    draft = (
        EnrolmentDraft.objects.visible_to(actor)
        .select_related("institution")
        .select_for_update(of=("self",), no_key=True)
        .find(pk=draft_id)
    )
    institution = draft.institution
    policies.keep.require(actor, institution)
    if draft.state != "OPEN" or draft.waiting is not None:
        raise DraftClosed("За цією чернеткою наказ уже сформовано або її вилучено.")
    terms = terms_of(institution, fields, today)
    draft.order_fields = kept_fields(draft, fields)

    rows = list(draft.rows.order_by("position"))
    judged = judge(draft, rows, actor, today)
    ready = [v for v in judged if v.state == "READY" and v.clean is not None]
    _keep_verdicts(rows, judged)
    if not ready:
        raise NothingReady("Жодного рядка ще не можна включити до наказу: спершу виправте їх.")
    if expected is not None and expected != len(ready):
        raise NothingReady(
            f"Готових рядків тепер {len(ready)}, а не {expected}: дані або реєстр змінилися. "
            "Перегляньте таблицю і сформуйте наказ знову.",
            ready=len(ready),
        )
    order = freeze(draft, ready, terms, issuer_of(institution), actor=actor, now=now)
    draft.state = "ORDERED"
    draft.save(update_fields=["state", "order_fields", "updated_at"])
    return order


def kept_fields(draft: EnrolmentDraft, fields: Mapping[str, str]) -> dict[str, str]:
    """What the draft is to remember of the order: as before, with what was typed now."""
    return {**draft.order_fields, **{k: storable(v) for k, v in fields.items()}}


@part_of_command
def freeze(
    draft: EnrolmentDraft,
    ready: Sequence[Verdict],
    terms: Terms,
    issuer: Issuer,
    *,
    actor: Actor,
    now: datetime.datetime,
) -> Order:
    """The order of the ready rows, its bytes frozen, waiting for the head's signature.

    Raises:
        Invalid: an order of this number was made a moment ago.
    """
    institution = draft.institution
    order_id = uuid.UUID(str(uuid_utils.uuid7()))
    contents = [_row_content(number, verdict) for number, verdict in enumerate(ready, start=1)]
    document = _document(order_id, institution, issuer, terms, len(contents), actor)
    paper = order_paper(document, contents, made_at=now)
    package = build_package(document, contents, {PAPER: paper})
    with violation("one_order_of_a_number", lambda: _number_taken(terms)):
        session = sessions.prepare(
            user_id=issuer.head_id,
            purpose=PURPOSE,
            content=package.manifest,
            now=now,
            lifetime=WAITS,
            files=package.kept,
        )
        order = Order.objects.create(
            id=order_id,
            institution=institution,
            kind="ENROL",
            number=terms.number,
            issued_on=terms.issued_on,
            year=terms.issued_on.year,
            ground=terms.ground,
            effective_on=terms.effective_on,
            draft=draft,
            signing_id=session.pk,
            manifest_sha256=session.content_sha256,
            rows_count=len(contents),
            prepared_by_id=grant_of(actor),
        )
    OrderRow.objects.bulk_create(
        [
            OrderRow(order=order, position=number, content=content, pupil_id=verdict.pupil_id)
            for number, (content, verdict) in enumerate(
                zip(package.rows, ready, strict=True), start=1
            )
        ],
        batch_size=1000,
    )
    _tell("registry.order.prepared", order, rows=len(contents))
    return order


def _number_taken(terms: Terms) -> DomainError:
    return Invalid(
        [
            FieldProblem(
                "number",
                "number_taken",
                f"Наказ № {terms.number} у {terms.issued_on.year} році вже є. Вкажіть інший номер.",
            )
        ]
    )


def terms_of(institution: Institution, fields: Mapping[str, str], today: datetime.date) -> Terms:
    """Read and check what was typed of the order; every problem at once.

    Raises:
        Invalid: something is wrong.
    """
    problems: list[FieldProblem] = []

    def say(field: str, code: str, detail: str) -> None:
        problems.append(FieldProblem(field, code, detail))

    number = " ".join(storable(fields.get("number", "")).split()).removeprefix("№").strip()
    if not number:
        say("number", "required", "Вкажіть номер наказу.")
    elif len(number) > 20:
        say("number", "too_long", "Номер наказу — до 20 знаків, наприклад 112-у.")
    elif number[0] in "=@+":
        say("number", "formula", "Номер наказу не може починатися з цього знака.")
    issued = _day("issued_on", fields, say, "Вкажіть дату наказу.")
    effective = _day("effective_on", fields, say, "Вкажіть перший день навчання.")
    if issued is not None and issued > today:
        say("issued_on", "future", f"Дата наказу {dates.show(issued)} ще не настала.")
        issued = None
    year = None
    if effective is not None:
        try:
            year = year_for(effective)
        except NoSchoolYear as no:
            say("effective_on", no.code, no.detail)
    if effective is not None and year is not None:
        if not year.starts_on <= effective < year.ends_on:
            say(
                "effective_on",
                "outside_year",
                f"{dates.show(effective)} — канікули: навчальний рік {year.code} триває з "
                f"{dates.show(year.starts_on)} до {dates.show(year.ends_on - datetime.timedelta(days=1))}.",
            )
        elif issued is not None and effective < issued:
            say(
                "effective_on",
                "before_order",
                "Перший день навчання не може бути раніше дати наказу.",
            )
        if issued is not None and issued < year.starts_on - datetime.timedelta(days=184):
            say(
                "issued_on",
                "too_early",
                f"Дата наказу {dates.show(issued)} задовго до навчального року {year.code}. Перевірте рік.",
            )
    ground = storable(fields.get("ground", ""))
    if not ground:
        say("ground", "required", "Вкажіть підставу наказу.")
    elif len(ground) > 500:
        say("ground", "too_long", "Підстава — до 500 знаків.")
    if fields.get("identity_shown", "") not in {"on", "1", "true", "так"}:
        say(
            "identity_shown",
            "required",
            "Позначте, що заявники предʼявили документи, що посвідчують особу.",
        )
    if (
        number
        and issued is not None
        and Order.objects.filter(institution=institution, year=issued.year, number=number)
        .exclude(state="CANCELLED")
        .exists()
    ):
        say(
            "number",
            "number_taken",
            f"Наказ № {number} у {issued.year} році вже є. Вкажіть інший номер.",
        )
    if problems or issued is None or effective is None or year is None:
        raise Invalid(problems)
    return Terms(number, issued, effective, ground, year)


def _day(field: str, fields: Mapping[str, str], say: Any, missing: str) -> datetime.date | None:
    text = storable(fields.get(field, ""))
    if not text:
        say(field, "required", missing)
        return None
    read = dates.parse(field, text)
    if read.problems:
        say(field, read.problems[0].code, read.problems[0].detail)
        return None
    return read.value


@part_of_command
def _keep_verdicts(rows: Sequence[EnrolmentDraftRow], judged: Sequence[Verdict]) -> None:
    changed = []
    for row, verdict in zip(rows, judged, strict=True):
        if (row.state, row.problems) != (verdict.state, verdict.problems):
            row.state, row.problems, row.pupil_id = (
                verdict.state,
                verdict.problems,
                verdict.pupil_id,
            )
            changed.append(row)
    if changed:
        save_rows_at_once(changed)


def _document(
    order_id: uuid.UUID,
    institution: Institution,
    issuer: Issuer,
    terms: Terms,
    count: int,
    actor: Actor,
) -> dict[str, Any]:
    """The text of the order. The page, the paper and the file show exactly these strings."""
    pupils = plural(count, "учня", "учнів", "учнів")
    day = dates.show(terms.effective_on)
    return {
        "type": "order",
        "kind": "ENROL",
        "id": str(order_id),
        "institution": {
            "id": str(institution.uid),
            "name": institution.full_name,
            "edrpou": issuer.edrpou,
            "superior": issuer.superior,
            "place": issuer.place,
        },
        "number": terms.number,
        "date": terms.issued_on.isoformat(),
        "effective_on": terms.effective_on.isoformat(),
        "school_year": terms.year.code,
        "title": TITLE,
        "preamble": PREAMBLE,
        "points": [
            f"Зарахувати з {day} до закладу {count} {pupils} за списком:",
            "Внести зарахованих до алфавітної книги та класних журналів.",
            "Контроль за виконанням наказу залишаю за собою.",
        ],
        "ground": terms.ground,
        "identity_shown": True,
        "signer": {"name": issuer.head_name, "position": issuer.head_position},
        "prepared_by": actor.full_name,
    }


def _row_content(number: int, verdict: Verdict) -> dict[str, Any]:
    clean: rules.CleanRow = verdict.clean  # type: ignore[assignment]
    applicant = clean.applicant
    return {
        "no": number,
        "pupil": str(verdict.pupil_id or uuid_utils.uuid7()),
        "is_known": verdict.pupil_id is not None,
        "surname": clean.surname,
        "given_name": clean.given_name,
        "patronymic": clean.patronymic,
        "born_on": clean.born_on.isoformat(),
        "sex": clean.sex,
        "citizenship": clean.citizenship,
        "rnokpp": clean.rnokpp,
        "rnokpp_state": clean.rnokpp_state,
        "unzr": clean.unzr,
        "document": {
            "type": clean.document.type,
            "series": clean.document.series,
            "number": clean.document.number,
            "issued_by": clean.document_issued_by,
            "issued_on": clean.document_issued_on.isoformat() if clean.document_issued_on else None,
        },
        "class": {
            "id": clean.class_ref.id,
            "label": clean.class_ref.label,
            "grade": clean.class_ref.grade,
        },
        "form": clean.form,
        "applicant": {
            "relation": applicant.relation,
            "surname": applicant.surname,
            "given_name": applicant.given_name,
            "patronymic": applicant.patronymic,
            "phone": applicant.phone,
            "email": applicant.email,
            "rnokpp": applicant.rnokpp,
        },
        "address": {
            "line": clean.address,
            "country": clean.address_country,
            "territory": clean.address_territory,
            "registered": clean.registered_address,
        },
    }


# ── giving up ────────────────────────────────────────────────────────────────
@command
def cancel(*, actor: Actor, order_id: Any) -> Order:
    """Give a prepared order up: its draft is open again with every row in place.

    Raises:
        NotFound, NotAllowed: no such order for this actor to prepare.
        OrderAlreadySigned: it is effective.
    """
    order = _locked(actor, order_id)
    policies.keep.require(actor, order.institution)
    if order.state == "EFFECTIVE":
        raise OrderAlreadySigned
    if order.state == "CANCELLED":
        return order
    order.state = "CANCELLED"
    order.save(update_fields=["state"])
    if order.signing_id:
        sessions.give_up(order.signing_id)
    if order.draft_id:
        EnrolmentDraft.objects.filter(pk=order.draft_id, state="ORDERED").update(state="OPEN")
    _tell("registry.order.cancelled", order)
    return order


def _locked(actor: Actor, order_id: Any) -> Order:
    order: Order = (
        Order.objects.visible_to(actor)
        .select_related("institution")
        .select_for_update(of=("self",), no_key=True)
        .find(pk=order_id)
    )
    return order


# ── signing ──────────────────────────────────────────────────────────────────
@command
def sign(*, actor: Actor, order_id: Any, cms: bytes, now: datetime.datetime) -> Order:
    """Make an order effective by the head's signature of exactly the bytes that were shown.

    One transaction: verify, check the register again, write pupils, documents, representatives,
    addresses and enrolments, close the order. Signing an effective order again changes nothing
    and answers the same, so a double click is harmless.

    Raises:
        NotFound: no such order within reach.
        NotAllowed: the actor is not the acting head.
        OrderNotPrepared: it was given up, or prepared for another head.
        SignatureRefused: the signature does not hold (the reason is in `detail`).
        WrongSigner: a good signature by another person or for another organisation.
        SigningExpired: shown too long ago.
        EnrolledMeanwhile: the register changed since; `rows` says what and where.
    """
    order = _locked(actor, order_id)
    institution = order.institution
    policies.sign_order.require(actor, institution)
    if order.state == "EFFECTIVE":
        return order
    if order.state != "PREPARED" or order.signing_id is None:
        raise OrderNotPrepared
    session = sessions.locked(order.signing_id)
    if session.user_id != actor.user_id:
        raise OrderNotPrepared(
            "Наказ підготовлено для підпису іншим керівником. Поверніть його на доопрацювання "
            "і сформуйте знову."
        )
    package = package_of(order, session)
    result = sessions.complete_at_once(session, cms, now=now, rnokpp=actor.person_code)
    if not result.valid:
        raise SignatureRefused(
            result.explanation, field="signature", reason=str(result.reason or "")
        )
    signer = SignerIdentity.of(result)
    if signer is None or not _signs_for(institution, signer.edrpou):
        raise WrongSigner(
            "Ключ видано для іншої організації. Наказ підписують ключем керівника цього закладу.",
            field="signature",
        )
    rows = [orjson.loads(content) for content in package.rows]
    effect.refuse_conflicts(order, rows)
    effect.write(order, rows)
    order.state = "EFFECTIVE"
    order.signed_by_id = actor.grant_id
    order.signed_at = now
    order.save(update_fields=["state", "signed_by", "signed_at"])
    _close_draft(order)
    audit.record(
        audit.Event(
            "registry.order.signed",
            "registry.order",
            str(order.pk),
            {"number": order.number, "rows": len(rows), "certificate": signer.serial},
            unit_id=order.institution_id,
        ),
        *(
            audit.Event(
                "registry.enrolment.opened",
                "registry.pupil",
                row["pupil"],
                {
                    "order": str(order.pk),
                    "class": row["class"]["label"],
                    "starts_on": order.effective_on.isoformat(),
                },
                unit_id=order.institution_id,
            )
            for row in rows
        ),
    )
    return order


def _signs_for(institution: Institution, edrpou: str | None) -> bool:
    """Whether a key of this organisation signs for the institution: its own, or its hub's (F088)."""
    if not edrpou:
        return False
    if edrpou == institution.edrpou:
        return True
    return institution.hub is not None and edrpou == institution.hub.edrpou


@part_of_command
def _close_draft(order: Order) -> None:
    """Rows that entered the order leave the draft; what is left can go on as a draft.

    One statement: while its order waited, nobody could write the draft.
    """
    if order.draft_id is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH entered AS (
                DELETE FROM registry_enrolmentdraftrow
                WHERE draft_id = %s AND state IN ('READY', 'EMPTY')
            ), steps AS (
                DELETE FROM registry_enrolmentdraftchange WHERE draft_id = %s
            ), rest AS (
                SELECT EXISTS (
                    SELECT FROM registry_enrolmentdraftrow
                    WHERE draft_id = %s AND state NOT IN ('READY', 'EMPTY')
                ) AS stays
            )
            UPDATE registry_enrolmentdraft d
            SET state = CASE WHEN rest.stays THEN 'OPEN' ELSE d.state END,
                order_fields = CASE WHEN rest.stays THEN d.order_fields - 'number' ELSE d.order_fields END,
                updated_at = clock_timestamp()
            FROM rest WHERE d.id = %s
            """,
            [order.draft_id] * 4,
        )


def _tell(code: str, order: Order, **payload: Any) -> None:
    audit.record(
        audit.Event(
            code,
            "registry.order",
            str(order.pk),
            {"number": order.number, **payload},
            unit_id=order.institution_id,
        )
    )
