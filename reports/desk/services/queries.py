"""Keeping questions: saved, renamed, shared and removed by whoever keeps them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, cast

from accounts.actors import Actor
from kernel import audit
from kernel.db import command, violation
from kernel.errors import NotFound, StaleVersion
from kernel.kept import key_of
from kernel.text import clean_lines
from reports.desk import errors, events, policies
from reports.desk.models import DeskQuery

ASKED = ("m", "rows", "cols", "only", "place", "day", "chart")


@command
def keep(
    *,
    actor: Actor,
    title: str,
    asks: Mapping[str, str],
    shared: bool = False,
    now: datetime.datetime,
) -> DeskQuery:
    """Keep a question as the address of the desk says it.

    Raises:
        NotAllowed: the actor may not ask.
        TitleTaken: the actor keeps one of this title.
    """
    policies.ask.require(actor)
    grant_id = cast("int", actor.grant_id)  # the policy lets persons alone in
    kept = {name: str(asks[name]) for name in ASKED if asks.get(name)}
    with violation("one_desk_query_of_a_title", _taken):
        made = DeskQuery.objects.create(
            title=clean_lines(title)[:200],
            asks=kept,
            owner_id=grant_id,
            shared=shared,
            created_at=now,
        )
    audit.record(events.QueryKept(subject=made.pk, title=made.title, shared=shared))
    return made


@command
def change(*, actor: Actor, query_id: Any, title: str, shared: bool, version: int) -> DeskQuery:
    """Rename a kept question, share it, or share it no more.

    Raises:
        NotFound: none such.
        NotAllowed: another keeps it.
        StaleVersion: it was changed meanwhile.
        TitleTaken: the actor keeps another of this title.
    """
    kept = _own(actor, query_id, version)
    kept.title, kept.shared, kept.version = clean_lines(title)[:200], shared, version + 1
    with violation("one_desk_query_of_a_title", _taken):
        kept.save(update_fields=["title", "shared", "version"])
    audit.record(events.QueryKept(subject=kept.pk, title=kept.title, shared=shared))
    return kept


@command
def remove(*, actor: Actor, query_id: Any, version: int) -> None:
    """Let go of a kept question; its address answers no more.

    Raises:
        NotFound: none such.
        NotAllowed: another keeps it.
        StaleVersion: it was changed meanwhile.
    """
    kept = _own(actor, query_id, version)
    audit.record(events.QueryRemoved(subject=kept.pk))
    kept.delete()


def _own(actor: Actor, query_id: Any, version: int) -> DeskQuery:
    policies.ask.require(actor)
    found = DeskQuery.objects.select_for_update().filter(pk=key_of(DeskQuery, query_id)).first()
    if found is None or (found.owner_id != actor.grant_id and not found.shared):
        raise NotFound
    policies.keep.require(actor, found)
    if found.version != version:
        raise StaleVersion
    return found


def _taken() -> errors.TitleTaken:
    return errors.TitleTaken("Назвіть запит інакше або відкрийте збережений.", field="title")
