"""The campaign of 5 September over an oblast in a browser: announced, signed, returned, mended, taken
and summed level by level up to the ministry."""

from __future__ import annotations

import datetime
import os
import re
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from kernel.clock import moment
from kernel.db import command
from registry.models import Pupil
from reports.campaigns.models import FormCampaign
from signatures.demo import authority
from tests.kit.acts import noted
from tests.reports import campaigns
from tests.reports.campaigns import SYSTEM, part_of
from tests.world import PEOPLE, World, enrol, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "Пароль-5-вересня"
BORN = datetime.date(2015, 10, 1)


def shot(page: Page, name: str) -> None:
    """Keep a picture when somebody asks for pictures: wide, and as a phone has it."""
    if folder := os.environ.get("AIKOM_PICTURES"):
        page.screenshot(path=Path(folder) / f"campaign-{name}.png", full_page=True)
        page.set_viewport_size({"width": 390, "height": 844})
        page.screenshot(path=Path(folder) / f"campaign-{name}-390.png", full_page=True)
        page.set_viewport_size({"width": 1366, "height": 900})


def test_the_fifth_of_september_from_the_announcement_to_the_summary_of_the_ministry(
    page: Page, client, richer: World, live_server, assert_accessible
):
    def work_as(who: str) -> None:
        sign_in(client, richer.grants[who])
        visit = {"name": "aikom_session", "value": client.cookies["aikom_session"].value}
        page.context.add_cookies([{**visit, "url": live_server.url}])

    def open_part(unit: str) -> None:
        page.goto(reverse("campaign_part", args=[part_of(campaign, richer, unit).pk]))

    def press(name: str, told: str) -> None:
        page.get_by_role("button", name=name).click()
        expect(page.locator("#messages").get_by_text(told)).to_be_visible()

    def looked_at(name: str) -> None:
        assert_accessible(page)
        shot(page, name)

    @command
    def more(*, actor):
        for number in range(2):  # enough in the lyceum for its rows to be shown without names
            child = Pupil.objects.create(
                surname="Свіжий", given_name=f"Іван{'о' * number}", sex="M", born_on=BORN
            )
            enrol(child, richer.classes["school1/5-А"])
        noted()

    more(actor=SYSTEM)
    # The ministry announces it.
    work_as("maria")
    page.goto(reverse("campaigns"))
    looked_at("list")
    page.get_by_role("link", name="Оголосити збір").click()
    page.get_by_label("Територія").select_option("Департамент освіти Чернівецької ОВА")
    looked_at("new")
    page.get_by_role("button", name="Оголосити").click()
    expect(page.get_by_role("heading", name="Заклади", exact=True)).to_be_visible()
    campaign = FormCampaign.objects.get()
    looked_at("opened")

    # A head opens what waits at home and signs it with a key file.
    work_as("olena")
    page.goto(reverse("home"))
    page.get_by_role("link", name="Переглянути й підписати").first.click()
    expect(page.get_by_role("heading", name="Чернівецький ліцей № 1")).to_be_visible()
    looked_at("report")

    def sign_here() -> None:
        page.get_by_role("button", name="Підписати звіт").click()
        expect(page.get_by_role("heading", name="Підпис звіту")).to_be_visible()
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
        expect(page.get_by_text("Звіт підписано й подано.")).to_be_visible()

    sign_here()
    for unit, who in (("school2", "petro"), ("hub", "nina")):
        campaigns.sign(richer, part_of(campaign, richer, unit), who, moment())

    # The city returns one; the head mends the card and signs another version.
    work_as("bohdan")
    open_part("school1")
    page.get_by_label("Що виправити").fill("Звірте стать учениці 5-Б")
    looked_at("to-accept")
    press("Повернути із зауваженням", "Повернуто із зауваженням.")

    @command
    def mend(*, actor, sex):
        Pupil.objects.filter(pk=richer.pupils["oksana"].pk).update(sex=sex)
        noted()

    mend(actor=SYSTEM, sex="M")
    work_as("olena")
    page.goto(reverse("home"))
    expect(page.get_by_text("Звірте стать учениці 5-Б")).to_be_visible()
    open_part("school1")
    press("Сформувати знову", "Звіт сформовано знову")
    page.get_by_role("link", name="Порівняти з версією 1").click()
    looked_at("versions")
    page.get_by_role("link", name="1.13. з них дівчата").first.click()
    expect(page.get_by_role("heading", name="Вибули: 1")).to_be_visible()
    expect(page.get_by_text("Ґудзь Оксана")).to_be_visible()
    looked_at("who-left")
    open_part("school1")
    sign_here()

    # Levels take and sum, each its own.
    for who, unit, ready in (("bohdan", "chernivtsi", 2), ("hanna", "hromada", 2), ("iryna", "raion", 2), ("iryna", "chernivetska", 1)):  # fmt: skip
        work_as(who)
        open_part(unit)
        press(f"Прийняти всі готові: {ready}", f"Прийнято: {ready}.")
        press("Сформувати зведений звіт", "Зведений звіт сформовано")
    looked_at("summary")

    # The ministry sums the last, walks a cell down to the rows and back, and closes.
    work_as("maria")
    open_part("mon")
    press("Прийняти всі готові: 1", "Прийнято: 1.")
    press("Сформувати зведений звіт", "Зведений звіт сформовано")
    way = (
        "Департамент освіти Чернівецької ОВА",
        "Відділ освіти Чернівецької РВА",
        "Управління освіти Чернівецької міської ради",
        "Чернівецький ліцей № 1",
    )
    table = page.get_by_role("table")

    def walk(column: str) -> None:
        cell = re.compile(rf": Кількість учнів, усього, {column}$")
        page.get_by_role("link", name=cell).click()
        for node in way:
            table.get_by_role("link", name=node).click()

    walk("Усього")
    expect(page.get_by_role("heading", name="Кількість учнів, усього: 6")).to_be_visible()
    expect(table.locator("tbody tr")).to_have_count(6)  # by codes: an analyst sees no names
    for child in ("Ґудзь", "Яна", "Свіжий"):
        expect(page.get_by_text(child)).to_have_count(0)
    looked_at("rows")
    page.get_by_role("link", name="До всього звіту").click()
    for node in reversed(way[:-1]):  # and back up to the country
        page.get_by_role("navigation", name="Шлях").get_by_role("link", name=node).click()
    open_part("mon")
    walk("1")  # fewer than five would tell who they are
    expect(page.get_by_text("Рядки не показано.")).to_be_visible()
    page.goto(reverse("campaign", args=[campaign.pk]))
    looked_at("all-taken")
    page.get_by_role("link", name="Завершити", exact=True).click()
    assert_accessible(page)
    press("Завершити збір", "Збір звітності завершено.")
    expect(page.get_by_text("Завершено", exact=True)).to_be_visible()

    # The register goes on; what was signed is counted again to the same bytes.
    mend(actor=SYSTEM, sex="F")
    open_part("school1")
    press("Перерахувати за збереженими рядками", "збігається з поданим байт у байт")
