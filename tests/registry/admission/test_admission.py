"""Admission to grade 1 from places to the order, through its commands."""

from __future__ import annotations

import json

import pytest

from kernel.errors import Invalid
from registry.admission import allocation, services
from registry.admission.errors import (
    AdmissionClosed,
    ApplicationDecided,
    DrawDecided,
    NotYet,
    TooManyByRight,
)
from registry.admission.models import Application, Candidate
from registry.admission.services import draws, orders
from registry.drafts.models import Draft, DraftRow
from registry.people.errors import OnlyTheHeadSigns
from tests.registry.admission.kit import (
    JULY,
    JUNE,
    MAY,
    announced,
    applied,
    at,
    by_state,
    cells,
    drafted,
    held,
    places,
    states,
)


def give(world, school="school1", who="olena", moment=JUNE):
    return services.by_right(
        actor=world.actor(who), institution_id=world.institutions[school].pk, moment=moment
    )


def test_rows_of_a_table_become_applications_and_the_draft_goes(world):
    places(world)
    draft = drafted(world, [cells(1, claims="територія; брат"), cells(2, wish="3")])
    made = services.register(actor=world.actor("dana"), draft_id=draft.pk, moment=MAY)
    assert [(one.wish, one.claims) for one in made] == [(1, ["TERRITORY", "SIBLING"]), (3, [])]
    assert made[0].candidate.number.startswith("2027-")
    assert "wish" not in made[0].values
    assert made[0].values["surname"] == made[0].surname
    assert not Draft.objects.filter(pk=draft.pk).exists()


def test_a_row_with_a_mistake_stays_in_the_draft(world):
    places(world)
    draft = drafted(world, [cells(1), cells(2, wish="сто", claims="бо хочу"), cells(3, sex="")])
    found = list(DraftRow.objects.filter(draft=draft).order_by("position"))
    assert [row.state for row in found] == ["READY", "FIX", "FIX"]
    assert {p["code"] for p in found[1].problems} == {"not_a_number", "unknown"}
    services.register(actor=world.actor("olena"), draft_id=draft.pk, moment=MAY)
    assert [row.position for row in draft.rows.order_by("position")] == [2, 3]


@pytest.mark.parametrize(
    ("moment", "accepted"),
    [
        (at(3, 31, 23, 59, 59), False),
        (at(4, 1, 0), True),
        (at(5, 31, 23, 59, 59), True),
        (at(6, 1, 0), False),
        (at(6, 15, 23, 59, 59), False),
        (at(6, 16, 0), True),
        (at(8, 31, 23, 59, 59), True),
    ],
)
def test_the_last_second_in_kyiv_counts(world, moment, accepted):
    places(world)
    draft = drafted(world, [cells(1)])
    if accepted:
        assert services.register(actor=world.actor("olena"), draft_id=draft.pk, moment=moment)
    else:
        with pytest.raises(AdmissionClosed):
            services.register(actor=world.actor("olena"), draft_id=draft.pk, moment=moment)
        assert draft.rows.count() == 1  # nothing typed is lost


def test_a_child_applies_here_once_and_elsewhere_with_the_next_wish(world):
    places(world)
    places(world, "petro", "school2")
    (here,) = applied(world, [cells(1)])
    again = drafted(world, [cells(1)])
    (row,) = again.rows.all()
    assert (row.state, [p["code"] for p in row.problems]) == ("FIX", ["applied"])
    (there,) = applied(world, [cells(1)], "petro", "school2")
    assert (here.candidate_id, here.wish, there.wish) == (there.candidate_id, 1, 2)
    assert Candidate.objects.count() == 1


def test_a_document_of_a_child_with_another_birth_date_tells_nothing_of_that_child(world):
    places(world)
    places(world, "petro", "school2")
    applied(world, [cells(1)])
    draft = drafted(world, [cells(1, "Інша", born_on="16.03.2021")], "petro", "school2")
    with pytest.raises(Invalid) as refused:
        services.register(actor=world.actor("petro"), draft_id=draft.pk, moment=MAY)
    assert [p.code for p in refused.value.problems] == ["other_birth_date"]
    assert "Дитя" not in refused.value.detail
    assert "ліцей" not in refused.value.detail


