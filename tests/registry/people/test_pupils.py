"""Pupils: who sees whom, lists at every level, the card, corrections."""

from __future__ import annotations

import datetime

import pgtrigger
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kernel import clock
from kernel.audit.models import EventRow, Look
from kernel.db import command
from kernel.errors import Invalid, NotAllowed, NotFound, StaleVersion
from registry.cards.portal import words
from registry.cards.selectors import pupil as cards
from registry.classifiers.selectors import classifiers as classifiers_read
from registry.models import Enrolment, Pupil, PupilCategory, PupilDocument
from registry.people import services as pupils
from registry.people.errors import DocumentTaken, NumberTaken
from registry.people.selectors import facets, lists
from registry.people.selectors.filters import Filters
from registry.tasks import turn_enrolments
from tests.kit import acts
from tests.registry.drafts.test_drafts import numbered
from tests.registry.kit import TODAY
from tests.registry.orders.test_orders import prepared, sign


def names(listing):
    return [line.surname for line in listing.rows]


# ── who sees whom ────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("who", "surnames"),
    [
        ("olena", ["Ґудзь", "Іваненко"]),
        ("dana", ["Ґудзь", "Іваненко"]),
        ("petro", ["Сусіда"]),
        ("nina", ["Філійна"]),
        ("bohdan", ["Ґудзь", "Іваненко", "Сусіда"]),
        ("hanna", ["Філійна"]),
    ],
)
def test_names_are_seen_by_the_school_and_the_authority_it_stands_under(world, who, surnames):
    assert names(lists.listing(world.actor(who), Filters(), today=TODAY)) == surnames


@pytest.mark.parametrize(("who", "number"), [("iryna", 4), ("maria", 5)])
def test_higher_levels_see_pseudonyms_and_nothing_that_tells_a_name(world, who, number):
    listing = lists.listing(world.actor(who), Filters(), size=2, today=TODAY)
    assert not listing.named
    pages, mark = [*listing.rows], listing.next
    while mark:
        assert "Іван" not in mark
        page = lists.listing(world.actor(who), Filters(), size=2, after=mark, today=TODAY)
        pages += page.rows
        mark = page.next
    assert len(pages) == number
    for line in pages:
        assert (line.id, line.surname, line.given_name) == (None, "", "")
        assert line.born == "2016"
    assert not Look.objects.filter(subject_type="registry.pupil").exists()
    with pytest.raises(NotAllowed):
        cards.card(world.actor(who), world.pupils["ivan"].pk, today=TODAY)


def test_an_oblast_sees_names_only_where_the_school_stands_right_under_it(world):
    lviv = str(world.institutions["lviv_school"].uid)
    listing = lists.listing(world.actor("taras"), Filters(institution=lviv), today=TODAY)
    assert names(listing) == ["Львівенко"]
    city = str(world.institutions["school1"].uid)
    assert not lists.listing(world.actor("iryna"), Filters(institution=city), today=TODAY).named
    with pytest.raises(NotFound):
        lists.listing(world.actor("taras"), Filters(institution=city), today=TODAY)


def test_the_technical_administrator_sees_no_content(world):
    with pytest.raises(NotAllowed):
        lists.listing(world.actor("admin"), Filters(), today=TODAY)


def test_hidden_and_absent_children_read_the_same(world):
    olena = world.actor("olena")
    for missing in (world.pupils["marko"].pk, "0190a0b0-0000-7000-8000-000000000000", "x"):
        with pytest.raises(NotFound):
            cards.card(olena, missing, today=TODAY)


