"""Signing in a real browser under the real content security policy."""

import base64
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from signatures.demo import keystore
from signatures.result import Overall
from tests.kit.waiting import until
from tests.signatures_browser import containers, sample_pages
from tests.signatures_browser.conftest import KEYS
from tests.signatures_browser.material import HEAD, PASSWORD, KeyFile, Material

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.signatures_browser.urls"),
]
store = sample_pages.store


@pytest.fixture
def files(todays_files: dict[str, KeyFile]) -> dict[str, KeyFile]:
    return todays_files


@pytest.fixture(autouse=True)
def fresh(today: Material) -> Iterator[None]:
    store.__init__(
        trust=today.trust, person={"person": HEAD["rnokpp"], "signer": HEAD["full_name"]}
    )
    yield
    store.__init__()


@pytest.fixture(autouse=True)
def complaints(page: Page) -> Iterator[list[str]]:
    """The console must stay silent: no script error, nothing that the CSP had to block."""
    told: list[str] = []
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("console", lambda line: told.append(line.text) if line.type == "error" else None)
    yield told
    assert told == []


def choose(page: Page, file: KeyFile) -> None:
    payload = {"name": file.name, "mimeType": "application/octet-stream", "buffer": file.data}
    page.get_by_label("Файл ключа").set_input_files(payload)


def beside(page: Page, *certificates: bytes) -> None:
    payloads = [
        {"name": f"{i}.cer", "mimeType": "application/pkix-cert", "buffer": der}
        for i, der in enumerate(certificates)
    ]
    page.get_by_label("Файл сертифіката").set_input_files(payloads)


def open_key(page: Page, file: KeyFile, kind: str = "order") -> None:
    page.goto(f"/test/sign/{kind}/")
    open_key_here(page, file)


def open_key_here(page: Page, file: KeyFile) -> None:
    choose(page, file)
    page.get_by_label("Пароль до ключа").fill(file.password)
    page.get_by_role("button", name="Відкрити ключ").click()


def card(page: Page) -> Any:
    return page.get_by_role("region", name="Сертифікат прочитано")


def kept(page: Page) -> Any:
    """The line about a key that stayed open from an earlier page."""
    return page.locator(".ak-who")


def confirm(page: Page) -> None:
    """Press «Так, підписати» in the frame, when the browser lets it be pressed."""
    frame = page.frame_locator("iframe[title='Підтвердження підпису']")
    ready = frame.locator("button[aria-disabled=false]")
    expect(ready).to_have_text("Так, підписати")
    frame.get_by_role("button", name="Так, підписати").click()


def sign(page: Page, button: str = "Підписати дані") -> None:
    page.get_by_role("button", name=button).click()
    expect(page.locator("#answer")).to_have_text("VALID")


# ── every kind of key ────────────────────────────────────────────────────────
UKRAINIAN = [
    "head.p12", "head-10000.pfx", "Key-6.dat", "head.jks", "head.pk8", "explicit.pk8", "plain.pk8",
    "m431.p12", "kupyna.p12",
]  # fmt: skip
EUROPEAN = [
    "p256.pem", "p256-3des.p12", "p384-aes.p12", "p521-aes.p12", "p521.jks", "rsa-aes.p12", "rsa.jks", "rsa-plain.pem",
]  # fmt: skip


@pytest.mark.parametrize("names", [UKRAINIAN, EUROPEAN], ids=["ukrainian", "european"])
def test_a_person_opens_a_key_sees_the_certificate_and_signs(page: Page, files, names):
    for number, name in enumerate(names):
        file = files[name]
        open_key(page, file)
        if file.beside and not name.endswith((".p12", ".jks")):
            expect(page.get_by_label("Файл сертифіката")).to_be_focused()
            beside(page, *file.beside)
            page.get_by_role("button", name="Відкрити ключ").click()
        expect(card(page)).to_contain_text(HEAD["full_name"])
        expect(card(page)).to_contain_text(HEAD["edrpou"])
        expect(page.locator("h2", has_text="Сертифікат прочитано")).to_be_focused()
        sign(page)
        assert store.results[number].signers[0].algorithm == file.algorithm, name
        assert store.posts[number]["number"] == "112-у"


