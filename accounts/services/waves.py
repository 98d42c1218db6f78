"""Waves of activation: planned by the technical administrator, reminded of in portions (S4, F090)."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence

from accounts import policies
from accounts.actors import Actor
from accounts.errors import WaveTaken, WrongState
from accounts.events import WavePlanned, WaveReminded, WaveWithdrawn
from accounts.models import Invitation, OrgUnit, Wave, WaveUnit
from accounts.selectors import waves
from accounts.services.invitations import LIFETIME
from kernel import audit
from kernel.db import command, part_of_command, violation
from kernel.errors import Invalid, NotFound, Problem, StaleVersion
from kernel.text import clean

LONGEST = 120
# A letter is not sent again to whoever got one within a day.
QUIET = datetime.timedelta(hours=24)


@command
def plan_wave(
    *,
    actor: Actor,
    name: str,
    opens_on: datetime.date,
    closes_on: datetime.date,
    units: Sequence[uuid.UUID | str],
    wave: uuid.UUID | str | None = None,
    version: int | None = None,
) -> Wave:
    """Plan a wave, or change one (`wave`, with the `version` that was read): its days and regions.

    Letters of invitation of its regions wait for the first day; whoever is active already stays so.

    Raises:
        NotAllowed: anyone but the technical administrator.
        NotFound: no such wave, or no such authority.
        StaleVersion: somebody changed the wave after the actor read it.
        Invalid: name, days or regions; every problem at once.
        WaveTaken: a region comes with another wave, or the name is another's.
    """
    policies.plan_waves.require(actor)
    name = clean(name)
    if problems := _problems(name, opens_on, closes_on, units):
        raise Invalid(problems)
    rows = list(OrgUnit.objects.filter(uid__in=[str(one) for one in units], kind__in=waves.REGIONS))
    if len(rows) != len({str(one) for one in units}):
        raise NotFound("Такого органу управління немає", field="units")
    held = _held(wave, version) if wave is not None else Wave()
    taken = WaveUnit.objects.filter(unit__in=rows).exclude(wave=held.pk).select_related("wave", "unit")  # fmt: skip
    if (other := taken.first()) is not None:
        raise WaveTaken(
            f"«{other.unit.name}» вже входить до хвилі «{other.wave.name}».", field="units"
        )
    held.name, held.opens_on, held.closes_on = name, opens_on, closes_on
    held.version += wave is not None
    with violation("accounts_wave_name_key", _named), violation("accounts_waveunit_unit_id_key", WaveTaken):  # fmt: skip
        held.save()
        held.regions.exclude(unit__in=rows).delete()
        there = set(held.regions.values_list("unit_id", flat=True))
        WaveUnit.objects.bulk_create(
            WaveUnit(wave=held, unit=one) for one in rows if one.pk not in there
        )
    held.refresh_from_db()
    audit.record(
        WavePlanned(
            subject=held.pk,
            name=held.name,
            opens_on=held.opens_on,
            closes_on=held.closes_on,
            units=len(rows),
        )
    )
    return held


@part_of_command
def _held(wave: uuid.UUID | str, version: int | None) -> Wave:
    try:
        held = Wave.objects.select_for_update(no_key=True).get(pk=uuid.UUID(str(wave)))
    except (Wave.DoesNotExist, ValueError):
        raise NotFound from None
    if version is not None and held.version != version:
        raise StaleVersion
    return held


def _named() -> WaveTaken:
    return WaveTaken("Хвиля з такою назвою вже є.", field="name")


def _problems(
    name: str,
    opens_on: datetime.date,
    closes_on: datetime.date,
    units: Sequence[uuid.UUID | str],
) -> list[Problem]:
    found = []
    if not name:
        found.append(Problem("name", "required", "Назвіть хвилю."))
    elif len(name) > LONGEST:
        found.append(Problem("name", "too_long", f"Назва — до {LONGEST} знаків."))
    if closes_on < opens_on:
        found.append(Problem("closes_on", "before", "Останній день раніший за перший."))
    if not units:
        found.append(Problem("units", "required", "Виберіть хоча б одну територію."))
    return found


@command
def withdraw_wave(*, actor: Actor, wave: uuid.UUID | str, version: int) -> None:
    """Take a wave back: its regions wait for no day any more.

    Raises:
        NotAllowed: anyone but the technical administrator.
        NotFound, StaleVersion.
    """
    policies.plan_waves.require(actor)
    held = _held(wave, version)
    held.regions.all().delete()
    audit.record(WaveWithdrawn(subject=held.pk, name=held.name))
    Wave.objects.filter(pk=held.pk).delete()


@command
def remind_wave(*, actor: Actor, wave: uuid.UUID | str, now: datetime.datetime) -> int:
    """Send the letters again to whoever of a wave was invited and has not come: the same link, good
    for seven days more. They go in portions, as all letters of invitation; who got one within a day
    is left alone, so pressing twice sends nothing twice. Returns how many go.

    Raises:
        NotAllowed: anyone but the technical administrator.
        NotFound: no such wave.
        WrongState: it is not open yet.
    """
    policies.plan_waves.require(actor)
    held = _held(wave, None)
    if held.opens_on > audit.today():
        raise WrongState(f"Хвиля відкриється {held.opens_on:%d.%m.%Y}: нагадувати ще зарано.")
    late = Invitation.objects.filter(
        grant__in=waves.waiting(held),
        used_at=None,
        withdrawn_at=None,
        sent_at__lt=now - QUIET,
    )
    sent = Invitation.objects.filter(pk__in=list(late.values_list("pk", flat=True))).update(
        sent_at=None, expires_at=now + LIFETIME
    )
    held.reminded_at = now
    held.save(update_fields=["reminded_at"])
    audit.record(WaveReminded(subject=held.pk, letters=sent))
    return sent
