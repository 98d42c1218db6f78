"""Movements of staff: a table of the load, sums, who takes what; each a promise of the contract."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.actors import system
from kernel.db import command
from kernel.errors import DomainError
from registry.drafts import services as drafts
from registry.models import Load, LoadClass
from registry.movements.annul import PROCESS as ANNUL
from registry.orders import services as orders
from registry.process import kind
from tests.kit.acts import noted
from tests.registry.kit import MOMENT, signature_of
from tests.registry.movements import contract
from tests.world import hire

DAY = "01.12.2026"
TAUGHT = (
    {"teacher": "Коваль Ганна", "subject": "матем.", "classes": "5-а", "hours": "4,5", "primary": "так"},
    {"teacher": "Коваль Ганна", "type": "гурток", "subject": "Юний математик", "hours": "2"},
    {"teacher": "Мельник Г.", "subject": "Англ мова", "classes": "5А; 5-Б", "hours": "6"},
)  # fmt: skip


@command
def written(change: Any, *, actor: Any = None) -> Any:
    noted()
    return change()


@pytest.fixture
def staff(world):
    """Two teachers of school 1, by surname."""
    school = world.institutions["school1"]
    return written(
        lambda: {name: hire(school, name) for name in ("Коваль", "Мельник")}, actor=system("тест")
    )


def drafted(world, actor, *rows: dict[str, str], process: str = "load", day: str = DAY):
    draft = drafts.start(
        actor=actor, institution_id=world.units["school1"].id, process=process, moment=MOMENT
    )
    drafts.save_terms(
        actor=actor, draft_id=draft.pk, seen=drafts.Sight(99), moment=MOMENT,
        fields={"effective_on": day},
    )  # fmt: skip
    drafts.add_rows(actor=actor, draft_id=draft.pk, rows=rows, moment=MOMENT)
    return draft


def said(draft) -> list[set[str]]:
    return [
        {problem["code"] for problem in row.problems} for row in draft.rows.order_by("position")
    ]


def ordered(actor, draft, number: str, day: str = DAY):
    order = orders.prepare(
        actor=actor, draft_id=draft.pk, moment=MOMENT,
        fields=contract.TERMS | {"number": number, "effective_on": day},
    )  # fmt: skip
    return orders.sign(
        actor=actor, order_id=order.pk, cms=signature_of(order, "olena"), moment=MOMENT
    )


def lines():
    return sorted(
        Load.objects.filter(voided_by=None).values_list(
            "post__employee__surname", "line", "hours", "is_primary", "starts_on", "ends_on"
        ),
        key=str,
    )


class TestLoad(contract.Movement):
    process = "load"
    subject = "registry.post"
    fields = {"effective_on": DAY}

    @pytest.fixture(autouse=True)
    def teachers(self, staff):
        self.staff = staff

    def draft(self, world, actor):
        return drafted(world, actor, TAUGHT[0], TAUGHT[2])

    def facts(self, world):
        return lines()


def test_a_table_of_the_load_names_people_subjects_and_classes_as_schools_write_them(world, staff):
    olena = world.actor("olena")
    draft = drafted(world, olena, *TAUGHT)
    assert said(draft) == [set()] * 3
    told = kind("load").remarks(draft, MOMENT)
    assert "2 працівники, разом 12,5 год на тиждень" in told[0]
    assert "Коваль Ганна — 6,5 год, 0,36 ставки, а в посаді 1" in told[1]
    ordered(olena, draft, "1-к")
    maths = Load.objects.get(subject="MATHS")
    assert (maths.post, maths.is_primary, str(maths.hours)) == (staff["Коваль"], True, "4.50")
    english = Load.objects.get(subject="ENGLISH")
    parts = LoadClass.objects.filter(load=english).values_list("class_group__letter", flat=True)
    assert {*parts} == {"А", "Б"}
    assert Load.objects.get(type="CLUB").name == "Юний математик"


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"teacher": "Ковал Ганна"}, "teacher", "unknown"),
        ({"teacher": ""}, "teacher", "required"),
        ({"subject": "Математка"}, "subject", "unknown"),
        ({"subject": ""}, "subject", "required"),
        ({"classes": ""}, "classes", "required"),
        ({"classes": "5-А, 9-Ю"}, "classes", "no_such_class"),
        ({"hours": "чотири"}, "hours", "wrong"),
        ({"hours": "61"}, "hours", "wrong"),
        ({"hours": "-1"}, "hours", "wrong"),
        ({"hours": ""}, "hours", "required"),
        ({"hours": "0"}, "hours", "nothing_to_end"),
        ({"type": "секція"}, "type", "unknown"),
        ({"group": "3 група"}, "group", "unknown"),
    ],
)
def test_what_is_wrong_is_told_beside_its_cell(world, staff, wrong, field, code):
    draft = drafted(world, world.actor("olena"), TAUGHT[0] | wrong)
    (row,) = draft.rows.all()
    assert [(one["field"], one["code"]) for one in row.problems] == [(field, code)]


def test_a_name_one_letter_off_is_offered_and_namesakes_are_told_apart(world, staff):
    olena = world.actor("olena")
    written(
        lambda: hire(world.institutions["school1"], "Коваль", position="LIBRARIAN"), actor=olena
    )
    draft = drafted(
        world, olena, TAUGHT[0] | {"teacher": "Мелник Ганна"}, TAUGHT[0],
        TAUGHT[0] | {"teacher": "Коваль Ганна, вчитель"},
    )  # fmt: skip
    near, several, exact = draft.rows.order_by("position")
    assert near.problems[0]["fix"] == "Мельник Ганна"
    assert several.problems[0]["code"] == "several"
    assert "Коваль Ганна, бібліотекар" in several.problems[0]["detail"]
    assert exact.state == "READY"


def test_one_subject_of_a_class_taken_by_two_is_told_in_the_table_and_against_the_register(
    world, staff
):
    olena = world.actor("olena")
    other = {**TAUGHT[0], "teacher": "Мельник"}
    assert said(drafted(world, olena, TAUGHT[0], TAUGHT[0], other)) == [
        set(), {"twice"}, {"two_teachers"},
    ]  # fmt: skip
    ordered(olena, drafted(world, olena, TAUGHT[0]), "1-к")
    assert said(drafted(world, olena, other)) == [{"taken"}]
    # Whoever had it gives it up in the same table: nothing is doubted, and one order does both.
    handed = drafted(world, olena, other, TAUGHT[0] | {"hours": "0"})
    assert said(handed) == [set(), set()]
    ordered(olena, handed, "2-к", "14.12.2026")
    assert [(line[0], line[-1] is None) for line in lines()] == [
        ("Коваль", False),
        ("Мельник", True),
    ]


def test_what_the_table_leaves_out_stays_and_is_told(world, staff):
    olena = world.actor("olena")
    ordered(olena, drafted(world, olena, *TAUGHT), "1-к")
    draft = drafted(world, olena, TAUGHT[0] | {"hours": "5"})
    told = " ".join(kind("load").remarks(draft, MOMENT))
    assert "лишається навантаження, якого немає в таблиці: Коваль Ганна, 2 год" in told
    first = ordered(olena, draft, "2-к", "14.12.2026")
    now = [(line[0], str(line[2])) for line in lines() if line[-1] is None]
    assert now == [("Коваль", "2.00"), ("Коваль", "5.00"), ("Мельник", "6.00")]
    # A later order stands on it, so the first cannot be taken back before the second.
    rows = [kind("load").decode(bytes(row.content)) for row in first.rows.all()]
    assert kind("load").stands_on(first, rows) == []
    ordered(olena, drafted(world, olena, TAUGHT[0] | {"hours": "0"}), "3-к", "21.12.2026")
    assert [one.no for one in kind("load").stands_on(first, rows)] == [1]


def test_a_counter_order_undoes_a_load_and_names_posts(world, staff):
    olena = world.actor("olena")
    before = lines()
    order = ordered(olena, drafted(world, olena, *TAUGHT), "1-к")
    draft = drafts.start(
        actor=olena, institution_id=world.units["school1"].id, process="annul",
        keys=[str(order.pk)], moment=MOMENT,
    )  # fmt: skip
    counter = ordered(olena, draft, "2-к")
    row = ANNUL.decode(bytes(counter.rows.order_by("position")[0].content))
    assert row.about in {post.pk for post in staff.values()}
    assert "статті 38" in orders_text(counter)
    assert lines() == before


def orders_text(order) -> str:
    from registry.orders.selectors import orders as reads
    from tests.world import made

    return str(reads.view(made().actor("olena"), order.pk).document["preamble"])


def test_who_keeps_no_staff_prepares_no_load(world, staff):
    with pytest.raises(DomainError):
        drafted(world, world.actor("dana"), TAUGHT[0])
