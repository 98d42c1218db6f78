"""«ОІС і доступи»: what a head has opened to which system, and the systems themselves."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.actors import Actor
from accounts.http import HouseRequest
from accounts.roles import Dataset, Role
from integrations.eis import errors, policies
from integrations.eis.models import EisSystem, LedgerEntry, SchoolKey
from integrations.eis.portal.forms import (
    GrantForm,
    RestoreForm,
    RevokeForm,
    SuspendForm,
    WritesForm,
)
from integrations.eis.selectors import keys as key_selectors
from integrations.eis.selectors.keys import Standing
from integrations.eis.services import keys, systems
from integrations.eis.states import WORKING, SystemState
from kernel import clock
from kernel.errors import DomainError, StaleVersion
from kernel.once import KeyReused, Once, Replayed
from kernel.paging import Page, every
from kernel.parameters import MARKS, asked, one_of
from kernel.ui import files, pages
from kernel.ui.files import FILE, MOST
from kernel.ui.listing import (
    Address,
    Column,
    Facet,
    Listing,
    Name,
    Tag,
    chips,
    narrowable,
    order_of,
    pills,
    words,
)

_KEY_TAGS = {
    Standing.WORKS: "good",
    Standing.AHEAD: "note",
    Standing.SUSPENDED: "bad",
    Standing.ORPHANED: "off",
    Standing.ENDED: "off",
    Standing.REVOKED: "off",
}


def _standing(key: SchoolKey) -> Tag:
    standing = Standing(key.standing)  # type: ignore[attr-defined]
    when = f" {words(key.revoked_at)}" if standing == Standing.REVOKED else ""
    return Tag(f"{standing.label}{when}", _KEY_TAGS[standing])


def _columns(actor: Actor, uses: dict[uuid.UUID, LedgerEntry]) -> list[Column[SchoolKey]]:
    def system(key: SchoolKey) -> Name:
        url = reverse("eis_key_ledger", args=[key.pk])
        return Name(key.system.name, url, note=f"{key.system.operator.name} · …{key.hint}")

    def revoke(key: SchoolKey) -> Name | None:
        if key.revoked_at or not policies.grant_key.allows(actor, key.institution):
            return None
        return Name("Відкликати", reverse("eis_key_revoke", args=[key.pk]), aloud=key.system.name)

    may_revoke = [Column[SchoolKey]("revoke", "Дії", revoke)] if actor.holds(Role.HEAD) else []
    return [
        Column(
            "system",
            "ОІС",
            system,
            width=30,
            apart=(
                ("ОІС", lambda key: key.system.name),
                ("Оператор", lambda key: key.system.operator.name),
                ("Кінець ключа", lambda key: key.hint),
            ),
        ),
        Column("institution", "Заклад", lambda key: key.institution.short_name, width=30),
        Column(
            "datasets",
            "Дані",
            lambda key: ", ".join(Dataset(code).label.split(":")[0] for code in key.datasets),
            width=40,
        ),
        Column("created", "Діє з", lambda key: key.valid_from, kind="nw"),
        Column("until", "Діє до", lambda key: key.valid_to, kind="nw"),
        Column(
            "last",
            "Останній запит",
            lambda key: uses[key.pk].at if key.pk in uses else None,
            empty="ще не було",
        ),
        Column("state", "Стан", _standing, width=30),
        *may_revoke,
    ]


@narrowable
@require_GET
def key_list(request: HouseRequest) -> HttpResponseBase:
    """Keys within reach, each with its last call; newest first unless told otherwise."""
    actor, today = request.actor, clock.today()
    given = asked(
        request,
        one_of("state", Standing.values),
        order_of(key_selectors.KEY_ORDERS, key_selectors.LATEST),
        FILE,
    )
    state, order = given["state"], given["order"]
    address = Address(request, ("state", "order"))
    uses: dict[uuid.UUID, LedgerEntry] = {}

    def read(**how: Any) -> key_selectors.KeyListing:
        found = key_selectors.listing(actor, state, today=today, order=order, **how)
        uses.update(found.uses)
        return found

    columns = _columns(actor, uses)
    shown = Listing(
        address,
        "Доступи інформаційних систем",
        columns if not given["file"] else [one for one in columns if one.name != "revoke"],
        (),
        orders=key_selectors.KEY_ORDERS,
        order=order,
        most=MOST,
        chips=chips(address, [Facet("state", "Стан", Standing.choices)]),
    )
    if given["file"]:
        rows = every(lambda mark: read(after=mark, size=files.CHUNK).page)
        return files.answer(given["file"], shown, rows, actor=actor, now=timezone.now())
    found = read(**asked(request, *MARKS))
    return pages.page(
        request,
        "eis/key_list.html",
        {
            "list": shown.at(found.page),
            "pills": pills(
                address,
                "state",
                [
                    (code, label)
                    for code, label in [("", "Усі"), *Standing.choices]
                    if not code or found.counts.get(code) or code == state
                ],
                state,
                found.counts,
            ),
            "is_head": actor.holds(Role.HEAD),
        },
    )


def key_new(request: HouseRequest) -> HttpResponse:
    """Grant access; the answer to the post shows the key, the only time it is known."""
    actor = request.actor
    today = clock.today()
    form = GrantForm(
        request.POST or None,
        institutions=[(str(i.uid), i.short_name) for i in key_selectors.institutions(actor)],
        systems=[
            (str(s.uid), f"{s.name} — {s.operator.name}") for s in key_selectors.connected_systems()
        ],
        today=today,
    )
    if not actor.holds("HEAD"):
        policies.grant_key.rule(actor, None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with pages.refusable(form):
            issued = _granted_once(
                request,
                actor=actor,
                institution_uid=data["institution"],
                system_uid=data["system"],
                datasets=data["datasets"],
                valid_from=data["valid_from"],
                valid_to=data["valid_to"],
                now=timezone.now(),
            )
            response = pages.page(
                request,
                "eis/key_issued.html",
                {
                    "key": issued.key,
                    "secret": issued.secret,
                    "datasets": [Dataset(d).label for d in issued.key.datasets],
                },
                status=201,
            )
            response["Cache-Control"] = "no-store"
            return response
    return pages.form_page(request, "eis/key_new.html", form)


def _granted_once(request: HouseRequest, **values: Any) -> keys.IssuedKey:
    """Grant under the form's own id, so that a double click issues one key.

    Raises:
        KeyAlreadyIssued: the same form was already sent; its key was shown then, once.
    """
    once = Once.of_form("eis.key", request.POST, pack=lambda issued: {"key": str(issued.key.pk)})
    try:
        return keys.grant_key(**values, once=once)
    except (Replayed, KeyReused):
        raise errors.KeyAlreadyIssued(
            "Ключ показується один раз. Якщо його не збережено, відкличте цей ключ і видайте новий."
        ) from None


def key_revoke(request: HouseRequest, key_id: uuid.UUID) -> HttpResponse:
    """Take access back, with a reason; works on the system's next request."""
    actor = request.actor
    key = key_selectors.key(actor, key_id)
    policies.grant_key.require(actor, key.institution)
    form = RevokeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        keys.revoke_key(
            actor=actor, key_id=key_id, reason=form.cleaned_data["reason"], now=timezone.now()
        )
        messages.success(
            request,
            f"Доступ ОІС «{key.system.name}» відкликано. Її наступний запит отримає відмову.",
        )
        return pages.see_other(request, "eis_keys")
    return pages.form_page(request, "eis/key_revoke.html", form, {"key": key})


