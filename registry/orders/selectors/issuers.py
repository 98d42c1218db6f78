"""Who issues an order: what its head says of the institution, and who signs."""

from __future__ import annotations

import dataclasses

from django.db import connection

from accounts.roles import GrantState, Role
from registry.institutions.models.institutions import Institution
from registry.orders.errors import NoHead

# One statement by hand: five look-ups by key that every order needs and nothing else does.
_ISSUER = """
    SELECT coalesce(nullif(i.managing_body, ''), above.name, ''),
           coalesce(i.edrpou, hub.edrpou, ''),
           coalesce(place.category, ''), coalesce(place.name, ''),
           head.user_id, concat_ws(' ', person.surname, nullif(person.given_name, ''),
                                   nullif(person.patronymic, '')), head.position
    FROM registry_institution i
    JOIN accounts_orgunit node ON node.id = i.institution_id
    LEFT JOIN accounts_orgunit above ON above.id = node.parent_id
    LEFT JOIN registry_institution hub ON hub.institution_id = i.hub_id
    LEFT JOIN LATERAL (
        SELECT t.category, t.name FROM registry_territory t
        WHERE t.code = coalesce(nullif(i.city_district_code, ''), i.territory_code)
            AND t.valid_to IS NULL
        ORDER BY t.id LIMIT 1
    ) place ON true
    LEFT JOIN LATERAL (
        SELECT g.user_id, g.position FROM accounts_grant g
        WHERE g.unit_id IN (i.institution_id, i.hub_id) AND g.role = %s AND g.state = %s
        ORDER BY g.unit_id = i.institution_id DESC LIMIT 1
    ) head ON true
    LEFT JOIN accounts_user person ON person.id = head.user_id
    WHERE i.institution_id = %s
"""
_PREFIX = {"M": "м. ", "K": "м. ", "C": "с. ", "X": "с-ще "}


@dataclasses.dataclass(frozen=True)
class Issuer:
    """The institution as its orders name it, and its acting head."""

    superior: str
    edrpou: str
    place: str
    head_id: int
    head_name: str
    head_position: str
    # Whose order it is, when not the institution's own.
    name: str = ""


def issuer_of(institution: Institution) -> Issuer:
    """Who issues the orders of an institution.

    A branch without a code of its own acts under its hub's (F088), and without a head of its own
    under the hub's head (F087).

    Raises:
        NoHead: neither has a head.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ISSUER, [Role.HEAD, GrantState.ACTIVE, institution.pk])
        superior, edrpou, category, place, head_id, name, position = cursor.fetchone()
    if head_id is None:
        raise NoHead
    return Issuer(
        superior,
        edrpou,
        f"{_PREFIX.get(category, '')}{place}" if place else "",
        head_id,
        name,
        position or "Керівник закладу",
    )
