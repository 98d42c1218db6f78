"""One search: by document, by name, by a misspelt name; only what the actor may see."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import actors
from kernel.audit.models import Look
from kernel.db import command
from registry.cards.selectors import search
from registry.fields import finding
from registry.models import Pupil, PupilDocument
from registry.people.selectors import lists
from registry.people.selectors.filters import Filters
from tests.kit import acts
from tests.registry.drafts.test_drafts import numbered
from tests.registry.kit import TODAY
from tests.registry.orders.test_orders import prepared
from tests.world import World, hire, sign_in
from tests.world import enrol as put


def found(world: World, who: str, text: str) -> list[str]:
    return [one.full_name for one in search.everywhere(world.actor(who), text, today=TODAY).pupils]


@pytest.fixture
def crowd(world: World) -> None:
    """Alike names in the two schools of the city and a namesake in another oblast."""

    @command
    def enrol(*, actor):
        acts.noted()
        for number, (surname, given, patronymic, where) in enumerate(
            [
                ("Шевченко", "Тарас", "Григорович", "school1/5-А"),
                ("Шевченко", "Марʼяна", "Іванівна", "school1/5-Б"),
                ("Шевчук", "Тарас", "", "school2/5-А"),
                ("Шевченко", "Тарас", "Львович", "lviv_school/5-А"),
                ("Ґалаґан-Їжак", "Юрій", "", "branch/5-А"),
            ]
        ):
            pupil = Pupil.objects.create(
                surname=surname,
                given_name=given,
                patronymic=patronymic,
                sex="M",
                born_on=datetime.date(2016, 1, 1 + number),
                rnokpp="7146712358" if number == 0 else None,
                rnokpp_state="VALUE" if number == 0 else "NOT_ASSIGNED",
            )
            PupilDocument.objects.create(
                pupil=pupil, type="BIRTH_UA", series="I-СГ", number=f"77700{number}"
            )
            group = world.classes[where]
            put(pupil, group)

    enrol(actor=actors.system("тест"))


# ── by name ─────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("шевч", ["Шевченко Марʼяна Іванівна", "Шевченко Тарас Григорович", "Шевчук Тарас"]),
        ("Шевченко т", ["Шевченко Тарас Григорович"]),
        ("ШЕВЧЕНКО МАР'ЯНА", ["Шевченко Марʼяна Іванівна"]),
        ("Шевченко Тарас Григорович", ["Шевченко Тарас Григорович"]),
    ],
)
def test_the_beginning_of_a_name_is_enough(world: World, crowd, text: str, names: list[str]):
    assert found(world, "bohdan", text) == names


@pytest.mark.parametrize(
    "text", ["Шевчинко Тарас", "Тарас Шевченко", "шефченко тарас", "Шевченко Тараз"]
)
def test_a_misspelt_or_turned_name_is_found_and_said_to_be_a_guess(world: World, crowd, text: str):
    answer = search.everywhere(world.actor("olena"), text, today=TODAY)
    assert answer.guessed
    assert answer.pupils[0].full_name == "Шевченко Тарас Григорович"


def test_hyphens_and_soft_letters_are_found(world: World, crowd):
    assert found(world, "nina", "галаган-їжак") == ["Ґалаґан-Їжак Юрій"]
    assert found(world, "nina", "Ґалаґан Їжак") == ["Ґалаґан-Їжак Юрій"]


# ── by number ───────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "text", ["I-СГ 777000", "і-сг № 777000", "1-СГ777000", "777000", "7146712358"]
)
def test_a_document_or_number_is_found_however_it_is_typed(world: World, crowd, text: str):
    assert found(world, "olena", text) == ["Шевченко Тарас Григорович"]


# ── whose ───────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("who", "names"),
    [
        ("olena", {"Шевченко Тарас Григорович", "Шевченко Марʼяна Іванівна"}),
        ("petro", {"Шевчук Тарас"}),
        ("dana", {"Шевченко Тарас Григорович", "Шевченко Марʼяна Іванівна"}),
        ("hanna", set()),
        ("iryna", set()),  # the schools of the city are not directly hers
        ("taras", {"Шевченко Тарас Львович"}),
        ("maria", set()),
        ("admin", set()),
    ],
)
def test_nobody_finds_a_child_they_may_not_see(world: World, crowd, who: str, names: set[str]):
    assert set(found(world, who, "шевч")) == names
    by_number = {name for n in range(5) for name in found(world, who, f"77700{n}")}
    assert {name for name in by_number if name.startswith("Шевч")} == names


def test_a_guess_never_reaches_beyond_the_school(world: World, crowd):
    answer = search.everywhere(world.actor("petro"), "Шевчинко Тарас", today=TODAY)
    assert {one.institution for one in answer.pupils} <= {"Чернівецька гімназія № 2"}


def test_the_reason_is_told_to_those_who_see_no_names(world: World, crowd):
    for who in ("admin", "maria"):
        assert search.everywhere(world.actor(who), "шевч", today=TODAY).pupils_hidden


def test_each_child_shown_is_noted(world: World, crowd):
    search.everywhere(world.actor("olena"), "шевч", today=TODAY)
    assert Look.objects.filter(subject_type="registry.pupil").count() == 2


# ── institutions ────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("who", "text", "names"),
    [
        ("bohdan", "99000130", ["Чернівецька гімназія № 2"]),
        ("bohdan", "гімназ", ["Чернівецька гімназія № 2"]),
        ("bohdan", "чернивецька гимназія", ["Чернівецька гімназія № 2"]),
        ("bohdan", "Мамаївський", []),
        ("hanna", "Мамаївський", ["Мамаївський опорний ліцей"]),
        ("maria", "львівський ліцей", ["Львівський ліцей № 1"]),
    ],
)
def test_institutions_are_found_by_code_and_by_name(world, who, text, names):
    answer = search.everywhere(world.actor(who), text, today=TODAY)
    assert [one.short_name for one in answer.institutions][: len(names) or None] == names


# ── odd input ───────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "text", ["", " ", "а", "%", "'; DROP TABLE x; --", "-" * 300, "\U0010ffff\U0010ffff", "0" * 50]
)
def test_odd_texts_find_nothing_and_break_nothing(world: World, crowd, text: str):
    assert found(world, "olena", text) == []


def test_the_page_costs_the_same_for_one_child_and_for_many(world: World, crowd):
    def queries(who: str, children: int) -> int:
        client = Client()
        sign_in(client, world.grants[who])
        client.get(reverse("search"), {"q": "шевч"})
        with CaptureQueriesContext(connection) as captured:
            page = client.get(reverse("search"), {"q": "шевч"}).content.decode()
        assert page.count("ak-rowlink") == children
        return len(captured)

    assert queries("petro", 1) == queries("olena", 2)


def test_the_page_shows_what_was_found(world: World, crowd):
    client = Client()
    sign_in(client, world.grants["olena"])
    text = client.get(reverse("search"), {"q": "Шевчинко Тарас"}).content.decode()
    assert "Точного збігу немає" in text
    assert "Шевченко Тарас Григорович" in text


@pytest.mark.parametrize(
    ("one", "other", "number"),
    [
        ("іван", "іван", 0),
        ("іавн", "іван", 1),  # two exchanged
        ("ван", "іван", 1),
        ("іваан", "іван", 1),
        ("тарас", "тараз", 1),
        ("шевчинко", "шевченко", 1),
        ("олег", "іван", 4),
        ("", "ян", 2),
    ],
)
def test_slips_of_the_finger_are_counted(one: str, other: str, number: int):
    assert finding.slips(one, other) == finding.slips(other, one) == number


def test_the_likest_name_comes_first(world: World, crowd):
    guesses = found(world, "bohdan", "Шевчекно Тарас")
    assert guesses[:2] == ["Шевченко Тарас Григорович", "Шевчук Тарас"]


# ── typed otherwise ──────────────────────────────────────────────────────────
def listed(world: World, who: str, text: str) -> list[str]:
    page = lists.listing(world.actor(who), Filters(q=text), today=TODAY)
    return [" ".join(filter(None, (x.surname, x.given_name, x.patronymic))) for x in page.rows]


@pytest.mark.parametrize("ask", [found, listed])
@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("itdxtyrj vfh", "Шевченко Марʼяна Іванівна"),  # the keys of the other layout
        ("шевченко мар´яна", "Шевченко Марʼяна Іванівна"),
        ("шевченко марʹяна", "Шевченко Марʼяна Іванівна"),
        ("шевченко марʻяна", "Шевченко Марʼяна Іванівна"),
        ("шевченко мар ʼяна", "Шевченко Марʼяна Іванівна"),
        ("Шевчинко Мар’яна", "Шевченко Марʼяна Іванівна"),  # misspelt
        ("I-СГ № 777000", "Шевченко Тарас Григорович"),  # as the card prints it
        ("1-cг 777ООО", "Шевченко Тарас Григорович"),
        ("777000", "Шевченко Тарас Григорович"),
        ("7146712358", "Шевченко Тарас Григорович"),
    ],
)
def test_the_header_and_the_list_are_equally_tolerant(world: World, crowd, ask, text, name):
    assert ask(world, "olena", text) == [name]


def test_classes_orders_employees_and_users_are_found_within_reach(world: World, crowd):
    olena, petro = world.actor("olena"), world.actor("petro")
    order = prepared(olena, world, [numbered(1)], number="77-у")

    @command
    def hired(*, actor):
        acts.noted()
        hire(world.institutions["school1"], "Абрамова")

    hired(actor=olena)

    def seen(actor, text):
        answer = search.everywhere(actor, text, today=TODAY)
        return answer.classes, answer.orders, [one.employee.surname for one in answer.posts]

    assert seen(olena, "5b")[0] == []
    assert seen(olena, "5-a")[0] == [world.classes["school1/5-А"]]
    assert seen(olena, "№ 77-Y") == ([], [order], [])
    assert seen(olena, "f,hfv") == ([], [], ["Абрамова"])
    assert seen(petro, "77-у")[1:] == ([], [])
    assert seen(petro, "абрам") == ([], [], [])
    (user,) = search.everywhere(olena, "заступ", today=TODAY).users
    assert user.pk == world.grants["dana"].pk
    client = Client()
    sign_in(client, world.grants["olena"])
    for text, told in (
        ("5а", "Класи"),
        ("77-у", "Наказ № 77-у"),
        ("абр", "Абрамова"),
        ("засту", "Дана"),
    ):
        assert told in client.get(reverse("search"), {"q": text}).content.decode()


# ── while one types ──────────────────────────────────────────────────────────
def suggested(world: World, who: str, text: str) -> str:
    client = Client()
    sign_in(client, world.grants[who])
    answer = client.get(reverse("search_suggest"), {"q": text})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return answer.content.decode()


@pytest.mark.parametrize("text", ["шевч", "itdx", "I-СГ 777000", "ШЕВЧИНКО ТАРАС"])
def test_a_child_is_suggested_and_the_look_is_noted(world: World, crowd, text: str):
    told = suggested(world, "olena", text)
    assert "Шевченко Тарас Григорович" in told
    assert "5-А" in told
    assert Look.objects.filter(what="підказки пошуку").exists()


@pytest.mark.parametrize("who", ["admin", "maria", "hanna", "iryna"])
def test_who_sees_no_names_is_suggested_none(world: World, crowd, who: str):
    for text in ("шевч", "777000", "Шевчинко Тарас"):
        told = suggested(world, who, text)
        assert "Здобувачі освіти" not in told
        assert "Григорович" not in told
    assert not Look.objects.exists()


def test_every_kind_within_reach_is_suggested(world: World):
    olena = world.actor("olena")
    prepared(olena, world, [numbered(1)], number="77-у")

    @command
    def hired(*, actor):
        acts.noted()
        hire(world.institutions["school1"], "Абрамова")

    hired(actor=olena)
    for who, text, kind, told in (
        ("olena", "5а", "Класи", "Клас 5-А"),
        ("olena", "77-у", "Накази", "Наказ № 77-у"),
        ("bohdan", "77-y", "Накази", "Наказ № 77-у"),
        ("olena", "f,hfv", "Працівники", "Абрамова"),
        ("bohdan", "абрам", "Працівники", "Абрамова"),
        ("olena", "засту", "Користувачі", "Дана"),
        ("bohdan", "гімназ", "Заклади освіти", "Чернівецька гімназія № 2"),
        ("maria", "99000130", "Заклади освіти", "Чернівецька гімназія № 2"),
        ("bohdan", "5-А", "Класи", "Чернівецька гімназія № 2"),
        ("maria", "5a гімназія", "Класи", "Чернівецька гімназія № 2"),
        ("maria", "мамаїв", "Місця за КАТОТТГ", "Мамаївці"),
    ):
        shown = suggested(world, who, text)
        assert f'aria-label="{kind}"' in shown, (who, text)
        assert told in shown, (who, text)
    for who in ("hanna", "maria", "petro"):
        assert "Накази" not in suggested(world, who, "77-у")
    assert "Абрамова" not in suggested(world, "maria", "абрам")
    assert "гімназія № 2" not in suggested(world, "maria", "5a мамаївський")


@pytest.mark.parametrize("text", ["", "а", "%%", "²", "зоо"])
def test_odd_texts_are_answered(world: World, text: str):
    suggested(world, "maria", text)


@pytest.mark.parametrize("text", ["завуч", "Заступник директора", "навчально-виховної", "pfdex"])
def test_who_holds_a_position_is_found_by_its_words(world: World, text: str):
    @command
    def put(*, actor):  # type: ignore[no-untyped-def]
        hire(world.institutions["school1"], "Ярова", position="DEPUTY_TEACHING")
        hire(world.institutions["school1"], "Абетка")
        acts.noted()

    put(actor=world.actor("admin"))
    assert [one.employee.surname for one in everywhere(world.actor("olena"), text)] == ["Ярова"]
    assert everywhere(world.actor("maria"), text) == []
    client = Client()
    sign_in(client, world.grants["olena"])
    listed = client.get("/staff/", {"q": text}).content.decode()
    assert ("Ярова" in listed, "Абетка" in listed) == (True, False)


def everywhere(actor, text: str) -> list:  # type: ignore[no-untyped-def]
    return search.everywhere(actor, text, today=TODAY).posts


def test_the_search_looks_through_what_the_page_looks_at(world: World, crowd):
    client = Client()
    sign_in(client, world.grants["iryna"])
    area = world.units["hub"]
    page = client.get("/institutions/", {"area": str(area.uid)}).content.decode()
    assert f'<input type="hidden" name="area" value="{area.uid}">' in page
    for query, there in (({}, True), ({"area": str(area.uid)}, False)):
        for path in ("/search/", "/search/suggest/"):
            found = client.get(path, {"q": "Чернівецький ліцей", **query}).content.decode()
            assert (world.institutions["school1"].short_name in found) == there
