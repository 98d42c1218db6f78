"""«Перевірка підпису»: anyone brings a file and reads a plain answer; nothing stays behind."""

from __future__ import annotations

import datetime
import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from signatures import api, asic, pool
from signatures.demo.authority import Authority
from signatures.demo.signing import sign_cms
from signatures.portal import turns, uploads
from tests.signatures.conftest import issue_olena

ORDER = "Наказ № 1-з про зарахування".encode()
PAGE = "/verify/"


@pytest.fixture(autouse=True)
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """The installation trusts the authority of the test."""
    monkeypatch.setattr(api, "configured_trust", authority.trust)


@pytest.fixture
def key(authority: Authority) -> Any:
    return issue_olena(authority, at=timezone.now() - datetime.timedelta(hours=1))


def ask(**files: tuple[str, bytes]) -> tuple[int, str, Any]:
    """Post files as a browser does: status, visible words, the page."""
    client = Client(enforce_csrf_checks=True)
    posted = {field: SimpleUploadedFile(*one) for field, one in files.items()}
    response = client.post(PAGE, posted)
    document = lxml.html.fromstring(response.content.decode())
    main = document.find(".//main")
    for above in main.find_class("ak-topline"):  # crumbs and the way to the instruction
        above.drop_tree()
    words = " ".join(main.text_content().split())
    return response.status_code, words, document


def error_of(document: Any, field: str) -> str:
    """What is said beside a field."""
    return " ".join(document.get_element_by_id(f"id_{field}_error").text_content().split())


@pytest.mark.django_db
def test_a_stranger_finds_the_page_at_the_foot_of_every_page() -> None:
    response = Client().get("/ui/")
    assert f'href="{reverse("verify_signature")}"' in response.content.decode()
    assert "Нічого не зберігаємо" in Client().get(PAGE).content.decode()


@pytest.mark.django_db
def test_a_good_signature_is_told_in_one_sentence_with_who_and_when(key: Any) -> None:
    signature = sign_cms(ORDER, *key, signing_time=timezone.now())
    status, words, document = ask(file=("n.p7s", signature), content=("Наказ.txt", ORDER))
    assert status == 200
    assert document.find(".//h1").text_content() == "Підпис дійсний"
    assert "Підписано: Шкільна Олена Василівна. Після підписання документ не змінювали." in words
    assert "39301337" in words
    assert "71••••••24" in words
    assert "7146711424" not in words  # a person's code is not handed to passers-by
    assert "Кваліфікований електронний підпис" in words
    assert "Позначки часу немає" in words
    assert "Наказ.txt Підписано" in words


@pytest.mark.django_db
def test_the_order_of_the_two_files_does_not_matter(key: Any) -> None:
    signature = sign_cms(ORDER, *key)
    _, words, _ = ask(file=("Наказ.txt", ORDER), content=("n.p7s", signature))
    assert words.startswith("Підпис дійсний")


@pytest.mark.django_db
def test_a_changed_document_is_told_in_words(key: Any) -> None:
    signature = sign_cms(ORDER, *key)
    status, words, _ = ask(file=("n.p7s", signature), content=("Наказ.txt", ORDER + b"!"))
    assert status == 200
    assert words.startswith("Підпису не можна довіряти Підписані дані змінено після підписання")
    assert "Документ не змінено? Ні" in words


@pytest.mark.django_db
def test_a_container_says_which_files_nobody_signed(key: Any) -> None:
    files = {"Наказ.txt": ORDER, "Додаток.txt": b"unsigned"}
    manifest = asic.build_manifest({"Наказ.txt": ORDER})
    whole = asic.build_asic_e(files, manifest, sign_cms(manifest, *key))
    status, words, _ = ask(file=("Наказ.asice", whole))
    assert status == 200
    assert words.startswith("Підпис дійсний, але охоплює не всі файли")
    assert "Наказ.txt Підписано" in words
    assert "Додаток.txt Не підписано" in words


@pytest.mark.django_db
def test_an_authority_nobody_trusts_leaves_it_open(key: Any, monkeypatch: Any) -> None:
    stranger = Authority.in_memory()
    monkeypatch.setattr(api, "configured_trust", stranger.trust)
    _, words, _ = ask(file=("a.p7m", sign_cms(ORDER, *key, detached=False)))
    assert words.startswith("Підтвердити підпис не вдалося")
    assert "Надавача, який видав сертифікат, немає в довірчому списку." in words


