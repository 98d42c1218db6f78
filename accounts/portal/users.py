"""«Управління користувачами»: who is below, their cards, and every service that creates people."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import identifiers, policies
from accounts.actors import Actor
from accounts.http import HouseRequest
from accounts.models import Grant, OrgUnit
from accounts.portal.forms import (
    DeputyForm,
    DutiesForm,
    HeadForm,
    MoveUnitForm,
    NewUnitForm,
    PersonForm,
    ReasonForm,
    ResendForm,
    SuccessorForm,
)
from accounts.portal.words import TAGS, told
from accounts.roles import Duty, GrantState, Role, UnitKind
from accounts.selectors import units, users
from accounts.services import grants, invitations
from accounts.services import units as unit_services
from kernel import clock
from kernel.errors import DomainError, StaleVersion
from kernel.parameters import MARKS, asked, code, flag, matching, words
from kernel.text import plural
from kernel.ui import files, pages
from kernel.ui.files import FILE, MOST
from kernel.ui.listing import (
    Act,
    Address,
    ChosenChanged,
    Column,
    Facet,
    Listing,
    Name,
    Tag,
    chips,
    chosen,
    groups,
    narrowable,
    order_of,
    pager,
    seal,
)

SERVICE = "Управління користувачами"


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(SERVICE, reverse("users")), *more]


# ── the list ─────────────────────────────────────────────────────────────────
MOST_INVITED = 200
_ASKED = (words("q"), code("role"), code("state"), order_of(users.ORDERS, "name"))


def _name(grant: Grant) -> Name:
    return Name(grant.user.full_name, reverse("user", args=[grant.uid]))


_COLUMNS: list[Column[Grant]] = [
    Column(
        "name",
        "Прізвище, імʼя, по батькові",
        _name,
        width=20,
        apart=(
            ("Прізвище", lambda grant: grant.user.surname),
            ("Імʼя", lambda grant: grant.user.given_name),
            ("По батькові", lambda grant: grant.user.patronymic),
        ),
    ),
    Column("role", "Роль", lambda grant: grant.role_label, width=30),
    Column("unit", "Заклад чи орган", lambda grant: grant.unit.name, width=40),
    Column(
        "state",
        "Стан",
        lambda grant: Tag(GrantState(grant.state).label, TAGS[GrantState(grant.state)]),
    ),
    Column(
        "seen",
        "Останній вхід",
        lambda grant: (
            clock.day_of(seen) if (seen := getattr(grant, "last_seen_at", None)) else None
        ),
        kind="nw",
        empty="ще не було",
    ),
]


def _narrowed(given: Mapping[str, Any]) -> dict[str, Any]:
    return {"words": given["q"], "role": given["role"], "state": given["state"]}


@narrowable
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def user_list(request: HouseRequest) -> HttpResponseBase:
    """«Відображення створених користувачів». A POST is about the chosen ones."""
    actor = request.actor
    given, how = asked(request, *_ASKED), asked(request, FILE, flag("all"))
    narrowed = _narrowed(given)
    page = users.created(actor, **narrowed, order=given["order"], **asked(request, *MARKS))
    by_role, by_state = users.counts(actor, words=given["q"])
    counted = users.counted(actor, **narrowed)
    facets = [
        Facet("role", "Роль", Role.choices),
        Facet("state", "Стан", GrantState.choices),
    ]
    address = Address(request, ("q", "role", "state", "order"))
    here = address.with_()
    query = here.partition("?")[2]
    again = reverse("users_resend") + (f"?{query}" if query else "")
    shown = Listing(
        address,
        "Користувачі нижчих рівнів",
        _COLUMNS,
        page.rows,
        pager=pager(address, page),
        orders=users.ORDERS,
        order=given["order"],
        key=lambda grant: str(grant.uid),
        acts=(
            Act("Надіслати запрошення ще раз…", again, kind="primary", icon="mail"),
            *files.acts(here),
        ),
        total=counted,
        everything=seal(users.keys(actor, **narrowed)) if how["all"] else "",
        most=MOST,
        chips=chips(address, facets),
        clear=address.with_(q="", role="", state=""),
        dim=lambda grant: grant.state == GrantState.INACTIVE,
    )
    answer = files.asked_for(
        request,
        shown,
        lambda only: users.everybody(actor, only=only, **narrowed, order=given["order"]),
        actor=actor,
        matching=lambda: users.keys(actor, **narrowed),
    )
    return answer or pages.page(
        request,
        "accounts/users.html",
        {
            "list": shown,
            "asked": given,
            "groups": groups(address, facets, {"role": by_role, "state": by_state}),
            "active": sum(1 for key in ("role", "state") if given[key]),
            "total": counted,
            "every": sum(by_role.values()),
            "cascade": users.cascade(actor),
            "services": _services(actor),
        },
        partial="list",
    )


@narrowable
@never_cache
@require_POST
def resend_many(request: HouseRequest) -> HttpResponse:
    """Invite the chosen again: first the page that says whom, then the letters. The page holds the
    very people it names, so who comes to the list meanwhile is not invited by it."""
    actor = request.actor
    given = asked(request, *_ASKED)
    back = Address(request, ("q", "role", "state", "order"))
    back.path = reverse("users")
    try:
        keys = chosen(request, lambda: users.keys(actor, **_narrowed(given)))
    except ChosenChanged as changed:
        messages.warning(request, f"{changed.title}. {changed.detail}")
        return pages.see_other(request, back.with_())
    waiting = users.invited(actor, keys, MOST_INVITED)
    if not waiting:
        messages.warning(
            request, "Серед вибраних немає тих, хто ще не входив: запрошення надсилають лише їм."
        )
        return pages.see_other(request, back.with_())
    if not request.POST.get("sure"):
        return pages.page(
            request,
            "accounts/resend_many.html",
            {
                "waiting": waiting,
                "others": len(keys) - len(waiting),
                "back": back.with_(),
                "most": MOST_INVITED,
            },
        )
    sent, refused = 0, []
    for grant in waiting:
        try:
            invitations.resend(actor=actor, grant=grant.uid)
        except DomainError as refusal:
            refused.append(f"{grant.user.short_name}: {refusal.detail}")
        else:
            sent += 1
    if sent:
        told = plural(sent, "запрошення", "запрошення", "запрошень")
        messages.success(request, f"Надіслано {sent} {told}. Старі посилання вже не діють.")
    if refused:
        messages.warning(request, "Не надіслано. " + "; ".join(refused))
    return pages.see_other(request, back.with_())


def _row(grant: Grant) -> dict[str, Any]:
    return {
        "uid": grant.uid,
        "name": grant.user.full_name,
        "role": grant.role_label,
        "unit": grant.unit.name,
        "state": GrantState(grant.state).label,
        "tag": TAGS[GrantState(grant.state)],
        "seen": getattr(grant, "last_seen_at", None),
        "ended": grant.state == GrantState.INACTIVE,
    }


def creates_administrators(actor: Actor | None) -> bool:
    """Whether the actor creates administrators of lower levels."""
    return actor is not None and bool(users.kinds_of_administrators(actor))


def creates_heads(actor: Actor | None) -> bool:
    """Whether the actor creates heads. A head does so for branches only when there are some."""
    if actor is None or not policies.manage_users.allows(actor):
        return False
    return actor.role != Role.HEAD or len(actor.scope.keys) > 1


def creates_deputies(actor: Actor | None) -> bool:
    """Whether the actor creates responsible persons: only a head."""
    return actor is not None and actor.role == Role.HEAD


def _services(actor: Actor) -> list[tuple[str, str, str]]:
    """Address, name, sign of each service of creation open to the actor."""
    known = [
        (creates_administrators, "user_new_administrator", ADMINISTRATOR, "users"),
        (creates_heads, "user_new_head", HEAD, "school"),
        (creates_heads, "user_new_heads", HEADS, "grid"),
        (creates_deputies, "user_new_deputy", DEPUTY, "user"),
    ]
    return [(reverse(name), label, icon) for allowed, name, label, icon in known if allowed(actor)]


ADMINISTRATOR = "Створення облікового запису адміністратора нижчого рівня"
HEAD = "Створення облікового запису Керівника ЗО"
HEADS = "Створення облікових записів Керівників ЗО з таблиці"
DEPUTY = "Створення облікового запису відповідальної особи"


# ── the card ─────────────────────────────────────────────────────────────────
@never_cache
@require_GET
def user_card(request: HouseRequest, uid: UUID) -> HttpResponse:
    """One person's grant: state, contacts, invitations, sessions, history; what can be done."""
    actor = request.actor
    card = users.card(actor, uid)
    grant = card.grant
    invited, active = grant.state == GrantState.INVITED, grant.state == GrantState.ACTIVE
    suspended = grant.state == GrantState.SUSPENDED
    steps = [
        (invited, "user_resend", "Надіслати запрошення ще раз", "second"),
        (
            grant.role == Role.DEPUTY and not _over(grant),
            "user_duties",
            "Змінити обовʼязки",
            "second",
        ),
        (
            grant.role == Role.HEAD and not _over(grant),
            "user_successor",
            "Призначити наступника",
            "second",
        ),
        (suspended, "user_restore", "Відновити", "second"),
        (active, "user_suspend", "Зупинити", "second"),
        (invited, "user_withdraw", "Відкликати запрошення", "bad"),
        (active or suspended, "user_deactivate", "Зробити неактивним", "bad"),
    ]
    return pages.page(
        request,
        "accounts/user.html",
        {
            "card": card,
            "grant": grant,
            "state": GrantState(grant.state).label,
            "tag": TAGS[GrantState(grant.state)],
            "facts": _facts(card),
            "others": [_row(other) for other in card.others],
            "history": [(one, told(one)) for one in card.history],
            "steps": [
                (reverse(name, args=[uid]), label, kind) for on, name, label, kind in steps if on
            ],
            "crumbs": crumbs(),
        },
    )


