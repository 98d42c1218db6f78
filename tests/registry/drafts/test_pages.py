"""Pages of pupils, drafts and orders over HTTP."""

from __future__ import annotations

import base64
import io
import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kernel.db import command
from registry.models import Draft, Order, Pupil, Territory
from registry.process import kind
from signatures.api import verify_row
from signatures.models import SigningSession
from signatures.selectors.sessions import files_of
from tests.kit.acts import noted
from tests.kit.answers import without_number
from tests.registry.drafts.test_drafts import begin, looked_at, numbered, same_as
from tests.registry.drafts.test_tables import HEAD, ROWS, xlsx
from tests.registry.fields.test_validation import GOOD
from tests.registry.kit import signature_of
from tests.world import sign_in

HX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def in_november(time_machine):
    time_machine.move_to("2026-11-22 14:00:00+02:00", tick=True)


@pytest.fixture
def as_(world, client):
    def enter(who):
        sign_in(client, world.grants[who])
        return client

    return enter


def text(response):
    return response.content.decode()


def draft_of(world, rows, who="olena"):
    return begin(world.actor(who), world, rows)


def terms(**changes):
    return {
        "number": "112-у",
        "issued_on": "20.11.2026",
        "effective_on": "23.11.2026",
        "ground": "заяви",
        "identity_shown": "on",
    } | changes


# ── every page opens ─────────────────────────────────────────────────────────
def test_every_page_opens_for_the_head(world, as_):
    client = as_("olena")
    draft = draft_of(world, [numbered(1), numbered(2, sex=""), same_as(world.pupils["ivan"])])
    row = draft.rows.first()
    for address in (
        "/",
        reverse("draft_list", args=["enrol"]),
        reverse("draft_list", args=["enrol"]) + "?show=discarded",
        reverse("draft_start", args=["enrol"]),
        reverse("draft_one"),
        reverse("draft_detail", args=["enrol", draft.pk]),
        reverse("draft_detail", args=["enrol", draft.pk]) + "?show=fix",
        reverse("draft_row", args=["enrol", draft.pk, row.id]),
        reverse("draft_discard", args=["enrol", draft.pk]),
        reverse("order_prepare", args=["enrol", draft.pk]),
        reverse("order_list"),
    ):
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert "{{" not in text(answer), address
    for address in (
        reverse("draft_template", args=["enrol"]),
        reverse("draft_problems", args=["enrol", draft.pk]),
    ):
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert answer.content.startswith(b"PK")


def test_a_stranger_gets_the_same_answer_for_hidden_and_absent(world, as_):
    draft = draft_of(world, [numbered(1)])
    client = as_("petro")
    hidden = client.get(reverse("draft_detail", args=["enrol", draft.pk]))
    absent = client.get(
        reverse("draft_detail", args=["enrol", "0190a0b0-0000-7000-8000-000000000000"])
    )
    assert hidden.status_code == absent.status_code == 404
    assert without_number(hidden) == without_number(absent)


# ── beginning ────────────────────────────────────────────────────────────────
def upload(client, name, content):
    return client.post(
        reverse("draft_start", args=["enrol"]),
        {"how": "file", "file": SimpleUploadedFile(name, content)},
    )


def test_an_uploaded_table_opens_as_a_grid(world, as_):
    client = as_("olena")
    answer = upload(client, "учні.xlsx", xlsx([HEAD, *ROWS]))
    draft = Draft.objects.get()
    assert answer.status_code == 303
    assert answer["Location"] == reverse("draft_detail", args=["enrol", draft.pk])
    page = text(client.get(answer["Location"]))
    assert "Поставити I-ТП 010443" in page
    assert "учні.xlsx" in page


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"%PDF-1.7", 422, "PDF"),
        (b"x" * (50 * 1024 * 1024), 413, "50 МБ"),
        (b"x" * (5 * 1024 * 1024 + 10), 413, "5 МБ"),
        (b"", 422, "порожній"),
    ],
)
def test_a_bad_file_is_refused_in_words_and_leaves_nothing(world, as_, content, status, words):
    answer = upload(as_("olena"), "учні.xlsx", content)
    assert answer.status_code == status
    assert words in text(answer)
    assert "<title>Помилка" in text(answer)
    assert not Draft.objects.exists()


