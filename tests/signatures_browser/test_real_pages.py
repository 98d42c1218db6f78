"""The portal's own pages: the door and an order, with each kind of key, in a real browser."""

import datetime
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts import actors
from kernel import clock
from kernel.clock import Moment
from registry.orders import services as orders
from signatures import trustlists
from signatures.certificates import load
from signatures.demo.authority import stored
from signatures.demo.signing import signed_data
from signatures.selectors import trust as trust_selector
from signatures.services import trust
from signatures.trust import TrustStore
from tests.registry.drafts.test_drafts import begin, numbered
from tests.signatures.responders import Responder, cmp_service, responding
from tests.signatures_browser.material import KeyFile, Material
from tests.signatures_browser.test_in_browser import beside, card, choose, confirm, kept
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

KINDS = ["head.p12", "Key-6.dat", "head.jks", "head.pk8", "p256-3des.p12", "rsa.jks"]


@pytest.fixture
def olenas(world: World, settings: Any, tmp_path: Path) -> Material:
    """Olena's keys from the authority that this server trusts."""
    settings.SIGNATURES_DEMO_DIR = tmp_path
    olena = world.grants["olena"]
    person = {
        "full_name": olena.user.full_name,
        "surname": olena.user.surname,
        "given_name": f"{olena.user.given_name} {olena.user.patronymic}",
        "rnokpp": olena.user.person_code,
        "edrpou": olena.unit.edrpou,
        "organisation": olena.unit.name,
        "title": "Директор",
    }
    return Material(timezone.now(), stored(tmp_path), person)


@pytest.fixture
def files(olenas: Material) -> dict[str, KeyFile]:
    """Those of ДСТУ."""
    return {file.name: file for file in olenas.ukrainian()}


def order_of_one(world: World, number: int) -> Any:
    actor, now = world.actor("olena"), timezone.now()
    draft = begin(actor, world, [numbered(number)])
    today = clock.today()
    fields = {
        "number": f"{number}-у",
        "issued_on": f"{today:%d.%m.%Y}",
        "effective_on": f"{today + datetime.timedelta(days=1):%d.%m.%Y}",
        "ground": "заяви батьків",
        "identity_shown": "on",
    }
    return orders.prepare(actor=actor, draft_id=draft.pk, fields=fields, moment=Moment(now, today))


def open_key(page: Page, file: KeyFile) -> None:
    choose(page, file)
    page.get_by_label("Пароль до ключа").fill(file.password)
    page.get_by_role("button", name="Відкрити ключ").click()
    expect(card(page)).to_contain_text("Шкільна Олена")


def test_a_head_signs_in_and_signs_an_order_with_each_kind_of_key(page: Page, world, olenas):
    files = {file.name: file for file in olenas.all()}
    for number, name in enumerate(KINDS, 1):
        order = order_of_one(world, number)
        page.context.clear_cookies()
        page.goto("/login/")
        open_key(page, files[name])
        keeps = number % 2  # half of the time the key stays open for the order
        if keeps:
            page.get_by_label("Не закривати ключ до кінця роботи").check()
        page.get_by_role("button", name="Увійти до кабінету").click()
        expect(page).not_to_have_url(re.compile("/login/"))
        page.goto(f"/orders/{order.pk}/")
        if keeps:
            expect(kept(page)).to_contain_text("Шкільна Олена")
        else:
            open_key(page, files[name])
        page.get_by_role("button", name="Підписати дані").click()
        if keeps:
            confirm(page)
        expect(page.locator("form[data-ak-sign]")).to_have_count(0)
        order.refresh_from_db()
        assert order.state == "EFFECTIVE", name


def bare(files: dict[str, KeyFile]) -> KeyFile:
    """The Key-6.dat alone, as most people carry it: no certificate inside or beside."""
    return replace(files["Key-6.dat"], beside=())


@pytest.fixture
def provider(files: dict[str, KeyFile], settings: Any, tmp_path: Path) -> Iterator[Responder]:
    """A provider that the accepted trust list names as one who finds certificates by key."""
    with responding() as responder:
        settings.SIGNATURES_EGRESS = True
        settings.SIGNATURES_EGRESS_HOSTS = [responder.host]
        trust_selector.forget()
        authority, now = stored(tmp_path), timezone.now()
        candidate = replace(
            trustlists.read_list(
                signed_data(None, [], authority.chain), more_anchors=[authority.root.fingerprint]
            ),
            key_services=(responder.url("services/cmp/"),),
        )
        trust.accept_list(
            actor=actors.system("test"),
            candidate=candidate,
            source="test",
            accepted_by="tester",
            accepted_difference=trustlists.compare(candidate, TrustStore()).digest,
            now=now,
        )
        yield responder
        trust_selector.forget()


def test_a_key_alone_signs_in_and_signs_because_the_server_finds_its_certificate(
    page: Page, world, files, provider
):
    provider.answer = cmp_service(
        [load(der) for der in files["Key-6.dat"].beside]  # for signing and for encryption
    )
    order = order_of_one(world, 1)
    page.goto("/login/")
    open_key(page, bare(files))
    page.get_by_role("button", name="Увійти до кабінету").click()
    expect(page).not_to_have_url(re.compile("/login/"))
    questions = len(provider.asked)
    assert questions
    page.goto(f"/orders/{order.pk}/")
    open_key(page, bare(files))
    page.get_by_role("button", name="Підписати дані").click()
    expect(page.locator("form[data-ak-sign]")).to_have_count(0)
    order.refresh_from_db()
    assert order.state == "EFFECTIVE"
    assert len(provider.asked) == questions  # the second time it was known here


def test_a_key_nobody_knows_asks_for_the_certificate_file(page: Page, world, files, provider):
    provider.answer = cmp_service([])
    file = bare(files)
    page.goto("/login/")
    choose(page, file)
    page.get_by_label("Пароль до ключа").fill(file.password)
    page.get_by_role("button", name="Відкрити ключ").click()
    expect(page.get_by_label("Файл сертифіката")).to_be_focused()
    expect(page.locator("#key-cert-error")).to_contain_text("Додайте файл сертифіката")
    assert provider.asked
    beside(page, *files["Key-6.dat"].beside)
    page.get_by_role("button", name="Відкрити ключ").click()
    expect(card(page)).to_contain_text("Шкільна Олена")


def test_the_key_of_another_school_does_not_open_the_door(page: Page, world, files):
    nina = world.grants["nina"].user
    person = {
        "full_name": nina.full_name,
        "surname": nina.surname,
        "given_name": nina.given_name,
        "rnokpp": nina.person_code,
        "edrpou": world.grants["olena"].unit.edrpou,
        "organisation": "Чужа школа",
        "title": "Директор",
    }
    file = Material(timezone.now(), stored(), person).ukrainian()[0]
    page.goto("/login/")
    choose(page, file)
    page.get_by_label("Пароль до ключа").fill(file.password)
    page.get_by_role("button", name="Відкрити ключ").click()
    page.get_by_role("button", name="Увійти до кабінету").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page).to_have_title(re.compile("^Помилка: Вхід"))