def test_all_get_places_when_there_are_enough(world):
    places(world, many=3)
    made = applied(world, [cells(1), cells(2)])
    with pytest.raises(NotYet):
        give(world, moment=MAY)
    assert len(give(world)) == 2
    assert states(made) == ["PLACED", "PLACED"]


def test_only_children_with_a_right_get_places_without_a_draw_when_there_are_too_few(world):
    places(world, many=2)
    made = applied(world, [cells(1), cells(2, claims="територія"), cells(3)])
    give(world)
    assert states(made) == ["CHECKED", "PLACED", "CHECKED"]
    with pytest.raises(OnlyTheHeadSigns):
        give(world, who="dana")


def test_more_rights_than_places_is_told_and_gives_nothing(world):
    places(world, many=1)
    made = applied(world, [cells(1, claims="територія"), cells(2, claims="працівника")])
    with pytest.raises(TooManyByRight):
        give(world)
    assert states(made) == ["CHECKED", "CHECKED"]


def test_the_draw_is_what_its_published_bytes_say(world):
    places(world, many=2)
    draw = announced(world)
    assert (draw.secret, draw.inputs) == ("", None)
    made = applied(world, [cells(n) for n in range(5)])
    with pytest.raises(NotYet):
        services.freeze(actor=world.actor("olena"), draw_id=draw.pk, moment=MAY)
    with pytest.raises(DrawDecided):
        services.hold(actor=world.actor("olena"), draw_id=draw.pk, public_value="1", moment=JUNE)
    draw = held(world, draw)
    assert list(by_state(made)) == [("PLACED", 2), ("RESERVE", 3)]
    assert allocation.commitment(draw.secret) == draw.secret_sha256
    assert bytes(draw.result) == allocation.draw(bytes(draw.inputs), draw.secret, "48.1234")
    (line,) = json.loads(bytes(draw.result))["lines"]
    numbers = {one.candidate.number: one for one in Application.objects.select_related("candidate")}
    assert [numbers[number].turn for number in line[1]] == [1, 2, 3, 4, 5]
    # Pressed again, with another value, it is the same draw.
    again = services.hold(
        actor=world.actor("olena"), draw_id=draw.pk, public_value="0", moment=JUNE
    )
    assert (again.seed, bytes(again.result)) == (draw.seed, bytes(draw.result))


def test_the_list_is_not_frozen_while_an_application_is_not_checked(world):
    places(world)
    draw = announced(world)
    applied(world, [cells(1)])
    services.register(
        actor=world.actor("olena"), draft_id=drafted(world, [cells(2)]).pk, moment=MAY
    )
    with pytest.raises(NotYet, match="Не перевірено заяв: 1"):
        services.freeze(actor=world.actor("olena"), draw_id=draw.pk, moment=JUNE)


def test_a_withdrawn_place_goes_to_the_next_in_turn(world):
    places(world, many=1)
    draw = announced(world)
    made = applied(world, [cells(n) for n in range(3)])
    held(world, draw)
    first, second, third = Application.objects.order_by("turn")
    services.withdraw(actor=world.actor("olena"), application_id=first.pk, ground="заява батьків")
    services.next_in_turn(
        actor=world.actor("olena"),
        institution_id=world.institutions["school1"].pk,
        moment=JUNE,
    )
    assert states([first, second, third]) == ["WITHDRAWN", "PLACED", "RESERVE"]
    with pytest.raises(NotYet):
        services.next_in_turn(
            actor=world.actor("olena"),
            institution_id=world.institutions["school1"].pk,
            moment=JUNE,
        )
    assert len(made) == 3


def test_later_applications_stand_after_the_reserve(world):
    places(world, many=2)
    draw = announced(world)
    made = applied(world, [cells(n) for n in range(3)])
    held(world, draw)
    (late,) = applied(world, [cells(9)], moment=JULY)
    services.set_places(
        actor=world.actor("olena"),
        institution_id=world.institutions["school1"].pk,
        classes=1,
        in_class=3,
        version=1,
        moment=JULY,
    )
    services.next_in_turn(
        actor=world.actor("olena"),
        institution_id=world.institutions["school1"].pk,
        moment=JULY,
    )
    assert states(made) == ["PLACED"] * 3
    assert states([late]) == ["CHECKED"]