def test_fifty_megabytes_are_refused_before_they_are_read(world, as_):
    client = as_("olena")

    class Untouchable(io.RawIOBase):
        def readable(self):
            return True

        def readinto(self, buffer):
            raise AssertionError("the body was read")

    answer = client.generic(
        "POST",
        reverse("draft_start", args=["enrol"]),
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(50 * 1024 * 1024),
        **{"wsgi.input": Untouchable()},
    )
    assert answer.status_code == 413


def test_the_token_against_forgery_is_still_asked(world, as_):
    client = as_("olena")
    client.handler.enforce_csrf_checks = True
    assert client.post(reverse("draft_start", args=["enrol"]), {"how": "blank"}).status_code == 403


def test_a_pasted_table_and_a_blank_one_begin_drafts(world, as_):
    client = as_("olena")
    client.post(
        reverse("draft_start", args=["enrol"]),
        {"how": "paste", "cells": "Прізвище\tІмʼя\tДата народження\nҐудзь\tЛілія\t19.10.2015"},
    )
    assert Draft.objects.get().rows.get().values["surname"] == "Ґудзь"
    client.post(reverse("draft_start", args=["enrol"]), {"how": "blank"})
    assert Draft.objects.latest("created_at").rows.count() == 10


def test_unknown_columns_are_asked_about(world, as_):
    client = as_("olena")
    answer = client.post(
        reverse("draft_start", args=["enrol"]),
        {"how": "paste", "cells": "Ґудзь\tЛілія\t19.10.2015\t5-А"},
    )
    address = answer["Location"]
    assert address.endswith("/columns/")
    assert client.get(address).status_code == 200
    wrong = client.post(address, {"c0": "surname", "c1": "surname"})
    assert wrong.status_code == 422
    client.post(address, {"c0": "surname", "c1": "given_name", "c2": "born_on", "c3": "class"})
    assert Draft.objects.get().rows.get().values["class"] == "5-А"


# ── the grid ─────────────────────────────────────────────────────────────────
def save(client, draft, row, **values):
    return client.post(
        reverse("draft_cells", args=["enrol", draft.pk]),
        {"row": row.id, "version": row.version, **values},
        headers=HX,
    )


def test_a_cell_is_saved_and_the_answer_brings_the_row_and_the_counts(world, as_):
    client = as_("olena")
    draft = draft_of(world, [numbered(1, sex="")])
    row = draft.rows.get()
    answer = save(client, draft, row, sex="М")
    assert answer.status_code == 200
    body = text(answer)
    assert f'data-ak-row="{row.id}" data-ak-version="{row.version + 1}"' in body
    for part in ("draft-summary", "draft-pills", "draft-bar", "ak-saved"):
        assert re.search(rf'id="{part}"[^>]*hx-swap-oob="true"', body), part
    assert "Далі: наказ на 1" in body
    draft.refresh_from_db()
    assert draft.rows.get().state == "READY"


def test_a_stale_cell_answers_409_with_the_row_as_it_is(world, as_):
    client = as_("olena")
    draft = draft_of(world, [numbered(1)])
    row = draft.rows.get()
    save(client, draft, row, surname="Перший")
    answer = save(client, draft, row, surname="Другий")
    assert answer.status_code == 409
    assert 'value="Перший"' in text(answer)


def test_another_row_that_changed_comes_along(world, as_):
    client = as_("olena")
    draft = draft_of(world, [numbered(1), numbered(1)])
    first, second = draft.rows.order_by("position")
    body = text(save(client, draft, first, document="II-ТП 000777"))
    assert f'data-ak-row="{second.id}"' in body


