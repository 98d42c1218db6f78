"""Open data: anybody takes a set without signing in; an issue never changes; nobody is told of few."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import random

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from rdflib import Graph, Namespace, URIRef

from accounts import actors
from kernel import batch
from kernel.db import command
from kernel.errors import NotFound
from registry.models import Institution
from reports import definition, errors, tasks
from reports.models import OpenFile, OpenIssue
from reports.open import datasets, secrecy
from reports.portal import open as open_pages
from reports.services import open as commands
from tests.kit.acts import noted
from tests.reports import NOW, generate
from tests.world import sign_in

ANALYST = "maria"
RDF = Namespace("http://www.w3.org/1999/02/22-rdf-syntax-ns#")
DCAT = Namespace("http://www.w3.org/ns/dcat#")
DCTERMS = Namespace("http://purl.org/dc/terms/")


def published(world, what: str = "institutions", run=None, who: str = ANALYST) -> OpenIssue:
    issue = commands.publish(
        actor=world.actor(who), dataset=what, run_id=run.pk if run else None, now=NOW
    )
    batch.carry_on(commands.WORK, issue.pk, actor=actors.system("тест"), clock=lambda: NOW)
    issue.refresh_from_db()
    return issue


def taken(client, issue: OpenIssue, kind: str = "csv", **headers):
    return client.get(
        reverse("open_data_file", args=[issue.dataset, issue.number, kind]), headers=headers
    )


def rows_of(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))


def renamed(world, name: str) -> None:
    @command
    def rename(*, actor):
        Institution.objects.filter(pk=world.institutions["school1"].pk).update(full_name=name)
        noted()

    rename(actor=actors.system("тест"))


def test_the_ministry_publishes_on_a_page_and_a_stranger_takes_the_very_bytes(world, client):
    sign_in(client, world.grants[ANALYST])
    page = reverse("open_data_publish")
    assert client.post(page, {"what": "institutions"}).status_code == 303
    issue = OpenIssue.objects.get()
    assert "Оприлюднено: випуск 1" in client.get(page).content.decode()
    client.cookies.clear()
    assert "Заклади освіти" in client.get(reverse("open_data")).content.decode()
    issue.refresh_from_db()
    answer = taken(client, issue)
    rows = rows_of(answer)
    assert {row["uid"] for row in rows} == {
        str(one.uid) for one in Institution.objects.exclude(status="DRAFT")
    }
    kept = OpenFile.objects.get(issue=issue, kind="csv")
    assert hashlib.sha256(answer.content).digest() == bytes(kept.sha256)
    assert len(answer.content) == kept.size
    packed = taken(client, issue, **{"accept-encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == answer.content
    again = taken(client, issue, **{"if-none-match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    told = json.loads(taken(client, issue, "json").content)
    assert [one["uid"] for one in told] == [row["uid"] for row in rows]


def test_no_person_of_an_institution_is_in_its_set(world):
    said = "Директорка Таємна Особа"

    @command
    def name_them(*, actor):
        Institution.objects.update(director=said)
        noted()

    name_them(actor=actors.system("тест"))
    issue = published(world)
    for file in issue.files.all():
        assert said.encode() not in gzip.decompress(file.packed)


def test_an_issue_stays_as_it_was_and_the_same_data_make_no_new_one(world, client):
    first = published(world)
    before = taken(client, first).content
    same = published(world)
    assert (same.state, same.number, same.same_as) == ("DONE", None, first)
    renamed(world, "Ліцей, що змінив назву")
    second = published(world)
    assert second.number == 2
    assert taken(client, first).content == before
    assert "Ліцей, що змінив назву" in taken(client, second).content.decode()


def test_an_issue_that_was_taken_back_says_why_and_gives_no_file(world, client):
    first = published(world)
    sign_in(client, world.grants[ANALYST])
    page = reverse("open_data_withdraw", args=[first.pk])
    assert client.post(page, {"reason": " \n "}).status_code == 422
    assert client.post(page, {"reason": "Помилка в адресах"}).status_code == 303
    with pytest.raises(errors.IssueWithdrawn):
        commands.withdraw(actor=world.actor(ANALYST), issue_id=first.pk, reason="ще", now=NOW)
    client.cookies.clear()
    gone = taken(client, first)
    assert gone.status_code == 410
    assert "Помилка в адресах" in gone.content.decode()
    shown = client.get(reverse("open_data_set", args=["institutions"])).content.decode()
    assert "Помилка в адресах" in shown
    # What was taken back is no reason to keep the next issue back, though it is the same.
    assert published(world).number == 2


def test_a_network_takes_so_many_files_and_is_told_when_there_are_more(world, client, monkeypatch):
    issue = published(world)
    cache.clear()
    monkeypatch.setattr(open_pages, "FILES_IN_TEN_MINUTES", 2)
    kept = [taken(client, issue) for _ in range(3)]
    assert [one.status_code for one in kept] == [200, 200, 429]
    assert int(kept[2]["Retry-After"]) > 0
    # Who has the file already costs nothing and is answered.
    assert taken(client, issue, **{"if-none-match": kept[0]["ETag"]}).status_code == 304
    assert (
        client.get(reverse("open_data_file", args=["institutions", 10**30, "csv"])).status_code
        == 404
    )


def test_only_one_issue_of_a_set_is_composed_at_a_time(world):
    commands.publish(actor=world.actor(ANALYST), dataset="institutions", now=NOW)
    with pytest.raises(errors.IssueUnderWay):
        commands.publish(actor=world.actor(ANALYST), dataset="institutions", now=NOW)
    commands.publish(actor=world.actor(ANALYST), dataset="eis", now=NOW)


def test_an_issue_under_way_is_stopped_and_taken_up_on_the_page(world, client):
    issue = commands.publish(actor=world.actor(ANALYST), dataset="institutions", now=timezone.now())
    sign_in(client, world.grants[ANALYST])
    page = reverse("open_data_publish")
    assert "Готується: Заклади освіти" in client.get(page).content.decode()
    client.post(page, {"do": "stop", "issue": str(issue.pk)})
    issue.refresh_from_db()
    assert issue.state == "CANCELLED"
    assert "Зупинено: Заклади освіти" in client.get(page).content.decode()
    assert client.post(page, {"do": "stop", "issue": str(issue.pk)}).status_code == 409
    assert client.post(page, {"do": "stop", "issue": "x"}).status_code == 404
    client.post(page, {"do": "again", "issue": str(issue.pk)})
    issue.refresh_from_db()
    assert (issue.state, issue.number) == ("DONE", 1)


def test_the_calendar_asks_for_what_is_monthly_and_passes_by_what_is_under_way(world):
    commands.publish(actor=world.actor(ANALYST), dataset="eis", now=NOW)
    tasks.publish_monthly()
    asked = list(OpenIssue.objects.order_by("created_at").values_list("dataset", flat=True))
    monthly = [one.code for one in datasets.every() if one.monthly]
    assert sorted(asked) == sorted(monthly)
    assert not OpenIssue.objects.exclude(dataset="eis").filter(requested_by__isnull=False).exists()


def test_the_catalogue_is_read_by_machines_in_all_its_forms(world, client):
    issue = published(world)
    published(world, "eis")
    graphs = []
    for form, named in (("ttl", "turtle"), ("jsonld", "json-ld"), ("rdf", "xml")):
        answer = client.get(reverse("open_data_catalogue", args=[form]))
        assert answer.status_code == 200
        graphs.append(Graph().parse(data=answer.content, format=named))
    assert len({len(graph) for graph in graphs}) == 1
    graph = graphs[0]
    sets = set(graph.subjects(RDF.type, DCAT.Dataset))
    assert len(sets) == 2
    # What DCAT-AP 3 demands of a catalogue, a set and a distribution.
    for one in (*graph.subjects(RDF.type, DCAT.Catalog), *sets):
        for needed in (DCTERMS.title, DCTERMS.description, DCTERMS.publisher):
            assert graph.value(one, needed) is not None, (one, needed)
    files = {
        str(graph.value(one, DCAT.downloadURL))
        for one in graph.subjects(RDF.type, DCAT.Distribution)
        if graph.value(one, DCAT.accessURL) and graph.value(one, DCTERMS.license)
    }
    here = reverse("open_data_file", args=["institutions", issue.number, "csv"])
    assert f"http://testserver{here}" in files
    assert len(files) == 4
    assert (None, DCAT.distribution, URIRef(f"http://testserver{here}#distribution")) in graph


def test_the_description_of_columns_speaks_of_every_column_of_the_file(world, client):
    issue = published(world)
    told = json.loads(taken(client, issue, "schema").content)
    head = next(csv.reader(io.StringIO(taken(client, issue).content.decode())))
    assert [one["titles"] for one in told["tableSchema"]["columns"]] == head
    assert set(told["tableSchema"]["primaryKey"]) <= set(head)


def test_cells_of_a_form_are_published_by_institution_and_few_people_are_not_told(richer, client):
    run = generate(richer, ANALYST, "mon")
    issue = published(richer, "znz1-1", run)
    assert issue.as_of == run.as_of
    rows = {row["uid"]: row for row in rows_of(taken(client, issue))}
    school = rows[str(richer.institutions["school1"].uid)]
    assert school["ЗНЗ1 1.1.1"] == "3"  # classes are no people
    assert school["ЗНЗ1 1.12.1"] == datasets.HIDDEN  # four children
    assert school["ЗНЗ1 1.12.15"] == "0"
    assert issue.hidden > 0
    with pytest.raises(errors.RunNeeded):
        commands.publish(actor=richer.actor(ANALYST), dataset="znz1-1", now=NOW)


def test_a_run_of_a_part_of_the_country_is_not_published(world):
    run = generate(world, "iryna", "chernivetska")
    with pytest.raises(NotFound):
        published(world, "znz1-1", run)


# ── what may be reckoned ─────────────────────────────────────────────────────
def small() -> definition.Form:
    return definition.load("ZNZ1-1")


def cells(form, **given: int):
    """A form where row 1.12 has these numbers of children by column, everything else follows."""
    values = [[0] * len(form.columns) for _ in form.rows]
    codes = [line.code for line in form.rows]
    for code in ("1.12", "1.20"):  # all of them learn by day
        row = values[codes.index(code)]
        for column, value in given.items():
            row[int(column[1:]) - 1] = value
        row[0] = sum(row[1:])
    return values, codes.index("1.12")


def test_a_single_kept_back_cell_takes_another_along():
    form = small()
    values, row = cells(form, c3=3, c4=20, c5=17)
    back = {column for r, column in secrecy.kept_back(secrecy.sums_of(form), values) if r == row}
    assert back == {2, 4}  # three, and the smaller of the two beside it: the total stays


def test_two_kept_back_cells_that_leave_too_little_room_take_a_third():
    form = small()
    values, row = cells(form, c3=1, c4=1, c5=30)
    back = {column for r, column in secrecy.kept_back(secrecy.sums_of(form), values) if r == row}
    assert back == {2, 3, 4}


def test_what_is_left_of_a_whole_is_kept_back_too():
    form = small()
    values, row = cells(form, c3=30)
    girls = next(
        n for n, line in enumerate(form.rows) if line.part_of == "1.12" and not line.absent
    )
    values[girls][2] = values[girls][0] = 28  # two of thirty are none of them
    back = secrecy.kept_back(secrecy.sums_of(form), values)
    assert (girls, 2) in back
    assert (girls, 0) in back
    assert (row, 2) not in back


@pytest.mark.parametrize("code", ["ZNZ1-1", "83-RVK"])
def test_no_kept_back_cell_has_one_answer_whatever_the_figures(code):
    """Chance figures of many shapes: nothing that is kept back can be solved from what is shown."""
    form = definition.load(code)
    sums = secrecy.sums_of(form)
    chance = random.Random(7)
    kept = 0
    for _ in range(120):
        values = _consistent(form, sums, chance)
        back = secrecy.kept_back(sums, values)
        kept += len(back)
        small_ones = {
            cell
            for cell in sums.people
            if 0 < (secrecy.people(sums, cell, values) or 0) < secrecy.K
        }
        assert small_ones <= back
        for total, parts in sums.totals:
            hidden = [cell for cell in (total, *parts) if cell in back]
            assert len(hidden) != 1, (total, hidden)
        assert not _solved(back, sums.totals)
    assert kept > 100


def _consistent(form, sums, chance):
    """People fall to lines as the form says: each of a total into one of its parts."""
    values = [[0] * len(form.columns) for _ in form.rows]
    on_axis = form.axis.on == "columns"
    total_lines = {
        total[1 if on_axis else 0] for total, parts in sums.totals if _along(total, parts, on_axis)
    }
    across = [(total, parts) for total, parts in sums.totals if not _along(total, parts, on_axis)]
    parts_of_all = {part for _, parts in across for part in parts}

    def put(cell, many):
        values[cell[0]][cell[1]] = many
        for total, parts in across:
            if total == cell:
                left = many
                for part in parts[:-1]:
                    put(part, chance.randint(0, left))
                    left -= values[part[0]][part[1]]
                put(parts[-1], left)

    for cell in sorted(sums.people - parts_of_all):
        if cell[1 if on_axis else 0] not in total_lines:
            put(cell, chance.choice([0, 0, 1, 2, 4, 5, 9, 30]))
    for (r, c), parts in sums.totals:
        if _along((r, c), parts, on_axis):
            values[r][c] = sum(values[row][column] for row, column in parts)
    return values


def _along(total, parts, on_axis) -> bool:
    """Whether a sum goes along the axis: of one measure over its lines."""
    return all(part[0 if on_axis else 1] == total[0 if on_axis else 1] for part in parts)


def _solved(back, totals):
    """Cells that have one answer, by fractions: an independent reckoning."""
    from fractions import Fraction

    cells = sorted(back)
    place = {cell: n for n, cell in enumerate(cells)}
    rows = []
    for total, parts in totals:
        row = [Fraction(0)] * len(cells)
        for part in parts:
            if part in place:
                row[place[part]] += 1
        if total in place:
            row[place[total]] -= 1
        if any(row):
            rows.append(row)
    lead = 0
    for column in range(len(cells)):
        pivot = next((n for n in range(lead, len(rows)) if rows[n][column]), None)
        if pivot is None:
            continue
        rows[lead], rows[pivot] = rows[pivot], rows[lead]
        rows[lead] = [value / rows[lead][column] for value in rows[lead]]
        for n, row in enumerate(rows):
            if n != lead and row[column]:
                times = row[column]
                rows[n] = [a - times * b for a, b in zip(row, rows[lead], strict=True)]
        lead += 1
    return [row for row in rows if sum(1 for value in row if value) == 1]