def test_a_nearer_wish_takes_the_child_and_frees_the_other_place(world):
    places(world, many=1)
    places(world, "petro", "school2", many=1)
    (there,) = applied(world, [cells(1, wish="2")], "petro", "school2")
    (here,) = applied(world, [cells(1, wish="1")])
    (other,) = applied(world, [cells(2, wish="1")], "petro", "school2")
    draw = announced(world, "petro", "school2")
    held(world, draw, "petro")
    give(world)
    assert states([here]) == ["PLACED"]
    assert states([there]) == ["SUPERSEDED"]
    if states([other]) == ["RESERVE"]:
        services.next_in_turn(
            actor=world.actor("petro"),
            institution_id=world.institutions["school2"].pk,
            moment=JUNE,
        )
    assert states([other]) == ["PLACED"]
    services.withdraw(actor=world.actor("olena"), application_id=here.pk, ground="заява")
    assert states([there]) == ["RESERVE"]  # in the line again


def test_the_order_has_every_row_filled_from_applications(world):
    places(world, many=3)
    made = applied(world, [cells(1), cells(2)])
    give(world)
    draft = services.begin_order(
        actor=world.actor("dana"),
        institution_id=world.institutions["school1"].pk,
        moment=JUNE,
    )
    rows = list(draft.rows.order_by("position"))
    assert draft.process == "enrol"
    assert draft.terms["effective_on"] == "01.09.2027"
    wanted = cells(1)
    assert {k: rows[0].values[k] for k in wanted} == wanted
    assert {p["field"] for row in rows for p in row.problems} == {"class"}  # none is open yet
    with pytest.raises(NotYet):
        services.begin_order(
            actor=world.actor("dana"),
            institution_id=world.institutions["school1"].pk,
            moment=JUNE,
        )
    assert len(made) == 2


def test_a_decided_application_is_not_refused_or_changed(world):
    places(world)
    (one,) = applied(world, [cells(1)])
    give(world)
    with pytest.raises(ApplicationDecided):
        services.refuse(actor=world.actor("olena"), application_id=one.pk, reason="пізно")
    one.refresh_from_db()
    with pytest.raises(ApplicationDecided):
        services.change(
            actor=world.actor("olena"),
            application_id=one.pk,
            values=cells(1),
            version=one.version,
            moment=JUNE,
        )


def test_a_changed_application_is_checked_anew_and_may_be_of_the_right_child(world):
    places(world)
    (one,) = applied(world, [cells(1)])
    one.refresh_from_db()
    changed = services.change(
        actor=world.actor("olena"),
        application_id=one.pk,
        values=cells(5, one.surname, claims="територія"),
        version=one.version,
        moment=MAY,
    )
    assert (changed.state, changed.claims, changed.grounds) == ("SUBMITTED", ["TERRITORY"], [])
    assert changed.candidate_id != one.candidate_id
    with pytest.raises(Invalid):
        services.change(
            actor=world.actor("olena"),
            application_id=one.pk,
            values=cells(5, sex=""),
            version=changed.version,
            moment=MAY,
        )


def test_streets_that_meet_are_told_whoever_serves_them(world):
    for who, school, text in (
        ("olena", "school1", "вул. Шевченка, 1-25 непарні; 30\nвул. Головна"),
        ("petro", "school2", "вулиця Шевченка, 20–40 парні\nпров. Головний, 5"),
    ):
        places(world, who, school)
        services.set_territory(
            actor=world.actor(who),
            institution_id=world.institutions[school].pk,
            text=text,
            version=1,
            moment=MAY,
        )
    (one,) = services.overlaps(world.institutions["school1"])
    assert (one.mine.houses, one.other.houses) == ("1–25 непарні; 30", "20–40 парні")
    with pytest.raises(Invalid) as refused:
        services.set_territory(
            actor=world.actor("olena"),
            institution_id=world.institutions["school1"].pk,
            text="вул. Шевченка, де завгодно\nвул. Нова, 25-1",
            version=2,
            moment=MAY,
        )
    assert ["Рядок 1" in refused.value.detail, "Рядок 2" in refused.value.detail] == [True, True]


def test_the_order_taking_effect_is_marked_in_applications(world):
    assert orders.mark_enrolled(actor=world.actor("olena"), pupils=[world.pupils["ivan"].pk]) == 0
    assert draws.SCRIPT.exists()
