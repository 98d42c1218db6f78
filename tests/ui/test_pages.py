"""Pages answer the house way: forms with errors, refusals, absence, success, fragments."""

import contextlib
import re
from typing import Any
from urllib.parse import quote

import pytest
from django import forms
from django.conf import settings
from django.test import Client, RequestFactory
from django.urls import reverse

from kernel.errors import Busy, DomainError, NotAllowed, NotFound
from kernel.ui import pages
from kernel.ui.forms import DateField, Form
from signatures.errors import CloudSilent
from tests.kit.answers import without_number
from tests.ui import sample_views

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.ui.urls")]


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


def text(response: Any) -> str:
    return response.content.decode()


def test_the_gallery_is_plain_markup_without_inline_script_or_style(visitor: Client) -> None:
    page = text(visitor.get(reverse("ui_gallery")))
    assert "{%" not in page
    assert re.search(r"<[^>]+\sstyle=", page) is None
    assert re.search(r"<[^>]+\son[a-z]+=", page) is None
    assert re.search(r"<script(?![^>]*\bsrc=)", page) is None
    assert re.search(r"<style\b", page) is None


def test_a_form_with_errors_answers_422_with_linked_errors_first(visitor: Client) -> None:
    response = visitor.post("/test/form/", {"signed_on": "31.02.2026"})
    page = text(response)
    assert response.status_code == 422
    assert "<title>Помилка: Проба — АІКОМ</title>" in page
    assert "Виправте 3 помилки" in page
    for target, words in (
        ("id_number", "Заповніть поле «Номер наказу»"),
        ("id_signed_on", "Такої дати немає. Напишіть день, місяць і рік: 02.09.2026"),
        ("id_kind_0", "Виберіть: «Вид»"),
    ):
        assert f'<a href="#{target}">{words}</a>' in page
        assert f'id="{target}"' in page
        assert page.count(words) == 2, "the same words in the summary and beside the field"
    assert 'aria-describedby="id_signed_on_helptext id_signed_on_error"' in page
    assert page.index("ak-summary") < page.index('id="id_number"')


def test_a_refusal_of_the_domain_stands_beside_its_field(visitor: Client) -> None:
    good = {"number": "1", "signed_on": "2.9.2026", "kind": "a"}
    page = text(visitor.post("/test/form/", good))
    assert '<a href="#id_number">Номер 1 уже має інший наказ</a>' in page


@pytest.mark.parametrize(
    ("refusal", "goes_on"),
    [
        (NotAllowed(), True),
        (NotFound(), True),
        (Busy(), True),
        (sample_views.Taken(), False),
        (CloudSilent(), False),  # a service is down: told where one signs
        (NotFound("Такої дитини немає", field="number"), False),
    ],
    ids=repr,
)
def test_what_a_page_does_not_tell_goes_on(refusal: DomainError, goes_on: bool) -> None:
    form = sample_views.SampleForm({})
    told = pytest.raises(DomainError) if goes_on else contextlib.nullcontext()
    with told, pages.refusable(form):
        raise refusal
    assert goes_on or refusal.detail in str(form.errors)


def test_a_signature_that_is_no_base64_is_nothing_for_the_command_to_refuse() -> None:
    def sent(**fields: str) -> bytes:
        return pages.sent_bytes(RequestFactory().post("/", fields), "signature")

    assert sent(signature="0YI=") == "т".encode()
    assert [sent(signature=odd) for odd in ("0YI", "0 YI=", "підпис", "")] == [b""] * 4
    assert sent() == b""


def test_no_page_decides_anew_what_it_passes_on() -> None:
    anew = re.compile(r"http_status (not )?in ")
    rooms = ("accounts", "integrations", "journals", "registry", "reports", "signatures")
    found = [
        str(file)
        for room in rooms
        for file in (settings.BASE_DIR / room).rglob("portal/**/*.py")
        if anew.search(file.read_text())
    ]
    assert found == []


def test_success_is_303_and_for_htmx_a_redirect_it_follows(visitor: Client) -> None:
    good = {"number": "2", "signed_on": "02.09.2026", "kind": "a"}
    assert visitor.post("/test/form/", good).status_code == 303
    by_htmx = visitor.post("/test/form/", good, headers={"HX-Request": "true"})
    assert by_htmx.headers["HX-Redirect"] == "/test/list/"


def test_hidden_and_absent_read_the_same_to_the_byte(visitor: Client) -> None:
    hidden = visitor.get("/test/refused/hidden/")
    absent = visitor.get("/test/nothing-here/")
    assert hidden.status_code == absent.status_code == 404
    assert without_number(hidden) == without_number(absent)
    assert "іншої школи" not in text(hidden)
    quiet = [k for k in hidden.headers if k not in {"X-Request-ID"}]
    assert {k: hidden.headers[k] for k in quiet} == {k: absent.headers[k] for k in quiet}


def test_a_refusal_says_what_happened_and_what_to_do(visitor: Client) -> None:
    response = visitor.get(
        "/test/refused/not-allowed/", headers={"Referer": "http://testserver/x/"}
    )
    page = text(response)
    assert response.status_code == 403
    assert "Ваша роль не дає права на цю дію" in page
    assert "Підписує лише керівник закладу" in page
    assert '<a class="ak-btn ak-btn--2" href="/x/">Повернутися назад</a>' in page


