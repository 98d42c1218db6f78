"""Dates, numbers and words as Ukrainian pages write them."""

import datetime
from zoneinfo import ZoneInfo

import pytest

from kernel.text import phones, plural
from kernel.ui import helpers as ui
from kernel.vocative import addressed

UTC = datetime.UTC
KYIV = ZoneInfo("Europe/Kyiv")


def test_numbers_have_narrow_spaces_and_a_comma() -> None:
    assert ui.number(1234567) == "1\u202f234\u202f567"
    assert ui.number(4.55, 1) in {"4,5", "4,6"}
    assert ui.number(None) == ""
    assert ui.percent(0.9421, 1) == "94,2 %"
    assert ui.share(594, 612) == "97"
    assert ui.share(0, 0) == "0"
    assert [ui.share(done, 100_000) for done in (0, 3, 99_666, 100_000)] == ["0", "1", "99", "100"]


def test_telephones_are_told_as_people_read_them() -> None:
    assert phones("+380671234567, +48221234567") == "+380 67 123 45 67, +48221234567"


def test_moments_are_told_in_the_time_of_kyiv() -> None:
    summer = datetime.datetime(2026, 8, 31, 21, 30, tzinfo=UTC)
    assert ui.moment(summer) == "01.09.2026 00:30"
    assert ui.day(summer) == "01.09.2026"
    assert ui.clock(summer) == "00:30"
    assert ui.clocks(summer) == "00:30:00"
    assert ui.day(datetime.date(2026, 9, 2)) == "02.09.2026"
    assert ui.longday(datetime.date(2026, 9, 2)) == "2 вересня 2026"
    assert ui.daymonth(datetime.date(2026, 11, 27)) == "27.11"
    assert ui.day(None) == ""


@pytest.mark.parametrize(
    ("number", "word"), [(1, "учень"), (2, "учні"), (5, "учнів"), (11, "учнів"), (21, "учень")]
)
def test_the_noun_agrees_with_its_number(number: int, word: str) -> None:
    assert ui.plural(number, "учень,учні,учнів") == word


@pytest.mark.parametrize(
    ("size", "words"),
    [(512, "512 Б"), (3482, "3,4 КБ"), (219_136, "214 КБ"), (10_485_760, "10,0 МБ")],
)
def test_sizes_of_files_read_as_in_a_file_manager(size: int, words: str) -> None:
    assert ui.filesize(size) == words


def test_initials_put_the_given_name_first() -> None:
    assert ui.initials("Ґалаґан Ніна Степанівна") == "НҐ"


@pytest.mark.parametrize(
    ("given_name", "patronymic", "said"),
    [
        ("Олена", "Андріївна", "Олено Андріївно"),
        ("Марʼяна", "Іванівна", "Марʼяно Іванівно"),
        ("Любов", "Петрівна", "Любове Петрівно"),
        ("Соломія", "Остапівна", "Соломіє Остапівно"),
        ("Анна-Марія", "Львівна", "Анно-Маріє Львівно"),
        ("Нінель", "Іллівна", "Нінель Іллівно"),
        ("Богдан", "Іванович", "Богдане Івановичу"),
        ("Ігор", "Олегович", "Ігорю Олеговичу"),
        ("Ілля", "Ілліч", "Ілле Іллічу"),
        ("Микита", "Лукич", "Микито Лукичу"),
        ("Юрій", "", "Юрію"),
        ("Олег", "", "Олегу"),
        ("Мехмед", "Огли", ""),
        ("Айше", "Мустафа кизи", ""),
        ("Олена", "Іванович", ""),  # the name and the patronymic tell different sexes
        ("Xenia", "", ""),
        ("O.", "П.", ""),
        ("", "", ""),
    ],
)
def test_a_person_is_addressed_in_the_vocative_or_by_no_name(given_name, patronymic, said) -> None:
    assert addressed(given_name, patronymic) == said


@pytest.mark.parametrize(("number", "word"), [(0, "в"), (1, "ь"), (4, "і"), (12, "в"), (101, "ь")])
def test_one_helper_chooses_the_form(number: int, word: str) -> None:
    assert plural(number, "ь", "і", "в") == word
