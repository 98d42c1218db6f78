"""README, «Walk the main job», step by step over HTTP, in any month: nothing is zero at its end."""

from __future__ import annotations

import base64
import datetime
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from lxml import html

from aikom.demo import sample
from aikom.demo.personas import PASSWORD
from kernel.clock import KYIV
from signatures import certificates
from signatures.demo import keystore
from signatures.demo.signing import sign_cms

OKSANA = ("Прикарпатська", "Оксана", "Тарасівна", "7158900208", "new-oblast-admin")
VASYL = ("Покутський", "Василь", "Іванович", "7158900237", "new-city-admin")
LESIA = ("Молода", "Леся", "Петрівна", "7158900266", "new-head-kolomyia")


class Reader:
    """Somebody who follows README with a key file: opens pages, fills what they ask, presses."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.client = Client()
        self.address = ""
        self.page: Any = None

    def opens(self, address: str) -> str:
        return self._read(self.client.get(address, follow=True), address)

    def _read(self, answer: Any, address: str) -> str:
        text = answer.content.decode()
        assert answer.status_code < 300, (address, answer.status_code, _said(text))
        self.address = answer.redirect_chain[-1][0] if answer.redirect_chain else address
        self.page = html.document_fromstring(text)
        return _said(text)

    def presses(self, button: str, where: str = "//main//form", **typed: Any) -> str:
        """Fill a form of the page and press its button; without a name of its own, the first form."""
        for form in self.page.xpath(where):
            named = [b for b in form.xpath(".//button") if button in b.text_content()]
            if named:
                break
        else:
            raise AssertionError(f"no «{button}» at {self.address}")
        values: dict[str, Any] = {}
        for name, value in form.form_values():
            values.setdefault(name, []).append(value)
        values |= typed
        if named[0].get("name"):
            values[named[0].get("name")] = named[0].get("value", "")
        to = named[0].get("formaction") or form.get("action") or self.address
        return self._read(self.client.post(to, values, follow=True), to)

    def signs(self, key: str, to: str) -> str:
        """Sign what the page shows, as the key's holder would in the browser."""
        (form,) = self.page.xpath("//form[@data-ak-sign]")
        content = base64.b64decode(form.get("data-ak-sign-content") or "")
        if address := form.get("data-ak-sign-content-url"):
            content = self.client.get(address).content
        keys, chain = keystore.unpack((self.folder / f"{key}.p12").read_bytes(), PASSWORD)
        cms = sign_cms(content, keys[0], certificates.load(chain[0]))
        values = dict(form.form_values()) | {"signature": base64.b64encode(cms).decode()}
        return self._read(self.client.post(form.get("action") or to, values, follow=True), to)

    def signs_in(self, key: str) -> Reader:
        self.opens("/login/")
        assert "Доступні послуги" in self.signs(key, "/login/")
        return self

    def creates(self, path: str, seek: str, who: tuple[str, ...]) -> None:
        self.opens(f"{path}?q={seek}")
        (link, *_) = [a for a in self.page.xpath("//main//a[@href]") if seek in a.text_content()]
        self.opens(
            link.get("href") if link.get("href").startswith("/") else path + link.get("href")
        )
        names = ("surname", "given_name", "patronymic", "person_code")
        typed = dict(zip(names, who, strict=False)) | {"email": f"{who[4]}@example.com"}
        self.presses("Далі", **typed)
        assert "Обліковий запис створено" in self.presses("Створити")


def _said(text: str) -> str:
    return " ".join(html.document_fromstring(text).text_content().split())


@pytest.mark.parametrize(
    ("now", "counted_on"),
    [
        ("2026-09-01 00:10", "01.09.2026"),
        # Between two school years: the first day of the one to come.
        ("2027-07-15 12:00", "01.09.2027"),
    ],
)
@pytest.mark.django_db
def test_a_newcomer_who_walks_readme_finds_the_newcomers_counted(
    tmp_path, settings, time_machine, now, counted_on
):
    time_machine.move_to(datetime.datetime.fromisoformat(now).replace(tzinfo=KYIV), tick=True)
    settings.SIGNATURES_DEMO_DIR = tmp_path
    call_command("make_demo_world", scale=0.02, verbosity=0)

    # 1, 2. Keys, and the cascade of accounts.
    Reader(tmp_path).signs_in("tech-admin").creates(
        "/users/new/administrator/", "Івано-Франків", OKSANA
    )
    Reader(tmp_path).signs_in(OKSANA[4]).creates("/users/new/administrator/", "Коломий", VASYL)
    Reader(tmp_path).signs_in(VASYL[4]).creates("/users/new/head/", "Коломийський ліцей", LESIA)

    # 3. A class, the table with its three mistakes, one order.
    head = Reader(tmp_path).signs_in(LESIA[4])
    head.opens("/classes/")
    (new,) = [a for a in head.page.xpath("//main//a") if "Відкрити класи" in a.text_content()][:1]
    head.opens(new.get("href"))
    assert "Відкрито 1 клас: 1-А" in head.presses("Відкрити класи", labels="1-А")
    head.opens("/services/enrol/start/")
    table = SimpleUploadedFile(sample.XLSX, (tmp_path / sample.XLSX).read_bytes())
    assert "3 рядки треба виправити" in head.presses("Завантажити", file=table)
    draft = head.address.split("?")[0]
    rows = [row.get("data-ak-row") for row in head.page.xpath("//tr[@data-ak-row]")]
    assert len(rows) == sample.ROWS
    for number, mended in (
        (7, {"born_on": f"03.02.{sample.begins(datetime.date.fromisoformat(now[:10])) - 6}"}),
        (15, {"surname": "Коваленко"}),
        (23, {"document": "X-МИ 000123"}),
    ):
        head.opens(f"{draft}rows/{rows[number - 1]}/")
        head.presses("Зберегти", **mended)
    text = head.opens(draft)
    assert "наказ на 24" in text, text[:3000]
    head.opens(f"{draft}order/")
    text = head.presses("Далі", number="1-у", ground="Заяви батьків", identity_shown="on")
    assert "Про зарахування учнів" in text
    assert "24 із 24 учнів зараховано" in head.signs(LESIA[4], f"{head.address}sign/")

    # 4. The head lets the school's system read by a signature; a key of it reads them.
    head.opens("/eis/new/")
    (system, *_) = [o for o in head.page.xpath("//option") if "Моя школа" in o.text_content()]
    head.presses("Перейти до підпису", system=system.get("value"))
    head.signs(LESIA[4], head.address)
    (issue,) = [a for a in head.page.xpath("//main//a") if "Видати ключ" in a.text_content()]
    head.opens(issue.get("href"))
    head.presses("Видати ключ")
    secret = re.search(r"aikom_[\w-]{43}", html.tostring(head.page, encoding="unicode"))
    assert secret is not None
    answer = Client().get(
        "/api/v1/pupils?limit=500", headers={"Authorization": f"Bearer {secret.group()}"}
    )
    assert len(answer.json()["items"]) == sample.ROWS

    # 5. Statistics with the newcomers, and the rows behind a figure.
    head.opens("/reports/")
    text = head.presses("Сформувати", as_of=counted_on)
    assert "Усі контрольні співвідношення виконано" in text
    asked = {"row": ["1.12"], "column": ["1"]}
    (figure,) = [
        link
        for link in head.page.xpath("//main//a")
        if asked.items() <= parse_qs(urlsplit(link.get("href")).query).items()
    ]
    assert figure.text_content().startswith(str(sample.ROWS))
    head.opens(figure.get("href"))
    assert len(head.page.xpath("//tbody/tr")) == sample.ROWS
