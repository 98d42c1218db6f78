"""«Переведення учня між школами протягом року»: one child in one school each day, and both told."""

from __future__ import annotations

import dataclasses
import datetime

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone

from accounts.models import Grant
from accounts.notices.models import Notice
from accounts.roles import GrantState
from kernel.audit import outbox
from kernel.audit.models import EventRow, Look
from kernel.clock import Moment
from kernel.db import command
from kernel.errors import DomainError, NotAllowed, NotFound
from registry.drafts import services as drafts
from registry.enrolments.models import ClassPlacement, Enrolment
from registry.identity.children import CHILDREN
from registry.identity.merge import relations
from registry.models import AskedRow, MissedLookup, OrderTask, Pupil, PupilDocument
from registry.movements.transfer import lookup
from registry.orders import services as orders
from registry.orders.events import TaskAsked, TaskSettled
from registry.orders.models import Order
from registry.orders.notices import ASKED, CALLED_OFF, LAST_DAY, OBJECTED, OVERDUE
from registry.people.selectors.reach import reached
from tests import world as small
from tests.accounts.test_notices import tell
from tests.kit.acts import noted
from tests.kit.racing import Held, beside, together
from tests.registry.identity import kit as twins
from tests.registry.kit import MOMENT, NOW, TODAY, signature_of
from tests.registry.movements import contract
from tests.registry.movements.test_annul import counter
from tests.world import sign_in

DAY = "23.11.2026"
ON = datetime.date(2026, 11, 23)
HERE, THERE = "school1", "school2"


@pytest.fixture(autouse=True)
def siblings(world):
    """Two children of school 2, whom school 1 takes over: Марко, and Марта beside him."""

    @command
    def born(*, actor):
        noted()
        marta = Pupil.objects.create(
            surname="Сусіда", given_name="Марта", sex="F", born_on=datetime.date(2016, 5, 5)
        )
        PupilDocument.objects.create(
            pupil=marta, type="BIRTH_UA", series="X-ТЕ", number="000077", is_primary=True
        )
        small.enrol(marta, world.classes["school2/5-А"])
        return marta

    marta = born(actor=world.actor("olena"))
    world.pupils["marta"] = marta
    return [world.pupils["marko"].pk, marta.pk]


def row_of(number="000003", born_on="03.03.2016", **values):
    return {
        "document": f"X-ТЕ {number}",
        "born_on": born_on,
        "class": "5-А",
        "applicant": "Сусіда Галина Петрівна",
        "relation": "мати",
        "phone": "(000) 123-45-67",
        "applied_on": "19.11.2026",
    } | values


MARKO, MARTA = row_of(), row_of("000077", "05.05.2016")
FIELDS = {"identity_shown": "on", "effective_on": DAY}


def draft_of(world, *rows, who="olena", at=HERE, day=DAY):
    actor = world.actor(who)
    draft = drafts.start(
        actor=actor, institution_id=world.units[at].id, process="transfer", moment=MOMENT
    )
    drafts.save_terms(
        actor=actor,
        draft_id=draft.pk,
        seen=drafts.Sight(99),
        fields={"effective_on": day},
        moment=MOMENT,
    )
    drafts.add_rows(actor=actor, draft_id=draft.pk, rows=rows or (MARKO, MARTA), moment=MOMENT)
    return draft


def prepared(world, *rows, who="olena", at=HERE, number="112-у", day=DAY, **fields):
    return orders.prepare(
        actor=world.actor(who),
        draft_id=draft_of(world, *rows, who=who, at=at, day=day).pk,
        fields=contract.TERMS | FIELDS | {"number": number, "effective_on": day} | fields,
        moment=MOMENT,
    )


def sign(world, order, who="olena"):
    return orders.sign(
        actor=world.actor(who), order_id=order.pk, cms=signature_of(order, who), moment=MOMENT
    )


def transferred(world, *rows, who="olena", **how):
    return sign(world, prepared(world, *rows, who=who, **how), who)


def codes(draft):
    return {problem["code"] for row in draft.rows.all() for problem in row.problems}