def _over(grant: Grant) -> bool:
    return grant.state == GrantState.INACTIVE


def _facts(card: users.Card) -> list[tuple[str, Any]]:
    grant, user = card.grant, card.grant.user
    giver = grant.given_by
    return [
        ("Роль", grant.role_label),
        ("Де", grant.unit.name),
        ("ЄДРПОУ в сертифікаті", card.edrpou),
        ("Посада", grant.position),
        ("Виконує обовʼязки до", grant.acting_until and f"{grant.acting_until:%d.%m.%Y}"),
        ("Обовʼязки", "; ".join(Duty(duty).label for duty in grant.duties)),
        ("РНОКПП", identifiers.masked(user.person_code)),
        ("Електронна пошта", card.invitations[0].email if card.invitations else user.email),
        ("Підстава призначення", grant.ground),
        ("Хто створив", f"{giver.user.full_name}, {giver.unit.name}" if giver else "встановлення"),
        ("Підстава припинення", grant.ended_reason),
    ]


# ── creation: choose where, say who, check, create ───────────────────────────
@never_cache
@require_http_methods(["GET", "POST"])
def new_head(request: HouseRequest) -> HttpResponse:
    """«Створення облікового запису Керівника ЗО»."""
    actor = request.actor
    policies.manage_users.require(actor)
    unit = _chosen_unit(request, actor)
    if unit is None:
        return _choose_unit(request, actor, title=HEAD, kinds=[UnitKind.INSTITUTION])
    standing = users.head_of(unit)
    if standing is not None:
        return pages.page(
            request,
            "accounts/head_stands.html",
            {
                "unit": unit,
                "standing": standing,
                "state": GrantState(standing.state).label,
                "may": policies.manage.allows(actor, standing),
                "crumbs": crumbs(),
            },
            status=409 if request.method == "POST" else 200,
        )
    return _wizard(
        request,
        title=HEAD,
        unit=unit,
        form_class=HeadForm,
        create=lambda form: grants.create_head(
            actor=actor,
            institution=unit.uid,
            person=form.person,
            ground=form.ground_text,
            acting_until=form.cleaned_data["acting_until"],
        ),
        refusal=policies.give.refusal(actor, Role.HEAD, unit),
    )


