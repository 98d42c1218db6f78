"""Statements composed once say what Django would say each time, and pages ask few of them."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import actors
from kernel.db import command
from kernel.errors import NotFound
from kernel.kept import Kept, found, insert, key_of, update
from registry.institutions.models.institutions import Institution
from signatures.models import SessionFile, SigningSession
from tests.kit.acts import noted
from tests.world import World, sign_in

_SEEN = Kept[Institution](
    lambda actor, pk: Institution.objects.visible_to(actor).select_related("hub").filter(pk=pk)
)
_NAMES = Kept[tuple[str, str]](
    lambda actor: Institution.objects.visible_to(actor).values_list("short_name", "hub__short_name")
)


def test_each_actor_is_shown_what_the_queryset_shows(world: World) -> None:
    # Twice: composed, then kept. Neighbours of one level must not be shown each other's rows.
    everybody = [world.actor(who) for who in world.grants] + [actors.stranger("")]
    for actor in everybody * 2:
        theirs = Institution.objects.visible_to(actor)
        told = _NAMES.rows(actor)
        assert sorted(told, key=str) == sorted(
            theirs.values_list("short_name", "hub__short_name"), key=str
        )
        for one in Institution.objects.all():
            assert _SEEN.first(actor, one.pk) == theirs.filter(pk=one.pk).first()


def test_what_is_linked_is_read_in_the_same_statement(world: World) -> None:
    branch = world.institutions["branch"]
    actor = world.actor("nina")
    _SEEN.first(actor, branch.pk)
    with CaptureQueriesContext(connection) as asked:
        told = found(_SEEN.first(actor, branch.pk))
        assert told.hub is not None
        assert told.hub.short_name == world.institutions["hub"].short_name
    assert len(asked) == 1
    assert told.languages == branch.languages


def test_a_key_that_is_none_and_a_row_that_is_hidden_are_refused_alike(world: World) -> None:
    with pytest.raises(NotFound):
        found(_SEEN.first(world.actor("petro"), world.institutions["school1"].pk))
    for odd in ("", "x", "--", uuid.uuid4().hex[:-1]):
        with pytest.raises(NotFound):
            key_of(SigningSession, odd)


def test_a_written_row_is_what_saving_would_have_written(world: World) -> None:
    now = timezone.now()

    @command
    def write(*, actor: actors.Actor) -> tuple[SigningSession, SessionFile]:
        noted()
        session = SigningSession(
            user_id=world.grants["olena"].user_id,
            purpose="test",
            content="Ї".encode(),
            content_sha256=b"\x00" * 32,
            created_at=now,
            expires_at=now,
        )
        insert(session)
        file = SessionFile(session=session, name="а.txt", content=b"\xff\x00")
        insert(file)
        session.state, session.result = "EXPIRED", {"ґ": [1, None]}
        update(session, "state", "result")
        with pytest.raises(RuntimeError):
            update(SigningSession(pk=uuid.uuid4(), state="EXPIRED"), "state")
        return session, file

    session, file = write(actor=actors.system("тест"))
    kept = SigningSession.objects.get(pk=session.pk)
    assert {f.attname: getattr(kept, f.attname) for f in kept._meta.fields} == {
        f.attname: getattr(session, f.attname) for f in kept._meta.fields
    }
    assert [(one.pk, one.name, bytes(one.content)) for one in kept.files.all()] == [
        (file.pk, "а.txt", b"\xff\x00")
    ]
    assert not session._state.adding


@pytest.mark.parametrize("who", ["admin", "maria", "iryna", "bohdan", "olena", "nina", "dana"])
def test_a_page_with_nothing_of_its_own_asks_who_comes_and_what_waits(
    client: Client, world: World, who: str
) -> None:
    sign_in(client, world.grants[who])
    client.get("/account/")
    with CaptureQueriesContext(connection) as asked:
        assert client.get("/account/").status_code == 200
    assert len(asked) == 2, [one["sql"] for one in asked]