def periods(pupils):
    """Everything that says where these children learn, field by field."""
    enrolments = Enrolment.objects.filter(pupil_id__in=pupils, voided_by=None).order_by("id")
    places = ClassPlacement.objects.filter(
        enrolment__pupil_id__in=pupils, voided_by=None, enrolment__voided_by=None
    )
    return list(enrolments.values()), list(places.order_by("id").values())


class TestTransfer(contract.Movement):
    process = "transfer"
    fields = FIELDS
    events_of_a_row = 2  # the child left there and came here

    @pytest.fixture(autouse=True)
    def children(self, siblings):
        self.pupils = siblings

    def draft(self, world, actor):
        return draft_of(world)

    def facts(self, world):
        return periods(self.pupils)


# ── finding the child ────────────────────────────────────────────────────────
def test_the_document_and_the_birth_date_together_find_the_child_and_its_school(world):
    row = draft_of(world, MARKO).rows.get()
    assert (row.state, row.pupil_id) == ("READY", world.pupils["marko"].pk)
    assert row.values["pupil"] == "Сусіда Марко"
    assert row.values["school"] == "Чернівецька гімназія № 2, 5-А"


def test_what_the_receiving_school_sees_before_it_signs_is_this_and_no_more(world):
    assert [field.name for field in dataclasses.fields(lookup.Seen)] == [
        *("pupil_id", "full_name", "born_on", "school", "class_label")
    ]
    row = draft_of(world, MARKO).rows.get()
    assert set(row.values) - set(MARKO) == {"pupil", "school"}
    with pytest.raises(NotFound):  # the card itself stays closed
        reached(world.actor("olena"), row.pupil_id)


@pytest.mark.parametrize("wrong", [row_of("000004"), row_of(born_on="04.03.2016")])
def test_another_number_or_another_date_finds_nobody_and_tells_neither(world, wrong):
    row = draft_of(world, wrong).rows.get()
    assert (row.state, row.pupil_id) == ("FIX", None)
    assert {one["code"] for one in row.problems} == {"not_found"}
    assert "pupil" not in row.values


def test_a_cell_changed_forgets_the_child_it_had_found(world):
    draft = draft_of(world, MARKO)
    row = draft.rows.get()
    for number, found in (("000004", None), ("000003", "Сусіда Марко")):
        drafts.save_row(
            actor=world.actor("olena"),
            draft_id=draft.pk,
            row_id=row.id,
            version=row.version,
            values={"document": f"X-ТЕ {number}"},
            moment=MOMENT,
        )
        row.refresh_from_db()
        assert row.values.get("pupil") == found
    blank = dict.fromkeys(MARKO, "")
    drafts.save_row(
        actor=world.actor("olena"),
        draft_id=draft.pk,
        row_id=row.id,
        version=row.version,
        values=blank,
        moment=MOMENT,
    )
    row.refresh_from_db()
    assert (row.state, row.values) == ("EMPTY", {})


def test_each_child_found_is_a_look_and_is_noted_once(world):
    draft = draft_of(world, MARKO)
    drafts.check_again(actor=world.actor("olena"), draft_id=draft.pk, moment=MOMENT)
    looks = Look.objects.filter(subject_id=str(world.pupils["marko"].pk))
    assert [look.what for look in looks] == ["пошук за документом для переведення"]


def test_after_many_misses_new_documents_are_not_answered_whoever_has_them(world, monkeypatch):
    monkeypatch.setattr(lookup, "MISSES_A_DAY", 2)
    draft = draft_of(world, MARKO, *(row_of(f"90000{n}") for n in range(3)), MARTA)
    told = [[one["code"] for one in row.problems] for row in draft.rows.order_by("position")]
    assert told == [[], ["not_found"], ["not_found"], ["too_many_lookups"], ["too_many_lookups"]]
    # What was found before stays; the same questions asked again count no more.
    drafts.check_again(actor=world.actor("olena"), draft_id=draft.pk, moment=MOMENT)
    again = [[one["code"] for one in row.problems] for row in draft.rows.order_by("position")]
    assert (again, MissedLookup.objects.count()) == (told, 2)
    # Another school is not to blame, and tomorrow is another day.
    assert not codes(draft_of(world, row_of("000001", "01.03.2016"), who="petro", at=THERE))
    olena, wrong = world.actor("olena"), draft.rows.filter(position__in=[2, 3, 4])
    drafts.include(
        actor=olena, draft_id=draft.pk, row_ids=[r.id for r in wrong], included=False, moment=MOMENT
    )
    tomorrow = Moment(NOW + datetime.timedelta(days=1), TODAY + datetime.timedelta(days=1))
    drafts.check_again(actor=olena, draft_id=draft.pk, moment=tomorrow)
    assert not draft.rows.get(position=5).problems


