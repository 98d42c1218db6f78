"""Statements composed once say what Django would say each time, and pages ask few of them."""

from __future__ import annotations

import dataclasses
import uuid
from typing import Any

import pytest
from django.db import connection
from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import actors
from kernel.db import command
from kernel.errors import NotFound
from kernel.kept import Kept, found, insert, key_of, together, update
from kernel.paging import BadCursor, KeptPages, encode, keyset
from kernel.ui import menu
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


def test_a_reach_narrowed_to_a_type_stays_narrow_when_the_statement_is_kept(world: World) -> None:
    # The lens of authorities narrows by the type of institution, and that is no key.
    for kind in ("", "LYCEUM", "GYMNASIUM", "OTHER"):
        actor = world.actor("bohdan")
        actor = dataclasses.replace(actor, scope=dataclasses.replace(actor.scope, kind=kind))
        theirs = Institution.objects.visible_to(actor).values_list("short_name", "hub__short_name")
        assert sorted(_NAMES.rows(actor), key=str) == sorted(theirs, key=str)


@pytest.mark.parametrize(
    "shape",
    [
        lambda rows: rows.order_by("pk"),
        lambda rows: rows.annotate(twice=F("pk") * 2).order_by("-twice"),
        lambda rows: rows.order_by("pk").values("pk", name=F("short_name")),
        lambda rows: rows.order_by("pk").values_list("short_name", flat=True),
        lambda rows: rows.order_by("pk").only("short_name"),
        lambda rows: rows.select_related("unit", "hub").order_by("-pk")[:2],
    ],
)
def test_rows_come_as_the_queryset_yields_them(world: World, shape: Any) -> None:
    def theirs(keys: Any) -> Any:
        return shape(Institution.objects.filter(pk__among=keys))

    kept = Kept[Any](theirs)
    all_keys = [one.pk for one in world.institutions.values()]
    for keys in (all_keys, all_keys[:2], all_keys[:1], []):
        told, meant = kept.rows(keys), list(theirs(keys))
        assert told == meant
        assert [getattr(one, "twice", None) for one in told] == [
            getattr(one, "twice", None) for one in meant
        ]
        # A list is one value: nothing is composed anew for another number of keys.
        assert len(kept._made) == 1


_PAGES = KeptPages[Any](
    lambda actor, kind: Institution.objects.visible_to(actor).annotate(
        code_of=Coalesce("edrpou", Value(""))
    )
)


@pytest.mark.parametrize(
    "order",
    [
        ("sort_key", "unit_id"),
        ("-sort_key", "-unit_id"),
        ("code_of", "sort_key", "unit_id"),
        ("-code_of", "sort_key", "unit_id"),
    ],
)
def test_pages_of_a_kept_list_are_those_of_the_queryset(
    world: World, order: tuple[str, ...]
) -> None:
    actor = world.actor("admin")
    theirs = Institution.objects.visible_to(actor).annotate(code_of=Coalesce("edrpou", Value("")))
    for where in ({}, {"status": "ACTIVE"}, {"status": "ACTIVE", "pk__among": [1]}):
        marks: list[dict[str, str | None]] = [{}]
        for mark in marks:  # on to the end, and from each page back
            meant = keyset(theirs.filter(**where), order=order, size=2, **mark)
            assert _PAGES.page(actor, where, order=order, size=2, **mark) == meant
            if meant.next and "before" not in mark:
                marks.append({"after": meant.next})
            if meant.previous and "before" not in mark:
                marks.append({"before": meant.previous})


@pytest.mark.parametrize(
    "mark",
    [
        ("ї", "ї", 1, 1),
        ("ї", "ї"),
        (None, "ї", 1),
        ("ї", None, 1),
        ([1], {"ї": 1}, "x"),
        (1, 2, "x"),
        ("ї", "\x00", 1),
        ("ї", "ї", 2**63 - 1, "x"),
    ],
)
def test_a_mark_of_another_list_is_refused(world: World, mark: tuple[Any, ...]) -> None:
    order = ("code_of", "sort_key", "unit_id")
    with pytest.raises(BadCursor):
        _PAGES.page(world.actor("admin"), {}, order=order, size=2, after=encode(mark))


def test_a_kept_statement_counts_what_its_queryset_counts(world: World) -> None:
    kept = Kept[Institution](
        lambda actor, status: (
            Institution.objects.visible_to(actor).filter(status=status).order_by("sort_key")
        )
    )
    for actor in [*(world.actor(who) for who in world.grants), actors.stranger("")]:
        theirs = Institution.objects.visible_to(actor).filter(status="ACTIVE")
        assert kept.count(actor, "ACTIVE") == theirs.count()
        assert len(kept.rows(actor, "ACTIVE")) == theirs.count()


