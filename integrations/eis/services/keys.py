"""Keys: the secret by which a system uses a mandate. Shown once, kept as a hash, changed with an
overlap, stopped at once."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import secrets
import uuid

from uuid_utils.compat import uuid7

from accounts.actors import Actor
from accounts.roles import GrantState
from integrations.eis import errors, policies
from integrations.eis.bell import wake
from integrations.eis.events import KeyIssued, KeyRevoked
from integrations.eis.models import Mandate, SchoolKey
from integrations.eis.states import MandateState
from kernel import audit
from kernel.clock import Moment
from kernel.db import command
from kernel.once import Once
from kernel.scoping import grant_of

PREFIX = "aikom_"
# How long an old key may work beside the new one.
OVERLAPS = (0, 1, 24, 7 * 24)  # hours


@dataclasses.dataclass(frozen=True)
class IssuedKey:
    """A key at the only moment its secret is known."""

    key: SchoolKey
    secret: str


def secret_hash(secret: str) -> bytes:
    """What is kept of a key. The secret has 256 random bits, so a plain hash cannot be guessed."""
    return hashlib.sha256(secret.encode()).digest()


@command
def issue_key(
    *,
    actor: Actor,
    mandate_id: uuid.UUID | str,
    overlap: int = 0,
    moment: Moment,
    once: Once | None = None,
) -> IssuedKey:
    """Make a key of a signed mandate; the secret is returned once and never kept. Keys it had stop
    after `overlap` hours (one of OVERLAPS).

    Raises:
        NotFound: no such mandate for this actor.
        NotAllowed: the actor is not the head.
        MandateDecided: it is not signed, has ended, or was signed by a former head.
    """
    mandate = (
        Mandate.objects.visible_to(actor)
        .select_related("institution", "system", "granted_by")
        .select_for_update(of=("self",), no_key=True)
        .find(pk=mandate_id)
    )
    policies.grant_key.require(actor, mandate.institution)
    stands = mandate.state == MandateState.SIGNED and mandate.ended_at is None
    acting = mandate.granted_by.state == GrantState.ACTIVE
    if not (stands and acting and moment.today < mandate.valid_to and overlap in OVERLAPS):
        raise errors.MandateDecided
    stop = moment.now + datetime.timedelta(hours=overlap)
    olds = list(
        SchoolKey.objects.filter(mandate=mandate, revoked_at=None)
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
    )
    for old in olds:
        if old.stops_at is None or old.stops_at > stop:
            old.stops_at = stop
            old.save(update_fields=["stops_at"])
    if olds:
        wake(mandate.institution_id)
    secret = PREFIX + secrets.token_urlsafe(32)
    key = SchoolKey.objects.create(
        id=uuid7(),
        institution=mandate.institution,
        system=mandate.system,
        mandate=mandate,
        secret_sha256=secret_hash(secret),
        hint=secret[-4:],
        granted_by_id=grant_of(actor),
        created_at=moment.now,
    )
    audit.record(
        KeyIssued(
            subject=key.pk,
            unit=mandate.institution_id,
            system=mandate.system.name,
            others_stop=stop.isoformat() if olds else "",
        )
    )
    return IssuedKey(key, secret)


@command
def revoke_key(
    *, actor: Actor, key_id: uuid.UUID | str, reason: str, now: datetime.datetime
) -> SchoolKey:
    """Stop one key; the system's very next request with it is refused. Revoking twice changes nothing.

    Raises:
        NotFound: no such key for this actor.
        NotAllowed: the actor is not the head.
    """
    key = (
        SchoolKey.objects.visible_to(actor)
        .select_related("institution", "system")
        .select_for_update(of=("self",), no_key=True)
        .find(pk=key_id)
    )
    policies.grant_key.require(actor, key.institution)
    if key.revoked_at is None:
        key.revoked_at = now
        key.revoked_by_id = actor.grant_id
        key.revoke_reason = reason
        key.save(update_fields=["revoked_at", "revoked_by", "revoke_reason"])
        wake(key.institution_id)
        audit.record(
            KeyRevoked(
                subject=key.pk, unit=key.institution_id, system=key.system.name, reason=reason
            )
        )
    return key
