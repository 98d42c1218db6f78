"""Webhooks: a system is woken, signed, at its own address and no other, whatever strangers do."""

from __future__ import annotations

import datetime
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import uuid
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test import Client
from psycopg import conninfo

from accounts import actors
from accounts.models import Grant
from accounts.notices.models import Notice
from aikom.deploy import probe
from integrations.eis import errors, feed
from integrations.eis.hooks import queue, selectors, sending, services
from integrations.eis.hooks.models import Hook, HookMessage, HookPending, HookQueue, HookSecret
from integrations.eis.hooks.sender import Sender
from integrations.eis.models import EisSystem, Operator
from integrations.eis.services import mandates
from kernel.audit import outbox
from kernel.audit.models import EventRow
from kernel.clock import moment
from kernel.db import writes_allowed
from kernel.errors import Invalid, NotAllowed, NotFound
from kernel.once.models import Request
from registry.models import Pupil
from tests.eis.kit import grant, mandated
from tests.eis.operators import acting, opened
from tests.eis.receiver import Receiver, receiving
from tests.eis.test_feed import settle, write
from tests.kit.racing import together
from tests.kit.waiting import LONG, until
from tests.world import World, sign_in

SYSTEM = actors.system("тест")
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def zoshyt(world: World) -> EisSystem:
    """A connected system whose operator has a cabinet."""
    made: list[EisSystem] = []

    def make() -> None:
        operator = Operator.objects.create(name="ТОВ «Зошит»", code="59900138", unit=opened_.unit)
        made.append(
            EisSystem.objects.create(
                operator=operator, name="Зошит", state="CONNECTED", state_since=moment().today
            )
        )

    opened_ = opened()
    write(actor=SYSTEM, make=make)
    return made[0]


@pytest.fixture
def receiver(tmp_path, settings):
    with receiving(tmp_path) as one:
        settings.EIS_HOOK_HOSTS = frozenset({one.host})
        settings.EIS_HOOK_AUTHORITIES = one.authorities
        yield one


@pytest.fixture
def sender():
    one = Sender()
    yield one
    one.close()


def registered(system: EisSystem, url: str) -> services.Issued:
    return services.register(actor=acting(), system_uid=system.uid, url=url, moment=moment())


def followed(world: World, *schools: str) -> None:
    for one in schools or ("school1",):
        feed.follow(world.institutions[one].pk)


def renamed(world: World, who: str = "ivan", surname: str = "Інший") -> None:
    def rename() -> None:
        Pupil.objects.filter(pk=world.pupils[who].pk).update(surname=surname)

    write(actor=SYSTEM, make=rename)
    settle()


def due(hook: Hook) -> None:
    """The time of the next attempt has come."""
    HookQueue.objects.filter(hook=hook).update(next_at=moment().now, leased_until=None)


def uids(world: World, *schools: str) -> list[str]:
    return sorted(str(world.institutions[one].uid) for one in schools)


# ── waking ───────────────────────────────────────────────────────────────────
def test_a_change_wakes_the_system_once_with_its_signature_and_no_data(
    world, zoshyt, receiver, sender
):
    mandated(world, zoshyt)
    issued = registered(zoshyt, receiver.url)
    followed(world)
    assert sender.drain() == 0
    renamed(world)
    renamed(world, surname="Ще інший")
    assert sender.drain() == 1  # however often it changed meanwhile
    assert sender.drain() == 0
    assert receiver.knows(issued.secret)
    assert receiver.said()["type"] == "changes.available"
    assert receiver.said()["data"] == {"institutions": uids(world, "school1")}
    assert set(receiver.said()) == {"type", "timestamp", "data"}
    path, headers, body = receiver.came[0]
    assert (path, headers["content-type"]) == ("/hook", "application/json")
    receiver.came[0] = path, headers, body.replace(b"changes", b"CHANGES")
    assert not receiver.knows(issued.secret)
    renamed(world, surname="Третій")
    assert sender.drain() == 1
    assert receiver.id(0) != receiver.id(1)


