"""What our side does when a task begins, and what it then expects: one function for each task."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable
from typing import Any

from django.db.models import F
from uuid_utils.compat import uuid7

from integrations.eis.models import Mandate, SchoolKey
from integrations.sandbox.models import Run, School
from integrations.sandbox.services.schools import another_key, people, school_year
from kernel.clock import Moment
from kernel.db import part_of_command
from registry.classifiers.selectors import classifiers
from registry.enrolments.services import Place, enrol
from registry.models import (
    ClassGroup,
    ClassPlacement,
    Enrolment,
    Institution,
    Post,
    Pupil,
    StudyGroup,
)

HUNDRED = 100
Set = tuple[dict[str, Any], dict[str, Any], str]  # given, expected, armed


def _classes(school: School, run: Run) -> list[ClassGroup]:
    """The classes that the school was made with, other ones first in each run."""
    rows = ClassGroup.objects.filter(
        institution=school.institution, closed_on=None, letter__in="АБВ"
    )
    found = list(rows.order_by("pk"))
    turn = run.pk % len(found)
    return found[turn:] + found[:turn]


def _pupils(school: School) -> list[Pupil]:
    return list(Pupil.objects.filter(institution=school.institution).order_by("pk"))


def _read(school: School, run: Run, moment: Moment) -> Set:
    here = school.institution_id
    counts = {
        "institution": Institution.objects.filter(pk=here).count(),
        "classes": ClassGroup.objects.filter(institution=here, closed_on=None).count(),
        "groups": StudyGroup.objects.filter(institution=here).count(),
        "staff": Post.objects.filter(institution=here, ends_on=None).count(),
        "load": 0,
        "pupils": Pupil.objects.filter(institution=here).count(),
    }
    return {}, {"counts": counts}, ""


def _unicode(school: School, run: Run, moment: Moment) -> Set:
    hard = ("ʼ", "Ґ", "ґ", "-", "Є", "Ї")
    found = [
        one
        for one in _pupils(school)
        if any(mark in f"{one.surname} {one.given_name}" for mark in hard)
    ][:12]
    names = {str(one.pk): f"{one.surname} {one.given_name} {one.patronymic}" for one in found}
    return {"pupils": list(names)}, {"names": names}, ""


@part_of_command
def _delta(school: School, run: Run, moment: Moment) -> Set:
    renamed, gone, *_ = _pupils(school)
    Pupil.objects.filter(pk=renamed.pk).update(
        surname=f"Перейменована-{run.pk}", version=F("version") + 1
    )
    Enrolment.objects.filter(pupil=gone, ends_on=None).update(ends_on=moment.today)
    place = _classes(school, run)[0]
    new = Pupil.objects.create(
        id=uuid7(),
        surname=f"Новенька-{run.pk}",
        given_name="Ґалина",
        patronymic=people()["patronymics"]["F"],
        sex="F",
        born_on=datetime.date(place.opened_on.year - 6 - place.grade, 3, 3),
    )
    enrol(school.institution_id, [Place(new.pk, place.pk, place.opened_on)], order=None)
    changed = sorted(map(str, (renamed.pk, new.pk)))
    return {}, {"changed": changed, "gone": [str(gone.pk)]}, ""


@part_of_command
def _moves(school: School, run: Run, moment: Moment) -> Set:
    one, two, three, *_ = _classes(school, run)
    moved = {}
    for source, target in ((one, two), (two, three)):
        placement = (
            ClassPlacement.objects.filter(
                class_group=source, ends_on=None, enrolment__ends_on=None,
                starts_on__lt=moment.today,
            )
            .select_related("enrolment")
            .order_by("-pk")[0]
        )  # fmt: skip
        placement.ends_on = moment.today
        placement.save(update_fields=["ends_on"])
        ClassPlacement.objects.create(
            enrolment=placement.enrolment,
            class_group=target,
            starts_on=moment.today,
            origin="MIGRATED",
        )
        moved[str(placement.enrolment.pupil_id)] = str(target.uid)
    return {"pupils": list(moved)}, {"classes": moved}, ""


def _limit(school: School, run: Run, moment: Moment) -> Set:
    return {"path": "classes"}, {"seconds": 2}, "limit"


def _foreign(school: School, run: Run, moment: Moment) -> Set:
    theirs = Pupil.objects.filter(institution=school.neighbour).order_by("pk")[0]
    return {"pupil": str(theirs.pk)}, {}, ""


@part_of_command
def _stopped(school: School, run: Run, moment: Moment) -> Set:
    mandate = Mandate.objects.get(institution=school.institution, ended_at=None)
    secret = another_key(mandate, moment.now)
    key = SchoolKey.objects.get(mandate=mandate, hint=secret[-4:], created_at=moment.now)
    return {"key": secret}, {"key": str(key.pk)}, "stop"


def _dictionary(school: School, run: Run, moment: Moment) -> Set:
    known = sorted(classifiers.codes("language", moment.today))[:4]
    wrong = ["xx", "moon"]
    return (
        {"dictionary": "language", "codes": [known[0], wrong[0], *known[1:], wrong[1]]},
        {"unknown": wrong},
        "",
    )


def _write(school: School, run: Run, moment: Moment) -> Set:
    one = _classes(school, run)[3]
    wanted = 2 if one.shift == 1 else 1
    return {"class": str(one.uid), "shift": wanted}, {"class": str(one.uid), "shift": wanted}, ""


def _overtaken(school: School, run: Run, moment: Moment) -> Set:
    one = _classes(school, run)[4]
    profile, shift = f"Математичний {run.pk}", one.shift % 3 + 1
    known = {"class": str(one.uid), "profile": profile}
    return known, known | {"shift": shift}, "overtake"


def _lost(school: School, run: Run, moment: Moment) -> Set:
    one = _classes(school, run)[5]
    capacity = 26 + run.pk % 5 + (one.capacity == 26 + run.pk % 5)
    known = {"class": str(one.uid), "capacity": capacity}
    return known, known | {"version": one.version}, "lose"


def _rows(run: Run, moment: Moment, mark: str, count: int) -> list[dict[str, Any]]:
    year = school_year(moment.today).code
    return [
        {"school_year": year, "grade": 1 + number % 4, "letter": f"{mark}{run.pk}-{number}"}
        for number in range(count)
    ]


def _mistakes(school: School, run: Run, moment: Moment) -> Set:
    rows = _rows(run, moment, "П", 4)
    rows[1]["grade"] = 77
    rows[3]["language"] = "zz"
    return {"items": rows}, {"refused": [1, 3]}, ""


def _load(school: School, run: Run, moment: Moment) -> Set:
    rows = _rows(run, moment, "С", HUNDRED)
    before = ClassGroup.objects.filter(institution=school.institution, closed_on=None).count()
    return {"items": rows}, {"classes": before + HUNDRED}, ""


ACTS: dict[str, Callable[[School, Run, Moment], Set]] = {
    "read": _read,
    "unicode": _unicode,
    "delta": _delta,
    "moves": _moves,
    "limit": _limit,
    "foreign": _foreign,
    "stopped": _stopped,
    "dictionary": _dictionary,
    "write": _write,
    "overtaken": _overtaken,
    "lost": _lost,
    "mistakes": _mistakes,
    "load": _load,
}


@part_of_command
def overtake(class_uid: uuid.UUID, shift: int) -> None:
    """A person of the school is quicker than the system."""
    ClassGroup.objects.filter(uid=class_uid).update(shift=shift, version=F("version") + 1)


@part_of_command
def close(school: School, letters: list[str]) -> None:
    """Take away the classes that a task had opened: they never were."""
    ClassGroup.objects.filter(institution=school.institution, letter__in=letters).update(
        closed_on=F("opened_on"), version=F("version") + 1
    )