def test_only_whoever_keeps_pupils_looks_for_a_child(world):
    for who in ("bohdan", "maria", "admin"):
        with pytest.raises((NotAllowed, NotFound)):
            draft_of(world, MARKO, who=who)


# ── whom it is not about ─────────────────────────────────────────────────────
def test_a_child_of_this_school_is_told_so(world):
    assert codes(draft_of(world, row_of("000001", "01.03.2016"))) == {"enrolled_here"}


def test_a_child_who_learns_nowhere_is_enrolled_and_who_learns_is_transferred(world):
    """Each of the two services leads to the other."""

    @command
    def born(*, actor):
        noted()
        child = Pupil.objects.create(
            surname="Вільна", given_name="Ада", sex="F", born_on=datetime.date(2016, 6, 6)
        )
        PupilDocument.objects.create(
            pupil=child, type="BIRTH_UA", series="X-ТЕ", number="000088", is_primary=True
        )

    born(actor=world.actor("olena"))
    told = draft_of(world, row_of("000088", "06.06.2016")).rows.get().problems
    assert [one["code"] for one in told] == ["learns_nowhere"]
    assert "«Зарахування учня (учень не має звʼязку зі школою)»" in told[0]["detail"]
    enrol = drafts.start(
        actor=world.actor("olena"),
        institution_id=world.units[HERE].id,
        process="enrol",
        rows=[{"surname": "Сусіда", "given_name": "Марко", "born_on": "03.03.2016",
               "sex": "М", "document": "X-ТЕ 000003", "class": "5-А", "relation": "мати",
               "applicant": "Сусіда Галина"}],
        moment=MOMENT,
    )  # fmt: skip
    (told,) = enrol.rows.get().problems
    assert "«Переведення учня між школами протягом року»" in told["detail"]


def test_a_merged_profile_is_found_by_its_document_as_the_one_that_stands(world):
    second = twins.a_second(world, number="900009", surname="Сусіда", given_name="Марко")
    twins.merged(world, world.pupils["marko"], second)
    row = draft_of(world, row_of("900009", "01.03.2016", document="II-ТЕ 900009")).rows.get()
    assert "not_found" in {one["code"] for one in row.problems}  # the other birth date is gone
    found = draft_of(world, row_of(document="II-ТЕ 900009")).rows.get()
    assert (found.state, found.pupil_id) == ("READY", world.pupils["marko"].pk)


def test_a_child_of_an_order_that_waits_is_not_merged_meanwhile(world):
    prepared(world, MARKO)
    second = twins.a_second(world, number="900009", ends_on=datetime.date(2026, 1, 1))
    with pytest.raises(DomainError, match="чекає на підпис"):
        twins.merged(world, second, world.pupils["marko"])


def test_another_name_and_another_grade_are_doubted(world):
    draft = draft_of(world, row_of(full_name="Інший Марко"))
    assert codes(draft) == {"other_name"}
    assert not codes(draft_of(world, row_of(full_name="Сусіда Марко Іванович")))


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"effective_on": "19.11.2026"}, "before_order"),
        ({"issued_on": "20.06.2026", "effective_on": "25.06.2026"}, "closed_year"),
        ({"effective_on": "05.07.2027"}, "outside_year"),
        ({"identity_shown": ""}, "required"),
    ],
)
def test_an_order_stays_in_a_year_that_lasts_and_behind_its_own_date(world, fields, code):
    with pytest.raises(DomainError) as refusal:
        prepared(world, MARKO, **fields)
    assert code in {one.code for one in refusal.value.problems}