_DATASETS = dict(Dataset.choices)


def _answer(entry: LedgerEntry) -> Tag:
    refused = entry.status >= 400
    return Tag(
        f"{entry.status}: відмова" if refused else str(entry.status), "heed" if refused else "good"
    )


_CALLS: list[Column[LedgerEntry]] = [
    Column("at", "Час", lambda entry: entry.at, kind="nw"),
    Column(
        "dataset",
        "Набір даних",
        lambda entry: str(_DATASETS.get(entry.dataset, "довідники")),
        width=30,
    ),
    Column(
        "path", "Адреса", lambda entry: Name(f"{entry.method} {entry.path}", code=True), width=60
    ),
    Column("rows", "Рядків", lambda entry: entry.rows, kind="num"),
    Column("status", "Відповідь", _answer),
]


@require_GET
def key_ledger(request: HouseRequest, key_id: uuid.UUID) -> HttpResponseBase:
    """Every call made with one key, latest first unless told otherwise."""
    actor = request.actor
    key = key_selectors.key(actor, key_id)
    given = asked(request, order_of(key_selectors.LEDGER_ORDERS, "-at"), FILE)
    address = Address(request, ("order",))

    def read(mark: str | None = None, **how: Any) -> Page[LedgerEntry]:
        return key_selectors.ledger(
            actor, key_id=key_id, **{"after": mark, "order": given["order"], **how}
        )

    shown = Listing(
        address,
        f"Журнал запитів: {key.system.name}",
        _CALLS,
        (),
        orders=key_selectors.LEDGER_ORDERS,
        order=given["order"],
        most=MOST,
    )
    if given["file"]:
        rows = every(lambda mark: read(mark, size=files.CHUNK))
        of = f"{key.institution.short_name}, ключ …{key.hint}"
        return files.answer(given["file"], shown, rows, actor=actor, now=timezone.now(), of=of)
    found = read(**asked(request, *MARKS))
    return pages.page(
        request,
        "eis/key_ledger.html",
        {
            "key": key,
            "list": shown.at(found),
        },
    )


