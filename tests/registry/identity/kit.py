"""Duplicates of the small world: a second profile of a child, and people who decide about it."""

from __future__ import annotations

import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts import actors
from accounts.models import Grant, User
from accounts.roles import GrantState, Role
from kernel.clock import Moment
from kernel.db import command
from registry.enrolments import services as enrolments
from registry.enrolments.selectors import last_institution
from registry.identity import services
from registry.identity.models import PupilMerge
from registry.models import (
    ContactState,
    Guardian,
    Guardianship,
    ParentRequest,
    PossibleDuplicate,
    Pupil,
    PupilAddress,
    PupilCategory,
    PupilDocument,
    ResidenceScope,
)
from tests.kit.acts import noted
from tests.world import World

NOW = datetime.datetime(2026, 11, 29, 9, 0, tzinfo=datetime.UTC)
TODAY = NOW.date()
MOMENT = Moment(NOW, TODAY)
LAST_YEAR = datetime.date(2025, 9, 1)


@command
def profile(
    *,
    actor: Any,
    world: World,
    surname: str = "Іваненко",
    at: str = "school2",
    starts_on: datetime.date = LAST_YEAR,
    ends_on: datetime.date | None = datetime.date(2026, 6, 1),
    number: str = "900001",
    **facts: Any,
) -> Pupil:
    """A second profile of a child, with one row of everything, that learnt at a school."""
    pupil = Pupil.objects.create(
        surname=surname,
        given_name=facts.pop("given_name", "Іван"),
        sex="M",
        born_on=facts.pop("born_on", datetime.date(2016, 3, 1)),
        **facts,
    )
    PupilDocument.objects.create(
        pupil=pupil, type="BIRTH_UA", series="II-ТЕ", number=number, is_primary=True
    )
    PupilAddress.objects.create(pupil=pupil, kind="ACTUAL", line="вул. Садова, 5")
    mother = Guardian.objects.create(surname=surname, given_name="Марія", phone="+380000000000")
    Guardianship.objects.create(
        pupil=pupil, guardian=mother, relation="MOTHER", starts_on=LAST_YEAR
    )
    ResidenceScope.objects.create(pupil=pupil, unit=world.units["chernivtsi"], valid_from=LAST_YEAR)
    PupilCategory.objects.create(pupil=pupil, code="IDP", starts_on=LAST_YEAR)
    ContactState.objects.create(pupil=pupil, status="RESTORED", starts_on=LAST_YEAR)
    ParentRequest.objects.create(
        pupil=pupil, kind="QUESTION", field="phone", text="Який телефон?", state="ASKED",
        due_on=TODAY, asked_by=world.grants["petro"], created_at=NOW,
    )  # fmt: skip
    group = world.classes[f"{at}/5-А"]
    if starts_on is not None:
        enrolments.enrol(
            group.institution_id,
            [enrolments.Place(pupil.pk, group.pk, starts_on, ends_on=ends_on)],
            order=None,
        )
    noted()
    pupil.refresh_from_db()
    return pupil


def a_second(world: World, **facts: Any) -> Pupil:
    """`profile` by the system."""
    return profile(actor=actors.system("тест"), world=world, **facts)


@command
def _person(*, actor: Any, world: World, at: str, role: str, code: str, by: str) -> Grant:
    user = User.objects.create(
        surname="Друга", given_name="Особа", person_code=code, email=f"{code}@example.com"
    )
    noted()
    return Grant.objects.create(
        user=user,
        unit=world.units[at],
        role=role,
        state=GrantState.ACTIVE,
        given_by=world.grants[by],
        activated_at=timezone.now(),
    )


@command
def _renamed(*, actor: Any, pupil: Pupil, facts: dict[str, Any]) -> None:
    Pupil.objects.filter(pk=pupil.pk).update(**facts)
    noted()


def renamed(pupil: Pupil, **facts: Any) -> None:
    """What somebody corrected in a profile."""
    _renamed(actor=actors.system("тест"), pupil=pupil, facts=facts)


