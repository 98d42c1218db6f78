"""Pages of institutions, classes, staff, territories and search, as browsers ask for them."""

from __future__ import annotations

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import actors
from accounts.models import OrgUnit
from kernel.audit.models import Look
from kernel.db import command
from kernel.tables.writing import Column, Sheet, workbook
from registry.classifiers.services.classifiers import DATA
from registry.models import ClassGroup, Institution, Order, Post
from tests.kit import acts
from tests.registry.kit import NOW
from tests.registry.reorganisation.kit import TERMS, signed
from tests.world import FIRST_DAY, YEAR, World, hire, sign_in

NOWHERE = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def visit(world: World):
    """`visit("olena")` is a browser where this persona has signed in."""

    def of(who: str) -> Client:
        client = Client()
        sign_in(client, world.grants[who])
        return client

    return of


def body(response) -> str:
    text = response.content.decode()
    assert "{{" not in text, "a part is left undrawn"
    return text


def card_of(world: World, key: str = "school1") -> Institution:
    return Institution.objects.get(pk=world.institutions[key].pk)


# ── every page opens for whoever may see it ─────────────────────────────────
@pytest.mark.parametrize("who", ["admin", "maria", "iryna", "bohdan", "hanna", "olena", "dana"])
@pytest.mark.parametrize("name", ["institution_list", "staff_list", "territory_list", "search"])
def test_lists_open_for_every_role(world: World, visit, who: str, name: str):
    response = visit(who).get(reverse(name))
    assert response.status_code == 200
    assert "<h1>" in body(response)


@pytest.mark.parametrize("name", ["institution_own", "classes_own"])
def test_a_head_has_own_pages_and_an_authority_has_none(world: World, visit, name: str):
    assert visit("olena").get(reverse(name)).status_code == 200
    assert visit("bohdan").get(reverse(name)).status_code == 404


@pytest.mark.parametrize("who", ["admin", "maria", "iryna", "bohdan", "olena", "dana"])
def test_the_card_says_where_the_institution_stands(world: World, visit, who: str):
    text = body(visit(who).get(reverse("institution_detail", args=[card_of(world).uid])))
    for words in (
        "Чернівецький ліцей № 1",
        "Управління освіти Чернівецької міської ради",
        "Департамент освіти Чернівецької ОВА",
        "Шкільна Олена Василівна",
    ):
        assert words in text


# ── hidden and absent ───────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("institution_detail", "lviv_school"),
        ("institution_edit", "school2"),
        ("institution_status", "hub"),
        ("branch_new", "hub"),
        ("class_list", "school2"),
        ("class_new", "branch"),
        ("class_copy", "lviv_school"),
    ],
)
def test_an_institution_out_of_reach_reads_exactly_as_an_absent_one(world, visit, name, key):
    client = visit("olena")
    hidden = client.get(reverse(name, args=[world.institutions[key].uid]))
    absent = client.get(reverse(name, args=[NOWHERE]))
    assert hidden.status_code == absent.status_code == 404
    assert plain(hidden) == plain(absent)


def plain(response) -> str:
    # The reference for support and the CSRF token differ on every page.
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID", response.content.decode())
    text = re.sub(r'("ak-code">|ref=)[0-9A-F]{8}', "ID", text)
    return re.sub(r'csrf[^"]*"[^"]*"|value="[A-Za-z0-9]{64}"|"X-CSRFToken": "[^"]+"', "", text)


@pytest.mark.parametrize("name", ["class_detail", "class_edit"])
def test_a_class_out_of_reach_reads_exactly_as_an_absent_one(world: World, visit, name: str):
    client = visit("petro")
    hidden = client.get(reverse(name, args=[world.classes["school1/5-А"].uid]))
    absent = client.get(reverse(name, args=[NOWHERE]))
    assert hidden.status_code == absent.status_code == 404
    assert plain(hidden) == plain(absent)


