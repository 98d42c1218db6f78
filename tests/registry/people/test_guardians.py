"""Lawful representatives: one person for several children, periods, two forms at once."""

from __future__ import annotations

import datetime
import functools

import pytest
from django.db import IntegrityError, transaction
from lxml import html

from kernel.audit.models import EventRow
from kernel.db import command
from kernel.errors import Busy, Invalid, NotFound, StaleVersion
from registry.drafts import services as drafts
from registry.models import Guardian, Guardianship
from registry.orders import services as orders
from registry.orders.errors import EnrolledMeanwhile
from registry.people.errors import RepresentsAlready
from registry.people.services import addresses, guardians, residence
from tests.kit import acts
from tests.kit.racing import Held, beside
from tests.registry.drafts.test_drafts import begin, confirm, looked_at, numbered, states
from tests.registry.kit import MOMENT, TODAY
from tests.registry.orders.test_orders import FIELDS, prepared, sign
from tests.world import build, sign_in

NUMBER, OTHER_NUMBER = "7146712341", "7304999992"
MOTHER = {
    "surname": "Іваненко",
    "given_name": "Любов",
    "relation": "MOTHER",
    "phone": "0671234567",
    "rnokpp": NUMBER,
}


def add(world, who, child, **values):
    return guardians.add_guardian(
        actor=world.actor(who),
        pupil_id=world.pupils[child].pk,
        values=MOTHER | values,
        today=TODAY,
    )


def change(world, who, tie, versions=(1, 1), **values):
    return guardians.change_guardian(
        actor=world.actor(who),
        pupil_id=tie.pupil_id,
        guardianship_id=tie.pk,
        version=versions[0],
        guardian_version=versions[1],
        values=MOTHER | values,
        today=TODAY,
    )


def end(world, tie, version=1, ends_on=TODAY + datetime.timedelta(days=1)):
    return guardians.end_guardianship(
        actor=world.actor("olena"),
        pupil_id=tie.pupil_id,
        guardianship_id=tie.pk,
        version=version,
        ends_on=ends_on,
    )


def told(code="registry.pupil.guardian_saved"):
    return [
        (row.subject_id, tuple(row.payload.get("changed", ())))
        for row in EventRow.objects.filter(code=code).order_by("id")
    ]


# ── who is one person ────────────────────────────────────────────────────────
def test_an_equal_number_makes_two_children_one_persons(world):
    one = add(world, "olena", "ivan")
    two = add(world, "olena", "oksana", phone="", email="liubov@example.com")
    assert one.guardian_id == two.guardian_id
    person = Guardian.objects.get()
    assert (person.phone, person.version) == ("+380671234567", 2)
    assert told()[-1] == (str(world.pupils["ivan"].pk), ("email",))


def test_an_equal_name_and_phone_make_nobody_one_person(world):
    one = add(world, "olena", "ivan", rnokpp="")
    two = add(world, "olena", "oksana", rnokpp="")
    assert one.guardian_id != two.guardian_id


def test_a_known_number_with_another_name_is_doubted_without_telling_the_name(world):
    add(world, "petro", "marko")
    with pytest.raises(Invalid) as refused:
        add(world, "olena", "ivan", given_name="Надія")
    assert {p.field for p in refused.value.problems} == {"rnokpp", "confirmed"}
    assert "Любов" not in refused.value.detail
    tie = add(world, "olena", "ivan", given_name="Надія", confirmed="on")
    assert tie.guardian.given_name == "Надія"
    assert Guardian.objects.count() == 1


def test_one_person_represents_one_child_once_at_a_time(world):
    tie = add(world, "olena", "ivan")
    with pytest.raises(RepresentsAlready):
        add(world, "olena", "ivan", relation="TRUSTEE")
    end(world, tie)
    again = guardians.add_guardian(
        actor=world.actor("olena"),
        pupil_id=world.pupils["ivan"].pk,
        values=MOTHER,
        today=TODAY + datetime.timedelta(days=1),
    )
    assert again.guardian_id == tie.guardian_id