def test_a_sender_that_stands_still_is_seen_by_the_probe_of_its_container(
    world, zoshyt, receiver, sender, monkeypatch
):
    stands = connection.settings_dict
    names = {
        "HOST": "host",
        "PORT": "port",
        "USER": "user",
        "PASSWORD": "password",
        "NAME": "dbname",
    }
    told = {one: stands[name] for name, one in names.items() if stands[name]}
    monkeypatch.setenv("DATABASE_URL", conninfo.make_conninfo("", **told))
    mandated(world, zoshyt)
    hook = registered(zoshyt, receiver.url).hook
    followed(world)
    renamed(world)
    assert probe.hooks() == ""  # it came just now
    long_ago = moment().now - datetime.timedelta(minutes=3)
    HookPending.objects.update(at=long_ago)
    HookQueue.objects.filter(hook=hook).update(next_at=long_ago)
    assert "1 addresses wait" in probe.hooks()
    assert sender.drain() == 1
    assert probe.hooks() == ""


def test_only_who_may_read_what_changed_is_woken(world, zoshyt, receiver, sender):
    mandated(world, zoshyt, datasets=["classes"])  # a pupil is none of its matters
    registered(zoshyt, receiver.url)
    followed(world, "school1", "school2")
    renamed(world)
    assert [HookPending.objects.count(), sender.drain()] == [0, 0]
    mandated(world, zoshyt)
    renamed(world, surname="Другий")
    assert HookPending.objects.count() == 1
    mandate = zoshyt.mandates.get(ended_at=None)
    mandates.end(
        actor=world.actor("olena"), mandate_id=mandate.pk, reason="досить", now=moment().now
    )
    assert sender.drain() == 0  # the access ended before the message was made
    assert (HookPending.objects.count(), receiver.came) == (0, [])


def test_an_address_of_a_key_is_of_its_school_alone(world, zoshyt, receiver, sender):
    secret = grant(world, zoshyt).secret
    grant(world, zoshyt, "petro", "school2")
    hook = posted(Client(), "webhooks", secret, {"url": receiver.url}).json()
    followed(world, "school1", "school2")
    feed_moves(world, "school2")
    assert sender.drain() == 0
    feed_moves(world, "school1", "school2")
    assert sender.drain() == 1
    assert receiver.said()["data"] == {"institutions": uids(world, "school1")}
    assert receiver.knows(hook["secret"])


def feed_moves(world: World, *schools: str) -> None:
    with transaction.atomic(), writes_allowed(), connection.cursor() as cursor:
        queue.put(cursor, {world.institutions[one].pk: {"pupils"} for one in schools})


def test_schools_that_moved_together_are_told_in_one_message(world, zoshyt, receiver, sender):
    mandated(world, zoshyt)
    mandated(world, zoshyt, "petro", "school2")
    registered(zoshyt, receiver.url)
    feed_moves(world, "school1", "school2")
    assert sender.drain() == 1
    assert sorted(receiver.said()["data"]["institutions"]) == uids(world, "school1", "school2")


# ── secrets ──────────────────────────────────────────────────────────────────
def test_a_secret_is_kept_nowhere_and_changes_without_a_gap(world, zoshyt, receiver, sender):
    mandated(world, zoshyt)
    first = registered(zoshyt, receiver.url)
    hook_id = first.hook.pk
    second = services.rotate(actor=acting(), hook_id=hook_id, overlap=24, moment=moment())
    feed_moves(world, "school1")
    sender.drain()
    assert receiver.knows(first.secret)
    assert receiver.knows(second.secret)
    services.rotate(actor=acting(), hook_id=hook_id, overlap=0, moment=moment())
    feed_moves(world, "school1")
    sender.drain()
    assert not receiver.knows(first.secret)
    assert not receiver.knows(second.secret)
    kept = [bytes(one.salt) for one in HookSecret.objects.all()]
    assert first.secret.removeprefix("whsec_").encode() not in b"".join(kept)
    events = json.dumps(list(EventRow.objects.values_list("payload", flat=True)), default=str)
    assert first.secret not in events
    with pytest.raises(Invalid):
        services.rotate(actor=acting(), hook_id=hook_id, overlap=5000, moment=moment())


# ── failures ─────────────────────────────────────────────────────────────────
def test_a_refused_message_comes_again_later_with_its_own_id(
    world, zoshyt, tmp_path, settings, sender
):
    with receiving(tmp_path, 500, 302, 200) as receiver:
        settings.EIS_HOOK_HOSTS = frozenset({receiver.host})
        settings.EIS_HOOK_AUTHORITIES = receiver.authorities
        mandated(world, zoshyt)
        hook = registered(zoshyt, receiver.url).hook
        feed_moves(world, "school1")
        assert sender.drain() == 1
        row = HookQueue.objects.get(hook=hook)
        wait = row.next_at - row.failing_since
        assert queue.DELAYS[0] * 0.8 <= wait <= queue.DELAYS[0] * 1.2
        assert sender.drain() == 0  # not before its time
        due(hook)
        assert sender.drain() == 1  # a redirection is no answer, and nobody follows it
        row = HookQueue.objects.get(hook=hook)
        assert (row.failures, row.is_slow) == (2, True)
        due(hook)
        assert sender.drain() == 1
        assert [path for path, _, _ in receiver.came] == ["/hook"] * 3
        assert len({receiver.id(n) for n in range(3)}) == 1
        assert len({body for _, _, body in receiver.came}) == 1
        row = HookQueue.objects.get(hook=hook)
        assert (row.failures, row.failing_since, row.is_slow) == (0, None, False)
        message = HookMessage.objects.get()
        assert (message.state, message.attempts) == ("SENT", 3)


