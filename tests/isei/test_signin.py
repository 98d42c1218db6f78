"""Through id.gov.ua and back, over real sockets (issue 3 point 8; handbook J.4)."""

import dataclasses
import json
import shutil
from typing import Any

import pytest
import time_machine
from django.core import checks
from django.test import Client
from django.utils import timezone

from accounts.models import Challenge, NameMismatch, SignInAttempt, UserSession
from accounts.roles import Duty, GrantState, Way
from accounts.services import entering, grants, provider
from accounts.services.people import Person
from integrations.isei.demo.keys import KeyFiles
from integrations.isei.demo.people import Vouched
from kernel.audit.models import EventRow
from signatures import api, enveloped
from signatures.certificates import Certificate
from signatures.demo.authority import Authority, revoke_demo_certificate, stored
from signatures.demo.signing import sign_cms
from tests.isei import provider as troubles
from tests.isei.conftest import SITE, vouched
from tests.isei.provider import TroubledProvider
from tests.kit.waiting import LONG
from tests.world import PEOPLE, World

pytestmark = pytest.mark.django_db
NEWCOMER = Person("Новенька", "Віра", "Андріївна", "7146800019", "nova@example.com")


def refused(response: Any, words: str, status: int = 422) -> str:
    page = response.content.decode()
    assert response.status_code == status, page[:400]
    assert words in page, page[page.find("ak-summary") :][:600]
    assert "ak-summary" in page
    assert "<title>Помилка: Вхід" in page
    # whatever went wrong, one's own key is at hand on the same page
    assert 'action="/login/"' in page
    assert not UserSession.objects.exists()
    return page


# ── in ───────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("answers", ["plain", "sealed"])
def test_a_head_comes_in_and_gets_where_she_was_going(
    answers: str, request: Any, travel: Any, world: World
) -> None:
    isei: TroubledProvider = request.getfixturevalue(answers)
    response = travel(isei).enter(vouched("olena"), to="/users/")

    assert (response.status_code, response["Location"]) == (303, "/users/")
    visit = UserSession.objects.get()
    assert (visit.user_id, visit.grant_id) == (
        world.grants["olena"].user_id,
        world.grants["olena"].pk,
    )
    assert (visit.way, visit.edrpou) == (Way.ID_GOV_UA, "59900062")
    assert isei.paths() == ["/get-access-token", "/get-user-info"]


def test_what_was_said_of_her_is_kept_with_the_act(sealed: Any, travel: Any, world: World) -> None:
    travel(sealed).enter(vouched("olena"))

    kept = EventRow.objects.get(code="accounts.visit.opened").payload
    assert kept["way"] == Way.ID_GOV_UA
    evidence = kept["evidence"]
    assert (evidence["auth_type"], evidence["encrypted"], evidence["isqscd"]) == (
        "dig_sign",
        True,
        False,
    )
    assert evidence["signed_by"] == sealed.keys.signing_certificate.fingerprint
    assert evidence["serial"] == kept["certificate"] == UserSession.objects.get().certificate_serial


def test_the_page_offers_the_second_way_only_when_it_is_configured(
    client: Client, world: World, provider: Any, settings: Any
) -> None:
    assert "id.gov.ua" not in client.get("/login/").content.decode()
    refused(client.get("/login/isei/"), "тут не ввімкнено")
    refused(client.get("/login/isei/back/?code=1&state=2"), "тут не ввімкнено")
    settings.ISEI_CLIENT_ID, settings.ISEI_CLIENT_SECRET = "a", "b"
    page = client.get("/login/?next=/users/").content.decode()
    assert 'href="/login/isei/?next=/users/"' in page
    assert "Увійти через id.gov.ua" in page


def test_the_browser_is_asked_to_bring_back_what_it_took(plain: Any, travel: Any) -> None:
    asked = travel(plain).leave()

    assert asked["response_type"] == "code"
    assert asked["client_id"] == plain.client.client_id
    assert asked["auth_type"] == "dig_sign"
    assert asked["redirect_uri"] == f"{SITE}/login/isei/back/"
    assert len(asked["state"]) < 200
    assert Challenge.objects.count() == 0  # leaving writes nothing


