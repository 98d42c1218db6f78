"""The parents' window: whose children are seen, by whom, and nobody else's (issue 10 point 11)."""

from __future__ import annotations

import datetime
import random
import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import resolve, reverse

from accounts.models import User
from kernel import clock
from kernel.audit.models import Look
from kernel.db import command
from kernel.errors import NotAllowed, NotFound, StaleVersion
from registry.models import Guardian, Guardianship, ParentRequest, Pupil
from registry.parents.selectors import children
from registry.people import services as people
from registry.people.errors import NothingToConfirm
from registry.people.services.guardians import values_of_guardian
from tests.kit.acts import noted
from tests.registry.identity import kit as twins
from tests.registry.parents.kit import (
    FATHER,
    MOTHER,
    STRANGER,
    confirm,
    enter,
    parent,
    represents,
)
from tests.world import FIRST_DAY, World, sign_in

pytestmark = pytest.mark.django_db


def seen(person_code: str = MOTHER) -> set[str]:
    """Given names of children in somebody's window."""
    return {one.pupil.given_name for one in children.mine(parent(person_code), clock.today())}


# ── what opens ───────────────────────────────────────────────────────────────
def test_a_confirmed_representative_sees_the_child_and_a_claimed_one_nothing(
    world: World, client: Client
) -> None:
    tie = represents(world, confirmed=False)
    enter(client, parent())
    claimed = client.get("/parents/").content.decode()
    card = reverse("parent_child", args=[tie.pupil_id])
    assert "Іваненко Іван" not in claimed
    assert client.get(card).status_code == 404
    confirm(world, tie)
    page = client.get("/parents/").content.decode()
    assert "Іваненко Іван" in page
    assert "Чернівецький ліцей № 1" in page
    assert client.get(card).status_code == 200


def test_nothing_tells_whether_a_child_exists(world: World, client: Client) -> None:
    """Claimed, another's, and absent: the same bytes but for the number of the request."""
    represents(world, confirmed=False)
    enter(client, parent())
    answers = set()
    for pk in (
        world.pupils["ivan"].pk,
        world.pupils["oksana"].pk,
        "019f0000-0000-7000-8000-000000000000",
    ):
        for name in ("parent_child", "parent_looks"):
            answer = client.get(reverse(name, args=[pk]))
            assert answer.status_code == 404
            text = answer.content.decode().replace(str(pk), "")
            answers.add(
                re.sub(
                    r"[0-9A-F]{8}|nonce-?=?.[^ >]+|<!--.*?-->|children//looks|children/", "", text
                )
            )
    stranger = enter(Client(), parent(STRANGER))
    assert len({len(one) for one in answers}) <= 2  # the address of the page itself stands in it
    empty = stranger.get("/parents/").content.decode()
    claimed = client.get("/parents/").content.decode()
    for page in (empty, claimed):
        assert "Підтверджених дітей тут ще немає" in page


def test_the_card_masks_numbers_and_shows_where_the_data_went(world: World, client: Client) -> None:
    tie = represents(world)
    sign_in(Client(), world.grants["olena"])
    head = Client()
    sign_in(head, world.grants["olena"])
    assert head.get(reverse("pupil_detail", args=[tie.pupil_id])).status_code == 200
    enter(client, parent())
    page = client.get(reverse("parent_child", args=[tie.pupil_id])).content.decode()
    assert "X-ТЕ ••0001" in page
    assert "000001" not in page
    assert "Жодній системі заклад не дозволив" in page
    looks = client.get(reverse("parent_looks", args=[tie.pupil_id])).content.decode()
    assert "Шкільна О. В., керівник закладу освіти, Чернівецький ліцей № 1" in looks
    file = client.get(reverse("parent_looks", args=[tie.pupil_id]), {"file": "csv"})
    assert file.status_code == 200
    assert Look.objects.filter(actor_label__contains="представник дитини").exists()


def test_a_changed_surname_loses_nobody_and_a_namesake_finds_nobody(world: World) -> None:
    represents(world, surname="Дівоча")
    assert parent(MOTHER, surname="Заміжня").full_name.startswith("Заміжня")
    assert seen() == {"Іван"}
    parent(STRANGER, surname="Дівоча")
    assert seen(STRANGER) == set()


