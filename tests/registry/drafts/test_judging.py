"""Judging what a change touches comes to what judging the whole comes to; people in one row; and what
is judged again when the order is signed."""

from __future__ import annotations

import datetime
import functools
import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import GrantState
from kernel.clock import Moment
from kernel.db import command
from kernel.errors import NotAllowed
from registry.classes import services as classes
from registry.drafts import services as drafts
from registry.drafts.errors import StaleRow
from registry.drafts.judging import judge_whole, mark
from registry.enrolments.models import Enrolment
from registry.fields import numbers
from registry.models import ClassGroup, Institution, Pupil
from registry.movements.enrol import effect
from registry.orders import services as orders
from registry.orders.errors import EnrolledMeanwhile, OrderAlreadySigned
from registry.orders.services import signing
from registry.people.errors import InstitutionSuspended
from registry.process import kind
from signatures.services import sessions
from tests.kit import acts
from tests.kit.racing import Held, beside, together
from tests.registry.drafts.test_drafts import (
    begin,
    codes,
    confirm,
    numbered,
    same_as,
    states,
)
from tests.registry.fields.test_validation import GOOD
from tests.registry.kit import MOMENT, NOW, signature_of
from tests.registry.orders.test_orders import FIELDS, prepared, sign

VALUES = {
    "surname": ["Ґудзь", "Василенко", "", "Кoваль", "Петренко-Дід"],
    "given_name": ["Лілія", "Іван", ""],
    "born_on": ["19.10.2015", "20.10.2015", "31.02.2015", ""],
    "document": ["II-ТП 000001", "II-ТП 000002", "II-ТП 000003", "", "?"],
    "rnokpp": ["", "відмова", "1234567890"],
    "class": ["5-А", "5-Б", "99-Я"],
    "phone": ["0671111111", ""],
}


@pytest.fixture
def olena(world):
    return world.actor("olena")


def as_told(row):
    return (row.state, row.problems, row.pupil_id, sorted(row.keys), sorted(row.seen))


@pytest.mark.parametrize("seed", range(6))
def test_what_a_change_touches_is_judged_as_the_whole_would_be(world, olena, seed):
    chance = random.Random(seed)
    draft = begin(olena, world, [numbered(1 + n % 4) for n in range(9)])
    common = {"actor": olena, "draft_id": draft.pk, "moment": MOMENT}
    for _ in range(14):
        row = chance.choice(list(draft.rows.all()))
        act = chance.randrange(10)
        if act < 7:
            column = chance.choice(list(VALUES))
            typed = {column: chance.choice(VALUES[column])}
            drafts.save_row(**common, row_id=row.id, version=row.version, values=typed)
        elif act == 7:
            drafts.include(**common, row_ids=[row.id], included=row.state == "EXCLUDED")
        elif act == 8:
            drafts.add_rows(**common, rows=[numbered(chance.randrange(1, 5))])
        else:
            confirm(olena, draft, "surname:repeated_name")
        rows = list(draft.rows.order_by("position"))
        judged = judge_whole(draft, rows, olena, MOMENT)
        for row, verdict in zip(rows, judged, strict=True):
            assert as_told(row) == as_told(verdict), (row.position, row.values)


def test_a_cell_costs_the_same_in_a_short_table_and_in_a_long_one(world, olena):
    def queries(count):
        draft = begin(olena, world, [numbered(n) for n in range(1, count)])
        row = draft.rows.first()
        common = {"actor": olena, "draft_id": draft.pk, "row_id": row.id, "moment": MOMENT}
        with CaptureQueriesContext(connection) as asked:
            drafts.save_row(**common, version=row.version, values={"phone": "0671111111"})
        return len(asked)

    assert queries(3) == queries(60)