def test_who_came_by_another_name_goes_to_the_registered_one_first(
    plain: Any, travel: Any, client: Client, settings: Any
) -> None:
    settings.ISEI_REDIRECT_BASE = "https://aikom.example/"
    moved = client.get("/login/isei/?next=/users/")["Location"]
    assert moved == "https://aikom.example/login/isei/?moved=1&next=%2Fusers%2F"
    # a proxy that hides the name must not send people round and round
    there = client.get("/login/isei/?moved=1&next=/users/")["Location"]
    assert travel(plain).query(there)["redirect_uri"] == "https://aikom.example/login/isei/back/"
    settings.ISEI_REDIRECT_BASE = SITE
    assert travel(plain).leave()["redirect_uri"] == f"{SITE}/login/isei/back/"


def test_secrets_travel_in_bodies_and_every_field_is_asked(
    sealed: Any, travel: Any, settings: Any
) -> None:
    travel(sealed).enter(vouched("olena"))

    assert [method for method, _, _ in sealed.asked] == ["POST", "POST"]
    fields = sealed.asked[1][2]["fields"].split(",")
    assert {"edrpoucode", "drfocode", "isqscd", "unzr", "issuer", "serial"} <= set(fields)
    assert "%2B" in sealed.asked[1][2]["cert"] or "%2F" in sealed.asked[1][2]["cert"]


def test_an_operator_may_choose_get(sealed: Any, travel: Any, settings: Any) -> None:
    settings.ISEI_METHOD = "get"
    assert travel(sealed).enter(vouched("olena")).status_code == 303
    assert [method for method, _, _ in sealed.asked] == ["GET", "GET"]


def test_an_invitation_is_taken_by_coming_through_id_gov_ua(
    plain: Any, travel: Any, world: World
) -> None:
    """One path for both ways: a fitting invitation turns active, a name that differs waits."""
    new = grants.create_deputy(
        actor=world.actor("olena"), person=NEWCOMER, position="Заступниця", duties=[Duty.PUPILS]
    )
    person = vouched(
        "olena",
        key="new",
        surname="Новенька",
        given_name="Віра",
        patronymic="Андріївна",
        drfocode=NEWCOMER.person_code,
    )
    other_name = dataclasses.replace(person, surname="Старенька")
    page = refused(travel(plain).enter(other_name), "не збігається із запрошенням")
    assert "Дані з id.gov.ua: Старенька Віра Андріївна" in page
    assert NameMismatch.objects.get().grant_id == new.pk

    assert travel(plain).enter(person).status_code == 303
    new.refresh_from_db()
    assert new.state == GrantState.ACTIVE


def test_who_holds_two_roles_by_one_code_chooses(
    plain: Any, travel: Any, client: Client, world: World
) -> None:
    """A branch without a code of its own: the hub's head holds both by one code."""
    surname, given_name, patronymic, code = PEOPLE["nina"]
    grants.create_head(
        actor=world.actor("hanna"),
        institution=world.units["branch"].uid,
        person=Person(surname, given_name, patronymic, code, "nina@example.com"),
    )
    response = travel(plain).enter(vouched("nina"), to="/users/")
    assert response["Location"] == "/grants/?next=%2Fusers%2F"
    page = client.get("/grants/").content.decode()
    assert "Мамаївський опорний ліцей" in page
    assert "Стрілецька філія" in page


def test_the_session_is_a_new_one(plain: Any, travel: Any, client: Client) -> None:
    someone = travel(plain)
    someone.leave()
    before = client.session.session_key
    someone.enter(vouched("olena"))
    assert client.session.session_key != before
    assert "sign_in_browser" not in client.session


def test_my_visits_tell_how_each_began(plain: Any, travel: Any, client: Client) -> None:
    travel(plain).enter(vouched("olena"))
    assert 'data-l="Чим увійшли">id.gov.ua' in client.get("/visits/").content.decode()


def test_a_visit_lasts_a_working_day(plain: Any, travel: Any, client: Client) -> None:
    travel(plain).enter(vouched("olena"))
    later = timezone.now() + entering.LONGEST_VISIT
    with time_machine.travel(later, tick=False):
        assert client.get("/users/").status_code == 302
    visit = UserSession.objects.get()
    assert visit.certificate_not_after <= later


# ── out ──────────────────────────────────────────────────────────────────────
def test_signing_out_ends_the_visit_there_too(sealed: Any, travel: Any, client: Client) -> None:
    travel(sealed).enter(vouched("olena"))
    assert sealed.tokens

    assert client.post("/logout/").status_code == 303

    assert sealed.logged_out.wait(LONG)
    assert sealed.paths()[-1] == "/get-user-logout"
    assert not sealed.tokens