# ── what goes wrong ──────────────────────────────────────────────────────────
def test_a_wrong_password_is_told_beside_the_field_and_the_right_one_opens(page: Page, files):
    file = files["head.p12"]
    open_key(page, KeyFile(file.name, file.data, "невірний", ""))
    password = page.get_by_label("Пароль до ключа")
    expect(page.get_by_text("Пароль не підходить до цього ключа").first).to_be_visible()
    expect(page.locator("#sign-password-error")).to_contain_text("Перевірте розкладку")
    expect(password).to_be_focused()
    expect(password).to_have_attribute("aria-invalid", "true")
    expect(page).to_have_title(re.compile("^Помилка: "))
    password.fill(file.password)
    password.press("Enter")
    expect(card(page)).to_be_visible()
    expect(page).not_to_have_title(re.compile("^Помилка: "))
    sign(page)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (KeyFile("photo.jpg", b"\xff\xd8\xff\xe0" * 90, "x", ""), "Це не файл ключа"),
        (KeyFile("empty.dat", b"", "x", ""), "Файл порожній"),
        (KeyFile("big.dat", bytes(2_000_000), "x", ""), "Файл завеликий"),
        (
            KeyFile("head.cer", (KEYS / "diia-test-sign.cer").read_bytes(), "x", ""),
            "Це сертифікат, а не ключ",
        ),
    ],
)
def test_what_is_no_key_is_explained_beside_the_file(page: Page, file, said):
    open_key(page, file)
    expect(page.locator("#sign-key-error")).to_contain_text(said)
    expect(page.get_by_label("Файл ключа")).to_be_focused()


def test_nothing_chosen_and_nothing_typed_is_said_in_order(page: Page, files):
    page.goto("/test/sign/order/")
    page.get_by_role("button", name="Відкрити ключ").click()
    expect(page.locator("#sign-key-error")).to_contain_text("Оберіть файл ключа")
    choose(page, files["head.p12"])
    page.get_by_role("button", name="Відкрити ключ").click()
    expect(page.locator("#sign-key-error")).to_be_empty()
    expect(page.locator("#sign-password-error")).to_contain_text("Введіть пароль")


def test_an_expired_certificate_is_told_before_anything_is_signed(page: Page):
    data = (KEYS / "diia-test-dstu.jks").read_bytes()
    open_key(page, KeyFile("old.jks", data, "testpassword", ""))
    expect(page.locator("#sign-key-error")).to_contain_text("Строк дії сертифіката минув")


def test_a_persons_own_key_is_told_as_it_opens_where_a_worker_must_sign(page: Page, today):
    own = Material(today.now, today.authority, HEAD | {"edrpou": ""})
    file = next(one for one in own.ukrainian() if one.name == "head.p12")
    open_key(page, file, "employee")
    expect(page.locator("#sign-key-error")).to_contain_text("у ньому немає коду ЄДРПОУ")
    expect(page.get_by_role("button", name="Підписати дані")).to_be_hidden()


def test_the_certificate_is_found_on_the_server_by_key_identifier(page: Page, files, today):
    key, certificate = today.dstu()
    store.certificates[key.identifier.hex()] = certificate.der
    data = containers.pbes2(containers.pkcs8(key), PASSWORD)
    open_key(page, KeyFile("Key-6.dat", data, PASSWORD, ""), "lookup")
    expect(card(page)).to_contain_text(HEAD["full_name"])
    sign(page)


def test_a_certificate_of_another_key_is_refused(page: Page, files, today):
    file = files["head.pk8"]
    open_key(page, file)
    beside(page, today.dstu()[1].der)
    page.get_by_role("button", name="Відкрити ключ").click()
    expect(page.locator("#sign-cert-error")).to_contain_text("видано на інший ключ")
    beside(page, *file.beside)
    page.get_by_role("button", name="Відкрити ключ").click()
    expect(card(page)).to_be_visible()