@never_cache
@require_http_methods(["GET", "POST"])
def new_administrator(request: HouseRequest) -> HttpResponse:
    """«Створення облікового запису адміністратора нижчого рівня»."""
    actor = request.actor
    policies.manage_users.require(actor)
    kinds = users.kinds_of_administrators(actor)
    if not kinds:
        policies.give.require(actor, Role.OBLAST_ADMIN, units.own(actor))
    if _unit_asked(request) == "new":
        return _new_unit_wizard(request, actor, kinds)
    unit = _chosen_unit(request, actor)
    if unit is None:
        return _choose_unit(request, actor, title=ADMINISTRATOR, kinds=kinds, may_add=True)
    role = policies.ADMINISTRATOR_OF.get(unit.kind, Role.ANALYST)
    return _wizard(
        request,
        title=ADMINISTRATOR,
        unit=unit,
        form_class=PersonForm,
        create=lambda form: grants.create_administrator(
            actor=actor, unit=unit.uid, person=form.person, ground=form.ground_text
        ),
        refusal=policies.give.refusal(actor, role, unit),
    )


@never_cache
@require_http_methods(["GET", "POST"])
def new_deputy(request: HouseRequest) -> HttpResponse:
    """«Створення облікового запису відповідальної особи»."""
    actor = request.actor
    policies.give.require(actor, Role.DEPUTY, units.own(actor))
    unit = _chosen_unit(request, actor)
    if unit is None:
        if len(actor.scope.keys) > 1:
            return _choose_unit(request, actor, title=DEPUTY, kinds=[UnitKind.INSTITUTION])
        unit = units.own(actor)
    return _wizard(
        request,
        title=DEPUTY,
        unit=unit,
        form_class=DeputyForm,
        create=lambda form: grants.create_deputy(
            actor=actor,
            institution=unit.uid,
            person=form.person,
            duties=form.cleaned_data["duties"],
            position=form.cleaned_data["position"],
            ground=form.ground_text,
        ),
        refusal=policies.give.refusal(actor, Role.DEPUTY, unit),
    )


