"""Movements within an institution: another class, the next grade, an individual form and back."""

from __future__ import annotations

import datetime
from typing import Any, ClassVar

import pytest

from accounts.actors import system
from kernel.audit.models import EventRow
from kernel.db import command
from kernel.errors import DomainError
from registry.classes import services as classes
from registry.classes.models import ClassGroup
from registry.classifiers.models import SchoolYear
from registry.enrolments import services as enrolment_services
from registry.enrolments.models import ClassPlacement
from registry.groups import services as groups
from registry.models import Pupil
from registry.movements.placing import effect
from registry.movements.placing.effect import put_back
from registry.orders import services as orders
from registry.orders.models import Order
from registry.process import kind
from tests.kit.acts import noted
from tests.kit.racing import Held, beside
from tests.registry.kit import MOMENT
from tests.registry.movements import contract, test_enrol, test_withdraw

DAY, NEXT_YEAR = "01.12.2026", "01.09.2027"
STATEMENT = "заява матері від 19.11.2026"


@command
def written(change: Any, *, actor: Any = None) -> Any:
    noted()
    return change()


def opened(world, grade: int, letter: str, year: str = "2027-2028", **facts: Any) -> ClassGroup:
    begins = int(year[:4])

    def change() -> ClassGroup:
        first = datetime.date(begins, 9, 1)
        SchoolYear.objects.get_or_create(
            code=year, defaults={"starts_on": first, "ends_on": datetime.date(begins + 1, 7, 1)}
        )
        return ClassGroup.objects.create(
            institution=world.institutions["school1"], school_year_id=year, grade=grade,
            letter=letter, opened_on=first, **facts,
        )  # fmt: skip

    return written(change, actor=system("тест"))


def places():
    return sorted(
        ClassPlacement.objects.filter(voided_by=None).values_list(
            "enrolment__pupil_id", "class_group_id", "form", "starts_on", "ends_on"
        ),
        key=str,
    )


def learning(pupil_id, day: datetime.date):
    """Where and how a child learns on a day."""
    place = (
        ClassPlacement.objects.filter(
            enrolment__pupil_id=pupil_id, voided_by=None, starts_on__lte=day
        )
        .exclude(ends_on__lte=day)
        .get()
    )
    return place.class_group.label, place.form


def codes(draft):
    return {problem["code"] for row in draft.rows.all() for problem in row.problems}


class Placing(contract.Movement):
    values: ClassVar[dict[str, str]] = {}
    day: ClassVar[str] = DAY

    @pytest.fixture(autouse=True)
    def children(self, world, olena):
        self.pupils = test_withdraw.enrolled(world, olena)
        self.before(world)

    def before(self, world):
        """What the kind needs to be there."""

    def draft(self, world, actor):
        return contract.drafted(world, actor, self.process, self.pupils, self.day, **self.values)

    def facts(self, world):
        return places()


class TestMove(Placing):
    process = "move"
    fields = {"effective_on": DAY}
    values = {"to_class": "5-а"}


class TestPromote(Placing):
    process = "promote"
    day = NEXT_YEAR
    fields = {"effective_on": NEXT_YEAR, "protocol": "№ 7 від 20.11.2026"}

    def before(self, world):
        opened(world, 6, "Б")

    def test_the_class_of_the_same_letter_is_put_in(self, world, olena):
        draft = self.draft(world, olena)
        assert {row.values["to_class"] for row in draft.rows.all()} == {"6-Б"}

    def test_the_children_are_in_their_class_until_the_new_year(self, world, olena):
        self.signed(olena, self.prepared(world, olena))
        one = self.pupils[0]
        assert learning(one, datetime.date(2027, 8, 31))[0] == "5-Б"
        assert learning(one, datetime.date(2027, 9, 1))[0] == "6-Б"
        assert Pupil.objects.get(pk=one).grade == 5
        enrolment_services.turn(
            actor=system("ніч"),
            institution_id=world.institutions["school1"].pk,
            since=datetime.date(2027, 9, 1),
            today=datetime.date(2027, 9, 1),
        )
        assert Pupil.objects.get(pk=one).grade == 6

    def test_whoever_leaves_in_the_summer_never_came_to_the_next_grade(self, world, olena):
        self.signed(olena, self.prepared(world, olena, "1"))
        promoted = places()
        leaving = test_withdraw.TestWithdraw()
        leaving.pupils = self.pupils
        left = leaving.signed(olena, leaving.prepared(world, olena, "2"))
        one = self.pupils[0]
        assert not ClassPlacement.objects.filter(
            enrolment__pupil_id=one, voided_by=None, class_group__grade=6
        ).exists()
        assert Pupil.objects.get(pk=one).institution_id is None or left.effective_on
        # The counter-order brings back both: the place of now and the one that was to come.

        @command
        def annulled(*, actor: Any) -> None:
            counter = Order.objects.create(
                institution=left.institution, kind="annul", number="3", issued_on=left.issued_on,
                year=left.year, ground="помилка", effective_on=left.effective_on,
                prepared_by=left.prepared_by,
            )  # fmt: skip
            orders.annul(left.pk, by=counter)

        annulled(actor=olena)
        assert places() == promoted


