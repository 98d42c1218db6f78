"""Pages of the desk: the builder, drawings, files, days and kept questions."""

from __future__ import annotations

import io
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from accounts import actors
from kernel import batch
from reports.desk import rounding, telling
from reports.desk.models import DeskQuery, DeskSlice
from reports.desk.services import queries, slices
from tests.reports import DAY, NOW
from tests.world import sign_in


@pytest.fixture
def counted(richer, client):
    slices.count_now(actor=richer.actor("maria"), day=DAY, today=NOW.date(), now=NOW)
    sign_in(client, richer.grants["maria"])
    return richer


@pytest.fixture
def exact(monkeypatch):
    monkeypatch.setattr(rounding, "told", lambda n, seal, under: n)
    monkeypatch.setattr(telling, "covered", lambda shown, totals: frozenset())


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_a_question_is_put_together_and_answered_on_one_page(counted, client, exact):
    page = text(client.get(reverse("desk"), {"rows": "oblast", "cols": "sex"}))
    assert "Здобувачі освіти, осіб: області, стать" in page
    assert "Станом на 05.09.2026" in page
    assert 'class="ak-tiles"' in page
    assert '<td class="ak-num">7</td>' in page


@pytest.mark.parametrize(
    ("asked", "drawn"),
    [
        ({"rows": "time"}, "ak-line"),
        ({"rows": "age", "cols": "sex"}, "ak-pyramid"),
        ({"rows": "grade"}, "ak-rank"),
        ({"rows": "hromada"}, "ak-tiles"),
        ({"rows": "oblast", "chart": "bars"}, "ak-rank"),
    ],
)
def test_a_drawing_fits_the_table(counted, client, exact, asked, drawn):
    page = text(client.get(reverse("desk"), asked))
    assert drawn in page or (drawn == "ak-line" and "ak-qcharts" in page)


def test_few_people_are_not_told_and_it_is_said_why(counted, client):
    page = text(client.get(reverse("desk"), {"rows": "grade", "cols": "sex"}))
    assert '<td class="ak-num">…</td>' in page
    assert "округлено до 5" in page


def test_what_does_not_go_together_is_said_beside_the_builder(counted, client):
    answer = client.get(reverse("desk"), {"m": "first_graders", "rows": "grade"})
    assert answer.status_code == 422
    assert "прогноз стосується одного класу, першого" in text(answer)
    for odd in ({"day": "учора"}, {"place": "1"}, {"m": "а б"}, {"only": "sex:F"}, {"chart": "0"}):
        assert client.get(reverse("desk"), odd).status_code == 400, odd
    assert client.get(reverse("desk"), {"rows": "0", "cols": "0"}).status_code == 422
    assert client.get(reverse("desk_file", args=["exe"])).status_code == 404
    assert client.get(reverse("desk_file", args=["csv"]), {"rows": "school"}).status_code == 400


def test_an_answer_is_taken_as_a_file_of_five_kinds(counted, client, exact):
    def taken(kind: str) -> bytes:
        answer = client.get(reverse("desk_file", args=[kind]), {"rows": "oblast", "cols": "sex"})
        assert answer.status_code == 200
        assert (
            answer.content
            == client.get(
                reverse("desk_file", args=[kind]), {"rows": "oblast", "cols": "sex"}
            ).content
        )
        return answer.content

    for kind in ("xlsx", "ods"):
        rows = CalamineWorkbook.from_filelike(io.BytesIO(taken(kind))).get_sheet_by_index(0)
        last = [row for row in rows.to_python() if row[0] == "Разом"]
        assert last[0][-1] == 7, kind
    assert "Разом" in taken("csv").decode("utf-8-sig")
    told = json.loads(taken("json"))
    assert told["size"] == [len(told["dimension"]["rows"]["category"]["index"]), 2]
    assert sum(filter(None, told["value"])) == 7
    assert len(told["value"]) == told["size"][0] * told["size"][1]
    assert taken("pdf").startswith(b"%PDF")


def test_a_kept_back_figure_is_kept_back_in_files_too(counted, client):
    told = json.loads(client.get(reverse("desk_file", args=["json"]), {"rows": "grade"}).content)
    assert None in told["value"]
    assert set(told["status"].values()) == {"c"}
    assert "…" in client.get(reverse("desk_file", args=["csv"]), {"rows": "grade"}).content.decode()