def test_the_database_refuses_overlaps_turned_periods_and_shapeless_numbers(world):
    tie = add(world, "olena", "ivan")

    @command
    def write(*, actor, make):
        acts.noted()
        with transaction.atomic():
            make()

    for make, name in (
        (
            lambda: Guardianship.objects.create(
                pupil=tie.pupil, guardian=tie.guardian, relation="MOTHER", starts_on=TODAY
            ),
            "guardianships_never_overlap",
        ),
        (lambda: Guardianship.objects.update(ends_on=TODAY), "guardianship_period"),
        (
            lambda: Guardian.objects.create(surname="А", given_name="Б", rnokpp="12"),
            "guardian_rnokpp_shape",
        ),
        (
            lambda: Guardian.objects.create(surname="А", given_name="Б", rnokpp=NUMBER),
            "one_guardian_per_rnokpp",
        ),
    ):
        with pytest.raises(IntegrityError) as refused:
            write(actor=world.actor("olena"), make=make)
        assert name in str(refused.value)


# ── corrections ──────────────────────────────────────────────────────────────
def test_a_correction_is_told_of_every_child_of_the_person(world):
    tie = add(world, "olena", "ivan")
    add(world, "petro", "marko")
    before = len(told())
    change(world, "olena", tie, phone="0501234567")
    assert Guardian.objects.get().phone == "+380501234567"
    assert told()[before:] == [
        (str(world.pupils["ivan"].pk), ("phone",)),
        (str(world.pupils["marko"].pk), ("phone",)),
    ]


def test_another_number_is_another_person_and_the_other_child_keeps_the_old_one(world):
    tie = add(world, "olena", "ivan")
    other = add(world, "olena", "oksana")
    change(world, "olena", tie, rnokpp=OTHER_NUMBER)
    tie.refresh_from_db()
    other.refresh_from_db()
    assert tie.guardian.rnokpp == OTHER_NUMBER
    assert other.guardian.rnokpp == NUMBER


def test_a_wrong_number_of_one_child_is_corrected_in_place(world):
    tie = add(world, "olena", "ivan")
    change(world, "olena", tie, rnokpp=OTHER_NUMBER)
    assert Guardian.objects.get().rnokpp == OTHER_NUMBER


def test_a_number_found_out_later_joins_the_person_and_the_row_before_represents_nobody(world):
    known = add(world, "olena", "oksana")
    nameless = add(world, "olena", "ivan", rnokpp="")
    change(world, "olena", nameless)
    nameless.refresh_from_db()
    assert nameless.guardian_id == known.guardian_id
    # Data of a person are not deleted: the row stays, and stands for no child.
    assert Guardian.objects.filter(guardianships=None).count() == 1
    assert Guardian.objects.count() == 2


def test_ending_keeps_the_history(world, client):
    tie = add(world, "olena", "ivan", starts_on="01.09.2026")
    with pytest.raises(Invalid):
        end(world, tie, ends_on=datetime.date(2026, 9, 1))
    end(world, tie, ends_on=datetime.date(2026, 11, 1))
    assert told("registry.pupil.guardianship_ended") == [(str(tie.pupil_id), ())]
    sign_in(client, world.grants["olena"])
    html = client.get(f"/pupils/{tie.pupil_id}/").content.decode()
    assert "до 01.11.2026" in html
    assert "Завершено представництво" in html


def test_another_childs_representative_is_not_found(world):
    tie = add(world, "olena", "ivan")
    with pytest.raises(NotFound):
        guardians.end_guardianship(
            actor=world.actor("olena"),
            pupil_id=world.pupils["oksana"].pk,
            guardianship_id=tie.pk,
            version=1,
            ends_on=TODAY + datetime.timedelta(days=1),
        )


def test_whoever_edits_is_told_of_the_other_children_within_reach_and_of_no_others(world, client):
    tie = add(world, "olena", "ivan")
    add(world, "olena", "oksana")
    add(world, "petro", "marko")
    sign_in(client, world.grants["olena"])
    html = client.get(f"/pupils/{tie.pupil_id}/guardians/{tie.pk}/").content.decode()
    assert "Ґудзь Оксана" in html
    assert "Сусіда" not in html


