"""Pages of the children's register over HTTP: from a table to a signed notice, and the door of the missing."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from lxml import html

from kernel.tables import writing
from registry.coverage import services
from registry.coverage.models import CoverageCase, CoverageLetter
from tests.registry.coverage import kit
from tests.registry.coverage.kit import CITY, NOW
from tests.world import World, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at_noon():
    cache.clear()
    with time_machine.travel(NOW.now, tick=False):
        yield


def visit(world: World, who: str) -> Client:
    client = Client()
    sign_in(client, world.grants[who])
    return client


def text(answer: Any) -> str:
    return str(answer.content.decode())


HEADS = ("Прізвище", "Імʼя", "Дата народження", "Стать", "Документ", "Код КАТОТТГ", "Адреса",
         "Причина", "З якого дня", "Підстава")  # fmt: skip


def table(*rows: tuple[str, ...]) -> str:
    return "\n".join("\t".join(row) for row in (HEADS, *rows))


IVAN = ("", "", "01.03.2016", "", "X-ТЕ 000001", "", "", "", "01.10.2026", "акт № 1")
NEW = (
    *("Невідомий", "Павло", "05.05.2015", "Ч", "I-СГ 777777", CITY, "вул. Дальня, 3"),
    *("Родина не забезпечує здобуття освіти", "01.11.2026", "лист сільради № 5"),
)


def test_a_table_is_checked_mended_and_recorded_by_one_act(world, at_noon):
    kit.nowhere(world)
    bohdan = visit(world, "bohdan")
    here = reverse("coverage_table", args=["uncovered"])
    assert bohdan.post(here, {"cells": ""}).status_code == 422
    wrong = text(bohdan.post(here, {"cells": table(IVAN, (*NEW[:3], "", *NEW[4:])), "do": "check"}))
    assert "Рядків із помилками: 1." in wrong
    assert "вкажіть стать" in wrong
    assert "Іваненко Іван" in wrong  # whom the first row was found to be
    assert ">Записати всі<" not in wrong.replace("\n", "")
    good = text(bohdan.post(here, {"cells": table(IVAN, NEW), "do": "check"}))
    assert "Записати всі" in good
    # Recorded with a mistake all the same: nothing is written.
    again = bohdan.post(here, {"cells": table(IVAN, IVAN), "do": "record"})
    assert "вже є в рядку 1" in text(again)
    assert not CoverageCase.objects.exists()
    done = bohdan.post(here, {"cells": table(IVAN, NEW), "do": "record"}, follow=True)
    assert "Записано: 2 рядки." in text(done)
    assert "Невідомий Павло" in text(done)
    sheet = writing.workbook(
        writing.Sheet("Діти", [writing.Column(head) for head in HEADS], [list(NEW)])
    )
    file = SimpleUploadedFile("діти.xlsx", sheet)
    told = text(bohdan.post(here, {"file": file, "do": "check"}))
    assert "Уже на обліку у вас." in told
    assert "I-СГ 777777" in html.fromstring(told).xpath("string(//textarea)")
    assert (
        bohdan.get(reverse("coverage_cases", args=["uncovered"]), {"file": "csv"}).status_code
        == 200
    )


def test_nothing_of_a_table_is_lost_or_changed_in_silence(world, at_noon):
    kit.nowhere(world)
    bohdan = visit(world, "bohdan")
    here = reverse("coverage_table", args=["uncovered"])
    columns = [writing.Column(head) for head in HEADS]
    other = [*NEW[:4], "I-СГ 777778", *NEW[5:]]
    book = writing.workbook(
        writing.Sheet("Інструкція", [writing.Column("Як заповнювати")], [["Уважно"]]),
        writing.Sheet("5 клас", columns, [list(NEW)]),
        writing.Sheet("6 клас", columns, [other]),
    )
    asked = bohdan.post(here, {"file": SimpleUploadedFile("діти.xlsx", book), "do": "check"})
    step = html.fromstring(text(asked))
    assert "6 клас" in text(asked)  # two tables: which of them, and columns, are asked
    names = [one for one in services.COLUMNS["NOT_COVERED"] if one != "patronymic"]
    form = {"table": step.xpath("string(//input[@name='table']/@value)"), "shown": "1"}
    form |= {f"c{no}": name for no, name in enumerate(names)} | {"c10": ""}
    told = text(bohdan.post(here, form | {"sheet": ["1"], "heading": "1", "do": "check"}))
    assert "Записати всі" in told
    assert "Прочитано не все" in told and "«6 клас»" in told  # noqa: PT018
    unnamed = bohdan.post(here, {"cells": "\t".join((*NEW[:2], "", *NEW[2:])), "do": "check"})
    assert "Що у стовпцях?" in text(unnamed)
    added = table((*NEW, "зайве")).replace("Підстава", "Підстава\tКолір")
    assert "Колір" in text(
        bohdan.post(here, {"cells": added, "do": "check"})
    )  # not dropped unasked
    for place, typed, said in (
        (2, "2015-05-04T21:00:00.000Z", "Впишіть дату"),
        (2, "42129", "Excel передав дату числом"),
        (3, "кішка", "Впишіть Ч або Ж"),
        (6, "#N/A", "помилка Excel"),
        (9, "=A1", "формула"),
    ):
        row = (*NEW[:place], typed, *NEW[place + 1 :])
        answer = text(bohdan.post(here, {"cells": table(row), "do": "record"}))
        assert said in answer, (typed, said)
    months = [(*NEW[:8], day, NEW[9]) for day in ("3/1/2026", "3/25/2026")]
    answer = text(bohdan.post(here, {"cells": table(*months), "do": "record"}))
    assert "дати з місяцем попереду" in answer
    assert not CoverageCase.objects.exists()


def test_from_an_absence_to_an_answer(world, at_noon):
    olena = visit(world, "olena")
    assert olena.get(reverse("coverage"))["Location"] == reverse("coverage_cases", args=["absent"])
    new = reverse("coverage_new", args=["absent"])
    given = {"surname": "Ґудзь", "given_name": "Оксана", "born_on": "02.03.2016",
             "since": "10.11.2026", "until": "20.11.2026", "reason": "UNKNOWN", "ground": ""}  # fmt: skip
    refused = olena.post(new, given)
    assert refused.status_code == 422
    assert "закон рахує від 10 поспіль" in text(refused)
    page = olena.post(new, given | {"until": "23.11.2026"}, follow=True)
    assert "10 роб. дн. з уроками" in text(page)
    case = CoverageCase.objects.get()
    assert "1 учень відсутній 10 днів поспіль" in text(olena.get(reverse("home")))

    letter_new = reverse("coverage_letter_new", args=["absent"])
    assert olena.post(letter_new, {"pick": "ніщо"})["Location"]
    asked = olena.post(letter_new, {"pick": str(case.pk)})
    assert "Ґудзь Оксана" in text(asked)
    empty = olena.post(letter_new, {"pick": str(case.pk), "do": "prepare"})
    assert empty.status_code == 422
    assert (
        olena.post(
            letter_new,
            {
                "pick": str(case.pk),
                "do": "prepare",
                "number": "01-12/7",
                "recipients": ["SSD", "POLICE"],
            },
        ).status_code
        == 303
    )
    letter = CoverageLetter.objects.get()
    page = reverse("coverage_letter", args=[letter.pk])
    shown = text(olena.get(page))
    assert "Підписати повідомлення" in shown
    assert olena.get(reverse("coverage_letter_paper", args=[letter.pk])).content[:4] == b"%PDF"
    sign = reverse("coverage_letter_sign", args=[letter.pk])
    assert olena.post(sign, {"signature": "зайве"}).status_code == 422
    cms = kit.encoded(kit.signature(letter, "olena"))
    assert olena.post(sign, {"signature": cms}).status_code == 303
    sent = {"do": "send", "recipient": "SSD", "version": "1", "on": "24.11.2026", "how": "",
            "number": "77"}  # fmt: skip
    assert "Виберіть, як надіслано." in text(olena.post(page, sent))
    assert olena.post(page, sent | {"how": "SEV"}).status_code == 303
    answer = {"do": "answer", "recipient": "SSD", "version": "2", "on": "24.11.2026",
              "answer": "Дитину відвідано, лист № 8"}  # fmt: skip
    assert "Дитину відвідано" in text(olena.post(page, answer, follow=True))
    closed = {"do": "close", "version": "1", "outcome": "", "on": "24.11.2026", "ground": "наказ"}
    here = reverse("coverage_case", args=[case.pk])
    assert olena.post(here, closed).status_code == 422
    version = CoverageCase.objects.get().version
    done = olena.post(here, closed | {"outcome": "RETURNED", "version": str(version)}, follow=True)
    assert "Повернулася до навчання" in text(done)
    assert "відсутній 10 днів" not in text(olena.get(reverse("home")))


def test_those_who_may_be_missing_are_met_through_a_ground_and_leave_no_trace_elsewhere(
    world, at_noon
):
    kit.nowhere(world)
    bohdan = visit(world, "bohdan")
    door, listed = reverse("missing_enter"), reverse("coverage_cases", args=["missing"])
    assert bohdan.get(listed)["Location"] == door
    assert bohdan.post(door, {"ground": "так"}).status_code == 422
    assert bohdan.post(door, {"ground": "доручення № 12 від 20.11.2026"})["Location"] == listed
    new = reverse("coverage_new", args=["missing"])
    given = {"document": "X-ТЕ 000001", "born_on": "01.03.2016", "ground": "лист поліції № 3"}
    page = bohdan.post(new, given, follow=True)
    assert "Перевіряє заклад" in text(page)
    case = CoverageCase.objects.get()
    assert "Іваненко" in text(bohdan.get(listed))
    assert "download" not in text(bohdan.get(listed))
    for who in ("iryna", "maria", "admin", "dana", "hanna"):
        client = visit(world, who)
        assert client.get(reverse("coverage_case", args=[case.pk])).status_code == 404, who
        home = text(client.get(reverse("home")))
        assert ("Потенційно" in home) == (who == "hanna"), who
    services.count(actor=world.actor("bohdan"), units=[world.units["chernivtsi"].pk], moment=NOW)
    overview = text(visit(world, "iryna").get(reverse("coverage")))
    figures = html.fromstring(overview).xpath("//dl[1]//dd/text()")
    assert [one.strip() for one in figures][:4] == ["1", "0", "1", "0"]


def test_a_community_reads_its_children_and_counts_them(world, at_noon):
    kit.nowhere(world)
    kit.lives(world, "marko", CITY, "petro")
    bohdan = visit(world, "bohdan")
    counted = text(bohdan.post(reverse("coverage"), follow=True))
    assert "Управління освіти Чернівецької міської ради" in counted
    assert bohdan.get(reverse("coverage"), {"file": "xlsx"}).status_code == 200
    # The ministry reads oblasts, and one of them by its communities.
    maria = visit(world, "maria")
    country = html.fromstring(text(maria.get(reverse("coverage"))))
    (oblast,) = country.xpath("//tbody//th/a[contains(., 'Чернівецької ОВА')]/@href")
    assert "Чернівецької міської ради" in text(maria.get(oblast))
    listed = text(bohdan.get(reverse("coverage_children")))
    assert "Сусіда Марко" in listed
    assert "Чернівецька гімназія № 2" in listed
    nowhere = text(bohdan.get(reverse("coverage_children"), {"show": "nowhere"}))
    assert "Іваненко Іван" in nowhere
    assert "Сусіда" not in nowhere
    file = bohdan.get(reverse("coverage_children"), {"file": "csv"})
    assert b"".join(file.streaming_content).count(b"\n") >= 2
    assert bohdan.get(reverse("coverage_children"), {"unit": "x"}).status_code == 400