def _unit_asked(request: HouseRequest) -> str:
    """A node's public id, or «new» for one that is not there yet."""
    at = matching("unit", "ідентифікатор (UUID) або new", r"new|[0-9a-fA-F-]{36}", nothing="")
    return str(request.POST.get("unit") or asked(request, at)["unit"])


def _chosen_unit(request: HouseRequest, actor: Actor) -> OrgUnit | None:
    uid = _unit_asked(request)
    return units.find(actor, uid) if uid else None


def _choose_unit(
    request: HouseRequest, actor: Actor, *, title: str, kinds: list[str], may_add: bool = False
) -> HttpResponse:
    sought = asked(request, words("q"))["q"]
    found = units.search(actor, kinds=kinds, words=sought)
    return pages.page(
        request,
        "accounts/choose_unit.html",
        {
            "title": title,
            "words": sought,
            "found": found[: units.FOUND_AT_ONCE],
            "more": len(found) > units.FOUND_AT_ONCE,
            "institution": kinds == [UnitKind.INSTITUTION],
            "may_add": may_add,
            "steps": _steps("where"),
            "crumbs": crumbs(),
        },
        partial="found",
    )


def _steps(now: str, back: str = "") -> list[dict[str, str]]:
    order = ["where", "who", "check"]
    labels = {"where": "Де", "who": "Хто", "check": "Перевірка"}
    at = order.index(now)
    return [
        {
            "label": labels[one],
            "url": back if one == "where" and n < at else "",
            "state": "done" if n < at else "now" if n == at else "later",
        }
        for n, one in enumerate(order)
    ]


