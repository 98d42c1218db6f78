"""The door, with real signatures over real HTTP (issue 2 point 5; постанова 1255 п.16)."""

import base64
import dataclasses
import datetime
import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import errors
from accounts.models import Challenge, Grant, NameMismatch, SignInAttempt, User, UserSession
from accounts.roles import Duty, GrantState
from accounts.services import entering, grants, signin
from kernel.audit import outbox
from kernel.audit.models import EventRow
from signatures.demo.authority import Authority, revoke_demo_certificate
from signatures.demo.signing import sign_cms
from tests.accounts.conftest import Keys
from tests.kit.racing import together
from tests.kit.waiting import LONG
from tests.world import World

pytestmark = pytest.mark.django_db


def door(client: Client, to: str = "/login/") -> tuple[str, bytes]:
    """The challenge as the page shows it: the sealed token and the bytes to sign."""
    page = client.get(to).content.decode()
    token = re.search(r'name="challenge" value="([^"]+)"', page)
    content = re.search(r'data-ak-sign-content="([^"]+)"', page)
    assert token is not None
    assert content is not None
    return token[1], base64.b64decode(content[1])


def enter(
    client: Client,
    keys: Keys,
    person: User,
    edrpou: str | None,
    next_page: str = "",
    **changes: Any,
) -> Any:
    token, content = door(client)
    return client.post(
        "/login/",
        {
            "challenge": token,
            "signature": keys.sign(content, person, edrpou, **changes),
            "next": next_page,
        },
    )


def refused(response: Any, words: str, status: int = 422) -> str:
    page = response.content.decode()
    assert response.status_code == status, page[:400]
    assert "ak-summary" in page
    assert words in page
    assert "<title>Помилка: Вхід" in page
    return page


# ── in ───────────────────────────────────────────────────────────────────────
def test_a_head_signs_in_with_her_key_and_gets_where_she_was_going(
    client: Client, world: World, keys: Keys
) -> None:
    olena = world.grants["olena"]
    response = enter(client, keys, olena.user, "59900062", next_page="/users/")
    assert (response.status_code, response["Location"]) == (303, "/users/")
    visit = UserSession.objects.get()
    assert (visit.user_id, visit.grant_id, visit.edrpou) == (olena.user_id, olena.pk, "59900062")
    assert len(bytes(visit.certificate_sha256)) == 32
    page = client.get("/users/").content.decode()
    assert "Шкільна" in page
    assert EventRow.objects.filter(code="accounts.visit.opened").exists()


def test_what_is_signed_can_be_read_by_a_person(client: Client, world: World) -> None:
    _, content = door(client)
    text = content.decode()
    assert text.startswith("Вхід до АІКОМ\nАдреса: http://testserver\nЧас: ")
    assert re.search(r"Одноразовий код: [0-9a-f]{32}\n", text)


def test_showing_the_door_writes_nothing_and_each_visitor_is_asked_anew(
    client: Client, world: World
) -> None:
    assert door(client)[1] != door(client)[1]
    assert Challenge.objects.count() == 0


def test_the_session_is_a_new_one_after_signing_in(
    client: Client, world: World, keys: Keys
) -> None:
    door(client)
    before = client.session.session_key
    enter(client, keys, world.grants["olena"].user, "59900062")
    assert client.session.session_key != before
    assert "sign_in_browser" not in client.session


@pytest.mark.parametrize(
    "where", ["https://evil.example/", "//evil.example", "javascript:alert(1)"]
)
def test_nobody_is_sent_to_another_site(
    client: Client, world: World, keys: Keys, where: str
) -> None:
    response = enter(client, keys, world.grants["olena"].user, "59900062", next_page=where)
    assert response["Location"] == "/"


def test_staff_of_a_branch_without_a_code_use_the_hubs_keys(
    client: Client, world: World, keys: Keys, somebody: Any
) -> None:
    person = somebody()
    grant = grants.create_head(
        actor=world.actor("hanna"), institution=world.units["branch"].uid, person=person
    )
    response = enter(client, keys, person, world.units["hub"].edrpou)
    assert response.status_code == 303
    grant.refresh_from_db()
    assert grant.state == GrantState.ACTIVE
    assert UserSession.objects.get().grant_id == grant.pk


# ── refused, each in its own words ───────────────────────────────────────────
def test_a_replayed_answer_is_refused(client: Client, world: World, keys: Keys) -> None:
    token, content = door(client)
    answer = {"challenge": token, "signature": keys.sign(content, world.grants["olena"].user, "1")}
    client.post("/login/", answer)
    refused(client.post("/login/", answer), "уже було використано")
    assert UserSession.objects.count() == 0