_BAD = (SystemState.SUSPENDED, SystemState.DISCONNECTED)


def _system_state(system: EisSystem) -> Tag:
    look = "good" if system.state in WORKING else "bad" if system.state in _BAD else "note"
    return Tag(SystemState(system.state).label, look)


_SYSTEMS: list[Column[EisSystem]] = [
    Column(
        "name",
        "ОІС",
        lambda system: Name(system.name, reverse("eis_system", args=[system.uid])),
        width=40,
    ),
    Column("operator", "Оператор", lambda system: system.operator.name, width=40),
    Column("state", "Стан", _system_state, width=30),
    Column("since", "З якого дня", lambda system: system.state_since, kind="nw"),
    Column("ground", "Підстава", lambda system: system.state_ground, width=50),
]


@require_GET
def system_list(request: HouseRequest) -> HttpResponseBase:
    """Every system with its state."""
    actor = request.actor
    given = asked(
        request,
        one_of("state", SystemState.values),
        order_of(key_selectors.SYSTEM_ORDERS, "name"),
        FILE,
    )
    address = Address(request, ("state", "order"))
    systems_ = key_selectors.all_systems(actor)
    counts = Counter(system.state for system in systems_)
    state = given["state"]
    rows = [system for system in systems_ if state in ("", system.state)]
    shown = Listing(
        address,
        "Інформаційні системи",
        _SYSTEMS,
        key_selectors.in_order(rows, given["order"]),
        orders=key_selectors.SYSTEM_ORDERS,
        order=given["order"],
        most=MOST,
        chips=chips(address, [Facet("state", "Стан", SystemState.choices)]),
    )
    if given["file"]:
        return files.answer(given["file"], shown, shown.rows, actor=actor, now=timezone.now())
    return pages.page(
        request,
        "eis/system_list.html",
        {
            "list": shown,
            "pills": pills(
                address,
                "state",
                [
                    (code, label)
                    for code, label in [("", "Усі"), *SystemState.choices]
                    if not code or counts[code] or code == state
                ],
                state,
                {**counts, "": len(systems_)},
            ),
        },
    )


def system_detail(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """One system: suspend it on a ground of п.28, or restore it (п.30)."""
    actor = request.actor
    system = key_selectors.system(actor, uid)
    suspended = system.state == SystemState.SUSPENDED
    form = RestoreForm(request.POST or None) if suspended else SuspendForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        today = clock.today()
        with pages.refusable(form):
            if suspended:
                systems.restore_system(actor=actor, system_uid=uid, on=today, **form.cleaned_data)
            else:
                systems.suspend_system(actor=actor, system_uid=uid, on=today, **form.cleaned_data)
            words = "відновлено" if suspended else "зупинено; усі її ключі вже не діють"
            messages.success(request, f"Доступ ОІС «{system.name}» {words}.")
            return pages.see_other(request, "eis_system", uid)
    return pages.form_page(
        request,
        "eis/system_detail.html",
        form,
        {
            "system": system,
            "works": system.state in WORKING,
            "suspended": suspended,
            "writes": [Dataset(one).label for one in system.writes],
        },
    )


def system_writes(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """What the operator declared that its system writes (п.18); heads may open no other."""
    actor = request.actor
    system = key_selectors.system(actor, uid)
    posted = request.POST if request.method == "POST" else None  # nothing ticked is an answer too
    form = WritesForm(posted, initial=_writes_of(system))
    context: dict[str, Any] = {"system": system}
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            systems.declare_writes(
                actor=actor, system_uid=uid, seen=data["seen"].split(), writes=data["writes"]
            )
        except StaleVersion as refusal:
            now = _writes_of(key_selectors.system(actor, uid))
            context["meanwhile"] = pages.meanwhile(form, refusal, now)
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, f"Що записує ОІС «{system.name}», збережено.")
            return pages.see_other(request, "eis_system", uid)
    return pages.form_page(request, "eis/system_writes.html", form, context)


def _writes_of(system: EisSystem) -> dict[str, Any]:
    return {"writes": system.writes, "seen": " ".join(sorted(system.writes))}
