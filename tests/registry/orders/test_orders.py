"""Orders: frozen bytes, one signature, everything or nothing."""

from __future__ import annotations

import datetime
import functools
import threading

import orjson
import pytest
from django.db import IntegrityError, connection
from django.urls import reverse

from accounts.roles import GrantState
from kernel.audit.models import Look
from kernel.db import command
from kernel.errors import Invalid, NotAllowed, NotFound
from registry.drafts import services as drafts
from registry.drafts.errors import DraftClosed
from registry.models import (
    ClassGroup,
    Draft,
    Enrolment,
    Guardianship,
    Order,
    Pupil,
    PupilDocument,
)
from registry.movements.enrol import effect
from registry.orders import services as orders
from registry.orders.errors import (
    EnrolledMeanwhile,
    NoHead,
    NothingReady,
    OrderAlreadySigned,
    OrderNotPrepared,
)
from registry.orders.services import signing
from signatures.api import load_package, row_proof, verify_row
from signatures.errors import SignatureRefused, WrongSigner
from signatures.models import SigningSession
from signatures.selectors.sessions import files_of
from tests.kit import acts
from tests.kit.racing import together
from tests.kit.waiting import LONG
from tests.registry.drafts.test_drafts import begin, numbered, same_as, states
from tests.registry.kit import MOMENT, NOW, TODAY, signature_of
from tests.world import enrol, sign_in

FIELDS = {
    "number": "112-у",
    "issued_on": "20.11.2026",
    "effective_on": "23.11.2026",
    "ground": "заяви батьків",
    "identity_shown": "on",
}


@pytest.fixture
def olena(world):
    return world.actor("olena")


def prepared(actor, world, rows, school="school1", **fields):
    draft = begin(actor, world, rows, school)
    return orders.prepare(actor=actor, draft_id=draft.pk, fields=FIELDS | fields, moment=MOMENT)


def sign(actor, order, who="olena", **options):
    return orders.sign(
        actor=actor, order_id=order.pk, cms=signature_of(order, who, **options), moment=MOMENT
    )


def nothing_written(world):
    return (
        Pupil.objects.count() == len(world.pupils)
        and not Order.objects.filter(state="EFFECTIVE").exists()
    )


def test_one_signature_enrols_every_ready_row(world, olena):
    order = prepared(olena, world, [numbered(n) for n in range(1, 31)] + [numbered(99, sex="")])
    assert (order.state, order.rows_count) == ("PREPARED", 30)
    assert nothing_written(world)
    order = sign(olena, order)
    assert order.state == "EFFECTIVE"
    pupils = Pupil.objects.filter(order_rows__order=order)
    assert pupils.count() == 30
    pupil = pupils.get(documents__number="000007")
    assert pupil.institution_id == world.units["school1"].id
    assert (pupil.grade, pupil.enrolled_on) == (5, datetime.date(2026, 11, 23))
    assert pupil.enrolments.get().opened_by_id == order.pk
    assert pupil.guardianships.get().guardian.phone == "+380678531616"
    assert pupil.documents.get().is_primary


def test_what_is_left_of_the_table_goes_on_as_a_draft(world, olena):
    order = prepared(olena, world, [numbered(1), numbered(2, sex="")])
    sign(olena, order)
    draft = Draft.objects.get()
    assert draft.state == "OPEN"
    assert states(draft) == ["FIX"]


def test_the_signed_bytes_hold_every_row_and_each_can_be_proved_alone(world, olena):
    order = sign(olena, prepared(olena, world, [numbered(n) for n in range(1, 6)]))
    session = SigningSession.objects.get(pk=order.signing_id)
    contents = [bytes(r.content) for r in order.rows.order_by("position")]
    package = load_package(bytes(session.content), contents, files_of(session))
    assert list(package.files) == ["order.pdf", "document.json", "rows.jsonl"]
    assert package.document["number"] == "112-у"
    assert "з 23.11.2026 до закладу 5 учнів" in package.document["points"][0]
    assert package.document["signer"]["name"] == "Шкільна Олена Василівна"
    proof = row_proof(package, 3)
    assert verify_row(package.manifest, contents[3], proof, package.head)
    assert not verify_row(package.manifest, contents[3], proof, package.head + b" ")
    row = orjson.loads(contents[3])
    assert Pupil.objects.get(pk=row["pupil"]).surname == row["surname"]