def test_the_way_back_never_leads_to_another_site(visitor: Client) -> None:
    for referer in ("http://evil.example/x/", "http://testserver.evil.example/", "javascript:1"):
        page = text(visitor.get("/test/refused/not-allowed/", headers={"Referer": referer}))
        assert "Повернутися назад" not in page


def test_htmx_gets_the_refusal_as_a_notice_and_its_page_stays(visitor: Client) -> None:
    response = visitor.post("/test/refused/stale/", headers={"HX-Request": "true"})
    assert response.status_code == 412
    assert response.headers["HX-Retarget"] == "#messages"
    assert "Дані вже змінилися, поки ви їх редагували" in text(response)
    assert "<html" not in text(response)


def test_a_bug_gives_a_page_with_a_number_and_no_details(visitor: Client) -> None:
    response = visitor.get("/test/broken/")
    assert response.status_code == 500
    assert re.search(r"звернення <span class=\"ak-code\">[0-9A-F]{8}</span>", text(response))
    assert "RuntimeError" not in text(response)


def test_a_stale_form_is_told_apart_from_a_refusal() -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/test/form/", {"number": "1"})
    assert response.status_code == 403
    assert "Форма застаріла, дію не виконано" in text(response)
    assert "чернетку збережено" not in text(response)


def test_the_theme_is_kept_by_the_browser_and_is_right_from_the_first_byte(visitor: Client) -> None:
    visitor.post("/account/", {"theme": "contrast"})
    assert '<html lang="uk" data-contrast="more">' in text(visitor.get("/ui/"))
    visitor.post("/account/", {"theme": '"><script>'})
    assert '<html lang="uk" data-contrast="more">' in text(visitor.get("/ui/"))


def test_the_synthetic_data_mark_follows_the_setting(visitor: Client, settings: Any) -> None:
    assert "вигадані дані" in text(visitor.get("/offline/"))
    settings.SYNTHETIC_DATA = False
    assert "вигадані дані" not in text(visitor.get("/offline/"))


def test_a_fragment_goes_to_htmx_and_the_whole_page_to_history() -> None:
    ask = RequestFactory()
    assert pages.wants_fragment(ask.get("/", headers={"HX-Request": "true"}))
    assert not pages.wants_fragment(ask.get("/"))
    restoring = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert not pages.wants_fragment(ask.get("/", headers=restoring))
    response = pages.page(ask.get("/"), "ui/offline.html")
    assert "HX-Request" in response.headers["Vary"]


@pytest.mark.parametrize(
    ("typed", "read"),
    [("02.09.2026", "2026-09-02"), ("2.9.2026", "2026-09-02"), (" 02/09/2026 ", "2026-09-02"),
     ("2026-09-02", "2026-09-02"), ("02,09,2026", "2026-09-02"), ("02.09.2026.", "2026-09-02")],
)  # fmt: skip
def test_a_date_is_understood_as_people_write_it(typed: str, read: str) -> None:
    assert DateField().clean(typed).isoformat() == read


@pytest.mark.parametrize("typed", ["31.02.2026", "02.09.26", "вересень", "2.9"])
def test_an_impossible_date_is_refused_in_words(typed: str) -> None:
    with pytest.raises(forms.ValidationError, match="Такої дати немає"):
        DateField().clean(typed)


def test_a_form_prints_no_unknown_icon_or_raw_error_list() -> None:
    class One(Form):
        agree = forms.BooleanField(label="Згода")
        scan = forms.FileField(label="Скан")

    page = str(One({}))
    assert "errorlist" not in page
    assert "Позначте: «Згода»" in page
    assert "Додайте файл: «Скан»" in page


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Наказ 12/3-у від 20.11.2026.pdf", "Наказ 12-3-у від 20.11.2026.pdf"),
        ('а:б*"в"?<г>|.zip', "а-б--в---г--.zip"),
        ("../../ключ.dat", "-..-ключ.dat"),
        ("д" * 300 + ".asice", "д" * 120 + ".asice"),
    ],
)
def test_a_file_keeps_the_letters_of_its_name_and_no_sign_that_a_system_refuses(
    name: str, kept: str
) -> None:
    told = pages.file_answer(b"", name, "application/pdf").headers["Content-Disposition"]
    assert told == f"attachment; filename*=utf-8''{quote(kept)}"


def test_the_forms_of_one_answer_share_a_token_and_two_answers_do_not(visitor: Client) -> None:
    # One mask an answer: compression cannot be used to guess what differs from answer to answer.
    first, second = (
        set(re.findall(r'name="csrfmiddlewaretoken" value="(\w{64})"', text(answer)))
        | set(re.findall(r'name="csrf-token" content="(\w{64})"', text(answer)))
        for answer in (visitor.get(reverse("ui_gallery")), visitor.get(reverse("ui_gallery")))
    )
    assert len(first) == len(second) == 1
    assert first != second
