"""Every list: orders by its heads, page by page; files of exactly what it shows; rows chosen."""

from __future__ import annotations

import csv
import io
import re
import tracemalloc
from datetime import date
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.test import Client
from lxml import html
from python_calamine import CalamineWorkbook

from accounts.selectors import users
from kernel import clock
from kernel.audit.models import Look
from kernel.paging import Order
from kernel.tables import writing
from kernel.ui import files, listing
from registry.drafts.models import Draft
from registry.institutions import selectors as institutions
from registry.orders.selectors import orders as papers
from registry.people.selectors import lists as pupils
from registry.staff import selectors as staff
from tests.registry.drafts.test_drafts import numbered
from tests.registry.orders.test_orders import prepared, sign
from tests.world import World, hire, sign_in

pytestmark = pytest.mark.django_db

# A list, who sees it by name with all its orders, and what orders it.
LISTS = {
    "/pupils/": ("olena", pupils.ORDERS),
    "/institutions/": ("iryna", institutions.ORDERS),
    "/staff/": ("olena", staff.ORDERS),
    "/users/": ("admin", users.ORDERS),
    "/orders/": ("olena", papers.ORDERS),
}


@pytest.fixture(autouse=True)
def nobody_took_files() -> None:
    cache.clear()


@pytest.fixture
def as_(client: Client, world: World):  # type: ignore[no-untyped-def]
    def of(who: str) -> Client:
        sign_in(client, world.grants[who])
        return client

    return of


def rows_of(answer) -> list[str]:  # type: ignore[no-untyped-def]
    page = html.fromstring(answer.content.decode())
    return [
        " ".join(one.text_content().split()) for one in page.xpath("//tbody/tr/th[@scope='row']")
    ]


def sheets(answer) -> tuple[list[list[object]], ...]:  # type: ignore[no-untyped-def]
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.getvalue()))
    return tuple(book.get_sheet_by_name(name).to_python() for name in book.sheet_names)


# ── orders ───────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("path", "who", "order"),
    [(path, who, name) for path, (who, orders) in LISTS.items() for name in orders],
)
def test_each_order_goes_both_ways_loses_nobody_and_is_told(path, who, order, as_, world):
    if path == "/staff/":
        for surname in ("Ярова", "Абетка", "Ґава"):
            employ(world, surname)
    if path == "/orders/":
        signed_and_waiting(world)
    client = as_(who)
    usual = rows_of(client.get(path))
    up, down = (client.get(path, {"order": f"{way}{order}"}) for way in ("", "-"))
    assert sorted(rows_of(up)) == sorted(rows_of(down)) == sorted(usual)
    assert len(usual) > 1
    for answer, said in ((up, "ascending"), (down, "descending")):
        page = html.fromstring(answer.content.decode())
        # A school of one building has no column «Заклад».
        heads = page.xpath("//th[@aria-sort]/@aria-sort")
        assert heads == ([] if order == "institution" else [said])
        usually = {"name": "ascending", "order": "descending"}.get(order, "")
        if usually:
            assert rows_of(answer) == (usual if said == usually else usual[::-1])


@pytest.mark.parametrize("order", [f"{way}{name}" for name in pupils.ORDERS for way in ("", "-")])
def test_pages_of_any_order_meet_each_child_once(order, world):
    from registry.people.selectors.filters import Filters

    olena, today = world.actor("olena"), date(2026, 11, 22)
    whole = pupils.listing(olena, Filters(), today=today, order=order)
    first = pupils.listing(olena, Filters(), today=today, order=order, size=1)
    second = pupils.listing(olena, Filters(), today=today, order=order, size=1, after=first.next)
    back = pupils.listing(
        olena, Filters(), today=today, order=order, size=1, before=second.previous
    )
    assert [line.id for line in first.rows + second.rows] == [line.id for line in whole.rows]
    assert second.next is None
    assert back.rows == first.rows


