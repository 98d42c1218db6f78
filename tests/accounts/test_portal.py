"""«Управління користувачами» over HTTP: the list, cards, wizards, tables (issue 2 point 4)."""

import io
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
import xlsxwriter
from django.test import Client

from accounts import actors
from accounts.models import Grant, NameMismatch, OrgUnit, User
from accounts.roles import Duty, GrantState, Role
from accounts.services import grants, units
from accounts.services.people import Person
from kernel.audit.models import Look
from kernel.db import command
from tests.kit import acts
from tests.kit.answers import without_number
from tests.world import World, sign_in

pytestmark = pytest.mark.django_db
Somebody = Callable[..., Person]


@pytest.fixture
def as_(world: World) -> Callable[[str], Client]:
    def client_of(who: str) -> Client:
        client = Client()
        sign_in(client, world.grants[who])
        return client

    return client_of


def typed(person: Person, **more: Any) -> dict[str, Any]:
    return {
        "surname": person.surname,
        "given_name": person.given_name,
        "patronymic": person.patronymic,
        "person_code": person.person_code,
        "email": person.email,
        "ground": "№ 203-к від 13.10.2026",
    } | more


def names_in(page: str) -> list[str]:
    return re.findall(r'<a href="/users/[0-9a-f-]{36}/">([^<]+)</a>', page)


# ── the list ─────────────────────────────────────────────────────────────────
def test_each_level_sees_whom_it_looks_after_in_ukrainian_order(as_: Any) -> None:
    seen = {
        who: names_in(as_(who).get("/users/").content.decode())
        for who in ("iryna", "bohdan", "hanna", "olena", "taras")
    }
    assert (
        seen["bohdan"]
        == [
            "Заступниця Дана Олегівна",
            "Сусідній Петро Юрійович",
            "Шкільна Олена Василівна",
        ][1:]
    )
    assert seen["iryna"] == [
        "Громадська Ганна Ігорівна",
        "Міський Богдан Богданович",
        "Опорна Ніна Степанівна",
        "Сусідній Петро Юрійович",
        "Шкільна Олена Василівна",
    ]
    assert seen["hanna"] == ["Опорна Ніна Степанівна"]
    assert seen["olena"] == ["Заступниця Дана Олегівна"]
    assert seen["taras"] == []


@pytest.mark.parametrize("who", ["maria", "dana"])
def test_who_creates_nobody_has_no_list(as_: Any, who: str) -> None:
    response = as_(who).get("/users/")
    assert response.status_code == 403
    assert "не створює облікових записів" in response.content.decode()


def test_the_list_is_searched_and_narrowed_with_counts(world: World, as_: Any) -> None:
    iryna = as_("iryna")
    assert names_in(iryna.get("/users/?q=шкіль").content.decode()) == ["Шкільна Олена Василівна"]
    code = world.grants["petro"].user.person_code
    assert names_in(iryna.get(f"/users/?q={code}").content.decode()) == ["Сусідній Петро Юрійович"]
    assert names_in(iryna.get("/users/?q=59900062").content.decode()) == ["Шкільна Олена Василівна"]
    page = iryna.get("/users/?role=HEAD").content.decode()
    assert len(names_in(page)) == 3
    assert re.search(r"Керівник закладу освіти</span><span>3</span>", page)
    nobody = iryna.get("/users/?q=Немає").content.decode()
    assert "Нікого не знайдено" in nobody
    assert "У цій таблиці поки що немає записів" in as_("taras").get("/users/").content.decode()


def test_pages_of_the_list_lose_nobody_and_cost_the_same(
    world: World, as_: Any, somebody: Somebody, django_assert_max_num_queries: Any
) -> None:
    @command
    def schools(*, actor: actors.Actor) -> list[OrgUnit]:
        acts.noted()
        return [
            units.add_institution(
                parent_id=world.units["hromada"].id,
                name=f"Школа {n}",
                edrpou=None,
                territory_code=None,
            )
            for n in range(60)
        ]

    bohdan = as_("hanna")
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    bohdan.get("/users/")
    with CaptureQueriesContext(connection) as few:
        bohdan.get("/users/")
    grants.create_heads(
        actor=world.actor("hanna"),
        rows=[
            grants.HeadRow(s.uid, somebody(n, surname=f"Новенк{'оуа'[n % 3]}"))
            for n, s in enumerate(schools(actor=actors.system("школи")))
        ],
    )
    with CaptureQueriesContext(connection) as many:
        page = bohdan.get("/users/").content.decode()
    assert len(many) == len(few)
    shown, pages = names_in(page), 1
    while link := re.search(r'href="([^"]+after=[^"]+)" rel="next"', page):
        page = bohdan.get(link[1].replace("&amp;", "&")).content.decode()
        shown += names_in(page)
        pages += 1
    assert (len(shown), pages) == (61, 3)
    back = re.search(r'href="([^"]+before=[^"]+)" rel="prev"', page)
    assert back is not None
    assert names_in(bohdan.get(back[1].replace("&amp;", "&")).content.decode()) == shown[25:50]


