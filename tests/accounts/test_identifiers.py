"""Codes and names: the vectors of handbook C.1-C.3, and what people really type."""

import datetime

import pytest

from accounts import identifiers as ids


@pytest.mark.parametrize(
    "code",
    [
        "38621185",
        "39301337",
        "02147345",
        "99000011",
        "99000028",
        "59900012",
        "99000075",
        "59900062",
        "99000130",
    ],
)
def test_known_codes_of_legal_entities_are_valid(code: str) -> None:
    assert ids.edrpou_is_valid(code)
    assert ids.edrpou_problem(code) is None


@pytest.mark.parametrize("code", ["38621184", "02147346", "00000000", "3862118", "3862118a", ""])
def test_a_wrong_code_of_a_legal_entity_is_told(code: str) -> None:
    assert not ids.edrpou_is_valid(code)
    assert ids.edrpou_problem(code)


def test_one_wrong_digit_of_edrpou_never_passes_for_the_same_body() -> None:
    for wrong in range(10):
        assert ids.edrpou_is_valid(f"3862118{wrong}") == (wrong == 5)


@pytest.mark.parametrize(
    ("code", "born", "sex"),
    [
        ("0000100010", datetime.date(1900, 1, 1), "M"),
        ("0000100027", datetime.date(1900, 1, 1), "F"),
        ("7146712358", datetime.date(2095, 9, 1), "M"),
        ("7146712341", datetime.date(2095, 9, 1), "F"),
        ("6945600109", datetime.date(2090, 2, 28), "F"),
        ("7304999992", datetime.date(2099, 12, 31), "M"),
        ("7146700080", datetime.date(2095, 9, 1), "F"),
    ],
)
def test_a_persons_number_tells_birth_and_sex(code: str, born: datetime.date, sex: str) -> None:
    assert ids.rnokpp_is_valid(code)
    assert ids.person_code_problem(code) is None
    assert ids.rnokpp_tells(code) == (born, sex)


def test_a_persons_number_with_a_wrong_digit_is_told() -> None:
    assert "остання цифра" in str(ids.person_code_problem("7146712359"))


@pytest.mark.parametrize("passport", ["123456789", "АБ123456"])
def test_a_passport_stands_for_a_refused_number(passport: str) -> None:
    assert ids.person_code_problem(passport) is None


@pytest.mark.parametrize(
    "code", ["20950901-00011", "20950901-00022", "20991231-99993", "20960229-03456"]
)
def test_known_unzr_pass_strictly(code: str) -> None:
    assert ids.unzr_problem(code) is None
    assert ids.unzr_is_strict(code)


@pytest.mark.parametrize("code", ["20950229-00011", "20951301-00011", "2095090100011"])
def test_unzr_of_an_impossible_date_or_form_is_told(code: str) -> None:
    assert ids.unzr_problem(code)


def test_pasted_codes_lose_spaces_and_dashes() -> None:
    assert ids.bare(" 3862 1185 ") == "38621185"
    assert ids.bare("аб 123456") == "АБ123456"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  шевченко ", "Шевченко"),
        ("НЕЧУЙ - ЛЕВИЦЬКИЙ", "Нечуй-Левицький"),
        ("дем'янчук", "Демʼянчук"),
        ("де Роберті", "де Роберті"),
    ],
)
def test_names_get_one_spelling(typed: str, kept: str) -> None:
    assert ids.name(typed) == kept


def test_latin_letters_that_look_ukrainian_are_refused_with_the_right_word() -> None:
    told = ids.name_problem(ids.name("Шeвчeнкo"), "прізвище")
    assert told is not None
    assert "«e», «o»" in told
    assert "«Шевченко»" in told


def test_a_certificates_name_agrees_whatever_case_marks_and_patronymic() -> None:
    assert ids.names_agree("Демʼянчук Ганна Юріївна", "ДЕМ'ЯНЧУК ГАННА")
    assert ids.names_agree("Нечуй-Левицький Іван", "нечуй - левицький іван семенович")
    assert not ids.names_agree("Шкільна Олена Василівна", "Шкільна Ольга Василівна")
    assert not ids.names_agree("Шкільна Олена", "Шкільна")