def test_a_double_click_enrols_once(world, olena):
    order = prepared(olena, world, [numbered(1)])
    cms = signature_of(order, "olena")
    for _ in range(2):
        done = orders.sign(actor=olena, order_id=order.pk, cms=cms, moment=MOMENT)
        assert done.state == "EFFECTIVE"
    assert Enrolment.objects.filter(opened_by=order).count() == 1


# ── who signs ────────────────────────────────────────────────────────────────
def test_a_deputy_prepares_and_never_signs(world, olena):
    dana = world.actor("dana")
    order = prepared(dana, world, [numbered(1)])
    with pytest.raises(NotAllowed):
        sign(dana, order, "dana")
    assert sign(olena, order).state == "EFFECTIVE"


@pytest.mark.parametrize(
    ("who", "edrpou", "refusal"),
    [("petro", "", WrongSigner), ("olena", "99000130", WrongSigner), ("dana", "", WrongSigner)],
)
def test_another_persons_or_organisations_key_is_refused(world, olena, who, edrpou, refusal):
    order = prepared(olena, world, [numbered(1)])
    with pytest.raises(refusal):
        sign(olena, order, who, edrpou=edrpou)
    assert nothing_written(world)
    assert sign(olena, order).state == "EFFECTIVE"  # the refused try spoilt nothing


def test_a_signature_of_other_bytes_is_refused_with_its_reason(world, olena):
    order = prepared(olena, world, [numbered(1)])
    with pytest.raises(SignatureRefused) as told:
        sign(olena, order, content=b"other")
    assert told.value.context["reason"] == "HASH_FAILURE"
    with pytest.raises(SignatureRefused):
        orders.sign(actor=olena, order_id=order.pk, cms=b"\x00garbage", moment=MOMENT)
    assert nothing_written(world)


def test_a_row_changed_in_the_database_after_preparing_is_noticed(world, olena):
    order = prepared(olena, world, [numbered(1)])
    cms = signature_of(order, "olena")
    with pytest.raises(Exception, match="Cannot"), connection.cursor() as cursor:
        cursor.execute("UPDATE registry_orderrow SET content = 'x' WHERE order_id = %s", [order.pk])
    assert cms


@pytest.mark.parametrize("who", ["petro", "nina", "taras"])
def test_a_stranger_finds_no_order(world, olena, who):
    order = prepared(olena, world, [numbered(1)])
    with pytest.raises(NotFound):
        orders.sign(actor=world.actor(who), order_id=order.pk, cms=b"", moment=MOMENT)


def test_an_order_prepared_for_a_former_head_is_not_signed_by_the_next(world, olena):
    order = prepared(olena, world, [numbered(1)])

    @command
    def replaced(*, actor):
        acts.noted()
        grant = world.grants["olena"]
        grant.state, grant.ended_at = GrantState.INACTIVE, NOW
        grant.save()
        successor = world.grants["dana"]
        successor.role, successor.given_by = "HEAD", world.grants["bohdan"]
        successor.save()

    replaced(actor=olena)
    dana = world.actor("dana")
    with pytest.raises(OrderNotPrepared):
        sign(dana, order, "dana")
    orders.give_up(actor=dana, order_id=order.pk)
    again = orders.prepare(
        actor=dana,
        draft_id=order.draft_id,
        fields=FIELDS,
        moment=MOMENT,
    )
    assert sign(dana, again, "dana").state == "EFFECTIVE"


def test_nobody_prepares_where_nobody_could_sign(world):
    dana = world.actor("dana")
    draft = begin(dana, world, [numbered(1)])

    @command
    def retired(*, actor):
        acts.noted()
        grant = world.grants["olena"]
        grant.state, grant.ended_at = GrantState.INACTIVE, NOW
        grant.save()

    retired(actor=dana)
    with pytest.raises(NoHead):
        orders.prepare(actor=dana, draft_id=draft.pk, fields=FIELDS, moment=MOMENT)


