"""«Прийняття на роботу»: people and posts from a table; each a promise of the contract."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.actors import system
from aikom.demo.synthetic.codes import rnokpp
from kernel.errors import DomainError, Invalid, NotFound
from registry.drafts import services as drafts
from registry.drafts.judging import mark, said_of
from registry.models import Employee, Load, Post, PostCount, Vacancy
from registry.orders import services as orders
from registry.process import kind
from registry.staff import services as staff
from tests.registry.kit import MOMENT, TODAY
from tests.registry.movements import contract
from tests.registry.movements.test_staff import drafted, ordered, said, written
from tests.world import hire, sign_in

DAY = "01.12.2026"
BORN = datetime.date(1985, 3, 14)
CODE = rnokpp(BORN, "F", 7)
OLHA = {
    "surname": "Бондар", "given_name": "Ольга", "patronymic": "Іванівна", "born_on": "14.03.1985",
    "sex": "Ж", "rnokpp": CODE, "position": "Вчитель", "rate": "0,5",
}  # fmt: skip
IVAN = {
    "surname": "Лисенко", "given_name": "Іван", "patronymic": "Петрович", "born_on": "02.02.1990",
    "sex": "М", "passport": "МЕ 123456", "position": "Бібліотекар", "is_main": "ні",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _in_the_world(world):
    """Every test here stands in it, whatever else it asks for."""


@pytest.fixture
def olena(world):
    return world.actor("olena")


def table(world, actor, *rows, day=DAY):
    return drafted(world, actor, *rows, process="hire", day=day)


def posts():
    return sorted(
        Post.objects.filter(voided_by=None).values_list(
            "employee__surname", "position", "rate", "is_main", "starts_on", "ends_on"
        ),
        key=str,
    )


def vacancy(world, **facts):
    facts = {"position": "TEACHER", "rate": Decimal(1), "opened_on": TODAY, **facts}
    return written(
        lambda: Vacancy.objects.create(institution=world.institutions["school1"], **facts),
        actor=system("тест"),
    )


class TestHire(contract.Movement):
    process = "hire"
    subject = "registry.post"
    fields = {"effective_on": DAY}

    def draft(self, world, actor):
        return table(world, actor, OLHA, IVAN)

    def facts(self, world):
        counted = PostCount.objects.exclude(posts=0).values_list("position", "ends_on", "posts")
        return posts(), sorted(counted, key=str)


def test_a_table_as_schools_write_it_makes_people_and_posts(world, olena):
    named = {"full_name": "Бондар Ольга Іванівна", "position": "вчитель", "sex": "ж"}
    columns = ("full_name", "born_on", "sex", "rnokpp", "position", "rate")
    row = {**OLHA, **named}
    (typed,) = kind("hire").typed.to_rows([[row[name] for name in columns]], columns)
    draft = table(world, olena, typed, IVAN)
    assert said(draft) == [set(), set()]
    ordered(olena, draft, "1-к", day=DAY)
    olha, ivan = Employee.objects.get(surname="Бондар"), Employee.objects.get(surname="Лисенко")
    assert (olha.rnokpp, olha.sex, olha.born_on, ivan.passport) == (CODE, "F", BORN, "МЕ123456")
    one, other = olha.posts.get(), ivan.posts.get()
    assert (one.position, str(one.rate), one.is_main) == ("TEACHER", "0.50", True)
    assert (other.position, str(other.rate), other.is_main) == ("LIBRARIAN", "1.00", False)
    assert one.starts_on == datetime.date(2026, 12, 1)


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"surname": ""}, "surname", "required"),
        ({"born_on": "32.13.1985"}, "born_on", "impossible_date"),
        ({"sex": "?"}, "sex", "unknown"),
        ({"position": "Космонавт"}, "position", "unknown"),
        ({"rate": "NaN"}, "rate", "wrong"),
        ({"rate": "3"}, "rate", "wrong"),
        ({"rate": "0"}, "rate", "wrong"),
        ({"is_main": "мабуть"}, "is_main", "unknown"),
        ({"passport": "I-СГ 123456"}, "passport", "type"),
        ({"grade": "26"}, "grade", "wrong"),
        ({"category": "Найвища"}, "category", "unknown"),
        ({"vacancy": "Вчитель, 5 ст."}, "vacancy", "unknown"),
        ({"teaching_since": "01.01.1980"}, "teaching_since", "wrong"),
    ],
)
def test_what_is_wrong_is_told_beside_its_cell(world, olena, wrong, field, code):
    (row,) = table(world, olena, OLHA | wrong).rows.all()
    assert (field, code) in [(one["field"], one["code"]) for one in row.problems]
    assert row.state == "FIX"


def test_one_number_twice_is_an_error_of_the_later_row_and_one_name_a_doubt(world, olena):
    twin = OLHA | {"rnokpp": ""}
    assert said(table(world, olena, OLHA, OLHA | {"given_name": "Оля"}, twin)) == [
        set(),
        {"repeated"},
        {"repeated_name"},
    ]


def test_whom_the_register_knows_by_a_number_stays_that_person(world, olena):
    elsewhere = written(
        lambda: hire(world.institutions["school2"], "Бондар", given_name="Ольга", rnokpp=CODE,
                     born_on=BORN),
        actor=system("тест"),
    )  # fmt: skip
    assert said(table(world, olena, OLHA)) == [{"main_post_elsewhere"}]
    renamed = table(world, olena, OLHA | {"surname": "Кравець", "is_main": "ні"})
    assert said(renamed) == [{"other_name"}]
    (row,) = renamed.rows.all()
    # Nothing of who it is or where it works (handbook K).
    assert "Бондар" not in str(row.problems)
    assert "гімназ" not in str(row.problems).lower()
    drafts.answer(
        actor=olena, draft_id=renamed.pk, key="rnokpp:other_name", seen=mark([row], said_of(kind("hire"), "rnokpp")),
        moment=MOMENT,
    )  # fmt: skip
    ordered(olena, renamed, "1-к", day=DAY)
    known = Employee.objects.get(rnokpp=CODE)
    assert (known.pk, known.surname) == (elsewhere.employee_id, "Кравець")
    assert known.posts.count() == 2


@pytest.mark.parametrize(
    "likeness",
    [
        {"rnokpp": "", "surname": "Бондарь", "patronymic": ""},
        {"rnokpp": "", "born_on": "15.03.1985"},
        {"rnokpp": "", "surname": "Ольга", "given_name": "Бондар"},
    ],
)
def test_who_only_resembles_somebody_is_doubted_in_the_table_and_in_the_form(
    world, olena, likeness
):
    written(
        lambda: hire(world.institutions["school2"], "Бондар", given_name="Ольга",
                     patronymic="Іванівна", born_on=BORN, rnokpp=CODE),
        actor=system("тест"),
    )  # fmt: skip
    draft = table(world, olena, OLHA | likeness, IVAN)
    assert said(draft) == [{"namesake"}, set()]
    values = OLHA | likeness | {"position": "TEACHER", "starts_on": DAY, "is_main": "on"}
    ways = {
        "actor": olena, "institution_uid": world.institutions["school1"].uid,
        "ground": "наказ № 1", "today": TODAY,
    }  # fmt: skip
    with pytest.raises(Invalid) as refused:
        staff.hire(**ways, values=values)
    assert {one.code for one in refused.value.problems} == {"namesake", "confirm"}
    assert staff.hire(**ways, values=values | {"confirmed": "on"}).employee.posts.count() == 1


def test_somebody_alike_written_while_the_order_waited_is_asked_about_before_it_is_signed(
    world, olena
):
    draft = table(world, olena, OLHA | {"rnokpp": ""})
    order = orders.prepare(
        actor=olena, draft_id=draft.pk, moment=MOMENT,
        fields=contract.TERMS | {"effective_on": DAY},
    )  # fmt: skip
    written(
        lambda: hire(world.institutions["school2"], "Бондар", given_name="Ольга", born_on=BORN),
        actor=system("тест"),
    )
    with pytest.raises(DomainError) as refused:
        TestHire().signed(olena, order)
    assert "схожими" in str(refused.value)


def test_vacancies_are_taken_by_the_order_and_free_again_when_it_is_annulled(world, olena, client):
    whole, part = vacancy(world, rate=Decimal("0.5")), vacancy(world, position="LIBRARIAN", rate=2)
    names = [label for label, _ in kind("hire").options(part.institution_id, {}, MOMENT)["vacancy"]]
    other = table(world, olena, OLHA | {"vacancy": names[1]})
    assert said(other) == [{"other_position"}]
    draft = table(world, olena, OLHA | {"vacancy": names[0]}, IVAN)
    (told,) = kind("hire").remarks(draft, MOMENT)
    assert names[1] in told
    assert names[0] not in told
    rival = table(world, olena, OLHA | {"vacancy": names[0], "rnokpp": "", "surname": "Гнатюк"})
    _, ivan = draft.rows.order_by("position")
    drafts.save_row(
        actor=olena, draft_id=draft.pk, row_id=ivan.pk, version=ivan.version, moment=MOMENT,
        values={"vacancy": names[1]},
    )  # fmt: skip
    waits = orders.prepare(
        actor=olena, draft_id=rival.pk, moment=MOMENT,
        fields=contract.TERMS | {"number": "2-к", "effective_on": DAY},
    )  # fmt: skip
    order = ordered(olena, draft, "1-к", day=DAY)
    whole.refresh_from_db()
    part.refresh_from_db()
    assert whole.filled_by.employee.surname == "Бондар"
    assert (part.closed_on, str(part.rate)) == (None, "1.00")
    with pytest.raises(DomainError) as refused:
        TestHire().signed(olena, waits)
    assert "вакансію вже закрито" in str(refused.value)

    rows = [kind("hire").decode(bytes(row.content)) for row in order.rows.all()]
    assert "вакансії" in kind("hire").undone_beside(order, rows)[0].lower()
    written(lambda: orders.annul(order.pk, by=order), actor=olena)
    whole.refresh_from_db()
    part.refresh_from_db()
    assert (whole.closed_on, whole.filled_by, str(part.rate)) == (None, None, "2.00")
    void = Post.objects.get(employee__surname="Бондар")
    assert (void.voided_by_id, void.ends_on) == (order.pk, void.starts_on)
    # Nothing can be done with it, and its card says why.
    with pytest.raises(NotFound):
        staff.dismiss(
            actor=olena, post_id=void.pk, version=void.version, reason="OWN_WISH", ground="наказ",
            last_day=datetime.date(2026, 12, 20),
        )  # fmt: skip
    sign_in(client, world.grants["olena"])
    assert "скасовано" in client.get(reverse("staff_detail", args=[void.pk])).content.decode()


def test_what_stands_on_a_hiring_keeps_it_from_being_annulled(world, olena):
    order = ordered(olena, table(world, olena, OLHA, IVAN), "1-к", day=DAY)
    rows = [kind("hire").decode(bytes(row.content)) for row in order.rows.order_by("position")]

    def stands():
        told = written(lambda: kind("hire").stands_on(order, rows), actor=olena)
        return {one.no: one.what for one in told}

    assert stands() == {}
    one, other = (Post.objects.get(pk=row.post) for row in rows)
    written(
        lambda: Load.objects.create(
            post=one, school_year_id="2026-2027", type="CLUB", name="Хор", line="CLUB||хор||",
            hours=2, starts_on=one.starts_on, origin="MIGRATED",
        ),
        actor=system("тест"),
    )  # fmt: skip
    staff.dismiss(
        actor=olena, post_id=other.pk, version=other.version, reason="OWN_WISH", ground="наказ",
        last_day=datetime.date(2026, 12, 20),
    )  # fmt: skip
    assert stands() == {1: "має навантаження", 2: "уже є останній день роботи"}
