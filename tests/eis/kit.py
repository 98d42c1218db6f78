"""A mandate as a head gives one: prepared, signed with a demo key, and a key of it."""

from __future__ import annotations

import datetime
from typing import Any

from django.test import Client

from integrations.eis.models import EisSystem, Mandate
from integrations.eis.services import keys, mandates
from kernel import clock
from kernel.clock import Moment, moment
from signatures.demo.signing import sign_cms
from tests.registry.kit import key_of
from tests.world import World


def prepared(
    world: World, system: EisSystem, who: str = "olena", at: str = "school1", **changes: Any
) -> Mandate:
    """A mandate that waits for its signature."""
    now = moment()
    values: dict[str, Any] = {
        "actor": world.actor(who),
        "institution_uid": world.institutions[at].uid,
        "system_uid": system.uid,
        "datasets": ["institution", "classes", "pupils"],
        "valid_from": now.today,
        "valid_to": now.today + datetime.timedelta(days=90),
        "moment": now,
    }
    return mandates.prepare(**(values | changes))


def signature(mandate: Mandate, who: str = "olena", edrpou: str = "") -> bytes:
    """What a head's browser sends."""
    now = moment()
    dawn = clock.at(now.today, datetime.time())
    key, certificate = key_of(who, edrpou, dawn)
    content = bytes(mandate.signing.content)
    return sign_cms(content, key, certificate, signing_time=now.now)


def mandated(
    world: World, system: EisSystem, who: str = "olena", at: str = "school1", **changes: Any
) -> Mandate:
    """A signed mandate."""
    made = prepared(world, system, who, at, **changes)
    now = changes.get("moment") or moment()
    return mandates.sign(
        actor=world.actor(who), mandate_id=made.pk, cms=signature(made, who), moment=now
    )


def issued(world: World, mandate: Mandate, who: str = "olena", **how: Any) -> keys.IssuedKey:
    """A key of a mandate."""
    values = {"moment": moment()} | how
    return keys.issue_key(actor=world.actor(who), mandate_id=mandate.pk, **values)


def grant(
    world: World, system: EisSystem, who: str = "olena", at: str = "school1", **changes: Any
) -> keys.IssuedKey:
    """A key of a mandate signed for it."""
    return issued(world, mandated(world, system, who, at, **changes), who)


def get(client: Client, path: str, secret: str | None):
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    return client.get(f"/api/v1/{path}", headers=headers)


__all__ = ["Moment", "get", "grant", "issued", "mandated", "prepared", "signature"]
