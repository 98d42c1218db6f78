"""Every list of rows is on the one mechanism: sorted by its heads, narrowed with counts, taken out as shown."""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from lxml import html
from python_calamine import CalamineWorkbook

from accounts import actors
from integrations.eis.models import EisSystem
from integrations.eis.selectors import keys
from integrations.eis.services import systems
from kernel import clock
from kernel.audit.models import Look
from kernel.db import command
from kernel.paging import Order
from registry.admission import selectors as admission
from registry.certificates import selectors as certificates
from registry.coverage import selectors as coverage
from registry.drafts import selectors as drafts
from registry.drafts.models import Draft
from registry.drafts.services import start
from registry.identity import selectors as merges
from registry.identity.services import doubts
from registry.models import CampaignSchool, CoverageCase, PupilDocument, QualityCampaign
from registry.orders.selectors import asked as asked_of
from registry.parents.selectors import requests as parent_requests
from registry.people.selectors import guardians
from registry.quality import selectors as quality
from registry.quality import standing
from registry.quality.services import campaigns
from registry.staff import selectors as staff
from registry.staff.vacancies import selectors as vacancies
from registry.tallies import selectors as tallies
from registry.tasks import check_quality, keep_tallies, seek_duplicates
from reports.campaigns import selectors as reporting
from reports.selectors import figures, subvention
from tests.eis.test_api import get, grant
from tests.kit.acts import noted
from tests.registry.admission import kit as admission_kit
from tests.registry.certificates import kit as certificates_kit
from tests.registry.coverage import kit as coverage_kit
from tests.registry.drafts.test_drafts import numbered
from tests.registry.identity import kit, staff_kit
from tests.registry.movements.test_transfer import row_of, transferred
from tests.registry.parents import kit as parents
from tests.registry.parents.test_requests import asked as asked_by_parents
from tests.registry.staff import test_vacancies as vacancies_kit
from tests.reports import campaigns as kit_of_reporting
from tests.reports import generate, subvention_of
from tests.world import World, hire, sign_in

ROOT = Path(__file__).parents[2]


# ── rows of each list ────────────────────────────────────────────────────────
def _drafts(world: World) -> str:
    for rows in ([numbered(1)], [numbered(2), numbered(3)]):
        start(
            actor=world.actor("olena"),
            institution_id=world.institutions["school1"].pk,
            process="enrol",
            rows=rows,
            moment=clock.moment(),
        )
    return reverse("draft_list", args=["enrol"])


def _records(world: World) -> str:
    coverage_kit.nowhere(world)
    coverage_kit.nowhere(world, "oksana")
    coverage_kit.recorded(world)
    coverage_kit.recorded(world, document="X-ТЕ 000002", born_on="02.03.2016", since="02.10.2026")
    return reverse("coverage_cases", args=["uncovered"])


def _residents(world: World) -> str:
    coverage_kit.lives(world, "ivan")
    coverage_kit.lives(world, "oksana")
    return reverse("coverage_children")


def _letters(world: World) -> str:
    _records(world)
    for case in CoverageCase.objects.all():
        coverage_kit.prepared(world, case, "bohdan")
    return reverse("coverage_letters", args=["uncovered"])


def _merges(world: World) -> str:
    kit.asked(world, world.pupils["ivan"], kit.a_second(world))
    other = kit.a_second(world, surname="Ґудзь", number="900002")
    kit.asked(world, world.pupils["oksana"], other)
    return reverse("merge_list")


def _duplicates(world: World) -> str:
    kit.doubt(world, world.pupils["ivan"], kit.a_second(world))
    other = kit.a_second(world, surname="Ґудзь", number="900002")
    kit.doubt(world, world.pupils["oksana"], other)
    return reverse("duplicate_list")


def _staff_merges(world: World) -> str:
    for one, other in staff_kit.pairs(world):
        staff_kit.asked(world, one, other)
    return reverse("staff_merge_list")


def _staff_duplicates(world: World) -> str:
    staff_kit.pairs(world)
    seek_duplicates()
    return reverse("staff_duplicate_list")


def _keys(world: World) -> str:
    systems.register_known(actor=actors.system("тест"))
    for name in ("Моя школа", "Нові знання"):
        grant(world, EisSystem.objects.get(name=name))
    return reverse("eis_keys")