# ── two people in one row ────────────────────────────────────────────────────
def test_two_people_in_different_cells_of_one_row_are_both_saved(world, olena):
    draft = begin(olena, world, [numbered(1)])
    row = draft.rows.get()
    common = {"draft_id": draft.pk, "row_id": row.id, "version": row.version, "moment": MOMENT}
    drafts.save_row(actor=olena, values={"phone": "0671111111"}, **common)
    drafts.save_row(actor=world.actor("dana"), values={"email": "a@example.ua"}, **common)
    row.refresh_from_db()
    assert (row.values["phone"], row.values["email"]) == ("0671111111", "a@example.ua")


def test_the_same_cell_is_a_question_that_carries_both_values(world, olena):
    draft = begin(olena, world, [numbered(1)])
    row = draft.rows.get()
    common = {"draft_id": draft.pk, "row_id": row.id, "version": row.version, "moment": MOMENT}
    drafts.save_row(actor=olena, values={"phone": "0671111111"}, **common)
    with pytest.raises(StaleRow) as told:
        drafts.save_row(actor=world.actor("dana"), values={"phone": "0672222222"}, **common)
    assert told.value.context["theirs"] == {"phone": "0671111111"}
    assert told.value.context["mine"] == {"phone": "0672222222"}


@pytest.mark.django_db(transaction=True)
def test_two_people_at_one_moment_lose_nothing(world):
    """The row's version and its cells are read under the draft's lock."""
    draft = begin(world.actor("olena"), world, [numbered(1)])
    row = draft.rows.get()

    def types(who, values):
        return functools.partial(
            drafts.save_row,
            actor=world.actor(who),
            draft_id=draft.pk,
            row_id=row.id,
            version=row.version,
            values=values,
            moment=MOMENT,
        )

    assert together(
        types("olena", {"phone": "0671111111"}), types("dana", {"email": "a@example.ua"})
    ) == ["done", "done"]
    row.refresh_from_db()
    assert (row.values["phone"], row.values["email"]) == ("0671111111", "a@example.ua")
    assert row.version == 3


# ── asked again at signing ───────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"letter": "Ю"}, "тепер 5-Ю"),
        ({"grade": 9}, "тепер 9-Б"),
        ({"closed_on": MOMENT.today}, "закрито"),
        ({"institution": "school2", "letter": "Щ"}, "закрито"),
        ({"language": "pl"}, "змінено мову навчання"),
        ({"shift": 2, "form": "EVENING"}, "змінено форму здобуття освіти, зміну"),
    ],
)
def test_a_class_changed_while_the_order_waits_is_a_conflict_and_no_error(
    world, olena, change, told
):
    order = prepared(olena, world, [numbered(1) | {"class": "5-Б"}])
    if "institution" in change:
        change = change | {"institution": world.institutions[change["institution"]]}

    @command
    def changed(*, actor):
        ClassGroup.objects.filter(pk=world.classes["school1/5-Б"].pk).update(**change)
        acts.noted()

    changed(actor=olena)
    with pytest.raises(EnrolledMeanwhile) as refused:
        sign(olena, order)
    assert told in refused.value.detail


def test_one_child_with_two_documents_is_enrolled_once(world, olena):
    mine = prepared(olena, world, [numbered(1)])
    other = numbered(1) | {"document": "III-ТП 999999", "rnokpp": ""}
    theirs = prepared(world.actor("petro"), world, [other], "school2")
    sign(olena, mine)
    with pytest.raises(EnrolledMeanwhile):
        sign(world.actor("petro"), theirs, "petro")


def test_a_namesake_who_was_said_to_be_another_child_stops_nothing(world, olena):
    sign(
        world.actor("petro"),
        prepared(world.actor("petro"), world, [numbered(1)], "school2"),
        "petro",
    )
    other = numbered(1) | {"document": "III-ТП 999999", "rnokpp": ""}
    draft = begin(olena, world, [other])
    assert "namesake_elsewhere" in codes(draft.rows.get())
    confirm(olena, draft, "surname:namesake_elsewhere")
    order = orders.prepare(actor=olena, draft_id=draft.pk, fields=FIELDS, moment=MOMENT)
    assert sign(olena, order).state == "EFFECTIVE"