def test_a_parent_named_otherwise_is_told_and_the_school_mends_the_name(
    world: World, client: Client
) -> None:
    tie = represents(world, surname="Дівоча")
    actor = parent(MOTHER, surname="Заміжня")
    enter(client, actor)
    home = client.get(reverse("parents")).content.decode()
    assert "У картці: Дівоча Надія. У ключі: Заміжня Надія Іванівна." in home
    asks = reverse("parent_ask", args=[tie.pupil_id])
    assert {f"{asks}?field=my_surname", f"{asks}?field=my_patronymic"} <= set(
        re.findall(r'href="([^"]+field=my_\w+)"', home)
    )
    form = client.get(f"{asks}?field=my_surname").content.decode()
    assert 'value="Заміжня"' in form
    for field, wanted in (("my_surname", "Заміжня"), ("my_patronymic", "Іванівна")):
        told = {"id": uuid.uuid4(), "field": field, "wanted": wanted, "text": "свідоцтво про шлюб"}
        assert client.post(asks, told).status_code == 303
    head = Client()
    sign_in(head, world.grants["olena"])
    for one in ParentRequest.objects.all():
        page = head.get(reverse("parent_request", args=[one.pk])).content.decode()
        assert "Заміжня Надія Іванівна" in page
        stands = "Дівоча" if one.field == "my_surname" else ""
        told = {"version": one.version, "seen": stands, "do": "accept"}
        assert head.post(reverse("parent_request", args=[one.pk]), told).status_code == 303
    tie = Guardianship.objects.select_related("guardian").get(pk=tie.pk)
    assert tie.guardian.full_name == "Заміжня Надія Іванівна"
    assert tie.confirmed_code == MOTHER
    assert "записав вас інакше" not in client.get(reverse("parents")).content.decode()
    assert seen() == {"Іван"}


def test_a_passport_changed_with_the_surname_is_confirmed_anew(world: World) -> None:
    """Whoever refused РНОКПП is known by the passport: a new one opens nothing until the school, which
    sees it, writes and confirms it; the old one opens nothing from then on."""
    tie = represents(world, surname="Дівоча", rnokpp="", passport="АБ 123456")
    assert seen("АБ123456") == {"Іван"}
    assert seen("ВГ654321") == set()
    tie = Guardianship.objects.select_related("guardian").get(pk=tie.pk)
    people.change_guardian(
        actor=world.actor("olena"),
        pupil_id=tie.pupil_id,
        guardianship_id=tie.pk,
        version=tie.version,
        guardian_version=tie.guardian.version,
        values=values_of_guardian(tie) | {"surname": "Заміжня", "passport": "ВГ 654321"},
        today=clock.today(),
    )
    assert (seen("АБ123456"), seen("ВГ654321")) == (set(), set())
    confirm(world, tie)
    assert (seen("АБ123456"), seen("ВГ654321")) == (set(), {"Іван"})


def test_both_parents_and_a_parent_of_two_schools(world: World) -> None:
    represents(world)
    represents(world, relation="FATHER", surname="Іваненко", given_name="Петро", rnokpp=FATHER)
    represents(world, "marko", by="petro")
    assert seen(MOTHER) == {"Іван", "Марко"}
    assert seen(FATHER) == {"Іван"}


def test_whoever_refused_the_number_is_known_by_the_passport(world: World) -> None:
    represents(world, rnokpp="", passport="АБ 123456")
    assert seen("АБ123456") == {"Іван"}
    assert seen("АБ123457") == set()


# ── what closes, at once ─────────────────────────────────────────────────────
def _ended(world: World, tie: Guardianship) -> None:
    people.end_guardianship(
        actor=world.actor("olena"),
        pupil_id=tie.pupil_id,
        guardianship_id=tie.pk,
        version=tie.version,
        ends_on=clock.today(),
    )


def _unconfirmed(world: World, tie: Guardianship) -> None:
    people.unconfirm_guardian(
        actor=world.actor("olena"),
        pupil_id=tie.pupil_id,
        guardianship_id=tie.pk,
        version=tie.version,
        ground="підтверджено помилково",
    )


def _of_another(world: World, tie: Guardianship) -> None:
    person = Guardian.objects.get(pk=tie.guardian_id)
    people.change_guardian(
        actor=world.actor("olena"),
        pupil_id=tie.pupil_id,
        guardianship_id=tie.pk,
        version=tie.version,
        guardian_version=person.version,
        values={
            "relation": "MOTHER",
            "surname": "Іваненко",
            "given_name": "Надія",
            "rnokpp": FATHER,
        },
        today=clock.today(),
    )


