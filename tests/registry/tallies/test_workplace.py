"""What an authority meets at home: numbers that are those of the lists they lead to, for every role."""

from __future__ import annotations

import datetime
import io
import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from lxml import html
from python_calamine import CalamineWorkbook

from accounts import actors
from accounts.models import Grant, OrgUnit, UserSession
from accounts.roles import GrantState
from integrations.eis.models import EisSystem
from integrations.eis.services import systems
from kernel import clock
from kernel.audit.outbox import Settled
from kernel.db import command
from registry.models import (
    ClassGroup,
    ContactState,
    Draft,
    Institution,
    Order,
    OrderTask,
    Post,
    Pupil,
    QualityFinding,
    Tally,
    TallySum,
)
from registry.quality.consumer import RecheckChanged
from registry.quality.models import QualityMonth
from registry.tallies import keeping, selectors
from registry.tallies.concerns import AGO, CHECKED, concerns, past, relations
from registry.tallies.consumer import KeepTallies
from registry.tasks import check_quality, keep_tallies
from tests.eis.test_api import grant as grant_key
from tests.kit.acts import noted
from tests.world import FIRST_DAY, sign_in

ABOVE = ("admin", "maria", "iryna", "taras", "bohdan", "hanna")


@command
def write(*, actor, make):
    make()
    noted()


def change(make):
    write(actor=actors.system("тест"), make=make)


@pytest.fixture
def troubled(world):
    """Every concern somewhere: in the city, in the community, in the other oblast."""
    today = clock.today()
    school1, hub = world.institutions["school1"], world.institutions["hub"]
    check_quality()
    systems.register_known(actor=actors.system("тест"))
    grant_key(world, EisSystem.objects.get(name="Моя школа"), datasets=["classes"])

    def make():
        past_day = today - datetime.timedelta(days=30)
        draft = Draft.objects.create(institution=school1, author=world.grants["olena"], title="А")
        Draft.objects.filter(pk=draft.pk).update(updated_at=timezone.now() - datetime.timedelta(30))
        orders = [
            Order.objects.create(
                institution=at, kind="enrol", number=str(n), issued_on=today, year=today.year,
                ground="", effective_on=today, prepared_by=world.grants["olena"],
            )
            for n, at in enumerate((school1, school1, hub))
        ]  # fmt: skip
        Order.objects.update(created_at=timezone.now() - datetime.timedelta(10))
        OrderTask.objects.create(
            order=orders[0],
            for_institution=hub,
            by_institution=school1,
            rows_count=1,
            process="release",
            due_on=past_day,
        )
        ClassGroup.objects.filter(institution=school1).update(capacity=0)
        node = OrgUnit.objects.create(kind="INSTITUTION", name="Нова", parent=world.units["raion"])
        Institution.objects.create(
            unit=node, full_name="Нова", short_name="Нова", type="GYMNASIUM", ownership="COMMUNAL",
            status="ACTIVE", territory_code="UA73060610010033137",
        )  # fmt: skip
        Institution.objects.filter(pk=hub.pk).update(is_confirmed=True)
        Grant.objects.filter(pk=world.grants["nina"].pk).update(
            state=GrantState.INACTIVE, ended_at=timezone.now()
        )
        world.grants["petro"].sessions.create(
            user=world.grants["petro"].user, session_key_sha256=b"1" * 32,
            certificate_sha256=b"2" * 32, certificate_serial="1", started_at=timezone.now(),
            certificate_not_after=timezone.now() + datetime.timedelta(days=3),
        )  # fmt: skip
        connection.cursor().execute(
            "UPDATE eis_mandate SET valid_to = %s", [today + datetime.timedelta(days=9)]
        )

    change(make)
    keep_tallies()
    return world


def client_of(world, who):
    client = Client()
    sign_in(client, world.grants[who])
    return client


def concerns_at(client, query=""):
    """(code, institutions, address) of every concern that the home page tells."""
    page = client.get(reverse("home") + query).content.decode()
    return re.findall(
        r'<tr data-concern="([^"]+)">.*?href="([^"]+)".*?data-l="Закладів">([^<]+)<', page, re.S
    )


def rows_of(client, address):
    """Institutions of a list, over all its pages."""
    found = []
    while address:
        page = client.get(address.replace("&amp;", "&")).content.decode()
        for row in html.fromstring(page).xpath("//table[contains(@class, 'ak-list')]/tbody/tr"):
            (name,) = row.xpath("./th[@scope='row']/a[@href]")
            found.append(name.text_content())
        ahead = re.search(r'<a href="([^"]+)"[^>]*>\s*Наступна', page)
        address = (
            urlsplit(address).path + ahead[1]
            if ahead and ahead[1][0] == "?"
            else ahead[1]
            if ahead
            else ""
        )
    return found


