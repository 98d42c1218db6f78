"""Preparing the orders of an authority about an institution: its state, its place, and taking back."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from accounts.actors import Actor
from kernel import audit
from kernel.clock import Moment
from kernel.db import command
from kernel.errors import Invalid, Problem
from kernel.tables import dates
from registry.institutions import policies
from registry.institutions.services import institutions, subordination
from registry.orders import services as orders
from registry.orders.errors import NotAnnullable
from registry.orders.models import Order
from registry.orders.services.annulling import rows_of
from registry.process import SignedRow, Verdict, kind
from registry.reorganisation import authority, revoke, status, subordinate
from registry.reorganisation.effect import held


@command
def prepare_status(
    *,
    actor: Actor,
    uid: uuid.UUID | str,
    version: int,
    to: str,
    fields: Mapping[str, str],
    moment: Moment,
) -> Order:
    """The order that moves an institution along its states, waiting for the key of the authority.

    Raises:
        NotFound: no such institution within the actor's reach.
        NotAllowed: neither an authority above it nor the technical administrator.
        StaleVersion: the card changed after the actor read it.
        StatusStep: the states have no such step.
        Invalid: number, dates, ground or issuer of the order, all problems at once.
        StillLearning: pupils, staff or working branches are still there, and it would be closed.
        NotReorganised: an order of an authority about it waits already.
    """
    source = institutions.hold(actor, uid)
    policies.change_status.require(actor, source)
    institutions.require_version(source, version)
    terms = orders.terms_of(status.CODE, source, fields, moment)
    institutions.require_step(source, to, terms.effective_on)
    authority.require_none_waits(source)
    ready = [Verdict([], "READY", None, (source, to))]
    return authority.freeze(status.CODE, source, ready, terms, {}, actor=actor, moment=moment)


@command
def prepare_place(
    *,
    actor: Actor,
    uid: uuid.UUID | str,
    version: int,
    under: uuid.UUID | str,
    fields: Mapping[str, str],
    moment: Moment,
) -> Order:
    """The order that puts an institution with its branches under another authority, or under a hub as
    its branch. Children, staff, orders and figures of past days stay as they are.

    A branch keeps its own ЄДРПОУ if it has one; keys of school systems end when it becomes or ceases
    to be a branch, because another head answers for it then.

    Raises:
        NotFound: the institution or the new place is absent or out of reach.
        NotAllowed: the actor does not stand above both places.
        StaleVersion: the card changed after the actor read it.
        NotPlaced: it would stand below itself, a hub with branches would become a branch, the new
            place does not work, or it stands there already.
        Invalid: number, dates, ground or issuer of the document; every problem at once.
        NotReorganised: an order of an authority about it waits already.
    """
    source = institutions.hold(actor, uid)
    target = subordination.place(actor, under)
    policies.place.require(actor, source, target)
    institutions.require_version(source, version)
    terms = orders.terms_of(subordinate.CODE, source, fields, moment)
    hub = subordination.hub_of(target)
    subordination.refuse(source, target, hub)
    authority.require_none_waits(source)
    ready = [Verdict([], "READY", None, (source, target, hub))]
    return authority.freeze(subordinate.CODE, source, ready, terms, {}, actor=actor, moment=moment)


@command
def prepare_revocation(
    *, actor: Actor, order_id: Any, fields: Mapping[str, str], moment: Moment
) -> Order:
    """The counter-order of an order of the authority, waiting for its key.

    Raises:
        NotFound, NotAllowed: no such order of this authority.
        NotAnnullable: it is not in effect, or something stands in the way; all of it is told.
        Invalid: number, dates, ground or issuer; the state register is not spoken of where it must be.
        NotReorganised: an order about the institution waits already.
    """
    target = revoke.target_of(actor, order_id)
    source = held(target.institution.uid)
    authority.require_none_waits(source)
    terms = orders.terms_of(revoke.CODE, source, fields, moment)
    if revoke.ends_institution(target) and not terms.extra["unregistered"]:
        raise Invalid(
            [
                Problem(
                    "unregistered",
                    "required",
                    "Позначте, що запису про припинення закладу в ЄДР немає або його скасовано.",
                )
            ]
        )
    if found := revoke.standing(target, lock=True):
        raise NotAnnullable(f"Наказ № {target.number} скасувати не можна: {'; '.join(found[:20])}.")
    back, _ = revoke.effects(target)
    told = {
        "order_date": dates.show(target.issued_on),
        "order_about": kind(target.kind).about,
        "papers": revoke.to_annul(target),
    }
    children = [row.about for row in rows_of(target) if isinstance(row, SignedRow)]
    if children:
        audit.looked_at(actor, "registry.pupil", children, "скасування наказу")
    ready = [Verdict([], "READY", None, (target, back))]
    return authority.freeze(revoke.CODE, source, ready, terms, told, actor=actor, moment=moment)
