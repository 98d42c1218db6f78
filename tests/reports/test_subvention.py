"""The subvention from a generated contingent: sums of budgets, what-if, two dates, who sees what."""

from __future__ import annotations

import datetime
import io
import re
from fractions import Fraction

import pytest
from django.db import ProgrammingError
from django.urls import reverse
from python_calamine import CalamineWorkbook

from accounts import actors
from kernel.db import command
from kernel.errors import Invalid, NotAllowed, NotFound
from registry.models import Institution
from reports import policies
from reports.models import BudgetPlace, Subvention, SubventionLine, SubventionSchool
from reports.portal.subvention import money
from reports.selectors import subvention as reads
from reports.services import subvention as commands
from tests.kit.acts import noted
from tests.reports import NOW, VALUES, generate
from tests.world import sign_in

LATER, EARLY = NOW.date(), datetime.date(2026, 9, 4)
DAY = datetime.date(2026, 1, 1)  # thresholds of 45 pupils hold


@pytest.fixture
def known(richer):
    """Parameters, and the territory of the city's budget (schools 1 and 2)."""
    world = richer
    world.set = commands.add_parameters(
        actor=world.actor("maria"), title="Для перевірки", act="постанова", since=DAY,
        values=VALUES, now=NOW,
    )  # fmt: skip
    said = commands.say_places(
        actor=world.actor("maria"), text="ЄДРПОУ\tплоща\tсільське\n02147345\t2,5\t60",
        since=DAY, source="тест", now=NOW,
    )  # fmt: skip
    assert said == 1
    return world


def computed(world, who="maria", unit="mon", *, as_of=LATER, day=DAY, title="") -> Subvention:
    run = generate(world, who, unit, form="SUBV-1", as_of=as_of)
    return commands.compute(
        actor=world.actor(who), run_id=run.pk, parameters_id=world.set.pk, day=day, title=title,
        now=NOW,
    )  # fmt: skip


def lines(of) -> dict[str, SubventionLine]:
    found = SubventionLine.objects.filter(subvention=of).select_related("unit")
    return {one.unit.edrpou: one for one in found}


def test_a_budget_is_reckoned_from_the_pupils_of_its_schools_and_kept(known):
    found = lines(computed(known))
    city = found["02147345"]
    # Four of group I (grade 1, three of grade 5), 1.6 a km²: РНК 13; the child at home is no group I.
    rates = Fraction("128.2") / 13 / 18 + Fraction("0.48") * 4 / 13
    assert (city.pupils, city.steps["size"]) == (4, "13")
    assert city.amount == round(rates * 219_600 * Fraction("0.97") * 100)
    parts = {one.institution.edrpou: one for one in city.schools.select_related("institution")}
    assert sum(one.amount for one in parts.values()) == city.amount
    assert parts["59900062"].grades == {"1": 1, "5": 2}
    assert parts["59900062"].others == {"individual": 1}
    village = found["59900012"]
    assert (village.pupils, village.amount) == (1, None)
    assert village.steps["missing"] == ["площі території", "частки сільського населення"]


def test_pupils_of_a_special_school_are_of_group_ii_whatever_their_class(known):
    @command
    def special(*, actor):
        Institution.objects.filter(pk=known.institutions["school2"].pk).update(type="SPECIAL")
        noted()

    special(actor=actors.system("тест"))
    city = lines(computed(known))["02147345"]
    assert city.pupils == 3
    (school2,) = city.schools.filter(institution=known.institutions["school2"])
    assert (school2.grades, school2.others) == ({}, {"II": 1})


def test_what_is_said_later_changes_no_kept_sum(known):
    before = computed(known)
    commands.say_places(
        actor=known.actor("maria"), text="02147345;5;60;20", since=DAY, source="інше", now=NOW
    )
    assert lines(before)["02147345"].steps["size"] == "13"
    assert lines(computed(known))["02147345"].steps["size"] == "20"
    with pytest.raises(ProgrammingError, match="Cannot update"):
        SubventionLine.objects.filter(subvention=before).update(amount=1)


def test_a_school_below_the_threshold_gets_nothing_until_it_is_made_a_branch(known):
    known.set = commands.add_parameters(
        actor=known.actor("maria"), title="З порогом", act="постанова", since=DAY,
        values=VALUES | {"thresholds": "01.09.2025; 1; 12; 2"}, now=NOW,
    )  # fmt: skip
    base = computed(known)
    city = lines(base)["02147345"]
    assert [one.counted for one in reads.schools(city)] == [False, True]
    school1, school2 = (known.institutions[name].pk for name in ("school1", "school2"))
    asked = {"base_id": base.pk, "unit_uid": city.unit.uid, "title": "", "now": NOW}
    for how, pupils in (("branch", [1, 3]), ("close", [0, 4])):
        made = commands.suppose(
            actor=known.actor("bohdan"),
            what=commands.Supposed(moves=((school2, school1, how),)),
            **asked,
        )
        (line,) = SubventionLine.objects.filter(subvention=made)
        schools = reads.schools(line)
        assert [sum(one.grades.values()) for one in schools] == pupils
        assert line.steps["eligible"] == 4
        assert line.amount > city.amount
    (sized,) = lines(
        commands.suppose(
            actor=known.actor("bohdan"), what=commands.Supposed(size=Fraction("26")), **asked
        )
    ).values()
    assert sized.amount * 2 == pytest.approx(city.amount, abs=1)
    assert len(reads.scenarios(known.actor("bohdan"), base, city.unit)) == 3
    assert Subvention.objects.get(base=None, pk=base.pk).amount == base.amount


