"""Signing an order: the signature is verified with nothing locked, then everything takes effect in one
transaction."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import connection

from accounts.actors import Actor
from accounts.roles import GrantState
from kernel import audit
from kernel.clock import Moment
from kernel.db import command, part_of_command
from kernel.kept import Kept, found, key_of, update
from registry.drafts.services import running
from registry.institutions.models.institutions import Institution
from registry.orders.errors import OfMany, OrderNotPrepared
from registry.orders.events import OrderSigned
from registry.orders.grounds import by_order
from registry.orders.models import Order
from registry.orders.refusals import refusal_of
from registry.orders.selectors.orders import package_of
from registry.orders.services.giving_up import locked
from registry.orders.states import TRANSITIONS
from registry.people.errors import OnlyTheHeadSigns
from registry.process import NamedRow, SignedRow, kind
from signatures.errors import AlreadySigned, WrongSigner
from signatures.services import sessions

_ORDER = Kept[Order](
    lambda actor, pk: (
        Order.objects.visible_to(actor).select_related("institution__hub").filter(pk=pk)
    )
)


def sign(
    *,
    actor: Actor,
    order_id: Any,
    cms: bytes,
    moment: Moment,
    run_id: uuid.UUID | None = None,
    most: int | None = None,
) -> Order:
    """Make an order effective by the head's signature of exactly the bytes that were shown.

    Two phases: the signature is verified outside any transaction, because responders may be asked
    for seconds; then `take_effect` reads and judges everything again under lock and writes. Signing
    an effective order again changes nothing and answers the same, so a double click is harmless.
    `run_id` is the work that does it, done in the transaction of the effect; of more rows than `most`
    nothing is done here.

    Raises:
        NotFound: no such order within reach.
        NotAllowed: the actor is not the acting head, or is none any more.
        OrderNotPrepared: it was given up, or prepared for another head.
        SignatureRefused: the signature does not hold (the reason is in `detail`).
        WrongSigner: a good signature by another person or for another organisation.
        SigningExpired: shown too long ago.
        EnrolledMeanwhile: the register changed since; `rows` says what and where.
        OfMany: it has more rows than `most`.
    """
    order = found(_ORDER.first(actor, key_of(Order, order_id)))
    if require_signable(order, actor):
        return order
    if most is not None and order.rows_count > most:
        raise OfMany
    try:
        verified = sessions.verify(
            _session_of(order),
            cms,
            actor=actor,
            now=moment.now,
            rnokpp=actor.person_code,
        )
    except AlreadySigned:  # by the same click a moment ago
        order.refresh_from_db()
        if order.state == "EFFECTIVE":
            return order
        raise
    return take_effect(
        actor=actor, order_id=order.pk, verified_id=verified.pk, moment=moment, run_id=run_id
    )


@command(ground=by_order, by_keys=True)
def take_effect(
    *,
    actor: Actor,
    order_id: Any,
    verified_id: uuid.UUID,
    moment: Moment,
    run_id: uuid.UUID | None = None,
) -> Order:
    """The second phase: check the verified signature, ask the register again, write what the order
    brings and close it. All or nothing.

    Raises:
        as `sign`.
    """
    order = locked(actor, order_id)
    if require_signable(order, actor):
        return order
    if run_id is not None:
        running.claim(run_id, moment.now)
    still_acting(actor, order.institution)
    kind(order.kind).sign.require(actor, order.institution)
    session = sessions.locked(_session_of(order))
    if session.user_id != actor.user_id:
        raise OrderNotPrepared(
            "Наказ підготовлено для підпису іншим керівником. Поверніть його на доопрацювання "
            "і сформуйте знову."
        )
    package = package_of(order, session)
    signer = sessions.complete(session, verified_id, now=moment.now, rnokpp=actor.person_code)
    process = kind(order.kind)
    if signer.edrpou not in signed_by(order, actor):
        raise WrongSigner(
            "Ключ видано для іншої організації. Наказ підписують ключем керівника цього закладу, "
            "а наказ органу управління — ключем його працівника.",
            field="signature",
        )
    rows = [process.decode(content) for content in package.rows]
    if refusal := refusal_of(process.conflicts(order, rows)):
        raise refusal
    order.signed_by_id = actor.grant_id
    order.signed_at = moment.now
    process.effect(order, rows)
    order.state = TRANSITIONS[order.state]["sign"]
    update(order, "state", "signed_by", "signed_at")
    _name_pupils(order, rows)
    if order.draft_id is not None:
        close_draft(order.draft_id)
    audit.record(
        OrderSigned(
            subject=order.pk,
            unit=order.institution_id,
            number=order.number,
            rows=len(rows),
            certificate=signer.serial,
        ),
        *process.events(order, rows),
    )
    if run_id is not None:
        running.finish(run_id, moment.now)
    return order


def require_signable(order: Order, actor: Actor) -> bool:
    """Whether nothing is left to do; refuses who may not sign, and what cannot be signed."""
    kind(order.kind).sign.require(actor, order.institution)
    if order.state == "EFFECTIVE":
        return True
    if "sign" not in TRANSITIONS[order.state]:
        raise OrderNotPrepared
    return False


def _session_of(order: Order) -> uuid.UUID:
    if order.signing_id is None:
        raise OrderNotPrepared
    return order.signing_id


@part_of_command
def still_acting(actor: Actor, institution: Institution) -> None:
    """The grant and the institution as they are now, held: a head dismissed while the responder was
    asked does not sign. The caller asks its policy again: a school suspended meanwhile signs nothing.

    Raises:
        OnlyTheHeadSigns: the grant is over.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT g.state, i.status FROM accounts_grant g, registry_institution i
            WHERE g.id = %s AND i.institution_id = %s FOR SHARE
            """,
            [actor.grant_id, institution.pk],
        )
        found = cursor.fetchone()
    if found is None or found[0] != GrantState.ACTIVE:
        raise OnlyTheHeadSigns("Ваші повноваження керівника припинено, підписати не можна.")
    institution.status = found[1]


@part_of_command
def _name_pupils(order: Order, rows: Sequence[NamedRow]) -> None:
    """Rows of new children learn which profile is theirs; rows about staff name none."""
    of_pupils = [row for row in rows if isinstance(row, SignedRow)]
    if not of_pupils:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE registry_orderrow r SET pupil_id = x.pupil_id
            FROM unnest(%s::int[], %s::uuid[]) AS x(position, pupil_id)
            WHERE r.order_id = %s AND r.position = x.position AND r.pupil_id IS NULL
            """,
            [[row.no for row in of_pupils], [row.pupil for row in of_pupils], order.pk],
        )