def test_a_container_that_would_take_for_ever_is_given_up(page: Page, today):
    page.clock.install()
    key, _ = today.dstu()
    algorithm, body = keystore._encrypted(containers.pkcs8(key), PASSWORD, 1)
    slow = containers.with_iterations(algorithm, 4_900_000)
    data = containers.der.sequence(slow, containers.der.octet_string(body))
    open_key(page, KeyFile("slow.pk8", data, PASSWORD, ""))
    expect(page.get_by_role("button", name="Відкриваємо ключ…")).to_be_disabled()
    given_up = page.get_by_role("alert").get_by_text("не відкрився за відведений час")
    # The time begins when the worker is asked, which a busy machine puts off: it passes again.
    until(lambda: page.clock.fast_forward(41_000) or given_up.count() > 0)
    expect(given_up).to_be_visible()
    until(lambda: page.wait_for_timeout(50) or not page.workers)


THIEF = """
self.listen = (port) => (port.onmessage = ({ data: { id } }) =>
  port.postMessage({ id, ok: true, value: { name: "Крадій", rnokpp: "", notBefore: 0, notAfter: 4e12 } }));
self.listen(self);
"""


def test_a_program_that_was_tampered_with_does_not_run(page: Page, files):
    page.route(
        "**/built/signer.worker.js",
        lambda route: route.fulfill(body=THIEF, content_type="text/javascript"),
    )
    open_key(page, files["head.p12"])
    expect(page.get_by_role("alert")).to_contain_text("Не вдалося завантажити програму підпису")
    expect(card(page)).to_have_count(0)


def test_a_server_that_gives_one_program_to_the_check_and_another_to_the_worker_runs_neither(
    page: Page, files
):
    """What was compared is what runs: nothing is asked for again after the comparison."""
    asked: list[str] = []

    def serve(route: Any) -> None:
        asked.append(route.request.resource_type)
        if len(asked) == 1:
            route.continue_()
        else:
            route.fulfill(body=THIEF, content_type="text/javascript")

    page.route("**/built/signer.worker.js", serve)
    open_key(page, files["head.p12"])
    expect(card(page)).to_contain_text(HEAD["full_name"])
    assert asked == ["fetch"]


# ── secrets ──────────────────────────────────────────────────────────────────
def test_neither_key_nor_password_leaves_the_browser(page: Page, files):
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    file = files["head.p12"]
    open_key(page, file)
    expect(card(page)).to_be_visible()
    assert page.get_by_label("Пароль до ключа", exact=True).input_value() == ""
    sign(page)
    body = store.bodies[0]
    for secret in (file.data, base64.b64encode(file.data)[:200], PASSWORD.encode()):
        assert secret not in body
    assert set(store.posts[0]) == {"csrfmiddlewaretoken", "number", "signature"}
    home = page.url.split("/test/")[0]
    assert all(url.removeprefix("blob:").startswith(home) for url in sent)
    kept = page.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
    )
    for secret in (PASSWORD, HEAD["rnokpp"], base64.b64encode(file.data)[:40].decode()):
        assert secret not in kept
    named = page.goto("/test/sign/order/") and page.evaluate(
        "[...document.querySelectorAll('input[type=file], input[type=password]')].filter(i => i.name)"
    )
    assert named == []


def test_the_key_is_closed_after_the_signature_unless_asked_otherwise(page: Page, files):
    open_key(page, files["head.p12"])
    sign(page)
    page.get_by_role("link", name="Наступний наказ").click()
    page.wait_for_timeout(500)  # long enough for a kept key to show itself
    expect(page.get_by_role("button", name="Відкрити ключ")).to_be_visible()
    expect(kept(page)).to_have_count(0)


def test_one_opened_key_signs_several_things_in_a_visit(page: Page, files):
    open_key(page, files["head.p12"], "login")
    page.get_by_label("Не закривати ключ до кінця роботи").check()
    sign(page, "Увійти до кабінету")
    for _ in range(2):
        page.get_by_role("link", name="Наступний наказ").click()
        expect(kept(page)).to_contain_text(HEAD["full_name"])
        page.get_by_role("button", name="Підписати дані").click()
        confirm(page)
        expect(page.locator("#answer")).to_have_text("VALID")
    assert [result.overall for result in store.results] == [Overall.VALID] * 3
    # Whoever comes to the sign-in page next finds no open key.
    page.goto("/test/sign/login/")
    expect(page.get_by_role("button", name="Відкрити ключ")).to_be_enabled()
    page.goto("/test/sign/order/")
    expect(page.get_by_role("button", name="Відкрити ключ")).to_be_enabled()
    page.wait_for_timeout(300)
    expect(kept(page)).to_have_count(0)


