"""Files of every kind people keep tables in: nothing is lost on the way in, or it is told."""

import contextlib
import datetime
import io
import zipfile

import pytest
import xlsxwriter
import xlwt

from kernel.tables import reading
from kernel.tables.reading import UnreadableTable

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def xlsx(fill, *more):
    """A workbook: `fill(book, sheet)` writes into its first sheet «Учні»; `more` are names of others."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        fill(book, book.add_worksheet("Учні"))
        for name in more:
            book.add_worksheet(name).write_string(0, 0, "ще")
    return out.getvalue()


def repacked(content, **parts):
    """The same package with parts (by the end of their names) put in place of its own."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            stem = name.rsplit("/")[-1].partition(".")[0]
            target.writestr(name, parts.get(stem) or source.read(name))
    return out.getvalue()


def raw_xlsx(cells, head=""):
    """A workbook whose sheet is written by hand, as programs other than Excel write it."""
    sheet = f'<worksheet xmlns="{MAIN}">{head}<sheetData>{cells}</sheetData></worksheet>'
    return repacked(xlsx(lambda b, s: s.write(0, 0, "а")), sheet1=sheet.encode())


def ods(*tables, styles="", mimetype="application/vnd.oasis.opendocument.spreadsheet"):
    names = {
        name: f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"
        for name in ("office", "table", "text", "style")
    }
    spaces = " ".join(f'xmlns:{name}="{uri}"' for name, uri in names.items())
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("mimetype", mimetype)
        package.writestr(
            "content.xml",
            f"<office:document-content {spaces}><office:automatic-styles>{styles}"
            f"</office:automatic-styles><office:body><office:spreadsheet>{''.join(tables)}"
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return out.getvalue()


def table(*rows, name="Учні", style=""):
    return (
        f'<table:table table:name="{name}" table:style-name="{style}">{"".join(rows)}</table:table>'
    )


def row(*cells, more=""):
    return f"<table:table-row {more}>{''.join(cells)}</table:table-row>"


def cell(text="", **has):
    spaces = {"value": "office", "value_type": "office", "date_value": "office"}
    given = " ".join(
        f'{spaces.get(key, "table")}:{key.replace("_", "-")}="{value}"'
        for key, value in has.items()
    )
    inside = "".join(f"<text:p>{line}</text:p>" for line in text.split("\n")) if text else ""
    return f"<table:table-cell {given}>{inside}</table:table-cell>"


def xls(fill):
    book = xlwt.Workbook()
    fill(book, book.add_sheet("Учні"))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def cells(content):
    (sheet,) = reading.read(content).sheets
    return sheet.rows


def refusal(content):
    with pytest.raises(UnreadableTable) as told:
        reading.read(content)
    return told.value


# ── ODS, XLS ─────────────────────────────────────────────────────────────────
def test_an_opendocument_table_is_read_as_its_cells_hold_it():
    content = ods(
        table(
            row(cell("Ґудзь"), cell("10.09.15", value_type="date", date_value="2015-09-10")),
            row(cell("6,71E8", value_type="float", value="671111111"), cell("так")),
            row(cell(), more='table:number-rows-repeated="3"'),
            row(cell(number_columns_repeated="2"), cell("вул. Перша\nбуд. 1")),
            row(cell("#N/A", formula="of:=VLOOKUP(1)", value_type="string")),
            row(cell(number_columns_repeated="16384"), more='table:number-rows-repeated="1048000"'),
        )
    )
    assert cells(content) == [
        ["Ґудзь", "2015-09-10"],
        ["671111111", "так"],
        *([],) * 3,
        ["", "", "вул. Перша буд. 1"],
        ["=VLOOKUP(1)"],
    ]


def test_hidden_sheets_rows_and_columns_of_an_opendocument_table_are_told():
    hidden = (
        '<style:style style:name="h"><style:table-properties table:display="false"/></style:style>'
    )
    content = ods(
        table(
            '<table:table-column table:visibility="collapse"/>',
            row(cell("а")),
            row(cell("б"), more='table:visibility="filter"'),
        ),
        table(row(cell("довідник")), name="Довідник", style="h"),
        styles=hidden,
    )
    book = reading.read(content)
    (sheet,) = book.sheets
    assert (sheet.hidden_rows, sheet.hidden_columns) == ({1}, {0})
    assert book.unread(sheet) == "Не прочитано: «Довідник» (прихований)"


def test_a_book_of_old_excel_is_read_with_its_errors_formulas_and_hidden_sheets():
    def fill(book, sheet):
        day = xlwt.easyxf(num_format_str="DD.MM.YYYY")
        sheet.write(0, 0, "Ґудзь")
        sheet.write(0, 1, datetime.date(2015, 9, 10), day)
        sheet.write(0, 2, 671111111)
        sheet.row(1).set_cell_error(1, 0x2A)
        sheet.write(2, 0, xlwt.Formula('"А"&"Б"'))
        sheet.write(4, 0, "під порожнім")
        sheet.row(4).hidden = True
        hidden = book.add_sheet("Довідник")
        hidden.write(0, 0, "x")
        hidden.visibility = 2

    book = reading.read(xls(fill))
    (sheet,) = book.sheets
    assert sheet.rows == [
        ["Ґудзь", "10.09.2015", "671111111"],
        ["", "#N/A"],
        ["=формула"],
        [],
        ["під порожнім"],
    ]
    assert sheet.hidden_rows == {4}
    assert book.unread(sheet) == "Не прочитано: «Довідник» (прихований)"


def test_a_spoilt_book_of_old_excel_is_refused_and_never_falls():
    def fill(book, sheet):
        for row in range(40):
            sheet.write(row, 0, "Ґудзь")
            sheet.write(row, 1, row * 1.5)

    whole = xls(fill)
    for place in range(0x200, 0x200 + 1200, 7):
        spoilt = bytearray(whole)
        spoilt[place : place + 2] = b"\xff\xff"
        with contextlib.suppress(UnreadableTable):
            reading.read(bytes(spoilt))


def test_dates_of_a_book_that_counts_from_1904_are_the_same_days():
    def fill(book, sheet):
        book.dates_1904 = True
        sheet.write(0, 0, datetime.date(2015, 9, 10), xlwt.easyxf(num_format_str="DD.MM.YYYY"))

    assert cells(xls(fill)) == [["10.09.2015"]]


@pytest.mark.parametrize(
    ("content", "way_out"),
    [
        (b"<html><table><tr><td>\xd0\x90</td></tr></table></html>", "збережіть як «Книга Excel"),
        (b'<?xml version="1.0"?><Workbook><Worksheet/></Workbook>', "збережіть як «Книга Excel"),
        (b'[{"a": 1}]', "Приймаємо XLSX"),
        (ods(mimetype="application/vnd.oasis.opendocument.text"), "Приймаємо XLSX"),
        (repacked(xlsx(lambda b, s: None), workbook=b"<x/>"), "збережіть як XLSX"),
    ],
)
def test_what_only_looks_like_a_table_is_refused_with_a_way_out(content, way_out):
    assert way_out in refusal(content).detail


def test_what_is_cut_short_is_refused_as_damaged_and_never_falls():
    whole = xls(lambda book, sheet: [sheet.write(r, 0, "Ґудзь") for r in range(500)])
    opened = ods(table(row(cell("Ґудзь"))))
    for content in (whole, opened):
        for cut in range(100, len(content), len(content) // 25):
            assert refusal(content[:cut]).code in {"damaged_file", "not_a_table"}


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([row(cell("а"), more='table:number-rows-repeated="1048576"')], "too_many_rows"),
        ([row(cell("а", number_columns_repeated="16384"))], "too_many_columns"),
        ([row(cell(number_columns_repeated="16000"), cell("а"))], "too_many_columns"),
        (
            [row(), row(more='table:number-rows-repeated="1000000"'), row(cell("а"))],
            "too_many_rows",
        ),
    ],
)
def test_an_opendocument_table_without_end_is_refused_before_it_is_unfolded(rows, code):
    assert refusal(ods(table(*rows))).code == code