def test_a_pasted_block_answers_with_the_whole_body(world, as_):
    client = as_("olena")
    draft = draft_of(world, [{}])
    answer = client.post(
        reverse("draft_cells", args=["enrol", draft.pk]),
        {
            "paste": "1",
            "start_row": draft.rows.get().id,
            "start_column": "surname",
            "cells": "Ґудзь\tЛілія\nЩасна\tЄва",
        },
        headers=HX,
    )
    assert text(answer).count("data-ak-row=") == 2
    assert "<tbody>" in text(answer)


def test_a_refused_block_is_told_in_words_where_the_messages_are(world, as_):
    client = as_("olena")
    draft = draft_of(world, [numbered(1)])
    answer = client.post(
        reverse("draft_cells", args=["enrol", draft.pk]),
        {
            "paste": "1",
            "start_row": draft.rows.get().id,
            "start_column": "phone",
            "cells": "0671111111\tа\tб\tв\tг",
        },
        headers=HX,
    )
    assert (answer.status_code, answer["HX-Retarget"]) == (422, "#messages")
    assert "Нічого не вставлено" in text(answer)


def test_the_pills_and_the_subtitle_count_what_they_say(world, as_):
    client = as_("olena")
    draft = draft_of(world, [numbered(1), numbered(2, sex=""), {}, {}])
    page = text(client.get(reverse("draft_detail", args=["enrol", draft.pk])))
    counted = dict(re.findall(r"(Усі|Виправити|Перевірити|Готові) <b>(\d+)</b>", page))
    assert counted == {"Усі": "4", "Виправити": "1", "Перевірити": "0", "Готові": "1"}
    assert page.count("data-ak-row=") == 4
    assert "Заповнено 2 рядки." in page
    body = text(save(client, draft, draft.rows.get(position=3), surname="Третя"))
    assert "Заповнено 3 рядки." in body


@pytest.mark.parametrize("typed", ["=1+1", "@SUM(A1)", "<script>alert(1)</script>", "Кoвaль"])
def test_bad_cells_are_told_and_never_become_markup(world, as_, typed):
    client = as_("olena")
    draft = draft_of(world, [numbered(1)])
    answer = save(client, draft, draft.rows.get(), surname=typed)
    assert "<script>alert" not in text(answer)
    assert "is-bad" in text(answer)


def test_the_grid_works_without_scripts(world, as_):
    client = as_("olena")
    draft = draft_of(world, [numbered(1, sex=""), numbered(2)])
    page = text(client.get(reverse("draft_detail", args=["enrol", draft.pk])))
    form = {"row": [], "version": []}
    for name, value in re.findall(
        r'<input type="hidden" name="(row|version)" value="(\d+)">', page
    ):
        form[name].append(value)
    for column in kind("enrol").grid:
        form[column.name] = [r.values.get(column.name, "") for r in draft.rows.order_by("position")]
    form["sex"][0] = "М"
    answer = client.post(reverse("draft_detail", args=["enrol", draft.pk]), {**form, "do": "next"})
    assert answer["Location"] == reverse("order_prepare", args=["enrol", draft.pk])
    assert set(draft.rows.values_list("state", flat=True)) == {"READY"}


def test_acts_on_rows_are_buttons(world, as_):
    client = as_("olena")
    draft = draft_of(world, [numbered(1, sex=""), numbered(2, surname="Цыбуля"), numbered(3)])
    one, two, three = draft.rows.order_by("position")

    def do(act, **more):
        answer = client.post(
            reverse("draft_detail", args=["enrol", draft.pk]), {"do": act, **more}, headers=HX
        )
        assert answer.status_code == 200
        assert "<tbody>" in text(answer)
        assert "<html" not in text(answer)
        return list(draft.rows.order_by("position").values_list("state", flat=True))

    assert do(f"fix|{one.id}|sex|required") == ["READY", "CHECK", "READY"]
    seen = looked_at(draft, "surname:russian_letters", [two])
    assert do(f"ok|{two.id}|surname|russian_letters|{seen}") == ["READY", "READY", "READY"]
    assert do(f"out|{three.id}") == ["READY", "READY", "EXCLUDED"]
    assert do(f"in|{three.id}") == ["READY", "READY", "READY"]
    assert do("undo") == ["FIX", "READY", "READY"]
    assert do("add|10")[3:] == ["EMPTY"] * 10
    assert do("fill", fill_column="form", fill_value="Дистанційна")[0] == "FIX"
    assert do("nonsense|x")[0] == "FIX"


