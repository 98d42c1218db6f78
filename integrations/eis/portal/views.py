"""«ОІС і доступи»: what a head has opened to which system, and the systems themselves."""

from __future__ import annotations

import datetime
import uuid
from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import HouseRequest
from accounts.roles import Dataset, Role
from integrations.eis import errors, fields, policies
from integrations.eis.models import EisSystem, LedgerEntry, Mandate, SchoolKey
from integrations.eis.portal.forms import (
    IssueForm,
    MandateForm,
    RevokeForm,
    WritesForm,
)
from integrations.eis.road.portal.words import state_tag
from integrations.eis.selectors import keys as key_selectors
from integrations.eis.selectors.keys import Standing
from integrations.eis.services import keys, mandates, systems
from integrations.eis.states import MandateState, SystemState
from kernel import clock
from kernel.clock import moment
from kernel.errors import DomainError, NotFound, StaleVersion
from kernel.once import KeyReused, Once, Replayed
from kernel.paging import Page, every
from kernel.parameters import MARKS, asked, one_of, reference
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
from registry.orders.services import organisations_of
from signatures import tickets
from signatures.selectors.sessions import files_of

_KEY_TAGS = {
    Standing.WORKS: "good",
    Standing.UNSIGNED: "heed",
    Standing.AHEAD: "note",
    Standing.SUSPENDED: "bad",
    Standing.ORPHANED: "off",
    Standing.ENDED: "off",
    Standing.REPLACED: "off",
    Standing.REVOKED: "off",
}


def _standing(mandate: Mandate) -> Tag:
    standing = Standing(mandate.standing)  # type: ignore[attr-defined]
    when = f" {words(mandate.ended_at)}" if standing == Standing.REVOKED else ""
    return Tag(f"{standing.label}{when}", _KEY_TAGS[standing])


def _columns(uses: dict[uuid.UUID, LedgerEntry]) -> list[Column[Mandate]]:
    def system(one: Mandate) -> Name:
        url = reverse("eis_mandate", args=[one.pk])
        return Name(one.system.name, url, note=one.system.operator.name)

    return [
        Column(
            "system",
            "ОІС",
            system,
            width=30,
            apart=(
                ("ОІС", lambda one: one.system.name),
                ("Оператор", lambda one: one.system.operator.name),
            ),
        ),
        Column("institution", "Заклад", lambda one: one.institution.short_name, width=30),
        Column(
            "datasets",
            "Дані",
            lambda one: ", ".join(Dataset(code).label.split(":")[0] for code in one.datasets),
            width=40,
        ),
        Column("created", "Діє з", lambda one: one.valid_from, kind="nw"),
        Column("until", "Діє до", lambda one: one.valid_to, kind="nw"),
        Column(
            "last",
            "Останній запит",
            lambda one: uses[one.pk].at if one.pk in uses else None,
            empty="ще не було",
        ),
        Column("state", "Стан", _standing, width=30),
    ]


