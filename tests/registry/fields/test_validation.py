"""The rules for cells: vectors of handbook C, and properties."""

from __future__ import annotations

import datetime
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.tables import dates
from kernel.tables.cells import storable
from registry.fields import contacts, documents, labels, names, numbers
from registry.movements.enrol import rows

TODAY = datetime.date(2026, 11, 22)
CLASSES = labels.Classes(
    [
        labels.ClassRef(1, 5, "А"),
        labels.ClassRef(2, 5, "Б"),
        labels.ClassRef(3, 1, "1"),
        labels.ClassRef(4, 11, ""),
    ],
    "2026-2027",
)
FRAME = rows.Frame(TODAY, datetime.date(2026, 9, 1), CLASSES)
GOOD = {
    "surname": "Василенко",
    "given_name": "Іван",
    "patronymic": "Петрович",
    "born_on": "10.09.2015",
    "sex": "М",
    "document": "I-ТП 319338",
    "class": "5-Б",
    "relation": "мати",
    "applicant": "Василенко Любов Романівна",
    "phone": "(067) 853-16-16",
}


def problems(**changes: str) -> dict[str, rows.Problem]:
    return {p.key: p for p in rows.check(GOOD | changes, FRAME).problems}


def test_a_good_row_has_no_problems_and_is_normalised():
    checked = rows.check(GOOD, FRAME)
    assert checked.problems == ()
    clean = checked.clean
    assert (clean.born_on, clean.sex, clean.class_ref.label) == (
        datetime.date(2015, 9, 10),
        "M",
        "5-Б",
    )
    assert (clean.document.series, clean.document.number) == ("I-ТП", "319338")
    assert clean.applicant.phone == "+380678531616"
    assert clean.rnokpp_state == "NOT_ASSIGNED"


@pytest.mark.parametrize(
    ("number", "born", "sex"),
    [
        ("0000100010", "1900-01-01", "M"),
        ("0000100027", "1900-01-01", "F"),
        ("7146712358", "2095-09-01", "M"),
        ("7146712341", "2095-09-01", "F"),
        ("6945600109", "2090-02-28", "F"),
        ("7304999992", "2099-12-31", "M"),
        ("7146700080", "2095-09-01", "F"),
    ],
)
def test_a_number_of_the_handbook_is_valid_and_tells_birth_and_sex(number, born, sex):
    assert numbers.rnokpp_is_valid(number)
    assert numbers.rnokpp_tells(number) == (datetime.date.fromisoformat(born), sex)


@pytest.mark.parametrize("number", ["7146712359", "0000000000", "714671234", "71467123410"])
def test_a_wrong_number_is_an_error(number):
    assert not numbers.rnokpp_is_valid(number)
    found = numbers.check_rnokpp("rnokpp", number, born_on=None, sex=None)
    assert found.value is None
    assert found.problems[0].level == "error"


@given(st.integers(0, 99999), st.integers(0, 9999))
def test_any_single_wrong_digit_of_a_number_is_mostly_caught_and_never_crashes(days, serial):
    body = f"{days:05d}{serial:04d}"
    number = body + str(numbers.rnokpp_check_digit(body))
    if number == "0000000000":
        return
    assert numbers.rnokpp_is_valid(number)
    assert not numbers.rnokpp_is_valid(body + str((int(number[9]) + 1) % 10))


def test_a_number_that_contradicts_birth_and_sex_is_only_doubted():
    found = numbers.check_rnokpp(
        "rnokpp", "7146712358", born_on=datetime.date(2015, 9, 10), sex="F"
    )
    assert found.value == ("7146712358", "VALUE")
    assert {(p.code, p.level) for p in found.problems} == {
        ("other_birth_date", "warning"),
        ("other_sex", "warning"),
    }


def test_excel_losing_the_first_nought_is_recognised():
    found = numbers.check_rnokpp("rnokpp", "100010", born_on=None, sex=None)
    assert found.problems[0].code == "shape"
    body = "041234567"
    number = body + str(numbers.rnokpp_check_digit(body))
    found = numbers.check_rnokpp("rnokpp", number[1:], born_on=None, sex=None)
    assert (found.problems[0].code, found.problems[0].fix) == ("lost_zero", number)
    found = numbers.check_rnokpp("rnokpp", "1,23E+09", born_on=None, sex=None)
    assert found.problems[0].code == "shortened_by_excel"


def test_refusing_the_number_is_a_state_of_its_own():
    assert numbers.check_rnokpp("rnokpp", "відмова", born_on=None, sex=None).value == (
        None,
        "REFUSED",
    )