def test_back_off_grows_and_differs_by_a_fifth(world, zoshyt):
    mandated(world, zoshyt)
    hook = registered(zoshyt, "https://receiver.example/hook").hook
    feed_moves(world, "school1")
    waits = []
    for _ in range(queue.MOST_ATTEMPTS):
        due(hook)
        now = moment().now
        slow = HookQueue.objects.get(hook=hook).is_slow
        (taken,) = queue.claim(now, limit=5, slow=slow)
        queue.settle(taken, queue.Answer(503), now)
        waits.append(HookQueue.objects.get(hook=hook).next_at - now)
    base = [*queue.DELAYS, queue.DELAYS[-1]]
    assert all(a * 0.8 <= b <= a * 1.2 for a, b in zip(base, waits, strict=True))
    assert len({round(b / a, 6) for a, b in zip(base, waits, strict=True)}) > 1
    message = HookMessage.objects.get()
    assert (message.state, message.attempts) == ("DEAD", queue.MOST_ATTEMPTS)


def test_a_dead_letter_is_sent_again_as_it_was(world, zoshyt, receiver, sender):
    mandated(world, zoshyt)
    hook = registered(zoshyt, receiver.url).hook
    feed_moves(world, "school1")
    (taken,) = queue.claim(moment().now, limit=1, slow=False)
    HookMessage.objects.update(attempts=queue.MOST_ATTEMPTS - 1)
    queue.settle(taken, queue.Answer(500, "Відповідь 500"), moment().now)
    assert HookMessage.objects.get().state == "DEAD"
    due(hook)
    assert sender.drain() == 0
    card = selectors.one(acting(), hook.pk, moment().now)
    assert (card.dead, card.messages[0].trouble) == (1, "Відповідь 500")
    assert services.replay(actor=acting(), hook_id=hook.pk, now=moment().now) == 1
    assert sender.drain() == 1
    assert receiver.id() == str(taken.message_id)
    assert receiver.came[0][2] == taken.body


@pytest.mark.parametrize(("status", "days"), [(500, 6), (410, 0)])
def test_an_address_that_fails_for_long_or_is_gone_is_switched_off_and_its_operator_told(
    world, zoshyt, tmp_path, settings, sender, status, days
):
    with receiving(tmp_path, status, 200) as receiver:
        settings.EIS_HOOK_HOSTS = frozenset({receiver.host})
        settings.EIS_HOOK_AUTHORITIES = receiver.authorities
        mandated(world, zoshyt)
        hook = registered(zoshyt, receiver.url).hook
        feed_moves(world, "school1")
        HookQueue.objects.update(
            failing_since=moment().now - datetime.timedelta(days=days) if days else None
        )
        assert sender.drain() == 1
        hook.refresh_from_db()
        assert hook.disabled_at is not None
        assert str(status) in hook.disabled_why
        outbox.drain()
        notice = Notice.objects.get(code="eis.hook.disabled")
        assert notice.grant_id == acting().grant_id
        feed_moves(world, "school1")
        assert not HookPending.objects.exists()
        with pytest.raises(errors.HookIsOff):
            services.replay(actor=acting(), hook_id=hook.pk, now=moment().now)
        services.enable(actor=acting(), hook_id=hook.pk, now=moment().now)
        assert services.replay(actor=acting(), hook_id=hook.pk, now=moment().now) == 1
        HookQueue.objects.update(is_slow=False)
        assert sender.drain() == 1
        assert HookMessage.objects.get().state == "SENT"


