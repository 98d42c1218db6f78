"""Uploaded and pasted tables: what is read, what is refused before it can hurt."""

from __future__ import annotations

import datetime
import io
import zipfile

import pytest
import xlsxwriter

from kernel.tables import reading
from kernel.tables.headings import recognise
from kernel.tables.reading import UnreadableTable
from registry.movements.enrol.headings import HEADINGS, to_rows

HEAD = ["№", "ПІБ", "Дата народження", "Стать", "Серія", "Номер", "Клас"]
ROWS = [
    [1, "Василенко Іван Петрович", datetime.date(2015, 9, 10), "М", "I-ТП", 10443, "5-Б"],
    [2, "Ґудзь Лілія", "19.10.2015", "Ж", "I-ТП", "390490", "5-А"],
]


def xlsx(rows, formulas=(), title_rows=0) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("Учні")
    date = book.add_format({"num_format": "dd.mm.yyyy"})
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if isinstance(value, datetime.date):
                sheet.write_datetime(
                    r + title_rows, c, datetime.datetime.combine(value, datetime.time()), date
                )
            else:
                sheet.write(r + title_rows, c, value)
    for r, c, formula in formulas:
        sheet.write_formula(r, c, formula, None, "Обчислене")
    book.close()
    return out.getvalue()


def rows_of(table):
    found = recognise(table, HEADINGS)
    return to_rows(table[found.first :], found.columns), found.sure


def read(content):
    (sheet,) = reading.read(content).sheets
    return sheet.rows


def test_a_workbook_becomes_rows_by_the_names_of_its_columns():
    rows, sure = rows_of(read(xlsx([HEAD, *ROWS])))
    assert sure
    assert rows[0] == {
        "surname": "Василенко",
        "given_name": "Іван",
        "patronymic": "Петрович",
        "born_on": "10.09.2015",
        "sex": "М",
        "document": "I-ТП 10443",
        "class": "5-Б",
    }
    assert rows[1]["given_name"] == "Лілія"


def test_a_head_with_commas_is_divided_by_the_mark_that_stands_in_every_line():
    text = "Прізвище, ім'я, по батькові;Дата народження\nКоваль Олег Іванович;01.02.2015\n"
    rows, sure = rows_of(read(text.encode()))
    assert sure
    assert rows[0]["surname"] == "Коваль"
    assert rows[0]["born_on"] == "01.02.2015"


def test_a_formula_arrives_as_a_formula_so_that_it_is_refused_in_its_cell():
    content = xlsx([HEAD, *ROWS], formulas=[(1, 1, "=A1&B1")])
    table = read(content)
    assert table[1][1].startswith("=")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize("mark", [";", ",", "\t"])
def test_text_tables_are_read_in_every_usual_encoding(encoding, mark):
    text = "\r\n".join(
        mark.join(line)
        for line in (
            ["Прізвище", "Імʼя".replace("ʼ", "'"), "Дата народження"],
            ["Їжакевич", "Ганна", "01.02.2016"],
        )
    )
    rows, sure = rows_of(read(text.encode(encoding)))
    assert sure
    assert rows == [{"surname": "Їжакевич", "given_name": "Ганна", "born_on": "01.02.2016"}]


def test_headings_may_stand_below_a_title():
    table = read(xlsx([["Список новоприбулих"], [], HEAD, *ROWS]))
    rows, sure = rows_of(table)
    assert sure
    assert len(rows) == 2


def test_an_unknown_filled_column_is_asked_about_and_not_guessed():
    table = read("Прізвище;Імʼя;Дата народження;Шкідливе\nА;Б;01.01.2015;щось".encode())
    assert rows_of(table)[1] is False
    table = read("Василенко;Іван;Петрович;10.09.2015\nҐудзь;Лілія;Романівна;19.10.2015".encode())
    rows, sure = rows_of(table)
    assert not sure
    assert rows[0] == {
        "surname": "Василенко",
        "given_name": "Іван",
        "patronymic": "Петрович",
        "born_on": "10.09.2015",
    }


def test_a_pasted_block_keeps_quotes_and_blank_cells():
    table = reading.read_pasted('Василенко\tІван\t\t10.09.2015\n"Ґудзь"\tЛілія\t\t19.10.2015\n\n')
    assert table == [["Василенко", "Іван", "", "10.09.2015"], ["Ґудзь", "Лілія", "", "19.10.2015"]]


def refusal(content):
    with pytest.raises(UnreadableTable) as told:
        reading.read(content)
    assert told.value.detail
    return told.value.code


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"%PDF-1.7 ...", "not_a_table"),
        (b"\x89PNG\r\n\x1a\n", "not_a_table"),
        (b"MZ\x90\x00", "not_a_table"),
        (b"\x00\x01\x02\x03" * 50, "not_a_table"),
        (bytes(range(128, 256)) * 20, "unknown_encoding"),
        (b"PK\x03\x04 cut short", "damaged_file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 100, "damaged_file"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "encrypted_file",
        ),
        (b"a;b\n" * 6000, "too_many_rows"),
        (b"x" * (reading.MAX_BYTES + 1), "file_too_large"),
    ],
)
def test_what_is_no_table_is_refused_with_a_reason(content, code):
    assert refusal(content) == code


def repacked(changes: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx([HEAD, *ROWS]))) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            target.writestr(name, changes.pop(name, None) or source.read(name))
        for name, content in changes.items():
            target.writestr(name, content)
    return out.getvalue()


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    assert refusal(repacked({"xl/media/a.bin": b"\x00" * (80 * 1024 * 1024)})) == "zip_bomb"


def test_a_bomb_that_lies_about_its_size_is_refused():
    honest = repacked({"xl/media/a.bin": b"\x00" * (80 * 1024 * 1024)})
    with zipfile.ZipFile(io.BytesIO(honest)) as package:
        info = package.getinfo("xl/media/a.bin")
    lying = honest.replace(info.file_size.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert refusal(lying) in {"damaged_file", "zip_bomb"}


def test_two_cells_in_opposite_corners_do_not_reserve_the_whole_sheet():
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1"><v>1</v></c></row>'
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    )
    assert refusal(repacked({"xl/worksheets/sheet1.xml": sheet})) == "too_many_rows"
    wide = sheet.replace(b"1048576", b"2")
    assert refusal(repacked({"xl/worksheets/sheet1.xml": wide})) == "too_many_columns"


def test_entities_in_a_sheet_are_refused():
    sheet = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'
    assert refusal(repacked({"xl/worksheets/sheet1.xml": sheet})) == "damaged_file"


def test_a_word_document_is_told_from_a_table():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("word/document.xml", "<w/>")
    assert refusal(out.getvalue()) == "not_a_table"