@pytest.mark.parametrize(
    "unzr", ["20950901-00011", "20950901-00022", "20991231-99993", "20960229-03456"]
)
def test_an_unzr_of_the_handbook_passes(unzr):
    assert numbers.check_unzr("unzr", unzr, born_on=None).problems == ()


@pytest.mark.parametrize("unzr", ["20950229-00011", "20951301-00011", "2095090100011"])
def test_a_misformed_unzr_is_an_error(unzr):
    assert numbers.check_unzr("unzr", unzr, born_on=None).problems[0].level == "error"


def test_the_last_digit_of_an_unzr_only_warns():
    found = numbers.check_unzr("unzr", "20950901-00012", born_on=None)
    assert found.value == "20950901-00012"
    assert [(p.code, p.level) for p in found.problems] == [("check_digit", "warning")]


@pytest.mark.parametrize(
    ("typed", "series"),
    [
        ("I-СГ 123456", "I-СГ"),
        ("1-СГ 123456", "I-СГ"),
        ("ІІІ-АМ 123456", "III-АМ"),
        ("ХII-АБ 123456", "XII-АБ"),
        ("I СГ 123456", "I-СГ"),
        ("I-CE № 123456", "I-СЕ"),
        ("і-сг №123456", "I-СГ"),
        ("IСГ123456", "I-СГ"),
        ("серія І-ТП номер 123456", "I-ТП"),
    ],
)
def test_a_birth_certificate_is_brought_to_one_spelling(typed, series):
    found = documents.check("document", typed, kind=None)
    assert found.problems == ()
    assert found.value == documents.Document("BIRTH_UA", series, "123456")


def test_noughts_lost_by_excel_are_offered_back():
    (found,) = documents.check("document", "I-ТП 10443", kind=None).problems
    assert (found.code, found.fix) == ("lost_zero", "I-ТП 010443")
    assert "5 цифр" in found.detail


@pytest.mark.parametrize(
    ("typed", "kind", "shown"),
    [
        ("СТ123456", None, "СТ № 123456"),
        ("CT 123456", "PASSPORT_BOOK", "СТ № 123456"),
        ("FE123456", "PASSPORT_FOREIGN", "FE № 123456"),
        ("000123456", None, "000123456"),
        ("1234-5000123456", None, "1234-5000123456"),
        ("12345000123456", "IDP", "1234-5000123456"),
        ("900123456", "RESIDENCE_PERMANENT", "900123456"),
        ("AZ/2015-77", "BIRTH_FOREIGN", "AZ/2015-77"),
    ],
)
def test_other_documents_have_their_own_shapes(typed, kind, shown):
    found = documents.check("document", typed, kind=kind)
    assert found.problems == ()
    assert found.value.shown == shown


@pytest.mark.parametrize("typed", ["IIII-СГ 123456", "АБВ 12", "I-СЫ 123456", "I-СГ", "123"])
def test_a_misformed_document_is_an_error(typed):
    found = documents.check("document", typed, kind="BIRTH_UA")
    assert found.value is None
    assert found.problems[0].level == "error"


def test_latin_look_alikes_in_a_name_are_told_with_the_mended_name():
    found = problems(surname="Кoвaленко")["surname:latin_letters"]
    assert found.fix == "Коваленко"
    assert "«o», «a»" in found.detail
    assert found.level == "error"
    # a Latin letter that looks like none cannot be mended by a machine
    assert problems(surname="Кovalенко")["surname:latin_letters"].fix is None


def test_russian_letters_are_doubted_and_digits_refused():
    assert problems(surname="Цыбуля")["surname:russian_letters"].level == "warning"
    assert problems(given_name="0лена")["given_name:digits"].fix == "Олена"