# ── the day ──────────────────────────────────────────────────────────────────
def test_on_each_day_the_child_is_counted_in_exactly_one_school(world, siblings):
    order = transferred(world)
    day = datetime.timedelta(days=1)
    for on, school in ((ON - day, THERE), (ON, HERE), (ON + day, HERE)):
        there = Enrolment.objects.filter(
            pupil_id__in=siblings, kind="MAIN", voided_by=None, starts_on__lte=on
        ).exclude(ends_on__lte=on)
        assert {one.institution_id for one in there} == {world.units[school].id}
        assert there.count() == 2
    left = Enrolment.objects.get(pupil_id=siblings[0], institution=world.institutions[THERE])
    assert (left.ends_on, left.end_reason, left.closed_by) == (ON, "TRANSFER", order)


def test_places_to_come_at_the_old_school_never_begin_and_come_back_when_annulled(world, siblings):
    @command
    def promoted(*, actor):
        noted()
        place = ClassPlacement.objects.get(enrolment__pupil_id=siblings[0])
        ClassPlacement.objects.filter(pk=place.pk).update(ends_on="2027-01-11")
        ClassPlacement.objects.create(
            enrolment=place.enrolment,
            class_group=world.classes["school2/5-Б"],
            starts_on="2027-01-11",
            origin="MIGRATED",
        )

    promoted(actor=world.actor("petro"))
    before = periods(siblings)
    order = transferred(world)
    last = ClassPlacement.objects.get(
        enrolment__pupil_id=siblings[0],
        enrolment__institution=world.institutions[THERE],
        voided_by=None,
    )
    assert last.ends_on is None
    annulled(world, order)
    # The day of a place that was cut rests on no order here: it came with the first data.
    assert [row | {"closed_by_id": None} for row in periods(siblings)[1]] == before[1]
    assert periods(siblings)[0] == before[0]


def test_everything_held_about_the_child_goes_with_it(world, siblings, client):
    """By construction: it hangs on the profile. What does not travel is named here, with why."""
    stays = {
        "registry.pupil.merged_into": "another profile",
        "registry.draftrow.pupil": "a draft of the school that writes it",
        "registry.orderrow.pupil": "an order of the school that gave it",
        "registry.studycertificate.pupil": "signed by the school that gave it",
        "registry.coveragecase.pupil": "a record of the community where the child lives",
        "registry.qualityfinding.pupil": "derived: found anew by the next check",
        "registry.plannedchild.pupil": "a plan of the school that makes it",
        "registry.possibleduplicate.one": "a question to the authority that decides",
        "registry.possibleduplicate.other": "a question to the authority that decides",
        "registry.pupilmerge.retained": "of the authority that decides",
        "registry.pupilmerge.merged": "of the authority that decides",
    }
    rich = twins.a_second(
        world, at=THERE, number="700001", surname="Багата", given_name="Софія", ends_on=None
    )
    order = transferred(
        world, row_of("700001", "01.03.2016", document="II-ТЕ 700001"), day="22.11.2026"
    )
    assert order.rows.get().pupil_id == rich.pk
    mine = Pupil.objects.visible_to(world.actor("olena")).filter(pk=rich.pk)
    assert mine.exists()
    assert not Pupil.objects.visible_to(world.actor("petro")).filter(pk=rich.pk).exists()
    for name in relations(CHILDREN):
        label, _, field = name.rpartition(".")
        model = next(m for m in apps.get_models() if m._meta.label_lower == label)
        if name not in stays:
            assert model.objects.filter(**{f"{field}__in": mine}).exists(), (
                f"{name}: give the child of identity/kit.py one, or say why it stays"
            )
    sign_in(client, world.grants["olena"])
    card = client.get(reverse("pupil_detail", args=[rich.pk])).content.decode()
    assert "вул. Садова, 5" in card