@command
def _grown(world: World, tie: Guardianship, *, actor: Any = None) -> None:
    born = clock.today().replace(year=clock.today().year - 18, day=1, month=1)
    Pupil.objects.filter(pk=tie.pupil_id).update(born_on=born)
    noted()


def _of_age(world: World, tie: Guardianship) -> None:
    _grown(world, tie, actor=world.actor("admin"))


@pytest.mark.parametrize("closed", [_ended, _unconfirmed, _of_another, _of_age])
def test_what_ends_closes_the_window_at_once(world: World, client: Client, closed: Any) -> None:
    tie = represents(world)
    enter(client, parent())
    card = reverse("parent_child", args=[tie.pupil_id])
    assert client.get(card).status_code == 200
    closed(world, tie)
    assert client.get(card).status_code == 404
    assert seen() == set()
    assert seen(FATHER) == set()  # a number written later is confirmed by nobody


def test_a_merged_profile_answers_with_the_retained_one(world: World, client: Client) -> None:
    twin = twins.a_second(world)
    world.pupils["twin"] = twin
    represents(world, "twin", by="petro")
    twins.merged(world, world.pupils["ivan"], twin)
    enter(client, parent())
    answer = client.get(reverse("parent_child", args=[twin.pk]))
    assert (answer.status_code, answer["Location"]) == (
        302,
        reverse("parent_child", args=[world.pupils["ivan"].pk]),
    )
    assert client.get(answer["Location"]).status_code == 200
    stranger = enter(Client(), parent(STRANGER))
    assert stranger.get(reverse("parent_child", args=[twin.pk])).status_code == 404


def test_nobody_sees_anybody_elses_child_whatever_is_written(world: World) -> None:
    """Hundreds of representations of every kind; who sees whom is said here by other words."""
    chance = random.Random(11)
    today = clock.today()
    codes = [MOTHER, FATHER, STRANGER, "123456789"]
    expected: set[tuple[str, Any]] = set()

    @command
    def fill(*, actor: Any) -> None:
        grant = world.grants["olena"].pk
        for _ in range(200):
            written, confirmed = chance.choice(codes), chance.choice([*codes, ""])
            by_number = len(written) == 10
            person = (
                Guardian.objects.get_or_create(
                    rnokpp=written, defaults={"surname": "Х", "given_name": "Х"}
                )[0]
                if by_number
                else Guardian.objects.create(surname="Х", given_name="Х", passport=written)
            )
            pupil = chance.choice(list(world.pupils.values()))
            ends = chance.choice([None, today, today + datetime.timedelta(days=9)])
            if Guardianship.objects.filter(pupil=pupil, guardian=person).exists():
                continue
            Guardianship.objects.create(
                pupil=pupil,
                guardian=person,
                relation="MOTHER",
                starts_on=FIRST_DAY,
                ends_on=ends,
                confirmed_code=confirmed,
                confirmed_ground="свідоцтво" if confirmed else "",
                confirmed_at=clock.moment().now if confirmed else None,
                confirmed_by_id=grant if confirmed else None,
            )
            if written == confirmed and (ends is None or ends > today):
                expected.add((written, pupil.pk))
        noted()

    fill(actor=world.actor("admin"))
    assert len(expected) > 5
    for one in codes:
        client = enter(Client(), parent(one))
        for pupil in world.pupils.values():
            opened = client.get(reverse("parent_child", args=[pupil.pk])).status_code == 200
            assert opened == ((one, pupil.pk) in expected)
        found = {child.pupil.pk for child in children.mine(parent(one), today)}
        assert found == {pk for code, pk in expected if code == one}


def test_a_head_who_is_a_parent_sees_own_children_in_the_window_alone(
    world: World, client: Client
) -> None:
    olena = world.grants["olena"]
    represents(world, "marko", by="petro", rnokpp=olena.user.person_code, surname="Шкільна")
    sign_in(client, olena)
    card = reverse("parent_child", args=[world.pupils["marko"].pk])
    refused = client.get(card)
    assert refused.status_code == 403
    assert "Вікно батьків" in refused.content.decode()
    with pytest.raises(NotFound):
        children.child(world.actor("olena"), world.pupils["marko"].pk, clock.today())
    assert client.post("/grants/", {"window": "parents"})["Location"] == "/parents/"
    assert client.get(card).status_code == 200
    assert client.get("/users/").status_code == 404
    back = client.post("/grants/", {"grant": str(olena.uid)})
    assert back["Location"] == "/"
    assert client.get("/users/").status_code == 200
    assert client.get(card).status_code == 403