# ── lists ────────────────────────────────────────────────────────────────────
def test_a_list_is_narrowed_by_name_number_class_and_flag(world):
    olena = world.actor("olena")
    assert names(lists.listing(olena, Filters(q="ґу"), today=TODAY)) == ["Ґудзь"]
    assert names(lists.listing(olena, Filters(q="000001"), today=TODAY)) == ["Іваненко"]
    five_a = str(world.classes["school1/5-А"].uid)
    assert names(lists.listing(olena, Filters(class_id=five_a), today=TODAY)) == ["Іваненко"]
    assert names(lists.listing(olena, Filters(sex="F"), today=TODAY)) == ["Ґудзь"]
    assert len(lists.listing(olena, Filters(flag="no_rnokpp"), today=TODAY).rows) == 2
    assert lists.listing(olena, Filters(flag="no_documents"), today=TODAY).rows == []
    with pytest.raises(NotFound):
        lists.listing(olena, Filters(class_id=str(world.classes["school2/5-А"].uid)), today=TODAY)


def test_pages_go_both_ways_and_lose_nobody(world):
    olena = world.actor("olena")
    sign(
        olena, prepared(olena, world, [numbered(n) for n in range(1, 8)], effective_on="22.11.2026")
    )
    every = names(lists.listing(olena, Filters(), today=TODAY))
    first = lists.listing(olena, Filters(), size=4, today=TODAY)
    second = lists.listing(olena, Filters(), size=4, after=first.next, today=TODAY)
    third = lists.listing(olena, Filters(), size=4, after=second.next, today=TODAY)
    assert names(first) + names(second) + names(third) == every
    assert third.next is None
    assert names(
        lists.listing(olena, Filters(), size=4, before=third.previous, today=TODAY)
    ) == names(second)


def test_counts_tell_what_each_filter_would_leave(world):
    found = facets.facets(world.actor("olena"), Filters(sex="F"), today=TODAY)
    assert (found.total, found.shown) == (2, 1)
    assert found.sexes == {"M": 1, "F": 1}
    assert [(label, number) for _, label, number in found.classes] == [("5-Б", 1)]
    assert found.flags["no_rnokpp"] == 1
    assert facets.facets(world.actor("bohdan"), Filters(), today=TODAY) is None


@command
def rewrite(*, actor, who, **changes):
    acts.noted()
    Pupil.objects.filter(pk=who.pk).update(**changes)


@pytest.mark.parametrize(
    ("born_on", "odd"),
    [("2017-09-02", 1), ("2017-09-01", 0), ("2011-09-02", 0), ("2011-09-01", 1)],
)
def test_an_age_fits_the_fifth_class_from_nine_to_fourteen_full_years(world, born_on, odd):
    olena = world.actor("olena")
    rewrite(actor=olena, who=world.pupils["ivan"], born_on=born_on)
    assert facets.facets(olena, Filters(), today=TODAY).flags.get("age", 0) == odd
    assert len(lists.listing(olena, Filters(flag="age"), today=TODAY).rows) == odd


def test_children_of_one_name_and_day_of_birth_are_counted_and_found_together(world):
    olena, ivan = world.actor("olena"), world.pupils["ivan"]
    assert "twins" not in facets.facets(olena, Filters(), today=TODAY).flags
    alike = {name: getattr(ivan, name) for name in ("surname", "given_name", "patronymic")}
    rewrite(actor=olena, who=world.pupils["oksana"], **alike, born_on=ivan.born_on)
    assert facets.facets(olena, Filters(), today=TODAY).flags["twins"] == 2
    assert len(lists.listing(olena, Filters(flag="twins"), today=TODAY).rows) == 2


def test_a_child_without_a_document_is_counted_found_and_marked(world):
    olena = world.actor("olena")

    @command
    def lose(*, actor):
        acts.noted()
        PupilDocument.objects.filter(pupil=world.pupils["ivan"]).delete()

    lose(actor=olena)
    assert facets.facets(olena, Filters(), today=TODAY).flags["no_documents"] == 1
    assert names(lists.listing(olena, Filters(flag="no_documents"), today=TODAY)) == ["Іваненко"]
    marks = {line.surname: line.flag for line in lists.listing(olena, Filters(), today=TODAY).rows}
    assert marks == {"Іваненко": "no_documents", "Ґудзь": "no_rnokpp"}