@pytest.mark.parametrize("apostrophe", "'`’ʼ‘′\"*")
def test_every_apostrophe_becomes_one(apostrophe):
    assert names.check("given_name", f"Мар{apostrophe}яна", required=True).value == "Марʼяна"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("ІВАНЕНКО", "Іваненко"),
        ("іваненко", "Іваненко"),
        ("нечуй - левицький", "Нечуй-Левицький"),
        ("ДЕМʼЯН", "Демʼян"),
        ("  Ґудзь ", "Ґудзь"),
        (unicodedata.normalize("NFD", "Їжакевич"), "Їжакевич"),
        ("Гасан огли", "Гасан огли"),
        ("Мар ʼяна", "Марʼяна"),
    ],
)
def test_names_are_brought_to_one_spelling(typed, kept):
    assert names.check("surname", typed, required=True).value == kept


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("10.09.2015", "2015-09-10"),
        ("1.9.2015", "2015-09-01"),
        ("01/09/2015", "2015-09-01"),
        ("2015-09-01", "2015-09-01"),
        ("2015-09-01 00:00:00", "2015-09-01"),
        ("01.09.2015 р.", "2015-09-01"),
        ("1 вересня 2015 року", "2015-09-01"),
        ("01092015", "2015-09-01"),
        ("01.03.2019 0:00:00", "2019-03-01"),
        ("01.03.2019, 00:00", "2019-03-01"),
        ("2019-03-01T00:00:00Z", "2019-03-01"),
        ("2019-03-01T10:30:00+02:00", "2019-03-01"),
        ("2019/03/01", "2019-03-01"),
        ("29.02.2016", "2016-02-29"),
        ("20190301", "2019-03-01"),
        ("01 . 03 . 2019", "2019-03-01"),
        ("О1.03.2О19", "2019-03-01"),  # letters for noughts
        ("01.ІІІ.2019", "2019-03-01"),  # Ukrainian letters, as old certificates have it
        ("«01» березня 2019 року", "2019-03-01"),
        ("1 бер. 2019", "2019-03-01"),
    ],
)
def test_dates_are_read_as_people_write_them(typed, day):
    assert dates.parse("born_on", typed).value == datetime.date.fromisoformat(day)


@pytest.mark.parametrize(
    ("typed", "day", "code"),
    [
        ("2019-02-28T22:00:00.000Z", "2019-03-01", "time_zone"),  # midnight in Kyiv in winter
        ("2019-06-30T21:00:00Z", "2019-07-01", "time_zone"),  # and in summer
        ("2019-06-30T21:00:00+00:00", "2019-07-01", "time_zone"),
        ("28.02.2019 22:00:00 UTC", "2019-03-01", "time_zone"),
        ("2019-03-01T01:00:00+0500", "2019-02-28", "time_zone"),
        ("28.02.2019 22:00", "2019-02-28", "time_of_day"),
        ("2019-02-28 21:00:00", "2019-02-28", "time_of_day"),
        ("43525.9166", "2019-03-01", "excel_serial"),
    ],
)
def test_a_date_that_may_be_another_day_is_doubted(typed, day, code):
    read = dates.parse("born_on", typed)
    assert read.value == datetime.date.fromisoformat(day)
    assert [(one.code, one.level) for one in read.problems] == [(code, "warning")]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("01.09.98", "01.09.1998"), ("1/9/15", "01.09.2015"), ("01.09.27", "01.09.1927"),
     ("01.09.26 р.", "01.09.2026"), ("29.02.15", None)],
)  # fmt: skip
def test_a_year_of_two_digits_is_asked_about_and_never_in_the_future(typed, offered):
    (told,) = dates.parse("born_on", typed, today=TODAY).problems
    assert (told.code, told.level, told.fix) == ("two_digit_year", "error", offered)


@pytest.mark.parametrize("typed", ["29.02.2015", "31.04.2016", "00.01.2016", "2015-02-29", "2/29/2015"])  # fmt: skip
def test_a_day_that_no_month_has_is_an_error(typed):
    (told,) = dates.parse("born_on", typed).problems
    assert told.code == "impossible_date"


@pytest.mark.parametrize("typed", ["6.71E+08", "6,71E+08", "6E+08", "2,0150901E+12", "6.71E8"])
@pytest.mark.parametrize("column", ["phone", "rnokpp", "document", "unzr", "applicant_rnokpp"])
def test_a_number_that_a_spreadsheet_shortened_is_told_in_every_column(typed, column):
    assert f"{column}:shortened_by_excel" in problems(**{column: typed})


def test_an_impossible_date_says_why():
    assert "31.02.2016 не існує: у лютому 2016 року 29 днів" in (
        problems(born_on="31.02.2016")["born_on:impossible_date"].detail
    )
    assert "місяця 13 немає" in problems(born_on="01.13.2015")["born_on:impossible_date"].detail


def test_an_excel_serial_becomes_a_date_to_confirm():
    found = problems(born_on="42257")["born_on:excel_serial"]
    assert (found.level, found.fix) == ("warning", "10.09.2015")


def test_an_age_far_from_the_grade_is_doubted_and_a_future_birth_refused():
    assert problems(born_on="10.09.2006")["born_on:age_for_grade"].level == "warning"
    assert problems(born_on="10.09.2027")["born_on:future_date"].level == "error"
    assert "born_on:age_for_grade" not in problems(born_on="31.12.2015")