# ── two forms at once ────────────────────────────────────────────────────────
def test_a_stale_representative_is_refused_for_the_person_and_for_the_tie(world):
    tie = add(world, "olena", "ivan")
    change(world, "olena", tie, phone="0501234567")
    with pytest.raises(StaleVersion):
        change(world, "dana", tie, phone="0931234567")
    change(world, "olena", tie, (1, 2), phone="0501234567", relation="TRUSTEE")
    with pytest.raises(StaleVersion):
        change(world, "dana", tie, (1, 2), phone="0501234567", relation="FOSTER")
    with pytest.raises(StaleVersion):
        end(world, tie, version=1)


def test_a_person_changed_at_one_child_is_stale_at_the_other(world):
    one, two = add(world, "olena", "ivan"), add(world, "olena", "oksana")
    change(world, "olena", one, phone="0501234567")
    with pytest.raises(StaleVersion):
        change(world, "dana", two, phone="0931234567")


def test_a_stale_address_is_refused(world):
    values = {"country": "UA", "line": "вул. Перша, 1"}
    common = {"actor": world.actor("olena"), "pupil_id": world.pupils["ivan"].pk, "kind": "ACTUAL"}
    addresses.save_address(**common, version=0, values=values)
    for version in (0, 2):
        with pytest.raises(StaleVersion):
            addresses.save_address(**common, version=version, values=values | {"line": "Друга"})
    saved = addresses.save_address(**common, version=1, values=values | {"line": "вул. Друга, 2"})
    assert saved.version == 2


@pytest.mark.parametrize("what", ["guardian", "address"])
def test_the_stale_page_shows_both_values_and_saving_again_means_it(world, client, what):
    sign_in(client, world.grants["olena"])
    at = f"/pupils/{world.pupils['ivan'].pk}/"
    if what == "guardian":
        tie = add(world, "olena", "ivan")
        at += f"guardians/{tie.pk}/"
        form = MOTHER | {"version": 1, "guardian_version": 1}
        field, values = "email", ("first@example.com", "second@example.com")
    else:
        at += "address/actual/"
        form = {"version": 0, "country": "UA"}
        field, values = "line", ("вул. Перша, 1", "вул. Друга, 2")
    assert client.post(at, form | {field: values[0]}).status_code == 303
    stale = client.post(at, form | {field: values[1]})
    assert stale.status_code == 412
    assert f"<td>{values[1]}</td><td>{values[0]}</td>" in stale.content.decode()
    # What a browser would send of the page as it stands.
    shown = html.fromstring(stale.content.decode()).forms
    (again,) = [dict(one.form_values()) for one in shown if field in one.fields]
    assert client.post(at, again | {field: values[1]}).status_code == 303


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["guardian", "the person at two children", "address"])
def test_of_two_forms_saved_at_once_one_is_told(transactional_db, monkeypatch, what):
    world = build()
    tie = add(world, "olena", "ivan")
    other = add(world, "olena", "oksana") if what == "the person at two children" else tie

    def save(who, tie, phone):
        if what != "address":
            return functools.partial(change, world, who, tie, phone=phone)
        return functools.partial(
            addresses.save_address,
            actor=world.actor(who),
            pupil_id=tie.pupil_id,
            kind="ACTUAL",
            version=0,
            values={"line": phone},
        )

    # The first stands between what it read and what it ends with, while the second comes.
    room, step = (residence, "settle") if what == "address" else (guardians, "_read")
    held = Held(getattr(room, step))
    monkeypatch.setattr(room, step, held)
    first, second = save("olena", tie, "0501234567"), save("dana", other, "0931234567")
    assert beside(first, second, held) == ["done", "stale_version"]


# ── by signed orders ─────────────────────────────────────────────────────────
def test_an_order_makes_one_person_of_one_number_and_two_of_one_name(world):
    rows = [
        numbered(n, applicant="Спільна Любов Ігорівна", relation="мати", applicant_rnokpp=number)
        for n, number in ((1, NUMBER), (2, NUMBER), (3, ""), (4, ""))
    ]
    olena = world.actor("olena")
    sign(olena, prepared(olena, world, rows))
    persons = Guardian.objects.filter(surname="Спільна")
    assert persons.count() == 3
    assert persons.get(rnokpp=NUMBER).guardianships.count() == 2
    assert set(Guardianship.objects.values_list("starts_on", "identity_shown")) == {
        (EventRow.objects.filter(code="registry.enrolment.opened").first().act.today, True)
    }