def test_the_feed_hears_that_the_child_left_there_and_came_here(world, siblings):
    transferred(world, MARKO)
    told = EventRow.objects.filter(subject_id=str(siblings[0])).order_by("id")
    assert [(row.code, row.unit_id) for row in told if "enrolment" in row.code] == [
        ("registry.enrolment.closed", world.units[THERE].id),
        ("registry.enrolment.opened", world.units[HERE].id),
    ]


# ── while the order waits ────────────────────────────────────────────────────
def withdrawn(world, pupils, day="24.11.2026", who="petro", at=THERE, **values):
    actor = world.actor(who)
    draft = drafts.start(
        actor=actor, institution_id=world.units[at].id, process="withdraw", moment=MOMENT
    )
    drafts.save_terms(
        actor=actor, draft_id=draft.pk, seen=drafts.Sight(99), fields={"effective_on": day},
        moment=MOMENT,
    )  # fmt: skip
    chosen = drafts.choose(
        actor=actor, draft_id=draft.pk, keys=[str(one) for one in pupils], moment=MOMENT
    )
    for row in chosen.rows:
        drafts.save_row(
            actor=actor, draft_id=draft.pk, row_id=row.id, version=row.version,
            values={
                "reason": "Переведення до іншого ЗЗСО",
                "destination": "Сусідній ліцей",
                "document": "заява від 20.11.2026",
            }
            | values,
            moment=MOMENT,
        )  # fmt: skip
    return orders.prepare(
        actor=actor,
        draft_id=draft.pk,
        fields=contract.TERMS | {"number": "7-в", "effective_on": day},
        moment=MOMENT,
    )


def test_withdrawn_first_the_child_is_pointed_at_enrolment_from_the_day_it_left(world, siblings):
    waiting = prepared(world, MARKO)
    sign(world, withdrawn(world, siblings[:1]), "petro")
    with pytest.raises(DomainError, match="уже відрахував дитину"):
        sign(world, waiting)
    assert codes(draft_of(world, MARKO)) == {"leaves_already"}
    assert codes(draft_of(world, MARKO, day="24.11.2026")) == {"learns_nowhere"}


def test_transferred_first_the_withdrawal_is_told_of_its_own_service(world, siblings):
    waiting = withdrawn(world, siblings[:1])
    transferred(world, MARKO)
    with pytest.raises(DomainError, match="переведено наказом іншого закладу"):
        sign(world, waiting, "petro")
    assert Enrolment.objects.filter(pupil_id=siblings[0], ends_on=ON).count() == 1


def test_the_class_that_disappears_while_the_order_waits_refuses_it(world, siblings):
    waiting = prepared(world, MARKO)

    @command
    def closes(*, actor):
        noted()
        group = world.classes["school1/5-А"]
        type(group).objects.filter(pk=group.pk).update(closed_on=ON)

    closes(actor=world.actor("olena"))
    before = periods(siblings)
    with pytest.raises(DomainError, match="клас 5-А закрито"):
        sign(world, waiting)
    assert periods(siblings) == before


def test_the_school_year_that_ends_while_the_order_waits_refuses_it(world):
    waiting = prepared(world, MARKO)
    late = Moment(NOW, datetime.date(2027, 7, 5))
    with pytest.raises(DomainError, match="навчальний рік відтоді завершено"):
        orders.sign(
            actor=world.actor("olena"),
            order_id=waiting.pk,
            cms=signature_of(waiting, "olena"),
            moment=late,
        )


@pytest.mark.django_db(transaction=True)
def test_two_schools_at_the_same_second_and_one_has_the_child(world, siblings, monkeypatch):
    """The second waits at the child's row and then finds where the first took it."""
    first = prepared(world, MARKO)
    second = prepared(world, MARKO, who="nina", at="hub")
    held = Held(lookup.by_id)
    monkeypatch.setattr(lookup, "by_id", held)
    assert beside(lambda: sign(world, first), lambda: sign(world, second, "nina"), held) == [
        "done",
        "enrolled_meanwhile",
    ]
    mine = Enrolment.objects.filter(pupil_id=siblings[0], ends_on=None, voided_by=None)
    assert mine.get().institution_id == world.units[HERE].id