# ── the card ─────────────────────────────────────────────────────────────────
def test_the_card_tells_who_did_what_and_keeps_the_look(world: World, as_: Any) -> None:
    olena = world.grants["olena"]
    grants.suspend(actor=world.actor("bohdan"), grant=olena.uid, reason="Перевірка п. 28")
    page = as_("bohdan").get(f"/users/{olena.uid}/").content.decode()
    assert "Роботу зупинено" in page
    assert "Перевірка п. 28" in page
    assert "Міський Б. Б." in page
    assert olena.user.person_code not in page
    assert olena.user.person_code[-4:] in page
    assert Look.objects.filter(subject_type="accounts.user", subject_id=str(olena.user_id)).exists()


def test_a_hidden_card_and_no_card_are_the_same_to_the_byte(world: World, as_: Any) -> None:
    taras = as_("taras")
    hidden = taras.get(f"/users/{world.grants['olena'].uid}/")
    absent = taras.get("/users/019f0000-0000-7000-8000-000000000000/")
    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert without_number(hidden) == without_number(absent)


# ── creation ─────────────────────────────────────────────────────────────────
def test_a_city_creates_a_head_step_by_step(world: World, as_: Any, somebody: Somebody) -> None:
    hanna, person = as_("hanna"), somebody()
    found = hanna.get("/users/new/head/?q=стріл").content.decode()
    branch = world.units["branch"]
    assert f"?unit={branch.uid}" in found
    assert "Чернівецький ліцей" not in hanna.get("/users/new/head/").content.decode()
    assert "Стрілецька філія" in hanna.get(f"/users/new/head/?unit={branch.uid}").content.decode()
    answers = typed(person, unit=str(branch.uid))
    check = hanna.post("/users/new/head/", answers).content.decode()
    assert "Перевірте перед створенням" in check
    assert not User.objects.filter(person_code=person.person_code).exists()
    response = hanna.post("/users/new/head/", answers | {"confirm": "1"})
    grant = Grant.objects.get(user__person_code=person.person_code)
    assert (response.status_code, response["Location"]) == (303, f"/users/{grant.uid}/")
    assert (grant.unit_id, grant.role, grant.ground) == (branch.id, Role.HEAD, answers["ground"])
    assert "Запрошення надіслано" in hanna.get(response["Location"]).content.decode()


def test_going_back_from_the_check_keeps_what_was_typed(
    world: World, as_: Any, somebody: Somebody
) -> None:
    answers = typed(somebody(), unit=str(world.units["branch"].uid), edit="1")
    page = as_("hanna").post("/users/new/head/", answers)
    assert page.status_code == 200
    assert 'value="Новенька"' in page.content.decode()


def test_every_mistake_is_told_at_once_above_and_beside(
    world: World, as_: Any, somebody: Somebody
) -> None:
    person = somebody(surname="Kовалeнко", given_name="", person_code="7146712359", email="немає")
    response = as_("hanna").post(
        "/users/new/head/", typed(person, unit=str(world.units["branch"].uid))
    )
    page = response.content.decode()
    assert response.status_code == 422
    assert "<title>Помилка: " in page
    for words in ("Мабуть, має бути «Коваленко»", "Заповніть поле «Імʼя»", "остання цифра"):
        assert page.count(words) == 2, words
    assert 'href="#id_email"' in page


def test_where_a_head_stands_the_way_to_a_successor_is_shown(world: World, as_: Any) -> None:
    page = as_("bohdan").get(f"/users/new/head/?unit={world.units['school1'].uid}")
    text = page.content.decode()
    assert "У закладу вже є керівник" in text
    assert f"/users/{world.grants['olena'].uid}/successor/" in text


def test_a_head_of_another_authority_cannot_be_created(
    world: World, as_: Any, somebody: Somebody
) -> None:
    response = as_("bohdan").post(
        "/users/new/head/", typed(somebody(), unit=str(world.units["branch"].uid), confirm="1")
    )
    assert response.status_code == 404