def test_a_possible_twin_is_shown_beside_the_row(world, as_):
    client = as_("olena")
    ivan = world.pupils["ivan"]
    draft = draft_of(world, [same_as(ivan, document="II-ТП 000009")])
    page = text(client.get(reverse("draft_detail", args=["enrol", draft.pk])))
    assert "Це та сама дитина" in page
    assert "Профіль у реєстрі" in page
    client.post(
        reverse("draft_detail", args=["enrol", draft.pk]),
        {"do": re.search(r'value="(other\|[^"]+)"', page)[1]},
        headers=HX,
    )
    assert draft.rows.get().state == "READY"


def test_a_child_elsewhere_is_told_without_who_and_where(world, as_):
    lev = world.pupils["lev"]
    draft = draft_of(world, [numbered(1, document=same_as(lev)["document"])])
    page = text(as_("olena").get(reverse("draft_detail", args=["enrol", draft.pk])))
    assert "уже зараховано до іншого закладу" in page
    for secret in (lev.surname, "Львівський", str(lev.pk), f"{lev.born_on:%d.%m.%Y}"):
        assert secret not in page


def test_a_page_of_rows_costs_the_same_for_one_and_for_thirty(world, as_):
    client = as_("olena")

    def queries(rows):
        draft = draft_of(world, [numbered(rows * 50 + n, sex="") for n in range(rows)])
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("draft_detail", args=["enrol", draft.pk]))
        return len(captured)

    queries(1)
    # one more: the repeated problem offered for all rows asks nothing, a count of pages neither
    assert queries(1) == queries(30)


# ── one child ────────────────────────────────────────────────────────────────
def test_one_child_goes_from_the_form_to_the_order(world, as_):
    client = as_("olena")
    answer = client.post(reverse("draft_one"), GOOD)
    draft = Draft.objects.get()
    assert answer["Location"] == reverse("order_prepare", args=["enrol", draft.pk])


def test_one_child_with_mistakes_keeps_what_was_typed(world, as_):
    client = as_("olena")
    answer = client.post(reverse("draft_one"), GOOD | {"born_on": "31.02.2016", "sex": ""})
    address = answer["Location"]
    page = text(client.get(address))
    assert "31.02.2016 не існує" in page
    assert 'value="Василенко"' in page
    row = Draft.objects.get().rows.get()
    wrong = client.post(address, GOOD | {"version": row.version, "born_on": "32.01.2016"})
    assert wrong.status_code == 422
    assert "<title>Помилка" in text(wrong)
    row.refresh_from_db()
    right = client.post(address, GOOD | {"version": row.version, "do": "next"})
    assert right.status_code == 303
    stale = client.post(address, GOOD | {"version": 1, "born_on": "19.10.2014"})
    assert stale.status_code == 409
    assert 'value="19.10.2014"' in text(stale)


def test_fields_of_one_child_somebody_else_changed_meanwhile_stand(world, as_):
    client = as_("olena")
    draft = draft_of(world, [GOOD])
    row = draft.rows.get()
    save(client, draft, row, phone="0671111111")
    mine = GOOD | {"version": row.version, "email": "m@example.com"}
    address = reverse("draft_row", args=["enrol", draft.pk, row.id])
    # The whole form is sent, as it stood before the other's change; what was typed in is named.
    assert client.post(address, mine | {"changed": "email"}).status_code == 303
    row.refresh_from_db()
    assert (row.values["phone"], row.values["email"]) == ("0671111111", "m@example.com")
    assert client.post(address, mine | {"changed": "phone", "phone": "0"}).status_code == 409