# ── strangers ────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "url",
    [
        "http://receiver.example/", "https://127.0.0.1/", "https://10.1.2.3/", "https://[::1]/",
        "https://169.254.169.254/latest/meta-data", "https://[::ffff:10.0.0.1]/",
        "https://localhost/", "https://db.internal/", "https://receiver.example:22/",
        "https://me:secret@receiver.example/", "https://receiver.example/#x", "https://",
        "file:///etc/passwd", "https://приймач.укр/", "https://[::", "https://a b/", "https://x:y/",
        "https://receiver.example/" + "x" * 500, "https://0x7f000001/", "https://2130706433/",
    ],
)  # fmt: skip
def test_an_address_that_may_not_be_asked_is_refused(world, zoshyt, url):
    with pytest.raises(Invalid) as refused:
        registered(zoshyt, url)
    assert refused.value.problems[0].field == "url"
    assert not Hook.objects.exists()


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "fd00::1"])
def test_a_name_that_resolves_into_our_network_is_never_connected_to(
    world, zoshyt, monkeypatch, sender, address
):
    mandated(world, zoshyt)
    registered(zoshyt, "https://receiver.example/hook")
    feed_moves(world, "school1")
    connected: list[object] = []
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    real = socket.getaddrinfo

    def resolve(host, *args, **kwargs):
        if host == "receiver.example":
            return [(family, socket.SOCK_STREAM, 6, "", (address, 443))]
        return real(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", lambda *a, **k: connected.append(a))
    assert sender.drain() == 1
    assert connected == []
    message = HookMessage.objects.get()
    assert (message.state, message.status) == ("OPEN", 0)
    assert "загальнодоступна" in message.trouble


def test_slow_strangers_hold_nobody_up(world, zoshyt, tmp_path, settings):
    """More of them than there are places, all silent: the one that answers is told meanwhile."""
    (tmp_path / "slow").mkdir()
    (tmp_path / "good").mkdir()
    sender = Sender(places=2)
    with receiving(tmp_path / "slow") as slow, receiving(tmp_path / "good") as good:
        both = tmp_path / "both.pem"
        texts = [Path(one.authorities).read_text() for one in (slow, good)]
        both.write_text("".join(texts))
        settings.EIS_HOOK_HOSTS = frozenset({slow.host, good.host})
        settings.EIS_HOOK_AUTHORITIES = str(both)
        slow.released.clear()
        mandated(world, zoshyt)
        held = [registered(zoshyt, f"{slow.url}/{n}").hook for n in range(4)]
        HookQueue.objects.filter(hook__in=held).update(is_slow=True)  # as they were last time
        quick = registered(zoshyt, good.url).hook
        feed_moves(world, "school1")
        assert sender.turn() == 3  # two places for the silent, and one for the good
        assert good.arrived.acquire(timeout=LONG)
        taken = HookMessage.objects.filter(state="SENT", hook=quick)
        until(lambda: bool(sender.gather(1)) or taken.exists())
        assert taken.exists()
        assert not slow.released.is_set()
        feed_moves(world, "school1")
        assert sender.turn() == 1  # the good one again; no place is left for the silent
        slow.released.set()
        sender.drain()
        assert not HookMessage.objects.exclude(state="SENT").exists()
    sender.close()


# ── two at once, and death in the middle ─────────────────────────────────────
def test_two_processes_send_a_message_once(world, zoshyt, receiver):
    mandated(world, zoshyt)
    registered(zoshyt, receiver.url)
    for _ in range(3):
        receiver.came.clear()
        feed_moves(world, "school1")
        now = moment().now
        taken: list[queue.Taken] = []

        def one(now=now, taken=taken):
            taken.extend(queue.claim(now, limit=5, slow=False))

        together(one, one)
        assert len(taken) == 1
        for each in taken:
            queue.settle(each, sending.send(each), moment().now)
        assert len(receiver.came) == 1


def test_a_change_committed_while_the_one_before_is_taken_is_told_too(
    world, zoshyt, receiver, sender
):
    """The writer's note is held by its own transaction: it waits for the next turn, and is not lost."""
    mandated(world, zoshyt)
    registered(zoshyt, receiver.url)
    feed_moves(world, "school1")
    noted, go = threading.Event(), threading.Event()

    def writer() -> None:
        try:
            with transaction.atomic(), writes_allowed(), connection.cursor() as cursor:
                queue.put(cursor, {world.institutions["school1"].pk: {"pupils"}})
                noted.set()
                go.wait(60)
        finally:
            connection.close()

    thread = threading.Thread(target=writer)
    thread.start()
    assert noted.wait(60)
    assert sender.drain() == 0  # what it tells of is not committed yet
    go.set()
    thread.join()
    assert sender.drain() == 1
    assert HookPending.objects.count() == 0


KILLED = """
import os, signal, sys
import django
django.setup()
from django.conf import settings
from kernel.clock import moment
import kernel.clock
settings.EIS_HOOK_HOSTS, settings.EIS_HOOK_AUTHORITIES = frozenset({sys.argv[1]}), sys.argv[2]
import datetime
from integrations.eis.hooks import queue, sender
at = kernel.clock.Moment(datetime.datetime.fromisoformat(sys.argv[3]), datetime.date.fromisoformat(sys.argv[4]))
sender.moment = lambda: at
def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)
queue.settle = die
sender.Sender().drain()
"""


def test_a_process_killed_after_sending_leaves_the_message_to_another(
    world, zoshyt, receiver, sender
):
    mandated(world, zoshyt)
    hook = registered(zoshyt, receiver.url).hook
    feed_moves(world, "school1")
    now = moment()
    at = connection.settings_dict
    dead = subprocess.run(
        [sys.executable, "-c", KILLED, receiver.host, receiver.authorities, now.now.isoformat(), str(now.today)],
        env={**os.environ, "DATABASE_URL": f"postgresql://{at['USER']}@/{at['NAME']}?host={at['HOST']}"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert dead.returncode == -signal.SIGKILL, dead.stderr[-2000:]
    assert len(receiver.came) == 1
    assert HookMessage.objects.get().state == "OPEN"
    assert sender.drain() == 0  # it may live: its lease stands
    lost = HookQueue.objects.get(hook=hook)
    HookQueue.objects.update(leased_until=moment().now)
    assert sender.drain() == 1
    assert receiver.id(0) == receiver.id(1)
    message = HookMessage.objects.get()
    assert (message.state, message.attempts) == ("SENT", 1)
    late = queue.Taken(hook.pk, lost.lease, receiver.url, message.pk, b"", ())
    assert queue.settle(late, queue.Answer(500), moment().now) is None  # who lost it keeps nothing
    assert HookQueue.objects.get(hook=hook).failures == 0


def test_messages_past_their_time_are_dropped(world, zoshyt, receiver, sender):
    mandated(world, zoshyt)
    registered(zoshyt, receiver.url)
    feed_moves(world, "school1")
    sender.drain()
    assert queue.forget(moment().now) == 0
    assert queue.forget(moment().now + queue.KEPT + datetime.timedelta(days=1)) == 1


# ── whose they are ───────────────────────────────────────────────────────────
def test_an_operator_keeps_five_addresses_of_its_own_systems_alone(world, zoshyt):
    for number in range(services.MOST):
        hook = registered(zoshyt, f"https://receiver.example/{number}").hook
    with pytest.raises(errors.TooManyHooks):
        registered(zoshyt, "https://receiver.example/more")
    with pytest.raises(Invalid, match="зареєстровано") as refused:
        registered(zoshyt, "https://receiver.example/1")
    assert refused.value.problems[0].code == "taken"
    stranger = acting("solomiya")
    with pytest.raises(NotFound):
        services.register(
            actor=stranger, system_uid=zoshyt.uid, url="https://a.example/", moment=moment()
        )
    for act in (services.remove, services.enable, services.try_out, services.replay):
        with pytest.raises(NotFound):
            act(actor=stranger, hook_id=hook.pk, now=moment().now)
        with pytest.raises(NotAllowed):
            act(actor=world.actor("olena"), hook_id=hook.pk, now=moment().now)
    with pytest.raises(NotAllowed):
        services.disable(actor=acting(), hook_id=hook.pk, why="", now=moment().now)
    services.remove(actor=acting(), hook_id=hook.pk, now=moment().now)
    assert registered(zoshyt, "https://receiver.example/more")


# ── the API ──────────────────────────────────────────────────────────────────
def posted(client: Client, path: str, secret: str, body: object = None, key: str = ""):
    return client.post(
        f"/api/v1/{path}",
        json.dumps(body) if body is not None else "",
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": key or str(uuid.uuid4())},
    )


def test_a_key_registers_tries_rotates_replays_and_removes(world, zoshyt, receiver, sender, client):
    secret = grant(world, zoshyt).secret
    other = grant(world, zoshyt, "petro", "school2").secret
    auth = {"Authorization": f"Bearer {secret}"}
    first = posted(client, "webhooks", secret, {"url": receiver.url}, key="k")
    assert first.status_code == 201, first.content
    again = posted(client, "webhooks", secret, {"url": receiver.url}, key="k")
    assert (again.json(), again["Idempotency-Replayed"]) == (first.json(), "true")
    assert first.json()["secret"] not in str(
        list(Request.objects.values_list("outcome", flat=True))
    )
    bad = posted(client, "webhooks", secret, {"url": "http://x"})
    assert (bad.status_code, bad.json()["errors"][0]["pointer"]) == (422, "#/url")
    own = f"webhooks/{first.json()['id']}"
    assert client.get("/api/v1/webhooks", headers=auth).json()["items"][0]["url"] == receiver.url
    for path in ("", ":rotate", ":test", ":replay", ":enable"):
        body = {"overlap_hours": 1} if path == ":rotate" else None
        method = client.get if not path else client.post
        told = {"Authorization": f"Bearer {other}", "Idempotency-Key": "x"}
        refused = method(
            f"/api/v1/{own}{path}",
            **({"data": json.dumps(body), "content_type": "application/json"} if path else {}),
            headers=told,
        )
        assert refused.status_code == 404, path
    assert posted(client, f"{own}:test", secret).status_code == 200
    assert sender.drain() == 1
    assert receiver.said() == {**receiver.said(), "type": "test", "data": {"institutions": []}}
    rotated = posted(client, f"{own}:rotate", secret, {"overlap_hours": 1})
    assert posted(client, f"{own}:rotate", secret, {"overlap_hours": 3}).status_code == 422
    feed_moves(world, "school1")
    sender.drain()
    assert receiver.knows(rotated.json()["secret"])
    assert receiver.knows(first.json()["secret"])
    card = client.get(f"/api/v1/{own}", headers=auth).json()
    assert [one["state"] for one in card["messages"]] == ["SENT", "SENT"]
    assert posted(client, f"{own}:replay", secret).status_code == 200
    assert posted(client, f"{own}:enable", secret).status_code == 200
    assert client.delete(f"/api/v1/{own}", headers=auth).status_code == 204
    assert client.get(f"/api/v1/{own}", headers=auth).status_code == 404
    feed_moves(world, "school1")
    assert sender.drain() == 0


# ── the cabinet ──────────────────────────────────────────────────────────────
def test_the_cabinet_registers_an_address_shows_its_secret_once_and_says_how_it_goes(
    world, zoshyt, receiver, sender, client
):
    sign_in(client, Grant.objects.select_related("user", "unit").get(pk=opened().pk))
    page = f"/operator/{zoshyt.uid}/hooks/"
    assert "Адрес ще немає" in client.get(page).content.decode()
    wrong = client.post(page, {"form_id": str(uuid.uuid4()), "url": "http://x.example"})
    assert wrong.status_code == 422
    assert "https://" in wrong.content.decode()
    form = {"form_id": str(uuid.uuid4()), "url": receiver.url}
    made = client.post(page, form)
    assert made.status_code == 201
    assert "whsec_" in made.content.decode()
    assert made["Cache-Control"] == "no-store"
    twice = client.post(page, form)
    assert twice.status_code == 422
    assert "whsec_" not in twice.content.decode()
    hook = Hook.objects.get()
    own = f"/operator/hooks/{hook.pk}/"
    assert client.post(own, {"do": "try"}).status_code == 303
    assert sender.drain() == 1
    shown = client.get(own).content.decode()
    assert "Прийнято" in shown
    assert "Пробне" in shown
    new = client.post(f"{own}secret/", {"form_id": str(uuid.uuid4()), "overlap": "24"})
    assert "whsec_" in new.content.decode()
    assert "попередній секрет діє до" in client.get(own).content.decode()
    services.disable(actor=SYSTEM, hook_id=hook.pk, why="Відповідь 500", now=moment().now)
    off = client.get(own).content.decode()
    assert "Увімкнути сповіщення" in off
    assert "Надіслати пробне" not in off
    assert client.post(own, {"do": "replay"}).status_code == 409
    assert client.post(own, {"do": "enable"}).status_code == 303
    assert client.post(own, {"do": "anything"}).status_code == 404
    gone = client.post(own, {"do": "remove"})
    assert gone["Location"] == page
    assert client.get(own).status_code == 404


def test_a_receiver_is_a_real_one(receiver: Receiver):
    """The check of signatures above knows a wrong one."""
    receiver.came.append(
        ("/", {"webhook-id": "1", "webhook-timestamp": "1", "webhook-signature": "v1,x"}, b"")
    )
    assert not receiver.knows("whsec_AAAA")
