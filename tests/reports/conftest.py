"""The world the tests of statistics count."""

from __future__ import annotations

import datetime

import pytest

from accounts import actors
from kernel.db import command
from registry.models import ClassGroup, Pupil, PupilCategory
from tests.kit.acts import noted
from tests.reports import DAY
from tests.world import FIRST_DAY, YEAR, enrol


@pytest.fixture
def richer(world):
    """School 1 gets an inclusive class with a girl who needs support and a pupil learning at home."""

    @command
    def fill(*, actor):
        school = world.institutions["school1"]
        inclusive = ClassGroup.objects.create(
            institution=school,
            school_year_id=YEAR,
            grade=1,
            letter="А",
            type="INCLUSIVE",
            opened_on=FIRST_DAY,
        )
        ida = Pupil.objects.create(
            surname="Яна", given_name="Іда", sex="F", born_on=datetime.date(2019, 5, 1)
        )
        enrol(ida, inclusive)
        PupilCategory.objects.create(pupil=ida, code="SEN", level=3, starts_on=FIRST_DAY)
        PupilCategory.objects.create(
            pupil=ida, code="IDP", starts_on=FIRST_DAY, ends_on=datetime.date(2026, 9, 3)
        )
        home = Pupil.objects.create(
            surname="Дім", given_name="Лев", sex="M", born_on=datetime.date(2016, 5, 1)
        )
        enrol(home, world.classes["school1/5-А"], form="FAMILY")
        left = Pupil.objects.create(
            surname="Пішов", given_name="Ян", sex="M", born_on=datetime.date(2016, 5, 1)
        )
        enrol(left, world.classes["school1/5-А"], ends_on=DAY)
        noted()

    fill(actor=actors.system("тест"))
    return world