_BESIDE = """
    SELECT page.*, hub.short_name AS hub_name, %s::int AS told
    FROM page LEFT JOIN registry_institution hub ON hub.institution_id = page.hub_id
"""
_OF_HUBS = KeptPages[dict[str, Any]](
    lambda actor, kind: Institution.objects.visible_to(actor).values(
        "unit_id", "hub_id", "short_name"
    ),
    beside=lambda kind: _BESIDE,
)


@pytest.mark.parametrize("order", [("short_name", "unit_id"), ("-short_name", "unit_id")])
def test_what_stands_beside_a_page_is_read_with_it_and_leaves_its_order(
    world: World, order: tuple[str, ...]
) -> None:
    actor = world.actor("iryna")
    rows = Institution.objects.visible_to(actor).values("unit_id", "hub_id", "short_name")
    page = keyset(rows, order=order, size=2)
    for mark in (None, page.next):
        plain = keyset(rows, order=order, size=2, after=mark)
        with CaptureQueriesContext(connection) as asked:
            kept = _OF_HUBS.page(actor, {}, order=order, size=2, after=mark, given=[7])
        assert len(asked) == 1
        once = keyset(rows, order=order, size=2, after=mark, beside=(_BESIDE, [7]))
        assert (kept.next, kept.previous) == (plain.next, plain.previous)
        assert kept.rows == once.rows
        assert [row["unit_id"] for row in kept.rows] == [row["unit_id"] for row in plain.rows]
        for row in kept.rows:
            hub = Institution.objects.filter(pk=row["hub_id"]).first()
            assert (row["hub_name"], row["told"]) == (hub and hub.short_name, 7)


_MANY = Kept[uuid.UUID](
    lambda keys: Institution.objects.filter(pk__among=keys).values_list("uid", flat=True)
)
_LISTED = Kept[uuid.UUID](
    lambda keys: Institution.objects.filter(pk__among=keys).values_list("uid", flat=True),
    prepared=False,
)


def test_a_look_up_by_many_keys_is_planned_once_and_a_list_for_its_values(world: World) -> None:
    # PostgreSQL plans a statement five times, then keeps a plan that is no dearer for any values:
    # for an array as it is it never did, and planning the card's enrolments took 2 ms.
    hub = world.institutions["hub"]
    everybody = list(Institution.objects.all())
    for asked in (_MANY, _LISTED):
        for _ in range(12):
            assert asked.rows([hub.pk]) == [hub.uid]
        assert asked.rows([]) == []
        assert set(asked.rows([one.pk for one in everybody])) == {one.uid for one in everybody}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans > 0 FROM pg_prepared_statements WHERE statement LIKE %s",
            [
                'SELECT "registry_institution"."uid" AS "uid" FROM "registry_institution" WHERE%ANY(%'
            ],
        )
        assert cursor.fetchall() == [(True,)]


# ── what is mostly not there ─────────────────────────────────────────────────
def test_what_waits_is_the_same_asked_together_and_room_by_room(world: World) -> None:
    for who in world.grants:
        actor = world.actor(who)
        attention, deadlines = menu.attention_and_deadlines(actor)
        alone = [one for tell in menu.registry.attention for one in tell(actor)]
        assert sorted(attention, key=str) == sorted(alone, key=str)
        days = [one for tell in menu.registry.deadlines for one in tell(actor)]
        assert deadlines == sorted(days, key=lambda one: one.day)[: menu.SOONEST]


def test_what_is_not_there_is_asked_once_for_all_and_what_is_there_again(world: World) -> None:
    hub, actor = world.institutions["hub"], world.actor("nina")
    absent = Institution.objects.order_by("-pk")[0].pk + 1

    def nobody() -> list[Any]:
        return [
            _SEEN.first(actor, absent),
            _MANY.count([absent]),
            *_NAMES.rows(actors.stranger("")),
        ]

    def somebody() -> list[Any]:
        return [_SEEN.first(actor, hub.pk), _SEEN.first(actor, absent), _MANY.count([hub.pk])]

    def needs_it() -> list[Any]:
        return [found(_SEEN.first(actor, hub.pk))]

    tellers = [nobody, somebody, needs_it]
    for _ in range(2):  # composed, then kept
        with CaptureQueriesContext(connection) as asked:
            assert together(tellers) == [[None, 0], [hub, None, 1], [hub]]
        assert len(asked) == 4, [one["sql"] for one in asked]
    with CaptureQueriesContext(connection) as asked:
        assert together([nobody, nobody]) == [[None, 0]] * 2
    assert len(asked) == 1
    with pytest.raises(NotFound):
        together([nobody, lambda: [found(_SEEN.first(actor, absent))]])