# ── lists ───────────────────────────────────────────────────────────────────
def test_a_list_costs_the_same_for_one_row_and_for_thirty(world: World, visit):
    @command
    def add(number: int, *, actor):
        acts.noted()
        for n in range(number):
            node = OrgUnit.objects.create(
                kind="INSTITUTION", name=f"Ліцей № {n + 10}", parent=world.units["lvivska"]
            )
            Institution.objects.create(
                unit=node,
                full_name=node.name,
                short_name=node.name,
                type="LYCEUM",
                ownership="COMMUNAL",
                territory_code="UA46060250010015970",
            )

    def queries() -> int:
        client = visit("taras")
        client.get(reverse("institution_list"))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("institution_list")).status_code == 200
        return len(captured)

    few = queries()
    add(30, actor=actors.system("тест"))
    assert queries() == few


def test_a_class_list_costs_the_same_for_two_classes_and_for_thirty(world: World, visit):
    school = card_of(world)

    def queries() -> int:
        client = visit("olena")
        client.get(reverse("class_list", args=[school.uid]))
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("class_list", args=[school.uid]))
        return len(captured)

    few = queries()

    @command
    def add(*, actor):
        acts.noted()
        for grade in range(1, 12):
            for letter in "ВГД":
                ClassGroup.objects.create(
                    institution=school,
                    school_year_id=YEAR,
                    grade=grade,
                    letter=letter,
                    opened_on=FIRST_DAY,
                )

    add(actor=actors.system("тест"))
    assert queries() == few


def test_filters_are_links_that_keep_the_search(world: World, visit):
    text = body(visit("iryna").get(reverse("institution_list"), {"q": "ліцей", "is_rural": "1"}))
    assert "Мамаївський опорний ліцей" in text
    assert "Чернівецький ліцей" not in text
    assert "q=%D0%BB%D1%96%D1%86%D0%B5%D0%B9" in text
    assert '<input type="hidden" name="is_rural" value="1">' in text


def test_a_damaged_page_mark_is_told_and_breaks_nothing(world: World, visit):
    response = visit("iryna").get(reverse("institution_list"), {"after": "ЩОСЬ"})
    assert response.status_code == 400


# ── correcting ──────────────────────────────────────────────────────────────
def test_a_head_gets_only_own_fields_and_saves_them(world: World, visit):
    client = visit("olena")
    address = reverse("institution_edit", args=[card_of(world).uid])
    text = body(client.get(address))
    assert 'name="phone"' in text
    assert 'name="full_name"' not in text
    assert 'name="edrpou"' not in text

    response = client.post(address, {"phone": "0372 12 34 56", "version": "1", "shifts": "2"})
    assert response.status_code == 303
    assert card_of(world).phone == "+380372123456"
    assert card_of(world).shifts == 2


def test_all_wrong_fields_are_told_together_with_the_title_of_an_error(world: World, visit):
    response = visit("olena").post(
        reverse("institution_edit", args=[card_of(world).uid]),
        {"phone": "ні", "email": "не@", "postal_code": "1", "version": "1", "shifts": "1"},
    )
    text = body(response)
    assert response.status_code == 422
    assert "<title>Помилка: " in text
    for field in ("phone", "email", "postal_code"):
        assert f'href="#id_{field}"' in text


def test_a_stale_form_answers_412_and_shows_what_was_saved_meanwhile(world: World, visit):
    address = reverse("institution_edit", args=[card_of(world).uid])
    visit("olena").post(address, {"address": "вул. Перша, 1", "version": "1", "shifts": "1"})
    late = visit("olena").post(address, {"address": "вул. Друга, 2", "version": "1", "shifts": "1"})
    text = body(late)
    assert late.status_code == 412
    assert "вул. Перша, 1" in text
    assert 'value="вул. Друга, 2"' in text
    assert 'name="version" value="2"' in text
    assert card_of(world).address == "вул. Перша, 1"


def test_a_place_is_chosen_by_typing_without_script(world: World, visit):
    client = visit("admin")
    address = reverse("institution_new")
    card = {
        "under": str(world.units["hromada"].uid),
        "full_name": "Гімназія «Проліски»",
        "short_name": "Гімназія «Проліски»",
        "kind": "ZZSO",
        "type": "GYMNASIUM",
        "ownership": "COMMUNAL",
        "shifts": "1",
    }
    several = client.post(address, {**card, "territory_code_q": "Іванівка"})
    assert several.status_code == 422
    assert 'type="radio" name="territory_code"' in body(several)

    one = client.post(address, {**card, "territory_code_q": "Мамаївці"})
    assert one.status_code == 303
    assert Institution.objects.get(short_name=card["short_name"]).territory_code == (
        "UA73060370010090405"
    )