def test_a_list_shows_the_class_and_the_categories_of_today_with_their_level(world):
    olena, ivan = world.actor("olena"), world.pupils["ivan"]
    today = TODAY

    @command
    def put(*, actor):
        acts.noted()
        for code, level, starts, ends in (
            ("SEN", 3, -10, None),
            ("ORPHAN", None, -10, 0),
            ("IDP", None, 1, None),
        ):
            PupilCategory.objects.create(
                pupil=ivan,
                code=code,
                level=level,
                starts_on=today + datetime.timedelta(days=starts),
                ends_on=None if ends is None else today + datetime.timedelta(days=ends),
            )

    put(actor=olena)
    line = next(
        one for one in lists.listing(olena, Filters(), today=TODAY).rows if one.id == str(ivan.pk)
    )
    assert line.class_label == "5-А"
    assert line.categories == (f"{classifiers_read.short('pupil_category', 'SEN')} 3-й рівень",)
    nameless = lists.listing(world.actor("iryna"), Filters(), today=TODAY).rows
    assert {line.categories for line in nameless} == {()}


def test_a_list_costs_the_same_for_one_row_and_for_thirty(world):
    olena = world.actor("olena")

    def queries():
        with CaptureQueriesContext(connection) as captured:
            lists.listing(olena, Filters(), today=TODAY)
            facets.facets(olena, Filters(), today=TODAY)
        return len(captured)

    queries()  # warms the classifiers
    before = queries()
    sign(olena, prepared(olena, world, [numbered(n) for n in range(1, 31)]))
    assert queries() == before


def test_looking_at_names_is_noted(world):
    lists.listing(world.actor("olena"), Filters(), today=TODAY)
    noted = Look.objects.filter(subject_type="registry.pupil")
    assert noted.count() == 2
    assert "Олена" not in noted.first().what


# ── the card ─────────────────────────────────────────────────────────────────
def test_a_card_tells_the_order_the_signature_and_who_looked(world):
    olena = world.actor("olena")
    order = sign(olena, prepared(olena, world, [numbered(1), numbered(2)]))
    pupil = order.rows.first().pupil
    cards.card(world.actor("dana"), pupil.pk, today=TODAY)
    card = cards.card(olena, pupil.pk, today=TODAY)
    assert card.class_label == "5-Б"
    assert card.age == 11
    (moment,) = words.timeline(card)
    assert "№ 112-у" in moment.text
    assert "разом із 1" in moment.text
    assert "Шкільна Олена" in moment.proof
    assert [look.what for look in card.looks] == ["картка"]
    assert card.may_edit


# ── corrections ──────────────────────────────────────────────────────────────
def identity(pupil, **changes):
    return {
        "surname": pupil.surname,
        "given_name": pupil.given_name,
        "patronymic": pupil.patronymic,
        "born_on": f"{pupil.born_on:%d.%m.%Y}",
        "sex": pupil.sex,
        "rnokpp": pupil.rnokpp or "",
        "unzr": pupil.unzr or "",
    } | changes


def correct(world, who, pupil, ground="свідоцтво", version=1, **changes):
    return pupils.correct(
        actor=world.actor(who),
        pupil_id=pupil.pk,
        version=version,
        values=identity(pupil, **changes),
        ground=ground,
        today=TODAY,
    )


def test_a_correction_keeps_old_and_new_with_its_ground(world):
    ivan = world.pupils["ivan"]
    saved = correct(world, "dana", ivan, surname="Іваненчук")
    assert (saved.surname, saved.version) == ("Іваненчук", 2)
    event = EventRow.objects.get(code="registry.pupil.corrected")
    assert event.payload["changed"] == {"surname": ["Іваненко", "Іваненчук"]}
    assert event.payload["ground"] == "свідоцтво"


def test_a_stale_correction_is_refused(world):
    ivan = world.pupils["ivan"]
    correct(world, "olena", ivan, surname="Іваненчук")
    with pytest.raises(StaleVersion):
        correct(world, "dana", ivan, surname="Іванчук")