def _ledger(world: World) -> str:
    systems.register_known(actor=actors.system("тест"))
    issued = grant(world, EisSystem.objects.get(name="Моя школа"))
    for path in ("institution", "classes"):
        assert get(Client(), path, issued.secret).status_code == 200
    return reverse("eis_key_ledger", args=[issued.key.pk])


def _systems(world: World) -> str:
    systems.register_known(actor=actors.system("тест"))
    return reverse("eis_systems")


def _runs(world: World) -> str:
    for form in ("ZNZ1-1", "83-RVK"):
        generate(world, "olena", "school1", form=form)
    return reverse("reports")


def _subventions(world: World) -> str:
    _subvention(world)
    _subvention(world)
    return reverse("subventions")


def _subvention(world: World) -> str:
    made = subvention_of(world)
    return reverse("subvention", args=[made.pk])


def _reporting(world: World) -> str:
    kit_of_reporting.opened(world, unit="chernivetska")
    kit_of_reporting.announced(world, unit="lvivska", title="Інший збір")
    return reverse("campaigns")


def _reporting_schools(world: World) -> str:
    made = kit_of_reporting.opened(world, unit="chernivetska")
    return reverse("campaign", args=[made.pk])


def _quality(world: World) -> str:
    @command
    def lose_a_document(*, actor):  # type: ignore[no-untyped-def]
        PupilDocument.objects.all().delete()
        noted()

    lose_a_document(actor=world.actor("admin"))
    check_quality()
    return reverse("quality")


def _concern(world: World) -> str:
    check_quality()
    keep_tallies()
    return reverse("concern", args=["finding.representative.missing"])


def _campaigns(world: World) -> str:
    check_quality()
    for title, codes in (("Актуалізація", ["certificate"]), ("Звірка", ["contact"])):
        campaigns.announce(
            actor=world.actor("maria"),
            title=title,
            text="",
            indicators=codes,
            due_on=clock.today() + datetime.timedelta(days=9),
            today=clock.today(),
        )
    return reverse("quality_campaigns")


def _campaign(world: World) -> str:
    _campaigns(world)
    return reverse("quality_campaign", args=[QualityCampaign.objects.get(title="Звірка").pk])


def _campaign_school(world: World) -> str:
    _campaigns(world)
    school = CampaignSchool.objects.get(
        campaign__title="Звірка", institution__unit=world.units["school1"]
    )
    return reverse("quality_campaign_school", args=[school.pk])


def _indicator(world: World) -> str:
    check_quality()
    keep_tallies()
    return reverse("quality_indicator", args=["contact"])


def _numbers(world: World) -> str:
    @command
    def put(*, actor):  # type: ignore[no-untyped-def]
        hire(world.institutions["school1"], "Ярова")
        hire(world.institutions["school1"], "Абетка", position="HEAD")
        noted()

    put(actor=world.actor("admin"))
    return reverse("staff_list")


def _asked(world: World) -> str:
    transferred(world, row_of())
    transferred(world, row_of("000001", "01.03.2016"), who="nina", at="hub")
    return reverse("order_task_list")


def _applications(world: World) -> str:
    admission_kit.places(world, many=5)
    admission_kit.applied(world, [admission_kit.cells(n) for n in range(3)])
    return reverse("application_list", args=[world.institutions["school1"].uid])


def _certificates(world: World) -> str:
    certificates_kit.signed(world, "ivan")
    certificates_kit.prepared(world, "oksana")
    return reverse("certificate_list")


def _vacancies(world: World) -> str:
    for rate, position in (("1", "TEACHER"), ("0,5", "HEAD")):
        vacancies_kit.opened(world, world.institutions["school1"], rate=rate, position=position)
    return reverse("vacancy_list")


def _intakes(world: World) -> str:
    admission_kit.places(world, many=5)
    admission_kit.places(world, "petro", "school2")
    return reverse("admission_schools")


def _parent_requests(world: World) -> str:
    for child in ("ivan", "oksana"):
        parents.represents(world, child, surname=world.pupils[child].surname, confirmed=True)
        asked_by_parents(world, child)
    return reverse("parent_request_list")


def _representatives(world: World) -> str:
    parents.represents(world)
    parents.represents(world, "oksana", confirmed=False, surname="Ґудзь", rnokpp=parents.FATHER)
    return reverse("guardian_list")


