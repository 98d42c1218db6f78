"""Forming an order: the ready rows of a draft, frozen as bytes that wait for one signature (D.6).

Many pupils, one signature: what is signed is the manifest with the root of a hash tree over the
rows; any row can be shown and proved alone.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import orjson
import uuid_utils
from django.db import connection

from accounts.actors import Actor
from kernel import audit
from kernel.clock import Moment
from kernel.db import command, part_of_command, violation
from kernel.errors import DomainError, Invalid, NotFound
from kernel.errors import Problem as FieldProblem
from kernel.kept import insert
from kernel.scoping import grant_of
from registry.drafts import services as drafts
from registry.drafts.errors import DraftClosed
from registry.drafts.judging import judge_whole, keep
from registry.drafts.models import Draft, DraftTable
from registry.drafts.services import running
from registry.institutions.models.institutions import Institution
from registry.orders.errors import NothingReady
from registry.orders.events import OrderPrepared
from registry.orders.models import Order
from registry.orders.papers import order_paper
from registry.orders.selectors.issuers import Issuer, issuer_of
from registry.orders.services.terms import terms_of
from registry.process import NamedRow, Terms, Verdict, kind
from signatures.api import build_package
from signatures.services import sessions

PAPER = "order.pdf"  # in the container of the order
WAITS = datetime.timedelta(days=30)  # a deputy prepares on Friday, the head signs after a leave


@command
def prepare(
    *,
    actor: Actor,
    draft_id: Any,
    fields: Mapping[str, str],
    seen: drafts.Sight | None = None,
    moment: Moment,
    expected: int | None = None,
    run_id: uuid.UUID | None = None,
) -> Order:
    """Freeze the ready rows of a draft as an order that waits for the head's signature.

    `fields`, as typed: number, issued_on, effective_on, ground and the process's own; `seen` is
    what the form showed, or None where no form was, `expected` the number of rows the person saw. What was typed
    is kept in the draft even when refused, by the caller through `drafts.save_terms`. `run_id` is the
    work that does it, done in the same transaction.

    Raises:
        NotFound, NotAllowed: no such draft for this actor to prepare.
        DraftClosed: its order waits already, or it was discarded.
        Invalid: number, dates or ground are wrong; every problem is told.
        StaleTerms: others wrote another value into one of the terms than the form showed.
        NothingReady: no row is ready, or their number is not the one seen.
        NoHead: nobody could sign.
    """
    draft = drafts.locked(actor, draft_id)
    institution = draft.institution
    if run_id is not None:
        running.claim(run_id, moment.now)
    elif draft.is_worked_on:
        raise DraftClosed("Таблицю ще перевіряють або за нею вже формують наказ.")
    if kind(draft.process).finish:
        raise NotFound
    if draft.state != "OPEN" or draft.waiting:
        raise DraftClosed("За цією чернеткою наказ уже сформовано або її вилучено.")
    drafts.write_terms(draft, fields, seen or drafts.Sight(draft.version))
    terms = terms_of(draft.process, institution, fields, moment)

    rows = list(draft.rows.order_by("position"))
    judged = judge_whole(draft, rows, actor, moment)
    ready = [v for v in judged if v.state == "READY" and v.clean is not None]
    keep(rows, judged)
    if not ready:
        raise NothingReady("Жодного рядка ще не можна включити до наказу: спершу виправте їх.")
    if expected is not None and expected != len(ready):
        raise NothingReady(
            f"Готових рядків тепер {len(ready)}, а не {expected}: дані або реєстр змінилися. "
            "Перегляньте таблицю і сформуйте наказ знову.",
            ready=len(ready),
        )
    order = freeze(
        draft.process,
        institution,
        ready,
        terms,
        issuer_of(institution),
        draft=draft,
        actor=actor,
        moment=moment,
    )
    draft.state = "ORDERED"
    draft.save(update_fields=["state", "terms", "terms_touched", "version", "updated_at"])
    DraftTable.objects.filter(draft=draft).delete()
    if run_id is not None:
        running.finish(run_id, moment.now, order.pk)
    return order


@part_of_command
def freeze(
    code: str,
    institution: Institution,
    ready: Sequence[Verdict],
    terms: Terms,
    issuer: Issuer,
    *,
    draft: Draft | None = None,
    actor: Actor,
    moment: Moment,
) -> Order:
    """The order of the ready rows of a kind, its bytes frozen, waiting for the head's signature;
    `draft` is where the rows come from, if from one.

    Raises:
        Invalid: an order of this number was made a moment ago.
    """
    order_id = uuid.UUID(str(uuid_utils.uuid7()))
    process = kind(code)
    rows = [process.signed(number, verdict) for number, verdict in enumerate(ready, start=1)]
    contents = [msgspec.to_builtins(row) for row in rows]
    document = _document(order_id, code, institution, issuer, terms, rows, actor)
    paper = order_paper(document, process, rows, made_at=moment.now)
    package = build_package(document, contents, {PAPER: paper})
    with violation("one_order_of_a_number", lambda: _number_taken(terms)):
        session = sessions.prepare(
            user_id=issuer.head_id,
            purpose=f"registry.order.{code}",
            content=package.manifest,
            now=moment.now,
            lifetime=WAITS,
            files=package.kept,
        )
        order = Order(
            id=order_id,
            institution=institution,
            kind=code,
            number=terms.number,
            issued_on=terms.issued_on,
            year=terms.issued_on.year,
            ground=terms.ground,
            effective_on=terms.effective_on,
            draft=draft,
            corrects_id=process.corrects(rows),
            signing_id=session.pk,
            manifest_sha256=session.content_sha256,
            rows_count=len(contents),
            prepared_by_id=grant_of(actor),
        )
        insert(order)
    _keep_rows(order, package.rows, ready)
    audit.record(
        OrderPrepared(
            subject=order.pk, unit=order.institution_id, number=order.number, rows=len(contents)
        )
    )
    return order


@part_of_command
def _keep_rows(order: Order, contents: Sequence[bytes], ready: Sequence[Verdict]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO registry_orderrow (order_id, position, content, pupil_id, seen, said)
            SELECT %s, x.position, x.content, x.pupil_id, string_to_array(x.seen, ',')::uuid[],
                x.said::jsonb
            FROM unnest(%s::bytea[], %s::uuid[], %s::text[], %s::text[]) WITH ORDINALITY
                AS x(content, pupil_id, seen, said, position)
            """,
            [
                order.pk,
                list(contents),
                [verdict.pupil_id for verdict in ready],
                [",".join(map(str, verdict.seen)) for verdict in ready],
                [orjson.dumps(verdict.said).decode() for verdict in ready],
            ],
        )


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


def _document(
    order_id: uuid.UUID,
    code: str,
    institution: Institution,
    issuer: Issuer,
    terms: Terms,
    rows: Sequence[NamedRow],
    actor: Actor,
) -> dict[str, Any]:
    """The text of the order. The page, the paper and the file show exactly these strings."""
    return {
        "type": "order",
        "kind": code,
        "id": str(order_id),
        "institution": {
            "id": str(institution.uid),
            "name": issuer.name or institution.full_name,
            "edrpou": issuer.edrpou,
            "superior": issuer.superior,
            "place": issuer.place,
        },
        "number": terms.number,
        "date": terms.issued_on.isoformat(),
        "effective_on": terms.effective_on.isoformat(),
        "school_year": terms.year_code,
        **kind(code).wording(terms, len(rows), rows),
        "ground": terms.ground,
        "terms": dict(terms.extra),
        "signer": {"name": issuer.head_name, "position": issuer.head_position},
        "prepared_by": actor.full_name,
    }
