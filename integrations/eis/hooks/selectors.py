"""Reading webhooks: addresses of a system, one with its last messages."""

from __future__ import annotations

import dataclasses
import datetime
import uuid

from accounts.actors import Actor
from integrations.eis.hooks import services
from integrations.eis.hooks.models import Hook, HookMessage, HookSecret, MessageState
from kernel.errors import NotFound

LATEST = 50  # messages of a page


@dataclasses.dataclass(frozen=True)
class HookCard:
    """An address with how it goes."""

    hook: Hook
    secrets: list[HookSecret]  # that sign now, the newest first
    messages: list[HookMessage]
    dead: int


def of_system(actor: Actor, system_uid: uuid.UUID | None = None) -> list[Hook]:
    """Addresses of the actor's, of one system when said, the newest first.

    Raises:
        NotAllowed: neither an operator nor a key.
    """
    rows = services.reach(actor).select_related("system", "institution", "queue")
    if system_uid is not None:
        rows = rows.filter(system__uid=system_uid)
    return list(rows.order_by("-made_at", "pk"))


def one(actor: Actor, hook_id: uuid.UUID | str, now: datetime.datetime) -> HookCard:
    """One address.

    Raises:
        NotAllowed: neither an operator nor a key.
        NotFound: none such of the actor's.
    """
    rows = services.reach(actor).select_related("system", "institution", "queue")
    hook = rows.filter(pk=hook_id).first()
    if hook is None:
        raise NotFound("Такої адреси сповіщень немає.")
    standing = [
        one
        for one in hook.secrets.order_by("-made_at")
        if one.stops_at is None or one.stops_at > now
    ]
    messages = list(hook.messages.order_by("-made_at", "pk")[:LATEST])
    dead = hook.messages.filter(state=MessageState.DEAD).count()
    return HookCard(hook, standing, messages, dead)