def test_a_long_list_is_sorted_by_name_alone_and_says_why(as_):
    page = as_("bohdan").get("/pupils/", {"order": "born"}).content.decode()
    assert set(re.findall(r'href="[^"]*order=([^"&]+)', page)) == {"-name", "name"}
    assert "у межах одного закладу" in page
    nameless = as_("maria").get("/pupils/", {"order": "-name"})
    assert b"aria-sort" not in nameless.content


def test_each_order_names_its_index_or_says_why_its_rows_are_few():
    from django.apps import apps

    known = {index.name for model in apps.get_models() for index in model._meta.indexes}
    known.add("registry_order_pkey")
    for _, orders in LISTS.values():
        for name, order in orders.items():
            assert isinstance(order, Order)
            said = set(order.index.split())
            assert said <= known or (len(said) > 3 and name not in {"name", "order"}), (
                name,
                order.index,
            )


# ── filters ──────────────────────────────────────────────────────────────────
def test_what_a_list_is_narrowed_by_stands_above_it_and_is_taken_off_one_by_one(as_):
    answer = as_("olena").get("/pupils/", {"sex": "F", "q": "ґу", "order": "-born"})
    page = html.fromstring(answer.content.decode())
    chips = {
        " ".join(one.text_content().split()): one.get("href")
        for one in page.xpath("//a[@class='ak-chip']")
    }
    assert chips == {
        "Прибрати фільтр: Пошук: «ґу»": "/pupils/?sex=F&order=-born",
        "Прибрати фільтр: Стать: Дівчата": "/pupils/?q=%D2%91%D1%83&order=-born",
    }
    (clear,) = page.xpath("//a[text()='Скинути все']")
    assert clear.get("href") == "/pupils/?order=-born"
    assert "1 із 2 учнів" in " ".join(page.xpath("//h1/..")[0].text_content().split())


def test_an_authority_narrows_institutions_to_one_below_it(as_, world):
    client = as_("iryna")
    everything = rows_of(client.get("/institutions/"))
    hromada = world.units["hromada"]
    answer = client.get("/institutions/", {"area": str(hromada.uid)})
    assert f"Показано лише: Прибрати фільтр: {hromada.name}" in " ".join(
        html.fromstring(answer.content.decode()).text_content().split()
    )
    found = rows_of(answer)
    assert found
    assert len(found) < len(everything)
    assert all("Чернівецьк" not in name for name in found)
    foreign = client.get("/institutions/", {"area": str(world.units["lvivska"].uid)})
    assert foreign.status_code == 404


# ── files ────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("path", "who"), [(path, who) for path, (who, _) in LISTS.items()])
def test_a_file_has_the_rows_and_the_heads_of_the_page_and_says_what_it_is(path, who, as_, world):
    if path == "/staff/":
        employ(world, "Ярова")
    if path == "/orders/":
        signed_and_waiting(world)
    client = as_(who)
    first = next(iter(LISTS[path][1]))
    page = client.get(path, {"order": f"-{first}"})
    heads = [
        " ".join(one.text_content().split())
        for one in html.fromstring(page.content.decode()).xpath("//thead/tr/th")
    ]
    answer = client.get(path, {"order": f"-{first}", "file": "xlsx"})
    table, told_of = sheets(answer)
    parts = ["Прізвище", "Імʼя", "По батькові"]
    named = heads[0].startswith("Прізвище, імʼя")
    assert table[0] == [*(parts if named else heads[:1]), *heads[1:]]
    told = [" ".join(str(cell) for cell in row[: 3 if named else 1]).strip() for row in table[1:]]
    assert [one.split()[0] for one in told] == [one.split()[0] for one in rows_of(page)]
    about = {str(row[0]): row[1] for row in told_of}
    assert about["Відібрано за"] == "без фільтрів"
    assert about["Рядків"] == len(told)
    assert about["Хто вивантажив"]
    assert re.search(r"filename\*=utf-8''%D0", answer["Content-Disposition"], re.IGNORECASE)
    text = client.get(path, {"order": f"-{first}", "file": "csv"}).getvalue()
    assert text.startswith(b"\xef\xbb\xbf")
    again = list(csv.reader(io.StringIO(text.decode("utf-8-sig")), delimiter=";"))
    assert again[0] == table[0]
    assert len(again) == len(table)