class TestRepeat(Placing):
    process = "repeat"
    day = NEXT_YEAR
    fields = {"effective_on": NEXT_YEAR, "protocol": "№ 7 від 20.11.2026"}
    values = {"document": STATEMENT}

    def before(self, world):
        opened(world, 5, "Б")


class TestIndividual(Placing):
    process = "individual"
    fields = {"effective_on": DAY}
    values = {"form": "Сімейна (домашня)", "document": STATEMENT}

    def test_the_child_stays_in_its_class_and_the_past_keeps_its_form(self, world, olena):
        self.signed(olena, self.prepared(world, olena))
        one = self.pupils[0]
        assert learning(one, datetime.date(2026, 11, 30)) == ("5-Б", "FULL_TIME")
        assert learning(one, datetime.date(2026, 12, 1)) == ("5-Б", "FAMILY")

    def test_the_way_back_is_shown_only_for_them(self, world, olena):
        self.signed(olena, self.prepared(world, olena))
        back = contract.drafted(
            world, olena, "institutional", [*self.pupils, world.pupils["ivan"].pk], "10.12.2026",
            form="очна",
        )  # fmt: skip
        by_pupil = {row.pupil_id: row for row in back.rows.all()}
        assert codes(back) == {"other_form"}
        assert {by_pupil[one].state for one in self.pupils} == {"READY"}


class TestInstitutional(Placing):
    process = "institutional"
    day = "10.12.2026"
    fields = {"effective_on": "10.12.2026"}
    values = {"form": "очна (денна)"}

    def before(self, world):
        olena = world.actor("olena")
        first = TestIndividual()
        first.pupils = self.pupils
        first.signed(olena, first.prepared(world, olena, "11"))


# ── what is refused, and what is told ────────────────────────────────────────
@pytest.mark.parametrize(
    ("process", "day", "values", "code"),
    [
        ("move", DAY, {"to_class": "5-Б"}, "same_class"),
        ("move", DAY, {"to_class": "6-Я"}, "other_grade"),
        ("move", DAY, {"to_class": "5-Щ"}, "no_such_class"),
        ("move", DAY, {"to_class": ""}, "required"),
        ("move", "23.11.2026", {"to_class": "5-А"}, "not_begun"),
        ("move", NEXT_YEAR, {"to_class": "5-Ю"}, "other_year"),
        ("promote", DAY, {"to_class": "6-Я"}, "same_year"),
        ("promote", NEXT_YEAR, {"to_class": "5-Ю"}, "other_grade"),
        ("repeat", NEXT_YEAR, {"to_class": "5-Ю", "document": ""}, "required"),
        ("individual", DAY, {"form": "очна", "document": STATEMENT}, "unknown"),
        ("individual", DAY, {"form": "", "document": STATEMENT}, "required"),
        ("individual", DAY, {"form": "сімейна", "document": ""}, "required"),
        ("individual", DAY, {"form": "сімейна", "document": "з" * 201}, "too_long"),
        ("institutional", DAY, {"form": "очна"}, "other_form"),
    ],
)
def test_a_wrong_row_says_what_is_wrong_with_it(world, process, day, values, code):
    olena = world.actor("olena")
    pupils = test_withdraw.enrolled(world, olena)
    opened(world, 6, "Я", "2026-2027")
    opened(world, 5, "Ю")
    draft = contract.drafted(world, olena, process, pupils, day, **values)
    assert code in codes(draft)
    assert {row.state for row in draft.rows.all()} == {"FIX"}


def test_a_class_renamed_or_closed_meanwhile_refuses_the_signature(world):
    olena = world.actor("olena")
    mover = TestMove()
    mover.pupils = test_withdraw.enrolled(world, olena)
    order = mover.prepared(world, olena)
    other = world.classes["school1/5-А"]
    written(lambda: ClassGroup.objects.filter(pk=other.pk).update(letter="Ж"), actor=system("тест"))
    before = places()
    with pytest.raises(DomainError, match="тепер 5-Ж"):
        mover.signed(olena, order)
    assert places() == before


