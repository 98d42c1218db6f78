"""Invented people are plausible, well-formed and the same for the same seed."""

import datetime
import random
import re

import pytest

from aikom.demo.synthetic import codes, names, people, schools
from kernel.text import clean

SURNAME = re.compile(r"[А-ЩЬЮЯҐЄІЇ]([а-щьюяґєії]|ʼ(?=[яюєї]))+")
SERIES = re.compile(r"(?=[IVX])X{0,3}(IX|IV|V?I{0,3})-[АБВГҐДЕЄЖЗИІЇЙКЛМНОПРСТУФХЦЧШЩЬЮЯ]{2}")


def some_children(number: int = 3000, grade: int = 5) -> list[people.Child]:
    chance = random.Random(20260901)
    return [people.child(chance, index, grade, 2026, "ВДРАЦС") for index in range(number)]


@pytest.mark.parametrize(
    ("masculine", "feminine"),
    [
        ("Зелінський", "Зелінська"),
        ("Галицький", "Галицька"),
        ("Чорний", "Чорна"),
        ("Куций", "Куца"),
        ("Задорожній", "Задорожня"),
        ("Ковальов", "Ковальова"),
        ("Соловʼєв", "Соловʼєва"),
        ("Нікітін", "Нікітіна"),
        ("Мельник", "Мельник"),
        ("Шевченко", "Шевченко"),
        ("Палій", "Палій"),
        ("Черній", "Черній"),
        ("Яцишин", "Яцишин"),
        ("Петрів", "Петрів"),
        ("Сорока", "Сорока"),
    ],
)
def test_a_surname_takes_the_gender_of_its_bearer(masculine, feminine):
    assert names.feminine(masculine) == feminine


@pytest.mark.parametrize(
    ("father", "son", "daughter"),
    [
        ("Андрій", "Андрійович", "Андріївна"),
        ("Дмитро", "Дмитрович", "Дмитрівна"),
        ("Ігор", "Ігорович", "Ігорівна"),
        ("Василь", "Василович", "Василівна"),
        ("Микола", "Миколайович", "Миколаївна"),
        ("Ілля", "Ілліч", "Іллівна"),
        ("Григорій", "Григорович", "Григорівна"),
        ("Лев", "Львович", "Львівна"),
    ],
)
def test_a_patronymic_follows_the_fathers_name(father, son, daughter):
    assert names.patronymic(father, "M") == son
    assert names.patronymic(father, "F") == daughter


def test_every_father_has_a_patronymic():
    for group in ("men", "boys"):
        for father in names.given_pool(group).words:
            assert names.patronymic(father, "F").endswith(("івна", "ївна"))


def test_only_surnames_are_left_of_the_list():
    found = names.surnames()
    assert len(found) > 12_000
    assert len({each.masculine for each in found}) == len(found)
    for each in found:
        assert SURNAME.fullmatch(each.masculine), each
        assert SURNAME.fullmatch(each.feminine), each
        assert not each.masculine.endswith(("ська", "цька", "ова", "єва", "іна")), each
    assert not {"Фоп", "Спд", "Субєкт", "Чорна"} & {each.masculine for each in found}
    assert "Деревʼянко" in {each.masculine for each in found}


def test_common_given_names_come_from_the_carried_lists():
    for group, sex in (("boys", "M"), ("men", "M"), ("girls", "F"), ("women", "F")):
        assert set(names.given_pool(group).words) <= set(names.rare_names(sex))
    assert all(clean(name) == name for name in names.rare_names("F"))
    assert "Євфимiя" not in names.rare_names("F")  # with a Latin letter


def test_frequent_names_are_met_more_often():
    pool = names.surname_pool()
    chance = random.Random(1)
    drawn = [pool.pick(chance).masculine for _ in range(20_000)]
    first = sum(word in {each.masculine for each in pool.words[:100]} for word in drawn)
    last = sum(word in {each.masculine for each in pool.words[-100:]} for word in drawn)
    assert first > 10 * last > 0


def test_the_same_seed_gives_the_same_people():
    assert some_children(50) == some_children(50)


def test_names_agree_with_sex():
    boys, girls = set(names.given_pool("boys").words), set(names.given_pool("girls").words)
    for child in some_children():
        male = child.sex == "M"
        assert child.given_name in (boys if male else girls)
        assert child.patronymic.endswith(("ович", "ич", "іч") if male else ("івна", "ївна"))
        if child.surname.endswith(("ський", "цький")):
            assert male
        if child.surname.endswith(("ська", "цька")):
            assert not male


