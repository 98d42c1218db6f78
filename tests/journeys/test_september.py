"""A secretary's September: one person, the real portal, every step seen, counted and timed.

60 first-graders from a table, 25 children from another school, 12 who left for one, 4 withdrawn,
30 needs, meals for 200, the load of 40 teachers; the report of a table taken away. A person's time is
reckoned by the keystroke-level model (Card, Moran, Newell 1983) from what was pressed and typed, so
that it hangs on no machine; what the machine took is printed beside it.
"""

from __future__ import annotations

import datetime
import time
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from accounts import actors
from kernel import clock
from kernel.db import command
from registry.enrolments import services as enrolments
from registry.models import (
    ClassGroup,
    Enrolment,
    Load,
    Order,
    Pupil,
    PupilCategory,
    PupilDocument,
)
from signatures.demo import authority
from tests.kit.acts import noted
from tests.registry.drafts.test_drafts import numbered
from tests.registry.movements import test_transfer
from tests.registry.movements.test_enrolment_in_browser import (  # noqa: F401 - fixtures
    PASSWORD,
    complaints,
    olena,
    shot,
    table,
)
from tests.world import FIRST_DAY, PEOPLE, World, hire

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

# Seconds of the keystroke-level model: to think of a step, to point and press, to press a key.
THINK, PRESS, KEY = 1.35, 1.5, 0.28
LETTERS = "абвгдеєжзиіклмнопрстуфхцчшщюя"


class Secretary:
    """One person at a browser: what she does is counted."""

    def __init__(self, page: Page, key: bytes):
        self.page, self.key = page, key
        self.clicks = self.keys = self.steps = 0
        self.began = time.monotonic()

    def press(self, place: Locator) -> None:
        self.clicks += 1
        place.click()

    def button(self, name: str) -> None:
        self.press(self.page.get_by_role("button", name=name).first)

    def type(self, label: str, text: str) -> None:
        self.clicks += 1
        self.keys += len(text)
        self.page.get_by_label(label).first.fill(text)

    def pick(self, label: str, option: str) -> None:
        self.clicks += 2
        self.page.get_by_label(label, exact=True).select_option(label=option)

    def paste(self, process: str, lines: str) -> None:
        """A table copied out of a spreadsheet begins a draft."""
        self.clicks += 2  # the service, the field
        self.keys += 4  # copied there, pasted here
        self.page.goto(reverse("draft_start", args=[process]))
        self.page.get_by_label("Скопійовані рядки").fill(lines)
        self.button("Вставити")

    def fill_column(self, column: str, value: str) -> None:
        if not self.page.get_by_label("Стовпець", exact=True).is_visible():
            self.press(self.page.get_by_text("Заповнити порожні клітинки стовпця"))
        self.pick("Стовпець", column)
        self.type("Значення", value)
        self.button("Заповнити порожні")
        expect(self.page.get_by_label(f"{column}, рядок 1", exact=True)).to_have_value(value)

    def seen(self, name: str) -> None:
        """The step is seen, on a wide window and on a phone."""
        self.steps += 1
        shot(self.page, f"september-{self.steps:02d}-{name}")

    def order(self, name: str, rows: int, number: str, *, ticks: str = "") -> Order:
        """From a table that is ready to the signed order."""
        self.button(f"Далі: наказ на {rows}")
        self.type("Номер наказу", number)
        if ticks:
            self.press(self.page.get_by_label(ticks))
        self.seen(f"{name}-terms")
        self.button("Далі: переглянути наказ")
        expect(self.page.get_by_role("article", name="Наказ")).to_be_visible()
        self.seen(f"{name}-paper")
        self.clicks += 3  # the field, the file, «Open»
        self.page.get_by_label("Файл ключа").set_input_files(
            {"name": "olena.p12", "mimeType": "application/octet-stream", "buffer": self.key}
        )
        self.type("Пароль до ключа", PASSWORD)
        self.button("Відкрити ключ")
        self.button("Підписати дані")
        expect(self.page.get_by_role("heading", name=f"Наказ № {number} підписано")).to_be_visible()
        self.seen(f"{name}-signed")
        return Order.objects.get(number=number, state="EFFECTIVE", kind=name)

    @property
    def minutes(self) -> float:
        """What it takes a person."""
        thought = self.clicks * (THINK + PRESS) + self.keys * KEY
        return thought / 60