# ── two phases ───────────────────────────────────────────────────────────────
def test_a_head_dismissed_while_the_responder_was_asked_signs_nothing(world, olena, monkeypatch):
    order = prepared(olena, world, [numbered(1)])
    verify = sessions.verify

    @command
    def dismissed(*, actor):
        grant = world.grants["olena"]
        grant.state, grant.ended_at = GrantState.INACTIVE, NOW
        grant.save()
        acts.noted()

    def slowly(*args, **kwargs):
        found = verify(*args, **kwargs)
        dismissed(actor=olena)
        return found

    monkeypatch.setattr(sessions, "verify", slowly)
    with pytest.raises(NotAllowed):
        sign(olena, order)
    order.refresh_from_db()
    assert order.state == "PREPARED"
    assert not Enrolment.objects.filter(opened_by=order).exists()


def test_an_order_given_up_while_the_responder_was_asked_is_not_signed(world, olena, monkeypatch):
    order = prepared(olena, world, [numbered(1)])
    verify = sessions.verify

    def slowly(*args, **kwargs):
        found = verify(*args, **kwargs)
        orders.give_up(actor=olena, order_id=order.pk)
        return found

    monkeypatch.setattr(sessions, "verify", slowly)
    with pytest.raises(Exception, match="не можна підписати"):
        sign(olena, order)
    order.refresh_from_db()
    assert order.state == "GIVEN_UP"


@pytest.mark.django_db(transaction=True)
def test_giving_up_and_signing_at_once_leave_one_outcome(world, monkeypatch):
    """Both hold the order: what is signed is never given up, and the other way about."""
    order = prepared(world.actor("olena"), world, [numbered(1)])
    cms = signature_of(order, "olena")
    held = Held(signing.still_acting, before=True)
    monkeypatch.setattr(signing, "still_acting", held)
    olena = world.actor("olena")
    outcomes = beside(
        lambda: orders.sign(actor=olena, order_id=order.pk, cms=cms, moment=MOMENT),
        lambda: orders.give_up(actor=olena, order_id=order.pk),
        held,
    )
    assert outcomes == ["done", OrderAlreadySigned.code]
    order.refresh_from_db()
    assert order.state == "EFFECTIVE"
    assert Enrolment.objects.filter(opened_by=order).count() == 1


@command
def suspend(*, actor, school):
    Institution.objects.filter(pk=school.pk).update(status="SUSPENDED")
    acts.noted()


def test_a_school_suspended_while_the_order_waits_signs_nothing(world, olena):
    order = prepared(olena, world, [numbered(1)])
    suspend(actor=olena, school=world.institutions["school1"])
    with pytest.raises(InstitutionSuspended):
        sign(olena, order)
    order.refresh_from_db()
    assert order.state == "PREPARED"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("beside_it", ["class closed", "class renamed", "school suspended"])
def test_what_the_signing_has_seen_nobody_changes_until_it_is_done(
    transactional_db, monkeypatch, beside_it
):
    """Both hold: the rival waits, and meets a child in the class, or an order in effect."""
    from tests.world import build

    world = build()
    olena, group = world.actor("olena"), world.classes["school1/5-Б"]
    for pupil in Pupil.objects.filter(class_group_id=group.pk):
        empty(actor=olena, pupil=pupil)
    order = prepared(olena, world, [numbered(1)])
    cms = signature_of(order, "olena")
    held = Held(effect.conflicts)
    monkeypatch.setattr(effect, "conflicts", held)
    after = []

    def rival():
        if beside_it == "class closed":
            classes.close_many([group.uid], actor=olena)
        elif beside_it == "class renamed":
            classes.update({"letter": "Ю"}, actor=olena, uid=group.uid, version=group.version)
        else:
            suspend(actor=olena, school=world.institutions["school1"])
        after.append(Enrolment.objects.filter(opened_by=order).count())

    outcomes = beside(
        lambda: orders.sign(actor=olena, order_id=order.pk, cms=cms, moment=MOMENT), rival, held
    )
    if beside_it == "class closed":
        assert outcomes == ["done", "class_not_empty"]
    else:
        assert (outcomes, after) == (["done", "done"], [1])