@pytest.mark.parametrize("trouble", ["slow", "rubbish", "broken_down"])
def test_signing_out_never_depends_on_the_provider(
    plain: Any, travel: Any, client: Client, request: Any, trouble: str
) -> None:
    travel(plain).enter(vouched("olena"))
    if trouble == "slow":
        request.getfixturevalue("hasty")
    plain.troubles["/get-user-logout"] = getattr(troubles, trouble)

    assert client.post("/logout/").status_code == 303
    assert UserSession.objects.get().ended_at is not None


# ── refused at the door ──────────────────────────────────────────────────────
def test_cancelled(plain: Any, travel: Any) -> None:
    page = refused(travel(plain).enter(None), "Вхід через id.gov.ua скасовано")
    assert 'href="/login/isei/">Почати вхід через id.gov.ua ще раз' in page
    assert plain.paths() == []
    assert SignInAttempt.objects.get().outcome == "isei_cancelled"


def test_refused_in_its_own_words(plain: Any, travel: Any) -> None:
    asked = travel(plain).leave()
    response = travel(plain).client.get(
        "/login/isei/back/",
        {
            "state": asked["state"],
            "error": "server_error",
            "error_description": "Сертифікат <b>відкликано</b>",
        },
    )
    page = refused(response, "id.gov.ua не підтвердив вашу особу")
    assert "Пояснення id.gov.ua: «Сертифікат &lt;b&gt;відкликано&lt;/b&gt;»." in page


@pytest.mark.parametrize("drop", ["state", "everything"])
def test_a_return_without_a_state(plain: Any, travel: Any, drop: str) -> None:
    asked = travel(plain).leave()
    address = travel(plain).choose(vouched("olena"), asked)
    code = travel(plain).query(address)["code"]
    response = travel(plain).client.get(
        "/login/isei/back/", {"code": code} if drop == "state" else {}
    )
    refused(response, "прийшла не на ваш запит")
    assert plain.paths() == []


def test_a_forged_state(plain: Any, travel: Any) -> None:
    asked = travel(plain).leave()
    for forged in (
        asked["state"][:-1] + ("A" if asked["state"][-1] != "A" else "B"),
        ("0" if asked["state"][0] != "0" else "1") + asked["state"][1:],
        "x.1:2",
        ".",
    ):
        refused(
            travel(plain).client.get("/login/isei/back/", {"code": "1", "state": forged}),
            "прийшла не на ваш запит",
        )
    assert plain.paths() == []


def test_a_state_of_another_browser(plain: Any, travel: Any, world: World) -> None:
    """Somebody sends a link with their own code to a victim: it opens nothing."""
    address = travel(plain).choose(vouched("olena"), travel(plain).leave())
    victim = Client()
    victim.get("/login/")
    query = address.partition("?")[2]
    refused(victim.get(f"/login/isei/back/?{query}"), "прийшла не на ваш запит")
    refused(Client().get(f"/login/isei/back/?{query}"), "прийшла не на ваш запит")
    assert plain.paths() == []


def test_a_state_works_once(plain: Any, travel: Any, client: Client) -> None:
    address = travel(plain).choose(None, travel(plain).leave())
    refused(travel(plain).come_back(address), "скасовано")
    refused(travel(plain).come_back(address), "вже використано")


def test_a_state_grows_old(plain: Any, travel: Any) -> None:
    address = travel(plain).choose(vouched("olena"), travel(plain).leave())
    late = timezone.now() + provider.LIFETIME
    with time_machine.travel(late, tick=False):
        refused(travel(plain).come_back(address), "застарів")
    assert plain.paths() == []