@command
def august(world: World, *, actor: Any) -> None:
    """The school as it is on the first of September: 216 children, two classes for newcomers, forty
    teachers; the neighbours from whom 25 come."""
    school, other = world.institutions["school1"], world.institutions["school2"]
    ClassGroup.objects.bulk_create(
        ClassGroup(
            institution=home, school_year_id="2026-2027", grade=grade, letter=letter,
            opened_on=FIRST_DAY,
        )
        for home in (school, other) for grade in (1, 2) for letter in "АБ"
    )  # fmt: skip
    second = ClassGroup.objects.get(institution=school, grade=2, letter="А")

    def born(home: Any, group: int, count: int, name: str, series: str) -> None:
        Pupil.objects.bulk_create(
            Pupil(
                surname=f"{name}{LETTERS[n // 20]}{LETTERS[n % 20]}", given_name="Ія", sex="F",
                born_on=datetime.date(2016, 1, 1) + datetime.timedelta(days=n),
            )
            for n in range(count)
        )  # fmt: skip
        pupils = named(name)
        PupilDocument.objects.bulk_create(
            PupilDocument(
                pupil=pupil, type="BIRTH_UA", series=series, number=f"{n:06d}", is_primary=True
            )
            for n, pupil in enumerate(pupils)
        )
        places = [enrolments.Place(pupil.pk, group, FIRST_DAY) for pupil in pupils]
        enrolments.enrol(home.pk, places, order=None)

    born(school, second.pk, 216, "Наша", "X-НА")
    born(other, world.classes["school2/5-А"].pk, 25, "Сусідня", "X-СУ")
    for n in range(40):
        hire(school, f"Коваль{LETTERS[n // 20]}{LETTERS[n % 20]}")
    noted()


def key_of_olena() -> bytes:
    """The file of her key, as a provider gives it."""
    surname, name, patronymic, code = PEOPLE["olena"]
    _, key, _ = authority.issue_demo_key(
        full_name=f"{surname} {name} {patronymic}", surname=surname,
        given_name=f"{name} {patronymic}", rnokpp=code, edrpou="59900062",
        organisation="Чернівецький ліцей № 1", title="директорка", password=PASSWORD,
        at=timezone.now(),
    )  # fmt: skip
    return key


def named(surname: str) -> list[Pupil]:
    """Children of a surname in the order of their documents."""
    return list(Pupil.objects.filter(surname__startswith=surname).order_by("born_on"))


def newcomers() -> list[dict[str, str]]:
    rows = []
    for n in range(60):
        born_on = datetime.date(2020, 1, 8) + datetime.timedelta(days=3 * n)
        rows.append(
            numbered(n + 1) | {"born_on": f"{born_on:%d.%m.%Y}", "class": f"1-{'АБ'[n % 2]}"}
        )
    return rows


def sixty_come(her: Secretary, page: Page) -> None:
    """First-graders from a table; one document is written as people write it."""
    rows = newcomers()
    rows[3] |= {"document": "I-ТП 10443"}
    her.paste("enrol", table(rows))
    expect(page.get_by_role("heading", name="1 рядок треба виправити")).to_be_visible()
    her.seen("newcomers")
    her.button("Поставити I-ТП 010443")
    order = her.order("enrol", 60, "1-у", ticks="Заявники предʼявили документи")
    assert Enrolment.objects.filter(opened_by=order).count() == 60


def others_come(her: Secretary, page: Page) -> None:
    """25 from another school: their documents and birth dates are enough."""
    today = f"{clock.today():%d.%m.%Y}"
    lines = [
        "Серія і номер свідоцтва\tДата народження\tКлас\tЗаявник\tКим доводиться\tТелефон\t"
        "Дата заяви"
    ]
    lines += [
        f"X-СУ {n:06d}\t{one.born_on:%d.%m.%Y}\t5-А\tСусідня Галина Петрівна\tмати\t"
        f"(000) 123-45-67\t{today}"
        for n, one in enumerate(named("Сусідня"))
    ]
    her.paste("transfer", "\n".join(lines))
    expect(page.get_by_role("button", name="Далі: наказ на 25")).to_be_visible()
    her.seen("transfers-in")
    order = her.order("transfer", 25, "2-у", ticks="Ознака предʼявлення документу")
    assert Enrolment.objects.filter(opened_by=order).count() == 25


def others_left(her: Secretary, page: Page) -> None:
    """12 whom another school has taken: one request, one order."""
    her.clicks += 1
    page.goto(reverse("order_task_list"))
    her.press(page.get_by_role("link", name="14-п").first)
    her.seen("transfers-out")
    her.button("Підготувати наказ про відрахування")
    assert her.order("release", 12, "3-у").rows_count == 12