@pytest.mark.django_db(transaction=True)
def test_withdrawn_and_asked_for_at_once_the_child_leaves_once(world, siblings, monkeypatch):
    """Without the lock on the enrolment both would end it, and the child would leave twice."""
    transfer, withdrawal = prepared(world, MARKO), withdrawn(world, siblings[:1], DAY)
    held = Held(lookup.by_id)
    monkeypatch.setattr(lookup, "by_id", held)
    assert beside(
        lambda: sign(world, transfer), lambda: sign(world, withdrawal, "petro"), held
    ) == ["done", "enrolled_meanwhile"]
    left = Enrolment.objects.get(pupil_id=siblings[0], institution=world.institutions[THERE])
    assert (left.closed_by_id, left.end_reason) == (transfer.pk, "TRANSFER")


@pytest.mark.django_db(transaction=True)
def test_two_transfers_of_many_children_crosswise_never_deadlock(world, siblings):
    first = prepared(world, MARKO, MARTA)
    second = prepared(world, MARTA, MARKO, who="nina", at="hub")
    outcomes = together(lambda: sign(world, first), lambda: sign(world, second, "nina"))
    assert sorted(outcomes) == ["done", "enrolled_meanwhile"]


# ── what the sending school is asked ─────────────────────────────────────────
def task_of(order):
    return OrderTask.objects.get(order=order)


def follow():
    """Notices as the log tells of them."""
    outbox.drain()


def told(world, who):
    grant = world.grants[who]
    return set(
        Notice.objects.filter(grant_id=grant.pk, closed_at=None).values_list("code", flat=True)
    )


def release(world, order, number="8-в"):
    """The order of the school that the children left."""
    petro = world.actor("petro")
    draft = drafts.start(
        actor=petro,
        institution_id=world.units[THERE].id,
        process="release",
        keys=[str(one.pk) for one in AskedRow.objects.filter(task__order=order)],
        moment=MOMENT,
    )
    return orders.prepare(
        actor=petro, draft_id=draft.pk, fields=contract.TERMS | {"number": number}, moment=MOMENT
    )


def test_the_sending_school_is_asked_for_its_order_within_five_working_days(world):
    task = task_of(transferred(world))
    # Asked on Sunday 22.11; the term begins on Monday and ends on Friday.
    assert (task.for_institution_id, task.process, task.state) == (
        world.units[THERE].id,
        "release",
        "OPEN",
    )
    assert task.due_on == datetime.date(2026, 11, 27)
    assert task.asked.count() == 2


def test_its_order_documents_what_is_done_and_changes_no_enrolment(world, siblings):
    order = transferred(world)
    before = periods(siblings)
    answer = sign(world, release(world, order), "petro")
    assert periods(siblings) == before
    assert (task_of(order).state, answer.state) == ("DONE", "EFFECTIVE")
    assert set(AskedRow.objects.values_list("done_by_id", flat=True)) == {answer.pk}
    # Nobody is left to choose, and the same cannot be documented twice.
    petro = world.actor("petro")
    again = drafts.start(
        actor=petro,
        institution_id=world.units[THERE].id,
        process="release",
        keys=[str(one.pk) for one in AskedRow.objects.all()],
        moment=MOMENT,
    )
    assert not again.rows.exists()


def test_of_two_papers_about_one_child_the_second_is_refused(world):
    order = transferred(world)
    first, second = release(world, order, "1"), release(world, order, "2")
    sign(world, first, "petro")
    with pytest.raises(DomainError, match="вже видано"):
        sign(world, second, "petro")


def test_an_annulled_answer_is_awaited_again(world, siblings):
    order = transferred(world)
    answer = sign(world, release(world, order), "petro")
    before = periods(siblings)
    annulled(world, answer, "9-в", "petro", THERE)
    assert (task_of(order).state, periods(siblings)) == ("OPEN", before)


