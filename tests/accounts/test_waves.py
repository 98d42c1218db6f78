"""Waves of activation: letters and the door wait for a region's day; the plan says how far each is."""

from __future__ import annotations

import datetime

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts import actors
from accounts.errors import NotYourUsers, WaveTaken, WrongState
from accounts.models import Grant, Invitation, Wave
from accounts.ports import Identified
from accounts.selectors import waves as reads
from accounts.services import entering, grants, invitations, waves
from accounts.services.people import Person
from kernel import clock
from kernel.errors import Invalid, StaleVersion
from tests.world import World, sign_in

SYSTEM = actors.system("листи")


def day(shift: int) -> datetime.date:
    return clock.today() + datetime.timedelta(days=shift)


def plan(
    world: World, *units: str, opens: int = 1, closes: int = 8, who="admin", **changes
) -> Wave:
    return waves.plan_wave(
        **{
            "actor": world.actor(who),
            "name": f"Хвиля {'+'.join(units)}",
            "opens_on": day(opens),
            "closes_on": day(closes),
            "units": [world.units[one].uid for one in units],
            **changes,
        }
    )


def invited(world: World) -> Grant:
    """A head of the branch, whom the head of the hub invites."""
    person = Person("Філійний", "Остап", "Петрович", "7146714030", "filia@example.com")
    return grants.create_head(
        actor=world.actor("nina"), institution=world.units["branch"].uid, person=person
    )


def letters() -> int:
    for one in invitations.due(today=clock.today()):
        invitations.send(actor=SYSTEM, invitation_id=one, site="http://test")
    return len(mail.outbox)


def come(grant: Grant, now: datetime.datetime):
    who = Identified(
        person_code=grant.user.person_code, edrpou="99000206", full_name=grant.user.full_name
    )
    return entering._settle(actor=actors.of_person(grant.user), who=who, at=now)


def test_letters_and_the_door_wait_for_the_day_of_the_nearest_region(world: World, time_machine):
    plan(world, "chernivetska", opens=0)
    mine = plan(world, "hromada", opens=5)  # a hromada of its own day weighs more than its oblast
    grant = invited(world)
    first = grant.invitations.get()
    assert letters() == 0
    assert not invitations.send(actor=SYSTEM, invitation_id=first.pk, site="http://test")
    refusal = come(grant, timezone.now())
    assert refusal.code == "wave_not_open"
    assert f"{mine.opens_on:%d.%m.%Y}" in refusal.detail

    time_machine.move_to(timezone.now() + datetime.timedelta(days=8), tick=True)
    assert letters() == 1
    first.refresh_from_db()
    assert first.expires_at > timezone.now() + datetime.timedelta(days=6)  # counted from the letter
    assert come(grant, timezone.now()) is None
    grant.refresh_from_db()
    assert grant.state == "ACTIVE"


def test_the_administrator_plans_sees_and_reminds(world: World, client, time_machine):
    sign_in(client, world.grants["admin"])
    assert "Хвиль не заплановано" in client.get(reverse("waves")).content.decode()
    form = {
        "name": "Захід",
        "opens_on": f"{day(0):%d.%m.%Y}",
        "closes_on": f"{day(5):%d.%m.%Y}",
        "units": [str(world.units["chernivetska"].uid)],
        "codes": "59900012, 99000012",
    }
    wrong = client.post(reverse("wave_new"), form)
    assert wrong.status_code == 422
    assert "99000012" in wrong.content.decode()
    assert client.post(reverse("wave_new"), form | {"codes": ""}).status_code == 303
    grant = invited(world)
    assert letters() == 1
    page = client.get(reverse("waves")).content.decode()
    assert "Захід" in page
    assert ",00" not in page  # people are counted in whole numbers
    (shown,) = reads.progress(world.actor("admin"))
    # Olena, Petro, Nina, Dana, Bohdan, Hanna, Iryna have come; the branch has a head invited.
    assert (shown.institutions, shown.headless, shown.invited, shown.active) == (4, 0, 1, 7)
    url = reverse("wave_remind", args=[shown.wave.pk])
    client.post(url)
    assert letters() == 1  # within a day of the letter nobody is reminded
    time_machine.move_to(timezone.now() + datetime.timedelta(days=2), tick=True)
    sign_in(client, world.grants["admin"])
    client.post(url)
    client.post(url)
    assert letters() == 2
    assert Invitation.objects.filter(grant=grant).count() == 1  # the same link, good for longer
    edit = reverse("wave_edit", args=[shown.wave.pk])
    assert "Захід" in client.get(edit).content.decode()
    gone = client.post(reverse("wave_withdraw", args=[shown.wave.pk]), {"version": "1"})
    assert gone.status_code == 303
    assert not Wave.objects.exists()


def test_what_a_plan_refuses(world: World):
    first = plan(world, "chernivetska")
    with pytest.raises(NotYourUsers):
        plan(world, "lvivska", who="iryna")
    with pytest.raises(WaveTaken, match="вже входить"):
        plan(world, "chernivetska", name="Друга")
    with pytest.raises(WaveTaken, match="назвою"):
        plan(world, "lvivska", name=first.name)
    with pytest.raises(Invalid) as no:
        plan(world, name=" ", opens=5, closes=1)
    assert {one.field for one in no.value.problems} == {"name", "closes_on", "units"}
    with pytest.raises(StaleVersion):
        plan(world, "chernivetska", wave=first.pk, version=7)
    with pytest.raises(WrongState, match="ще зарано"):
        waves.remind_wave(actor=world.actor("admin"), wave=first.pk, now=timezone.now())
    moved = plan(world, "lvivska", wave=first.pk, version=1, name="Інша")
    assert [one.unit_id for one in moved.regions.all()] == [world.units["lvivska"].pk]