def test_a_kept_key_is_closed_by_choosing_another(page: Page, files):
    open_key(page, files["head.p12"])
    page.get_by_label("Не закривати ключ до кінця роботи").check()
    sign(page)
    page.get_by_role("link", name="Наступний наказ").click()
    page.get_by_role("button", name="Інший ключ").click()
    expect(page.get_by_label("Файл ключа")).to_be_focused()
    page.reload()
    page.wait_for_timeout(300)
    expect(kept(page)).to_have_count(0)


# ── the form ─────────────────────────────────────────────────────────────────
def test_a_double_click_sends_one_signature(page: Page, files):
    open_key(page, files["head.p12"])
    page.get_by_role("button", name="Підписати дані").dblclick()
    expect(page.locator("#answer")).to_have_text("VALID")
    assert len(store.posts) == 1


def test_the_content_may_come_from_an_address_and_travel_inside(page: Page, files):
    open_key(page, files["head.p12"], "address")
    sign(page)
    assert sample_pages.CONTENT in base64.b64decode(store.posts[0]["signature"])


def test_a_lost_connection_loses_nothing(page: Page, files, complaints):
    open_key(page, files["head.p12"], "address")
    expect(card(page)).to_be_visible()
    page.route("**/test/content/", lambda route: route.abort())
    page.get_by_role("button", name="Підписати дані").click()
    expect(page.get_by_role("alert")).to_contain_text("Не вдалося завантажити документ")
    page.unroute("**/test/content/")
    complaints.clear()
    sign(page)


def test_the_form_works_inside_an_htmx_page(page: Page, files):
    open_key(page, files["head.p12"], "htmx")
    page.get_by_role("button", name="Підписати дані").click()
    expect(page.locator("#place")).to_contain_text("Прийнято: VALID")
    assert len(store.posts) == 1


def test_a_refusal_of_the_server_stands_on_top(page: Page):
    page.goto("/test/sign/refused/")
    expect(page.get_by_role("alert")).to_contain_text("Підпис зроблено застарілим рядком")
    expect(page.get_by_role("alert")).to_be_focused()


def test_a_file_may_be_dropped_and_everything_done_by_keyboard(page: Page, files):
    file = files["head.p12"]
    page.goto("/test/sign/order/")
    transfer = page.evaluate_handle(
        "([name, text]) => { const t = new DataTransfer(); t.items.add(new File("
        "[Uint8Array.from(atob(text), c => c.charCodeAt(0))], name)); return t; }",
        [file.name, base64.b64encode(file.data).decode()],
    )
    page.dispatch_event("[data-ak-key-drop]", "drop", {"dataTransfer": transfer})
    expect(page.get_by_label("Пароль до ключа")).to_be_focused()
    page.keyboard.type(file.password)
    page.keyboard.press("Enter")
    expect(page.locator("h2", has_text="Сертифікат прочитано")).to_be_focused()
    button = page.get_by_role("button", name="Підписати дані")
    while not button.evaluate("b => b === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#answer")).to_have_text("VALID")


@pytest.mark.parametrize("width", [390, 1280])
def test_every_state_is_accessible(page: Page, files, assert_accessible, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(reduced_motion="reduce")  # else colours are measured half-way
    page.goto("/test/sign/order/")
    expect(page.get_by_role("button", name="Відкрити ключ")).to_be_enabled()
    assert_accessible(page)
    open_key(page, KeyFile("head.p12", files["head.p12"].data, "wrong", ""))
    expect(page.locator("#sign-password-error")).not_to_be_empty()
    assert_accessible(page)
    open_key(page, files["head.pk8"])
    expect(page.get_by_label("Файл сертифіката")).to_be_visible()
    assert_accessible(page)
    open_key(page, files["head.p12"])
    expect(card(page)).to_be_visible()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