def test_the_head_is_told_at_once_on_the_last_day_and_after_it_until_it_answers(world):
    order = transferred(world)
    task = task_of(order)
    asked = {"order": order.pk, "process": "release", "rows": 2, "due_on": task.due_on}
    tell(TaskAsked, task.pk, NOW, **asked)
    due = dict(Notice.objects.filter(subject=str(task.pk)).values_list("code", "due"))
    assert told(world, "petro") == {ASKED, LAST_DAY, OVERDUE}
    assert due[ASKED] == NOW
    assert f"{due[LAST_DAY]:%d.%m %H:%M}" == "27.11 06:00"  # eight in the morning in Kyiv
    assert f"{due[OVERDUE]:%d.%m}" == "28.11"
    sign(world, release(world, order), "petro")
    tell(TaskSettled, task.pk, NOW, order=order.pk, state="DONE")
    assert not told(world, "petro")


@pytest.mark.django_db(transaction=True)
def test_where_nobody_heads_the_sending_school_its_authority_is_told_and_the_child_moves(
    world, siblings
):
    @command
    def gone(*, actor):
        noted()
        Grant.objects.filter(pk=world.grants["petro"].pk).update(
            state=GrantState.INACTIVE, ended_at=NOW
        )

    gone(actor=world.actor("bohdan"))
    order = transferred(world)
    follow()
    assert task_of(order).state == "OPEN"
    assert ASKED in told(world, "bohdan")
    assert Enrolment.objects.filter(pupil_id=siblings[0], ends_on=None).get().institution_id == (
        world.units[HERE].id
    )


def test_a_suspended_school_does_not_hold_its_children(world, siblings):
    @command
    def suspended(*, actor):
        noted()
        type(world.institutions[THERE]).objects.filter(pk=world.units[THERE].id).update(
            status="SUSPENDED"
        )

    suspended(actor=world.actor("bohdan"))
    assert task_of(transferred(world)).state == "OPEN"


def objected(world, order, *, who="petro", moment=MOMENT, rows=None, **said):
    task = task_of(order)
    asked = list(task.asked.order_by("id").values_list("pk", flat=True))
    return orders.object_to(
        actor=world.actor(who),
        task_id=task.pk,
        rows=asked[:1] if rows is None else rows,
        moment=moment,
        **{"objection": "NOT_APPLIED", "text": ""} | said,
    )


@pytest.mark.django_db(transaction=True)
def test_an_objection_tells_the_other_school_and_the_authority_and_changes_nothing(world, siblings):
    order = transferred(world, MARKO)
    before = periods(siblings)
    assert objected(world, order).state == "OBJECTED"
    follow()
    assert periods(siblings) == before
    assert OBJECTED in told(world, "olena")
    assert OBJECTED in told(world, "bohdan")
    assert not told(world, "petro") & {ASKED, LAST_DAY, OVERDUE}


def test_an_objection_names_its_ground_within_the_term_about_children_asked(world):
    order = transferred(world)
    late = Moment(NOW, datetime.date(2026, 11, 28))
    for refused in (
        {"rows": []},
        {"objection": "unheard-of"},
        {"objection": "OTHER"},
        {"text": "а" * 501},
        {"moment": late},
        {"rows": [10**9]},
    ):
        with pytest.raises(DomainError):
            objected(world, order, **refused)
    with pytest.raises(DomainError):  # it is the other's to object
        objected(world, order, who="olena")
    last = Moment(NOW, datetime.date(2026, 11, 27))
    assert objected(world, order, moment=last).state == "OPEN"  # one of two
    with pytest.raises(NotFound):  # said already
        objected(world, order)


# ── taken back ───────────────────────────────────────────────────────────────
def annulled(world, order, number="99", who="olena", at=HERE):
    actor = world.actor(who)
    draft = counter(world, actor, order) if at == HERE else None
    if draft is None:
        draft = drafts.start(
            actor=actor, institution_id=world.units[at].id, process="annul", moment=MOMENT
        )
        drafts.choose(actor=actor, draft_id=draft.pk, keys=[str(order.pk)], moment=MOMENT)
    return sign(
        world,
        orders.prepare(
            actor=actor,
            draft_id=draft.pk,
            fields=contract.TERMS | {"number": number},
            moment=MOMENT,
        ),
        who,
    )