def test_an_answer_taken_once_opens_one_visit_even_in_two_hands(
    client: Client, world: World, keys: Keys
) -> None:
    olena = world.grants["olena"].user
    token, content = door(client)
    answer = {"challenge": token, "signature": keys.sign(content, olena, "59900062")}
    cookies = client.cookies["aikom_session"].value
    assert client.post("/login/", answer).status_code == 303
    thief = Client()
    thief.cookies["aikom_session"] = cookies
    refused(thief.post("/login/", answer), "в іншому браузері")
    assert UserSession.objects.count() == 1


def test_an_answer_from_another_browser_is_refused(
    client: Client, world: World, keys: Keys
) -> None:
    token, content = door(client)
    other = Client()
    door(other)
    answer = {
        "challenge": token,
        "signature": keys.sign(content, world.grants["olena"].user, "59900062"),
    }
    refused(other.post("/login/", answer), "в іншому браузері")
    # It was not used up by the stranger.
    assert client.post("/login/", answer).status_code == 303


def test_an_answer_after_five_minutes_is_refused(client: Client, world: World, keys: Keys) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        token, content = door(client)
        signature = keys.sign(content, world.grants["olena"].user, "59900062")
        clock.shift(datetime.timedelta(minutes=5, seconds=2))
        refused(client.post("/login/", {"challenge": token, "signature": signature}), "застарів")


def test_a_challenge_of_ones_own_making_is_refused(
    client: Client, world: World, keys: Keys
) -> None:
    token, content = door(client)
    signature = keys.sign(content, world.grants["olena"].user, "59900062")
    for forged in ("", token[:-3] + "abc", "x.y.z"):
        refused(
            client.post("/login/", {"challenge": forged, "signature": signature}),
            "не з нашої сторінки",
        )


def test_a_signature_of_other_bytes_is_refused(client: Client, world: World, keys: Keys) -> None:
    token, content = door(client)
    signature = keys.sign(content + b" ", world.grants["olena"].user, "59900062")
    refused(client.post("/login/", {"challenge": token, "signature": signature}), "змінено")


@pytest.mark.parametrize("signature", ["", "не base64", base64.b64encode(b"nonsense").decode()])
def test_no_signature_at_all_is_refused(client: Client, world: World, signature: str) -> None:
    token, _ = door(client)
    response = client.post("/login/", {"challenge": token, "signature": signature})
    refused(response, "Підпис не прийнято")


def test_a_key_of_an_authority_nobody_trusts_is_refused(
    client: Client, world: World, keys: Keys
) -> None:
    olena = world.grants["olena"].user
    key, certificate = Authority.in_memory().issue_person(
        full_name=olena.full_name, rnokpp=olena.person_code, edrpou="59900062", at=timezone.now()
    )
    token, content = door(client)
    signature = base64.b64encode(sign_cms(content, key, certificate)).decode()
    refused(client.post("/login/", {"challenge": token, "signature": signature}), "надавач")


def test_an_expired_certificate_is_refused(client: Client, world: World, keys: Keys) -> None:
    now = timezone.now()
    response = enter(
        client,
        keys,
        world.grants["olena"].user,
        "59900062",
        not_before=now - datetime.timedelta(days=800),
        not_after=now - datetime.timedelta(days=1),
    )
    refused(response, "строк дії сертифіката")


def test_a_revoked_certificate_is_refused(client: Client, world: World, keys: Keys) -> None:
    key, certificate = keys.issue(world.grants["olena"].user, "59900062")
    revoke_demo_certificate(
        certificate.der, at=timezone.now() - datetime.timedelta(hours=1), directory=keys.folder
    )
    token, content = door(client)
    signature = base64.b64encode(sign_cms(content, key, certificate)).decode()
    refused(client.post("/login/", {"challenge": token, "signature": signature}), "скасовано")


def test_a_seal_is_refused(client: Client, world: World, keys: Keys) -> None:
    olena = world.grants["olena"].user
    assert "РНОКПП" in refused(enter(client, keys, olena, "59900062", kind="seal"), "печатка")


@pytest.mark.parametrize("trader", [False, True])
def test_a_private_persons_key_opens_the_parents_window_and_no_grant(
    client: Client, world: World, keys: Keys, trader: bool
) -> None:
    """Of a head too, and of a sole trader, whose organisation is the person."""
    olena = world.grants["olena"].user
    edrpou, kind = (olena.person_code, "employee") if trader else (None, "person")
    response = enter(client, keys, olena, edrpou, next_page="/users/", kind=kind)
    assert (response.status_code, response["Location"]) == (303, "/parents/")
    visit = UserSession.objects.get()
    assert (visit.user_id, visit.grant_id, visit.as_parent, visit.edrpou) == (
        olena.pk,
        None,
        True,
        "",
    )
    assert client.get("/users/").status_code == 404
    choice = client.get("/grants/").content.decode()
    assert "Вікно батьків" in choice
    assert "Чернівецький ліцей" not in choice
    assert client.post("/grants/", {"grant": str(world.grants["olena"].uid)}).status_code == 404