@pytest.mark.parametrize("who", ABOVE)
def test_every_number_is_that_of_the_list_it_leads_to(troubled, who):
    client = client_of(troubled, who)
    told = concerns_at(client)
    assert told
    for code, address, number in told:
        rows = rows_of(client, address)
        assert len(rows) == len(set(rows)) == int(number), code
        file = client.get(address, {"file": "xlsx"}).getvalue()
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(file)).get_sheet_by_index(0).to_python()
        assert [line[0] for line in sheet[1:]] == rows, code


def test_all_kinds_of_concern_are_met_by_the_test_above(troubled):
    met = {code for who in ABOVE for code, _, _ in concerns_at(client_of(troubled, who))}
    assert {code for code in concerns if not code.startswith("finding.")} <= met
    assert any(code.startswith("finding.") for code in met)


def test_who_does_not_see_pupils_hears_nothing_of_them(troubled):
    told = {code for code, _, _ in concerns_at(client_of(troubled, "admin"))}
    assert "no_head" in told
    assert not {code for code in told if code.startswith("finding.")} | told & {
        "unsigned", "stale", "unanswered", "over_norm", "empty",
    }  # fmt: skip
    client = client_of(troubled, "admin")
    assert client.get(reverse("concern", args=["unsigned"])).status_code == 404
    page = client.get("/").content.decode()
    assert "Здобувачів освіти" not in page
    assert client_of(troubled, "olena").get(reverse("concern", args=["no_head"])).status_code == 403


def test_no_child_is_named_on_any_page_of_the_workplace(troubled):
    names = {pupil.surname for pupil in Pupil.objects.all()}
    for who in ("maria", "iryna", "bohdan"):
        client = client_of(troubled, who)
        for address in ("/", *(url for _, url, _ in concerns_at(client))):
            page = client.get(address.replace("&amp;", "&")).content.decode()
            assert not [name for name in names if name in page], (who, address)