@command
def empty(*, actor, pupil):
    for enrolment in pupil.enrolments.all():
        enrolment.ends_on = datetime.date(2026, 10, 1)
        enrolment.save()
    acts.noted()


def test_a_suspended_school_prepares_nothing(world, olena):
    draft = begin(olena, world, [numbered(1)])

    suspend(actor=olena, school=world.institutions["school1"])
    with pytest.raises(InstitutionSuspended):
        orders.prepare(actor=olena, draft_id=draft.pk, fields=FIELDS, moment=MOMENT)
    with pytest.raises(InstitutionSuspended):
        drafts.check_again(actor=olena, draft_id=draft.pk, moment=MOMENT)


# ── what a signed row says the register holds ────────────────────────────────
def left(world, olena, who):
    pupil = world.pupils[who]

    @command
    def leaves(*, actor):
        Enrolment.objects.filter(pupil=pupil).update(ends_on=datetime.date(2026, 11, 1))
        acts.noted()

    leaves(actor=olena)
    return pupil


@pytest.mark.parametrize(
    ("column", "typed", "field"),
    [
        ("citizenship", "PL", "citizenship"),
        ("sex", "Ж", "sex"),
        ("patronymic", "Інший", "patronymic"),
    ],
)
def test_a_returning_childs_difference_is_asked_and_then_the_profile_follows(
    world, olena, column, typed, field
):
    lev = left(world, olena, "lev")

    @command
    def known(*, actor):
        Pupil.objects.filter(pk=lev.pk).update(patronymic="Левович")
        acts.noted()

    known(actor=olena)
    lev.refresh_from_db()
    draft = begin(olena, world, [same_as(lev) | {"class": "5-Б", column: typed}])
    row = draft.rows.get()
    asked = {p["field"] for p in row.problems if p["code"] == "profile_differs"}
    assert asked == {column}, row.problems
    for problem in row.problems:
        confirm(olena, draft, f"{problem['field']}:{problem['code']}")
    assert states(draft) == ["READY"], draft.rows.get().problems
    order = orders.prepare(actor=olena, draft_id=draft.pk, fields=FIELDS, moment=MOMENT)
    sign(olena, order)
    before, lev = lev, Pupil.objects.get(pk=lev.pk)
    assert getattr(lev, field) != getattr(before, field)
    assert_says_what_is_held(order)


@pytest.mark.parametrize(
    ("typed", "asked", "held"), [("", set(), "PL"), ("UA", {"citizenship"}, "UA")]
)
def test_a_citizenship_left_out_changes_nothing_and_asks_nothing(world, olena, typed, asked, held):
    lev = left(world, olena, "lev")

    @command
    def polish(*, actor):
        Pupil.objects.filter(pk=lev.pk).update(citizenship="PL")
        acts.noted()

    polish(actor=olena)
    draft = begin(
        olena, world, [same_as(lev) | {"class": "5-Б", "citizenship": typed}, numbered(7)]
    )
    row = draft.rows.get(position=1)
    assert {p["field"] for p in row.problems if p["code"] == "profile_differs"} == asked
    for problem in row.problems:
        confirm(olena, draft, f"{problem['field']}:{problem['code']}", row)
    order = orders.prepare(actor=olena, draft_id=draft.pk, fields=FIELDS, moment=MOMENT)
    sign(olena, order)
    lev.refresh_from_db()
    assert lev.citizenship == held
    assert (
        Pupil.objects.get(
            enrolments__opened_by=order,
            given_name=numbered(7)["given_name"],
            surname=numbered(7)["surname"],
        ).citizenship
        == "UA"
    )