def test_an_order_finds_the_person_of_another_school_by_the_number(world):
    add(world, "petro", "marko")
    olena = world.actor("olena")
    sign(
        olena,
        prepared(
            olena,
            world,
            [
                numbered(
                    1, applicant="Іваненко Любов", relation="мати", applicant_rnokpp=NUMBER,
                    phone="0991234567",
                )
            ],
        ),
    )  # fmt: skip
    person = Guardian.objects.get(rnokpp=NUMBER)
    assert person.guardianships.count() == 2
    assert (person.phone, person.version) == ("+380991234567", 2)


RENAMED = {"applicant": "Іваненко Надія", "relation": "мати", "applicant_rnokpp": NUMBER}


def test_a_draft_doubts_a_known_number_with_another_name_and_does_not_tell_the_name(world):
    add(world, "petro", "marko")
    olena = world.actor("olena")
    draft = begin(olena, world, [numbered(1, **RENAMED), numbered(2)])
    assert states(draft) == ["CHECK", "READY"]
    (doubt,) = draft.rows.get(position=1).problems
    assert (doubt["field"], doubt["code"]) == ("applicant_rnokpp", "other_person")
    assert "Любов" not in str(doubt)
    # Without an answer the row stays out of the order, and nobody is renamed.
    sign(olena, orders.prepare(actor=olena, draft_id=draft.pk, fields=FIELDS, moment=MOMENT))
    assert Guardian.objects.get(rnokpp=NUMBER).given_name == "Любов"


@pytest.mark.parametrize("said", ["Іваненко Л.", "ІВАНЕНКО Л.", "Іваненко Л. І.", "Іваненко Л"])
def test_initials_are_doubted_and_never_take_the_place_of_the_name_they_begin(world, said):
    tie = add(world, "petro", "marko")
    change(world, "petro", tie, rnokpp=NUMBER, patronymic="Іванівна")
    olena = world.actor("olena")
    rows = [numbered(n, **RENAMED | {"applicant": said}) for n in (1, 2)]
    draft = begin(olena, world, rows)
    assert {p["code"] for p in draft.rows.get(position=1).problems} == {"initials"}
    confirm(olena, draft, "applicant:initials")
    sign(olena, orders.prepare(actor=olena, draft_id=draft.pk, fields=FIELDS, moment=MOMENT))
    person = Guardian.objects.get(rnokpp=NUMBER)
    assert (person.given_name, person.patronymic) == ("Любов", "Іванівна")
    assert person.guardianships.count() == 3


@pytest.mark.parametrize("said", ["Іваненко Н.", "Іваненко Любов П.", "Інша Л."])
def test_initials_do_not_rename_a_person_even_when_confirmed(world, said):
    tie = add(world, "petro", "marko")
    change(world, "petro", tie, rnokpp=NUMBER, patronymic="Іванівна")
    draft = begin(world.actor("olena"), world, [numbered(1, **RENAMED | {"applicant": said})])
    assert "initials_of_another" in {p["code"] for p in draft.rows.get().problems}
    assert states(draft) == ["FIX"]


@pytest.mark.parametrize("name", ["Іваненко Любов", "ІВАНЕНКО ЛЮБОВ"])
def test_the_name_the_register_knows_is_not_doubted(world, name):
    add(world, "petro", "marko")
    draft = begin(world.actor("olena"), world, [numbered(1, **RENAMED | {"applicant": name})])
    assert "other_person" not in {p["code"] for p in draft.rows.get().problems}


