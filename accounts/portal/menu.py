"""The room's entries in the frame and on the home page; imported when Django is ready."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

from django.http import HttpRequest
from django.utils import timezone

from accounts import policies
from accounts.actors import Actor
from accounts.models import User
from accounts.notices.portal import pages as notices
from accounts.portal import users as pages
from accounts.portal import waves
from accounts.roles import PARENT, Role, UnitKind
from accounts.selectors import users, visits
from kernel import clock
from kernel.text import plural, uncapped
from kernel.ui import help as texts
from kernel.ui import menu
from kernel.ui.helpers import url_for
from kernel.vocative import addressed

GROUP, GROUP_ORDER = "Управління користувачами", 50
menu.register_group(GROUP, icon="users")


def manages(actor: Actor | None) -> bool:
    """Whether the actor has anybody below."""
    return actor is not None and policies.manage_users.allows(actor)


def plans_waves(actor: Actor | None) -> bool:
    """Whether the actor plans from which day on people come in."""
    return actor is not None and policies.plan_waves.allows(actor)


def identity(request: HttpRequest) -> menu.Identity | None:
    """Who is signed in, and under which grant."""
    actor: Actor | None = request.actor  # type: ignore[attr-defined]
    visit = request.user_session  # type: ignore[attr-defined]
    if actor is None or visit is None:
        return None
    if actor.role == PARENT:
        return _parent(visit.user)
    if visit.grant is None:
        return None
    user = visit.grant.user
    return menu.Identity(
        name=user.short_name,
        greeting=addressed(user.given_name, user.patronymic),
        initials=(user.given_name[:1] + user.surname[:1]).upper(),
        role=uncapped(Role(actor.role).label),
        org=actor.unit_name,
        switch_url=url_for("choose_grant"),
    )


def _parent(user: User) -> menu.Identity:
    return menu.Identity(
        name=user.short_name,
        greeting=addressed(user.given_name, user.patronymic),
        initials=(user.given_name[:1] + user.surname[:1]).upper(),
        role="представник дитини",
        org="Вікно батьків",
        org_url=url_for("parents"),
        switch_url=url_for("choose_grant"),
    )


def waiting(actor: Actor) -> Iterator[menu.Attention]:
    """Names that differ, invitations that ran out, acting heads whose last day has passed: all wait for
    whoever invited or appointed."""
    if not manages(actor):
        return
    found = users.waiting(actor, timezone.now())
    if found.mismatches:
        people = plural(found.mismatches, "особи", "осіб", "осіб")
        yield menu.Attention(
            kind="move",
            title=f"Імʼя в сертифікаті не збігається: {found.mismatches} {people}",
            text="Людина прийшла з правильним ключем, але інакше записана. Прийміть імʼя з "
            "сертифіката або відкличте запрошення.",
            when="",
            url=url_for("users") + "?state=INVITED",
            action="Розглянути",
        )
    if found.expired:
        words = plural(found.expired, "запрошення", "запрошення", "запрошень")
        yield menu.Attention(
            kind="data",
            title=f"Минув строк: {found.expired} {words}",
            text="Ці люди ще не входили. Надішліть запрошення ще раз.",
            when="",
            url=url_for("users") + "?state=INVITED",
            action="Переглянути",
        )
    if found.acting:
        yield menu.Attention(
            kind="move",
            title=f"Минув строк в. о. керівника: {found.acting}",
            text="Заклад ще підписує накази, а строк виконання обовʼязків за наказом уже минув. "
            "Призначте керівника або наступного в. о.",
            when="",
            url=url_for("users") + "?role=HEAD",
            action="Переглянути",
        )


CERTIFICATE_AHEAD = datetime.timedelta(days=60)


def deadlines(actor: Actor) -> Iterator[menu.Deadline]:
    """The last day of the certificate one comes in with, once it is near."""
    last = visits.certificate_ends(actor, timezone.now() + CERTIFICATE_AHEAD)
    if last is not None:
        yield menu.Deadline(
            day=clock.day_of(last),
            text="Закінчується ваш сертифікат",
            url=url_for("my_visits"),
        )


def helpers(actor: Actor) -> Iterator[texts.Helper]:
    """Whom the actor asks: administrators above on their own branch, the nearest first."""
    for unit, grants in users.above(actor):
        people = tuple((g.user.full_name, g.user.email, g.user.phone) for g in grants)
        yield texts.Helper(UnitKind(unit.kind).label, unit.name, people)


def _service(name: str, label: str, order: int, icon: str, visible: menu.Predicate) -> None:
    menu.register_service(
        menu.Service(
            url_name=name,
            label=label,
            group=GROUP,
            group_order=GROUP_ORDER,
            order=order,
            icon=icon,
            visible=visible,
        )
    )


texts.register(Path(__file__).parents[1] / "help")
texts.register_helpers(helpers)
menu.register_identity(identity)
menu.register_bell(menu.Bell(url_name="notices", label="Сповіщення", count=notices.bell))
menu.register_attention(waiting)
menu.register_deadlines(deadlines)
menu.register_nav(menu.NavItem(url_name="users", label=GROUP, order=50, visible=manages))
_service("user_new_administrator", pages.ADMINISTRATOR, 10, "users", pages.creates_administrators)
_service("user_new_head", pages.HEAD, 20, "school", pages.creates_heads)
_service("user_new_heads", pages.HEADS, 30, "grid", pages.creates_heads)
_service("user_new_deputy", pages.DEPUTY, 40, "user", pages.creates_deputies)
_service("users", "Відображення створених користувачів", 50, "eye", manages)
_service("unit_move", pages.MOVE, 55, "tree", pages.moves_units)
_service("waves", waves.TITLE, 60, "cal", plans_waves)