def signed_by(order: Order, actor: Actor) -> list[str]:
    """The codes whose keys sign an order: the institution's, or of an order that an authority gives
    the authority's."""
    return list(kind(order.kind).signed_with(actor)) or organisations_of(order.institution)


def organisations_of(institution: Institution) -> list[str]:
    """The codes whose keys sign for the institution: its own, and its hub's (F088)."""
    codes = [institution.edrpou, institution.hub.edrpou if institution.hub else ""]
    return [code for code in codes if code]


@part_of_command
def close_draft(draft_id: uuid.UUID) -> None:
    """Rows that entered the order leave the draft; what is left can go on as a draft.

    One statement: while its order waited, nobody could write the draft.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH entered AS (
                DELETE FROM registry_draftrow
                WHERE draft_id = %s AND state IN ('READY', 'EMPTY')
            ), steps AS (
                DELETE FROM registry_draftstep WHERE draft_id = %s
            ), rest AS (
                SELECT EXISTS (
                    SELECT FROM registry_draftrow
                    WHERE draft_id = %s AND state NOT IN ('READY', 'EMPTY')
                ) AS stays
            )
            UPDATE registry_draft d
            SET state = CASE WHEN rest.stays THEN 'OPEN' ELSE d.state END,
                terms = CASE WHEN rest.stays THEN d.terms - 'number' ELSE d.terms END,
                updated_at = clock_timestamp()
            FROM rest WHERE d.id = %s
            """,
            [draft_id] * 4,
        )
