"""The cabinet of an operator of a school information system: opened by the operator's own key.

Nobody gives it: the certificate names the organisation (or the sole trader), and no row of the register
is within its reach (`actors.of_grant`), so nothing is entrusted by opening it.
"""

from __future__ import annotations

import datetime

from accounts import identifiers
from accounts.actors import Actor
from accounts.errors import CabinetOfOthers, UnreadPersonCode
from accounts.events import CabinetOpened, NothingOpened, UnitCreated, UserCreated
from accounts.models import Grant, OrgUnit, User
from accounts.ports import Identified
from accounts.roles import GrantState, Role, UnitKind
from kernel import audit
from kernel.db import command
from kernel.text import clean

MOST_OF_NAME = 300


@command
def open_cabinet(*, actor: Actor, who: Identified, at: datetime.datetime) -> Grant:
    """Give whoever proved who they are the operator's cabinet of their organisation; a sole trader
    that of their own. Opened before, it stays as it is: a grant that was suspended or ended too.

    Raises:
        UnreadPersonCode: a code that is nobody's.
        CabinetOfOthers: the organisation's cabinet was opened by somebody else, who still acts.
    """
    code = identifiers.bare(who.person_code)
    if identifiers.person_code_problem(code) is not None:
        raise UnreadPersonCode
    user = _person(code, who)
    unit = _unit(user, who)
    mine = Grant.objects.filter(user=user, unit=unit, role=Role.OPERATOR).order_by("-pk").first()
    if mine is not None:
        audit.record(NothingOpened(subject=mine.uid, unit=unit.pk))
        return mine
    if Grant.objects.filter(
        unit=unit, role=Role.OPERATOR, state__in=[GrantState.ACTIVE, GrantState.SUSPENDED]
    ).exists():
        raise CabinetOfOthers
    grant = Grant.objects.create(
        user=user,
        unit=unit,
        role=Role.OPERATOR,
        position="Представник оператора",
        ground="Вхід власним ключем оператора",
        state=GrantState.ACTIVE,
        activated_at=at,
        given_by=None,
    )
    grant.refresh_from_db(fields=["uid"])
    audit.record(CabinetOpened(subject=grant.uid, unit=unit.pk, certificate=who.certificate_serial))
    return grant


def _person(code: str, who: Identified) -> User:
    surname, given_name, patronymic = identifiers.parts_of_name(who.full_name)
    user, made = User.objects.get_or_create(
        person_code=code,
        defaults={"surname": surname, "given_name": given_name, "patronymic": patronymic},
    )
    if made:
        audit.record(UserCreated(subject=user.pk))
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _unit(user: User, who: Identified) -> OrgUnit:
    """The operator's node, made by the first who comes; of two at once the database keeps one."""
    rows = OrgUnit.objects.filter(kind=UnitKind.OPERATOR)
    name = clean(who.organisation)[:MOST_OF_NAME]
    if not who.edrpou:
        found = rows.filter(edrpou=None, grants__user=user, grants__role=Role.OPERATOR).first()
        if found is not None:
            return found
        unit = OrgUnit.objects.create(kind=UnitKind.OPERATOR, name=f"ФОП {user.full_name}")
    else:
        unit, made = OrgUnit.objects.get_or_create(
            kind=UnitKind.OPERATOR,
            edrpou=who.edrpou,
            defaults={"name": name or f"Організація {who.edrpou}"},
        )
        # Held: of two of its people who come at once the second finds the first.
        OrgUnit.objects.select_for_update(no_key=True).get(pk=unit.pk)
        if not made:
            return unit
    unit.refresh_from_db()
    audit.record(
        UnitCreated(
            subject=unit.uid, unit=unit.pk, name=unit.name, edrpou=unit.edrpou or "", kind=unit.kind
        )
    )
    return unit
