"""The pupils' pages: list at every level, card, corrections."""

from __future__ import annotations

import io
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from kernel.audit.models import EventRow, Look
from registry.models import Pupil
from tests.kit.answers import without_number
from tests.registry.identity.kit import a_second
from tests.world import sign_in


def page(client, path, **query):
    answer = client.get(path, query)
    assert answer.status_code == 200, answer
    return answer.content.decode()


@pytest.mark.parametrize(
    ("who", "sees", "never"),
    [
        ("olena", ["Іваненко", "Ґудзь"], ["Сусіда", "Філійна"]),
        ("bohdan", ["Іваненко", "Сусіда"], ["Філійна", "Львівенко"]),
        ("nina", ["Філійна"], ["Іваненко"]),
    ],
)
def test_each_lists_the_own_children_by_name(client, world, who, sees, never):
    sign_in(client, world.grants[who])
    html = page(client, "/pupils/")
    assert all(name in html for name in sees)
    assert not any(name in html for name in never)


@pytest.mark.parametrize("who", ["maria", "iryna"])
def test_ministry_and_oblast_list_without_names(client, world, who):
    sign_in(client, world.grants[who])
    html = page(client, "/pupils/")
    assert "без прізвищ" in html
    assert not any(pupil.surname in html for pupil in world.pupils.values())
    assert "Чернівецький ліцей № 1" in html


def test_the_technical_administrator_sees_no_children(client, world):
    sign_in(client, world.grants["admin"])
    assert client.get("/pupils/").status_code == 403


def test_the_list_is_searched_and_narrowed(client, world):
    sign_in(client, world.grants["olena"])
    assert "Ґудзь" not in page(client, "/pupils/", q="іван")
    assert "Іваненко" in page(client, "/pupils/", q="000001")
    group = world.classes["school1/5-Б"].uid
    html = page(client, "/pupils/", class_id=group)
    assert "Ґудзь" in html
    assert "Іваненко</b>" not in html
    assert client.get("/pupils/", {"class_id": world.classes["school2/5-А"].uid}).status_code == 404
    assert "Нікого не знайдено" in page(client, "/pupils/", q="Щщщ")


def test_a_damaged_page_mark_is_told(client, world):
    sign_in(client, world.grants["olena"])
    assert client.get("/pupils/", {"after": "%%%"}).status_code == 400


def test_htmx_receives_the_list_alone(client, world):
    sign_in(client, world.grants["olena"])
    answer = client.get("/pupils/", headers={"HX-Request": "true"})
    assert "<html" not in answer.content.decode()


def test_a_card_opens_in_reach_and_notes_the_look(client, world):
    sign_in(client, world.grants["olena"])
    pupil = world.pupils["ivan"]
    html = page(client, f"/pupils/{pupil.pk}/")
    assert "Іваненко Іван" in html
    assert "X-ТЕ № 000001" in html
    assert Look.objects.filter(subject_id=str(pupil.pk), what="картка").count() == 1
    assert "Шкільна О. В." in page(client, f"/pupils/{pupil.pk}/")


def test_a_card_out_of_reach_reads_like_one_that_is_not_there(client, world):
    sign_in(client, world.grants["olena"])
    hidden = client.get(f"/pupils/{world.pupils['marko'].pk}/")
    absent = client.get(f"/pupils/{uuid.uuid4()}/")
    assert hidden.status_code == absent.status_code == 404
    assert without_number(hidden) == without_number(absent)


PROFILE = {
    "surname": "Іваненко", "given_name": "Іван", "patronymic": "", "born_on": "01.03.2016", "sex": "M",
    "citizenship": "UA", "rnokpp": "", "unzr": "", "ground": "свідоцтво X-ТЕ 000001",
}  # fmt: skip


def test_a_profile_is_corrected_with_a_ground_and_the_card_tells_it(client, world):
    sign_in(client, world.grants["olena"])
    pupil = world.pupils["ivan"]
    form = PROFILE | {"version": pupil.version, "surname": "Петренко"}
    assert client.post(f"/pupils/{pupil.pk}/edit/", form).status_code == 303
    assert "прізвище: Іваненко → Петренко" in page(client, f"/pupils/{pupil.pk}/")


def test_all_mistakes_of_a_profile_come_at_once(client, world):
    sign_in(client, world.grants["olena"])
    pupil = world.pupils["ivan"]
    form = PROFILE | {
        "version": pupil.version,
        "surname": "Ivanenko",
        "born_on": "31.02.2016",
        "rnokpp": "7146712359",
        "ground": "",
    }
    answer = client.post(f"/pupils/{pupil.pk}/edit/", form)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert all(
        f'href="#id_{field}"' in html for field in ("surname", "born_on", "rnokpp", "ground")
    )
    assert Pupil.objects.get(pk=pupil.pk).surname == "Іваненко"


def test_a_stale_profile_is_told_and_what_was_typed_stays(client, world):
    sign_in(client, world.grants["olena"])
    pupil = world.pupils["ivan"]
    client.post(
        f"/pupils/{pupil.pk}/edit/", PROFILE | {"version": pupil.version, "surname": "Перший"}
    )
    answer = client.post(
        f"/pupils/{pupil.pk}/edit/", PROFILE | {"version": pupil.version, "surname": "Другий"}
    )
    html = answer.content.decode()
    assert answer.status_code == 412
    assert 'value="Другий"' in html
    assert "<td>Другий</td><td>Перший</td>" in html
    assert Pupil.objects.get(pk=pupil.pk).surname == "Перший"


