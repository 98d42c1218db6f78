"""ЗНЗ-1 section VI: who finished a grade in the past school year and went on or finished school; section III says
what is not kept."""

from __future__ import annotations

import datetime

import pytest
from django.urls import reverse

from kernel.db import command
from registry.models import ClassGroup, Pupil, SchoolYear
from reports.selectors import behind, figures, proof
from tests.kit.acts import noted
from tests.reports import generate
from tests.reports.campaigns import SYSTEM
from tests.world import enrol, sign_in

BEGAN, ENDED = datetime.date(2025, 9, 1), datetime.date(2026, 7, 1)
AUGUST = datetime.date(2026, 8, 20)


@pytest.fixture
def finished(richer):
    """What became of last year's children of school 1."""

    @command
    def fill(*, actor):
        year, _ = SchoolYear.objects.get_or_create(
            code="2025-2026", defaults={"starts_on": BEGAN, "ends_on": ENDED}
        )
        school = richer.institutions["school1"]

        def group(grade, school_year=year, opened=BEGAN):
            return ClassGroup.objects.create(
                institution=school,
                school_year=school_year,
                grade=grade,
                letter="В",
                opened_on=opened,
            )

        now = richer.classes["school1/5-А"]
        twelfth = group(12, now.school_year, now.opened_on)
        fourth, fifth, ninth, eleventh = group(4), group(5), group(9), group(11)

        def child(name, last, ends=None, reason="", then=None, sex="M"):
            one = Pupil.objects.create(
                surname=name, given_name="Ян", sex=sex, born_on=datetime.date(2012, 5, 1)
            )
            facts = {"ends_on": ends, "end_reason": reason} if ends else {}
            enrol(one, last, starts_on=BEGAN, **facts)
            if then is not None:
                enrol(one, then)

        child("Перейшла", fourth, AUGUST, "TRANSFER", now, "F")
        child("Повторює", fifth, AUGUST, "TRANSFER", now)
        child("Вибув", fourth, datetime.date(2026, 3, 2), "OTHER_INSTITUTION")
        child("Коледж", ninth, AUGUST, "OTHER_INSTITUTION")
        child("Випускник", eleventh, datetime.date(2026, 6, 25), "COMPLETED")
        child("Далі", eleventh, AUGUST, "TRANSFER", twelfth)
        noted()

    fill(actor=SYSTEM)
    return richer


def test_who_went_on_and_who_finished_stand_in_their_columns(finished, client):
    run = generate(finished, "olena", "school1", form="ZNZ1-6")
    school = finished.units["school1"]
    found = figures.figures(run, school)
    whole = {column.code: found.cell("6.01", column.code) for column in found.form.columns}
    assert {code: n for code, n in whole.items() if n} == {"4": 1, "9": 1, "11": 1, "12": 1}
    assert found.cell("6.02", "4") == 1
    assert figures.violations(found) == []
    rows = behind.behind(finished.actor("olena"), run, school, "6.01", "11").rows
    assert [row.title for row in rows] == ["Випускник Ян"]
    assert proof.differences(run) == []


def test_languages_a_child_learns_are_marked_as_not_kept_and_are_no_noughts(finished, client):
    run = generate(finished, "olena", "school1", form="ZNZ1-3")
    found = figures.figures(run, finished.units["school1"])
    assert found.cell("3.1", "1") == 7  # four of before, three of last year's
    assert {found.cell(row.code, "1") for row in found.form.rows[1:]} == {None}
    sign_in(client, finished.grants["olena"])
    page = client.get(reverse("report_run", args=[run.pk])).content.decode()
    assert "вивчення іноземних мов за учнями" in page