def test_the_picker_finds_while_typing_and_walks_down(world: World, visit):
    client = visit("olena")
    found = client.get(
        reverse("territory_pick"), {"name": "territory_code", "territory_code_q": "Мамаївці"}
    )
    assert 'value="UA73060370010090405"' in body(found)
    step = body(client.get(reverse("territory_cascade"), {"name": "x", "target": "y"}))
    assert "Чернівецька область" in step
    odd = client.get(reverse("territory_cascade"), {"name": '"><script>', "target": "'"})
    assert "<script>" not in body(odd)


def test_an_authority_confirms_exactly_what_it_saw(world: World, visit):
    client = visit("bohdan")
    address = reverse("institution_confirm", args=[card_of(world).uid])
    assert client.post(address, {"version": "9"}).status_code == 412
    assert client.post(address, {"version": "1"}).status_code == 303
    assert card_of(world).is_confirmed
    assert visit("olena").post(address, {"version": "2"}).status_code == 403


def test_suspension_ends_the_visits_of_the_institution(world: World, visit, time_machine):
    time_machine.move_to(NOW, tick=True)
    head, city = visit("petro"), visit("bohdan")
    assert head.get(reverse("institution_own")).status_code == 200
    card = card_of(world, "school2")
    formed = city.post(
        reverse("institution_status", args=[card.uid]), TERMS | {"to": "SUSPENDED", "version": "1"}
    )
    assert formed.status_code == 303
    assert head.get(reverse("institution_own")).status_code == 200
    signed(world, Order.objects.get(kind="status"), "bohdan")
    assert head.get(reverse("institution_own")).status_code != 200


# ── classes ─────────────────────────────────────────────────────────────────
def test_a_head_opens_many_classes_by_one_list(world: World, visit):
    address = reverse("class_new", args=[card_of(world).uid])
    common = {"type": "GENERAL", "form": "FULL_TIME", "language": "uk", "shift": "1"}
    response = visit("olena").post(address, {**common, "labels": "1-А, 1 Б\n2абв; 3-А…В"})
    assert response.status_code == 303
    opened = ClassGroup.objects.filter(institution=card_of(world)).exclude(grade=5)
    assert {group.label for group in opened} == {
        "1-А", "1-Б", "2-А", "2-Б", "2-В", "3-А", "3-Б", "3-В",
    }  # fmt: skip

    again = visit("olena").post(address, {**common, "labels": "1-А, 7-А, щось, 7-А"})
    text = body(again)
    assert again.status_code == 422
    assert "щось" in text
    assert "двічі" in text
    assert not ClassGroup.objects.filter(grade=7).exists()


def test_last_years_classes_go_one_grade_up(world: World, visit):
    address = reverse("class_copy", args=[card_of(world).uid])
    chosen = [str(world.classes[f"school1/5-{letter}"].uid) for letter in "АБ"]
    page = visit("olena").get(address, {"year": "2027-2028"})
    assert "5-А → 6-А" in body(page)
    response = visit("olena").post(
        f"{address}?year=2027-2028", {"chosen": chosen[:1], "first": "1-А"}
    )
    assert response.status_code == 303
    new = ClassGroup.objects.filter(institution=card_of(world), school_year_id="2027-2028")
    assert {group.label for group in new} == {"6-А", "1-А"}


def test_a_class_with_pupils_is_not_closed_and_an_empty_one_is(world: World, visit):
    client = visit("nina")
    hub = card_of(world, "hub")
    empty = world.classes["hub/5-А"]
    full = world.classes["branch/5-А"]
    address = reverse("class_close", args=[hub.uid])
    asked = client.post(address, {"pick": [str(empty.uid)]})
    assert "Закрити 1 клас?" in body(asked)
    assert not ClassGroup.objects.get(pk=empty.pk).is_closed
    refused = client.post(address, {"pick": [str(empty.uid), str(full.uid)], "sure": "1"})
    assert refused.status_code == 409
    assert "5-А (1)" in body(refused)
    assert not ClassGroup.objects.get(pk=empty.pk).is_closed
    client.post(address, {"pick": [str(empty.uid)], "sure": "1"})
    assert ClassGroup.objects.get(pk=empty.pk).is_closed