def _wizard(
    request: HouseRequest,
    *,
    title: str,
    unit: OrgUnit,
    form_class: type[PersonForm],
    create: Callable[[Any], Grant],
    refusal: DomainError | None,
) -> HttpResponse:
    """Who, then check, then create: the same three posts for every kind of person."""
    if refusal is not None:
        raise refusal
    form = form_class(request.POST or None)
    context = {
        "title": title,
        "unit": unit,
        "steps": _steps("who", request.path),
        "crumbs": crumbs((title, request.path)),
    }
    if request.method == "POST" and "edit" not in request.POST and form.is_valid():
        if "confirm" not in request.POST:
            return pages.page(
                request,
                "accounts/check.html",
                context | {"form": form, "rows": _answers(form), "steps": _steps("check")},
            )
        with pages.refusable(form):
            grant = create(form)
            return _created(request, grant)
    elif "edit" in request.POST:
        form = form_class(initial=_typed(request, form_class))
    return pages.form_page(request, "accounts/person.html", form, context)


def _typed(request: HouseRequest, form_class: type[PersonForm]) -> dict[str, Any]:
    many = {"duties"}
    return {
        name: request.POST.getlist(name) if name in many else request.POST.get(name, "")
        for name in form_class.base_fields
    }


def _answers(form: PersonForm) -> list[tuple[str, str]]:
    shown = []
    for name, field in form.fields.items():
        value = form.cleaned_data.get(name)
        if name == "duties":
            value = "; ".join(Duty(duty).label for duty in value or [])
        if isinstance(value, datetime.date):
            value = f"{value:%d.%m.%Y}"
        shown.append((str(field.label), str(value or "")))
    return shown


def _created(request: HouseRequest, grant: Grant) -> HttpResponse:
    messages.success(
        request,
        f"Обліковий запис створено: {grant.user.full_name}. Запрошення надіслано на "
        f"{invitations.last_address(grant)}.",
    )
    return pages.see_other(request, "user", uid=grant.uid)


def _new_unit_wizard(request: HouseRequest, actor: Actor, kinds: list[str]) -> HttpResponse:
    """A new authority and its administrator in one act."""
    kinds = [kind for kind in kinds if kind in policies.ADMINISTRATOR_OF]
    parents = [(str(node.uid), node.name) for node in units.parents_for(actor, kinds)]
    unit_form = NewUnitForm(request.POST or None, kinds=kinds, parents=parents)
    form = PersonForm(request.POST or None)
    context = {
        "title": ADMINISTRATOR,
        "unit_form": unit_form,
        "steps": _steps("who", request.path),
        "crumbs": crumbs((ADMINISTRATOR, request.path)),
    }
    if request.method == "POST" and "edit" not in request.POST:
        if unit_form.is_valid() & form.is_valid():
            if "confirm" not in request.POST:
                rows = [
                    ("Рівень", UnitKind(unit_form.cleaned_data["kind"]).label),
                    ("Кому підпорядковується", dict(parents)[unit_form.cleaned_data["parent"]]),
                    ("Назва", unit_form.cleaned_data["name"]),
                    ("ЄДРПОУ", unit_form.cleaned_data["edrpou"]),
                    ("КАТОТТГ", unit_form.cleaned_data["territory_code"]),
                    *_answers(form),
                ]
                return pages.page(
                    request,
                    "accounts/check.html",
                    context
                    | {"form": form, "rows": rows, "new_unit": True, "steps": _steps("check")},
                )
            try:
                grant = grants.create_administrator(
                    actor=actor, unit=unit_form.unit, person=form.person, ground=form.ground_text
                )
            except DomainError as refused:
                (unit_form if refused.field in unit_form.fields else form).refuse(refused)
            else:
                return _created(request, grant)
        status = 422
    else:
        if "edit" in request.POST:
            names = NewUnitForm.base_fields
            unit_form = NewUnitForm(
                initial={n: request.POST.get(n, "") for n in names}, kinds=kinds, parents=parents
            )
            form = PersonForm(initial=_typed(request, PersonForm))
            context["unit_form"] = unit_form
        status = 200
    return pages.page(request, "accounts/new_unit.html", context | {"form": form}, status=status)


