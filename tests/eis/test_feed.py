"""The feed of changes: a copy that follows it is what a full read gives, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import datetime
import random
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from aikom_eis import Aikom, Copy, CursorExpired, KeyRefused
from aikom_eis.errors import AikomError
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import actors
from integrations.eis import feed
from integrations.eis.models import EisSystem, FeedItem
from integrations.eis.services import keys, mandates, systems
from integrations.eis.stream import Feed
from kernel.audit import outbox
from kernel.db import command
from registry.models import ClassGroup, Employee, Pupil
from tests.eis.kit import grant, issued, mandated
from tests.kit.acts import noted
from tests.kit.waiting import LONG
from tests.world import World, enrol, hire

SYSTEM = actors.system("тест")
pytestmark = pytest.mark.django_db(transaction=True)
ALL = ["institution", "classes", "pupils", "staff"]


@pytest.fixture
def connected(world: World) -> EisSystem:
    systems.register_known(actor=SYSTEM)
    return EisSystem.objects.get(name="Моя школа")


class Here(httpx.BaseTransport):
    """The client speaks to the application in this process."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        target = request.url.raw_path.decode()
        headers = {k: v for k, v in request.headers.items() if k not in {"host", "content-length"}}
        answer = Client().generic(
            request.method,
            target,
            request.read(),
            content_type=headers.pop("content-type", "application/json"),
            headers=headers,
        )
        return httpx.Response(
            answer.status_code, headers=dict(answer.items()), content=answer.content
        )


def api(secret: str) -> Aikom:
    return Aikom("http://testserver", secret, transport=Here(), sleep=lambda seconds: None)


def settle() -> None:
    """What is over is numbered, and the feed compares what it touched."""
    outbox.settle()
    while outbox.advance(feed.FollowSchools()):
        outbox.settle()


def is_whole(copy: Copy, secret: str) -> None:
    """The copy is what a full read gives now."""
    settle()
    list(copy.follow())
    fresh = Copy(api(secret))
    fresh.read()
    assert copy.rows == fresh.rows


@command
def write(*, actor: Any, make: Any) -> None:
    noted()
    make()


def test_it_tells_who_came_changed_and_left_and_where_a_merged_one_is(world, connected):
    secret = grant(world, connected, datasets=ALL).secret
    copy = Copy(api(secret))
    copy.read()
    ivan, oksana = world.pupils["ivan"], world.pupils["oksana"]

    def rename():
        Pupil.objects.filter(pk=ivan.pk).update(surname="Інший")

    write(actor=SYSTEM, make=rename)
    settle()
    (told,) = [one for one in copy.follow() if one["resource"] == "pupils"]
    assert (told["op"], told["id"], told["row"]["surname"]) == ("update", str(ivan.pk), "Інший")

    def come():
        new = Pupil.objects.create(
            surname="Новенька", given_name="Ада", sex="F", born_on=datetime.date(2016, 5, 5)
        )
        enrol(new, world.classes["school1/5-А"])

    write(actor=SYSTEM, make=come)
    settle()
    ops = [(one["op"], one["resource"]) for one in copy.follow()]
    assert ("insert", "pupils") in ops
    assert ("update", "classes") in ops  # whose count of pupils is another now

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE registry_pupil DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE registry_pupil SET institution_id = NULL, class_group_id = NULL WHERE id = %s",
            [oksana.pk],
        )
        cursor.execute("ALTER TABLE registry_pupil ENABLE TRIGGER USER")
    feed.compare([world.institutions["school1"].pk])
    (left,) = [one for one in copy.follow() if one["resource"] == "pupils"]
    assert (left["op"], left["id"]) == ("leave", str(oksana.pk))
    is_whole(copy, secret)


@pytest.mark.parametrize("seed", range(2))
def test_whatever_happens_a_copy_is_what_a_full_read_gives(world, connected, seed):
    dice = random.Random(seed)
    secret = grant(world, connected, datasets=ALL).secret
    copy = Copy(api(secret))
    copy.read()
    school, letters = world.institutions["school1"], iter("ВГҐДЕЄЖЗ")
    here = [world.classes["school1/5-А"], world.classes["school1/5-Б"]]

    def relabel():  # in each of its pupils, too
        ClassGroup.objects.filter(pk=dice.choice(here).pk).update(letter=next(letters))

    def come():
        new = Pupil.objects.create(
            surname=f"Учень{dice.randint(1, 99)}", given_name="Ян", sex="M",
            born_on=datetime.date(2016, 1, 1),
        )  # fmt: skip
        enrol(new, dice.choice(here))

    def rename():
        rows = Pupil.objects.filter(institution=school).order_by("pk")
        Pupil.objects.filter(pk=dice.choice(list(rows)).pk).update(given_name="Юнона")

    def take_on():
        hire(school, f"Вчитель{dice.randint(1, 99)}")

    def marry():  # a person whose posts name the school
        rows = Employee.objects.filter(posts__institution=school).order_by("pk")
        if rows:
            Employee.objects.filter(pk=rows[0].pk).update(surname=f"Нова{dice.randint(1, 99)}")

    for step in dice.choices([relabel, come, rename, take_on, marry], k=8):
        write(actor=SYSTEM, make=step)
        if dice.random() < 0.5:
            is_whole(copy, secret)
    is_whole(copy, secret)