def test_a_file_of_names_is_a_look_and_says_so(as_, world):
    as_("olena").get("/pupils/", {"sex": "F", "file": "csv"})
    looks = Look.objects.filter(subject_type="registry.pupil", what="файл зі списком")
    assert [look.subject_id for look in looks] == [str(world.pupils["oksana"].pk)]


def test_a_file_is_refused_in_words_when_it_is_too_long_or_asked_too_often(as_, monkeypatch):
    client = as_("olena")
    monkeypatch.setattr(files, "MOST", 1)
    refused = client.get("/pupils/", {"file": "xlsx"})
    assert refused.status_code == 422
    assert "Звузьте список" in refused.content.decode()
    monkeypatch.setattr(files, "FILES_IN_TEN_MINUTES", 0)
    refused = client.get("/pupils/", {"file": "xlsx"})
    assert (refused.status_code, int(refused["Retry-After"]) > 0) == (429, True)


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_text_that_looks_like_a_formula_stays_text(sign):
    text = f"{sign}1+1"
    columns = [writing.Column("Назва")]
    book = CalamineWorkbook.from_filelike(writing.streamed(writing.Sheet("А", columns, [[text]])))
    assert (
        book.get_sheet_by_index(0).to_python()[1][0] == text.replace("\r", "\n") or sign in "\t\r"
    )
    out = writing.delimited(columns, [[text]])
    rows = list(csv.reader(io.StringIO(out.read().decode("utf-8-sig"), newline=""), delimiter=";"))
    assert rows[1] == [f"'{text}"]


def test_numbers_and_days_are_such_in_a_file_as_in_ukrainian_excel():
    columns = [writing.Column(name) for name in "абв"]
    row = [1200, Decimal("0.75"), date(2026, 9, 1)]
    out = writing.delimited(columns, [row])
    assert out.read().decode("utf-8-sig").splitlines()[1] == "1200;0,75;01.09.2026"
    book = CalamineWorkbook.from_filelike(writing.streamed(writing.Sheet("А", columns, [row])))
    assert book.get_sheet_by_index(0).to_python()[1] == [1200.0, 0.75, date(2026, 9, 1)]


@pytest.mark.parametrize(
    "write", [writing.delimited, lambda c, r: writing.streamed(writing.Sheet("А", c, r))]
)
def test_a_long_file_takes_the_memory_of_a_few_rows(write):
    columns = [writing.Column(name) for name in "абвгд"]

    def peak(number: int) -> int:
        tracemalloc.start()
        write(columns, ([f"рядок {n}", n, f"{n}-А", "", "ю" * 50] for n in range(number))).close()
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(100)  # what is made once
    assert peak(6_000) < peak(600) + 1_000_000


# ── choosing ─────────────────────────────────────────────────────────────────
def test_the_chosen_become_a_draft_of_withdrawal_and_nobody_else(as_, world):
    ivan = world.pupils["ivan"]
    client = as_("olena")
    answer = client.post("/services/withdraw/start/chosen/", {"pick": [str(ivan.pk)]})
    draft = Draft.objects.get(process="withdraw")
    assert answer["Location"] == f"/services/withdraw/{draft.pk}/"
    assert [row.pupil_id for row in draft.rows.all()] == [ivan.pk]


def test_all_that_match_are_those_that_were_shown_or_it_is_told(as_, world):
    client = as_("olena")
    page = html.fromstring(client.get("/pupils/", {"sex": "F", "all": "1"}).content.decode())
    (seen,) = page.xpath("//input[@name='seen']/@value")
    assert seen == listing.seal([world.pupils["oksana"].pk])
    assert page.xpath("//input[@name='pick'][not(@disabled)]") == []
    where = "/services/withdraw/start/chosen/?sex=F"
    # As if another girl had come meanwhile.
    answer = client.post(where, {"all": "1", "seen": listing.seal([])}, follow=True)
    assert "Було 0, тепер 1" in answer.content.decode()
    assert not Draft.objects.exists()
    client.post(where, {"all": "1", "seen": seen})
    (row,) = Draft.objects.get().rows.all()
    assert row.pupil_id == world.pupils["oksana"].pk