def test_the_head_of_a_hub_signs_for_a_branch_without_a_code_of_its_own(world):
    nina = world.actor("nina")
    order = prepared(nina, world, [numbered(1)], "branch")
    assert sign(nina, order, "nina").state == "EFFECTIVE"


# ── terms ────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"number": ""}, "required"),
        ({"number": "x" * 21}, "too_long"),
        ({"number": "=1+1"}, "formula"),
        ({"issued_on": "23.11.2026"}, "future"),
        ({"issued_on": "31.02.2026"}, "impossible_date"),
        ({"issued_on": "20.11.2020"}, "too_early"),
        ({"effective_on": "15.07.2026"}, "outside_year"),
        ({"effective_on": "01.01.2066"}, "no_school_year"),
        ({"effective_on": "19.11.2026"}, "before_order"),
        ({"effective_on": ""}, "required"),
        ({"ground": ""}, "required"),
        ({"identity_shown": ""}, "required"),
    ],
)
def test_the_terms_of_an_order_are_checked(world, olena, changes, code):
    with pytest.raises(Invalid) as told:
        prepared(olena, world, [numbered(1)], **changes)
    assert [p.code for p in told.value.problems] == [code]
    assert told.value.problems[0].field == next(iter(changes))


def test_a_number_is_used_once_a_year(world, olena):
    prepared(olena, world, [numbered(1)])
    with pytest.raises(Invalid) as told:
        prepared(olena, world, [numbered(2)])
    assert told.value.problems[0].code == "number_taken"


def test_an_order_needs_a_ready_row_and_the_number_that_was_seen(world, olena):
    with pytest.raises(NothingReady):
        prepared(olena, world, [numbered(1, sex="")])
    draft = begin(olena, world, [numbered(1)])
    with pytest.raises(NothingReady):
        orders.prepare(actor=olena, draft_id=draft.pk, fields=FIELDS, moment=MOMENT, expected=2)


def test_a_waiting_order_holds_its_draft_and_giving_it_up_frees_it(world, olena):
    order = prepared(olena, world, [numbered(1)])
    with pytest.raises(DraftClosed):
        drafts.add_rows(actor=olena, draft_id=order.draft_id, moment=MOMENT)
    orders.give_up(actor=olena, order_id=order.pk)
    drafts.add_rows(actor=olena, draft_id=order.draft_id, moment=MOMENT)
    with pytest.raises(OrderNotPrepared):
        sign(olena, order)


def test_a_signed_order_cannot_be_given_up_or_changed(world, olena):
    order = sign(olena, prepared(olena, world, [numbered(1)]))
    with pytest.raises(OrderAlreadySigned):
        orders.give_up(actor=olena, order_id=order.pk)
    with pytest.raises(Exception, match="Cannot"), connection.cursor() as cursor:
        cursor.execute("UPDATE registry_order SET number = '1' WHERE id = %s", [order.pk])


# ── the register meanwhile ───────────────────────────────────────────────────
def test_a_child_enrolled_elsewhere_meanwhile_stops_the_whole_order(world, olena):
    petro = world.actor("petro")
    mine = prepared(olena, world, [numbered(1), numbered(2)])
    theirs = prepared(petro, world, [numbered(2)], "school2")
    sign(petro, theirs, "petro")
    with pytest.raises(EnrolledMeanwhile) as told:
        sign(olena, mine)
    assert [row["no"] for row in told.value.context["rows"]] == [2]
    assert "гімназія" not in told.value.detail.lower()
    assert Enrolment.objects.filter(opened_by=mine).count() == 0
    assert not Pupil.objects.filter(documents__number="000001", documents__series="II-ТП").exists()
    mine.refresh_from_db()
    assert mine.state == "PREPARED"
    # Nothing typed is lost: the table comes back and tells which row it is.
    orders.give_up(actor=olena, order_id=mine.pk)
    drafts.check_again(actor=olena, draft_id=mine.draft_id, moment=MOMENT)
    assert states(Draft.objects.get(pk=mine.draft_id)) == ["READY", "FIX"]


