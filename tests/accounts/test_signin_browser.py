"""The door and «Управління користувачами» in a real browser, with a real key file."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from accounts.models import Grant, User
from accounts.roles import GrantState
from accounts.services.people import Person
from kernel.audit import outbox
from signatures.demo import keystore
from signatures.demo.authority import stored
from tests.accounts.conftest import Keys
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "Ключ-2026"


@pytest.fixture(autouse=True)
def silent(page: Page) -> Any:
    """No script error, nothing the content security policy had to block."""
    told: list[str] = []
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on(
        "console",
        lambda line: (
            told.append(line.text)
            if line.type == "error" and "status of 4" not in line.text
            else None
        ),
    )
    yield
    assert told == []


@pytest.fixture
def key_file(keys: Keys) -> Callable[[User | Person, str], dict[str, Any]]:
    """A key file of the demo authority, as the person keeps it on a disk."""

    def make(person: User | Person, edrpou: str) -> dict[str, Any]:
        key, certificate = keys.issue(person, edrpou)
        data = keystore.pack(
            key, [certificate, stored(keys.folder).issuer], PASSWORD, name=person.full_name
        )
        return {"name": "ключ.p12", "mimeType": "application/x-pkcs12", "buffer": data}

    return make


def sign_in(page: Page, file: dict[str, Any], password: str = PASSWORD) -> None:
    page.get_by_label("Файл ключа").set_input_files(file)
    page.get_by_label("Пароль до ключа").fill(password)
    page.get_by_role("button", name="Відкрити ключ").click()


def enter(page: Page, file: dict[str, Any]) -> None:
    sign_in(page, file)
    expect(page.get_by_role("region", name="Сертифікат прочитано")).to_be_visible()
    page.get_by_role("button", name="Увійти до кабінету").click()


def test_from_the_key_file_to_a_new_head_who_comes_with_her_own(
    page: Page,
    world: World,
    key_file: Any,
    somebody: Callable[..., Person],
    assert_accessible: Callable[..., None],
    live_server: Any,
    settings: Any,
) -> None:
    settings.SITE_ADDRESS = live_server.url
    hanna, new = world.grants["hanna"], somebody()
    page.goto("/users/")
    expect(page).to_have_title(re.compile("Вхід"))
    assert_accessible(page)

    # A wrong password stays in the browser and spends nothing.
    file = key_file(hanna.user, "59900012")
    sign_in(page, file, "не той")
    expect(page.get_by_text("Помилка: Пароль не підходить")).to_be_visible()
    page.get_by_label("Пароль до ключа").fill(PASSWORD)
    page.get_by_role("button", name="Відкрити ключ").click()
    expect(page.get_by_role("region", name="Сертифікат прочитано")).to_contain_text(
        "Громадська Ганна Ігорівна"
    )
    page.get_by_role("button", name="Увійти до кабінету").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Управління користувачами")
    assert_accessible(page)

    # The head of the branch, step by step.
    page.get_by_role("link", name="Створення облікового запису Керівника ЗО", exact=True).click()
    page.get_by_label("Частина назви або код ЄДРПОУ").fill("Стріл")
    expect(page.get_by_role("link", name="Мамаївський опорний ліцей")).to_have_count(0)
    assert_accessible(page)
    page.get_by_role("link", name="Стрілецька філія").click()
    page.get_by_label("Прізвище").fill("Нoвенька")
    page.get_by_role("button", name="Далі").click()
    expect(page).to_have_title(re.compile("^Помилка: "))
    expect(page.get_by_role("alert").get_by_role("link")).to_have_count(4)
    assert_accessible(page)
    page.get_by_label("Прізвище").fill(new.surname)
    page.get_by_label("Імʼя").fill(new.given_name)
    page.get_by_label("По батькові").fill(new.patronymic)
    page.get_by_label("РНОКПП").fill(new.person_code)
    page.get_by_label("Електронна пошта").fill(new.email)
    page.get_by_role("button", name="Далі").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Перевірте перед створенням")
    assert_accessible(page)
    page.get_by_role("button", name="Створити й надіслати запрошення").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Новенька Віра Андріївна")
    assert_accessible(page)
    page.locator("summary.ak-me").click()
    page.get_by_role("button", name="Вийти").first.click()
    expect(page.get_by_text("Ви вийшли з кабінету")).to_be_visible()

    # Her letter, her key: the hub's code, since the branch has none.
    outbox.drain()
    link = re.search(r"http\S+/login/invitation/\S+", mail.outbox[-1].body)
    assert link is not None
    page.goto(link[0])
    expect(page.get_by_text(str(world.units["hub"].edrpou))).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Увійти з ключем").click()
    enter(page, key_file(new, str(world.units["hub"].edrpou)))
    expect(page.get_by_text("Стрілецька філія").first).to_be_visible()
    assert Grant.objects.get(user__person_code=new.person_code).state == GrantState.ACTIVE


def test_a_key_of_another_organisation_is_refused_in_words_and_the_page_works_on(
    page: Page, world: World, key_file: Any, assert_accessible: Callable[..., None]
) -> None:
    olena = world.grants["olena"].user
    page.goto("/login/")
    enter(page, key_file(olena, "99000130"))
    refusal = page.get_by_role("alert").filter(has_text="немає облікового запису")
    expect(refusal).to_be_visible()
    expect(refusal).to_be_focused()
    assert_accessible(page)
    enter(page, key_file(olena, "59900062"))
    expect(page.get_by_text("Чернівецький ліцей № 1").first).to_be_visible()
    page.goto("/visits/")
    expect(page.get_by_text("Цей сеанс")).to_be_visible()
    assert_accessible(page)