def test_a_file_and_a_sheet_hold_the_chosen_alone(as_, world):
    client = as_("olena")
    chosen = {"pick": [str(world.pupils["ivan"].pk), str(world.pupils["marko"].pk), "x"]}
    table, _ = sheets(client.post("/pupils/", {**chosen, "do": "xlsx"}))
    assert [row[0] for row in table[1:]] == ["Іваненко"]  # Marko learns elsewhere
    printed = client.post("/pupils/", {**chosen, "do": "print"})
    assert len(rows_of(printed)) == 1
    assert b"<caption>" in printed.content
    nobody = client.post("/pupils/", {"do": "xlsx"}, follow=True)
    assert "Нічого не вибрано" in nobody.content.decode()


def test_only_who_has_not_come_in_is_invited_again_and_only_after_it_is_said_whom(as_, world):
    from accounts.models import Invitation

    client = as_("bohdan")
    picked = {"pick": [str(world.grants[who].uid) for who in ("olena", "petro")]}
    answer = client.post("/users/invitations/", picked, follow=True)
    assert "немає тих, хто ще не входив" in answer.content.decode()
    invite_again(world, "petro")
    asked = client.post("/users/invitations/", picked)
    assert "Надіслати 1 запрошення ще раз?" in asked.content.decode()
    assert not Invitation.objects.exists()
    form = html.fromstring(asked.content.decode()).xpath("//form[contains(@class,'ak-confirm')]")[0]
    done = client.post("/users/invitations/", dict(form.form_values()), follow=True)
    assert "Надіслано 1 запрошення" in done.content.decode()
    assert Invitation.objects.get().grant.uid == world.grants["petro"].uid


def signed_and_waiting(world: World) -> None:
    olena = world.actor("olena")
    sign(olena, prepared(olena, world, [numbered(1)]))
    prepared(olena, world, [numbered(2), numbered(3)], number="113-у")


def employ(world: World, surname: str) -> None:
    from kernel.db import command
    from tests.kit.acts import noted

    @command
    def put(*, actor):  # type: ignore[no-untyped-def]
        hire(world.institutions["school1"], surname)
        noted()

    put(actor=world.actor("admin"))


def invite_again(world: World, who: str) -> None:
    from accounts.models import Grant, User
    from kernel.db import command
    from tests.kit.acts import noted

    @command
    def put(*, actor):  # type: ignore[no-untyped-def]
        grant = world.grants[who]
        Grant.objects.filter(pk=grant.pk).update(state="INVITED", activated_at=None)
        User.objects.filter(pk=grant.user_id).update(email="petro@example.org")
        noted()

    put(actor=world.actor("admin"))


def test_children_behind_a_rule_are_sorted_and_taken_out_with_what_is_wrong(as_, world):
    from django.utils import timezone

    from registry.quality import services as quality

    now = timezone.now()
    school = world.institutions["school1"].pk
    olena = world.actor("olena")
    quality.check_institutions(actor=olena, ids=[school], now=now, today=clock.day_of(now))
    client = as_("olena")
    (code, *_) = re.findall(
        r'href="(/quality/(?!indicators|campaigns)[^"/?]+/)',
        client.get("/quality/").content.decode(),
    )
    up, down = (rows_of(client.get(code, {"order": order})) for order in ("name", "-name"))
    assert up == down[::-1]
    assert up
    table, _ = sheets(client.get(code, {"file": "xlsx"}))
    assert table[0] == ["Прізвище, імʼя, по батькові", "Заклад", "Що не так"]
    assert [row[0] for row in table[1:]] == up