def test_a_state_of_another_site(plain: Any, travel: Any, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["testserver", "other.example"]
    address = travel(plain).choose(vouched("olena"), travel(plain).leave())
    query = address.partition("?")[2]
    response = travel(plain).client.get(
        f"/login/isei/back/?{query}", headers={"Host": "other.example"}
    )
    refused(response, "прийшла не на ваш запит")


# ── refused by what the provider says ────────────────────────────────────────
def test_a_code_that_has_ended(plain: Any, travel: Any) -> None:
    address = travel(plain).choose(vouched("olena"), travel(plain).leave())
    for code in plain.codes.values():
        code.until = 0
    refused(travel(plain).come_back(address), "Код входу від id.gov.ua вже не діє")


def test_a_code_that_was_used(plain: Any, travel: Any) -> None:
    address = travel(plain).choose(vouched("olena"), travel(plain).leave())
    plain.codes.clear()
    refused(travel(plain).come_back(address), "Код входу від id.gov.ua вже не діє")


def test_a_wrong_secret_is_the_operators_fault(
    plain: Any, travel: Any, settings: Any, caplog: Any
) -> None:
    settings.ISEI_CLIENT_SECRET = "another"
    page = refused(travel(plain).enter(vouched("olena")), "тимчасово не працює", 503)
    assert "З вашим підписом усе гаразд" in page


@pytest.mark.parametrize("where", ["/get-access-token", "/get-user-info"])
@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        ("slow", "зараз не відповідає"),
        ("broken_down", "зараз не відповідає"),
        ("oversized", "зараз не відповідає"),
        ("elsewhere", "зараз не відповідає"),
        ("rubbish", "не можна довіряти"),
        ("nested", "не можна довіряти"),
        ("a_list", "не можна довіряти"),
    ],
)
def test_a_provider_in_trouble(
    plain: Any, travel: Any, request: Any, where: str, trouble: str, words: str
) -> None:
    if trouble == "slow":
        request.getfixturevalue("hasty")
    plain.troubles[where] = getattr(troubles, trouble)
    page = refused(travel(plain).enter(vouched("olena")), words, 503)
    assert "увійдіть своїм ключем" in page


def test_a_provider_that_is_not_there(plain: Any, travel: Any) -> None:
    address = travel(plain).choose(vouched("olena"), travel(plain).leave())
    plain.close()
    refused(travel(plain).come_back(address), "зараз не відповідає", 503)


def test_a_refusal_to_tell(plain: Any, travel: Any) -> None:
    plain.troubles["/get-user-info"] = troubles.nothing_known
    page = refused(travel(plain).enter(vouched("olena")), "не підтвердив вашу особу")
    assert "Сесію користувача не знайдено" in page


# ── refused by who it is ─────────────────────────────────────────────────────
@pytest.mark.parametrize("empty", ["", " ", "-", "—"])
def test_a_person_without_an_organisation(plain: Any, travel: Any, empty: str) -> None:
    answer = travel(plain).enter(vouched("olena", edrpoucode=empty))
    assert (answer.status_code, answer["Location"]) == (303, "/parents/")
    assert UserSession.objects.get().as_parent


def test_a_seal_without_a_person(plain: Any, travel: Any) -> None:
    refused(travel(plain).enter(vouched("olena", drfocode="")), "У сертифікаті немає РНОКПП")


def test_a_bank_is_no_signature(plain: Any, travel: Any) -> None:
    page = refused(
        travel(plain).enter(vouched("olena", auth_type="bank_id")), "Цим способом до кабінету"
    )
    assert "Ви підтвердили особу через BankID." in page
    assert "оберіть «Електронний підпис» і ключ працівника" in page


def test_an_unknown_way_is_no_signature(plain: Any, travel: Any) -> None:
    page = refused(
        travel(plain).enter(vouched("olena", auth_type="telepathy")), "Цим способом до кабінету"
    )
    assert "telepathy" not in page


@pytest.mark.parametrize("way", ["mobile_id", "diia"])
def test_other_signatures_open_when_they_carry_both_codes(
    plain: Any, travel: Any, settings: Any, way: str
) -> None:
    settings.ISEI_AUTH_TYPES = ["dig_sign", way]
    assert travel(plain).enter(vouched("olena", auth_type=way)).status_code == 303


def test_an_answer_that_does_not_say_how_needs_a_certificate(
    plain: Any, travel: Any, monkeypatch: Any
) -> None:
    whole = Vouched.answer
    kept: set[str] = set()

    def silent_on_the_way(self: Vouched) -> dict[str, str]:
        return {k: v for k, v in whole(self).items() if k != "auth_type" and k not in kept}

    monkeypatch.setattr(Vouched, "answer", silent_on_the_way)
    kept.add("serial")
    refused(travel(plain).enter(vouched("olena")), "Цим способом до кабінету")
    kept.clear()
    assert travel(plain).enter(vouched("olena")).status_code == 303