def test_a_person_nobody_invited_is_known_by_the_certificate_from_then_on(
    client: Client, world: World, keys: Keys, somebody: Any
) -> None:
    person = somebody()
    for surname in ("Новенька", "Заміжня"):
        named = dataclasses.replace(person, surname=surname)
        assert enter(client, keys, named, None, kind="person")["Location"] == "/parents/"
        client.post("/logout/")
    (known,) = User.objects.filter(person_code=person.person_code)
    assert known.full_name == "Заміжня Віра Андріївна"
    # The name under which somebody was invited is the business of whoever invited them.
    olena = dataclasses.replace(
        somebody(), person_code=world.grants["olena"].user.person_code, surname="Інша"
    )
    enter(client, keys, olena, None, kind="person")
    assert User.objects.get(person_code=olena.person_code).surname == "Шкільна"


def test_a_code_that_is_nobodys_opens_no_window(
    client: Client, world: World, keys: Keys, somebody: Any
) -> None:
    person = somebody(person_code="1234567890")
    refused(enter(client, keys, person, None, kind="person"), "не схожий")
    assert not User.objects.filter(person_code="1234567890").exists()


def test_the_right_person_of_another_organisation_is_refused(
    client: Client, world: World, keys: Keys
) -> None:
    olena = world.grants["olena"].user
    page = refused(enter(client, keys, olena, "99000130"), "немає облікового запису")
    assert "99000130" in page
    assert olena.person_code not in page


def test_another_person_of_the_right_organisation_is_refused(
    client: Client, world: World, keys: Keys, somebody: Any
) -> None:
    refused(enter(client, keys, somebody(), "59900062"), "немає облікового запису")


def test_suspended_and_inactive_are_told_apart(client: Client, world: World, keys: Keys) -> None:
    bohdan, olena = world.actor("bohdan"), world.grants["olena"]
    grants.suspend(actor=bohdan, grant=olena.uid, reason="Перевірка")
    refused(enter(client, keys, olena.user, "59900062"), "запис зупинено")
    grants.deactivate(actor=bohdan, grant=olena.uid, reason="Наказ № 7")
    page = refused(enter(client, keys, olena.user, "59900062"), "неактивний")
    assert "Наказ № 7" in page


def test_guessing_is_slowed_down(client: Client, world: World, keys: Keys) -> None:
    for _ in range(entering.TRIES_OF_A_BROWSER):
        client.get("/login/")
        client.post("/login/", {"challenge": "x", "signature": ""})
    page = enter(client, keys, world.grants["olena"].user, "59900062")
    refused(page, "Забагато спроб", status=429)
    with time_machine.travel(timezone.now() + entering.WINDOW, tick=False):
        assert enter(client, keys, world.grants["olena"].user, "59900062").status_code == 303


# ── invitations ──────────────────────────────────────────────────────────────
def invite(world: World, person: Any) -> Grant:
    return grants.create_deputy(actor=world.actor("olena"), person=person, duties=[Duty.PUPILS])


def test_an_invited_person_becomes_active_at_the_first_sign_in(
    client: Client, world: World, keys: Keys, somebody: Any
) -> None:
    person = somebody()
    grant = invite(world, person)
    assert enter(client, keys, person, "59900062").status_code == 303
    grant.refresh_from_db()
    assert grant.state == GrantState.ACTIVE
    assert grant.invitations.get().used_at is not None


@pytest.mark.django_db(transaction=True)
def test_the_page_of_an_invitation_tells_which_key_is_needed_and_works_once(
    world: World, keys: Keys, somebody: Any
) -> None:
    person = somebody()
    invite(world, person)
    outbox.drain()
    link = re.search(r"/login/invitation/\S+", mail.outbox[-1].body)
    assert link is not None
    visitor = Client()
    page = visitor.get(link[0]).content.decode()
    assert "59900062" in page
    assert person.person_code not in page
    assert "Відповідальна особа" in page
    assert enter(visitor, keys, person, "59900062").status_code == 303
    spent = Client().get(link[0])
    assert spent.status_code == 410
    assert Client().get("/login/invitation/nonsense/").status_code == 410
    assert "надіслати його ще раз" in spent.content.decode()