@pytest.mark.parametrize("grade", [1, 5, 11])
def test_ages_fit_the_grade(grade):
    first_day = datetime.date(2026, 9, 1)
    ages = [(first_day - child.born_on).days / 365.25 for child in some_children(2000, grade)]
    assert 5 + grade - 0.2 <= min(ages)
    assert max(ages) <= 8.4 + grade
    assert sum(5 + grade <= age <= 6 + grade for age in ages) > 0.7 * len(ages)


def test_no_two_children_share_a_certificate_or_a_telephone():
    children = some_children()
    papers = [(paper.type, paper.series, paper.number) for c in children for paper in c.documents]
    assert len(set(papers)) == len(papers)
    phones = [parent.phone for child in children for parent in child.parents]
    assert len(set(phones)) == len(phones)
    assert all(re.fullmatch(r"\+38000\d{7}", phone) for phone in phones)
    assert len({codes.birth_certificate(index) for index in range(200_000)}) == 200_000


def test_certificates_have_the_shape_of_the_register_and_an_unused_roman_number():
    for child in some_children(500):
        certificate = child.documents[0]
        assert SERIES.fullmatch(certificate.series)
        assert certificate.series.startswith("X-")
        assert re.fullmatch(r"\d{6}", certificate.number)
        assert certificate.issued_on > child.born_on


def test_childrens_tax_numbers_are_rare_and_belong_to_nobody_living():
    children = some_children()
    with_number = [child for child in children if child.rnokpp]
    assert 0 < len(with_number) < len(children) * 0.03
    for child in with_number:
        days = int(child.rnokpp[:5])
        born = datetime.date(1899, 12, 31) + datetime.timedelta(days=days)
        assert born.year == child.born_on.year + 80
        assert (int(child.rnokpp[8]) % 2 == 1) == (child.sex == "M")


@pytest.mark.parametrize(
    "code",
    ["99000011", "99000028", "99000075", "99000130"],
)
def test_synthetic_edrpou_have_right_check_digits(code):
    assert codes.edrpou(int(code[2:7])) == code


@pytest.mark.parametrize(
    ("born", "sex", "serial", "code"),
    [
        (datetime.date(1900, 1, 1), "M", 0, "0000100010"),
        (datetime.date(1900, 1, 1), "F", 1, "0000100027"),
        (datetime.date(2095, 9, 1), "F", 4, "7146700080"),
    ],
)
def test_tax_numbers_follow_the_published_vectors(born, sex, serial, code):
    assert codes.rnokpp(born, sex, serial) == code


def test_children_abroad_learn_at_a_distance_and_have_a_country():
    children = some_children()
    abroad = [child for child in children if child.abroad]
    assert 0.04 < len(abroad) / len(children) < 0.08
    assert {child.form for child in abroad} <= {"DISTANCE", "EXTERNAL"}


def test_every_child_has_a_representative_of_the_right_gender():
    for child in some_children():
        assert child.parents
        for parent in child.parents:
            woman = parent.relation in {"MOTHER", "GUARDIAN"}
            assert parent.patronymic.endswith(("івна", "ївна") if woman else ("ович", "ич", "іч"))
        father = next((each for each in child.parents if each.relation == "FATHER"), None)
        if father and not child.has("ORPHAN"):
            assert names.patronymic(father.given_name, child.sex) == child.patronymic


def test_staff_grows_with_classes_and_begins_with_the_head():
    chance = random.Random(3)
    big = schools.classes(chance, range(1, 12), 2, 27)
    small = schools.classes(chance, range(1, 5), 1, 9)
    assert len(big) == 22
    assert 480 < sum(each.size for each in big) < 700
    assert schools.posts(chance, big)[0].position == "HEAD"
    assert schools.posts(chance, small, branch=True)[0].position == "BRANCH_HEAD"
    assert 32 <= len(schools.posts(chance, big)) <= 50
    assert 6 <= len(schools.posts(chance, small)) <= 12
    assert len(schools.posts(chance, big)) > 3 * len(schools.posts(chance, small))


def test_bodies_are_named_in_the_right_case():
    assert schools.masculine("Боянська") == "Боянський"
    assert schools.council("Кам’янська", "C") == "Камʼянської сільської ради"
    assert schools.genitive("Вижницький") == "Вижницького"
