"""Corrections that parents ask for and questions to parents, from both windows (issue 10 point 11)."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.notices import selectors as notices
from accounts.notices.models import Notice
from kernel import clock
from kernel.audit.models import EventRow
from kernel.clock import moment
from kernel.db import command
from kernel.errors import Invalid, NotFound, StaleVersion
from registry.classifiers.working_days import term_ends
from registry.models import ParentPaper, ParentRequest, Pupil, PupilAddress
from registry.parents import services
from registry.parents.errors import RequestDecided, RequestStands, UnfitPaper
from registry.parents.events import ParentAsked, RequestAccepted
from registry.parents.fields import FIELDS, now
from registry.parents.selectors import requests
from registry.people import services as people
from registry.people.services.profile import values_of
from tests.accounts.test_notices import tell
from tests.kit.acts import noted
from tests.registry.parents.kit import FATHER, STRANGER, enter, parent, represents
from tests.world import World, sign_in

pytestmark = pytest.mark.django_db


def asked(world: World, child: str = "ivan", *, by: Any = None, **said: Any) -> ParentRequest:
    """A parent asks to correct a field."""
    values = {
        "request_id": uuid.uuid4(),
        "pupil_id": world.pupils[child].pk,
        "field": "patronymic",
        "wanted": "Петрович",
        "text": "так у свідоцтві",
    }
    return services.ask_correction(actor=by or parent(), moment=moment(), **(values | said))


def decided(world: World, one: ParentRequest, who: str = "olena", **said: Any) -> ParentRequest:
    """The school accepts."""
    stands = {"seen": "", "confirmed": True} | said
    return services.accept(
        actor=world.actor(who), request_id=one.pk, version=one.version, moment=moment(), **stands
    )


# ── from the window to the card and back ─────────────────────────────────────
def test_a_correction_with_its_paper_is_taken_into_the_card(world: World, client: Client) -> None:
    tie = represents(world)
    enter(client, parent())
    at = reverse("parent_ask", args=[tie.pupil_id])
    form = client.get(f"{at}?field=patronymic").content.decode()
    assert "Прізвище дитини" in form
    told = {
        "id": str(uuid.uuid4()),
        "field": "patronymic",
        "wanted": "петрович",
        "text": "Свідоцтво, серія I-ТЕ",
    }
    paper = SimpleUploadedFile("свідоцтво.pdf", b"%PDF-1.7 ...")
    answer = client.post(at, told | {"paper": paper})
    assert answer.status_code == 303, answer.content.decode()[:2000]
    again = client.post(at, told)  # the same form sent twice
    assert again["Location"] == answer["Location"]
    one = ParentRequest.objects.get()
    assert (one.state, one.wanted) == ("NEW", "Петрович")
    assert one.due_on == term_ends("parent_request", clock.today())

    head = Client()
    sign_in(head, world.grants["olena"])
    assert "запит батьків" in head.get("/").content.decode()
    assert "По батькові дитини" in head.get(reverse("parent_request_list")).content.decode()
    page = reverse("parent_request", args=[one.pk])
    assert "Петрович" in head.get(page).content.decode()
    file = head.get(reverse("parent_paper", args=[one.pk]))
    assert file["Content-Disposition"].startswith("attachment")
    assert file.content == b"%PDF-1.7 ..."
    told_ = {"version": one.version, "seen": "", "do": "accept"}
    assert head.post(page, told_).status_code == 303
    pupil = Pupil.objects.get(pk=tie.pupil_id)
    assert pupil.patronymic == "Петрович"
    event = EventRow.objects.get(code="registry.pupil.corrected")
    assert "прохання представника" in event.payload["ground"]
    assert "Виправлено" in client.get(answer["Location"]).content.decode()
    assert "Виправлено" in client.get(reverse("own_requests")).content.decode()


def test_a_refusal_has_a_ground_that_the_parent_reads(world: World, client: Client) -> None:
    represents(world)
    one = asked(world)
    head = Client()
    sign_in(head, world.grants["dana"])
    page = reverse("parent_request", args=[one.pk])
    told = {"version": one.version, "seen": "", "do": "decline"}
    empty = head.post(page, told)
    assert empty.status_code == 422
    assert "Напишіть батькам" in empty.content.decode()
    assert head.post(page, told | {"reason": "У свідоцтві інакше"}).status_code == 303
    enter(client, parent())
    assert (
        "У свідоцтві інакше" in client.get(reverse("own_request", args=[one.pk])).content.decode()
    )
    with pytest.raises(RequestDecided):
        decided(world, ParentRequest.objects.get())


def test_a_question_is_answered_in_the_window_and_taken_into_the_card(
    world: World, client: Client
) -> None:
    tie = represents(world)
    represents(world, relation="FATHER", given_name="Петро", rnokpp=FATHER)
    head = Client()
    sign_in(head, world.grants["olena"])
    told = {"id": str(uuid.uuid4()), "field": "my_phone", "text": "Який ваш телефон тепер?"}
    asked_ = head.post(reverse("parents_ask", args=[tie.pupil_id]), told)
    assert asked_.status_code == 303
    one = ParentRequest.objects.get()
    enter(client, parent())
    page = reverse("own_request", args=[one.pk])
    assert "Який ваш телефон тепер?" in client.get(page).content.decode()
    wrong = client.post(page, {"version": one.version, "wanted": "12"})
    assert wrong.status_code == 422
    assert client.post(page, {"version": one.version, "wanted": "067 222-33-44"}).status_code == 303
    with pytest.raises(NotFound):  # the other parent was too late
        services.answer(
            actor=parent(FATHER), request_id=one.pk, wanted="0501112233", version=1, moment=moment()
        )
    one.refresh_from_db()
    decided(world, one, seen=one.was)
    tie.guardian.refresh_from_db()
    assert tie.guardian.phone == "+380672223344"


@command
def _live(world: World, *, actor: Any) -> None:
    PupilAddress.objects.create(
        pupil=world.pupils["ivan"],
        kind="ACTUAL",
        territory_code="UA73060610010033137",
        line="стара",
    )
    noted()


@pytest.mark.parametrize(
    ("field", "wanted", "seen"),
    [
        ("surname", "Іванченко", "Іваненко"),
        ("born_on", "02.03.2016", "01.03.2016"),
        ("address_actual", "вул. Нова, 5", "стара"),
        ("my_surname", "Заміжня", "Іваненко"),
        ("my_email", "nova@example.com", ""),
        ("other", "клас не той", ""),
    ],
)
def test_each_field_is_written_by_the_step_of_its_own_page(
    world: World, field: str, wanted: str, seen: str
) -> None:
    _live(world, actor=world.actor("admin"))
    represents(world)
    one = asked(world, field=field, wanted=wanted)
    assert one.was == seen
    assert decided(world, one, seen=seen).state == "ACCEPTED"
    if field != "other":
        own = requests.tie_of(one, clock.today())
        pupil = Pupil.objects.get(pk=one.pupil_id)
        assert now(FIELDS[field], pupil, own) == wanted
    if field == "my_surname":  # the window is open under the new name all the same
        assert requests.tie_of(one, clock.today()) is not None


# ── bad input and others' doings ─────────────────────────────────────────────
@pytest.mark.parametrize(
    ("said", "where"),
    [
        ({"field": "nothing"}, "field"),
        ({"wanted": ""}, "wanted"),
        ({"wanted": "Petrovych1"}, "wanted"),
        ({"field": "born_on", "wanted": "31.02.2016"}, "wanted"),
        ({"field": "my_email", "wanted": "nobody"}, "wanted"),
        ({"field": "other", "wanted": "  "}, "wanted"),
        ({"text": " \n"}, "text"),
    ],
)
def test_what_is_typed_wrong_is_told_to_the_parent(world: World, said: Any, where: str) -> None:
    represents(world)
    with pytest.raises(Invalid) as refusal:
        asked(world, **said)
    assert where in {one.field for one in refusal.value.problems}


def test_only_a_pdf_or_a_picture_of_sane_size_is_taken(world: World) -> None:
    represents(world)
    for content in (b"<script>", b"MZ", b"%PDF-" + b"x" * services.MOST_BYTES):
        with pytest.raises(UnfitPaper):
            asked(world, paper=services.Paper("a.pdf", content))
    assert ParentPaper.objects.count() == ParentRequest.objects.count() == 0


def test_a_field_is_asked_about_once_and_nobody_elses_child(world: World) -> None:
    represents(world)
    asked(world)
    with pytest.raises(RequestStands):
        asked(world)
    asked(world, field="surname", wanted="Іванченко")
    for who, child in (
        (parent(), "oksana"),
        (parent(STRANGER), "ivan"),
        (world.actor("olena"), "ivan"),
    ):
        with pytest.raises(NotFound):
            asked(world, child, by=who)


def test_another_parent_and_another_school_do_not_see_a_request(world: World) -> None:
    represents(world)
    represents(world, relation="FATHER", given_name="Петро", rnokpp=FATHER)
    one = asked(world)
    for who in (parent(FATHER), parent(STRANGER), world.actor("petro")):
        with pytest.raises(NotFound):
            requests.find(who, one.pk, clock.today())
    assert requests.mine(parent(FATHER), clock.today()) == []


def test_what_changed_meanwhile_is_told_and_decided_anew(world: World) -> None:
    represents(world)
    one = asked(world)
    pupil = world.pupils["ivan"]
    people.correct(
        actor=world.actor("olena"),
        pupil_id=pupil.pk,
        version=pupil.version,
        values=values_of(pupil) | {"patronymic": "Павлович", "confirmed": "on"},
        ground="свідоцтво",
        today=clock.today(),
    )
    with pytest.raises(StaleVersion):
        decided(world, one)
    assert decided(world, one, seen="Павлович").state == "ACCEPTED"


def test_a_window_that_closed_takes_its_requests_along(world: World) -> None:
    tie = represents(world)
    one = asked(world, field="my_phone", wanted="067 222-33-44")
    people.end_guardianship(
        actor=world.actor("olena"),
        pupil_id=tie.pupil_id,
        guardianship_id=tie.pk,
        version=tie.version,
        ends_on=clock.today(),
    )
    assert requests.mine(parent(), clock.today()) == []
    with pytest.raises(NotFound):
        services.withdraw(actor=parent(), request_id=one.pk, version=one.version)
    with pytest.raises(RequestDecided):
        decided(world, one)


def test_whoever_asked_takes_it_back_until_it_is_decided(world: World) -> None:
    represents(world)
    one = asked(world)
    with pytest.raises(NotFound):
        services.withdraw(actor=world.actor("olena"), request_id=one.pk, version=one.version)
    assert services.withdraw(actor=parent(), request_id=one.pk, version=1).state == "WITHDRAWN"
    with pytest.raises(RequestDecided):
        services.withdraw(actor=parent(), request_id=one.pk, version=2)
    asked(world)  # and asks anew


# ── told of ──────────────────────────────────────────────────────────────────
def test_both_sides_are_told_by_the_bell_and_a_parent_by_letter(
    world: World, client: Client
) -> None:
    represents(world)
    mother = parent()
    one = asked(world, by=mother)
    tell(ParentAsked, one.pk, field=one.field)
    soon = clock.moment().now + datetime.timedelta(minutes=1)
    (line,) = notices.listing(world.actor("olena"), soon)
    assert line.title == "Батьки просять виправити: по батькові дитини"
    assert notices.listing(world.actor("dana"), soon)
    decided(world, one)
    tell(RequestAccepted, one.pk, field=one.field)
    assert notices.listing(world.actor("olena"), soon)[0].is_closed
    (mine,) = notices.listing(mother, soon)
    assert mine.title == "По батькові дитини: виправлено"
    assert mine.url == reverse("own_request", args=[one.pk])
    enter(client, mother)
    assert mine.title in client.get("/notices/").content.decode()
    assert client.post(reverse("notice_read", args=[mine.id])).status_code == 303
    assert Notice.objects.get(pk=mine.id).read_at is not None