# ── what stands in cells ─────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "told", ["#N/A", "#REF!", "#DIV/0!", "#NAME?", "#NUM!", "#VALUE!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA"]
)  # fmt: skip
def test_every_error_of_a_cell_arrives_as_itself(told):
    read = cells(
        raw_xlsx(f'<row r="1"><c r="A1"><v>1</v></c><c r="B1" t="e"><v>{told}</v></c></row>')
    )
    assert read == [["1", told]]


@pytest.mark.parametrize(
    "inside",
    [
        "<f>A1&amp;B1</f>",
        "<f>1/0</f><v></v>",
        '<f t="shared" si="0"/><v>5</v>',
        '<f t="array" ref="A1:A2">A1</f><v>5</v>',
    ],
)
def test_a_formula_is_a_formula_with_a_result_and_without(inside):
    (line,) = cells(raw_xlsx(f'<row r="1"><c r="A1" t="str">{inside}</c></row>'))
    assert line[0].startswith("=")


def test_a_time_beside_a_date_is_not_cut_off():
    def fill(book, sheet):
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        sheet.write_datetime(0, 0, datetime.datetime.fromisoformat("2019-02-28T22:00"), day)
        sheet.write_datetime(0, 1, datetime.datetime.fromisoformat("2019-02-28"), day)

    assert cells(xlsx(fill)) == [["28.02.2019 22:00", "28.02.2019"]]


def test_a_cell_merged_downwards_stands_in_every_row_it_reaches_over():
    def fill(book, sheet):
        sheet.merge_range("A1:B1", "Список")
        sheet.merge_range("B2:B4", "5-А")
        for at, name in enumerate(["Ґудзь", "Коваль", "Бондар"], start=1):
            sheet.write(at, 0, name)
        sheet.merge_range("A6:A9", "Разом")

    assert cells(xlsx(fill)) == [
        ["Список"], ["Ґудзь", "5-А"], ["Коваль", "5-А"], ["Бондар", "5-А"], [], ["Разом"],
    ]  # fmt: skip


