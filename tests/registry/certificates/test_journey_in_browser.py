"""A head issues certificates of study in a browser and anybody checks one of them."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from registry.certificates.models import StudyCertificate
from signatures.demo import authority
from tests.registry.movements.test_enrolment_in_browser import (  # noqa: F401 - fixtures
    PASSWORD,
    complaints,
    olena,
    shot,
)
from tests.world import PEOPLE, World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_certificates_from_a_table_to_a_public_check(
    page: Page,
    olena: World,  # noqa: F811
    assert_accessible,
):
    children = [olena.pupils[name] for name in ("ivan", "oksana")]
    lines = ["Прізвище, імʼя, по батькові\tДата народження\tКуди подають"]
    lines += [f"{one.full_name}\t{one.born_on:%d.%m.%Y}\tУСЗН" for one in children]
    page.goto(reverse("certificate_list"))
    assert_accessible(page)
    page.get_by_role("link", name="Видати довідки").click()
    page.get_by_label("Скопійовані рядки").fill("\n".join(lines))
    page.get_by_role("button", name="Вставити").click()
    page.get_by_role("button", name="Далі: 2 довідки").click()
    expect(page.get_by_label("Номер першої довідки")).to_have_value("1")
    assert_accessible(page)
    shot(page, "certificates-take")
    page.get_by_role("button", name="Сформувати довідки").click()
    expect(page.get_by_role("heading", name="Один підпис — 2 довідки")).to_be_visible()
    assert_accessible(page)
    shot(page, "certificates-sign")
    surname, name, patronymic, code = PEOPLE["olena"]
    _, key, _ = authority.issue_demo_key(
        full_name=f"{surname} {name} {patronymic}", surname=surname,
        given_name=f"{name} {patronymic}", rnokpp=code, edrpou="59900062",
        organisation="Чернівецький ліцей № 1", title="директорка", password=PASSWORD,
        at=timezone.now(),
    )  # fmt: skip
    page.get_by_label("Файл ключа").set_input_files(
        {"name": "olena.p12", "mimeType": "application/octet-stream", "buffer": key}
    )
    page.get_by_label("Пароль до ключа").fill(PASSWORD)
    page.get_by_role("button", name="Відкрити ключ").click()
    page.get_by_role("button", name="Підписати дані").click()
    expect(page.get_by_role("heading", name="Довідки про навчання № 1–2: видано")).to_be_visible()
    assert_accessible(page)
    one = StudyCertificate.objects.get(number=1)
    # On a phone of somebody who was given the paper.
    page.context.clear_cookies()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(reverse("verify_signature") + f"?code={one.code}")
    expect(page.get_by_role("heading", name="Довідка чинна")).to_be_visible()
    expect(page.get_by_text(one.full_name)).to_be_visible()
    assert_accessible(page)
    shot(page, "certificates-check-phone")