def test_an_oblast_adds_an_authority_with_its_administrator(
    world: World, as_: Any, somebody: Somebody
) -> None:
    iryna, person = as_("iryna"), somebody()
    assert "unit=new" in iryna.get("/users/new/administrator/").content.decode()
    unit = {
        "unit": "new",
        "kind": "HROMADA",
        "parent": str(world.units["raion"].uid),
        "name": "Відділ освіти Заставнівської ради",
        "edrpou": "9900 0011",
        "territory_code": "",
    }
    page = iryna.post("/users/new/administrator/", unit | typed(person) | {"edrpou": "99000012"})
    assert page.status_code == 422
    assert "остання цифра не збігається" in page.content.decode()
    answers = unit | typed(person)
    assert "Заставнівської" in iryna.post("/users/new/administrator/", answers).content.decode()
    response = iryna.post("/users/new/administrator/", answers | {"confirm": "1"})
    assert response.status_code == 303
    grant = Grant.objects.select_related("unit").get(user__person_code=person.person_code)
    assert (grant.role, grant.unit.edrpou) == (Role.HROMADA_ADMIN, "99000011")


def test_an_oblast_creates_a_second_administrator_of_an_authority_that_is_there(
    world: World, as_: Any, somebody: Somebody
) -> None:
    response = as_("iryna").post(
        "/users/new/administrator/",
        typed(somebody(), unit=str(world.units["chernivtsi"].uid), confirm="1"),
    )
    assert response.status_code == 303


def test_a_head_creates_a_responsible_person_with_duties(
    world: World, as_: Any, somebody: Somebody
) -> None:
    olena, person = as_("olena"), somebody()
    page = olena.post("/users/new/deputy/", typed(person))
    assert page.status_code == 422
    assert "Позначте хоча б один обовʼязок" in page.content.decode()
    answers = typed(person, duties=["PUPILS", "STAFF"], position="Секретар")
    check = olena.post("/users/new/deputy/", answers).content.decode()
    assert check.count('name="duties"') == 2
    assert olena.post("/users/new/deputy/", answers | {"confirm": "1"}).status_code == 303
    grant = Grant.objects.get(user__person_code=person.person_code)
    assert (grant.duties, grant.position) == ([Duty.PUPILS, Duty.STAFF], "Секретар")


def test_a_city_creates_no_responsible_persons(as_: Any) -> None:
    assert as_("bohdan").get("/users/new/deputy/").status_code == 403
    assert as_("olena").get("/users/new/administrator/").status_code == 403


# ── changes ──────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("step", "state"), [("suspend", GrantState.SUSPENDED), ("inactive", GrantState.INACTIVE)]
)
def test_a_state_changes_with_a_reason_only(world: World, as_: Any, step: str, state: str) -> None:
    bohdan, olena = as_("bohdan"), world.grants["olena"]
    url = f"/users/{olena.uid}/{step}/"
    assert "Шкільна Олена" in bohdan.get(url).content.decode()
    assert bohdan.post(url, {"reason": " "}).status_code == 422
    assert bohdan.post(url, {"reason": "Наказ № 7"})["Location"] == f"/users/{olena.uid}/"
    olena.refresh_from_db()
    assert olena.state == state
    assert as_("taras").post(url, {"reason": "ні"}).status_code == 404


def test_the_head_is_changed_in_one_form(world: World, as_: Any, somebody: Somebody) -> None:
    bohdan, olena = as_("bohdan"), world.grants["olena"]
    url = f"/users/{olena.uid}/successor/"
    assert bohdan.post(url, typed(somebody())).status_code == 422
    response = bohdan.post(url, typed(somebody(), reason="Звільнено"))
    assert response.status_code == 303
    page = bohdan.get(response["Location"]).content.decode()
    assert "Новенька Віра Андріївна" in page
    assert "Запрошено" in page


def test_an_invitation_is_sent_again_and_withdrawn(
    world: World, as_: Any, somebody: Somebody
) -> None:
    hanna = as_("hanna")
    grant = grants.create_head(
        actor=world.actor("hanna"), institution=world.units["branch"].uid, person=somebody()
    )
    url = f"/users/{grant.uid}/"
    assert "nova1@example.com" in hanna.get(url + "invitation/").content.decode()
    assert hanna.post(url + "invitation/", {"email": "b@example.com"}).status_code == 303
    assert "b@example.com" in hanna.get(url).content.decode()
    assert hanna.post(url + "withdraw/", {"reason": "Помилка"}).status_code == 303
    grant.refresh_from_db()
    assert grant.state == GrantState.INACTIVE