def test_an_expired_invitation_does_not_let_in(
    client: Client, world: World, keys: Keys, somebody: Any
) -> None:
    person = somebody()
    grant = invite(world, person)
    with time_machine.travel(timezone.now() + datetime.timedelta(days=7, minutes=1), tick=False):
        refused(enter(client, keys, person, "59900062"), "Строк вашого запрошення")
    grant.refresh_from_db()
    assert grant.state == GrantState.INVITED


def test_another_name_is_refused_and_left_to_whoever_invited(
    client: Client, world: World, keys: Keys, somebody: Any
) -> None:
    person = somebody()
    grant = invite(world, person)
    married = somebody(surname="Заміжня")
    for _ in range(2):
        page = refused(enter(client, keys, married, "59900062"), "не збігається")
    assert "Заміжня" in page
    assert NameMismatch.objects.get().certificate_name == "Заміжня Віра Андріївна"
    user = grants.accept_certificate_name(actor=world.actor("olena"), grant=grant.uid)
    assert user.surname == "Заміжня"
    assert enter(client, keys, married, "59900062").status_code == 303


# ── several grants ───────────────────────────────────────────────────────────
@pytest.fixture
def nina_of_two(world: World) -> Grant:
    """Nina heads the hub and is responsible at its branch, which has no code of its own."""
    from accounts import actors

    nina = world.grants["nina"].user
    grant = grants.create_head(
        actor=world.actor("hanna"),
        institution=world.units["branch"].uid,
        person=grants.Person(
            nina.surname, nina.given_name, nina.patronymic, nina.person_code, "nina@example.com"
        ),
    )
    grants.confirm_for_training(actor=actors.system("світ"), grants=[grant.pk])
    return grant


def test_who_holds_several_grants_chooses_and_switches_without_a_new_signature(
    client: Client, world: World, keys: Keys, nina_of_two: Grant
) -> None:
    nina = world.grants["nina"]
    response = enter(client, keys, nina.user, nina.unit.edrpou, next_page="/users/")
    assert response["Location"] == "/grants/?next=%2Fusers%2F"
    assert client.get("/users/")["Location"] == "/grants/"
    page = client.get(response["Location"]).content.decode()
    assert "Оберіть, від чийого імені працюєте" in page
    assert "Стрілецька філія" in page
    response = client.post("/grants/", {"grant": str(nina_of_two.uid), "next": "/users/"})
    assert (response.status_code, response["Location"]) == (303, "/users/")
    assert UserSession.objects.get().grant_id == nina_of_two.pk
    client.post("/grants/", {"grant": str(nina.uid)})
    assert UserSession.objects.get().grant_id == nina.pk


def test_nobody_switches_to_a_grant_of_another_organisation_or_person(
    client: Client, world: World, keys: Keys, somebody: Any
) -> None:
    olena = world.grants["olena"]
    enter(client, keys, olena.user, "59900062")
    for other in ("petro", "nina", "bohdan"):
        response = client.post("/grants/", {"grant": str(world.grants[other].uid)})
        assert response.status_code == 404
    assert client.post("/grants/", {"grant": "1"}).status_code == 404
    assert UserSession.objects.get().grant_id == olena.pk


# ── the visit ────────────────────────────────────────────────────────────────
def test_inactive_ends_the_visit_at_the_next_click_and_says_why(
    client: Client, world: World, keys: Keys
) -> None:
    olena = world.grants["olena"]
    enter(client, keys, olena.user, "59900062")
    assert client.get("/users/").status_code == 200
    grants.deactivate(actor=world.actor("bohdan"), grant=olena.uid, reason="Наказ № 7")
    response = client.get("/users/")
    assert response["Location"] == "/login/?next=/users/"
    assert "Наказ № 7" in client.get(response["Location"]).content.decode()


def test_a_visit_ends_with_its_certificate(client: Client, world: World, keys: Keys) -> None:
    soon = timezone.now() + datetime.timedelta(hours=1)
    enter(client, keys, world.grants["olena"].user, "59900062", not_after=soon)
    assert client.get("/users/").status_code == 200
    with time_machine.travel(soon + datetime.timedelta(seconds=1), tick=False):
        assert client.get("/users/").status_code == 302


