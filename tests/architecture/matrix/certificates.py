"""Rows of certificates of study."""

from __future__ import annotations

from typing import Any

from tests.architecture.matrix import Row
from tests.registry.certificates import kit
from tests.world import World


def _table(world: World) -> dict[str, Any]:
    return {"process": "certificates", "draft_id": kit.drafted(world, "ivan").pk}


def _issue(world: World) -> dict[str, Any]:
    return {"issue_id": kit.prepared(world, "ivan").pk}


def _signed(world: World) -> dict[str, Any]:
    return {"issue_id": kit.signed(world, "ivan").pk}


def _certificate(world: World) -> dict[str, Any]:
    return {"certificate_id": kit.signed(world, "ivan").certificates.get().pk}


def _code(world: World) -> dict[str, Any]:
    return {"code": kit.signed(world, "ivan").certificates.get().code}


STRANGERS = "taras hanna petro nina"
ABOVE = "admin maria iryna"  # who see no names there; the authority right above does
KEEPS = {"opens": "olena dana", "refused": f"{ABOVE} bohdan", "absent": STRANGERS}
READS = {"opens": "olena dana bohdan", "refused": ABOVE, "absent": STRANGERS}
HEAD = {"opens": "olena", "refused": f"{ABOVE} bohdan dana", "absent": STRANGERS}

ROWS = {
    "certificate_list": Row(
        opens="olena dana petro nina", absent="admin maria iryna bohdan hanna taras"
    ),
    "certificate_take": Row(_table, **KEEPS),
    "certificate_issue": Row(_issue, **READS),
    "certificate_issue_paper": Row(_issue, **READS),
    "certificate_issue_manifest": Row(_issue, **READS),
    "certificate_issue_container": Row(_signed, **READS),
    "certificate_issue_sign": Row(_issue, method="POST", **HEAD),
    "certificate_issue_sign_file": Row(_issue, method="POST", **READS),
    "certificate_issue_give_up": Row(_issue, **KEEPS),
    "certificate_detail": Row(_certificate, **READS),
    "certificate_pdf": Row(_certificate, **READS),
    "certificate_proof": Row(_certificate, **READS),
    "certificate_void": Row(_certificate, **HEAD),
    "certificate_check": Row(_code, public=True),
}