def test_a_full_read_beside_writers_and_the_changes_after_its_cursor_lose_nothing(world, connected):
    """Each writer commits while pages are read; what the reading missed comes after its cursor."""
    secret = grant(world, connected, datasets=ALL).secret
    group = world.classes["school1/5-А"]

    def write_many(name: str) -> None:
        try:
            for number in range(12):

                def come(number=number):
                    new = Pupil.objects.create(
                        surname=f"{name}{number}", given_name="Ян", sex="M",
                        born_on=datetime.date(2016, 1, 1),
                    )  # fmt: skip
                    enrol(new, group)
                    Pupil.objects.filter(pk=new.pk).update(patronymic="Пізніший")

                write(actor=SYSTEM, make=come)
                outbox.settle()
        finally:
            connection.close()

    writers = [threading.Thread(target=write_many, args=(name,)) for name in ("Перший", "Другий")]
    for one in writers:
        one.start()
    try:
        copy = Copy(api(secret))
        copy.read()
        while any(one.is_alive() for one in writers):
            outbox.advance(feed.FollowSchools())
            list(copy.follow())
    finally:
        for one in writers:
            one.join()
    is_whole(copy, secret)
    assert len(copy.rows["pupils"]) == 26


def test_a_consumer_with_a_name_goes_on_from_where_it_last_asked(world, connected):
    secret = grant(world, connected).secret
    one = api(secret)
    first = one.start("journal")

    def rename():
        Pupil.objects.filter(pk=world.pupils["ivan"].pk).update(surname="Інший")

    write(actor=SYSTEM, make=rename)
    settle()
    answer = one.call("GET", "changes", params={"consumer": "journal"}).json()
    assert [item["resource"] for item in answer["items"]] == ["pupils"]
    again = one.call("GET", "changes", params={"consumer": "journal"}).json()
    assert again["items"] == answer["items"]  # not dealt with until asked for what is after it
    items, place, _ = one.changes(answer["next"], consumer="journal")
    assert items == []
    assert one.call("GET", "changes", params={"consumer": "journal"}).json()["items"] == []
    assert first != place
    with pytest.raises(AikomError, match="409"):
        one.call("GET", "changes", params={"consumer": "nobody"})


def test_who_was_away_for_a_month_or_sees_something_else_now_is_told_to_read_anew(world, connected):
    key = grant(world, connected, datasets=ALL)
    copy = Copy(api(key.secret))
    copy.read()
    old = copy.cursor

    def rename():
        Pupil.objects.filter(pk=world.pupils["ivan"].pk).update(surname="Інший")

    write(actor=SYSTEM, make=rename)
    settle()
    assert feed.forget(timezone.now()) == 0
    assert feed.forget(timezone.now() + feed.KEPT + datetime.timedelta(days=1)) == 1
    assert not FeedItem.objects.exists()
    with pytest.raises(CursorExpired) as expired:
        copy._api.changes(old)
    assert "/changes/start" in expired.value.problem["detail"]
    assert list(copy.follow()) == []  # read anew by itself
    assert copy.rows["pupils"][str(world.pupils["ivan"].pk)]["surname"] == "Інший"
    mandated(world, connected, datasets=["classes"])
    with pytest.raises(CursorExpired):
        copy._api.changes(copy.cursor)
    is_whole(copy, key.secret)
    assert set(copy.rows) == {"classes", "groups"}


@pytest.mark.parametrize("cursor", ["x", "1." + "0" * 32 + "." + "0" * 24, "-1.a.b"])
def test_a_cursor_that_is_none_of_ours_is_told(world, connected, cursor):
    with pytest.raises(AikomError, match="400") as refused:
        api(grant(world, connected).secret).changes(cursor)
    assert refused.value.code in {"bad_cursor", "bad_parameter"}