def test_a_form_sent_after_the_visit_ended_is_not_lost_in_a_redirect(
    client: Client, world: World, keys: Keys
) -> None:
    olena = world.grants["olena"]
    enter(client, keys, olena.user, "59900062")
    grants.suspend(actor=world.actor("bohdan"), grant=olena.uid, reason="Перевірка")
    response = client.post("/users/new/deputy/", {"surname": "Х"})
    assert response.status_code == 401
    assert "Увійдіть знову" in response.content.decode()
    assert 'href="/login/?next=%2F"' in response.content.decode()
    for sent_from, back in (
        ("http://testserver/users/new/deputy/?a=1", "%2Fusers%2Fnew%2Fdeputy%2F%3Fa%3D1"),
        ("https://elsewhere.example/users/", "%2F"),
        ("http://testserver//elsewhere.example/", "%2F"),
    ):
        response = client.post("/users/new/deputy/", {}, headers={"Referer": sent_from})
        assert f'href="/login/?next={back}"' in response.content.decode()
    part = client.get(
        "/users/",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/users/?a=1"},
    )
    assert (part.status_code, part["HX-Redirect"]) == (401, "/login/?next=/users/%3Fa%3D1")


def test_signing_out_ends_the_visit(client: Client, world: World, keys: Keys) -> None:
    enter(client, keys, world.grants["olena"].user, "59900062")
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/")["Location"] == "/login/"
    assert UserSession.objects.get().ended_reason == "Вихід"
    assert client.get("/users/").status_code == 302


def test_one_ends_ones_other_visits_and_nobody_elses(
    client: Client, world: World, keys: Keys
) -> None:
    olena = world.grants["olena"].user
    elsewhere, colleague = Client(headers={"User-Agent": "Firefox/128.0 (Windows)"}), Client()
    enter(elsewhere, keys, olena, "59900062")
    enter(colleague, keys, world.grants["petro"].user, "99000130")
    enter(client, keys, olena, "59900062")
    page = client.get("/visits/").content.decode()
    assert "Firefox, Windows" in page
    theirs = UserSession.objects.get(user=world.grants["petro"].user)
    assert client.post("/visits/", {"visit": str(theirs.uid)}).status_code == 404
    assert client.post("/visits/").status_code == 303
    assert elsewhere.get("/users/").status_code == 302
    assert client.get("/users/").status_code == 200
    assert colleague.get("/users/").status_code == 200


def test_knowing_who_asks_costs_one_query_for_a_hub_too(
    client: Client, world: World, keys: Keys, nina_of_two: Grant
) -> None:
    nina = world.grants["nina"]
    enter(client, keys, nina.user, nina.unit.edrpou)
    client.post("/grants/", {"grant": str(nina.uid)})
    with CaptureQueriesContext(connection) as asked:
        assert client.get("/users/new/heads/", headers={"HX-Request": "true"}).status_code == 200
    # What the page itself and the menu's numbers ask is theirs.
    who = [
        q["sql"]
        for q in asked
        if ("django_session" in q["sql"] or "accounts_" in q["sql"])
        and "accounts_notice" not in q["sql"]  # the number beside the bell
    ]
    assert len(who) == 1, who


def test_attempts_are_kept_with_their_outcome(client: Client, world: World, keys: Keys) -> None:
    olena = world.grants["olena"].user
    enter(client, keys, olena, "99000130")
    enter(client, keys, olena, "59900062")
    assert list(SignInAttempt.objects.order_by("id").values_list("outcome", flat=True)) == [
        "nobody_here",
        "ok",
    ]
    assert EventRow.objects.filter(code="accounts.sign_in.refused", payload__outcome="nobody_here")


# ── two at once ──────────────────────────────────────────────────────────────
@pytest.mark.django_db(transaction=True)
def test_of_two_equal_answers_at_once_one_is_let_in(
    client: Client, world: World, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    olena = world.grants["olena"].user
    browser = signin.new_browser_secret()
    asked = signin.ask(site="http://testserver", browser=browser, at=timezone.now())
    answer = signin.Answer(
        token=asked.token,
        signature=base64.b64decode(keys.sign(asked.content, olena, "59900062")),
        browser=browser,
        site="http://testserver",
    )
    inside: list[int] = []
    both = threading.Event()
    create = Challenge.objects.create

    def create_once_both_are_inside(**fields: Any) -> Challenge:
        inside.append(1)
        both.set() if len(inside) == 2 else both.wait(LONG)
        return create(**fields)

    monkeypatch.setattr(Challenge.objects, "create", create_once_both_are_inside)

    def enter(number: int) -> Callable[[], object]:
        return lambda: signin.sign_in(
            answer, at=timezone.now(), new_session=lambda: f"session{number}"
        )

    outcomes = together(enter(0), enter(1))
    assert len(inside) == 2
    assert sorted(outcomes) == sorted(["done", errors.ChallengeUsed.code])
    assert UserSession.objects.count() == 1