def test_a_name_from_the_certificate_waits_on_the_home_page_and_is_taken(
    world: World, as_: Any, somebody: Somebody
) -> None:
    from django.utils import timezone

    @command
    def came(*, actor: actors.Actor, grant: Grant) -> None:
        acts.noted()
        NameMismatch.objects.create(
            grant=grant, certificate_name="Заміжня Віра Андріївна", at=timezone.now()
        )

    hanna = as_("hanna")
    grant = grants.create_head(
        actor=world.actor("hanna"), institution=world.units["branch"].uid, person=somebody()
    )
    came(actor=actors.system("підпис"), grant=grant)
    assert "не збігається: 1 особи" in hanna.get("/").content.decode()
    assert "Прийняти імʼя з сертифіката" in hanna.get(f"/users/{grant.uid}/").content.decode()
    assert as_("taras").post(f"/users/{grant.uid}/name/").status_code == 404
    assert hanna.post(f"/users/{grant.uid}/name/").status_code == 303
    assert User.objects.get(pk=grant.user_id).surname == "Заміжня"


def test_duties_are_changed_by_the_head(world: World, as_: Any) -> None:
    dana = world.grants["dana"]
    url = f"/users/{dana.uid}/duties/"
    (seen,) = re.findall(r'name="seen" value="([^"]*)"', as_("olena").get(url).content.decode())
    typed = {"duties": ["REPORTS"], "seen": seen}
    assert as_("olena").post(url, typed).status_code == 303
    stale = as_("olena").post(url, {"duties": ["STAFF"], "seen": seen})
    assert stale.status_code == 412
    both = f"<td>{Duty.STAFF.label}</td><td>{Duty.REPORTS.label}</td>"
    assert both in stale.content.decode()
    assert 'name="seen" value="REPORTS"' in stale.content.decode()
    dana.refresh_from_db()
    assert dana.duties == [Duty.REPORTS]
    assert as_("petro").post(url, {"duties": ["REPORTS"]}).status_code == 404


# ── a table of heads ─────────────────────────────────────────────────────────
HEAD_LINE = "ЄДРПОУ або назва\tПІБ\tРНОКПП\tЕлектронна пошта\tНаказ"


def test_a_pasted_table_shows_every_problem_in_its_cell_and_is_fixed_in_place(
    world: World, as_: Any, somebody: Somebody
) -> None:
    hanna, one = as_("hanna"), somebody(1)
    text = "\n".join(
        [
            HEAD_LINE,
            f"Стрілецька філія\tНовенька Віра Андріївна\t{one.person_code}\tv@example.com\t№ 1",
            "99999999\tЛaтинка Оля\t123\tнемає\t",
        ]
    )
    page = hanna.post("/users/new/heads/", {"text": text, "read": "1"})
    shown = page.content.decode()
    assert page.status_code == 422
    assert "Виправте 1 рядок; готові: 1" in shown
    assert shown.count('aria-invalid="true"') == 4
    assert "«Латинка»" in shown
    assert Grant.objects.filter(state=GrantState.INVITED).count() == 0
    posted = dict(
        re.findall(r'<input class="ak-input" id="(rows-[^"]+)"[^>]*? value="([^"]*)"', shown)
    )
    assert posted["rows-0-surname"] == "Новенька"
    fewer = hanna.post("/users/new/heads/", posted | {"drop": "1"})
    assert fewer.status_code == 200
    good = {k: v for k, v in posted.items() if k.startswith("rows-0-")}
    response = hanna.post("/users/new/heads/", good | {"confirm": "1"})
    assert response["Location"] == "/users/"
    assert Grant.objects.get(state=GrantState.INVITED).unit_id == world.units["branch"].id


def test_an_uploaded_workbook_is_read_and_a_wrong_file_refused(
    world: World, as_: Any, somebody: Somebody
) -> None:
    hanna, person = as_("hanna"), somebody(1)
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["Заклад", "Прізвище", "Імʼя", "РНОКПП", "Пошта"])
        sheet.write_row(
            1, 0, ["Стрілецька філія", "Новенька", "Віра", person.person_code, "v@example.com"]
        )
    book.seek(0)
    book.name = "керівники.xlsx"
    page = hanna.post("/users/new/heads/", {"file": book, "read": "1", "text": ""})
    assert page.status_code == 200, page.content.decode()[:2000]
    assert "Створити 1 обліковий запис" in page.content.decode()
    picture = io.BytesIO(b"\x89PNG\r\n\x1a\n" + b"\x00" * 100)
    picture.name = "керівники.xlsx"
    wrong = hanna.post("/users/new/heads/", {"file": picture, "read": "1", "text": ""})
    assert wrong.status_code == 422
    assert "Таблицю не прочитано" in wrong.content.decode()
    assert hanna.post("/users/new/heads/", {"text": " ", "read": "1"}).status_code == 422