def test_the_form_of_one_child_saves_itself_field_by_field(world, as_):
    client = as_("olena")
    draft = draft_of(world, [GOOD])
    row = draft.rows.get()
    page = text(client.get(reverse("draft_row", args=["enrol", draft.pk, row.id])))
    address = re.search(r'data-ak-autosave="([^"]+)"', page)[1]
    typed = {"version": row.version, "changed": "email", "email": "m@example.com"}
    answer = client.post(address, typed, headers=HX)
    row.refresh_from_db()
    assert row.values["email"] == "m@example.com"
    assert (answer.status_code, answer["X-Version"]) == (200, str(row.version))


def test_mistakes_of_one_child_are_named_by_their_fields_in_their_order(world, as_):
    client = as_("olena")
    wrong = {"surname": "", "born_on": "31.02.2016", "sex": "", "phone": "12"}
    answer = client.post(reverse("draft_one"), GOOD | wrong)
    page = text(client.get(answer["Location"]))
    summary = page[page.index('id="row-errors"') :]
    told = re.findall(r'<li><a href="#(\w+)">([^<:]+):', summary[: summary.index("</ul>")])
    labels = [
        (name, kind("enrol").by_name[name]) for name in ("surname", "born_on", "sex", "phone")
    ]
    assert told == [(name, column.in_full or column.label) for name, column in labels]
    assert "data-ak-focus" in page


def test_country_and_place_of_one_child_are_looked_up_by_name(world, as_):
    client = as_("olena")
    page = text(client.get(reverse("draft_one")))
    assert '<option value="PL">Польща</option>' in page
    assert 'name="address_territory_q"' in page
    assert "Код КАТОТТГ" not in page
    client.post(reverse("draft_one"), GOOD | {"citizenship": "PL", "address_territory_q": "Нетаке"})
    row = Draft.objects.get().rows.get()
    assert row.values["citizenship"] == "PL"
    assert [p["field"] for p in row.problems if p["level"] == "error"] == ["address_territory"]
    address = reverse("draft_row", args=["enrol", row.draft_id, row.id])
    assert 'value="Нетаке"' in text(client.get(address))  # kept as typed, to be mended
    city = Territory.objects.filter(category__in="KMXC").order_by("code").first()
    found = {"address_territory": city.code, "address_territory_q": "", "version": row.version}
    client.post(address, GOOD | found)
    row.refresh_from_db()
    assert row.values["address_territory"] == city.code
    assert city.name in text(client.get(address))


# ── orders ───────────────────────────────────────────────────────────────────
def test_from_the_table_to_the_stamp(world, as_):
    client = as_("olena")
    draft = draft_of(world, [numbered(n) for n in range(1, 31)])
    prepare = reverse("order_prepare", args=["enrol", draft.pk])
    assert "30 учнів" in text(client.get(prepare))
    answer = client.post(prepare, terms(expected="30"))
    order = Order.objects.get()
    assert answer["Location"] == reverse("order_detail", args=[order.pk])
    page = text(client.get(answer["Location"]))
    assert "НАКАЗУЮ" in page
    assert "один підпис" in page.lower()
    content = re.search(r'data-ak-sign-content="([^"]+)"', page)[1]
    shown = SigningSession.objects.get(pk=order.signing_id)
    assert base64.b64decode(content) == bytes(shown.content)
    document = json.loads(files_of(shown)["document.json"])["document"]
    assert document["number"] == "112-у"
    paper = client.get(reverse("order_paper", args=[order.pk]))
    assert paper.content == files_of(shown)["order.pdf"]
    signed = client.post(
        reverse("order_sign", args=[order.pk]),
        {"signature": base64.b64encode(signature_of(order, "olena")).decode()},
    )
    assert signed.status_code == 303
    page = text(client.get(signed["Location"]))
    assert "Наказ № 112-у підписано" in page
    assert "КЕП: ШКІЛЬНА О. В. 22.11.2026" in page
    assert Pupil.objects.filter(order_rows__order=order).count() == 30
    for name in ("order_manifest", "order_signature", "order_rows"):
        assert client.get(reverse(name, args=[order.pk])).status_code == 200
    proof = json.loads(client.get(reverse("order_row_proof", args=[order.pk, 3])).content)
    parts = {name: proof[name].encode() for name in ("manifest", "row", "document")}
    assert verify_row(parts["manifest"], parts["row"], proof["proof"], parts["document"])
    assert client.get(reverse("order_row_proof", args=[order.pk, 31])).status_code == 404
    again = client.post(reverse("order_sign", args=[order.pk]), {"signature": "AA=="})
    assert again.status_code == 303  # a double click
    assert "112-у" in text(client.get(reverse("order_list")))
    card = text(client.get(reverse("pupil_detail", args=[json.loads(proof["row"])["pupil"]])))
    assert "Наказ № 112-у" in card


