"""The card of one child: now, what happened with who and why, papers, who looked."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Collection
from typing import Any

from django.db.models import F

import kernel.lookups  # noqa: F401 - registers `among`
from accounts.actors import Actor
from kernel import audit
from kernel.audit.events import Event
from kernel.audit.models import Look
from kernel.kept import Kept
from registry.cards.selectors import timeline
from registry.cards.selectors.timeline import latest
from registry.certificates import selectors as certificates
from registry.certificates.models import StudyCertificate
from registry.classifiers.selectors import classifiers
from registry.enrolments.models import ClassPlacement
from registry.identity import policies as identity
from registry.institutions.models.institutions import Institution
from registry.people import policies
from registry.people.models.contact import ContactState
from registry.people.models.guardians import Guardianship
from registry.people.models.pupils import (
    SENSITIVE,
    Pupil,
    PupilAddress,
    PupilCategory,
    PupilDocument,
)
from registry.people.models.voiding import Voidable
from registry.people.selectors.reach import by_name

MOST_LOOKS = 20


@dataclasses.dataclass(frozen=True)
class Card:
    """Everything of one child that its page shows."""

    pupil: Pupil
    institution: Institution | None
    class_label: str
    class_teacher: str
    age: int
    form: str
    place: ClassPlacement | None
    beside: list[ClassPlacement]
    documents: list[PupilDocument]
    addresses: list[Any]
    guardianships: list[Guardianship]
    categories: list[PupilCategory]
    contacts: list[ContactState]
    voided: list[Voidable]  # what of the above never was so, the latest first
    certificates: list[StudyCertificate]
    steps: list[timeline.Step]
    happened: list[timeline.Noted]
    looks: list[Look]
    may_edit: bool
    sees_needs: bool
    may_merge: bool


def card(
    actor: Actor,
    pupil_id: Any,
    *,
    today: datetime.date,
    kinds: Collection[type[Event]] = (),
) -> Card:
    """The card of one child, with events of these kinds; the look is noted.

    Raises:
        NotFound, NotAllowed: as `find`.
    """
    pupil, institution = by_name(actor, pupil_id)
    shown = whole(
        pupil,
        today=today,
        kinds=kinds,
        sees_needs=policies.see_needs.allows(actor, institution),
        may_edit=institution is not None and policies.keep.allows(actor, institution),
        may_merge=institution is not None and identity.merge.allows(actor, institution),
    )
    audit.looked_at(actor, "registry.pupil", [pupil.pk], "картка")
    return shown


def whole(
    pupil: Pupil,
    *,
    today: datetime.date,
    kinds: Collection[type[Event]] = (),
    sees_needs: bool,
    may_edit: bool = False,
    may_merge: bool = False,
) -> Card:
    """The card of a child in hand, for whoever was let see it."""
    ids = ids_of(pupil)
    places = _PLACES.rows(ids)
    now = next(
        (
            place
            for place in reversed(places)
            if place.enrolment.kind == "MAIN" and place.lasts(today)
        ),
        None,
    )
    post = now.class_group.teacher if now else None
    teacher = post.employee if post else None
    told: dict[str, list[Any]] = {
        "addresses": _ADDRESSES.rows(pupil.pk),
        "guardianships": _GUARDIANSHIPS.rows(pupil.pk),
        "categories": [
            row for row in _CATEGORIES.rows(pupil.pk) if sees_needs or row.code not in SENSITIVE
        ],
        "contacts": _CONTACTS.rows(pupil.pk),
    }
    stands = {name: [row for row in rows if row.voided_at is None] for name, rows in told.items()}
    voided = [row for rows in told.values() for row in rows if row.voided_at is not None]
    return Card(
        pupil=pupil,
        institution=pupil.institution,
        class_label=now.class_group.label if now else "",
        class_teacher=(
            f"{teacher.surname} {teacher.given_name[:1]}. {teacher.patronymic[:1]}."
            if teacher
            else ""
        ),
        age=today.year
        - pupil.born_on.year
        - ((today.month, today.day) < (pupil.born_on.month, pupil.born_on.day)),
        form=classifiers.label("education_form", pupil.form) if pupil.form else "",
        place=now,
        beside=[
            place
            for place in places
            if place.enrolment.kind != "MAIN" and place.is_last and place.lasts(today)
        ],
        documents=_DOCUMENTS.rows(pupil.pk),
        **stands,
        voided=sorted(voided, key=lambda row: str(row.voided_at), reverse=True),
        certificates=certificates.of_pupil(ids),
        steps=timeline.steps_of(ids, places),
        happened=timeline.of_pupil(ids, kinds),
        looks=latest(ids, _LOOKS, MOST_LOOKS),
        sees_needs=sees_needs,
        may_edit=may_edit,
        may_merge=may_merge,
    )


_DOCUMENTS = Kept[PupilDocument](
    lambda pk: PupilDocument.objects.filter(pupil_id=pk).order_by("-is_primary", "-id")
)
_ADDRESSES = Kept[PupilAddress](
    lambda pk: (
        PupilAddress.ever.filter(pupil_id=pk).select_related("voided_by__user").order_by("kind")
    )
)
_GUARDIANSHIPS = Kept[Guardianship](
    lambda pk: (
        Guardianship.ever.filter(pupil_id=pk)
        .select_related("guardian", "confirmed_by__user", "voided_by__user")
        .order_by(F("ends_on").desc(nulls_first=True), "id")
    )
)
_CATEGORIES = Kept[PupilCategory](
    lambda pk: (
        PupilCategory.ever.filter(pupil_id=pk)
        .select_related("voided_by__user")
        .order_by(F("ends_on").desc(nulls_first=True), "-starts_on", "id")
    )
)
_CONTACTS = Kept[ContactState](
    lambda pk: (
        ContactState.ever.filter(pupil_id=pk)
        .select_related("voided_by__user")
        .order_by("-starts_on")
    )
)
_LOOKS = Kept[Look](
    lambda pk: (
        Look.objects.filter(subject_type="registry.pupil", subject_id=pk)
        .only("id", "at", "actor_label", "what")
        .order_by("-id")[:MOST_LOOKS]
    )
)
_MERGED = Kept[uuid.UUID](
    lambda pk: Pupil.objects.filter(merged_into_id=pk).values_list("pk", flat=True)
)
# Every place in a class, voided ones too, the latest first.
_PLACES = Kept[ClassPlacement](
    lambda ids: (
        ClassPlacement.objects.filter(enrolment__pupil_id__among=ids)
        .select_related(
            "class_group__teacher__employee",
            "opened_by",
            "enrolment__institution",
            "enrolment__opened_by",
            "enrolment__closed_by",
        )
        .order_by("-enrolment__starts_on", "-starts_on", "-id")
    )
)


def ids_of(pupil: Pupil) -> list[uuid.UUID]:
    """The child's ids: of the profile and of those merged into it."""
    return [pupil.pk, *_MERGED.rows(pupil.pk)]