def test_nobody_is_known_by_that_code(plain: Any, travel: Any) -> None:
    page = refused(
        travel(plain).enter(vouched("olena", key="x", drfocode="7304900010")),
        "немає облікового запису",
    )
    assert "Дані з id.gov.ua: Шкільна Олена Василівна" in page


def test_another_organisations_code_opens_nothing(plain: Any, travel: Any) -> None:
    refused(travel(plain).enter(vouched("olena", edrpoucode="99000130")), "немає облікового запису")


def test_a_suspended_head_is_told_so(plain: Any, travel: Any, world: World) -> None:
    grants.suspend(actor=world.actor("bohdan"), grant=world.grants["olena"].uid, reason="Перевірка")
    refused(travel(plain).enter(vouched("olena")), "зупинено")


def test_guessing_is_slowed_down_on_both_ways_together(plain: Any, travel: Any) -> None:
    for _ in range(entering.TRIES_OF_A_BROWSER):
        travel(plain).enter(None)
    refused(travel(plain).enter(vouched("olena")), "Забагато спроб", 429)
    assert plain.paths() == []


# ── sealed answers ───────────────────────────────────────────────────────────
def fields_of(person: Vouched) -> bytes:
    return json.dumps(person.answer()).encode()


def test_a_plain_answer_where_a_sealed_one_was_asked_for(sealed: Any, travel: Any) -> None:
    person = vouched("olena")
    sealed.troubles["/get-user-info"] = lambda question: troubles.told(200, **person.answer())
    refused(travel(sealed).enter(person), "не можна довіряти", 503)


def seal(isei: TroubledProvider, content: bytes, recipient: Certificate) -> bytes:
    assert isei.keys
    return enveloped.seal_envelope(
        content,
        to=recipient,
        secret=isei.keys.agreement,
        sender=isei.keys.agreement_certificate,
    )


def signed(isei: TroubledProvider, content: bytes) -> bytes:
    assert isei.keys
    return sign_cms(content, isei.keys.signing, isei.keys.signing_certificate, detached=False)


def test_an_answer_nobody_signed(sealed: Any, travel: Any, settings: Any) -> None:
    sealed.reseal = lambda fields, to: seal(sealed, json.dumps(fields).encode(), to)
    refused(travel(sealed).enter(vouched("olena")), "не підписана порталом", 503)
    settings.ISEI_SIGNED_ANSWERS = False
    assert travel(sealed).enter(vouched("olena")).status_code == 303


def test_an_answer_signed_around_the_envelope(sealed: Any, travel: Any) -> None:
    sealed.reseal = lambda fields, to: signed(sealed, seal(sealed, json.dumps(fields).encode(), to))
    assert travel(sealed).enter(vouched("olena")).status_code == 303


def test_an_answer_signed_and_not_encrypted(sealed: Any, travel: Any) -> None:
    sealed.reseal = lambda fields, to: signed(sealed, json.dumps(fields).encode())
    refused(travel(sealed).enter(vouched("olena")), "не можна довіряти", 503)


def test_an_answer_signed_by_somebody_else_the_server_trusts(
    sealed: Any, travel: Any, key_files: KeyFiles, demo_folder: Any
) -> None:
    key, certificate = stored(demo_folder).issue_person(
        full_name="Навчальна ІСЕІ", edrpou="99000999", kind="seal", at=timezone.now()
    )
    sealed.keys = dataclasses.replace(sealed.keys, signing=key, signing_certificate=certificate)
    refused(travel(sealed).enter(vouched("olena")), "не підписана порталом", 503)


def test_an_answer_signed_under_a_root_of_the_same_name(sealed: Any, travel: Any) -> None:
    key, certificate = Authority.in_memory().issue_person(
        full_name="Навчальна ІСЕІ", edrpou="99000999", kind="seal", at=timezone.now()
    )
    sealed.keys = dataclasses.replace(sealed.keys, signing=key, signing_certificate=certificate)
    refused(travel(sealed).enter(vouched("olena")), "не можна довіряти", 503)


def test_an_answer_with_one_changed_byte(sealed: Any, travel: Any) -> None:
    def spoilt(fields: dict[str, str], to: Certificate) -> bytes:
        data = bytearray(seal(sealed, signed(sealed, json.dumps(fields).encode()), to))
        data[-200] ^= 1
        return bytes(data)

    sealed.reseal = spoilt
    refused(travel(sealed).enter(vouched("olena")), "не можна довіряти", 503)