@pytest.mark.parametrize(
    ("who", "status"), [("olena", 200), ("dana", 200), ("bohdan", 403), ("maria", 403)]
)
def test_classes_are_kept_by_the_head_and_the_deputy_entrusted_with_them(world, visit, who, status):
    response = visit(who).get(reverse("class_new", args=[card_of(world).uid]))
    assert response.status_code == status


def test_a_class_is_corrected_and_a_stale_form_refused(world: World, visit):
    group = world.classes["school1/5-А"]
    address = reverse("class_edit", args=[group.uid])
    fields = {
        "grade": "5", "letter": "В", "type": "INCLUSIVE", "form": "FULL_TIME",
        "language": "uk", "shift": "1", "teacher": "", "version": "1",
    }  # fmt: skip
    assert visit("olena").post(address, fields).status_code == 303
    assert ClassGroup.objects.get(pk=group.pk).label == "5-В"
    stale = visit("olena").post(address, {**fields, "letter": "Г"})
    assert stale.status_code == 412
    assert "<td>Г</td><td>В</td>" in body(stale)
    assert 'name="version" value="2"' in body(stale)
    taken = visit("olena").post(address, {**fields, "letter": "Б", "version": "2"})
    assert taken.status_code == 422
    other_grade = visit("olena").post(address, {**fields, "grade": "6", "version": "2"})
    assert other_grade.status_code == 422
    assert "наказом" in body(other_grade)


# ── staff ───────────────────────────────────────────────────────────────────
@pytest.fixture
def staff(world: World) -> dict[str, Post]:
    @command
    def fill(*, actor):
        acts.noted()
        return {
            key: hire(world.institutions[key], surname, given_name="Оксана", rnokpp=code)
            for key, surname, code in (
                ("school1", "Вчителенко", "7146712341"),
                ("school2", "Педагогова", None),
                ("lviv_school", "Галицька", None),
            )
        }

    return fill(actor=actors.system("тест"))


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("olena", {"Вчителенко"}),
        ("dana", set()),  # not entrusted with staff
        ("bohdan", {"Вчителенко", "Педагогова"}),
        ("iryna", set()),  # the schools of the city are not directly hers
        ("taras", {"Галицька"}),  # directly subordinated to the oblast
        ("maria", set()),
        ("admin", set()),
    ],
)
def test_staff_are_seen_by_name_only_where_the_law_opens_them(world, staff, visit, who, seen):
    client = visit(who)
    text = body(client.get(reverse("staff_list")))
    assert {p.employee.surname for p in staff.values() if p.employee.surname in text} == seen
    for post in staff.values():
        status = client.get(reverse("staff_detail", args=[post.pk])).status_code
        assert status == (200 if post.employee.surname in seen else 404)


def test_those_who_see_no_names_see_numbers(world: World, staff, visit):
    text = body(visit("maria").get(reverse("staff_list")))
    assert "Вчитель" in text
    assert ">3<" in text.replace(" ", "")


def test_looking_at_a_card_is_noted_and_the_number_is_masked(world: World, staff, visit):
    text = body(visit("olena").get(reverse("staff_detail", args=[staff["school1"].pk])))
    assert "7146712341" not in text
    assert "••••••2341" in text
    look = Look.objects.get(subject_type="registry.staff")
    assert look.subject_id == str(staff["school1"].pk)
    assert look.user_id == world.grants["olena"].user_id


