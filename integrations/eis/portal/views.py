"""«ОІС і доступи»: what a head has opened to which system, and the systems themselves."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone

from accounts.http import HouseRequest
from accounts.roles import Dataset, GrantState
from integrations.eis import errors, policies
from integrations.eis.models import EisSystem
from integrations.eis.portal.forms import (
    GrantForm,
    RestoreForm,
    RevokeForm,
    SuspendForm,
    WritesForm,
)
from integrations.eis.selectors import keys as key_selectors
from integrations.eis.services import keys, systems
from integrations.eis.states import WORKING, SystemState
from kernel import clock
from kernel.errors import DomainError, StaleVersion
from kernel.once import KeyReused, Once, Replayed
from kernel.parameters import MARKS, asked
from kernel.ui import pages

_SHOWN = 200


def key_list(request: HouseRequest) -> HttpResponse:
    """Keys within reach: working ones first, each with its last use."""
    actor = request.actor
    found = list(key_selectors.granted(actor)[:_SHOWN])
    uses = key_selectors.last_uses(found)
    today = clock.today()
    rows = [
        {
            "key": key,
            "datasets": [Dataset(code).label.split(":")[0] for code in key.datasets],
            "works": key.revoked_at is None
            and key.valid_from <= today < key.valid_to
            and key.system.state in WORKING
            and key.granted_by.state == GrantState.ACTIVE,
            "orphaned": key.granted_by.state != GrantState.ACTIVE,
            "ended": key.revoked_at is None and key.valid_to <= today,
            "suspended": key.system.state not in WORKING,
            "last": uses.get(key.pk),
            "can_revoke": key.revoked_at is None
            and policies.grant_key.allows(actor, key.institution),
        }
        for key in found
    ]
    return pages.page(
        request,
        "eis/key_list.html",
        {
            "rows": rows,
            "is_head": actor.holds("HEAD"),
            "systems": key_selectors.connected_systems(),
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


def key_ledger(request: HouseRequest, key_id: uuid.UUID) -> HttpResponse:
    """Every call made with one key."""
    actor = request.actor
    found = key_selectors.ledger(actor, key_id=key_id, **asked(request, *MARKS))
    return pages.page(
        request,
        "eis/key_ledger.html",
        {"key": key_selectors.key(actor, key_id), "page": found, "datasets": dict(Dataset.choices)},
    )


def system_list(request: HouseRequest) -> HttpResponse:
    """Every system with its state."""
    rows = key_selectors.all_systems(request.actor)
    return pages.page(request, "eis/system_list.html", {"rows": rows, "working": WORKING})


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