def assert_says_what_is_held(order):
    for content in order.rows.values_list("content", flat=True):
        row = kind("enrol").decode(bytes(content))
        pupil = Pupil.objects.get(pk=row.pupil)
        for field in ("surname", "given_name", "born_on", "sex"):
            assert getattr(pupil, field) == getattr(row, field)
        for field in (
            "patronymic",
            "citizenship",
            "rnokpp",
            "unzr",
        ):  # left out, it stays as it was
            assert getattr(row, field) in ("", None, getattr(pupil, field)), field
        assert row.rnokpp_state in ("NOT_ASSIGNED", pupil.rnokpp_state)
        shown = pupil.documents.get(
            type=row.document.type, series=row.document.series, number=row.document.number
        )
        assert row.document.issued_by in ("", shown.issued_by)
        assert row.document.issued_on in (None, shown.issued_on)
        enrolment = pupil.enrolments.get(opened_by=order)
        assert enrolment.starts_on == order.effective_on
        place = enrolment.placements.get()
        assert (place.class_group_id, place.form) == (row.class_.id, row.form)
        who = row.applicant
        if who.relation != "SELF":
            ties = pupil.guardianships.filter(
                relation=who.relation,
                guardian__surname=who.surname,
                guardian__given_name=who.given_name,
            ).select_related("guardian")
            assert any(
                all(
                    getattr(who, field) in ("", None, getattr(tie.guardian, field))
                    for field in ("patronymic", "phone", "email", "rnokpp")
                )
                for tie in ties
            ), (who, [tie.guardian for tie in ties])
        lives = {one.kind: one for one in pupil.addresses.all()}
        if row.address.line or row.address.territory or row.address.country != "UA":
            actual = lives["ACTUAL"]
            assert actual.country == row.address.country
            assert row.address.line in ("", actual.line)
            assert row.address.territory in ("", actual.territory_code)
        assert row.address.registered in ("", getattr(lives.get("REGISTERED"), "line", None))


def number_of(born_on, serial):
    """A РНОКПП with its check digit."""
    nine = f"{(born_on - datetime.date(1899, 12, 31)).days:05d}{serial:04d}"
    return f"{nine}{numbers.rnokpp_check_digit(nine)}"


PERSONS = tuple(number_of(datetime.date(1985, 5, 5), serial) for serial in (2, 4))
MINE = tuple(number_of(datetime.date(2016, 3, 5), serial) for serial in (1, 3))
PLACES = ("UA73060610010033137", "UA73060330010086418")
# What a row of a child may say; «» leaves it to the register.
SAYS = {
    "surname": ["Львівенко", "Інакша"],
    "patronymic": ["", "Іванович", "Левович"],
    "sex": ["М", "Ж"],
    "citizenship": ["", "UA", "PL"],
    "rnokpp": ["", "відмова", *MINE],
    "unzr": ["", "20160305-00014", "20160305-00022"],
    "document": ["X-ТЕ 000005", "II-ТП 777777"],
    "document_issued_by": ["", "Відділ ДРАЦС", "Інший відділ"],
    "document_issued_on": ["", "10.03.2016"],
    "form": ["", "Сімейна"],
    "relation": ["мати", "опікун", "особисто"],
    "applicant": ["Василенко Любов Романівна", "Василенко Любов", "Інша Ольга"],
    "applicant_rnokpp": ["", *PERSONS],
    "phone": ["", "0671111111", "0672222222"],
    "email": ["", "a@example.ua", "b@example.ua"],
    "address": ["", "вул. Перша, 1", "вул. Друга, 2"],
    "address_country": ["", "PL"],
    "address_territory": ["", *PLACES],
    "registered_address": ["", "вул. Третя, 3"],
}