# ── the register of ЄДЕБО ───────────────────────────────────────────────────
def test_the_file_is_shown_first_and_taken_on_confirmation(world: World, visit):
    client = visit("admin")
    content = (DATA / "edebo-chernivtsi-sample.json").read_bytes()
    sent = client.post(
        reverse("institution_import"), {"file": SimpleUploadedFile("edebo.json", content)}
    )
    assert sent.status_code == 303
    before = Institution.objects.count()
    shown = body(client.get(sent["Location"]))
    assert "Завантажити" in shown
    assert Institution.objects.count() == before
    assert client.post(sent["Location"]).status_code == 303
    assert Institution.objects.count() == before + 40
    assert "вже в реєстрі" in body(client.get(sent["Location"]))


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("table.xlsx", b"PK\x03\x04\x00", "пошкоджено"),
        ("page.xls", b"<html><table></table></html>", "вебсторінка"),
        ("big.json", b" " * (50 * 1024 * 1024), "завеликий"),
        ("broken.json", b'[{"x": ', "правильним JSON"),
        ("empty.json", b"", "файл"),
    ],
)
def test_a_wrong_file_is_answered_clearly(world: World, visit, name, content, told):
    response = visit("admin").post(
        reverse("institution_import"), {"file": SimpleUploadedFile(name, content)}
    )
    assert response.status_code == 422
    assert told in body(response).replace("Файл ", "файл ")


def test_a_table_goes_through_the_step_of_columns_and_can_be_said_anew(world: World, visit):
    client = visit("admin")
    head = ["ID закладу", "Повна назва закладу", "Статус", "Тип закладу", "Форма власності", "Код КАТОТТГ", "Сільський"]  # fmt: skip
    one = ["880001", "Гімназія «Проліски» (вигадана)", "працює", "Гімназія", "Комунальна", "UA73060370010090405", "#N/A"]  # fmt: skip
    book = workbook(Sheet("Заклади", [Column(name) for name in head], [one]))
    asked = client.post(
        reverse("institution_import"), {"file": SimpleUploadedFile("edebo.xlsx", book)}
    )
    assert "Що у стовпцях?" in body(asked)
    names = ["edebo_id", "", "status", "type", "ownership", "territory_code", "is_rural"]

    def say(shown):
        said = {f"c{place}": name for place, name in enumerate(names)} | {
            "heading": "1",
            "do": "take",
        }
        kept = re.findall(r'name="(table|name)" value="([^"]*)"', body(shown))
        return client.post(reverse("institution_import"), dict(kept) | said)

    assert say(asked).status_code == 422
    names[1], names[3] = "full_name", ""
    shown = body(client.get(say(asked)["Location"]))
    assert "рядок 2" in shown
    assert "не вказано: тип закладу" in shown
    pk = re.search(r'name="staged" value="([^"]+)"', shown)[1]
    again = client.post(reverse("institution_import"), {"staged": pk, "columns": "1"})
    names[3] = "type"
    shown = client.get(say(again)["Location"])
    assert "не взято сільський: У клітинці помилка Excel" in body(shown)
    before = Institution.objects.count()
    client.post(shown.request["PATH_INFO"])
    assert Institution.objects.count() == before + 1


def test_a_staged_file_of_somebody_else_is_absent(world: World, visit):
    client = visit("admin")
    sent = client.post(
        reverse("institution_import"),
        {"file": SimpleUploadedFile("x.json", json.dumps([]).encode())},
    )
    assert sent.status_code == 303
    assert visit("bohdan").get(sent["Location"]).status_code in {403, 404}


def test_a_class_leads_to_its_pupils_only_for_those_who_see_them_by_name(world: World, visit):
    address = reverse("class_detail", args=[world.classes["school1/5-А"].uid])
    assert "Іваненко" in body(visit("olena").get(address))
    assert "Іваненко" not in body(visit("maria").get(address))
    pupils = visit("olena").get(
        reverse("pupil_list"), {"class_id": str(world.classes["school1/5-А"].uid)}
    )
    assert "Іваненко" in body(pupils)
    assert "Ґудзь" not in body(pupils)


def test_an_authority_sees_on_its_home_page_the_cards_that_wait_for_it(world: World, visit):
    client = visit("bohdan")
    home = body(client.get(reverse("home")))
    assert "Перевірити 2 картки закладів" in home
    client.post(reverse("institution_confirm", args=[card_of(world).uid]), {"version": "1"})
    assert "Перевірити 1 картку закладу" in body(client.get(reverse("home")))
    waiting = body(client.get(reverse("institution_list"), {"unconfirmed": "1"}))
    assert "Чернівецька гімназія № 2" in waiting
    assert "Чернівецький ліцей № 1" not in waiting