def test_statements_do_not_grow_with_rows(counted, client):
    def statements(asked) -> int:
        client.get(reverse("desk"), asked)
        with CaptureQueriesContext(
            connection,
        ) as made:
            client.get(reverse("desk"), asked)
        return len(made)

    assert statements({"rows": "hromada"}) <= statements({"rows": "sex"}) + 1
    assert statements({"rows": "oblast", "cols": "grade"}) <= statements({"rows": "sex"}) + 1


def test_a_question_is_kept_shared_changed_and_removed(counted, client, exact):
    new = reverse("desk_query_new") + "?m=pupils&rows=oblast&cols=sex"
    assert client.get(new).status_code == 200
    answer = client.post(new, {"title": "Учні за статтю", "shared": "on"})
    kept = DeskQuery.objects.get()
    assert answer.status_code == 303
    assert kept.asks == {"m": "pupils", "rows": "oblast", "cols": "sex"}
    assert client.post(new, {"title": "Учні за статтю"}).status_code == 422

    sign_in(client, counted.grants["iryna"])
    assert "Учні за статтю" in text(client.get(reverse("desk_queries")))
    there = client.get(reverse("desk_query", args=[kept.pk]))
    assert there.status_code == 303
    # A question about the country's oblasts is no question of an oblast: said, not hidden.
    assert client.get(there.url).status_code == 422
    change = reverse("desk_query_change", args=[kept.pk])
    assert client.get(change).status_code == 403
    assert client.post(reverse("desk_query_remove", args=[kept.pk])).status_code == 403

    sign_in(client, counted.grants["maria"])
    client.post(change, {"title": "Інша назва", "version": "1"})
    kept.refresh_from_db()
    assert (kept.title, kept.shared, kept.version) == ("Інша назва", False, 2)
    assert client.post(change, {"title": "Ще інша", "version": "1"}).status_code in {412, 422}
    sign_in(client, counted.grants["iryna"])
    assert client.get(reverse("desk_query", args=[kept.pk])).status_code == 404
    assert client.get(change).status_code == 404
    sign_in(client, counted.grants["maria"])
    remove = reverse("desk_query_remove", args=[kept.pk])
    assert client.post(remove).status_code == 412
    client.post(remove, {"version": "2"})
    assert not DeskQuery.objects.exists()


def test_a_day_is_counted_from_its_page(richer, client, monkeypatch):
    monkeypatch.setattr("kernel.jobs.start", lambda task, *args: True)  # the worker is away yet
    sign_in(client, richer.grants["maria"])
    assert "Показників ще немає" in text(client.get(reverse("desk")))
    answer = client.post(reverse("desk_days"), {"day": DAY.isoformat()})
    made = DeskSlice.objects.get()
    assert answer.url == reverse("desk_day", args=[made.pk])
    assert "Пораховано груп показників: 0" in text(client.get(answer.url))
    assert client.post(reverse("desk_days"), {"day": "2026-09-06"}).status_code == 422
    assert client.post(reverse("desk_days"), {"day": DAY.isoformat()}).status_code == 422
    actor = actors.system("тест")
    batch.cancel(actor=actor, work=slices.WORK, run_id=made.pk, now=NOW)
    assert "Не пораховано" in text(client.get(answer.url))
    client.post(reverse("desk_day_resume", args=[made.pk]))
    batch.carry_on(slices.WORK, made.pk, actor=actor, clock=lambda: NOW)
    assert "Переглянути показники" in text(client.get(answer.url))
    client.post(reverse("desk_day_resume", args=[made.pk]))
    made.refresh_from_db()
    assert made.state == "DONE"


def test_others_have_no_desk(counted, client):
    for who in ("olena", "admin"):
        sign_in(client, counted.grants[who])
        assert client.get(reverse("desk")).status_code == 403
    sign_in(client, counted.grants["taras"])
    away = counted.units["chernivetska"].uid
    assert client.get(reverse("desk"), {"place": str(away)}).status_code == 404
    made = queries.keep(actor=counted.actor("maria"), title="Своє", asks={"place": str(away)}, shared=True, now=NOW)  # fmt: skip
    there = client.get(reverse("desk_query", args=[made.pk]))
    assert client.get(there.url).status_code == 404