def test_a_name_said_to_have_changed_is_told_of_every_child_of_the_person(world, client):
    add(world, "petro", "marko")
    olena = world.actor("olena")
    draft = begin(olena, world, [numbered(1, **RENAMED)])
    sign_in(client, world.grants["olena"])
    row = draft.rows.get()
    at = f"/services/enrol/{draft.pk}/rows/{row.id}/"
    seen = looked_at(draft, "applicant_rnokpp:other_person", [row])
    said = f"ok|{row.id}|applicant_rnokpp|other_person|{seen}"
    assert said in client.get(at).content.decode()
    client.post(at, row.values | {"version": row.version, "do": said})
    assert states(draft) == ["READY"]
    before = len(told())
    order = orders.prepare(actor=olena, draft_id=draft.pk, fields=FIELDS, moment=MOMENT)
    sign(olena, order)
    person = Guardian.objects.get(rnokpp=NUMBER)
    assert (person.given_name, person.version) == ("Надія", 2)
    enrolled = order.rows.get().pupil_id
    assert {child for child, _ in told()[before:]} == {
        str(world.pupils["marko"].pk),
        str(enrolled),
    }
    assert all("given_name" in changed for _, changed in told()[before:])


def test_an_answer_about_a_name_is_forgotten_with_the_name(world):
    add(world, "petro", "marko")
    olena = world.actor("olena")
    draft = begin(olena, world, [numbered(1, **RENAMED)])
    common = {"actor": olena, "draft_id": draft.pk, "moment": MOMENT}
    row = draft.rows.get()
    confirm(olena, draft, "applicant_rnokpp:other_person", row)
    assert states(draft) == ["READY"]
    row.refresh_from_db()
    drafts.save_row(
        **common, row_id=row.id, version=row.version, values={"applicant": "Іваненко Галина"}
    )
    assert states(draft) == ["CHECK"]


def test_a_number_registered_while_the_order_waited_stops_it(world):
    olena = world.actor("olena")
    order = prepared(olena, world, [numbered(1, **RENAMED)])
    add(world, "petro", "marko")
    with pytest.raises(EnrolledMeanwhile) as refused:
        sign(olena, order)
    assert "РНОКПП заявника" in refused.value.detail
    assert "Любов" not in refused.value.detail
    assert Guardian.objects.get().given_name == "Любов"


def test_a_number_registered_between_the_judgement_and_the_effect_stops_the_order(
    world, monkeypatch
):
    """Both the check of names and the unique number stand behind the first judgement."""
    olena = world.actor("olena")
    order = prepared(olena, world, [numbered(1, **RENAMED)])
    add(world, "petro", "marko")
    judged = []

    def late(said, *, known):
        judged.append(said)
        return frozenset() if len(judged) == 1 else renamed(said, known=known)

    renamed = guardians.renamed
    monkeypatch.setattr(guardians, "renamed", late)
    with pytest.raises(Busy):
        sign(olena, order)
    judged.clear()
    monkeypatch.setattr(guardians, "_held", lambda said, known: [])
    with pytest.raises(EnrolledMeanwhile):
        sign(olena, order)
    assert Guardian.objects.get().given_name == "Любов"


def test_one_number_beside_two_names_in_one_table_is_an_error_of_the_later_row(world):
    draft = begin(
        world.actor("olena"),
        world,
        [
            numbered(1, **RENAMED),
            numbered(2, **RENAMED),
            numbered(3, **RENAMED | {"applicant": "Іваненко Любов"}),
        ],
    )
    assert states(draft) == ["READY", "READY", "FIX"]
    assert "рядку 1" in draft.rows.get(position=3).problems[0]["detail"]


@pytest.mark.django_db(transaction=True)
def test_a_correction_beside_an_order_waits_for_it_and_is_told(transactional_db, monkeypatch):
    world = build()
    tie = add(world, "petro", "marko")
    olena = world.actor("olena")
    row = RENAMED | {"applicant": "Іваненко Любов", "phone": "0991234567"}
    order = prepared(olena, world, [numbered(1, **row)])
    held = Held(guardians.renamed)
    monkeypatch.setattr(guardians, "renamed", held)
    correction = functools.partial(change, world, "petro", tie, given_name="Надія")
    outcomes = beside(functools.partial(sign, olena, order), correction, held)
    assert outcomes == ["done", "stale_version"]
