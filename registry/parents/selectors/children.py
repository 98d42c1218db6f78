"""Whose children somebody sees: those for whom a school confirmed that this very person represents them.

The one door of the parents' window. A record that is only claimed gives nothing; the person is told by
the code of their certificate alone, so neither a changed surname loses a child nor a namesake finds
one; and what does not open reads like what does not exist.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from typing import Any

from django.db.models import Q, QuerySet

from accounts.actors import Actor
from accounts.models import User
from accounts.roles import PARENT
from kernel import audit, clock
from kernel.audit.models import Look
from kernel.errors import NotFound
from kernel.kept import key_of
from kernel.paging import Order, Page, keyset, ordered
from kernel.text import sort_key
from registry.cards.selectors import pupil as cards
from registry.enrolments.models import ClassPlacement
from registry.parents import ports
from registry.people.errors import ProfileMerged
from registry.people.models.guardians import Guardianship
from registry.people.models.pupils import Pupil

ADULT = 18  # a child represents themselves from that birthday on (Цивільний кодекс, ст. 34)
PAGE = 50
LOOK_ORDERS = {"at": Order(("id",), "look_by_subject")}


def ties(actor: Actor, today: datetime.date) -> QuerySet[Guardianship]:
    """Confirmed representations of the actor that last, of children under eighteen; of nobody but
    whoever stands in the parents' window."""
    code = actor.person_code if actor.role == PARENT else ""
    rows: QuerySet[Guardianship] = Guardianship.objects.select_related(
        "pupil__institution", "guardian"
    )
    if not code:
        return rows.none()
    return rows.filter(
        Q(guardian__rnokpp=code) | Q(guardian__rnokpp=None, guardian__passport=code),
        Q(ends_on=None) | Q(ends_on__gt=today),
        confirmed_code=code,
        starts_on__lte=today,
        pupil__merged_into=None,
        pupil__born_on__gt=clock.years_after(today, -ADULT),
    )


def tie(actor: Actor, pupil_id: Any, today: datetime.date) -> Guardianship:
    """The actor's own representation of one child.

    Raises:
        NotFound: no such child, or not the actor's: the two read the same.
        ProfileMerged: it was merged into another one that is the actor's.
    """
    key = key_of(Pupil, pupil_id)
    found = ties(actor, today).filter(pupil_id=key).order_by("pk").first()
    if found is not None:
        return found
    retained = Pupil.objects.filter(pk=key).values_list("merged_into_id", flat=True).first()
    if retained is not None and ties(actor, today).filter(pupil_id=retained).exists():
        raise ProfileMerged(retained)
    raise NotFound


@dataclasses.dataclass(frozen=True)
class Child:
    """A child in the list of one's own."""

    tie: Guardianship
    place: ClassPlacement | None

    @property
    def pupil(self) -> Pupil:
        """The child."""
        return self.tie.pupil


def mine(actor: Actor, today: datetime.date) -> list[Child]:
    """The actor's children, the eldest first; the look is noted."""
    found: dict[uuid.UUID, Guardianship] = {}
    for one in ties(actor, today).order_by("pupil__born_on", "pupil_id", "pk"):
        found.setdefault(one.pupil_id, one)
    places = (
        ClassPlacement.objects.filter(enrolment__pupil__in=list(found), enrolment__kind="MAIN")
        .select_related("enrolment", "class_group")
        .order_by("starts_on", "pk")
    )
    now = {place.enrolment.pupil_id: place for place in places if place.lasts(today)}
    audit.looked_at(actor, "registry.pupil", list(found), "вікно батьків: мої діти")
    return [Child(one, now.get(pk)) for pk, one in found.items()]


_NAMED = ("surname", "given_name", "patronymic")


@dataclasses.dataclass(frozen=True)
class OtherName:
    """The actor's certificate bears another name than the school wrote: which child's card to mend,
    what stands there, what the certificate says, and the fields that differ (`FIELDS`)."""

    pupil: Pupil
    written: str
    certified: str
    fields: tuple[str, ...]


def named_otherwise(actor: Actor, found: list[Child]) -> OtherName | None:
    """Whether the actor, known by the code alone, is written under another name: after a marriage, or
    by a mistake. It opens and closes nothing; the school is asked to mend it."""
    user = User.objects.filter(pk=actor.user_id or 0).first()
    if user is None:
        return None
    for one in found:
        person = one.tie.guardian
        differ = tuple(
            f"my_{name}"
            for name in _NAMED
            if getattr(user, name)
            and sort_key(getattr(user, name)) != sort_key(getattr(person, name))
        )
        if differ:
            return OtherName(one.pupil, person.full_name, user.full_name, differ)
    return None


def certified(actor: Actor, field: str) -> str:
    """What the actor's certificate says of a field about the actor; '' of any other."""
    name = field.removeprefix("my_")
    if field == name or name not in _NAMED:
        return ""
    said = User.objects.filter(pk=actor.user_id or 0).values_list(name, flat=True).first()
    return str(said or "")


@dataclasses.dataclass(frozen=True)
class Window:
    """Everything of one child that a parent is shown."""

    tie: Guardianship
    card: cards.Card
    systems: list[ports.Recipient]
    reports: list[ports.Recipient]


def child(actor: Actor, pupil_id: Any, today: datetime.date) -> Window:
    """One child whole: health too, for nobody is nearer to it. The look is noted.

    Raises:
        NotFound, ProfileMerged: as `tie`.
    """
    own = tie(actor, pupil_id, today)
    card = cards.whole(own.pupil, today=today, sees_needs=True)
    school = own.pupil.institution_id
    audit.looked_at(actor, "registry.pupil", [own.pupil_id], "вікно батьків: картка")
    return Window(
        own,
        card,
        list(ports.systems_of(school, today)) if school else [],
        list(ports.reports_of(school, today)) if school else [],
    )


def looks(
    actor: Actor,
    pupil_id: Any,
    *,
    today: datetime.date,
    order: str = "-at",
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
) -> tuple[Pupil, Page[Look]]:
    """Who looked at the data of a child, people and systems alike, the latest first.

    Raises:
        NotFound, ProfileMerged: as `tie`.
        BadCursor: the page mark was damaged.
    """
    pupil = tie(actor, pupil_id, today).pupil
    first, *merged = [str(pk) for pk in cards.ids_of(pupil)]
    of = {"subject_id__in": [first, *merged]} if merged else {"subject_id": first}
    rows = Look.objects.filter(subject_type="registry.pupil", **of)
    rows, fields = ordered(rows, LOOK_ORDERS, order, "-at")
    return pupil, keyset(rows, order=fields, size=size, after=after, before=before)