@pytest.mark.parametrize("seed", range(6))
def test_after_signing_the_register_holds_what_the_rows_say_or_it_was_doubted_before(
    world, olena, seed
):
    """Two children come and go three times by tables that say anything; doubts are confirmed, rows
    with errors stay out."""
    chance = random.Random(seed)
    lev = left(world, olena, "lev")
    signed = 0
    for turn in range(3):
        lev.refresh_from_db()
        said = [{name: chance.choice(values) for name, values in SAYS.items()} for _ in range(2)]
        rows = [
            lev_now(lev) | said[0],
            numbered(50) | said[1] | {"document": "II-ТП 000050", "unzr": "", "rnokpp": ""},
        ]
        draft = begin(olena, world, rows)
        common = {"actor": olena, "draft_id": draft.pk, "moment": MOMENT}
        for row in draft.rows.all():
            for problem in row.problems:
                if (twin := problem.get("pupil")) and problem["level"] == "warning":
                    seen = mark([row], sorted(kind("enrol").identity))
                    drafts.decide_twin(**common, row_id=row.id, pupil_id=twin, same=True, seen=seen)
        for row in draft.rows.all():
            for problem in row.problems:
                confirm(olena, draft, f"{problem['field']}:{problem['code']}", row)
        if "READY" not in states(draft):
            continue
        order = orders.prepare(
            actor=olena, draft_id=draft.pk, fields=FIELDS | {"number": f"{turn}"}, moment=MOMENT
        )
        sign(olena, order)
        assert_says_what_is_held(order)
        signed += 1
        gone(olena, order)
    assert signed


def lev_now(lev):
    born = f"{lev.born_on:%d.%m.%Y}"
    return GOOD | {"given_name": lev.given_name, "born_on": born, "class": "5-Б"}


def gone(olena, order):
    """The children of an order learn nowhere again."""

    @command
    def leave(*, actor):
        effect.void(order, order)
        acts.noted()

    leave(actor=olena)


def test_a_profile_corrected_while_the_order_waits_is_not_written_over_in_silence(world, olena):
    lev = left(world, olena, "lev")
    order = prepared(olena, world, [same_as(lev) | {"class": "5-Б", "citizenship": "UA"}])

    @command
    def corrected(*, actor):
        Pupil.objects.filter(pk=lev.pk).update(sex="F", citizenship="PL")
        acts.noted()

    corrected(actor=olena)
    with pytest.raises(EnrolledMeanwhile) as told:
        sign(olena, order)
    assert "змінено стать, громадянство" in told.value.detail
    lev.refresh_from_db()
    assert lev.sex == "F"


def test_one_representative_with_two_phones_in_a_table_is_asked_about(world, olena):
    """The register keeps one phone of a person: the other would be lost."""
    who = {"applicant_rnokpp": PERSONS[0]}
    phones = ("0671111111", "0672222222", "")
    draft = begin(
        olena, world, [numbered(n, **who, phone=phone) for n, phone in enumerate(phones, 1)]
    )
    assert states(draft) == ["READY", "FIX", "READY"]
    assert codes(draft.rows.get(position=2)) == {"repeated_otherwise"}


def test_what_a_child_who_applies_in_person_says_of_itself_is_not_lost_in_silence(world, olena):
    draft = begin(olena, world, [numbered(1, relation="особисто", phone="0671111111")])
    assert states(draft) == ["CHECK"]
    assert codes(draft.rows.get()) == {"not_kept"}


def test_a_day_later_the_table_is_judged_by_that_day(world, olena):
    """Today is told to a command, never read by it."""
    draft = begin(olena, world, [numbered(1) | {"document_issued_on": "23.11.2026"}])
    assert states(draft) == ["FIX"]
    tomorrow = Moment(NOW + datetime.timedelta(days=1), MOMENT.today + datetime.timedelta(days=1))
    drafts.check_again(actor=olena, draft_id=draft.pk, moment=tomorrow)
    assert states(draft) == ["READY"]