@pytest.mark.parametrize(
    ("moves", "code"),
    [
        ((), "nothing"),
        ((("school1", "school1", "close"),), "itself"),
        ((("school1", "hub", "close"),), "stranger"),
        ((("school1", "school2", "close"), ("school1", "school2", "branch")), "twice"),
        ((("school1", "school2", "close"), ("school2", "school1", "close")), "chain"),
    ],
)
def test_a_what_if_without_sense_is_refused(known, moves, code):
    base = computed(known)
    ids = {name: one.pk for name, one in known.institutions.items()}
    with pytest.raises(Invalid) as refused:
        commands.suppose(
            actor=known.actor("maria"),
            base_id=base.pk,
            unit_uid=known.units["chernivtsi"].uid,
            title="",
            what=commands.Supposed(moves=tuple((ids[a], ids[b], how) for a, b, how in moves)),
            now=NOW,
        )
    assert code in [one.code for one in refused.value.problems]


def test_two_dates_move_money_between_budgets_and_make_none(known):
    commands.say_places(
        actor=known.actor("maria"), text="59900012;2;60", since=DAY, source="тест", now=NOW
    )
    before, after = computed(known, as_of=EARLY), computed(known)
    changes = {one.unit.edrpou: one for one in reads.changes(known.actor("maria"), before, after)}
    assert changes["02147345"].pupils == (5, 4)
    assert changes["02147345"].difference < 0 < changes["59900012"].difference
    known_sums = [one for one in changes.values() if one.shared is not None]
    assert sum(one.difference for one in known_sums) == 0


def test_sums_are_read_and_computed_within_ones_own_reach(known):
    base = computed(known)
    assert set(lines(base)) == {"02147345", "59900012", "99000075"}
    seen = [one.unit.edrpou for one in reads.lines(known.actor("bohdan"), base).rows]
    assert seen == ["02147345"]
    with pytest.raises(NotFound):
        reads.line(known.actor("bohdan"), base, known.units["hromada"].uid)
    for who in ("olena", "dana", "admin"):
        with pytest.raises(NotAllowed):
            reads.find(known.actor(who), base.pk)
    with pytest.raises(NotAllowed):
        commands.say_places(
            actor=known.actor("iryna"), text="02147345;1;1", since=DAY, source="", now=NOW
        )
    # The oblast's contingent holds the city's figures, and is nobody's to compute from but the oblast's.
    run = generate(known, "iryna", "chernivetska", form="SUBV-1", as_of=LATER)
    for who in ("taras", "bohdan"):
        with pytest.raises(NotFound):
            commands.compute(
                actor=known.actor(who), run_id=run.pk, parameters_id=known.set.pk, day=DAY, now=NOW
            )
    assert policies.compute_subvention.allows(known.actor("iryna"), run.unit)
    assert not policies.compute_subvention.allows(known.actor("bohdan"), run.unit)


def test_every_row_of_territories_that_cannot_be_taken_is_told_and_none_is_written(known):
    rows = "02147345;0;60\n00000000;1;1\n02147345;1;101\n59900012;2\n59900012;2;5;0\n99000028;3;7\n99000028;4;7"
    before = BudgetPlace.objects.count()
    with pytest.raises(Invalid) as refused:
        commands.say_places(
            actor=known.actor("maria"), text=rows, since=DAY, source="тест", now=NOW
        )
    told = [one.detail.partition(":")[0] for one in refused.value.problems]
    assert told == [f"Рядок {n}" for n in (1, 2, 3, 4, 5, 7)]
    assert BudgetPlace.objects.count() == before


def test_the_ministry_goes_from_parameters_to_a_budget_and_its_workbook_by_pages(client, richer):
    sign_in(client, richer.grants["maria"])
    page = client.get(reverse("subventions")).content.decode()
    assert "Спершу сформуйте контингент" in page
    run = generate(richer, "maria", "mon", form="SUBV-1", as_of=LATER)
    wrong = client.post(
        reverse("subvention_parameters"),
        VALUES | {"title": "2026", "act": "акт", "since": "01.01.2026", "sizes": "0; 1; 2"},
    )
    assert wrong.status_code == 422
    assert "рядок 1" in wrong.content.decode()
    made = client.post(
        reverse("subvention_parameters"),
        VALUES | {"title": "2026", "act": "акт", "since": "01.01.2026"},
    )
    assert made.status_code == 303
    said = client.post(
        reverse("subvention_places"),
        {"since": "01.01.2026", "source": "тест", "text": "02147345\t2,5\t60"},
    )
    assert said.status_code == 303
    page = client.get(reverse("subventions")).content.decode()
    chosen = re.search(r'<option value="([0-9a-f-]{36})"[^>]*>2026', page)
    answer = client.post(
        reverse("subventions"),
        {"run": str(run.pk), "parameters": chosen[1], "day": "01.01.2026", "title": "Перший"},
    )
    assert answer.status_code == 303
    page = client.get(answer["Location"]).content.decode()
    assert "площі території" in page
    at = re.search(r'href="(/subvention/[^"]+)"[^>]*>[^<]*Управління освіти Чернівецької', page)
    shown = client.get(at[1]).content.decode()
    (line,) = SubventionLine.objects.filter(unit=richer.units["chernivtsi"])
    assert money(line.amount) in shown
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"{at[1]}xlsx/").content))
    cells = dict(row[:2] for row in workbook.get_sheet_by_name("Розрахунок").to_python())
    assert cells["Сума, грн"] == line.amount / 100
    half = client.post(at[1], {"source1": str(richer.institutions["school1"].pk)})
    assert half.status_code == 422
    varied = client.post(at[1], {"size": "26", "title": "Більші класи"})
    assert "Це варіант «що якщо»" in client.get(varied["Location"]).content.decode()
    assert SubventionSchool.objects.filter(line__subvention__base__isnull=False).count() == 2
