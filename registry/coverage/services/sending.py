"""Signed notices go by themselves to addressees that a channel leads to; whom none reaches, people tell.

A try is one message outside any transaction, then one command that writes what was answered. Killed between
the two, it is sent again: the addressee registers one notice once, and answers with the number of then.
"""

from __future__ import annotations

import datetime
import json
import uuid

import structlog

from accounts.actors import Actor
from kernel import clock
from kernel.clock import Moment
from kernel.db import command
from registry.coverage import policies, ports, selectors
from registry.coverage.models import LetterDelivery
from registry.coverage.ports import Notice, NotTaken, Registered
from registry.coverage.services.letters import TITLES, package_of, went
from signatures import exports

log = structlog.get_logger(__name__)

MOST_FAULTS = 5  # in a row of one turn: the way there is broken, and the next turn tries again
_SOON, _LONGEST = datetime.timedelta(hours=1), datetime.timedelta(days=7)


def due(signed_at: datetime.datetime, now: datetime.datetime) -> bool:
    """Whether a notice is tried in the turn of this quarter of an hour: each of the first hour, then every
    third hour; after a week people send it as they always could."""
    age = now - signed_at
    local = clock.local(now)
    return age < _SOON or (age < _LONGEST and local.hour % 3 == 0 and local.minute < 15)


def send_unsent(*, actor: Actor, moment: Moment) -> int:
    """Try every notice that did not go and whose addressee a channel leads to; how many went.

    Raises:
        NotAllowed: only the system does this.
    """
    policies.follow.require(actor)
    channel = ports.channel()
    if channel is None:
        return 0
    sent = faults = 0
    for delivery in selectors.unsent(actor, channel.recipients):
        signed_at = delivery.letter.signed_at
        if signed_at is None or not due(signed_at, moment.now):
            continue
        try:
            taken = channel.send(_notice(delivery))
        except NotTaken as no:
            log.warning("notice_not_taken", delivery=delivery.pk, reason=str(no))
            faults += 1
            if faults == MOST_FAULTS:
                break
            continue
        faults = 0
        sent += write_registration(
            actor=actor,
            delivery_id=delivery.pk,
            how=channel.code,
            taken=taken,
            ground=f"Запит {taken.query}",
            moment=moment,
        )
    return sent


def _notice(delivery: LetterDelivery) -> Notice:
    letter = delivery.letter
    session = letter.signing
    if session is None:
        raise ValueError("a signed notice has its session")
    package = package_of(letter, session)
    rows = [json.loads(one) for one in package.rows]
    node = letter.institution or letter.unit
    return Notice(
        letter=letter.pk,
        recipient=delivery.recipient,
        kind=letter.kind,
        subject=rows[0]["case"] if len(rows) == 1 else str(letter.pk),
        number=letter.number,
        issued_on=letter.issued_on,
        title=TITLES[letter.kind],
        sender=letter.institution.full_name if letter.institution else letter.unit.name,
        edrpou=node.edrpou or "",
        rows=rows,
        code=session.code,
        manifest=bytes(session.content),
        cms=exports.signature_file(session),
    )


@command
def write_registration(
    *,
    actor: Actor,
    delivery_id: int,
    how: str,
    taken: Registered,
    ground: str,
    moment: Moment,
) -> bool:
    """Write down that it went; False where somebody wrote it meanwhile. `ground` names the message."""
    letter_id: uuid.UUID = LetterDelivery.objects.values_list("letter_id", flat=True).get(
        pk=delivery_id
    )
    letter = selectors.letter(actor, letter_id, moment, held=True)
    delivery = letter.deliveries.select_for_update(no_key=True).get(pk=delivery_id)
    if delivery.sent_on is not None:
        return False
    went(letter, delivery, actor, on=moment.today, how=how, number=taken.number)
    return True


__all__ = ["due", "send_unsent"]