def test_every_link_of_the_window_opens(world: World, client: Client) -> None:
    """The frame too: no section, search or footer of the cabinet is offered."""
    tie = represents(world)
    enter(client, parent())
    assert client.get("/")["Location"] == "/parents/"
    waiting, met = ["/parents/"], set()
    while waiting:
        path = waiting.pop()
        if path in met:
            continue
        met.add(path)
        answer = client.get(path)
        assert answer.status_code in {200, 302}, path
        if path.startswith("/parents/") and answer.get("Content-Type", "").startswith("text/html"):
            links = re.findall(r'(?:href|action)="(/[^"#]*)', answer.content.decode())
            waiting += [
                one.replace("&amp;", "&")
                for one in links
                if "/static/" not in one and one != "/logout/"
            ]
    assert reverse("parent_looks", args=[tie.pupil_id]) in met
    names = {resolve(one.partition("?")[0]).url_name for one in met}
    assert not names & {"search", "pupil_list", "staff_list", "institution_list", "eis_keys"}


# ── confirmed by the school ──────────────────────────────────────────────────
def test_a_school_confirms_on_the_card_by_a_document(world: World, client: Client) -> None:
    tie = represents(world, confirmed=False)
    sign_in(client, world.grants["dana"])
    at = reverse("pupil_guardian_confirm", args=[tie.pupil_id, tie.pk])
    form = client.get(at).content.decode()
    assert "Свідоцтво про народження X-ТЕ 000001" in form
    told = {"version": tie.version, "guardian_version": tie.guardian.version}
    assert client.post(at, {**told, "ground": " "}).status_code == 422
    assert client.post(at, {**told, "ground": "Свідоцтво I-ТЕ 1"}).status_code == 303
    tie.refresh_from_db()
    assert (tie.confirmed_code, tie.confirmed_by_id, tie.confirmed_ground) == (
        MOTHER,
        world.grants["dana"].pk,
        "Свідоцтво I-ТЕ 1",
    )
    card = client.get(reverse("pupil_detail", args=[tie.pupil_id])).content.decode()
    assert "Заступниця Д. О.): Свідоцтво I-ТЕ 1" in card
    assert "Підтверджено представника" in card
    with pytest.raises(StaleVersion):
        people.confirm_guardian(
            actor=world.actor("dana"),
            pupil_id=tie.pupil_id,
            guardianship_id=tie.pk,
            ground="ще раз",
            today=clock.today(),
            **told,
        )


def test_many_are_confirmed_by_documents_of_their_cards(world: World, client: Client) -> None:
    ready = represents(world, confirmed=False)
    no_code = represents(world, "oksana", confirmed=False, rnokpp="", surname="Ґудзь")
    no_paper = represents(
        world, "oksana", confirmed=False, relation="GUARDIAN", rnokpp=FATHER, surname="Опікун"
    )
    sign_in(client, world.grants["olena"])
    page = client.get(reverse("guardian_list")).content.decode()
    for state in ("Треба підтвердити", "Немає РНОКПП"):
        assert state in page
    ticked = {
        "do": "confirm",
        "pick": [uuid.UUID(int=one.pk) for one in (ready, no_code, no_paper)],
    }
    done = client.post(reverse("guardian_list"), ticked, follow=True).content.decode()
    assert re.search(r"Підтверджено 1\s+представника", done)
    ready.refresh_from_db()
    assert ready.confirmed_ground == "Свідоцтво про народження X-ТЕ 000001"
    assert Guardianship.objects.exclude(confirmed_code="").count() == 1
    with pytest.raises(NothingToConfirm):
        people.confirm_guardians(
            actor=world.actor("olena"), ids=[no_code.pk, 1 << 100], today=clock.today()
        )


def test_a_school_confirms_its_own_children_only(world: World) -> None:
    tie = represents(world, confirmed=False)
    for who, refusal in (("petro", NotFound), ("bohdan", NotAllowed)):
        with pytest.raises(refusal):
            confirm(world, tie, by=who)
    with pytest.raises(NothingToConfirm):
        people.confirm_guardians(actor=world.actor("petro"), ids=[tie.pk], today=clock.today())
    with pytest.raises(NotAllowed):
        people.confirm_guardians(actor=world.actor("bohdan"), ids=[tie.pk], today=clock.today())
    assert User.objects.filter(person_code=MOTHER).count() == 0