MOVE = "Зміна підпорядкування органу"
_MOVABLE: list[str] = [UnitKind.RAION, UnitKind.HROMADA, UnitKind.CITY, UnitKind.CITY_DISTRICT]


def moves_units(actor: Actor | None) -> bool:
    """Whether the actor puts authorities under others."""
    return actor is not None and policies.move_units.allows(actor)


@never_cache
@require_http_methods(["GET", "POST"])
def move_unit(request: HouseRequest) -> HttpResponse:
    """An authority with all below it passes under another one."""
    actor = request.actor
    policies.move_units.require(actor)
    unit = _chosen_unit(request, actor)
    if unit is None:
        return _choose_unit(request, actor, title=MOVE, kinds=_MOVABLE)
    parents = [
        (str(node.uid), node.name)
        for node in units.parents_for(actor, [unit.kind])
        if node.pk != unit.parent_id and node.pk != unit.pk
    ]
    stood = unit.parent.uid if unit.parent else None
    form = MoveUnitForm(request.POST or None, parents=parents, initial={"seen": stood})
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            moved = unit_services.move_unit(
                actor=actor,
                unit=unit.uid,
                parent=form.cleaned_data["parent"],
                ground=form.cleaned_data["ground"],
                seen=form.cleaned_data["seen"],
            )
            messages.success(request, f"Підпорядкування змінено: {moved.name}.")
            return pages.see_other(request, "users")
    return pages.form_page(
        request,
        "accounts/move_unit.html",
        form,
        {
            "title": MOVE,
            "unit": unit,
            "below": units.count_below(unit),
            "crumbs": crumbs((MOVE, request.path)),
        },
    )


# ── changes ──────────────────────────────────────────────────────────────────
_CHANGES: dict[str, tuple[Callable[..., Grant], str, str, str, str]] = {
    "suspend": (
        grants.suspend,
        "Зупинити роботу: {name}?",
        "Зупинити",
        "Сеанси завершаться одразу. Дані й підписане лишаються. Роботу можна відновити будь-коли.",
        "Роботу зупинено.",
    ),
    "restore": (
        grants.restore,
        "Відновити роботу: {name}?",
        "Відновити",
        "Людина знову зможе входити своїм ключем.",
        "Роботу відновлено.",
    ),
    "deactivate": (
        grants.deactivate,
        "Зробити запис неактивним: {name}?",
        "Зробити неактивним",
        "Сеанси завершаться одразу, і ця людина більше не діятиме за цим записом. "
        "Підписане нею лишиться чинним. Скасувати це не можна, але можна створити новий запис.",
        "Запис неактивний.",
    ),
    "withdraw": (
        grants.withdraw_invitation,
        "Відкликати запрошення: {name}?",
        "Відкликати запрошення",
        "Посилання з листа перестане діяти, запис стане неактивним.",
        "Запрошення відкликано.",
    ),
}


@never_cache
@require_http_methods(["GET", "POST"])
def change(request: HouseRequest, uid: UUID, step: str) -> HttpResponse:
    """Suspend, restore, set НЕАКТИВНИЙ, withdraw: what follows, a reason, one button."""
    actor = request.actor
    command, title, action, follows, done = _CHANGES[step]
    grant = users.find(actor, uid)
    if refusal := policies.manage.refusal(actor, grant):
        raise refusal
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            command(actor=actor, grant=uid, reason=form.cleaned_data["reason"])
            messages.success(request, done)
            return pages.see_other(request, "user", uid=uid)
    return pages.form_page(
        request,
        "accounts/change.html",
        form,
        {
            "grant": grant,
            "crumbs": crumbs((grant.user.full_name, reverse("user", args=[uid]))),
            "title": title.format(name=grant.user.full_name),
            "action": action,
            "follows": follows,
            "kind": "bad" if step in {"deactivate", "withdraw"} else "primary",
            "back": reverse("user", args=[uid]),
        },
    )


