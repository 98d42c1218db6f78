"""Reads of visits: the one of a request, and a person's own."""

from __future__ import annotations

import datetime
import functools
import hashlib
from typing import Any

from django.db import connection
from django.db.models import F, Model, Subquery

from accounts.actors import Actor
from accounts.models import Grant, OrgUnit, User, UserSession
from accounts.roles import Role, Way
from accounts.services.entering import active_grants
from kernel.kept import Kept
from kernel.scoping import person_of
from kernel.statements import prepared

_PARTS: tuple[tuple[str, type[Model]], ...] = (
    ("visit", UserSession),
    ("person", User),
    ("grant_", Grant),
    ("node", OrgUnit),
)


@functools.cache
def _statement() -> tuple[str, list[tuple[type[Model], list[str]]]]:
    """The statement of `with_session`, and which columns of its rows are whose.

    Written by hand because every request of every page asks it: composing it from a queryset
    took six times as long as asking it.
    """
    columns, parts = [], []
    for alias, model in _PARTS:
        fields = model._meta.concrete_fields
        columns += [f'{alias}."{field.column}"' for field in fields]
        parts.append((model, [field.attname for field in fields]))
    # The path's collation is "C" and holds digits and dots, all below "~": the range is served by
    # the index on path.
    sql = f"""
        SELECT {", ".join(columns)}, session.session_data,
            CASE WHEN grant_.role IN (%s, %s) THEN ARRAY(
                SELECT below.id FROM accounts_orgunit below
                WHERE below.path >= node.path AND below.path < node.path || '~'
            ) END
        FROM django_session session
        LEFT JOIN accounts_usersession visit ON visit.session_key_sha256 = %s
        LEFT JOIN accounts_user person ON person.id = visit.user_id
        LEFT JOIN accounts_grant grant_ ON grant_.id = visit.grant_id AND grant_.user_id = person.id
        LEFT JOIN accounts_orgunit node ON node.id = grant_.unit_id
        WHERE session.session_key = %s AND session.expire_date > %s
    """  # noqa: S608 - only names of our own columns are put in
    return sql, parts


def with_session(key: str, now: datetime.datetime) -> tuple[str, list[UserSession]] | None:
    """What a browser session that has not expired holds, as it is stored; and the visits opened
    in it, ended or not, with grant, person, node and `below`.

    `below` are the compact ids of a head's institution and branches (None for other roles), so
    that session and actor of every request cost this one query.
    """
    sql, parts = _statement()
    opened_in = hashlib.sha256(key.encode()).digest()
    with prepared(), connection.cursor() as cursor:
        cursor.execute(sql, [Role.HEAD, Role.DEPUTY, opened_in, key, now])
        rows = cursor.fetchall()
    if not rows:
        return None
    return rows[0][-2], [_visit(row, parts) for row in rows if row[0] is not None]


def _visit(row: Any, parts: list[tuple[type[Model], list[str]]]) -> UserSession:
    found: list[Any] = []
    at = 0
    for model, names in parts:
        values = row[at : at + len(names)]
        at += len(names)
        found.append(None if values[0] is None else model.from_db("default", names, values))
    visit, person, grant, unit = found
    visit.user, visit.grant, visit.below = person, grant, row[-1]
    if grant is not None:
        grant.user, grant.unit = person, unit
    return visit  # type: ignore[no-any-return]


def mine(actor: Actor, limit: int = 50) -> list[UserSession]:
    """The person's latest visits, open ones first."""
    return list(
        UserSession.objects.filter(user_id=person_of(actor))
        .select_related("grant__unit")
        .order_by(F("ended_at").desc(nulls_first=True), "-started_at")[:limit]
    )


def choices(actor: Actor, visit: UserSession) -> list[Grant]:
    """The grants this visit may act under, handiest first: higher roles, then names."""
    return active_grants(actor, visit.edrpou)


_ENDING = Kept[datetime.datetime](
    lambda grant, until: UserSession.objects.filter(
        pk=Subquery(
            UserSession.objects.filter(grant_id=grant).order_by("-started_at").values("pk")[:1]
        ),
        way=Way.SIGNATURE,
        certificate_not_after__lt=until,
    ).values_list("certificate_not_after", flat=True)
)


def certificate_ends(actor: Actor, until: datetime.datetime) -> datetime.datetime | None:
    """When the certificate of the last visit under the actor's grant ends; None where none tells, or
    it ends no sooner than `until`."""
    return _ENDING.first(actor.grant_id or 0, until)