def hidden(shown: str) -> dict[str, str]:
    """Inputs that travel with a page."""
    return dict(
        re.findall(r'<input type="hidden" name="((?:table|rows-)[^"]*)" value="([^"]*)"', shown)
    )


def test_a_table_of_heads_with_other_headings_asks_which_column_is_which_and_can_ask_anew(
    as_: Any, somebody: Somebody
) -> None:
    hanna, one = as_("hanna"), somebody(1)
    text = (
        "Електронна пошта закладу\tЄДРПОУ\tПІБ керівника закладу\tКод\n"
        f"school@example.com\t99999999\tНовенька Віра Андріївна\t{one.person_code}\n"
    )
    asked = hanna.post("/users/new/heads/", {"text": text, "read": "1"}).content.decode()
    assert "Що у стовпцях?" in asked
    assert re.findall(r'<option value="([a-z_]+)" selected>', asked) == [
        "email",
        "institution",
        "full_name",
    ]
    said = {"c0": "", "c1": "institution", "c2": "full_name", "c3": "person_code"}
    step = hidden(asked) | {"heading": "1", "do": "take"}
    twice = hanna.post("/users/new/heads/", step | said | {"c0": "institution"})
    assert twice.status_code == 422
    assert "указано для двох стовпців" in twice.content.decode()
    shown = hanna.post("/users/new/heads/", step | said).content.decode()
    assert 'value="Новенька"' in shown
    assert f'value="{one.person_code}"' in shown
    assert "school@example.com" not in shown
    cells = dict(
        re.findall(r'<input class="ak-input" id="(rows-[^"]+)"[^>]*? value="([^"]*)"', shown)
    )
    typed = hidden(shown) | cells | {"rows-0-given_name": "Віра-Марія"}
    again = hanna.post("/users/new/heads/", typed | {"columns": "1"}).content.decode()
    said |= {"c0": "email"}
    anew = hanna.post("/users/new/heads/", hidden(again) | said | {"heading": "1", "do": "take"})
    shown = anew.content.decode()
    assert 'value="Віра-Марія"' in shown  # typed since
    assert 'value="school@example.com"' in shown  # read anew


def test_a_second_sheet_of_heads_is_offered_and_a_spoilt_table_is_asked_for_again(as_: Any) -> None:
    hanna, book = as_("hanna"), io.BytesIO()
    with xlsxwriter.Workbook(book) as workbook:
        for name in ("Ліцеї", "Гімназії"):
            sheet = workbook.add_worksheet(name)
            sheet.write_row(0, 0, ["Заклад", "ПІБ", "РНОКПП"])
            sheet.write_row(1, 0, [name, "Новенька Віра Андріївна", "1234567890"])
    book.seek(0)
    book.name = "керівники.xlsx"
    asked = hanna.post(
        "/users/new/heads/", {"file": book, "read": "1", "text": ""}
    ).content.decode()
    assert asked.count('name="sheet"') == 2
    for table in ("x", "eJw=", "AAAA"):
        spoilt = hanna.post("/users/new/heads/", {"table": table, "do": "take"})
        assert spoilt.status_code == 422


# ── the frame ────────────────────────────────────────────────────────────────
def test_services_stand_under_the_names_people_know(as_: Any) -> None:
    home = {who: as_(who).get("/").content.decode() for who in ("bohdan", "olena", "dana", "nina")}
    for words in (
        "Створення облікового запису Керівника ЗО",
        "Відображення створених користувачів",
    ):
        assert words in home["bohdan"]
    assert "Створення облікового запису відповідальної особи" in home["olena"]
    assert "Керівника ЗО" not in home["olena"]
    assert "Керівника ЗО" in home["nina"]  # her hub has a branch
    assert "Управління користувачами" not in home["dana"]
    assert "Шкільна О. В." in home["olena"]
    assert "Чернівецький ліцей № 1" in home["olena"]


def test_every_page_of_users_is_read_without_writing(world: World, as_: Any) -> None:
    bohdan, olena = as_("bohdan"), world.grants["olena"]
    for url in (
        "/users/",
        "/users/new/administrator/",
        "/users/new/administrator/?unit=new",
        "/users/new/head/",
        "/users/new/heads/",
        *(f"/users/{olena.uid}/{step}" for step in ("", "suspend/", "inactive/", "successor/")),
        "/visits/",
        "/grants/",
        "/login/?" + urlencode({"next": "/users/"}),
    ):
        assert bohdan.get(url).status_code in {200, 303}, url