LISTS: dict[str, tuple[str, Callable[[World], str], Mapping[str, Order]]] = {
    "records": ("bohdan", _records, coverage.CASE_ORDERS),
    "residents": ("bohdan", _residents, coverage.CHILD_ORDERS),
    "letters": ("bohdan", _letters, coverage.LETTER_ORDERS),
    "drafts": ("olena", _drafts, drafts.ORDERS),
    "merges": ("bohdan", _merges, merges.ORDERS),
    "duplicates": ("bohdan", _duplicates, doubts.ORDERS),
    "merges of staff": ("bohdan", _staff_merges, merges.ORDERS),
    "duplicates of staff": ("bohdan", _staff_duplicates, doubts.ORDERS),
    "applications": ("olena", _applications, admission.ORDERS),
    "schools that admit": ("bohdan", _intakes, admission.SCHOOL_ORDERS),
    "certificates of study": ("olena", _certificates, certificates.ORDERS),
    "vacancies": ("olena", _vacancies, vacancies.ORDERS),
    "keys": ("olena", _keys, keys.KEY_ORDERS),
    "calls": ("olena", _ledger, keys.LEDGER_ORDERS),
    "asked of other schools": ("bohdan", _asked, asked_of.ORDERS),
    "systems": ("admin", _systems, keys.SYSTEM_ORDERS),
    "reports": ("olena", _runs, figures.ORDERS),
    "computations of the subvention": ("maria", _subventions, subvention.ORDERS),
    "budgets of the subvention": ("maria", _subvention, subvention.LINE_ORDERS),
    "campaigns of reporting": ("maria", _reporting, reporting.ORDERS),
    "schools of a campaign of reporting": ("maria", _reporting_schools, reporting.SCHOOL_ORDERS),
    "rules": ("olena", _quality, quality.RULE_ORDERS),
    "campaigns": ("maria", _campaigns, standing.CAMPAIGN_ORDERS),
    "institutions of a campaign": ("maria", _campaign, standing.SCHOOL_ORDERS),
    "children of a campaign": ("olena", _campaign_school, standing.FINDING_ORDERS),
    "institutions of an indicator": ("maria", _indicator, standing.INDICATOR_ORDERS),
    "institutions of a concern": ("maria", _concern, tallies.ORDERS),
    "requests of parents": ("olena", _parent_requests, parent_requests.ORDERS),
    "representatives": ("olena", _representatives, guardians.ORDERS),
    "positions": ("maria", _numbers, staff.NUMBER_ORDERS),
}


@pytest.fixture(autouse=True)
def nobody_took_files() -> None:
    cache.clear()


def page_of(client: Client, path: str, **query: str) -> html.HtmlElement:
    answer = client.get(path, query)
    assert answer.status_code == 200, answer.content.decode()[:500]
    return html.fromstring(answer.content.decode())


def rows_of(page: html.HtmlElement) -> list[str]:
    """Words of each row, its cells apart; what only a screen reader hears left out."""
    rows = page.xpath("//table[.//th[@aria-sort]]/tbody/tr")
    seen = ".//text()[not(ancestor::*[@class='ak-vh'])]"
    return [" ".join(" ".join(row.xpath(seen)).split()) for row in rows]


@pytest.mark.django_db
@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_sorted_by_its_heads_and_taken_out_as_it_is_shown(name, client, world):
    who, filled, orders = LISTS[name]
    path = filled(world)
    sign_in(client, world.grants[who])
    usual = rows_of(page_of(client, path))
    assert len(usual) > 1
    offered = {
        re.sub(r".*[?&]order=-?([a-z_]+).*", r"\1", link)
        for link in page_of(client, path).xpath("//a[@class='ak-sort']/@href")
    }
    # A school of one building has no column «Заклад».
    assert offered | {"institution"} == set(orders) | {"institution"}
    for order in offered:
        for way, said in (("", "ascending"), ("-", "descending")):
            page = page_of(client, path, order=f"{way}{order}")
            assert sorted(rows_of(page)) == sorted(usual), order
            assert page.xpath("//th[@aria-sort]/@aria-sort") == [said]
    file = client.get(path, {"file": "xlsx"})
    assert file.status_code == 200
    table = CalamineWorkbook.from_filelike(io.BytesIO(file.getvalue())).get_sheet_by_index(0)
    rows = table.to_python()
    assert len(rows) == len(usual) + 1
    first = [f"{one:%d.%m.%Y}" if isinstance(one, datetime.date) else one for one, *_ in rows[1:]]
    assert [str(one).split()[0] for one in first] == [row.split()[0] for row in usual]


