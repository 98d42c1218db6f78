"""The life of each system that public documents name, by the published client against a real server."""

from __future__ import annotations

import pytest
from aikom_eis import Aikom, Conflict, Copy, KeyRefused, NotGranted
from pytest_django.live_server_helper import LiveServer

from accounts import actors
from integrations.eis.errors import SystemNotConnected
from integrations.eis.models import EisSystem, LedgerEntry
from integrations.eis.road.services import contracts
from integrations.eis.services import keys, mandates, systems
from integrations.eis.states import Paper
from kernel.clock import moment
from kernel.errors import Invalid
from registry.models import Pupil
from tests.eis.kit import grant, issued, mandated
from tests.eis.operators import attested, filed, of, opened, with_contract
from tests.eis.test_feed import settle, write
from tests.kit.waiting import LONG
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
READS = ["institution", "classes", "pupils", "staff"]
WRITES = "classes.write"
WAITING = {"НІТ", "Smart School"}  # for their attestation
READERS = {"КУРС: Школа", "Мрія"}  # whose documents tell of no writing
NAMES = (
    "Eddy",
    "Єдина школа",
    "Human школа",
    "Моя школа",
    "Нові знання",
    "Smart школа",
    "Всеосвіта",
    "НІТ",
    "Smart School",
    "КУРС: Школа",
    "Мрія",
)


@pytest.fixture
def open_api(live_server: LiveServer) -> type[Aikom]:
    """The client at the server of this test; it never waits to try again."""

    class Here(Aikom):
        def __init__(self, key: str):
            super().__init__(live_server.url, key, timeout=LONG, sleep=lambda seconds: None)

    return Here


def connect(world: World, name: str) -> EisSystem:
    """The system, brought to where heads may open data to it, with what it declares to write."""
    systems.register_known(actor=actors.system("тест"))
    system = EisSystem.objects.get(name=name)
    if name in WAITING:
        with pytest.raises(SystemNotConnected):
            mandated(world, system)
        opened()
        systems.name_operator(**of(system, world), code="59900138", name=f"ТОВ «{name}»")
        with_contract(world)
        attested(world, system)
        filed(system, Paper.JOIN)
        contracts.conclude(**of(system, world))
        contracts.publish(**of(system, world))
    if name not in READERS:
        systems.declare_writes(
            actor=world.actor("admin"), system_uid=system.uid, seen=system.writes, writes=[WRITES]
        )
    system.refresh_from_db()
    return system


@pytest.mark.parametrize("name", NAMES)
def test_a_system_lives_its_life(world, open_api, name):
    system = connect(world, name)
    may_write = name not in READERS
    if not may_write:
        with pytest.raises(Invalid, match="не заявляла"):
            mandated(world, system, datasets=[*READS, WRITES])
    datasets = [*READS, WRITES] if may_write else READS
    mandate = mandated(world, system, datasets=datasets)
    issue = issued(world, mandate)

    with open_api(issue.secret) as api:
        # the first full read
        copy = Copy(api, consumer="life")
        copy.read()
        assert {one["surname"] for one in copy.rows["pupils"].values()} == {"Іваненко", "Ґудзь"}

        # what the school changes comes by the feed
        ivan = world.pupils["ivan"]
        write(
            actor=actors.system("тест"),
            make=lambda: Pupil.objects.filter(pk=ivan.pk).update(surname="Оновлений"),
        )
        settle()
        told = [one for one in copy.follow() if one["resource"] == "pupils"]
        assert [(one["op"], one["row"]["surname"]) for one in told] == [("update", "Оновлений")]

        # what the system writes stands, comes back by the feed, and a stale version changes nothing
        five = next(api.classes(fields=["id", "label", "shift", "version"]))
        if may_write:
            assert api.change(f"classes/{five['id']}", five["version"], {"shift": 2})["shift"] == 2
            with pytest.raises(Conflict):
                api.change(f"classes/{five['id']}", five["version"], {"shift": 3})
            settle()
            list(copy.follow())
            assert copy.rows["classes"][five["id"]]["shift"] == 2
        else:
            with pytest.raises(NotGranted):
                api.change(f"classes/{five['id']}", five["version"], {"shift": 2})

        # the copy is what a full read gives
        fresh = Copy(api)
        fresh.read()
        assert copy.rows == fresh.rows

        # suspended, restored: the same key
        _suspended(world, system)
        with pytest.raises(NotGranted) as refused:
            api.institution()
        assert refused.value.code == "system_not_connected"
        systems.restore_system(
            actor=world.actor("admin"),
            system_uid=system.uid,
            explanation="Усунено",
            on=moment().today,
        )
        assert api.institution()["short_name"] == "Чернівецький ліцей № 1"

        # another key takes the place of the first; access taken back ends both
        another = issued(world, mandate)
        with pytest.raises(KeyRefused):
            api.institution()
    with open_api(another.secret) as api:
        assert api.institution()
        mandates.end(
            actor=world.actor("olena"),
            mandate_id=mandate.pk,
            reason="Обрано іншу",
            now=moment().now,
        )
        with pytest.raises(KeyRefused):
            list(copy_of(api).follow())
    calls = LedgerEntry.objects.filter(system_id=system.pk)
    assert calls.filter(status=200, dataset="pupils").exists()
    assert calls.filter(method="PATCH").exists()


def copy_of(api: Aikom) -> Copy:
    """A copy that was never read."""
    return Copy(api)


def _suspended(world: World, system: EisSystem) -> None:
    """On the ground that the system's kind has: «Мрія» is confirmed by the portal's administrator."""
    mriya = system.is_mriya
    systems.suspend_system(
        actor=world.actor("admin"),
        system_uid=system.uid,
        ground="28.7" if mriya else "28.5",
        explanation="Перевірка",
        document="лист технічного адміністратора порталу «Дія» від 02.11.2026 № 7" if mriya else "",
        on=moment().today,
    )


def test_a_school_moves_from_one_system_to_another_and_the_first_sees_no_more(world, open_api):
    one, two = connect(world, "Eddy"), EisSystem.objects.get(name="Human школа")
    first = grant(world, one, datasets=READS)
    second = grant(world, two, datasets=READS)
    with open_api(first.secret) as before, open_api(second.secret) as after:
        left, taken = Copy(before), Copy(after)
        left.read()
        taken.read()
        assert left.rows == taken.rows
        keys.revoke_key(
            actor=world.actor("olena"),
            key_id=first.key.pk,
            reason="Перейшли до іншої",
            now=moment().now,
        )
        with pytest.raises(KeyRefused):
            list(left.follow())
        list(taken.follow())
