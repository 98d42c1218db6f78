"""Classes in one table: what is done to each, one order, the way back, races."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.urls import reverse

from accounts.actors import system
from kernel.db import command
from kernel.errors import DomainError, Invalid
from registry.classes import services as classes
from registry.classes.models import ClassGroup, ClassPast
from registry.drafts import services as drafts
from registry.enrolments.models import ClassPlacement
from registry.models import Draft, Order, Pupil
from registry.movements.classes import effect
from registry.orders import services as orders
from registry.process import kind
from tests.kit.acts import noted
from tests.kit.racing import Held, beside
from tests.registry.kit import MOMENT, signature_of
from tests.registry.movements import contract
from tests.world import FIRST_DAY, enrol, hire, sign_in

DAY = "22.11.2026"
THE_DAY = datetime.date(2026, 11, 22)
TERMS = contract.TERMS | {"effective_on": DAY}


@command
def written(change: Any, *, actor: Any = None) -> Any:
    noted()
    return change()


@pytest.fixture(autouse=True)
def school(world):
    """School 1 with a teacher and four children more in 5-А."""

    def change() -> dict[str, Any]:
        found = {}
        for surname in ("Бойко", "Гнатюк", "Дорошенко", "Яремчук"):
            child = Pupil.objects.create(
                surname=surname, given_name="Олесь", sex="M", born_on=datetime.date(2016, 5, 5)
            )
            enrol(child, world.classes["school1/5-А"])
            found[surname] = child
        found["Коваль"] = hire(world.institutions["school1"], "Коваль")
        return found

    return written(change, actor=system("тест"))


def drafted(world, actor, *rows: dict[str, str], day: str = DAY) -> Draft:
    draft = drafts.start(
        actor=actor, institution_id=world.units["school1"].id, process="classes", moment=MOMENT
    )
    drafts.save_terms(
        actor=actor, draft_id=draft.pk, seen=drafts.Sight(99), moment=MOMENT,
        fields={"effective_on": day},
    )  # fmt: skip
    drafts.add_rows(actor=actor, draft_id=draft.pk, rows=rows, moment=MOMENT)
    return draft


def prepared(actor, draft, number: str = "1-м", **terms: str) -> Order:
    return orders.prepare(
        actor=actor, draft_id=draft.pk, moment=MOMENT, fields=TERMS | {"number": number} | terms
    )


def signed(actor, order: Order) -> Order:
    return orders.sign(
        actor=actor, order_id=order.pk, cms=signature_of(order, "olena"), moment=MOMENT
    )


def said(draft) -> list[set[str]]:
    return [{one["code"] for one in row.problems} for row in draft.rows.order_by("position")]


def network(world) -> Any:
    """Classes that are or were, what they were, and who learns where."""
    home = world.institutions["school1"]
    there = [
        one
        for one in ClassGroup.objects.filter(institution=home).order_by("pk")
        if one.closed_on is None or one.closed_on > one.opened_on
    ]
    names = ("grade", "letter", "form", "type", "language", "shift", "profile", "capacity")
    return (
        [
            (*(getattr(one, name) for name in names), one.teacher_id, one.opened_on, one.closed_on)
            for one in there
        ],
        sorted(
            ClassPast.objects.filter(of__institution=home).values_list("of_id", "until", "shift")
        ),
        sorted(
            ClassPlacement.objects.filter(voided_by=None).values_list(
                "enrolment__pupil_id", "class_group_id", "form", "starts_on", "ends_on"
            ),
            key=str,
        ),
    )


CHANGES = (
    {"class": "5-А", "shift": "2", "teacher": "Коваль Г.", "label": "5-Л"},
    {"class": "5-Б", "type": "Інклюзивний"},
)


class TestClasses(contract.Movement):
    process = "classes"
    subject = "registry.class"
    fields = {"effective_on": DAY}

    def draft(self, world, actor):
        draft = drafted(world, actor, CHANGES[0], {"class": "5-Б", "shift": "2"})
        assert said(draft) == [set(), set()]
        return draft

    def facts(self, world):
        return network(world)


def test_one_order_opens_changes_splits_and_closes_and_a_counter_order_takes_all_back(
    world, olena, school
):
    before = network(world)
    draft = drafted(
        world, olena,
        {"class": "1а", "act": "створити", "type": "спеціальний", "teacher": "Коваль"},
        {"class": "5-А", "act": "поділити", "label": "5-В", "pupils": "Гнатюк; Яремчук Олесь"},
        {"class": "5-А", "act": "поділити", "label": "5-Г", "pupils": "3"},
    )  # fmt: skip
    rows = list(draft.rows.order_by("position"))
    assert said(draft) == [set(), set(), set()], [row.problems for row in rows]
    order = signed(olena, prepared(olena, draft))
    home = ClassGroup.objects.filter(institution=world.institutions["school1"], closed_on=None)
    labels = {one.label: one for one in home}
    assert {*labels} == {"1-А", "5-А", "5-Б", "5-В", "5-Г"}
    assert (labels["1-А"].teacher, labels["1-А"].opened_on) == (school["Коваль"], THE_DAY)
    learn = {
        one.enrolment.pupil.surname: one.class_group.label
        for one in ClassPlacement.objects.filter(class_group__in=home, ends_on=None)
    }
    assert learn == {
        "Бойко": "5-А", "Іваненко": "5-А", "Дорошенко": "5-Г", "Гнатюк": "5-В", "Яремчук": "5-В",
        "Ґудзь": "5-Б",
    }  # fmt: skip
    text = " ".join(
        cell(kind("classes").decode(bytes(row.content)))
        for row in order.rows.order_by("position")
        for _, cell in kind("classes").columns_of_paper
    )
    assert "класний керівник: Коваль Ганна" in text
    assert "новий клас: 5-В" in text
    assert "Гнатюк Олесь, Яремчук Олесь" in text

    back = drafts.start(
        actor=olena, institution_id=world.units["school1"].id, process="annul",
        keys=[str(order.pk)], moment=MOMENT,
    )  # fmt: skip
    undone = [row.values["undone"] for row in back.rows.order_by("position")]
    assert "класу 5-В не буде" in undone[1]
    assert "2 учні повертаються" in undone[1]
    signed(olena, prepared(olena, back, "2-м"))
    order.refresh_from_db()
    assert (order.state, network(world)) == ("ANNULLED", before)


def test_a_class_joins_another_and_its_name_is_free_for_one_that_opens(world, olena):
    before = network(world)
    draft = drafted(
        world, olena,
        {"class": "5-А", "act": "Обʼєднати", "label": "5-Б"},
        {"class": "5-А", "act": "Відкрити", "language": "польська"},
    )  # fmt: skip
    assert said(draft) == [set(), set()]
    order = signed(olena, prepared(olena, draft))
    home = ClassGroup.objects.filter(institution=world.institutions["school1"], closed_on=None)
    new = home.get(letter="А")
    assert (new.language, new.opened_on) == ("pl", THE_DAY)
    assert (
        ClassPlacement.objects.filter(class_group=home.get(letter="Б"), ends_on=None).count() == 6
    )
    # Somebody is enrolled into the class that it opened: it cannot be taken back, and says why.
    rows = [kind("classes").decode(bytes(row.content)) for row in order.rows.all()]
    newcomer = written(
        lambda: Pupil.objects.create(
            surname="Нова", given_name="Ія", sex="F", born_on=datetime.date(2016, 1, 1)
        ),
        actor=system("тест"),
    )
    written(lambda: enrol(newcomer, new, starts_on=THE_DAY), actor=system("тест"))
    assert written(
        lambda: [one.what for one in kind("classes").stands_on(order, rows)], actor=olena
    ) == ["у класі вже 1 інша дитина"]
    assert network(world) != before


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"class": "", "shift": "2"}, "required"),
        ({"class": "перший"}, "not_a_class"),
        ({"class": "6-А"}, "will_open"),
        ({"class": "6-А", "act": "змінити"}, "no_such_class"),
        ({"class": "5-А", "act": "відкрити"}, "class_exists"),
        ({"class": "5-А", "act": "здати"}, "unknown"),
        ({"class": "5-А"}, "nothing_new"),
        ({"class": "5-А", "shift": "1"}, "nothing_new"),
        ({"class": "5-А", "shift": "4"}, "range"),
        ({"class": "5-А", "shift": "друга"}, "not_a_number"),
        ({"class": "5-А", "capacity": "0"}, "range"),
        ({"class": "5-А", "type": "елітний"}, "unknown"),
        ({"class": "5-А", "language": "клінгонська"}, "unknown"),
        ({"class": "5-А", "form": "заочненька"}, "unknown"),
        ({"class": "5-А", "teacher": "Ковль"}, "unknown"),
        ({"class": "5-А", "profile": "х" * 201}, "too_long"),
        ({"class": "5-А", "label": "5-Б"}, "class_exists"),
        ({"class": "5-А", "label": "6-А"}, "grade_of_pupils"),
        ({"class": "5-А", "label": "перший"}, "not_a_class"),
        ({"class": "5-А", "act": "закрити"}, "class_not_empty"),
        ({"class": "5-А", "act": "поділити", "label": "5-В"}, "required"),
        ({"class": "5-А", "act": "поділити", "pupils": "1"}, "required"),
        ({"class": "5-А", "act": "поділити", "label": "5-В", "pupils": "Ґудзь"}, "unknown"),
        ({"class": "5-А", "act": "поділити", "label": "5-В", "pupils": "4-9"}, "no_such_number"),
        ({"class": "5-А", "act": "поділити", "label": "5-В", "pupils": "1-5"}, "everybody"),
        ({"class": "5-А", "act": "поділити", "label": "6-В", "pupils": "1"}, "other_grade"),
        ({"class": "5-А", "act": "поділити", "label": "5-Б", "pupils": "1"}, "class_exists"),
        ({"class": "5-А", "act": "обʼєднати"}, "required"),
        ({"class": "5-А", "act": "обʼєднати", "label": "5-Ю"}, "no_such_class"),
        ({"class": "5-А", "act": "обʼєднати", "label": "5-А"}, "same_class"),
    ],
)
def test_what_is_wrong_is_told_beside_its_cell(world, olena, row, code):
    assert code in said(drafted(world, olena, row))[0]


def test_rows_are_judged_together_and_anew_when_another_changes(world, olena):
    draft = drafted(
        world, olena,
        {"class": "5-А", "shift": "2"},
        {"class": "5-А", "act": "поділити", "label": "5-В", "pupils": "1"},
        {"class": "5-Б", "act": "обʼєднати", "label": "5-А"},
        {"class": "5-В", "act": "відкрити"},
    )  # fmt: skip
    assert said(draft) == [set(), {"twice"}, {"splits"}, {"class_twice"}]
    second = draft.rows.get(position=2)
    drafts.include(
        actor=olena, draft_id=draft.pk, row_ids=[second.pk], included=False, moment=MOMENT
    )
    assert said(draft) == [set(), set(), set(), set()]


def test_a_class_that_changed_while_its_order_waited_is_judged_again_when_it_is_signed(
    world, olena
):
    order = prepared(olena, drafted(world, olena, CHANGES[0]))
    group = world.classes["school1/5-А"]
    classes.update({"shift": 3}, actor=olena, uid=group.uid, version=group.version)
    with pytest.raises(DomainError, match="клас тим часом змінено"):
        signed(olena, order)
    # So is one whose children changed: it joins another with those who were named.
    merge = prepared(
        olena, drafted(world, olena, {"class": "5-Б", "act": "обʼєднати", "label": "5-А"}), "2-м"
    )
    child = written(
        lambda: Pupil.objects.create(
            surname="Нова", given_name="Ія", sex="F", born_on=datetime.date(2016, 1, 1)
        ),
        actor=system("тест"),
    )
    written(lambda: enrol(child, world.classes["school1/5-Б"]), actor=system("тест"))
    with pytest.raises(DomainError, match="склад класу тим часом змінився"):
        signed(olena, merge)


@pytest.mark.parametrize("day", ["23.11.2026", "31.08.2026"])
def test_an_order_acts_on_a_day_of_the_year_that_has_come(world, olena, day):
    draft = drafted(world, olena, CHANGES[0])
    with pytest.raises(Invalid):
        prepared(olena, draft, effective_on=day, issued_on="20.08.2026")


@pytest.mark.django_db(transaction=True)
def test_a_child_enrolled_while_its_class_is_closed_by_an_order_waits_and_is_refused(
    world, olena, monkeypatch
):
    written(
        lambda: ClassGroup.objects.create(
            institution=world.institutions["school1"], school_year_id="2026-2027", grade=5,
            letter="Г", opened_on=FIRST_DAY,
        ),
        actor=system("тест"),
    )  # fmt: skip
    closing = prepared(olena, drafted(world, olena, {"class": "5-Г", "act": "закрити"}))
    moving = orders.prepare(
        actor=olena, moment=MOMENT, fields=contract.TERMS | {"number": "2-м"},
        draft_id=contract.drafted(
            world, olena, "move", [world.pupils["ivan"].pk], "23.11.2026", to_class="5-Г"
        ).pk,
    )  # fmt: skip
    held = Held(effect.write, before=True)
    monkeypatch.setattr(effect, "write", held)
    came = beside(lambda: signed(olena, closing), lambda: signed(olena, moving), held)
    assert came == ["done", "enrolled_meanwhile"]


def test_classes_ticked_in_their_list_begin_a_table(client, world):
    sign_in(client, world.grants["olena"])
    group = world.classes["school1/5-А"]
    home = world.institutions["school1"].uid
    there = reverse("classes_chosen", args=[home])
    page = client.get(f"{reverse('class_list', args=[home])}?year=2026-2027")
    assert f"{there}?year=2026-2027" in page.content.decode()
    answer = client.post(f"{there}?year=2026-2027", {"pick": [str(group.uid)]})
    draft = Draft.objects.get()
    assert answer["Location"] == reverse("draft_detail", args=["classes", draft.pk])
    assert [row.values["class"] for row in draft.rows.all()] == ["5-А"]
    assert client.get(answer["Location"]).status_code == 200


@pytest.fixture
def olena(world):
    return world.actor("olena")
