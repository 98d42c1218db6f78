"""A class as it is to be: its fields, what is wrong with them, and whose it will be."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from accounts.actors import Actor
from kernel.db import violation
from kernel.errors import Invalid, Problem
from registry.classes.models import ClassGroup
from registry.classifiers.selectors import classifiers
from registry.fields import labels
from registry.institutions import policies
from registry.institutions.errors import InstitutionNotWorking
from registry.institutions.models.institutions import Institution
from registry.institutions.services.institutions import CLOSED_STATES
from registry.staff.models.posts import Post, lasting

_UNKNOWN_TEACHER = Problem(
    "teacher", "unknown_teacher", "Виберіть класного керівника серед працівників"
)


@dataclasses.dataclass(frozen=True)
class ClassSpec:
    """A class to open. `teacher` is the id of a post at the same institution."""

    grade: int
    letter: str = ""
    form: str = "FULL_TIME"
    type: str = "GENERAL"
    language: str = "uk"
    shift: int = 1
    profile: str = ""
    capacity: int | None = None
    teacher: uuid.UUID | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "letter", labels.letter(self.letter.strip()))

    @property
    def label(self) -> str:
        """«5-А»."""
        return labels.label(self.grade, self.letter)


def spec_of(group: ClassGroup) -> ClassSpec:
    return ClassSpec(
        group.grade,
        group.letter,
        group.form,
        group.type,
        group.language,
        group.shift,
        group.profile,
        group.capacity,
        group.teacher_id,
    )


def kept_home(actor: Actor, **which: Any) -> Institution:
    rows = Institution.objects.visible_to(actor).select_related("unit")
    home: Institution = rows.find(**which)
    policies.keep_classes.require(actor, home)
    if home.status in CLOSED_STATES:
        raise InstitutionNotWorking
    return home


def led_from_within() -> AbstractContextManager[None]:
    """A post that ended between the judging and the writing reads as one that was not there.

    Raises:
        Invalid: the class would be led by no post of its school and time.
    """
    return violation("teacher_of_the_institution", lambda: Invalid([_UNKNOWN_TEACHER]))


def leaders_of(
    home: Institution, wanted: Iterable[uuid.UUID | None], today: datetime.date
) -> dict[uuid.UUID, datetime.date]:
    """Those of these posts that last at the institution, each with its last day: whoever is not
    among them reads as absent."""
    asked = {one for one in wanted if one is not None}
    if not asked:
        return {}
    working = Post.objects.filter(lasting(today), pk__in=asked, institution=home)
    return {pk: end or datetime.date.max for pk, end in working.values_list("pk", "ends_on")}


def field_problems(
    spec: ClassSpec, leaders: Mapping[uuid.UUID, datetime.date], opened_on: datetime.date
) -> list[Problem]:
    """What is wrong with the fields; `leaders` are posts of the institution with their last days."""
    problems = []
    if not 0 <= spec.grade <= 13:
        problems.append(Problem("grade", "range", "Паралель має бути від 0 до 13"))
    if len(spec.letter) > 8:
        problems.append(Problem("letter", "too_long", "Літера класу має бути до 8 знаків"))
    for field, classifier, name in (
        ("form", "education_form", "форму здобуття освіти"),
        ("type", "class_type", "тип класу"),
        ("language", "language", "мову навчання"),
    ):
        if getattr(spec, field) not in classifiers.codes(classifier, opened_on):
            problems.append(Problem(field, "unknown_code", f"Виберіть {name} з довідника"))
    if not 1 <= spec.shift <= 3:
        problems.append(Problem("shift", "range", "Зміна має бути від 1 до 3"))
    if spec.capacity is not None and not 1 <= spec.capacity <= 60:
        problems.append(Problem("capacity", "range", "Наповнюваність має бути від 1 до 60"))
    if len(spec.profile) > 200:
        problems.append(Problem("profile", "too_long", "Назва профілю має бути до 200 знаків"))
    if spec.teacher is not None and leaders.get(spec.teacher, opened_on) <= opened_on:
        problems.append(_UNKNOWN_TEACHER)
    return problems
