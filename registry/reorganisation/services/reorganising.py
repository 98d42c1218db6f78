"""Preparing the order of a reorganisation: the plan, frozen as bytes for the authority's signature."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from accounts.actors import Actor
from kernel import audit
from kernel.clock import Moment
from kernel.db import command
from kernel.errors import Invalid, NotFound, Problem
from registry.institutions.models.institutions import Institution
from registry.institutions.services.institutions import hold
from registry.orders import services as orders
from registry.orders.models import Order
from registry.process import Verdict
from registry.reorganisation import authority, policies
from registry.reorganisation import plan as plans
from registry.reorganisation.errors import NotReorganised
from registry.reorganisation.process import CODE

_ONE = ("JOIN", "MERGE", plans.SPIN)


def successors(
    actor: Actor, source: Institution, way: str, to: Sequence[uuid.UUID | str]
) -> list[Institution]:
    """The institutions that things pass to, in the order chosen.

    Raises:
        Invalid: none, too many for the way, itself, one that does not work or is out of reach.
    """
    rows = {
        str(one.uid): one
        for one in Institution.objects.visible_to(actor)
        .select_related("unit", "hub")
        .filter(uid__in=[str(one) for one in to], status="ACTIVE")
    }
    found = [rows[str(one)] for one in dict.fromkeys(map(str, to)) if str(one) in rows]
    problem = ""
    if way not in plans.WAYS:
        raise Invalid([Problem("way", "required", "Виберіть, як реорганізують заклад")])
    if not to or len(found) < len({str(one) for one in to}):
        problem = "Виберіть правонаступника серед закладів, що працюють"
    elif way in _ONE and len(found) != 1:
        problem = "При приєднанні, злитті та виділі правонаступник один"
    elif way == "SPLIT" and len(found) < 2:
        problem = "При поділі правонаступників принаймні два"
    elif any(one.unit_id == source.unit_id or one.hub_id == source.unit_id for one in found):
        problem = "Заклад не передають самому собі чи своїй філії"
    if problem:
        raise Invalid([Problem("to", "wrong_successor", problem)])
    return found


@command
def prepare(
    *,
    actor: Actor,
    uid: uuid.UUID | str,
    way: str,
    to: Sequence[uuid.UUID | str],
    choices: Mapping[str, str],
    fields: Mapping[str, str],
    expected: int | None = None,
    moment: Moment,
) -> Order:
    """Freeze what passes to whom as one order that waits for the signature of the authority's
    administrator who prepares it. `expected` is the number of rows the person saw.

    Raises:
        NotFound: no such institution within reach.
        NotAllowed: the actor is no authority above it, or it is liquidated.
        Invalid: successors, number, dates or ground; every problem of the terms at once.
        NotReorganised: something must be done first, an order of this waits already, or the plan is
            other than was seen.
    """
    source = hold(actor, uid)
    policies.reorganise.require(actor, source)
    heirs = successors(actor, source, way, to)
    terms = orders.terms_of(CODE, source, fields, moment)
    authority.require_none_waits(source)
    plan = plans.compute(source, heirs, choices, terms.effective_on, way)
    rows = plan.passing
    if plan.problems:
        raise NotReorganised(". ".join(plan.problems) + ".")
    if expected is not None and expected != len(rows):
        raise NotReorganised(
            f"Рядків у плані було: {expected}; тепер: {len(rows)}. Перегляньте його знову."
        )
    audit.looked_at(
        actor,
        "registry.pupil",
        sorted({one.enrolment.pupil_id for one in plan.learners}),
        "наказ про реорганізацію",
    )
    names = plan.names
    told = {
        "way_code": way,
        "way": plans.WAYS[way],
        "source": source.short_name,
        "successors": "; ".join(one.short_name for one in heirs),
        "to": " ".join(str(one.uid) for one in heirs),
        "classes": plans.told(plan),
    }
    ready = [
        Verdict(
            [],
            "READY",
            one.enrolment.pupil_id if isinstance(one, plans.Learner) else None,
            (one, names),
        )
        for one in rows
    ]
    return authority.freeze(CODE, source, ready, terms, told, actor=actor, moment=moment)


def waiting(actor: Actor, source: Institution) -> Order | None:
    """The order about the institution that waits for a signature, if any.

    Raises:
        NotFound: the institution is out of reach.
    """
    if not source.is_within(actor.scope):
        raise NotFound
    return authority.waiting_of(source)