def told_by_the_log(make):
    """Do it, and tell the consumers what the log would."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM audit_change")
        last = cursor.fetchone()[0]
        change(make)
        cursor.execute(
            "SELECT id, at, act_id, resource, row_pk, op, unit_old, unit_new"
            " FROM audit_change WHERE id > %s ORDER BY id",
            [last],
        )
        batch = [
            Settled(seq, at, act, seq, "C", code, pk, op=op, unit_old=old, unit_new=new)
            for seq, (_, at, act, code, pk, op, old, new) in enumerate(cursor.fetchall())
        ]
    assert batch
    RecheckChanged().take(batch)
    KeepTallies().take(batch)


def kept():
    fields = ("institution_id", "code", "n", "type", "oblast_id", "hromada_id")
    return set(Tally.objects.values_list(*fields))


def sums():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT oblast_id, type, code, count(*), sum(n) FROM registry_tally GROUP BY 1, 2, 3"
        )
        counted = set(cursor.fetchall())
    told = TallySum.objects.filter(institutions__gt=0)
    return counted, set(told.values_list("oblast_id", "type", "code", "institutions", "n"))


def test_what_the_log_tells_of_is_counted_anew_and_nothing_else_remains(troubled):
    """Whatever happens, the consumer leaves what counting everything would."""

    def happens():
        Grant.objects.filter(pk=troubled.grants["olena"].pk).update(state=GrantState.SUSPENDED)
        ClassGroup.objects.filter(institution=troubled.institutions["hub"]).update(
            closed_on=datetime.date(2026, 11, 1)
        )
        Institution.objects.filter(pk=troubled.institutions["school2"].pk).update(type="GYMNASIUM")
        Post.objects.filter(institution=troubled.institutions["hub"]).update(
            ends_on=datetime.date(2026, 10, 1)
        )
        node = OrgUnit.objects.get(pk=troubled.units["school1"].pk)
        node.parent = troubled.units["lvivska"]
        node.save(update_fields=["parent"])

    before = kept()
    told_by_the_log(happens)
    after = kept()
    assert before != after
    assert keep_tallies() == 0
    assert kept() == after
    assert (troubled.units["school1"].pk, "no_head", 1, "LYCEUM",
            troubled.units["lvivska"].pk, None) in after  # fmt: skip
    counted, told = sums()
    assert counted == told


def test_a_mended_child_leaves_the_count_by_itself(troubled):
    finding = QualityFinding.objects.filter(rule="representative.missing").first()
    code = "finding.representative.missing"
    before = Tally.objects.get(institution=finding.institution, code=code).n

    def drop():
        Pupil.objects.filter(pk=finding.pupil_id).update(patronymic="Зміненівна")
        ContactState.objects.create(
            pupil_id=finding.pupil_id,
            status="LOST_BOTH",
            starts_on=FIRST_DAY,
            attempts="телефонували тричі",
        )
        QualityFinding.objects.filter(pk=finding.pk).delete()

    told_by_the_log(drop)
    assert Tally.objects.get(institution=finding.institution, code=code).n == before
    lost = Tally.objects.filter(institution=finding.institution, code="finding.contact_status.lost")
    assert lost.get().n == 1


def test_last_year_is_told_where_periods_know_it_and_no_data_else(troubled):
    client = client_of(troubled, "bohdan")
    assert client.get("/").content.decode().count("торік: немає даних") >= 3
    today = clock.today()
    early = keeping.year_before(today) - datetime.timedelta(days=40)
    with connection.cursor() as cursor:  # as if the register had been kept two years
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE registry_enrolment SET starts_on = %s WHERE institution_id = %s",
            [early, troubled.institutions["school1"].pk],
        )
        cursor.execute("SET session_replication_role = origin")
    keep_tallies()
    page = client.get("/").content.decode()
    assert re.search(r"торік 2</span>.*?\+1 \(\+50,0 %\)", page, re.S)
    assert "торік є дані 1 із 2 закладів" in page
    assert {"institutions", "pupils", "classes", "staff", "findings", CHECKED} == set(past)
    assert keeping.year_before(datetime.date(2028, 2, 29)) == datetime.date(2027, 2, 28)


def test_what_is_looked_at_stands_in_the_address_and_holds_on_every_page(troubled):
    client = client_of(troubled, "maria")
    area = troubled.units["chernivtsi"].uid
    page = client.get("/", {"area": area}).content.decode()
    sections = re.findall(r'<nav class="ak-nav".*?</nav>', page, re.S)[0]
    for href in re.findall(r'href="([^"]+)"', sections):
        assert parse_qs(urlsplit(href).query) == {"area": [str(area)]}, href
        there = client.get(href).content.decode()
        assert "Управління освіти Чернівецької міської ради" in there
        assert "Показано лише" in there
    schools = client.get(reverse("institution_list"), {"area": area}).content.decode()
    assert "Чернівецька гімназія № 2" in schools
    assert "Мамаївський опорний ліцей" not in schools
    narrowed = client.get(reverse("institution_list"), {"kind": "GYMNASIUM"}).content.decode()
    assert "Нова" in narrowed
    assert "Чернівецький ліцей № 1" not in narrowed
    assert "area" not in str(dict(client.session))


@pytest.mark.parametrize("who", ["maria", "iryna"])
def test_the_numbers_hold_under_every_lens(troubled, who):
    client = client_of(troubled, who)
    for query in (f"?area={troubled.units['chernivtsi'].uid}", "?kind=GYMNASIUM",
                  f"?area={troubled.units['school1'].uid}&kind=LYCEUM"):  # fmt: skip
        for code, address, number in concerns_at(client, query):
            assert len(rows_of(client, address)) == int(number), (query, code)


def test_nobody_looks_beyond_the_own_reach(troubled):
    for who, away in (("iryna", "lvivska"), ("bohdan", "hub"), ("taras", "chernivtsi")):
        client = client_of(troubled, who)
        for name in ("home", "institution_list", "pupil_list"):
            assert client.get(reverse(name), {"area": troubled.units[away].uid}).status_code == 404
    client = client_of(troubled, "iryna")
    assert client.get("/", {"area": "1"}).status_code == 400
    # A school has no lens: what it is given in the address changes nothing.
    own = client_of(troubled, "olena")
    assert own.get("/", {"area": troubled.units["hub"].uid}).status_code == 200
    # A command is never narrowed: the reach of who acts is the grant's.
    assert selectors.totals(troubled.actor("iryna"))["no_head"].institutions >= 2


def test_every_concern_is_counted_by_something():
    told = {code for code in concerns if not code.startswith("finding.")}
    assert told <= set(relations)
    assert not [code for code in relations if code.endswith(AGO)]


def test_the_home_of_a_head_tells_the_next_days_the_soonest_first(troubled):
    """Whom another school waits for, whose key and certificate end."""
    petro = client_of(troubled, "petro")
    soon = timezone.now() + datetime.timedelta(days=3)
    change(lambda: UserSession.objects.update(certificate_not_after=soon))
    page = petro.get("/").content.decode()
    assert "Закінчується ваш сертифікат" in page
    own = client_of(troubled, "olena").get("/").content.decode()
    assert "Закінчується доступ ОІС «Моя школа»" in own
    order = Order.objects.get(number="0")
    change(
        lambda: OrderTask.objects.create(
            order=order,
            for_institution=troubled.institutions["school2"],
            by_institution=troubled.institutions["school1"],
            rows_count=1,
            process="release",
            due_on=clock.today(),
        )
    )
    page = petro.get("/").content.decode()
    assert page.index("за наказом № 0 іншого закладу") < page.index("Закінчується ваш сертифікат")


def test_a_place_is_sought_by_name_in_one_go_and_leads_back_narrowed(troubled):
    client = client_of(troubled, "maria")
    to = "/pupils/?grade=5&kind=LYCEUM&after=x"
    page = client.get(reverse("places"), {"q": "чернівецьк", "to": to}).content.decode()
    area = troubled.units["chernivtsi"]
    assert f'href="/pupils/?grade=5&amp;kind=LYCEUM&amp;area={area.uid}"' in page
    told = client.get(reverse("places_suggest"), {"q": "мамаїв", "to": "/orders/"}).content.decode()
    assert f'data-ak-url="/orders/?area={troubled.units["hub"].uid}"' in told
    below = client.get(reverse("places")).content.decode()
    assert "Львів" in below
    # Nothing beyond the own reach, whatever is looked at now.
    bohdan = client_of(troubled, "bohdan")
    here = {"area": str(troubled.units["school1"].uid)}
    found = bohdan.get(reverse("places"), {"q": "гімназія № 2", **here}).content.decode()
    assert f'"/?area={troubled.units["school2"].uid}"' in found
    assert "Мамаїв" not in bohdan.get(reverse("places"), {"q": "мамаїв"}).content.decode()
    for away in ("//evil.example", "https://evil.example", "/\\evil.example"):
        assert client.get(reverse("places"), {"to": away}).status_code == 400


def test_lists_are_offered_narrowing_and_forms_are_not(troubled):
    client = client_of(troubled, "iryna")
    for name in ("home", "institution_list", "pupil_list", "staff_list", "users", "merge_list",
                 "quality", "reports", "eis_keys"):  # fmt: skip
        page = client.get(reverse(name)).content.decode()
        assert 'id="ak-place"' in page, name
        assert 'id="ak-kind"' in page, name
    for name in ("merge_new", "search", "ui_account", "territory_list"):
        assert 'id="ak-place"' not in client.get(reverse(name)).content.decode()
    assert 'id="ak-place"' not in client_of(troubled, "olena").get("/pupils/").content.decode()


def test_what_is_done_to_all_that_match_looks_through_the_same_lens(troubled):
    client = client_of(troubled, "iryna")
    for query in ({"area": str(troubled.units["chernivtsi"].uid)}, {"kind": "GYMNASIUM"}):
        page = client.get("/institutions/", {**query, "all": "1"}).content.decode()
        (seen,) = re.findall(r'name="seen" value="([^"]+)"', page)
        address = f"/institutions/?{urlencode(query)}"
        file = client.post(address, {"all": "1", "seen": seen, "do": "csv"})
        lines = file.getvalue().decode("utf-8-sig").splitlines()
        assert len(lines) == 1 + int(seen.partition("-")[0]) > 1


def test_users_are_narrowed_by_the_type_of_their_institution(troubled):
    client = client_of(troubled, "iryna")
    whole, lyceums, nobody = (
        client.get("/users/", query).content.decode()
        for query in ({}, {"kind": "LYCEUM"}, {"kind": "BOARDING"})
    )
    surname = troubled.grants["olena"].user.surname
    other = troubled.grants["bohdan"].user.surname  # of an authority, of no type
    assert (surname in whole, surname in lyceums, surname in nobody) == (True, True, False)
    assert (other in whole, other in lyceums) == (True, False)


def test_findings_are_told_beside_those_of_the_month_a_year_ago(troubled):
    today = clock.today()
    school = troubled.institutions["school1"]
    client = client_of(troubled, "iryna")
    assert "немає даних" in client.get("/").content.decode()
    then = clock.month_of(keeping.year_before(today))
    rule = QualityFinding.objects.values_list("rule", flat=True)[0]
    change(lambda: QualityMonth.objects.create(institution=school, month=then, found={rule: 40}))
    keep_tallies()
    page = client.get("/").content.decode()
    (row,) = re.findall(rf'<tr data-concern="finding.{re.escape(rule)}">.*?</tr>', page, re.S)
    assert re.search(r"40 .*?−", row, re.S)
    here = client_of(troubled, "olena").get(reverse("quality")).content.decode()
    assert "Торік" in here
    # The check of today is kept for the next year.
    assert QualityMonth.objects.filter(institution=school, month=clock.month_of(today)).exists()