@pytest.mark.django_db
def test_a_certificate_alone_is_called_a_certificate(key: Any) -> None:
    _, words, _ = ask(file=("olena.cer", key[1].der))
    assert words.startswith("Сертифікат: перевірку пройдено")


# ── what cannot be judged ────────────────────────────────────────────────────
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("фото.jpg", b"\xff\xd8\xff\xe0 a picture", "Це не файл з підписом"),
        ("Наказ.pdf", b"%PDF-1.7 nothing signed", "Це PDF без підпису"),
        ("a.asice", b"PK\x05\x06" + bytes(18), "У цьому архіві немає підпису"),
        ("a.p7s", b"", "Файл порожній"),
    ],
)
def test_a_wrong_file_is_answered_beside_its_field(name: str, data: bytes, said: str) -> None:
    status, _, document = ask(file=(name, data))
    assert status == 422
    assert error_of(document, "file").startswith(said)
    assert document.find(".//title").text.startswith("Помилка: ")


@pytest.mark.django_db
def test_a_signature_kept_apart_asks_for_its_document(key: Any) -> None:
    status, _, document = ask(file=("n.p7s", sign_cms(ORDER, *key)))
    assert status == 422
    assert "додайте обидва файли" in error_of(document, "content")


@pytest.mark.django_db
def test_nothing_chosen_is_said_once() -> None:
    status, _, document = ask()
    assert status == 422
    assert error_of(document, "file") == "Додайте файл, підпис якого треба перевірити"


@pytest.mark.django_db
def test_a_lone_file_in_the_second_field_is_taken_for_the_file(key: Any) -> None:
    status, words, _ = ask(content=("a.p7m", sign_cms(ORDER, *key, detached=False)))
    assert (status, words[:14]) == (200, "Підпис дійсний")


@pytest.mark.django_db
@pytest.mark.parametrize("most", [100_000, 10_000])
def test_files_beyond_the_limit_are_refused_calmly(most: int, monkeypatch: Any) -> None:
    """Both when the stream is cut at the limit and when its declared length is absurd."""
    monkeypatch.setattr(uploads, "MAX_TOTAL", most)
    monkeypatch.setattr(uploads, "MAX_TOTAL_SLOW", most)
    status, _, document = ask(file=("a.p7s", bytes(150_000)))
    assert status == 422
    assert error_of(document, "file").startswith("Разом файли мають бути не більші за")


@pytest.mark.django_db
def test_a_large_document_is_mapped_and_leaves_nothing_behind(key: Any, tmp_path: Path) -> None:
    document = b"0123456789abcdef" * 400_000  # 6.4 MB: over what Django holds in memory
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.FILE_UPLOAD_TEMP_DIR", str(tmp_path))
        patch.setattr(uploads, "MAX_TOTAL_SLOW", uploads.MAX_TOTAL)
        _, words, _ = ask(file=("n.p7s", sign_cms(document, *key)), content=("n.bin", document))
    assert words.startswith("Підпис дійсний")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("pure_python")
def test_without_the_accelerator_less_is_taken() -> None:
    assert uploads.limit() == uploads.MAX_TOTAL_SLOW