@pytest.mark.django_db
def test_a_file_of_merges_is_a_look_at_both_children(client, world):
    path = _merges(world)
    sign_in(client, world.grants["bohdan"])
    client.get(path, {"file": "csv"})
    seen = Look.objects.filter(subject_type="registry.pupil", what="файл зі списком")
    assert {str(world.pupils["ivan"].pk), str(world.pupils["oksana"].pk)} < set(
        seen.values_list("subject_id", flat=True)
    )
    assert seen.count() == 4


@pytest.mark.django_db
def test_filters_of_a_list_say_how_many_they_leave(client, world):
    path = _drafts(world)
    sign_in(client, world.grants["olena"])
    draft = Draft.objects.first()
    client.post(reverse("draft_discard", args=["enrol", draft.pk]))

    def pills(page: html.HtmlElement) -> dict[str, str]:
        return {
            link.text.strip(): link.xpath("string(b)")
            for link in page.xpath("//nav[@aria-label='Показати чернетки']//a")
        }

    left = pills(page_of(client, path))
    assert left == {"Усі": "1", "Можна продовжити": "1", "Чекають на підпис": "0", "Вилучені": "1"}
    there = page_of(client, path, show="discarded")
    assert len(rows_of(there)) == 1
    again = client.post(
        f"{path}?show=discarded", {"pick": str(draft.pk), "do": "restore"}, follow=True
    )
    assert "Відновлено 1 чернетку" in again.content.decode()
    assert Draft.objects.filter(state="OPEN").count() == 2


def test_each_order_names_its_index_or_says_why_its_rows_are_few():
    from django.apps import apps

    known = {index.name for model in apps.get_models() for index in model._meta.indexes}
    known |= {
        "registry_pupilmerge_pkey",
        "registry_possibleduplicate_pkey",
        "registry_ordertask_pkey",
        "reports_reportrun_pkey",
        "reports_formcampaign_pkey",
    }
    for name, (_, _, orders) in LISTS.items():
        for order in orders.values():
            said = set(order.index.split())
            assert said <= known or len(said) > 3, (name, order.index)