@command
def _again(*, actor: Any, world: World, pupil: Pupil, at: str) -> None:
    group = world.classes[f"{at}/5-А"]
    place = enrolments.Place(pupil.pk, group.pk, datetime.date(2026, 11, 1))
    enrolments.enrol(group.institution_id, [place], order=None)
    noted()


def again(world: World, pupil: Pupil, at: str = "school2") -> None:
    """The child of a profile begins to learn again."""
    _again(actor=actors.system("тест"), world=world, pupil=pupil, at=at)


def colleague(world: World, at: str = "chernivtsi") -> Grant:
    """A second person of the authority."""
    role = Role.OBLAST_ADMIN if at == "chernivetska" else Role.HROMADA_ADMIN
    by = "admin" if at == "chernivetska" else "iryna"
    return _person(
        actor=actors.system("тест"), world=world, at=at, role=role, code="7146714258", by=by
    )


def asked(world: World, retained: Pupil, merged: Pupil, who: str = "bohdan") -> PupilMerge:
    """A merge that somebody asked for."""
    return services.ask_merge(
        actor=world.actor(who),
        retained_id=retained.pk,
        merged_id=merged.pk,
        ground="свідоцтва про народження",
        moment=MOMENT,
    )


def merged(world: World, retained: Pupil, other: Pupil) -> PupilMerge:
    """A merge asked by Bohdan and confirmed by Iryna of the oblast."""
    return services.confirm_merge(
        actor=world.actor("iryna"), merge_id=asked(world, retained, other).pk, moment=MOMENT
    )


@command
def _doubt(*, actor: Any, one: Pupil, other: Pupil, points: int) -> PossibleDuplicate:
    first, second = sorted((one, other), key=lambda child: child.pk)
    places = [last_institution(child.pk) for child in (first, second)]
    noted()
    return PossibleDuplicate.objects.create(
        one=first,
        other=second,
        institution_id=places[0],
        other_institution_id=places[1],
        points=points,
        evidence=["surname_same", "given_same", "born_same"],
        found_at=NOW,
    )


def doubt(world: World, one: Pupil, other: Pupil) -> PossibleDuplicate:
    """A doubt the night left about two profiles."""
    return _doubt(actor=actors.system("тест"), one=one, other=other, points=19)


def undoing(world: World, merge: PupilMerge, who: str = "bohdan") -> PupilMerge:
    """Somebody asks to take a merge back."""
    return services.ask_unmerge(
        actor=world.actor(who), merge_id=merge.pk, ground="різні діти", moment=MOMENT
    )


def unmerged(world: World, merge: PupilMerge) -> PupilMerge:
    """The merge taken back: asked by Bohdan, decided by Iryna."""
    undoing(world, merge)
    return services.unmerge(actor=world.actor("iryna"), merge_id=merge.pk, moment=MOMENT)


# What says what people asked and decided, and what the night is to compare: no rows of the children.
OF_THE_ASKING = (
    *("registry_pupilmerge", "registry_possibleduplicate", "registry_tracedue"),
    *("registry_employeemerge", "registry_possiblecolleague", "registry_employeedue"),
)


PROFILES = ("registry_pupil", "registry_employee")


def everything() -> dict[str, list[str]]:
    """Every row of every table of the register as text but OF_THE_ASKING; `version` of profiles only
    grows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND relname ~ '^(registry|reports|journals|eis)_' AND relname <> ALL(%s) ORDER BY 1",
            [list(OF_THE_ASKING)],
        )
        tables = [row[0] for row in cursor.fetchall()]
        found = {}
        for table in tables:
            image = "to_jsonb(t)" + (" - 'version'" if table in PROFILES else "")
            cursor.execute(f"SELECT ({image})::text FROM {table} t ORDER BY 1")
            found[table] = [row[0] for row in cursor.fetchall()]
    return found