def test_a_full_class_and_groups_that_are_left_are_told_before_the_order(world):
    olena = world.actor("olena")
    written(
        lambda: ClassGroup.objects.filter(pk=world.classes["school1/5-А"].pk).update(capacity=2),
        actor=system("тест"),
    )
    draft = contract.drafted(
        world, olena, "move", test_withdraw.enrolled(world, olena), DAY, to_class="5-А"
    )
    (told,) = [one for one in draft_remarks(draft) if "5-А" in one]
    assert "понад норму" in told


def test_a_class_of_the_same_label_in_the_year_to_come_has_its_norm_told(world):
    olena = world.actor("olena")
    repeating = TestRepeat()
    repeating.pupils = test_withdraw.enrolled(world, olena)
    opened(world, 5, "Б", capacity=1)
    order = repeating.prepared(world, olena)
    rows = [kind("repeat").decode(bytes(row.content)) for row in order.rows.all()]
    (told,) = kind("repeat").remarks_of_order(rows)
    assert told.startswith("5-Б")
    assert "понад норму" in told


def draft_remarks(draft):
    return kind(draft.process).remarks(draft, MOMENT)


def test_an_enrolment_can_be_annulled_once_its_move_was(world):
    olena = world.actor("olena")
    enrolment = test_enrol.TestEnrol()
    order = enrolment.signed(olena, enrolment.prepared(world, olena, "0"))
    mover = TestMove()
    mover.pupils = [row.pupil_id for row in order.rows.all()]
    move = mover.signed(olena, mover.prepared(world, olena, "1"))
    rows = [kind("enrol").decode(bytes(row.content)) for row in order.rows.all()]

    @command
    def standing(*, actor: Any) -> list[Any]:
        noted()
        return kind("enrol").stands_on(order, rows)

    assert len(standing(actor=olena)) == len(rows)

    @command
    def back(*, actor: Any) -> None:
        noted()
        put_back(move, order)

    back(actor=olena)
    assert standing(actor=olena) == []


def test_each_child_is_told_where_it_was_moved(world):
    olena = world.actor("olena")
    mover = TestMove()
    mover.pupils = test_withdraw.enrolled(world, olena)
    mover.signed(olena, mover.prepared(world, olena))
    told = EventRow.objects.filter(code="registry.placement.moved")
    assert {row.subject_id for row in told} == {str(one) for one in mover.pupils}
    assert {row.payload["class_label"] for row in told} == {"5-А"}


def test_groups_that_a_child_leaves_are_told_before_the_order(world):
    olena = world.actor("olena")
    pupils = test_withdraw.enrolled(world, olena)
    # Members are there from the day they are put in: the day of the test itself.
    row = groups.GroupRow(
        "Англійська мова",
        "Англійська 1",
        frozenset({world.classes["school1/5-Б"].uid}),
        frozenset(pupils),
    )
    groups.open_group(row, actor=olena, institution=world.institutions["school1"].uid)
    draft = contract.drafted(world, olena, "move", pupils, DAY, to_class="5-А")
    (told,) = [one for one in draft_remarks(draft) if "Англійська 1" in one]
    assert told.startswith("2 учні виходять з груп свого класу")


# ── at the same moment ───────────────────────────────────────────────────────
@pytest.mark.django_db(transaction=True)
def test_a_class_is_not_closed_while_an_order_brings_children_into_it(world, monkeypatch):
    olena = world.actor("olena")
    target = opened(world, 5, "Г", "2026-2027")
    pupils = test_withdraw.enrolled(world, olena)
    mover = TestMove()
    mover.pupils, mover.values = pupils, {"to_class": "5-Г"}
    order = mover.prepared(world, olena)
    held = Held(effect.move, before=True)
    monkeypatch.setattr(effect, "move", held)
    came = beside(
        lambda: mover.signed(olena, order),
        lambda: classes.close_many([target.uid], actor=olena),
        held,
    )
    assert came == ["done", "class_not_empty"]


@pytest.mark.django_db(transaction=True)
def test_of_two_orders_signed_at_once_the_second_is_refused(world, monkeypatch):
    olena = world.actor("olena")
    mover = TestMove()
    mover.pupils = test_withdraw.enrolled(world, olena)
    first, second = mover.prepared(world, olena, "1"), mover.prepared(world, olena, "2")
    held = Held(effect.move, before=True)
    monkeypatch.setattr(effect, "move", held)
    came = beside(lambda: mover.signed(olena, first), lambda: mover.signed(olena, second), held)
    assert came[0] == "done"
    assert came[1] != "done"
    second.refresh_from_db()
    assert second.state == "PREPARED"
    assert ClassPlacement.objects.filter(opened_by=first).count() == len(mover.pupils)