def test_hidden_and_filtered_rows_and_columns_are_read_and_told():
    def fill(book, sheet):
        for at in range(4):
            sheet.write_row(at, 0, [f"дитина {at}", "x"])
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.set_column("B:B", None, None, {"hidden": True})
        sheet.set_column("Z:XFD", None, None, {"hidden": True})

    (sheet,) = reading.read(xlsx(fill)).sheets
    assert len(sheet.rows) == 4
    assert (sheet.hidden_rows, sheet.hidden_columns) == ({2}, {1})


@pytest.mark.parametrize("hide", [True, False])
def test_a_reference_sheet_too_large_to_read_does_not_stop_the_table_beside_it(hide):
    def fill(book, sheet):
        sheet.write(0, 0, "Ґудзь")
        other = book.add_worksheet("Довідник")
        for at in range(6000):
            other.write(at, 0, at)
        if hide:
            other.hide()

    book = reading.read(xlsx(fill))
    (sheet,) = book.sheets
    assert sheet.rows == [["Ґудзь"]]
    why = "прихований" if hide else "завеликий"
    assert book.unread(sheet) == f"Не прочитано: «Довідник» ({why})"


def test_a_chart_sheet_between_sheets_does_not_shift_what_is_said_of_them():
    def fill(book, sheet):
        sheet.write(0, 0, 1)
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"values": "=Учні!$A$1:$A$1"})
        book.add_chartsheet("Діаграма").set_chart(chart)
        book.add_worksheet("Інші").write_formula(0, 0, "=1+1")

    assert [(one.name, one.rows) for one in reading.read(xlsx(fill)).sheets] == [
        ("Учні", [["1"]]),
        ("Інші", [["=1+1"]]),
    ]


# ── text ─────────────────────────────────────────────────────────────────────
NAMES = [["Прізвище", "Адреса", "Телефон"], ["Ґудзь", "вул. Перша", "067"], ["Їжак", "вул. Друга", "068"]]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16", "utf-16-le", "utf-16-be"])  # fmt: skip
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [";", ",", "\t", "|"])
def test_text_is_read_in_every_encoding_with_every_line_end(encoding, end, mark):
    text = end.join(mark.join(line) for line in NAMES)
    assert cells(text.encode(encoding)) == NAMES


def test_the_first_line_in_which_excel_names_the_delimiter_is_not_data():
    assert cells("sep=;\r\nа;б\r\nв;г".encode()) == [["а", "б"], ["в", "г"]]


def test_line_ends_and_delimiters_inside_quotes_are_characters_where_only_that_reading_fits():
    text = 'Ґудзь;"вул. Перша;\nбуд. 1";067\nЇжак;"вул. Друга, 2";068\nКіт;а;"б ""в"" г"\n'
    assert cells(text.encode()) == [
        ["Ґудзь", "вул. Перша; буд. 1", "067"],
        ["Їжак", "вул. Друга, 2", "068"],
        ["Кіт", "а", 'б "в" г'],
    ]


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        (
            ['а;"б;в', 'г";д;е', "є;ж;з"],
            1,
        ),  # closes in the next line: one row of three would be left
        (["а;б;в", '"г;д;е', 'є;ж;з"'], 2),  # first cell to last cell
        (["а;б;в", 'г;"д;е"', "є;ж;з"], 2),  # on one line: a cell would be gone
    ],
)
def test_two_stray_marks_that_make_a_pair_are_refused_with_their_line(lines, number):
    no = refusal("\n".join(lines).encode())
    assert no.code == "unclear_quotes"
    assert f"У рядку {number} " in no.detail
    assert "Приберіть" in no.detail


@pytest.mark.parametrize("quoted", ["«Основа»", "“Основа”", "„Основа“", "'Основа'", '"Основа" №1', '2"', '"'])  # fmt: skip
@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize("mark", [";", "\t"])
def test_other_quotation_marks_and_one_without_its_pair_are_characters(quoted, at, mark):
    rows = [["а", "б", "в"], ["г", "д", "е"], ["є", "ж", "з"]]
    rows[1][at] = quoted
    assert cells("\n".join(mark.join(line) for line in rows).encode()) == rows


def test_commas_and_semicolons_of_copied_cells_stay_in_their_cell():
    column = "I-СГ 900100, видано 01.02.2020\nI-СГ 900101, видано 01.02.2020"
    assert reading.read_block(column) == [[line] for line in column.split("\n")]
    assert reading.read_block("0671111111; 0672222222") == [["0671111111; 0672222222"]]
    assert reading.read_pasted("а\tвул. Перша, 1\nб\tвул. Друга, 2\nв\tг, ґ") == [
        ["а", "вул. Перша, 1"],
        ["б", "вул. Друга, 2"],
        ["в", "г, ґ"],
    ]
