"""Tables in and out: every cell keeps its place, nothing is swallowed, nothing is silently blank."""

import contextlib
import csv
import io
import time
import zipfile

import pytest
import xlsxwriter
from hypothesis import assume, given, settings
from hypothesis import strategies as some

from kernel.tables import reading
from kernel.tables.cells import common, storable
from kernel.tables.reading import UnreadableTable
from kernel.tables.writing import Column, Sheet, workbook

CELL = some.text(
    some.sampled_from('абвґ «»"\'’.№#-=+@09;,\t'), max_size=12
).map(storable)  # fmt: skip


def trimmed(rows):
    """What is left of a table when nothing below and right of its last filled cells counts."""
    table = [list(row) for row in rows]
    for row in table:
        while row and not row[-1]:
            row.pop()
    while table and not table[-1]:
        table.pop()
    return table


def book_of(**sheets):
    """A workbook of sheets of text cells."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for down, row in enumerate(rows):
            for at, cell in enumerate(row):
                sheet.write_string(down, at, cell) if cell else sheet.write_blank(down, at, None)
    book.close()
    return out.getvalue()


# ── holes ────────────────────────────────────────────────────────────────────
@given(cells=some.lists(some.sampled_from(["", "0671111111", "Ґудзь"]), min_size=1, max_size=20))
def test_a_pasted_column_keeps_every_cell_at_its_row(cells):
    assume(any(cells))
    read = reading.read_pasted("\r\n".join(cells) + "\r\n")
    assert [row[0] if row else "" for row in read] == [row[0] if row else "" for row in trimmed([[c] for c in cells])]  # fmt: skip


@given(rows=some.lists(some.lists(some.sampled_from(["", "а", "б"]), min_size=2, max_size=5), min_size=1, max_size=8))  # fmt: skip
def test_a_pasted_block_keeps_every_cell_at_its_place(rows):
    assume(any(any(row) for row in rows))
    read = reading.read_pasted("\n".join("\t".join(row) for row in rows))
    assert read == trimmed(rows)


@given(rows=some.lists(some.lists(some.sampled_from(["", "а", "б; в", "г, ґ"]), min_size=3, max_size=3), min_size=1, max_size=8))  # fmt: skip
def test_a_block_for_a_place_in_a_table_is_a_rectangle_with_its_blank_cells(rows):
    text = "\r\n".join("\t".join(row) for row in rows)
    assert reading.read_block(text) == rows
    assert reading.read_block(text + "\r\n") == rows


@settings(max_examples=25, deadline=None)
@given(rows=some.lists(some.lists(CELL, min_size=1, max_size=4), min_size=1, max_size=6))
def test_what_is_written_as_a_workbook_reads_back_the_same(rows):
    assume(any(any(row) for row in rows))
    columns = [Column(f"К{at}") for at in range(4)]
    (sheet,) = reading.read(workbook(Sheet("Аркуш", columns, rows))).sheets
    assert sheet.rows == [["К0", "К1", "К2", "К3"], *trimmed(rows)]


# ── quotation marks ──────────────────────────────────────────────────────────
@given(
    rows=some.lists(some.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=6),
    mark=some.sampled_from("\t;"),
)
def test_a_table_written_by_a_program_reads_back_the_same(rows, mark):
    assume(any(any(row) for row in rows))
    rows = [["а", "б", "в"], *rows]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=mark).writerows(rows)
    (sheet,) = reading.read(out.getvalue().encode()).sheets
    assert sheet.rows == trimmed(rows)


@given(
    at=some.integers(0, 4),
    column=some.integers(0, 2),
    mark=some.sampled_from("\t;"),
    twice=some.booleans(),
)
def test_an_unpaired_quotation_mark_never_swallows_rows(at, column, mark, twice):
    rows = [[f"Дитина{n}", "Ліцей", f"0{n}.09.2015"] for n in range(5)]
    rows[at][column] = '"' + rows[at][column]
    if twice and at < 4:
        rows[4][column] += '"'  # a second one, so that a careless reader finds a pair
    text = "\n".join(mark.join(row) for row in rows)
    try:
        read = reading.read_pasted(text)
    except UnreadableTable as no:
        refusal = no
    else:
        assert read == rows
        return
    assert refusal.code == "unclear_quotes"
    assert f"рядку {at + 1} " in refusal.detail
    assert twice


def test_a_cell_with_line_ends_is_one_cell_and_inner_quotes_are_characters():
    text = 'а\t"вул. Перша\nбуд. 1"\tв\nЛіцей "Основа"\t"каже ""так"""\tд'
    assert reading.read_pasted(text) == [
        ["а", "вул. Перша буд. 1", "в"],
        ['Ліцей "Основа"', 'каже "так"', "д"],
    ]


def test_a_file_full_of_quotation_marks_is_read_in_a_moment():
    began = time.process_time()
    for text in ('"а' * 200_000, '"""";' * 90_000, '"\n' * 200_000):
        with contextlib.suppress(UnreadableTable):
            reading.read(text.encode())
    assert time.process_time() - began < 3


# ── sheets ───────────────────────────────────────────────────────────────────
def test_hidden_sheets_are_not_read_and_are_told():
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    book.add_worksheet("Довідник").write_string(0, 0, "не для читання")
    shown = book.add_worksheet("Учні")
    shown.write_string(0, 0, "а")
    book.add_worksheet("Порожній")
    shown.activate()
    shown.set_first_sheet()
    book.get_worksheet_by_name("Довідник").hide()
    book.close()
    read = reading.read(out.getvalue())
    (sheet,) = read.sheets
    assert (sheet.name, sheet.rows) == ("Учні", [["а"]])
    assert read.unread(sheet) == "Не прочитано: «Довідник» (прихований)"


def test_every_visible_sheet_is_there_to_be_offered():
    read = reading.read(book_of(А=[["1"]], Порожній=[], Б=[["2"]]))
    assert [sheet.name for sheet in read.sheets] == ["А", "Б"]
    assert read.unread(read.sheets[0]) == "Не прочитано: «Б»"


# ── cells ────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("told", ["#N/A", "#REF!", "#DIV/0!", "#NAME?", "#Н/Д", "#ССЫЛКА!", "#ЗНАЧ!"])  # fmt: skip
def test_an_error_of_a_spreadsheet_is_told_beside_its_cell(told):
    problem = common("phone", told)
    assert problem is not None
    assert problem.code == "spreadsheet_error"


def test_an_error_cell_arrives_as_its_error():
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1"><v>1</v></c><c r="B1" t="e"><v>#N/A</v></c></row></sheetData></worksheet>'
    )
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book_of(А=[["1"]]))) as source,
        zipfile.ZipFile(out, "w") as target,
    ):
        for name in source.namelist():
            target.writestr(name, sheet if name.endswith("sheet1.xml") else source.read(name))
    assert reading.read(out.getvalue()).sheets[0].rows == [["1", "#N/A"]]


@pytest.mark.parametrize("place", [(5999, 0), (0, 149), (9000, 3)])
@pytest.mark.parametrize("blank", ["", " ", "\u00a0"])
def test_formatted_blanks_and_spaces_are_empty(place, blank):
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    border = book.add_format({"border": 1})
    sheet.write_string(0, 0, "Ґудзь")
    if blank:
        sheet.write_string(*place, blank, border)
    else:
        sheet.write_blank(*place, None, border)
    book.close()
    assert reading.read(out.getvalue()).sheets[0].rows == [["Ґудзь"]]