@pytest.mark.django_db(transaction=True)
def test_annulled_the_child_is_where_it_was_and_the_sending_school_is_told(world, siblings):
    before = periods(siblings)
    order = transferred(world)
    objected(world, order)
    annulled(world, order)
    follow()
    assert periods(siblings) == before
    assert task_of(order).state == "CALLED_OFF"
    assert told(world, "petro") == {CALLED_OFF}
    assert OBJECTED not in told(world, "olena")


def test_after_later_changes_it_is_not_taken_back_and_says_why(world, siblings):
    order = transferred(world, MARKO, MARTA)
    transferred(world, MARKO, who="nina", at="hub", day="25.11.2026")
    draft = counter(world, world.actor("olena"), order)
    problems = [row.problems for row in draft.rows.order_by("position")]
    assert [one["code"] for one in problems[0]] == ["stands"]
    assert "вибуття" in problems[0][0]["detail"]
    order.refresh_from_db()
    assert order.state == "EFFECTIVE"


def test_a_class_closed_at_the_old_school_lets_nobody_back(world, siblings):
    order = transferred(world, MARKO)

    @command
    def closes(*, actor):
        noted()
        group = world.classes["school2/5-А"]
        type(group).objects.filter(pk=group.pk).update(closed_on=ON)

    closes(actor=world.actor("petro"))
    (problem,) = counter(world, world.actor("olena"), order).rows.get().problems
    assert "у попередньому закладі закрито" in problem["detail"]


def test_handed_on_to_a_third_school_and_annulled_the_child_is_back_in_the_second(world, siblings):
    first = transferred(world, MARKO)
    after_first = periods(siblings)
    second = transferred(world, MARKO, who="nina", at="hub", day="25.11.2026")
    annulled(world, second, "5", "nina", "hub")
    assert periods(siblings) == after_first
    assert Order.objects.get(pk=first.pk).state == "EFFECTIVE"


# ── the pages ────────────────────────────────────────────────────────────────
@pytest.fixture
def on_friday(monkeypatch):
    """The last day of the term, whatever day it is."""
    monkeypatch.setattr(timezone, "now", lambda: NOW + datetime.timedelta(days=5))


def test_the_page_of_what_is_asked_leads_to_the_order_and_takes_an_objection(
    world, client, on_friday
):
    task = task_of(transferred(world))
    page = reverse("order_task", args=[task.pk])
    sign_in(client, world.grants["petro"])
    assert "Сусіда Марко" in client.get(page).content.decode()
    refused = client.post(reverse("order_task_object", args=[task.pk]), {"text": "ні"})
    assert refused.status_code == 422
    assert "Позначте дітей" in refused.content.decode()
    begun = client.post(reverse("order_task_answer", args=[task.pk]))
    assert "/services/release/" in begun.url
    assert "Сусіда Марта" in client.get(begun.url).content.decode()
    chosen = task.asked.order_by("id").first()
    sent = client.post(
        reverse("order_task_object", args=[task.pk]),
        {"rows": str(chosen.pk), "objection": "WRONG_CHILD", "text": "Це тезка"},
    )
    assert sent.status_code == 303
    assert "Переведено не ту дитину: Це тезка" in client.get(page).content.decode()


@pytest.mark.parametrize(
    ("who", "sees"), [("bohdan", True), ("petro", True), ("olena", True), ("taras", False)]
)
def test_the_authority_sees_what_is_overdue_and_strangers_see_nothing(
    world, client, monkeypatch, who, sees
):
    task = task_of(transferred(world))
    monkeypatch.setattr(timezone, "now", lambda: NOW + datetime.timedelta(days=6))
    sign_in(client, world.grants[who])
    page = client.get(reverse("order_task_list") + "?show=overdue")
    assert (page.status_code, "№ 112-у" in page.content.decode()) == (200 if sees else 403, sees)
    found = client.get(reverse("order_task", args=[task.pk])).status_code
    assert found == (200 if sees else 404)
