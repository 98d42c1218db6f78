"""A published figure keeps its rows: what was counted, whatever becomes of the register after."""

from __future__ import annotations

import datetime
import struct

import pytest
from django.db.models import F

from accounts import actors
from kernel.db import command
from kernel.errors import NotFound
from registry.models import ClassGroup, ClassPlacement, Enrolment, Institution, Pupil
from reports import definition, inputs
from reports.campaigns import content
from reports.models import ReportCount, ReportInput, ReportSum
from reports.selectors import behind, figures
from tests.kit.acts import noted
from tests.reports import NOW, generate
from tests.world import sign_in


@command
def corrected(*, actor, change):
    change()
    noted()


def correct(change):
    corrected(actor=actors.system("тест"), change=change)


def cell(world, run, who, row, column="1", unit="school1"):
    return behind.behind(world.actor(who), run, world.units[unit], row, column)


def test_an_old_figure_lists_the_rows_counted_then_and_says_what_changed(client, richer):
    run = generate(richer, "olena", "school1")
    correct(lambda: Pupil.objects.filter(pk=richer.pupils["oksana"].pk).update(sex="M"))
    correct(lambda: Pupil.objects.filter(pk=richer.pupils["ivan"].pk).update(sex="F"))
    girls = cell(richer, run, "olena", "1.13")
    assert (girls.total, girls.gone, girls.new) == (2, 1, 1)
    assert [(r.title, r.gone, r.new) for r in girls.rows] == [
        ("Ґудзь Оксана", True, False),
        ("Яна Іда", False, False),
        ("Іваненко Іван", False, True),
    ]
    sign_in(client, richer.grants["olena"])
    page = client.get(f"/reports/{run.pk}/cell/", {"row": "1.13", "column": "1"}).content.decode()
    assert "дані змінилися" in page
    assert "Тепер не ввійшло б" in page


def test_a_child_withdrawn_after_the_run_is_still_behind_its_figure(richer):
    run = generate(richer, "olena", "school1")
    correct(
        lambda: Enrolment.objects.filter(pupil=richer.pupils["ivan"]).update(
            ends_on=datetime.date(2026, 9, 4)
        )
    )
    found = cell(richer, run, "olena", "1.12")
    assert found.total == 4
    assert [r.title for r in found.rows if r.gone] == ["Іваненко Іван"]


def test_the_kept_rows_give_the_same_figures_whatever_the_register_has_become(richer):
    run = generate(richer, "maria", "mon")
    before = {
        (count.institution_id, count.key): count.counts
        for count in ReportCount.objects.filter(run=run)
    }
    correct(lambda: Enrolment.objects.filter(ends_on=None).update(ends_on=run.as_of))
    correct(lambda: Pupil.objects.update(sex="M"))
    again = {
        (pk, key): counts
        for pk in Institution.objects.values_list("pk", flat=True)
        for key, counts in behind.recounted(run, pk).items()
    }
    assert again == before
    form = figures.form_of(run)
    school = richer.units["school1"]
    assert (
        figures.cells(form, behind.recounted(run, school.pk)).values
        == figures.figures(run, school).values
    )


def test_a_workbook_of_a_run_is_the_same_bytes_whenever_it_is_taken(client, richer):
    run = generate(richer, "olena", "school1")
    sign_in(client, richer.grants["olena"])
    first = client.get(f"/reports/{run.pk}/xlsx/").content
    correct(lambda: Pupil.objects.update(sex="M"))
    assert client.get(f"/reports/{run.pk}/xlsx/").content == first


def test_a_run_is_read_by_the_form_as_it_was_though_the_file_has_changed(richer, monkeypatch):
    run = generate(richer, "olena", "school1")
    text = definition.text_of("ZNZ1-1").replace("Кількість учнів, усього", "Учнів у новій редакції")
    monkeypatch.setattr(definition, "_files", lambda: {"ZNZ1-1": text})
    titles = [row.title for row in figures.figures(run, richer.units["school1"]).form.rows]
    assert "Кількість учнів, усього" in titles
    assert "Учнів у новій редакції" not in titles


def test_those_without_names_see_codes_and_no_look_at_names_is_noted(
    richer, django_assert_num_queries
):
    run = generate(richer, "maria", "mon")
    found = cell(richer, run, "maria", "1.13")
    assert not found.named
    assert not any("Яна" in row.title for row in found.rows)
    assert found.heads[:2] == ["Код", "Рік народження"]


def test_a_school_out_of_reach_and_an_authority_have_no_rows(richer):
    run = generate(richer, "maria", "mon")
    for who, unit in (("taras", "school1"), ("maria", "chernivtsi")):
        with pytest.raises(NotFound):
            cell(richer, run, who, "1.13", unit=unit)


def test_a_run_sums_nothing_above_its_own_node(richer):
    run = generate(richer, "nina", "hub")
    assert set(ReportSum.objects.filter(run=run).values_list("unit_id", flat=True)) == {
        richer.units["hub"].pk
    }


def test_figures_outside_the_runs_subtree_are_absent_for_who_stands_above_both(richer):
    run = generate(richer, "nina", "hub")
    iryna = richer.actor("iryna")
    for outside in ("raion", "school1", "chernivetska"):
        with pytest.raises(NotFound):
            figures.node(iryna, run, richer.units[outside].uid)
    assert figures.node(iryna, run, richer.units["branch"].uid).pk == richer.units["branch"].pk


def test_an_empty_form_says_why_and_when_to_ask(client, richer):
    october, here = datetime.date(2026, 10, 5), richer.institutions["school2"]
    correct(
        lambda: ClassPlacement.objects.filter(enrolment__institution=here).update(starts_on=october)
    )
    correct(lambda: Enrolment.objects.filter(institution=here).update(starts_on=october))

    correct(lambda: ClassGroup.objects.filter(institution=here).update(closed_on=F("opened_on")))
    run = generate(richer, "petro", "school2")
    sign_in(client, richer.grants["petro"])
    page = client.get(f"/reports/{run.pk}/").content.decode()
    assert "Показників немає" in page
    assert "05.10.2026" in page
    assert "виконано" not in page
    assert NOW.date() > run.as_of


def test_closing_a_class_today_takes_it_out_of_no_figure_of_an_earlier_day(richer):
    school = richer.units["school1"]
    before = figures.figures(generate(richer, "olena", "school1"), school).values
    correct(
        lambda: ClassGroup.objects.filter(institution=richer.institutions["school1"]).update(
            closed_on=NOW.date()
        )
    )
    run = generate(richer, "olena", "school1")
    assert figures.figures(run, school).values == before
    assert cell(richer, run, "olena", "1.1").total == 3


def test_rows_kept_by_the_older_layout_give_the_same_figures_and_digest(richer):
    run = generate(richer, "olena", "school1")
    school = richer.units["school1"].pk
    kept = ReportInput.objects.get(run=run, institution_id=school, source="pupils")
    assert run.layout["pupils"] == ">q/31"
    before = behind.recounted(run, school), content._digest(kept, ">q/31")
    kept.rows = b"".join(
        struct.pack(">qi", row.id, row.mask)
        for _, rows in inputs.by_key(kept, ">q/31")
        for row in rows
    )
    correct(lambda: ReportInput.objects.filter(pk=kept.pk).update(rows=kept.rows))
    run.layout["pupils"] = ">qi"
    assert (behind.recounted(run, school), content._digest(kept, ">qi")) == before
    assert before[1]["count"] == 4