# ── no list beside the mechanism ─────────────────────────────────────────────
# Templates that draw a table of their own, and why it is no list of rows to be sorted and taken out.
TABLES = {
    "journals/journals/_rows.html": "the class page: rows that were saved",
    "journals/journals/book.html": "the class page: pupils by lessons, a spreadsheet",
    "journals/journals/class.html": "journals of one class: a dozen lines of one page",
    "journals/journals/day.html": "lessons of one day, by time",
    "journals/journals/plan.html": "what a week is made of, for one school",
    "journals/journals/plan_rooms.html": "fields of a form",
    "journals/journals/plan_hours.html": "fields of a form",
    "journals/journals/plan_limit.html": "fields of a form: the week of one teacher",
    "journals/journals/plan_found.html": "the week that was found, by class",
    "journals/journals/school.html": "classes of one school and what is to be done with each",
    "journals/journals/year.html": "fields of a form",
    "accounts/accounts/heads_check.html": "what of a table will be done: a step of an upload",
    "accounts/accounts/my_visits.html": "the reader's own last visits: ten lines",
    "integrations/eis/eis/api_docs.html": "a reference",
    "integrations/eis/eis/_road_past.html": "papers of one system: a few lines",
    "integrations/eis/eis/hooks.html": "addresses of one system: five, and those of its keys",
    "integrations/eis/eis/hook.html": "the last fifty messages to one address",
    "integrations/sandbox/sandbox/_passage.html": "a dozen tasks of a programme, in its order",
    "integrations/eis/eis/operator.html": "an operator's own systems: a few lines",
    "integrations/eis/eis/public.html": "connected systems in public, a dozen; open data have them",
    "integrations/eis/eis/texts.html": "versions of two texts: a few lines",
    "integrations/eis/eis/mandate.html": "the keys of one mandate: a few lines",
    "reports/reports/open/set.html": "columns and issues of a set in public: a description",
    "kernel/ui/ui/_meanwhile.html": "what was typed beside what was saved",
    "kernel/ui/ui/_table_step.html": "the first rows of a table that is read: a step of an upload",
    "kernel/ui/ui/gallery.html": "samples",
    "kernel/ui/ui/problem_list.html": "kinds of refusals: a reference",
    "kernel/ui/ui/sheet.html": "a list of the mechanism, printed",
    "registry/registry/_draft_changed.html": "the grid: rows that an act changed",
    "registry/registry/_draft_twin.html": "two children side by side",
    "registry/registry/_order_paper.html": "the order as it is signed",
    "registry/registry/_order_signed.html": "the order as it was signed; its rows have their own file",
    "registry/registry/_row_twin.html": "two children side by side",
    "registry/registry/admission/_lines.html": "a draw as it was published; its files have it whole",
    "registry/registry/cards/extract.html": "history of one card; it has files of its own",
    "registry/registry/certificates/_list.html": "certificates of one signature, as they are signed",
    "registry/registry/classes/detail.html": "one class, by its own order; the printable list of it",
    "registry/registry/coverage/letter.html": "the children of one notice, as it is signed",
    "registry/registry/coverage/overview.html": "twelve months of two sums",
    "registry/registry/coverage/table.html": "what of a table will be recorded: a step",
    "registry/registry/draft_choose.html": "children to choose for an order: a step of the process",
    "registry/registry/draft_detail.html": "the grid: rows being typed",
    "registry/registry/duplicates/detail.html": "two profiles side by side",
    "registry/registry/institutions/import_preview.html": "what of a table will be done",
    "registry/registry/merges/detail.html": "two profiles side by side",
    "registry/registry/orders_elsewhere.html": "one's own orders to sign in another program: a step",
    "registry/registry/pupils/detail.html": "parts of one child's card",
    "registry/registry/task.html": "the children of one order, as it is signed",
    "registry/registry/quality/campaign.html": "sums by territory, each leading to its institutions",
    "registry/registry/quality/overview.html": "ten indicators; each leads to its list",
    "registry/registry/search.html": "the first finds of each kind; each kind has its list",
    "registry/registry/tallies/workplace.html": "a summary; every line leads to its list",
    "registry/registry/territories/detail.html": "former names of one place: a reference",
    "registry/registry/staff/detail.html": "parts of one person's card",
    "reports/reports/_behind.html": "what stands behind one figure, at most 500 rows; the form has a file",
    "reports/reports/campaigns/cell.html": "parts of one figure; each leads to its own",
    "reports/reports/campaigns/compare.html": "what differs between two versions of one report",
    "reports/reports/campaigns/detail.html": "levels right below; schools have their list on the page",
    "reports/reports/campaigns/part.html": "the form itself as it is signed",
    "reports/reports/campaigns/sign.html": "reports of one signature",
    "reports/reports/desk/desk.html": "an answer of the desk; it has files of five kinds",
    "reports/reports/edit.html": "a definition being written",
    "reports/reports/forms.html": "ten forms of the register: a reference",
    "reports/reports/cell.html": "what stands behind one figure, at most 500 rows; the form has a file",
    "reports/reports/run_detail.html": "the form itself; it has a file of its own",
    "reports/reports/subvention/budget.html": "steps of one budget; its workbook has them and the schools",
    "signatures/signatures/_signer.html": "one signature",
    "signatures/signatures/renewals.html": "time-stamps of archives, for the technical administrator",
    "signatures/signatures/verified.html": "signatures of one document",
}


@pytest.mark.house
def test_whatever_is_a_list_is_on_the_mechanism() -> None:
    """A table drawn by a page itself has no orders, no files, no bar of chosen rows."""
    drawn = {
        re.sub("/templates/", "/", str(path.relative_to(ROOT)))
        for path in ROOT.glob("*/**/templates/**/*.html")
        if "components" not in path.parts and not {".venv", "var"} & set(path.parts)
        if re.search(r"c\.table|<table", path.read_text())
    }
    assert drawn == set(TABLES), "Draw a list by c.rows, or say here why it is none"
