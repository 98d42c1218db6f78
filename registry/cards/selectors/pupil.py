"""The card of one child: now, what happened with who and why, papers, who looked."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import F

from accounts.actors import Actor
from kernel import audit
from kernel.audit.events import Event
from kernel.audit.models import Look
from registry.cards.selectors import timeline
from registry.classifiers.selectors import classifiers
from registry.enrolments.models import ClassPlacement
from registry.identity import policies as identity
from registry.institutions.models.institutions import Institution
from registry.people import policies
from registry.people.models.guardians import Guardianship
from registry.people.models.pupils import Pupil, PupilCategory, PupilDocument
from registry.people.selectors.reach import by_name


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
    documents: list[PupilDocument]
    addresses: list[Any]
    guardianships: list[Guardianship]
    categories: list[PupilCategory]
    steps: list[timeline.Step]
    happened: list[timeline.Noted]
    looks: list[Look]
    may_edit: bool
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
    ids = _with_merged(pupil)
    places = _places(ids)
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
    shown = Card(
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
        documents=list(pupil.documents.order_by("-is_primary", "-id")),
        addresses=list(pupil.addresses.order_by("kind")),
        guardianships=list(
            pupil.guardianships.select_related("guardian").order_by(
                F("ends_on").desc(nulls_first=True), "id"
            )
        ),
        categories=list(pupil.categories.order_by("ends_on", "starts_on")),
        steps=timeline.steps_of(ids, places),
        happened=timeline.of_pupil(ids, kinds),
        looks=list(
            Look.objects.filter(
                subject_type="registry.pupil", subject_id__in=list(map(str, ids))
            ).order_by("-id")[:20]
        ),
        may_edit=institution is not None and policies.keep.allows(actor, institution),
        may_merge=institution is not None and identity.merge.allows(actor, institution),
    )
    audit.looked_at(actor, "registry.pupil", [pupil.pk], "картка")
    return shown


def _with_merged(pupil: Pupil) -> list[uuid.UUID]:
    """The child's ids: of the profile and of those merged into it."""
    return [pupil.pk, *Pupil.objects.filter(merged_into=pupil).values_list("pk", flat=True)]


def _places(ids: Sequence[uuid.UUID]) -> list[ClassPlacement]:
    """Every place in a class the child ever had, voided ones too, the latest first."""
    return list(
        ClassPlacement.objects.filter(enrolment__pupil__in=ids)
        .select_related(
            "class_group__teacher__employee",
            "opened_by",
            "enrolment__institution",
            "enrolment__opened_by",
            "enrolment__closed_by",
        )
        .order_by("-enrolment__starts_on", "-starts_on", "-id")
    )