def test_an_answer_for_another_system(sealed: Any, travel: Any, demo_folder: Any) -> None:
    _, other = stored(demo_folder).issue_person(
        full_name="Інша система",
        edrpou="99000028",
        kind="seal",
        at=timezone.now(),
        key_usage=("keyAgreement",),
    )
    sealed.reseal = lambda fields, to: seal(sealed, signed(sealed, b"{}"), other)
    refused(travel(sealed).enter(vouched("olena")), "не можна довіряти", 503)


def test_an_answer_whose_content_is_no_answer(sealed: Any, travel: Any) -> None:
    for content in (b"", b"\xff", b"[]", b"1", b"[" * 50_000):
        sealed.reseal = lambda fields, to, content=content: seal(
            sealed, signed(sealed, content), to
        )
        refused(travel(sealed).enter(vouched("olena")), "не можна довіряти", 503)
        SignInAttempt.objects.all().delete()


def test_a_revoked_certificate_of_the_provider(
    sealed: Any, travel: Any, key_files: KeyFiles, demo_folder: Any
) -> None:
    revoke_demo_certificate(sealed.keys.signing_certificate.der, directory=demo_folder)
    refused(travel(sealed).enter(vouched("olena")), "не підписана порталом", 503)
    shutil.rmtree(key_files.folder)  # the next test gets other keys


def test_a_certificate_that_cannot_be_checked_now_is_nobodys_fault(
    sealed: Any, travel: Any, demo_folder: Any, monkeypatch: Any
) -> None:
    trust = stored(demo_folder).trust(timezone.now(), with_crls=False)
    monkeypatch.setattr(api, "stored_trust", lambda at: trust)
    refused(travel(sealed).enter(vouched("olena")), "зараз не відповідає", 503)


def test_a_lost_key_file_is_the_operators_fault(sealed: Any, travel: Any, settings: Any) -> None:
    settings.ISEI_KEY = settings.ISEI_KEY + ".lost"
    refused(travel(sealed).enter(vouched("olena")), "тимчасово не працює", 503)


def test_the_provider_decodes_the_certificate_twice(
    sealed: Any, travel: Any, monkeypatch: Any
) -> None:
    """The protocol's own oddity: encoded once it is refused, as the real one does."""
    from integrations.isei import client

    monkeypatch.setattr(client, "quote", lambda text, safe: text)
    page = refused(travel(sealed).enter(vouched("olena")), "не підтвердив вашу особу")
    assert "закодовано один раз замість двох" in page


# ── settings ─────────────────────────────────────────────────────────────────
def wrong() -> set[str]:
    return {found.id for found in checks.run_checks() if found.id.startswith("isei")}


def test_half_a_configuration_is_told_at_start(sealed: Any, settings: Any) -> None:
    settings.SYNTHETIC_DATA = True
    assert wrong() == set()
    for name, value, code in (
        ("ISEI_CLIENT_SECRET", "", "isei.E001"),
        ("ISEI_ADDRESS", "http://id.gov.ua", "isei.E002"),
        ("ISEI_REDIRECT_BASE", "http://aikom.example", "isei.E002"),
        ("ISEI_AUTH_TYPES", [], "isei.E003"),
        ("ISEI_AUTH_TYPES", ["bank_id"], "isei.E003"),
        ("ISEI_METHOD", "put", "isei.E004"),
        ("ISEI_KEY", "", "isei.E005"),
        ("ISEI_PARTNER_CERTIFICATES", "", "isei.E006"),
        ("ISEI_PARTNER_CERTIFICATES", "/nowhere", "isei.E007"),
        ("ISEI_KEY_PASSWORD", "wrong", "isei.E007"),
        ("ISEI_CERTIFICATE", settings.ISEI_PARTNER_CERTIFICATES, "isei.E007"),
        ("ISEI_TLS_AUTHORITIES", "/nowhere", "isei.E007"),
        ("SYNTHETIC_DATA", False, "isei.E002"),
    ):
        before = getattr(settings, name)
        setattr(settings, name, value)
        assert wrong() == {code}, name
        setattr(settings, name, before)


def test_plain_answers_are_warned_of_and_nothing_is_said_when_off(
    plain: Any, settings: Any
) -> None:
    settings.SYNTHETIC_DATA = True
    assert wrong() == {"isei.W001"}
    settings.ISEI_CLIENT_ID = settings.ISEI_CLIENT_SECRET = ""
    assert wrong() == set()