def test_authorities_look_and_do_not_correct(client, world):
    sign_in(client, world.grants["bohdan"])
    pupil = world.pupils["ivan"]
    assert "Оновити профіль" not in page(client, f"/pupils/{pupil.pk}/")
    assert client.post(f"/pupils/{pupil.pk}/edit/", PROFILE | {"version": 1}).status_code == 403


def test_papers_people_and_categories_are_added(client, world):
    sign_in(client, world.grants["olena"])
    at = f"/pupils/{world.pupils['ivan'].pk}/"
    assert (
        client.post(
            at + "documents/new/",
            {"type": "BIRTH_UA", "document": "X-ТЕ 123457", "issued_on": "02.03.2016"},
        ).status_code
        == 303
    )
    assert (
        client.post(
            at + "guardians/new/",
            {
                "relation": "MOTHER",
                "surname": "Іваненко",
                "given_name": "Ганна",
                "phone": "(000) 123-45-67",
            },
        ).status_code
        == 303
    )
    assert (
        client.post(
            at + "facts/needs/new/",
            {"starts_on": "01.09.2026", "document": "№ 5"},
        ).status_code
        == 422
    )
    assert (
        client.post(
            at + "facts/needs/new/",
            {
                "level": "2",
                "starts_on": "01.09.2026",
                "document": "№ 5",
                "issued_on": "20.08.2026",
            },
        ).status_code
        == 303
    )
    assert (
        client.post(
            at + "address/actual/", {"version": 0, "country": "PL", "line": "Kraków, ul. Długa 1"}
        ).status_code
        == 303
    )
    html = page(client, at)
    for word in ("X-ТЕ № 123457", "Іваненко Ганна", "2-й рівень підтримки", "Kraków"):
        assert word in html


def test_the_file_of_the_list_holds_text_as_text(client, world):
    sign_in(client, world.grants["olena"])
    answer = client.get("/pupils/", {"grade": "5", "file": "xlsx"})
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.getvalue()))
    rows = book.get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows[1:]] == ["Ґудзь", "Іваненко"]
    sign_in(client, world.grants["maria"])
    assert client.get("/pupils/?file=xlsx").status_code == 403


def test_each_school_sees_who_took_its_list_out_and_nobody_sees_what_was_sought(client, world):
    sign_in(client, world.grants["bohdan"])
    client.get("/pupils/", {"q": "іван", "grade": "5", "file": "csv"})
    client.get("/pupils/?file=xlsx")
    client.get("/pupils/", {"q": "нема такої", "file": "xlsx"})
    told = EventRow.objects.filter(code="registry.pupils.exported").order_by("pk")
    assert [(row.unit_id, row.payload) for row in told[:1]] == [
        (world.institutions["school1"].pk, {"filters": ["q", "grade"], "rows": 1})
    ]
    assert {row.unit_id: row.payload["rows"] for row in told[1:]} == {
        world.institutions["school1"].pk: 2,
        world.institutions["school2"].pk: 1,
    }
    sign_in(client, world.grants["petro"])
    html = page(client, "/institutions/own/")
    assert html.count("Вивантажено список учнів") == 1
    assert "1 учень" in html
    sign_in(client, world.grants["olena"])
    assert "1 учень, відібрано за: пошук, паралель" in page(client, "/institutions/own/")


def test_a_list_costs_the_same_for_one_row_and_for_thirty(client, world):
    from tests.eis.test_api import _many

    sign_in(client, world.grants["olena"])

    def queries():
        with CaptureQueriesContext(connection) as captured:
            page(client, "/pupils/")
        return len(captured)

    queries()
    few = queries()
    _many(world, 30)
    assert queries() == few


def test_a_profile_is_closed_by_a_document_that_the_card_shows_and_opened_again(client, world):
    left = a_second(world, at="school1")
    sign_in(client, world.grants["olena"])
    card = f"/pupils/{left.pk}/"
    assert f"{card}close/" in page(client, card)
    wrong = client.post(f"{card}close/", {"reason": "MAJORITY", "closed_on": "31.02.2026"})
    assert wrong.status_code == 422
    for told in ("Такої дати немає", "Заповніть поле «Документ»"):
        assert told in wrong.content.decode()
    said = {"reason": "DEATH", "closed_on": "01.11.2026", "ground": "свідоцтво 1-БК 7"}
    assert client.post(f"{card}close/", said | {"reason": "MAJORITY"}).status_code == 422  # a minor
    assert client.post(f"{card}close/", said)["Location"] == card
    html = page(client, card)
    assert "Профіль закрито: смерть, 01.11.2026" in html
    assert "Підстава: свідоцтво 1-БК 7" in html
    again = client.post(f"{card}reopen/", {"ground": "помилка ДРАЦС"})
    assert again["Location"] == card
    assert "Не навчається" in page(client, card)
    ivan = world.pupils["ivan"]
    assert f"/pupils/{ivan.pk}/close/" not in page(client, f"/pupils/{ivan.pk}/")
    refused = client.post(f"/pupils/{ivan.pk}/close/", said)
    assert "спершу відрахуйте її наказом" in refused.content.decode()
