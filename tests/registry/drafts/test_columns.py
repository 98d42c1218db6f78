"""The step where sheets and columns of a table are chosen, and chosen anew."""

from __future__ import annotations

import io

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from registry.drafts import services as drafts
from registry.models import Draft
from tests.registry.kit import MOMENT
from tests.world import sign_in

HEAD = ["ПІБ", "Дата народження", "Стать", "Клас"]
FIRST = ["Ґудзь Лілія Романівна", "19.10.2015", "Ж", "5-А"]
SECOND = ["Коваль Олег Іванович", "20.10.2015", "Ч", "5-Б"]


def book(*sheets, hidden_rows=()):
    """A workbook of (name, rows); `hidden_rows` of its first sheet."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as written:
        for number, (name, rows) in enumerate(sheets):
            sheet = written.add_worksheet(name.removesuffix(" (прихований)"))
            for down, row in enumerate(rows):
                sheet.write_row(down, 0, row)
            for row in hidden_rows if number == 0 else ():
                sheet.set_row(row, None, None, {"hidden": True})
            if name.endswith("(прихований)"):
                sheet.hide()
    return out.getvalue()


class Page:
    """A draft begun from a file, as the browser sees it."""

    def __init__(self, client, actor, content):
        self.client, self.actor = client, actor
        answer = client.post(
            reverse("draft_start", args=["enrol"]),
            {"how": "file", "file": SimpleUploadedFile("учні.xlsx", content)},
        )
        assert answer.status_code == 303, answer.content.decode()[:3000]
        self.draft = Draft.objects.get()
        self.asked = answer["Location"] == self.step

    @property
    def step(self):
        return reverse("draft_columns", args=["enrol", self.draft.pk])

    def shown(self, **posted):
        answer = self.client.post(self.step, posted) if posted else self.client.get(self.step)
        return answer.content.decode()

    def say(self, *columns, sheet=("0",), **more):
        posted = {f"c{place}": column or "" for place, column in enumerate(columns)}
        posted |= {"sheet": list(sheet), "shown": ",".join(sheet), "heading": "1", "do": "take"}
        answer = self.client.post(self.step, posted | more)
        self.draft.refresh_from_db()
        return answer

    def values(self, *names):
        rows = self.draft.rows.order_by("position")
        return [tuple(row.values.get(name, "") for name in names) for row in rows]

    def save(self, position, **values):
        """One cell typed on the page of the table."""
        row = self.draft.rows.get(position=position)
        drafts.save_row(
            actor=self.actor,
            draft_id=self.draft.pk,
            row_id=row.id,
            version=row.version,
            values=values,
            moment=MOMENT,
        )


@pytest.fixture
def begin(world, client):
    sign_in(client, world.grants["olena"])
    return lambda content: Page(client, world.actor("olena"), content)


def test_a_cover_sheet_and_a_hidden_one_are_told_and_the_table_is_taken(begin):
    page = begin(
        book(
            ("Титул", [["Ліцей № 1"], ["Список учнів"]]),
            ("Учні", [HEAD, FIRST]),
            ("Довідник (прихований)", [HEAD, SECOND]),
        )
    )
    assert not page.asked
    assert page.values("surname") == [("Ґудзь",)]
    assert page.draft.unread == "Не прочитано: «Титул», «Довідник» (прихований)"
    shown = page.client.get(reverse("draft_detail", args=["enrol", page.draft.pk]))
    assert page.draft.unread in shown.content.decode()


def test_two_sheets_of_classes_are_offered_and_both_may_be_taken(begin):
    page = begin(book(("5-А", [HEAD[:3], FIRST[:3]]), ("5-Б", [HEAD[:3], SECOND[:3]])))
    assert page.asked
    assert not page.draft.rows.exists()
    shown = page.shown()
    assert shown.count('name="sheet" value="') == 2
    assert shown.count(" checked") == 2
    assert page.say("full_name", "born_on", "sex", "class", sheet=("0", "1")).status_code == 303
    assert page.values("surname", "class") == [("Ґудзь", "5-А"), ("Коваль", "5-Б")]
    assert page.draft.unread == ""


def test_one_of_two_sheets_is_taken_and_the_other_is_told(begin):
    page = begin(book(("5-А", [HEAD, FIRST]), ("5-Б", [HEAD, SECOND])))
    shown = page.shown(sheet=["1"], shown="0,1", do="take", heading="1")
    assert "Коваль Олег Іванович" in shown  # other sheets: their columns are shown first
    assert "Ґудзь" not in shown
    assert not page.draft.rows.exists()
    page.say("full_name", "born_on", "sex", "class", "", sheet=("1",))
    assert page.values("surname") == [("Коваль",)]
    assert page.draft.unread == "Не прочитано: «5-А»"


def test_hidden_rows_are_asked_about(begin):
    page = begin(book(("Учні", [HEAD, FIRST, SECOND]), hidden_rows=[2]))
    assert page.asked
    assert "Приховано або відфільтровано: рядок 3" in page.shown()
    page.say("full_name", "born_on", "sex", "class", hidden_asked="1")
    assert page.values("surname") == [("Ґудзь",)]
    assert "рядок 3" in page.draft.unread
    page.say("full_name", "born_on", "sex", "class", hidden_asked="1", with_hidden="on")
    assert page.values("surname") == [("Ґудзь",), ("Коваль",)]


@pytest.mark.parametrize(
    ("columns", "more", "told"),
    [
        (
            ["full_name", "born_on", "born_on", ""],
            {},
            "«Дата народження» указано для двох стовпців",
        ),
        (["", "born_on", "sex", "class"], {}, "Укажіть, у якому стовпці «Прізвище» або"),
        (
            ["full_name", "born_on", "sex", "class", ""],
            {"sheet": ("0", "1")},
            "стовпців на вибраних",
        ),
        (["full_name", "", "", ""], {"heading": "2"}, "немає рядків"),
    ],
)
def test_a_choice_that_makes_no_rows_is_told_and_kept_on_the_page(begin, columns, more, told):
    page = begin(book(("Учні", [[*HEAD[:3], "Щось"], FIRST]), ("Інші", [HEAD[::-1], SECOND[::-1]])))
    answer = page.say(*columns, **more)
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert told in shown
    assert shown.count(" selected") >= sum(map(bool, columns))
    assert not page.draft.rows.exists()


def test_a_heading_that_was_not_found_is_said(begin):
    page = begin(book(("Учні", [["хто", "коли", "а", "б"], FIRST, SECOND])))
    assert page.asked
    page.say("full_name", "born_on", "sex", "class", heading="1")
    assert page.values("surname") == [("Ґудзь",), ("Коваль",)]


def test_columns_said_anew_keep_what_was_typed_since(begin):
    swapped = [["Прізвище", "Імʼя", "По батькові", "Дата народження"],
               ["Лілія", "Ґудзь", "Романівна", "19.10.2015"],
               ["Олег", "Коваль", "Іванович", "20.10.2015"],
               ["Єва", "Бондар", "", "21.10.2015"]]  # fmt: skip
    page = begin(book(("Учні", swapped)))
    assert not page.asked
    page.save(2, surname="Коваленко")
    drafts.add_rows(actor=page.actor, draft_id=page.draft.pk, moment=MOMENT)
    answer = page.say("given_name", "surname", "", "born_on")
    assert answer.status_code == 303
    assert page.values("surname", "given_name", "patronymic")[:3] == [
        ("Ґудзь", "Лілія", ""),
        ("Коваленко", "Олег", ""),
        ("Бондар", "Єва", ""),
    ]
    page.say("given_name", "surname", "patronymic", "born_on")
    assert page.values("patronymic")[:3] == [("Романівна",), ("Іванович",), ("",)]


def test_a_line_without_anything_in_the_columns_taken_is_told(begin):
    page = begin(book(("Учні", [[*HEAD, "Примітка"], [*FIRST, "а"], ["", "", "", "", "Разом 1"]])))
    page.say("full_name", "born_on", "sex", "class", "")
    assert page.values("surname") == [("Ґудзь",)]
    assert page.draft.unread.startswith("Не прочитано рядок 3: у вибраних стовпцях")


def test_two_columns_that_would_say_the_same_are_asked_about(begin):
    head = ["ПІБ", "Дата народження", "Документ", "Серія", "Номер"]
    page = begin(book(("Учні", [head, [*FIRST[:2], "свідоцтво", "I-СГ", "390490"]])))
    assert page.asked
    refused = page.say("full_name", "born_on", "document", "document_series", "document_number")
    assert "про те саме" in refused.content.decode()
    page.say("full_name", "born_on", "document_type", "document_series", "document_number")
    assert page.values("document", "document_type") == [("I-СГ 390490", "свідоцтво")]


def test_a_column_named_number_with_numbers_of_documents_is_asked_about(begin):
    assert begin(book(("Учні", [["Номер", *HEAD], ["390490", *FIRST]]))).asked
