"""Rows of enrolment drafts and orders."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from kernel import clock
from kernel.clock import moment
from registry.drafts import services as drafts
from registry.orders import services as orders
from tests.architecture.matrix import EVERYBODY, NOWHERE, Row, all_but, with_
from tests.registry.fields.test_validation import GOOD
from tests.world import FIRST_DAY, World

SCHOOLS = "olena petro nina dana"
STRANGERS = "taras hanna petro nina"


def olenas(**more: Any) -> Any:
    """A draft that Olena began for her school."""

    def args(world: World) -> dict[str, Any]:
        draft = drafts.start(
            process="enrol",
            moment=moment(),
            actor=world.actor("olena"),
            institution_id=world.institutions["school1"].pk,
            rows=[{"surname": "Новий"}],
        )
        return {"process": "enrol", "draft_id": draft.pk} | more

    return args


def olenas_order(**more: Any) -> Any:
    """An order of Olena's school that waits for her signature."""

    def args(world: World) -> dict[str, Any]:
        olena = world.actor("olena")
        now = timezone.now()
        draft = drafts.start(
            process="enrol",
            moment=moment(),
            actor=olena,
            institution_id=world.institutions["school1"].pk,
            rows=[GOOD],
        )
        order = orders.prepare(
            actor=olena,
            draft_id=draft.pk,
            fields={
                "number": "1",
                "issued_on": f"{clock.day_of(now):%d.%m.%Y}",
                "effective_on": f"{max(clock.day_of(now), FIRST_DAY):%d.%m.%Y}",
                "ground": "заяви",
                "identity_shown": "on",
            },
            moment=moment(),
        )
        return {"order_id": order.pk} | more

    return args


ABOVE = "admin maria iryna"
WHO = {"opens": "olena dana", "refused": "admin maria iryna bohdan", "absent": STRANGERS}
SEES = {"opens": "olena dana bohdan", "refused": ABOVE, "absent": STRANGERS}

ROWS = {
    "draft_list": Row(lambda world: {"process": "enrol"}, opens=all_but("admin"), refused="admin"),
    "draft_start": Row(lambda world: {"process": "enrol"}, opens=SCHOOLS, refused=all_but(SCHOOLS)),
    "draft_start_chosen": Row(
        lambda world: {"process": "withdraw"},
        method="POST",
        opens=SCHOOLS,
        refused=all_but(SCHOOLS),
    ),
    "draft_one": Row(opens=SCHOOLS, refused=all_but(SCHOOLS)),
    "draft_template": Row(lambda world: {"process": "enrol"}, opens=EVERYBODY),
    "draft_detail": Row(olenas(), **WHO),
    # Without a row of the draft named there is nothing to change, for anybody.
    "draft_choose": Row(
        olenas(), refused="admin maria iryna bohdan", absent="olena dana " + STRANGERS
    ),
    "enrol_moved": Row(opens=EVERYBODY),
    "enrol_moved_within": Row(lambda world: {"rest": "start/"}, opens=EVERYBODY),
    "draft_cells": Row(olenas(), method="POST", absent=EVERYBODY),
    "draft_columns": Row(olenas(), **WHO),
    "draft_row": Row(
        olenas(row_id=0),
        refused="admin maria iryna bohdan",
        absent="taras hanna olena petro nina dana",
    ),
    "draft_for_chosen": Row(method="POST", opens=SCHOOLS, refused=all_but(SCHOOLS)),
    "draft_problems": Row(olenas(), **WHO),
    "draft_report": Row(olenas(), **WHO),
    "draft_report_pdf": Row(olenas(), **WHO),
    "draft_run": Row(with_(run_id=NOWHERE), absent=EVERYBODY),
    "draft_run_progress": Row(with_(run_id=NOWHERE), absent=EVERYBODY),
    "draft_run_cancel": Row(with_(run_id=NOWHERE), method="POST", absent=EVERYBODY),
    "draft_run_resume": Row(with_(run_id=NOWHERE), method="POST", absent=EVERYBODY),
    "draft_discard": Row(olenas(), **WHO),
    "order_prepare": Row(olenas(), **WHO),
    "order_fields_save": Row(olenas(), method="POST", **WHO),
    "order_list": Row(opens=f"bohdan hanna {SCHOOLS}", refused="admin maria iryna taras"),
    "order_detail": Row(olenas_order(), **SEES),
    "order_sign": Row(
        olenas_order(),
        method="POST",
        opens="olena",
        refused=f"{ABOVE} bohdan dana",
        absent=STRANGERS,
    ),
    "order_sign_file": Row(
        olenas_order(),
        method="POST",
        opens="olena",
        refused=f"{ABOVE} bohdan dana",
        absent=STRANGERS,
    ),
    # The head has no cloud service to ask, and no question to answer.
    "order_cloud": Row(
        olenas_order(),
        method="POST",
        refused=f"{ABOVE} bohdan dana",
        absent=f"{STRANGERS} olena",
    ),
    "order_cloud_check": Row(
        olenas_order(),
        method="POST",
        refused=f"{ABOVE} bohdan dana",
        absent=f"{STRANGERS} olena",
    ),
    # Nothing was asked of anybody yet.
    "order_task_list": Row(opens=f"bohdan hanna {SCHOOLS}", refused="admin maria iryna taras"),
    **dict.fromkeys(
        ("order_task_answer", "order_task_object"),
        Row(with_(task_id=0), method="POST", absent=all_but("admin"), refused="admin"),
    ),
    "order_task": Row(with_(task_id=0), absent=all_but("admin"), refused="admin"),
    # Only what waits for the very person stands there; nothing waits for anybody here.
    "orders_elsewhere": Row(opens=f"bohdan hanna {SCHOOLS}", refused="admin maria iryna taras"),
    "orders_to_sign": Row(refused="admin maria iryna taras", absent=f"bohdan hanna {SCHOOLS}"),
    "order_cancel": Row(olenas_order(), **WHO),
    "order_manifest": Row(olenas_order(), **SEES),
    "order_paper": Row(olenas_order(), **SEES),
    # Nothing is signed yet, so nobody has a signature to take.
    "order_signature": Row(olenas_order(), refused=ABOVE, absent=all_but(ABOVE)),
    "order_pdf": Row(olenas_order(), refused=ABOVE, absent=all_but(ABOVE)),
    "order_container": Row(olenas_order(), refused=ABOVE, absent=all_but(ABOVE)),
    "order_rows": Row(olenas_order(), **SEES),
    "order_table": Row(olenas_order(), **SEES),
    "order_row_proof": Row(olenas_order(number=1), refused=ABOVE, absent=all_but(ABOVE)),
}
