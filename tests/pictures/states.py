"""Pages that want more than an address of the matrix: something made, typed or just done."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.test import Client
from django.urls import reverse

from accounts import actors
from integrations.eis.models import EisSystem
from integrations.eis.services import systems
from kernel.clock import moment
from registry.drafts import services as drafts
from tests.eis.kit import mandated, prepared
from tests.plans import test_pages as plans
from tests.registry.fields.test_validation import GOOD
from tests.registry.movements import test_annul
from tests.world import World

# What to ask for, and the answer if it is not the page itself.
Shown = tuple[str, Any]
PROBLEMS: list[dict[str, str]] = [
    {},
    {"born_on": "31.02.2015", "document": "I-ТП 1"},
    {"sex": "", "phone": "067"},
    {"surname": "", "class": "99-Я"},
    {"patronymic": "Ivanovych", "sex": "дівчина", "born_on": "2051-09-10"},
]


def _table(world: World) -> Any:
    """Five children to be enrolled, four with something to mend."""
    return drafts.start(
        process="enrol",
        moment=moment(),
        actor=world.actor("olena"),
        institution_id=world.institutions["school1"].pk,
        rows=[
            GOOD | {"document": f"I-ТП 3193{n:02d}"} | problem for n, problem in enumerate(PROBLEMS)
        ],
    )


def _draft(world: World, client: Client) -> Shown:
    return reverse("draft_detail", args=["enrol", _table(world).pk]), None


def _row(world: World, client: Client) -> Shown:
    row = _table(world).rows.get(position=2)
    return reverse("draft_row", args=["enrol", row.draft_id, row.id]), None


def _signed(world: World, client: Client) -> Shown:
    order = test_annul.withdrawn(world, world.actor("olena"))
    return reverse("order_detail", args=[order.pk]), None


def _issued(world: World, client: Client) -> Shown:
    """The key, shown once: the answer to the form."""
    systems.register_known(actor=actors.system("тест"))
    mandate = mandated(world, EisSystem.objects.get(name="Моя школа"))
    path = reverse("eis_key_issue", args=[mandate.pk])
    answer = client.post(path, {"form_id": str(uuid.uuid4()), "overlap": "0"})
    assert answer.status_code == 201, answer.content.decode()
    return path, answer


def _to_sign(world: World, client: Client) -> Shown:
    """A mandate that waits for the head's signature."""
    systems.register_known(actor=actors.system("тест"))
    waits = prepared(world, EisSystem.objects.get(name="Моя школа"), opened=["pupils.birth"])
    return reverse("eis_mandate", args=[waits.pk]), None


def _of_plans(name: str, query: str = "") -> Callable[[World, Client], Shown]:
    def shown(world: World, client: Client) -> Shown:
        return reverse(name, kwargs=plans.things(world)[name]) + query, None

    return shown


# name of the picture → who looks, what at
STATES: dict[str, tuple[str, Callable[[World, Client], Shown]]] = {
    "draft_detail-to-mend": ("olena", _draft),
    "draft_row": ("olena", _row),
    "order_detail-signed": ("olena", _signed),
    "eis_key_new-issued": ("olena", _issued),
    "eis_mandate": ("olena", _of_plans("eis_mandate")),
    "eis_mandate-to-sign": ("olena", _to_sign),
    "eis_mandate_revoke": ("olena", _of_plans("eis_mandate_revoke")),
    "eis_key_issue": ("olena", _of_plans("eis_key_issue")),
    "eis_key_revoke": ("olena", _of_plans("eis_key_revoke")),
    "eis_key_ledger": ("olena", _of_plans("eis_key_ledger")),
    "eis_system": ("admin", _of_plans("eis_system")),
    "eis_system_writes": ("admin", _of_plans("eis_system_writes")),
    "eis_sandbox": ("admin", _of_plans("eis_sandbox")),
    "report_run": ("bohdan", _of_plans("report_run")),
    "report_cell": ("bohdan", _of_plans("report_cell", "?row=1.1&column=2")),
    "group_detail": ("olena", _of_plans("group_detail")),
    "group_close": ("olena", _of_plans("group_close")),
    "pupil_guardian_edit": ("olena", _of_plans("pupil_guardian_edit")),
    "pupil_guardian_end": ("olena", _of_plans("pupil_guardian_end")),
    "pupil_guardian_confirm": ("olena", _of_plans("pupil_guardian_confirm")),
    "pupil_guardian_unconfirm": ("olena", _of_plans("pupil_guardian_unconfirm")),
    "pupil_guardian_void": ("olena", _of_plans("pupil_guardian_void")),
    "pupil_address_void": ("olena", _of_plans("pupil_address_void")),
    "pupil_category_end": ("olena", _of_plans("pupil_category_end")),
    "pupil_category_void": ("olena", _of_plans("pupil_category_void")),
    "pupil_contact_void": ("olena", _of_plans("pupil_contact_void")),
    "staff_detail": ("olena", _of_plans("staff_detail")),
    "pupil_list-found": ("olena", lambda w, c: (reverse("pupil_list") + "?q=Шевченко", None)),
    "search-found": ("olena", lambda w, c: (reverse("search") + "?q=Шевченко", None)),
}