@never_cache
@require_http_methods(["GET", "POST"])
def successor(request: HouseRequest, uid: UUID) -> HttpResponse:
    """The head leaves and the successor is invited, in one act."""
    actor = request.actor
    grant = users.find(actor, uid)
    policies.manage.require(actor, grant)
    form = SuccessorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            new = grants.replace_head(
                actor=actor,
                grant=uid,
                reason=form.cleaned_data["reason"],
                person=form.person,
                ground=form.ground_text,
                acting_until=form.cleaned_data["acting_until"],
            )
            messages.success(
                request, f"Запис {grant.user.full_name} тепер неактивний. Наступника запрошено."
            )
            return pages.see_other(request, "user", uid=new.uid)
    return pages.form_page(
        request,
        "accounts/successor.html",
        form,
        {"grant": grant, "crumbs": crumbs((grant.user.full_name, reverse("user", args=[uid])))},
    )


@never_cache
@require_http_methods(["GET", "POST"])
def duties(request: HouseRequest, uid: UUID) -> HttpResponse:
    """What a responsible person is entrusted with."""
    actor = request.actor
    grant = users.find(actor, uid)
    policies.manage.require(actor, grant)
    form = DutiesForm(request.POST or None, initial=_duties_of(grant))
    more: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            grants.change_duties(
                actor=actor, grant=uid, seen=data["seen"].split(), duties=data["duties"]
            )
        except StaleVersion as refusal:
            now = _duties_of(users.find(actor, uid))
            more["meanwhile"] = pages.meanwhile(form, refusal, now)
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, "Обовʼязки змінено. Це діє вже з наступної сторінки.")
            return pages.see_other(request, "user", uid=uid)
    return _short_form(request, grant, form, "Обовʼязки", "Зберегти", more)


def _duties_of(grant: Grant) -> dict[str, Any]:
    return {"duties": grant.duties, "seen": " ".join(sorted(grant.duties))}


@never_cache
@require_http_methods(["GET", "POST"])
def resend(request: HouseRequest, uid: UUID) -> HttpResponse:
    """Invite again, perhaps to a corrected address."""
    actor = request.actor
    grant = users.find(actor, uid)
    policies.manage.require(actor, grant)
    form = ResendForm(request.POST or None, initial={"email": invitations.last_address(grant)})
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            sent = invitations.resend(actor=actor, grant=uid, email=form.cleaned_data["email"])
            messages.success(
                request, f"Запрошення надіслано на {sent.email}. Старе посилання вже не діє."
            )
            return pages.see_other(request, "user", uid=uid)
    return _short_form(request, grant, form, "Надіслати запрошення ще раз", "Надіслати")


def _short_form(
    request: HouseRequest,
    grant: Grant,
    form: Any,
    title: str,
    action: str,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    back = reverse("user", args=[grant.uid])
    return pages.form_page(
        request,
        "accounts/short_form.html",
        form,
        {
            "grant": grant,
            "title": title,
            "action": action,
            "back": back,
            "crumbs": crumbs((grant.user.full_name, back)),
            **(more or {}),
        },
    )


@require_POST
def accept_name(request: HouseRequest, uid: UUID) -> HttpResponse:
    """Take the name from the certificate."""
    user = grants.accept_certificate_name(actor=request.actor, grant=uid)
    messages.success(
        request, f"Імʼя змінено: {user.full_name}. Тепер ця людина може увійти своїм ключем."
    )
    return pages.see_other(request, "user", uid=uid)