def test_all_terms_are_judged_at_once(world, as_):
    client = as_("olena")
    draft = draft_of(world, [numbered(1)])
    answer = client.post(
        reverse("order_prepare", args=["enrol", draft.pk]),
        {"number": "", "issued_on": "31.02.2026", "effective_on": "", "ground": ""},
    )
    assert answer.status_code == 422
    assert "Виправте 5 помилок" in text(answer)
    assert 'value="31.02.2026"' in text(answer)


def test_typed_terms_are_kept_in_the_draft(world, as_):
    client = as_("olena")
    draft = draft_of(world, [numbered(1)])
    answer = client.post(
        reverse("order_fields_save", args=["enrol", draft.pk]),
        {"number": "77-у", "changed": "number", "version": "1"},
        headers=HX,
    )
    assert answer.status_code == 200
    assert 'value="77-у"' in text(client.get(reverse("order_prepare", args=["enrol", draft.pk])))


def test_two_windows_of_one_order_lose_nothing_and_show_both_values(world, as_):
    client = as_("olena")
    draft = draft_of(world, [numbered(1)])
    prepare = reverse("order_prepare", args=["enrol", draft.pk])
    save = reverse("order_fields_save", args=["enrol", draft.pk])

    def opened():
        page = text(client.get(prepare))
        return {
            name: re.search(rf'name="{name}" value="([^"]*)"', page)[1]
            for name in ("version", "window")
        }

    one, two = opened(), opened()
    assert client.post(f"{save}?window={one['window']}", one | {"number": "7-у"})["X-Version"]
    kept = client.post(f"{save}?window={two['window']}", two | {"ground": "Заява"})
    assert "X-Version" not in kept  # this window does not show the other's number yet
    answer = client.post(f"{save}?window={two['window']}", two | {"number": "8-у"}, headers=HX)
    assert answer.status_code == 412
    answer = client.post(prepare, terms() | two | {"number": "8-у", "ground": "Заява"})
    page = text(answer)
    assert answer.status_code == 412
    assert "<td>8-у</td><td>7-у</td>" in page
    assert "<td>Заява" not in page  # its own typing
    assert not Order.objects.exists()
    version = re.search(r'name="version" value="([^"]*)"', page)[1]
    sent = client.post(prepare, terms() | two | {"version": version, "number": "8-у"})
    assert sent["Location"] == reverse("order_detail", args=[Order.objects.get().pk])