def test_a_class_closed_meanwhile_stops_the_order(world, olena):
    order = prepared(olena, world, [numbered(1)])

    @command
    def closed(*, actor):
        acts.noted()
        ClassGroup.objects.filter(pk=world.classes["school1/5-Б"].pk).update(closed_on=TODAY)

    closed(actor=olena)
    with pytest.raises(EnrolledMeanwhile):
        sign(olena, order)


def test_a_known_child_enrolled_nowhere_keeps_its_profile(world, olena):
    lev = world.pupils["lev"]

    @command
    def left(*, actor):
        acts.noted()
        Enrolment.objects.filter(pupil=lev).update(ends_on=datetime.date(2026, 11, 1))

    left(actor=olena)
    row = same_as(lev, document_issued_by="Відділ ДРАЦС") | {"class": "5-Б"}
    order = prepared(olena, world, [row])
    sign(olena, order)
    lev.refresh_from_db()
    assert lev.institution_id == world.units["school1"].id
    assert lev.enrolments.count() == 2
    assert PupilDocument.objects.filter(pupil=lev).count() == 1
    assert Guardianship.objects.filter(pupil=lev).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_heads_who_enrol_one_child_at_once_enrol_it_once(world, monkeypatch):
    everyone = {"olena": "school1", "petro": "school2"}
    waiting = {
        who: prepared(world.actor(who), world, [numbered(7)], school)
        for who, school in everyone.items()
    }
    signatures = {who: signature_of(order, who) for who, order in waiting.items()}
    inside, both_inside, ask = [], threading.Event(), effect.conflicts

    def ask_once_both_are_there(order, rows):
        inside.append(order)
        both_inside.set() if len(inside) == 2 else both_inside.wait(LONG)
        return ask(order, rows)

    monkeypatch.setattr(effect, "conflicts", ask_once_both_are_there)

    def attempt(who):
        return functools.partial(
            orders.sign,
            actor=world.actor(who),
            order_id=waiting[who].pk,
            cms=signatures[who],
            moment=MOMENT,
        )

    outcomes = together(*map(attempt, everyone))
    assert len(inside) == 2
    assert sorted(outcomes) == sorted(["done", EnrolledMeanwhile.code])
    assert Pupil.objects.filter(documents__number="000007").count() == 1
    assert Enrolment.objects.filter(opened_by__isnull=False).count() == 1


def test_a_job_killed_half_way_leaves_nothing_half_done(world, olena, monkeypatch):
    order = prepared(olena, world, [numbered(n) for n in range(1, 6)])

    def dies(*_args, **_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(signing, "close_draft", dies)
    with pytest.raises(KeyboardInterrupt):
        sign(olena, order)
    assert nothing_written(world)
    assert SigningSession.objects.get(pk=order.signing_id).state == "PREPARED"
    monkeypatch.undo()
    assert sign(olena, order).state == "EFFECTIVE"


def test_main_enrolments_never_overlap_whatever_the_code(world, olena):
    @command
    def twice(*, actor):
        acts.noted()
        enrol(world.pupils["ivan"], world.classes["school2/5-А"], starts_on=TODAY)

    with pytest.raises(IntegrityError, match="main_enrolments_never_overlap"):
        twice(actor=olena)


def test_every_file_of_an_order_is_a_look_at_each_child_in_it(world, client):
    olena = world.actor("olena")
    order = prepared(olena, world, [numbered(1), numbered(2)])
    sign(olena, order)
    sign_in(client, world.grants["olena"])
    children = [str(row.pupil_id) for row in order.rows.order_by("position")]

    def seen_by(name: str, *args: object) -> list[str]:
        before = Look.objects.order_by("-id").values_list("id", flat=True).first() or 0
        assert client.get(reverse(name, args=[order.pk, *args])).status_code == 200
        looks = Look.objects.filter(subject_type="registry.pupil", id__gt=before)
        return sorted(looks.values_list("subject_id", flat=True))

    for name in ("order_pdf", "order_paper", "order_container", "order_rows", "order_table"):
        assert seen_by(name) == sorted(children), name
    assert seen_by("order_row_proof", 2) == [children[1]]
    # The signed list of files and its signature name nobody.
    assert seen_by("order_manifest") == seen_by("order_signature") == []