@pytest.mark.parametrize(
    ("typed", "label"),
    [("5-А", "5-А"), ("5а", "5-А"), ("5 A", "5-А"), ("V-Б", "5-Б"), ("5 (Б)", "5-Б"),
     ("5-б клас", "5-Б"), ("1-1", "1-1"), ("11", "11"), ("ХІ", "11")],
)  # fmt: skip
def test_a_class_is_found_by_whatever_people_write(typed, label):
    assert labels.check("class", typed, CLASSES).value.label == label


def test_an_absent_class_names_those_that_exist():
    found = problems(**{"class": "5-Д"})["class:no_such_class"]
    assert "5-А, 5-Б" in found.detail
    assert labels.check("class", "01.01.2026", CLASSES).problems[0].fix == "1-1"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0671234567", "+380671234567"),
        ("О67-123-45-67", "+380671234567"),  # a letter for nought
        ("380671234567", "+380671234567"),
        ("(067) 123-45-67", "+380671234567"),
        ("+38 067 123 45 67", "+380671234567"),
        ("671234567", "+380671234567"),
        ("671234567.0", "+380671234567"),
        ("+48123456789", "+48123456789"),
        ("", ""),
    ],
)
def test_phones_become_e164(typed, kept):
    assert contacts.check_phone("phone", typed).value == kept


@pytest.mark.parametrize("typed", ["12345", "06712345678", "телефон", "+1"])
def test_a_misformed_phone_is_an_error(typed):
    assert contacts.check_phone("phone", typed).value is None


@pytest.mark.parametrize("typed", ["=A1+B1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-HYPERLINK(1)"])
@pytest.mark.parametrize(
    "field", ["surname", "born_on", "document", "class", "applicant", "address"]
)
def test_a_formula_in_any_cell_is_refused(field, typed):
    assert problems(**{field: typed})[f"{field}:formula"].level == "error"


def test_control_characters_are_shown_and_refused():
    typed = storable("Іва\x00ненко\u200b")
    assert typed == "Іва\ufffdненко"
    found = problems(surname=typed)["surname:control_characters"]
    assert found.fix == "Іваненко"


def test_sex_is_read_and_suggested_from_the_patronymic():
    assert problems(sex="")["sex:required"].fix == "Ч"
    assert problems(sex="ж")["sex:against_patronymic"].level == "warning"
    assert rows.check(GOOD | {"sex": "хлопець"}, FRAME).clean.sex == "M"


def test_an_applicant_is_needed_unless_the_pupil_applies_personally():
    assert "applicant:required" in problems(applicant="")
    assert problems(relation="")["relation:required"].fix == "Мати"
    personally = rows.check(GOOD | {"applicant": "", "relation": "особисто"}, FRAME)
    assert personally.clean.applicant.relation == "SELF"
    assert problems(applicant="Кравченко Л. Р.")["applicant:initials"].level == "warning"
    both = problems(applicant="Кравчыня Л.")  # one doubt does not hide the other
    assert {"applicant:initials", "applicant:russian_letters"} <= set(both)
    assert problems(applicant="Крaвченко Любов")["applicant:latin_letters"].fix == "Кравченко Любов"


def test_a_fix_mends_what_it_was_offered_for():
    for field, typed in {
        "surname": "Кoвaленко",
        "document": "I-ТП 10443",
        "born_on": "42257",
        "applicant": "Крaвченко Любов",
    }.items():
        found = next(
            p for p in rows.check(GOOD | {field: typed}, FRAME).problems if p.field == field
        )
        assert found.key not in problems(**{field: found.fix})


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from([c.name for c in rows.COLUMNS]), st.text(max_size=40)))
def test_no_text_whatever_crashes_a_rule(values):
    checked = rows.check({k: storable(v) for k, v in values.items()}, FRAME)
    assert (checked.clean is None) == any(p.level == "error" for p in checked.problems)
    for problem in checked.problems:
        assert problem.field in rows.BY_NAME
        assert problem.detail


@given(st.text(alphabet=names.UKRAINIAN + "ʼ'’- ", max_size=30))
def test_normalising_a_name_twice_changes_nothing(text):
    once = names.normal(text)
    assert names.normal(once) == once


@given(st.dates(datetime.date(1930, 1, 1), datetime.date(2026, 1, 1)))
def test_a_shown_date_reads_back(day):
    assert dates.parse("born_on", dates.show(day)).value == day
    assert dates.parse("born_on", day.isoformat()).value == day


def test_an_address_of_mail_with_letters_that_only_look_latin_is_told():
    (told,) = contacts.check_email("email", "mаma@example.com").problems  # the first «а» is ours
    assert (told.level, told.fix) == ("error", "mama@example.com")
    assert contacts.check_email("email", "mailto:mama@example.com").value == "mama@example.com"