def test_a_correction_is_checked_and_doubts_are_confirmed(world):
    ivan = world.pupils["ivan"]
    with pytest.raises(Invalid) as told:
        correct(world, "olena", ivan, surname="Ivanенко", born_on="31.02.2016", ground="")
    assert {p.field for p in told.value.problems} == {"surname", "born_on", "ground"}
    with pytest.raises(Invalid):
        correct(world, "olena", ivan, rnokpp="7146712358")
    assert correct(world, "olena", ivan, rnokpp="7146712358", confirmed="on").rnokpp == "7146712358"
    with pytest.raises(NumberTaken):
        correct(world, "olena", world.pupils["oksana"], rnokpp="7146712358", confirmed="on")


@pytest.mark.parametrize("who", ["bohdan", "hanna", "petro"])
def test_only_the_school_corrects(world, who):
    with pytest.raises((NotAllowed, NotFound)):
        correct(world, who, world.pupils["ivan"], surname="Іваненчук")


def test_documents_are_added_and_the_old_stay(world):
    ivan = world.pupils["ivan"]
    common = {"actor": world.actor("olena"), "pupil_id": ivan.pk, "today": TODAY}
    values = {"type": "ID_CARD", "document": "000777777", "is_primary": "on"}
    pupils.add_document(**common, values=values)
    assert [(d.type, d.is_primary) for d in ivan.documents.order_by("id")] == [
        ("BIRTH_UA", False),
        ("ID_CARD", True),
    ]
    with pytest.raises(DocumentTaken):
        pupils.add_document(**common, values=values)
    with pytest.raises(DocumentTaken) as told:
        pupils.add_document(**common, values={"type": "BIRTH_UA", "document": "X-ТЕ 000003"})
    assert "Сусіда" not in told.value.detail
    assert ivan.documents.count() == 2


def test_categories_have_periods_and_what_they_ask(world):
    ivan = world.pupils["ivan"]
    common = {"actor": world.actor("olena"), "pupil_id": ivan.pk, "today": TODAY}
    with pytest.raises(Invalid) as told:
        pupils.add_category(**common, values={"code": "SEN", "starts_on": "01.09.2026"})
    assert {p.field for p in told.value.problems} >= {"level"}
    values = {"code": "SEN", "level": "2", "document": "ІРЦ-1", "issued_on": "20.08.2026"}
    values |= {"starts_on": "01.09.2026"}
    row = pupils.add_category(**common, values=values)
    with pytest.raises(Invalid):
        pupils.add_category(**common, values=values)
    pupils.end_category(
        actor=world.actor("olena"),
        pupil_id=ivan.pk,
        category_id=row.pk,
        version=1,
        ends_on=datetime.date(2026, 11, 1),
    )
    told = EventRow.objects.get(code="registry.pupil.category_ended")
    assert (told.subject_id, told.payload["category"]) == (str(ivan.pk), row.pk)
    assert pupils.add_category(**common, values=values | {"starts_on": "01.11.2026"})


# ── days turn ────────────────────────────────────────────────────────────────
def test_an_enrolment_that_ended_leaves_the_list_when_the_day_turns(world):
    ivan = world.pupils["ivan"]
    yesterday = clock.today() - datetime.timedelta(days=1)

    @command
    def will_end(*, actor):
        # As if the day had just turned: the trigger of the mirror is deaf to this one change.
        # (`pgtrigger.ignore` puts two statements into one, which no prepared statement can be.)
        acts.noted()
        _, mirror = pgtrigger.registered("registry.Enrolment:changed")[0]
        with connection.cursor() as cursor:
            deaf = f"{{{mirror.get_pgid(Enrolment)}}}"
            cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", [deaf])
            Enrolment.objects.filter(pupil=ivan).update(ends_on=yesterday)
            cursor.execute("SELECT set_config('pgtrigger.ignore', NULL, true)")

    will_end(actor=world.actor("olena"))
    assert Pupil.objects.get(pk=ivan.pk).institution_id is not None
    turn_enrolments()
    assert Pupil.objects.get(pk=ivan.pk).institution_id is None
    assert Enrolment.objects.filter(pupil=ivan).exists()