def test_fields_left_closed_are_in_no_row_of_the_feed(world, connected):
    secret = grant(world, connected, opened=["pupils.sex"]).secret
    copy = Copy(api(secret))
    copy.read()

    def rename():
        Pupil.objects.filter(pk=world.pupils["ivan"].pk).update(surname="Інший")

    write(actor=SYSTEM, make=rename)
    settle()
    (told,) = copy.follow()
    assert "born_on" not in told["row"]
    assert told["row"]["sex"] == "M"


# ── waiting ──────────────────────────────────────────────────────────────────
class Caller:
    """A consumer at the feed's own process, in this event loop."""

    def __init__(self, app: Feed, path: str, secret: str, **query: str):
        self.parts: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._leave = asyncio.Event()
        scope = {
            "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http",
            "path": f"/api/v1/changes/{path}", "raw_path": b"", "root_path": "",
            "query_string": httpx.QueryParams(query).__str__().encode(),
            "headers": [(b"authorization", f"Bearer {secret}".encode()), (b"host", b"testserver")],
            "client": ("127.0.0.1", 1), "server": ("testserver", 80),
        }  # fmt: skip
        self.task = asyncio.create_task(app(scope, self._receive, self.parts.put))

    async def _receive(self) -> dict[str, Any]:
        await self._leave.wait()
        return {"type": "http.disconnect"}

    async def next(self) -> dict[str, Any]:
        return await asyncio.wait_for(self.parts.get(), LONG)


def in_a_loop(scene: Coroutine[Any, Any, None]) -> None:
    """Run it in a thread of its own: a browser of another test may keep a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, scene).result()


async def waiting(app: Feed) -> None:
    async with asyncio.timeout(LONG):
        while not app.bell.waiting:
            await asyncio.sleep(0.01)


@pytest.fixture
def app() -> Iterator[Feed]:
    made = Feed()
    yield made
    made.close()


def test_a_long_poll_answers_when_something_changes_and_when_nothing_does(world, connected, app):
    secret = grant(world, connected).secret
    cursor = api(secret).start()

    def change():
        def rename():
            Pupil.objects.filter(pk=world.pupils["ivan"].pk).update(surname="Інший")

        write(actor=SYSTEM, make=rename)
        settle()
        connection.close()

    async def scene():
        quick = Caller(app, "wait", secret, cursor=cursor, wait="1")
        await quick.next()
        assert b'"items":[]' in (await quick.next())["body"]
        waits = Caller(app, "wait", secret, cursor=cursor, wait="60")
        await waiting(app)
        await asyncio.to_thread(change)
        assert (await waits.next())["status"] == 200
        assert "Інший" in (await waits.next())["body"].decode()
        await app.stop()

    in_a_loop(scene())


def test_a_stream_tells_changes_and_ends_at_once_with_its_key(world, connected, app):
    key = grant(world, connected)
    cursor = api(key.secret).start()

    def change():
        def rename():
            Pupil.objects.filter(pk=world.pupils["ivan"].pk).update(surname="Інший")

        write(actor=SYSTEM, make=rename)
        settle()
        connection.close()

    def revoke():
        keys.revoke_key(
            actor=world.actor("olena"), key_id=key.key.pk, reason="досить", now=timezone.now()
        )
        connection.close()

    async def scene():
        stream = Caller(app, "stream", key.secret, cursor=cursor)
        assert (await stream.next())["status"] == 200
        await waiting(app)
        await asyncio.to_thread(change)
        told = (await stream.next())["body"].decode()
        assert told.startswith("id: ")
        assert "Інший" in told
        await asyncio.to_thread(revoke)
        ended = (await stream.next())["body"].decode()
        assert ended.startswith("event: end\n")
        assert "key_unknown" in ended
        assert (await stream.next())["more_body"] is False
        await stream.task
        refused = Caller(app, "stream", key.secret, cursor=cursor)
        assert (await refused.next())["status"] == 401
        await app.stop()

    in_a_loop(scene())


def test_the_client_waits_as_told_and_does_not_repeat_what_cannot_help(world, connected, settings):
    key = grant(world, connected)
    pauses: list[float] = []
    one = Aikom("http://testserver", key.secret, transport=Here(), sleep=pauses.append, retries=2)
    settings.EIS_CALLS_PER_MINUTE = 1
    assert one.institution()["short_name"]
    with pytest.raises(AikomError, match="429"):
        one.institution()
    assert len(pauses) == 2
    assert min(pauses) >= 1
    settings.EIS_CALLS_PER_MINUTE = 1000
    mandate = mandates.standing_for(world.institutions["school1"].pk, connected.pk)
    issued(world, mandate)
    with pytest.raises(KeyRefused):
        one.institution()
    assert len(pauses) == 2
