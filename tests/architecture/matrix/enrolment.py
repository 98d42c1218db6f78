"""Rows of enrolment drafts and orders."""

from __future__ import annotations

from typing import Any

from registry.services import drafts
from tests.architecture.matrix import EVERYBODY, NOWHERE, Row, all_but, with_
from tests.world import World

SCHOOLS = "olena petro nina dana"
STRANGERS = "taras hanna petro nina"


def olenas(**more: Any) -> Any:
    """A draft that Olena began for her school."""

    def args(world: World) -> dict[str, Any]:
        draft = drafts.start(
            actor=world.actor("olena"),
            institution_id=world.institutions["school1"].pk,
            rows=[{"surname": "Новий"}],
        )
        return {"draft_id": draft.pk} | more

    return args


WHO = {"opens": "olena dana", "refused": "admin maria iryna bohdan", "absent": STRANGERS}
order = with_(order_id=NOWHERE)

ROWS = {
    "draft_list": Row(opens=all_but("admin"), refused="admin"),
    "draft_start": Row(opens=SCHOOLS, refused=all_but(SCHOOLS)),
    "draft_one": Row(opens=SCHOOLS, refused=all_but(SCHOOLS)),
    "draft_template": Row(opens=EVERYBODY),
    "draft_detail": Row(olenas(), **WHO),
    # Without a row of the draft named there is nothing to change, for anybody.
    "draft_cells": Row(olenas(), method="POST", absent=EVERYBODY),
    "draft_columns": Row(olenas(), **WHO),
    "draft_row": Row(
        olenas(row_id=0),
        refused="admin maria iryna bohdan",
        absent="taras hanna olena petro nina dana",
    ),
    "draft_problems": Row(olenas(), **WHO),
    "draft_discard": Row(olenas(), **WHO),
    "draft_restore": Row(olenas(), method="POST", **WHO),
    "order_prepare": Row(olenas(), **WHO),
    "order_fields_save": Row(olenas(), method="POST", **WHO),
    "order_list": Row(opens=f"bohdan hanna {SCHOOLS}", refused="admin maria iryna taras"),
    "order_detail": Row(order, absent=EVERYBODY),
    "order_sign": Row(order, method="POST", absent=EVERYBODY),
    "order_cancel": Row(order, absent=EVERYBODY),
    "order_manifest": Row(order, absent=EVERYBODY),
    "order_signature": Row(order, absent=EVERYBODY),
    "order_rows": Row(order, absent=EVERYBODY),
    "order_row_proof": Row(with_(order_id=NOWHERE, number=1), absent=EVERYBODY),
}