def four_leave(her: Secretary, page: Page) -> None:
    """Ticked in a list, the ground and its document said once."""
    her.clicks += 1
    page.goto(f"{reverse('pupil_list')}?q=Нашав")
    for n in range(4):
        her.press(page.locator("[name=pick]").nth(n))
    her.button("Відрахувати…")
    yesterday = clock.today() - datetime.timedelta(days=1)
    her.fill_column("Тип відрахування", "Виїзд за кордон на постійне проживання")
    her.fill_column("Куди вибуває", "Польща")
    her.fill_column("Документ", f"заява про вибуття від {yesterday:%d.%m.%Y}")
    her.seen("withdrawn")
    order = her.order("withdraw", 4, "4-у")
    assert Enrolment.objects.filter(closed_by=order).count() == 4


def thirty_need(her: Secretary, page: Page) -> None:
    """Needs from the table of the support team."""
    lines = ["Учень\tДата народження\tРівень\tВисновок ІРЦ\tДата висновку"]
    lines += [
        f"{one.full_name}\t{one.born_on:%d.%m.%Y}\t2\tІРЦ-{n}\t20.08.2026"
        for n, one in enumerate(named("Наша")[100:130])
    ]
    her.paste("needs", "\n".join(lines))
    her.seen("needs")
    her.order("needs", 30, "5-у")
    assert PupilCategory.objects.filter(code="SEN").count() == 30


def two_hundred_eat(her: Secretary, page: Page) -> None:
    """All that match, and the ground said once; the order on a phone."""
    her.clicks += 1
    page.goto(f"{reverse('pupil_list')}?grade=2")
    her.press(page.locator("[name=pick]").first)
    her.press(page.get_by_role("link", name="Вибрати всі"))
    her.button("Інша послуга…")
    her.seen("meals-service")
    her.button("Безкоштовне харчування")
    her.fill_column("Підстава", "рішення міської ради № 5")
    her.seen("meals")
    her.order("meals", 200, "6-у")
    assert PupilCategory.objects.filter(code="FREE_MEALS").count() == 200
    page.set_viewport_size({"width": 390, "height": 844})
    her.seen("meals-phone")
    page.set_viewport_size({"width": 1366, "height": 900})


def forty_teach(her: Secretary, page: Page) -> None:
    """The load of forty teachers, and the report of its table to keep."""
    lines = ["Працівник\tТип\tПредмет\tКласи\tГодин на тиждень"]
    for n in range(40):
        who = f"Коваль{LETTERS[n // 20]}{LETTERS[n % 20]}"
        lines.append(f"{who} Ганна\tгурток\tГурток {who}\t\t2")
    her.paste("load", "\n".join(lines))
    her.seen("load")
    order = her.order("load", 40, "7-к")
    assert Load.objects.filter(voided_by=None).count() == 40
    for file in ("XLSX", "PDF"):
        with page.expect_download() as taken:
            her.press(page.get_by_role("link", name=f"Звіт про всю таблицю ({file})"))
        assert taken.value.path().stat().st_size > 1_000
    assert order.rows_count == 40


STEPS = (
    sixty_come, others_come, others_left, four_leave, thirty_need, two_hundred_eat, forty_teach,
)  # fmt: skip


def test_one_secretary_does_september_in_half_an_hour(
    page: Page,
    olena: World,  # noqa: F811
    assert_accessible: Any,
) -> None:
    world = olena
    august(world, actor=actors.system("серпень"))
    taken = [
        test_transfer.row_of(
            born_on=f"{one.born_on:%d.%m.%Y}", document=f"X-НА {n:06d}",
            applicant="Наша Галина Петрівна", **{"class": "2-А"},
        )
        for n, one in enumerate(named("Наша")[:12])
    ]  # fmt: skip
    test_transfer.transferred(
        world, *taken, who="petro", at="school2", number="14-п", day="22.11.2026"
    )
    her = Secretary(page, key_of_olena())
    for step in STEPS:
        step(her, page)
        assert_accessible(page)
    print(  # noqa: T201 - the evidence
        f"\nSeptember: {her.clicks} clicks, {her.keys} keys, {her.steps} pictures; a person "
        f"{her.minutes:.1f} min by the keystroke-level model, the machine "
        f"{time.monotonic() - her.began:.0f} s"
    )
    assert her.minutes < 30
