"""A class as it is to be: its fields, what is wrong with them, and whose it will be."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Container, Iterable
from typing import Any

from accounts.actors import Actor
from kernel.errors import Problem
from registry.classes.models import ClassGroup
from registry.classifiers.selectors import classifiers
from registry.fields import labels
from registry.institutions import policies
from registry.institutions.errors import InstitutionNotWorking
from registry.institutions.models.institutions import Institution
from registry.institutions.services.institutions import CLOSED_STATES
from registry.staff.models import StaffMember


@dataclasses.dataclass(frozen=True)
class ClassSpec:
    """A class to open. `teacher` is the id of a staff member of the same institution."""

    grade: int
    letter: str = ""
    form: str = "FULL_TIME"
    type: str = "GENERAL"
    language: str = "uk"
    shift: int = 1
    profile: str = ""
    capacity: int | None = None
    teacher: uuid.UUID | None = None

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


def teachers_of(home: Institution, wanted: Iterable[uuid.UUID | None]) -> set[uuid.UUID]:
    """Those of these who work at the institution: whoever is not among them reads as absent."""
    asked = {one for one in wanted if one is not None}
    working = StaffMember.objects.filter(pk__in=asked, institution=home, is_active=True)
    return set(working.values_list("pk", flat=True)) if asked else set()


def field_problems(spec: ClassSpec, teachers: Container[uuid.UUID]) -> list[Problem]:
    """What is wrong with the fields; `teachers` are those of the institution."""
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
        if getattr(spec, field) not in classifiers.codes(classifier):
            problems.append(Problem(field, "unknown_code", f"Виберіть {name} з довідника"))
    if not 1 <= spec.shift <= 3:
        problems.append(Problem("shift", "range", "Зміна має бути від 1 до 3"))
    if spec.capacity is not None and not 1 <= spec.capacity <= 60:
        problems.append(Problem("capacity", "range", "Наповнюваність має бути від 1 до 60"))
    if len(spec.profile) > 200:
        problems.append(Problem("profile", "too_long", "Назва профілю має бути до 200 знаків"))
    if spec.teacher is not None and spec.teacher not in teachers:
        problems.append(
            Problem("teacher", "unknown_teacher", "Виберіть керівника класу серед працівників")
        )
    return problems
