"""Answers of API v1 stay as they were, byte for byte: systems of others read them.

`golden/` was written by the code before projections (SQL by hand in the interface). Ids are
random, so each stands there as its place among the ids met: «#1».
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from accounts import actors
from integrations.eis.models import EisSystem
from integrations.eis.services import systems
from kernel.db import command
from registry.models import (
    ClassGroup,
    CoverageCase,
    Institution,
    Load,
    LoadClass,
    QualityFinding,
    SchoolYear,
)
from tests.eis.test_api import get, grant
from tests.kit.acts import noted
from tests.world import FIRST_DAY, YEAR, World, hire

GOLDEN = Path(__file__).parent / "golden"
_ID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
ADDRESSES = {
    "institution": "institution",
    "branch": "institution",
    "classes": "classes",
    "class": "classes/{class}",
    "pupils": "pupils",
    "pupils_of_a_class": "pupils?class={class}",
    "pupil": "pupils/{pupil}",
    "staff": "staff",
    "load": "load",
    "enrolments": "enrolments",
    "quality_findings": "quality/findings",
    "absences": "absences",
    "dictionaries": "dictionaries",
    "dictionary": "dictionaries/class_type",
}


@command
def _more(*, actor: actors.Actor, world: World) -> None:
    """What the small world lacks: staff, a class with a teacher, one without a letter, a full card."""
    school = world.institutions["school1"]
    people = [
        hire(school, surname, patronymic=patronymic, position=position, rate=rate)
        for surname, patronymic, position, rate in (
            ("Яремко", "", "TEACHER", "0.75"),
            ("Ґава", "Іллівна", "HEAD", "1"),
        )
    ]
    ClassGroup.objects.filter(pk=world.classes["school1/5-А"].pk).update(teacher=people[0])
    maths = Load.objects.create(
        post=people[0], school_year_id=YEAR, type="SUBJECT", subject="MATHS", hours="4.5",
        is_primary=True, line="SUBJECT|MATHS", starts_on=FIRST_DAY, origin="MIGRATED",
    )  # fmt: skip
    LoadClass.objects.create(load=maths, class_group=world.classes["school1/5-А"])
    ClassGroup.objects.create(
        institution=school,
        school_year=SchoolYear.objects.get(code=YEAR),
        grade=11,
        opened_on=FIRST_DAY,
    )
    QualityFinding.objects.create(
        pupil=world.pupils["ivan"],
        institution=school,
        rule="representative.missing",
        found_on=FIRST_DAY,
    )
    CoverageCase.objects.create(
        kind="ABSENT", pupil=world.pupils["ivan"], unit=school.unit.parent, institution=school,
        reason="UNKNOWN", since=FIRST_DAY, until=FIRST_DAY.replace(day=20),
        opened_on=FIRST_DAY.replace(day=20), due_on=FIRST_DAY.replace(day=21),
    )  # fmt: skip
    Institution.objects.filter(pk=school.pk).update(
        languages=["uk", "pl"], phone='+38 (0372) "1"', diso_id="1234567", shifts=2
    )
    noted()


def _plain(body: bytes) -> bytes:
    met: dict[bytes, int] = {}
    return _ID.sub(lambda one: b"#%d" % met.setdefault(one[0], len(met) + 1), body)


@pytest.mark.parametrize("name", sorted(ADDRESSES))
def test_an_answer_of_version_1_is_what_it_was(client, world, name):
    systems.register_known(actor=actors.system("тест"))
    _more(actor=actors.system("тест"), world=world)
    system = EisSystem.objects.get(name="Моя школа")
    who, at = ("nina", "branch") if name == "branch" else ("olena", "school1")
    sets = ["institution", "classes", "pupils", "staff", "enrolments", "quality", "absences"]
    secret = grant(world, system, who, at, datasets=sets).secret
    path = ADDRESSES[name].format(
        **{"class": world.classes["school1/5-А"].uid, "pupil": world.pupils["ivan"].pk}
    )
    answer = get(client, path, secret)
    assert answer.status_code == 200
    body = _plain(answer.content) + b"\n"
    golden = GOLDEN / f"{name}.json"
    if not golden.exists():
        golden.write_bytes(body)
        pytest.fail(f"{golden.name} was not there and is written now: read it, then run again")
    assert body == golden.read_bytes()