def test_a_bulk_answer_to_what_changed_meanwhile_is_refused_and_shown_anew(world, as_):
    client = as_("olena")
    draft = draft_of(world, [numbered(1, surname="Цыбуля"), numbered(2, surname="Рыбак")])
    at = reverse("draft_detail", args=["enrol", draft.pk])
    all_right = re.search(r'value="(ok\|\*\|[^"]+)"', text(client.get(at)))[1]
    save(client, draft, draft.rows.get(position=2), surname="Рыбачук")
    answer = client.post(at, {"do": all_right}, headers=HX)
    assert answer.status_code == 409
    assert "тим часом змінено в іншому вікні" in text(answer)
    assert "Рыбачук" in text(answer)
    assert set(draft.rows.values_list("state", flat=True)) == {"CHECK"}
    all_right = re.search(r'value="(ok\|\*\|[^"]+)"', text(answer))[1]
    assert client.post(at, {"do": all_right}, headers=HX).status_code == 200
    assert set(draft.rows.values_list("state", flat=True)) == {"READY"}


def test_a_refused_signature_is_told_on_the_page_and_nothing_is_written(world, as_):
    client = as_("olena")
    draft = draft_of(world, [numbered(1)])
    client.post(reverse("order_prepare", args=["enrol", draft.pk]), terms())
    order = Order.objects.get()
    foreign = base64.b64encode(signature_of(order, "petro")).decode()
    for signature in (foreign, "не base64", ""):
        answer = client.post(reverse("order_sign", args=[order.pk]), {"signature": signature})
        assert answer.status_code == 422
        assert "<title>Помилка" in text(answer)
    assert Pupil.objects.count() == len(world.pupils)


def test_a_deputy_sees_who_has_to_sign(world, as_):
    client = as_("dana")
    draft = draft_of(world, [numbered(1)], "dana")
    client.post(reverse("order_prepare", args=["enrol", draft.pk]), terms())
    order = Order.objects.get()
    page = text(client.get(reverse("order_detail", args=[order.pk])))
    assert "Шкільна Олена Василівна" in page
    assert "data-ak-sign-content" not in page
    assert client.post(reverse("order_sign", args=[order.pk])).status_code == 403


def test_an_order_goes_back_to_be_corrected(world, as_):
    client = as_("olena")
    draft = draft_of(world, [numbered(1)])
    client.post(reverse("order_prepare", args=["enrol", draft.pk]), terms())
    order = Order.objects.get()
    cancel = reverse("order_cancel", args=[order.pk])
    assert client.get(cancel).status_code == 200
    assert client.post(cancel)["Location"] == reverse("draft_detail", args=["enrol", draft.pk])
    assert "не підписано" in text(client.get(reverse("order_detail", args=[order.pk])))


# ── home ─────────────────────────────────────────────────────────────────────
def test_the_home_page_shows_what_waits(world, as_):
    client = as_("olena")
    draft_of(world, [numbered(1), numbered(2, sex="")])
    page = text(client.get("/"))
    assert "Продовжити надання послуги" in page
    assert "Зарахування учнів" in page


# ── how full classes become ──────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("capacity", "said"),
    [
        (9, ""),
        (5, "5-Б: навчається 1, додається 3 — 4 із 5."),
        (4, "4 із 4, клас буде заповнено"),
        (3, "понад норму: 4 при граничній наповнюваності 3"),
    ],
)
def test_the_norm_of_a_class_is_told_before_the_signature(world, as_, capacity, said):
    """In the table, before the order is formed, and beside the order that waits."""
    client, group = as_("olena"), world.classes["school1/5-Б"]

    @command
    def bounded(*, actor):
        group.capacity = capacity
        group.save()
        noted()

    bounded(actor=world.actor("olena"))
    rows = [numbered(1), numbered(2, **{"class": "5б"}), numbered(3)]
    draft = draft_of(world, [*rows, numbered(4, **{"class": "5-А"})])
    pages = [
        client.get(reverse("draft_detail", args=["enrol", draft.pk])),
        client.get(reverse("order_prepare", args=["enrol", draft.pk])),
        client.post(reverse("order_prepare", args=["enrol", draft.pk]), terms(), follow=True),
    ]
    for answer in pages:
        assert (said in text(answer)) if said else ("Наповнюваність" not in text(answer))