# ── one address, many files ─────────────────────────────────────────────────
@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody has asked yet, and nobody after remembers; no minute ends meanwhile."""
    monkeypatch.setattr(turns, "time", lambda: 1_790_000_010.0)
    cache.clear()
    yield
    cache.clear()


@pytest.mark.django_db
@pytest.mark.usefixtures("counted")
def test_an_address_that_asks_too_often_is_told_how_long_to_wait(
    key: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "CHECKS_A_MINUTE", 2)
    signed = sign_cms(ORDER, *key, detached=False)

    def post(address: str) -> Any:
        file = SimpleUploadedFile("a.p7s", signed)
        return Client().post(PAGE, {"file": file}, REMOTE_ADDR=address)

    assert [post("192.0.2.1").status_code for _ in range(2)] == [200, 200]
    busy = post("192.0.2.1")
    assert busy.status_code == 429
    assert 1 <= int(busy["Retry-After"]) <= 60
    document = lxml.html.fromstring(busy.content.decode())
    (told,) = document.xpath("//main//*[@role='alert']")
    assert "З вашої адреси надійшло забагато файлів" in told.text_content()
    assert re.search(r"Зачекайте \d+ секунд", told.text_content())
    assert document.findtext(".//title").startswith("Помилка: ")
    assert post("192.0.2.2").status_code == 200  # another address is not slowed down
    # one household has a whole /64 of IPv6
    assert [post(f"2001:db8::{n}").status_code for n in (1, 2, 3)] == [200, 200, 429]
    assert post("2001:db8:0:1::1").status_code == 200


@pytest.mark.django_db
@pytest.mark.usefixtures("counted")
def test_many_megabytes_count_as_many_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "MEGABYTES_IN_TEN_MINUTES", 5)
    large = ("a.bin", bytes(3 * uploads.MEGABYTE))

    assert ask(file=large)[0] == 422
    status, words, _ = ask(file=large)
    assert status == 429
    assert "Зачекайте" in words


@pytest.mark.django_db
@pytest.mark.usefixtures("counted")
def test_whoever_comes_on_top_of_those_being_checked_is_told_to_come_later(key: Any) -> None:
    file = ("a.p7s", sign_cms(ORDER, *key, detached=False))
    with pool.place():
        response = Client().post(PAGE, {"file": SimpleUploadedFile(*file)})
        assert (response.status_code, response["Retry-After"]) == (503, "10")
        assert "Зараз перевіряють багато файлів" in response.content.decode()
    assert ask(file=file)[0] == 200  # the places were given back


@pytest.mark.django_db
@pytest.mark.usefixtures("counted")
def test_a_file_that_takes_too_long_is_stopped_and_the_next_one_is_checked(
    key: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = ("a.p7s", sign_cms(ORDER, *key, detached=False))
    assert ask(file=file)[0] == 200
    process = pool._checker.process
    assert process is not None
    process.send_signal(signal.SIGSTOP)  # as one that never ends
    monkeypatch.setattr(pool, "SECONDS", 0.3)

    status, words, _ = ask(file=file)

    assert status == 503
    assert "Перевірка цього файла тривала надто довго" in words
    assert process.poll() is not None
    monkeypatch.undo()


# ── in a browser ─────────────────────────────────────────────────────────────
@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_in_a_browser_the_answer_is_accessible_and_fits_a_phone(
    page: Page, key: Any, live_server: Any, tmp_path: Path, assert_accessible: Callable[..., None]
) -> None:
    (tmp_path / "Наказ.txt").write_bytes(ORDER)
    (tmp_path / "Наказ.txt.p7s").write_bytes(sign_cms(ORDER, *key, signing_time=timezone.now()))

    def look(name: str) -> None:
        assert_accessible(page)
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            if folder := os.environ.get("AIKOM_PICTURES"):
                page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)

    page.goto(PAGE)
    look("verify")
    page.get_by_label("Файл з підписом").set_input_files(tmp_path / "Наказ.txt.p7s")
    page.get_by_role("button", name="Перевірити підпис").click()
    expect(page.get_by_role("alert")).to_contain_text("додайте обидва файли")
    look("verify-422")
    page.get_by_label("Файл з підписом").set_input_files(tmp_path / "Наказ.txt.p7s")
    page.get_by_label("Документ, який підписували").set_input_files(tmp_path / "Наказ.txt")
    page.get_by_role("button", name="Перевірити підпис").click()
    expect(page.get_by_role("heading", name="Підпис дійсний")).to_be_visible()
    look("verify-valid")
    (tmp_path / "Наказ.txt").write_bytes(ORDER + b"!")
    page.get_by_role("link", name="Перевірити інший файл").click()
    page.get_by_label("Файл з підписом").set_input_files(tmp_path / "Наказ.txt.p7s")
    page.get_by_label("Документ, який підписували").set_input_files(tmp_path / "Наказ.txt")
    page.get_by_role("button", name="Перевірити підпис").click()
    expect(page.get_by_role("heading", name="Підпису не можна довіряти")).to_be_visible()
    look("verify-invalid")


DROP_TWO = """area => {
  const files = new DataTransfer();
  files.items.add(new File(["наказ"], "Наказ.txt"));
  files.items.add(new File(["підпис"], "Наказ.txt.p7s"));
  area.dispatchEvent(new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true }));
}"""


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_two_files_dropped_at_once_take_both_places(page: Page, live_server: Any) -> None:
    page.goto(PAGE)
    areas = page.locator("[data-ak-drop]")
    areas.first.evaluate(DROP_TWO)
    expect(areas.nth(0)).to_contain_text("Наказ.txt")
    expect(areas.nth(1)).to_contain_text("Наказ.txt.p7s")