@narrowable
@require_GET
def key_list(request: HouseRequest) -> HttpResponseBase:
    """Mandates within reach, each with its last call; newest first unless told otherwise."""
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

    shown = Listing(
        address,
        "Доступи інформаційних систем",
        _columns(uses),
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
    """What a system may read, prepared for the signature; `of` names the mandate to begin from."""
    actor, now = request.actor, moment()
    start = None
    if of := asked(request, reference("of"))["of"]:
        start = _beginning(key_selectors.mandate(actor, of, now.today))
    form = MandateForm(
        request.POST or None,
        institutions=[(str(i.uid), i.short_name) for i in key_selectors.institutions(actor)],
        systems=[
            (str(s.uid), f"{s.name} — {s.operator.name}") for s in key_selectors.connected_systems()
        ],
        today=now.today,
        start=start,
    )
    if not actor.holds("HEAD"):
        policies.grant_key.rule(actor, None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        once = Once.of_form("eis.mandate", request.POST, pack=lambda made: {"id": str(made.pk)})
        with pages.refusable(form):
            try:
                made = mandates.prepare(
                    actor=actor,
                    institution_uid=data["institution"],
                    system_uid=data["system"],
                    datasets=data["datasets"],
                    opened=data["opened"],
                    valid_from=data["valid_from"],
                    valid_to=data["valid_to"],
                    moment=now,
                    once=once,
                ).pk
            except Replayed as again:
                made = again.outcome["id"]
            return pages.see_other(request, "eis_mandate", made)
    return pages.form_page(request, "eis/key_new.html", form)


def _beginning(mandate: Mandate) -> dict[str, Any]:
    """A form filled with what stands: groups of fields of closed datasets stay open to choose."""
    shut = set(fields.of(mandate.datasets)) - set(mandate.fields)
    return {
        "institution": str(mandate.institution.uid),
        "system": str(mandate.system.uid),
        "datasets": mandate.datasets,
        "opened": [code for code in fields.BY_CODE if code not in shut],
    }


@require_http_methods(["GET", "HEAD", "POST"])
def mandate_detail(request: HouseRequest, mandate_id: uuid.UUID) -> HttpResponse:
    """One mandate: signed here; then its keys, each with its last call. A POST puts it away unsigned."""
    if request.method == "POST":
        mandates.give_up(actor=request.actor, mandate_id=mandate_id)
        messages.success(request, "Доступ не надано: підпису не було.")
        return pages.see_other(request, "eis_keys")
    return _mandate_page(request, mandate_id)


def _mandate_page(
    request: HouseRequest, mandate_id: uuid.UUID, refusal: DomainError | None = None
) -> HttpResponse:
    actor, now = request.actor, moment()
    mandate = key_selectors.mandate(actor, mandate_id, now.today)
    session, ticketed = mandate.signing, None
    governs = policies.grant_key.allows(actor, mandate.institution)
    waits = mandate.state == MandateState.PREPARED
    if waits and governs and session is not None and session.user_id == actor.user_id:
        ticketed = tickets.to_sign(
            request,
            bytes(session.content),
            now=now.now,
            title=f"Доступ ОІС «{mandate.system.name}»",
            lines=[("Заклад", mandate.institution.short_name)],
            person=actor.person_code,
            signer=actor.full_name,
            organisations=organisations_of(mandate.institution),
        )
    uses = key_selectors.keys_of(mandate)
    return pages.page(
        request,
        "eis/mandate.html",
        {
            "mandate": mandate,
            "standing": _standing(mandate),
            "datasets": [Dataset(one).label for one in mandate.datasets],
            "shut": [
                fields.BY_CODE[one].label
                for one in fields.of(mandate.datasets)
                if one not in mandate.fields
            ],
            "keys": [(one.key, one.last, _key_state(one.key, now.now)) for one in uses],
            "waits": waits,
            "stands": mandate.state == MandateState.SIGNED and mandate.ended_at is None,
            "governs": governs,
            "ticketed": ticketed,
            "refusal": refusal,
        },
        status=refusal.http_status if refusal else 200,
    )


def _key_state(key: SchoolKey, now: datetime.datetime) -> Tag:
    if key.revoked_at:
        return Tag(f"Зупинено {words(key.revoked_at)}", "off")
    if key.stops_at is None:
        return Tag("Чинний", "good")
    if key.stops_at > now:
        return Tag(f"Замінено, діє до {words(key.stops_at)}", "heed")
    return Tag("Замінено", "off")


@require_POST
def mandate_sign(request: HouseRequest, mandate_id: uuid.UUID) -> HttpResponse:
    """Take the head's signature of a mandate."""
    cms = pages.sent_bytes(request, "signature")
    try:
        mandates.sign(actor=request.actor, mandate_id=mandate_id, cms=cms, moment=moment())
    except DomainError as refusal:
        pages.pass_on(refusal)
        return _mandate_page(request, mandate_id, refusal)
    messages.success(request, "Доступ надано. Видайте ключ і передайте його оператору.")
    return pages.see_other(request, "eis_mandate", mandate_id)


@require_GET
def mandate_paper(request: HouseRequest, mandate_id: uuid.UUID) -> HttpResponse:
    """The mandate as PDF/A, the very file that is signed."""
    mandate = key_selectors.mandate(request.actor, mandate_id, clock.today())
    if mandate.signing is None:
        raise NotFound
    content = files_of(mandate.signing)[mandates.PAPER]
    name = f"Доступ {mandate.system.name}.pdf"
    return pages.file_answer(bytes(content), name, "application/pdf")


def mandate_revoke(request: HouseRequest, mandate_id: uuid.UUID) -> HttpResponse:
    """Take access back, with a reason; works on the system's next request."""
    actor = request.actor
    mandate = key_selectors.mandate(actor, mandate_id, clock.today())
    policies.grant_key.require(actor, mandate.institution)
    form = RevokeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            mandates.end(
                actor=actor,
                mandate_id=mandate_id,
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
            )
            name = mandate.system.name
            messages.success(
                request, f"Доступ ОІС «{name}» відкликано. Її наступний запит отримає відмову."
            )
            return pages.see_other(request, "eis_keys")
    return pages.form_page(request, "eis/mandate_revoke.html", form, {"mandate": mandate})


def key_issue(request: HouseRequest, mandate_id: uuid.UUID) -> HttpResponse:
    """A key of a mandate; the answer to the post shows it, the only time it is known."""
    actor, now = request.actor, moment()
    mandate = key_selectors.mandate(actor, mandate_id, now.today)
    policies.grant_key.require(actor, mandate.institution)
    olds = [one for one in key_selectors.keys_of(mandate) if one.key.revoked_at is None]
    form = IssueForm(request.POST or None, replaces=bool(olds))
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            issued = _issued_once(
                request,
                actor=actor,
                mandate_id=mandate_id,
                overlap=form.cleaned_data["overlap"],
                moment=now,
            )
            response = pages.page(
                request,
                "eis/key_issued.html",
                {
                    "mandate": mandate,
                    "secret": issued.secret,
                    "datasets": [Dataset(d).label for d in mandate.datasets],
                },
                status=201,
            )
            response["Cache-Control"] = "no-store"
            return response
    return pages.form_page(request, "eis/key_issue.html", form, {"mandate": mandate, "olds": olds})


def _issued_once(request: HouseRequest, **values: Any) -> keys.IssuedKey:
    """Issue under the form's own id, so that a double click makes one key.

    Raises:
        KeyAlreadyIssued: the same form was already sent; its key was shown then, once.
    """
    once = Once.of_form("eis.key", request.POST, pack=lambda issued: {"key": str(issued.key.pk)})
    try:
        return keys.issue_key(**values, once=once)
    except (Replayed, KeyReused):
        raise errors.KeyAlreadyIssued(
            "Ключ показується один раз. Якщо його не збережено, видайте новий замість нього."
        ) from None


def key_revoke(request: HouseRequest, key_id: uuid.UUID) -> HttpResponse:
    """Stop one key, with a reason; the mandate stays."""
    actor = request.actor
    key = key_selectors.key(actor, key_id)
    policies.grant_key.require(actor, key.institution)
    form = RevokeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        keys.revoke_key(
            actor=actor, key_id=key_id, reason=form.cleaned_data["reason"], now=timezone.now()
        )
        messages.success(
            request, f"Ключ …{key.hint} зупинено. Його наступний запит отримає відмову."
        )
        return pages.see_other(request, "eis_mandate", key.mandate_id)
    return pages.form_page(request, "eis/key_revoke.html", form, {"key": key})


_DATASETS = dict(Dataset.choices) | {"changes": "зміни", "webhooks": "сповіщення"}


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


_SYSTEMS: list[Column[EisSystem]] = [
    Column(
        "name",
        "ОІС",
        lambda system: Name(system.name, reverse("eis_system", args=[system.uid])),
        width=40,
    ),
    Column("operator", "Оператор", lambda system: system.operator.name, width=40),
    Column("state", "Стан", state_tag, width=30),
    Column("since", "З якого дня", lambda system: system.state_since, kind="nw"),
    Column(
        "due", "Крок завершити до", lambda system: system.due_on, kind="nw", empty="строку немає"
    ),
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
