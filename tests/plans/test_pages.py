"""Every address of the matrix over a filled country: none walks over a big table, none asks more
statements when there are more rows.

The country is small and sequential scans are made dear, so a walk that is left has no index, or
does work for every row; of a larger one `PLANS_PUPILS=100000 make test ARGS=tests/plans` asks the
same. A walk that must be has its reason in WALKS.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Count
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts import actors
from accounts.models import Invitation, Wave
from integrations.eis.models import EisSystem
from kernel import clock
from kernel.clock import moment
from registry.coverage import services as coverage
from registry.drafts import services as drafts
from registry.models import (
    CampaignSchool,
    ClassGroup,
    Draft,
    DraftRow,
    DraftRun,
    Education,
    EmployeeMerge,
    Guardianship,
    Order,
    OrderTask,
    PossibleColleague,
    PossibleDuplicate,
    Post,
    Pupil,
    PupilAddress,
    PupilCategory,
    PupilMerge,
    QualityCampaign,
    StudyGroup,
)
from registry.orders import services as orders
from registry.people import services as pupils
from reports.campaigns.services import signing
from reports.models import DeskQuery, DeskSlice, ReportRun, Subvention
from tests.architecture.test_permission_matrix import ROWS
from tests.eis.test_api import grant
from tests.journals import country as journals
from tests.plans.country import found
from tests.plans.plans import Plans, watched
from tests.registry.fields.test_validation import GOOD
from tests.registry.movements import test_annul
from tests.registry.parents import kit as parents
from tests.reports import campaigns as reporting
from tests.reports import generate
from tests.world import FIRST_DAY, World, sign_in

# More rows of one table than one step of a plan may walk over: a school counts its own children.
MANY = 1000
_OF_MERGES = ("confirm", "reject", "undo", "undone", "keep")
# One persona a level, from the ministry to a school; the administrator where nobody else may.
LEVELS = ("maria", "iryna", "bohdan", "olena")

_INSTITUTIONS = "14,000 in the country, counted for the two who see them all: 2 ms"
_OF_DOUBTS = "both institutions of each doubt, hashed while doubts are few: 14,000 at most, 4 ms"
_KEYS = "keys of the country: two for each institution, counted by state and sorted"
_OF_A_TYPE = "institutions of the type that is looked at, hashed once: 14,000 at most, 4 ms"
_TREE = "the technical administrator, and an oblast of itself, chooses among all nodes of its reach"
_MONTHS = "twelve months of 1,469 communities, summed for the ministry: 18,000 rows, 8 ms"
_WORDS = "the dictionary of names: 27,000 words, sought by trigrams"
_DESK = (
    "a figure of each row and column told: 1,469 communities by twelve grades; by three fields and "
    "more, each combination of the country's codes: 6,000, 3 ms"
)
_FEED = "a consumer begins: the rows of one school, each with its class by key, and what was told before"
# (address, table): why the walk must be.
WALKS = {
    ("api_changes_start", "eis_feed_item"): _FEED,
    ("api_changes_start", "eis_feed_row"): _FEED,
    ("api_changes_start", "registry_classgroup"): _FEED,
    ("home", "registry_tallysum"): "sums by oblast, type and code: some 4,000 rows, 2 ms",
    ("concern", "registry_tallysum"): "sums by oblast, type and code: some 4,000 rows, 2 ms",
    ("home", "registry_tally"): "an oblast's figure by community: one row for each of its schools",
    (
        "concern",
        "registry_tally",
    ): "an oblast's figure by community: one row for each of its schools",
    ("coverage", "registry_coveragemonth"): _MONTHS,
    ("coverage", "accounts_orgunit"): _MONTHS,
    ("institution_list", "registry_institution"): _INSTITUTIONS,
    ("quality", "registry_institution"): _INSTITUTIONS,
    ("quality", "registry_qualitycheck"): _INSTITUTIONS,
    ("quality", "registry_tallysum"): "sums by oblast, type and code: some 4,000 rows, 2 ms",
    ("rollover_schools", "registry_institution"): _INSTITUTIONS,
    ("rollover_schools", "registry_rolloverplan"): _INSTITUTIONS,
    (
        "quality_indicator",
        "registry_tallysum",
    ): "sums by oblast, type and code: some 4,000 rows, 2 ms",
    (
        "quality_indicator",
        "registry_qualitytrend",
    ): "sums by month, oblast and type: some 3,000 rows a year, 3 ms",
    **{
        (address, table): "14,000 institutions of a campaign, added up for the whole reach: 6 ms"
        for address in (
            "quality",
            "quality_campaigns",
            "quality_campaign",
            "quality_campaign_prolong",
            "quality_campaign_close",
            "quality_campaign_remind",
        )
        for table in ("registry_campaignschool", "registry_institution", "registry_qualitycampaign")
        if (address, table) != ("quality", "registry_institution")
    },
    (
        "quality_campaign",
        "accounts_orgunit",
    ): "names of a campaign's institutions, sorted for fifty: 14,000 and the nodes above, 6 ms",
    ("desk", "reports_desksum"): _DESK,
    ("desk_file", "reports_desksum"): _DESK,
    ("desk_file", "accounts_orgunit"): "the same names as the page's",
    ("desk", "accounts_orgunit"): "names of the 1,469 communities that an answer is about",
    ("home", "registry_institution"): _OF_DOUBTS,
    ("duplicate_list", "registry_institution"): _OF_DOUBTS,
    ("staff_duplicate_list", "registry_institution"): _OF_DOUBTS,
    ("eis_keys", "eis_mandate"): _KEYS,
    ("eis_keys", "registry_institution"): _KEYS,
    ("eis_keys", "accounts_grant"): _KEYS,
    ("eis_keys", "accounts_user"): _KEYS,
    ("signature_renewals", "signatures_preservation"): "counted up to 10,000 and no further: 1 ms",
    ("institution_list", "registry_pupil"): "pupils of fifty institutions, by the index alone",
    ("institution_new", "accounts_orgunit"): _TREE,
    ("user_new_administrator", "accounts_orgunit"): _TREE,
    ("user_new_head", "accounts_orgunit"): _TREE,
    **dict.fromkeys(
        (
            ("subvention", "accounts_orgunit"),
            ("subvention", "reports_subventionline"),
            ("subventions", "accounts_orgunit"),
            ("subventions", "reports_budgetplace"),
            ("subvention_places", "accounts_orgunit"),
            ("subvention_places", "reports_budgetplace"),
        ),
        "budgets of the country, 1,500, and what is said of each",
    ),
    (
        "subventions",
        "reports_reportrun",
    ): "contingents among an oblast's runs: one of each authority",
    ("support", "accounts_grant"): "who asked, of a handful of requests: the small country has few",
    ("wave_edit", "accounts_orgunit"): "authorities by their codes for one plan: 1,600",
    ("wave_new", "accounts_orgunit"): "authorities by their codes for one plan: 1,600",
    ("waves", "accounts_grant"): "who came in, of every institution: the plan of the country",
    ("waves", "accounts_orgunit"): "the same: each node and the wave above it",
    ("waves", "accounts_waveunit"): "the same",
    ("reports", "reports_reportrun"): "an oblast's newest: one run of each authority, 1,500 in all",
    ("users", "accounts_grant"): "the technical administrator sees every grant: 16,000",
    ("pupil_list", "registry_pupil"): "a hundred of one grade are a tenth of those walked over",
    ("places", "accounts_orgunit"): "names that hold a common word, in the Ukrainian order: 14,000",
    ("pupil_list", "registry_institution"): _OF_A_TYPE,
    ("users", "registry_institution"): _OF_A_TYPE,
    ("reports", "registry_institution"): _OF_A_TYPE,
    ("pupil_list", "registry_nameword"): _WORDS,
    ("search", "registry_nameword"): _WORDS,
    ("staff_list", "registry_nameword"): _WORDS,
    ("staff_list", "registry_postcount"): "counts by position of every authority: 13,000",
    ("territory_list", "registry_territory"): "names like the one sought, by trigrams",
}

# Answers that are a refusal for everybody here, and why.
NEVER = {
    "api_absent": "it says that there is no such resource",
    "api_changes": "it asks for a cursor, which a beginning gives: tests/eis/test_feed.py has them",
    "api_changes_wait": "the same",
    "api_hook": "the key registered no address: one row by its key, tests/eis/test_hooks.py has them",
    "campaign_container": "a container of a signed report: tests/reports/test_campaigns.py has one",
    "open_data_withdraw": "no issue is published there: tests/reports/test_open_data.py has one",
    "healthz": "no broker and no cache of a running installation",
    "institution_import_preview": "a file that is no list of institutions",
    "provider": "no id.gov.ua is set up",
    "provider_back": "no id.gov.ua is set up",
    **dict.fromkeys(
        (
            "parents",
            "parent_child",
            "parent_diary",
            "parent_looks",
            "parent_ask",
            "own_requests",
            "parent_mail",
            "parent_mail_confirm",
            "own_request",
            "own_paper",
            "parent_applications",
            "parent_application",
            "parent_apply",
            "parent_place",
        ),
        "whoever has a grant is no parent: the window is walked by a test of its own",
    ),
    **dict.fromkeys(
        (
            *("operator", "operator_system", "operator_system_new", "operator_describe"),
            *("operator_attest", "operator_file"),
            *("operator_hooks", "operator_hook", "operator_hook_secret"),
            "operator_sandbox",
        ),
        "whoever has another grant is no operator; a dozen systems of the country in all",
    ),
    **dict.fromkeys(
        ("eis_paper", "eis_paper_file", "eis_attestation", "eis_contract_text"),
        "no operator has filed anything there: one row by its key",
    ),
    "parent_request": "no parent of the school asked anything: one row by its key",
    "parent_paper": "the same",
    "vacancy_edit": "the school has no vacancy: one row by its key",
}

# What an authority looks at: a type that many have, one that few have.
_LENS = ("?kind=LYCEUM", "?kind=SPECIAL")
# What stands in the lists' own filters, beside the bare address.
QUERIES = {
    "pupil_list": (
        "?q=Шевченко",
        "?grade=5",
        "?grade=12",
        "?sex=F",
        "?flag=SEN",
        "?form=FAMILY",
        "?q=387427",
        *_LENS,
    ),
    "institution_list": ("?q=ліцей", "?order=-name", "?type=LYCEUM", "?unconfirmed=1"),
    "staff_list": ("?q=Шевченко", "?position=TEACHER", "?left=1", *_LENS),
    "users": ("?q=Шевченко", "?role=HEAD", "?state=ACTIVE", *_LENS),
    "territory_list": ("?q=Чернівці",),
    "search": ("?q=Шевченко", "?q=Шевчнеко", "?q=X-МИ 387427", "?q=100100", "?q=ліцей"),
    "user_new_head": ("?q=ліцей",),
    "user_new_administrator": ("?q=відділ",),
    "order_list": ("?state=EFFECTIVE", *_LENS),
    "desk": (
        "?rows=oblast&cols=sex",
        "?rows=hromada&cols=grade",
        "?rows=time",
        "?m=class_size&rows=raion",
        "?rows=age&cols=sex&only=grade.5",
    ),
    "desk_file": ("?rows=grade",),
    "report_run": ("?own=1",),
    "report_cell": ("?row=1.1&column=2",),
    "eis_keys": _LENS,
    "reports": _LENS,
    "concern": ("?order=name", "?order=unit", *_LENS),
    "places": ("?q=ліцей", "?q=чернівецьк"),
    "places_suggest": ("?q=ліцей",),
}


@pytest.fixture
def country(db: None) -> World:
    return found()


@pytest.fixture
def plans(country: World) -> Iterator[Plans]:
    with watched() as found:
        yield found


def things(world: World) -> dict[str, dict[str, Any]]:
    """Arguments of the addresses whose rows of the matrix name nothing that is there."""
    system = EisSystem.objects.get(name="Моя школа")
    sets = ["institution", "classes", "pupils", "staff", "enrolments", "quality", "absences"]
    key = grant(world, system, datasets=sets)
    run = generate(world, "bohdan", "chernivtsi")
    sums = Subvention.objects.get(title="Країна")
    city = world.units["chernivtsi"].uid
    report = reporting.matrix_part(world)
    of_collecting = {"campaign_id": report.campaign_id}
    of_signing = {
        "session_id": signing.prepare(
            actor=world.actor("olena"), part_id=report.pk, moment=moment()
        )
    }
    of_sums = {"subvention_id": sums.pk}
    of_budget = of_sums | {"unit_uid": city}
    school1, any_class = world.units["school1"].pk, next(iter(world.classes.values()))
    guardianship = Guardianship.objects.filter(pupil__institution_id=school1)[0]
    category = PupilCategory.objects.filter(pupil__institution_id=school1)[0]
    of_category = {"pupil_id": category.pupil_id, "category_id": category.pk}
    lost = {"status": "LOST_BOTH", "starts_on": "02.09.2026", "attempts": "дзвінки 05.09.2026"}
    contact = pupils.note_contact(
        actor=world.actor("olena"), pupil_id=category.pupil_id, values=lost, today=moment().today
    )
    lives = PupilAddress.objects.filter(pupil__institution_id=school1)[0]
    of_guardian = {"pupil_id": guardianship.pupil_id, "guardianship_id": guardianship.pk}
    group = StudyGroup.objects.filter(institution_id=school1).values_list("uid", flat=True)[0]
    of_mandate = {"mandate_id": key.key.mandate_id}
    of_key, of_run, of_group = {"key_id": key.key.pk}, {"run_id": run.pk}, {"uid": group}
    of_work = {"run_id": DraftRun.objects.filter(institution_id=school1)[0].pk}
    of_system = {"uid": system.uid}
    of_post = {"pk": Post.objects.filter(institution_id=school1)[0].pk}
    diploma = Education.objects.filter(employee__posts__institution_id=school1)[0]
    graduate = Post.objects.get(institution_id=school1, employee=diploma.employee_id)
    merges = PupilMerge.objects.filter(institution__hromada_id=world.units["chernivtsi"].pk)
    of_merge = {"merge_id": merges.filter(state="ASKED")[0].pk}
    of_day = {"slice_id": DeskSlice.objects.latest("id").pk}
    of_question = {"query_id": DeskQuery.objects.latest("id").pk}
    of_campaign = {"campaign_id": QualityCampaign.objects.all()[0].pk}
    doubts = PossibleDuplicate.objects.filter(institution__hromada_id=world.units["chernivtsi"].pk)
    of_pair = {"pair_id": doubts.filter(state="NEW")[0].pk}
    colleagues = PossibleColleague.objects.filter(
        institution__hromada_id=world.units["chernivtsi"].pk
    )
    of_two = {"pair_id": colleagues.filter(state="NEW")[0].pk}
    joined = EmployeeMerge.objects.filter(institution__hromada_id=world.units["chernivtsi"].pk)
    of_staff_merge = {"merge_id": joined.filter(state="ASKED")[0].pk}
    draft = Draft.objects.filter(institution_id=school1, process="enrol", state="OPEN")
    of_row = {"process": "enrol", "draft_id": draft.latest("id").pk}
    of_row["row_id"] = DraftRow.objects.filter(draft_id=of_row["draft_id"])[0].pk
    leaving = drafts.start(
        process="withdraw", institution_id=school1, actor=world.actor("olena"), moment=moment()
    )
    absent = Pupil.objects.filter(institution_id=school1).exclude(pk=category.pupil_id)[0]
    record = coverage.report_absence(
        actor=actors.system("перевірка"),
        pupil_id=absent.pk,
        institution_id=school1,
        since=FIRST_DAY,
        until=FIRST_DAY.replace(day=30),
        reason="UNKNOWN",
        ground="",
        moment=moment(),
    )
    assert record is not None
    letter = coverage.prepare(
        actor=world.actor("olena"),
        kind="ABSENT",
        case_ids=[record.pk],
        number="1",
        addressees={"SSD": ""},
        moment=moment(),
    )
    of_task = {"task_id": OrderTask.objects.filter(for_institution_id=school1)[0].pk}
    learning = journals.planned(world)
    return {
        **{
            key_0: {"uid": learning.journal.uid}
            for key_0 in ("journal", "journal_column", "journal_give")
        },
        **{
            key_0: {"uid": learning.journal.uid, "lesson": learning.lesson.pk}
            for key_0 in ("journal_lesson", "journal_lesson_entries")
        },
        "journal_lesson_change": {"uid": learning.journal.uid, "lesson": learning.lesson.pk},
        "journal_class": {"uid": learning.klass.uid},
        "journal_week": {"uid": learning.klass.uid},
        "desk_file": {"kind": "csv"},
        "journal_plan_hours": {"uid": learning.klass.uid},
        **{key_0: {"uid": learning.home} for key_0 in ("journal_plan", "journal_plan_rooms")},
        "journal_plan_limit": {"post_id": learning.teacher},
        **{
            key_0: {"run_id": learning.run}
            for key_0 in (
                "timetable_run",
                "timetable_run_progress",
                "timetable_run_cancel",
                "timetable_run_resume",
                "timetable_run_save",
            )
        },
        "secret": {"of": key.secret},
        "draft_row": of_row,
        "draft_choose": {"process": "withdraw", "draft_id": leaving.pk},
        **dict.fromkeys(("eis_key_revoke", "eis_key_ledger"), of_key),
        **dict.fromkeys(
            [
                f"eis_{one}"
                for one in (
                    "mandate",
                    "mandate_sign",
                    "mandate_paper",
                    "mandate_revoke",
                    "key_issue",
                )
            ],
            of_mandate,
        ),
        **dict.fromkeys(("eis_system", "eis_system_writes", "eis_sandbox"), of_system),
        "eis_system_step": of_system | {"name": "suspend"},
        **dict.fromkeys(("report_run", "report_progress", "report_cell", "report_xlsx"), of_run),
        **dict.fromkeys(("report_cancel", "report_resume"), of_run),
        **dict.fromkeys(
            [f"draft_run{step}" for step in ("", "_progress", "_cancel", "_resume")], of_work
        ),
        "coverage_case": {"case_id": record.pk},
        **{
            key_0: {"letter_id": letter.pk}
            for key_0 in [f"coverage_letter{part}" for part in ("", "_sign", "_paper")]
        },
        **dict.fromkeys(
            [
                f"campaign{step}"
                for step in ("", "_progress", "_days", "_close", "_withdraw", "_steer")
            ],
            of_collecting,
        ),
        **dict.fromkeys(
            [
                *(f"campaign_sign{step}" for step in ("", "_data", "_take", "_file")),
                "campaign_container",
                "campaign_cloud",
                "campaign_cloud_check",
            ],
            of_signing,
        ),
        **dict.fromkeys(("subvention", "subvention_compare"), of_sums),
        **dict.fromkeys(("subvention_budget", "subvention_budget_file"), of_budget),
        **dict.fromkeys(("desk_day", "desk_day_resume"), of_day),
        **dict.fromkeys(("desk_query", "desk_query_change", "desk_query_remove"), of_question),
        **dict.fromkeys(("group_detail", "group_close", "api_group"), of_group),
        **dict.fromkeys(
            (
                "pupil_guardian_edit",
                "pupil_guardian_end",
                "pupil_guardian_confirm",
                "pupil_guardian_unconfirm",
                "pupil_guardian_void",
            ),
            of_guardian,
        ),
        **dict.fromkeys(("pupil_category_end", "pupil_category_void"), of_category),
        "pupil_address_void": {"pupil_id": lives.pupil_id, "kind": lives.kind.lower()},
        "pupil_contact_void": {"pupil_id": contact.pupil_id, "contact_id": contact.pk},
        **dict.fromkeys(
            (
                "staff_detail",
                "staff_extract",
                "staff_correct",
                "staff_dismiss",
                "staff_education_new",
            ),
            of_post,
        ),
        "staff_education_void": {"pk": graduate.pk, "education": diploma.pk},
        **dict.fromkeys(("merge_detail", "merge_confirm", "merge_reject", "merge_undo"), of_merge),
        **dict.fromkeys(("merge_undone", "merge_keep"), of_merge),
        **dict.fromkeys(("duplicate_detail", "duplicate_take"), of_pair),
        **dict.fromkeys(("duplicate_same", "duplicate_differ"), of_pair),
        **dict.fromkeys(
            [f"staff_merge_{step}" for step in ("detail", *_OF_MERGES)], of_staff_merge
        ),
        **dict.fromkeys(
            [f"staff_duplicate_{step}" for step in ("detail", "take", "same", "differ")], of_two
        ),
        "api_class": {"uid": any_class.uid},
        "wave_edit": {"pk": Wave.objects.all()[0].pk},
        **dict.fromkeys(
            [f"quality_campaign{step}" for step in ("", "_remind", "_prolong", "_close")],
            of_campaign,
        ),
        "quality_campaign_school": {
            "school_id": CampaignSchool.objects.filter(institution_id=school1)[0].pk
        },
        **dict.fromkeys(("order_task", "order_task_object", "order_task_answer"), of_task),
    }


def more(world: World) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Addresses of larger things than a school has: address, who asks, arguments."""
    for who in ("maria", "iryna"):
        runs = ReportRun.objects.filter(form="ZNZ1-1", unit_id=world.grants[who].unit_id)
        run = runs.latest("created_at")
        for name in ("report_run", "report_cell", "report_xlsx"):
            yield name, who, {"run_id": run.pk}
    signed = test_annul.withdrawn(world, world.actor("olena"))
    for name in ("order_detail", "order_signature", "order_pdf", "order_container"):
        yield name, "olena", {"order_id": signed.pk}
    yield "order_row_proof", "olena", {"order_id": signed.pk, "number": 1}
    shown = Order.objects.filter(institution_id=world.units["school1"].pk, kind="enrol")
    for name in ("order_detail", "order_manifest", "order_rows", "order_table"):
        yield name, "olena", {"order_id": shown.filter(state="EFFECTIVE")[0].pk}
    invited = Invitation.objects.filter(used_at=None).order_by("pk")[0]
    yield "invitation", "olena", {"token": f"invitation-{invited.grant_id}"}


def asked(world: World, plans: Plans, *, times: int = 1) -> Iterator[tuple[str, str, HttpResponse]]:
    """Every address as each level, bare and filtered; the plans are those of this answer."""
    made = things(world)
    key = {"Authorization": f"Bearer {made.pop('secret')['of']}"}
    # Children that one row enrols resemble those that another one does: each begins without them.
    nothing_done = transaction.savepoint()
    for name, who, arguments in more(world):
        yield from _asked(world, plans, name, who, arguments, {}, times)
    for name, row in sorted(ROWS.items()):
        transaction.savepoint_rollback(nothing_done)  # what another row made for itself is gone
        nothing_done = transaction.savepoint()
        if row.token:
            continue
        arguments = made.get(name) or (row.args(world) if row.args else {})
        one = row.public or row.api  # the same for everybody, or asked by a key
        met = {} if one else row.expected()
        # Who meets nothing at an address of nowhere meets something where something is.
        opens = {
            who
            for who, what in met.items()
            if what == "opens" or (what == "absent" and name in made)
        }
        several = [who for who in LEVELS if who in opens]
        for who in several or ["admin" if "admin" in opens else "olena"]:
            yield from _asked(world, plans, name, who, arguments, key if row.api else {}, times)


def _asked(
    world: World,
    plans: Plans,
    name: str,
    who: str,
    arguments: dict[str, Any],
    key: dict[str, str],
    times: int,
) -> Iterator[tuple[str, str, HttpResponse]]:
    client = Client()
    sign_in(client, world.grants[who])
    row = ROWS[name]
    address = reverse(name, kwargs=arguments) + row.query
    for query in [query for query in ("", *QUERIES.get(name, ())) for _ in range(times)]:
        plans.forget()
        ask = client.post if row.method == "POST" else client.get
        yield name, who, ask(address + query, headers=key)


def test_no_address_walks_over_a_big_table(country: World, plans: Plans) -> None:
    told: dict[tuple[str, str], set[str]] = defaultdict(set)
    unseen = {name for name, row in ROWS.items() if row.method == "GET" and not row.token}
    for name, who, answer in asked(country, plans):
        if answer.status_code < 400:
            unseen.discard(name)
        for scan in plans.scans(over=MANY):
            told[name, scan.table].add(f"as {who}: {scan.told}")
    unsaid = set(told) - set(WALKS)
    listed = "\n".join(f"{key}\n    " + "\n    ".join(told[key]) for key in sorted(unsaid))
    assert not unsaid, f"Add an index, ask for less, or say why in WALKS:\n{listed}"
    assert unseen == set(NEVER), f"Nobody has seen, or all of NEVER have: {sorted(unseen)}"


def test_no_order_walks_over_a_big_table(country: World, plans: Plans) -> None:
    """Enrol, withdraw, annul the withdrawal: triggers and functions too."""
    olena = country.actor("olena")
    steps: list[tuple[str, Callable[[], Any]]] = [
        ("withdrawn", lambda: test_annul.withdrawn(country, olena)),
        ("annulled", lambda: test_annul.annulled(country, olena, done)),
    ]
    told = []
    for name, step in steps:
        plans.forget()
        done = step()
        told += [f"{name}: {scan.told}" for scan in plans.scans(over=MANY)]
        assert done.state == "EFFECTIVE"
    assert not told, "\n".join(told)


def test_no_page_of_the_parents_window_walks_over_a_big_table(country: World, plans: Plans) -> None:
    """Of one whose child has a school, whatever the number of children and representatives."""
    tie = (
        Guardianship.objects.filter(pupil__institution_id=country.units["school1"].pk, ends_on=None)
        .exclude(guardian__rnokpp=None)
        .select_related("guardian")[0]
    )
    parents.confirm(country, tie)
    client = parents.enter(
        Client(), parents.parent(tie.guardian.rnokpp, surname=tie.guardian.surname)
    )
    child = {"pupil_id": tie.pupil_id}
    told = []
    for name, arguments in (
        ("parents", {}), ("parent_child", child), ("parent_diary", child), ("parent_looks", child), ("parent_ask", child),
        ("own_requests", {}), ("parent_mail", {}), ("parent_applications", {}), ("parent_place", {}),
        ("parent_apply", {}),
    ):  # fmt: skip
        plans.forget()
        answer = client.get(reverse(name, kwargs=arguments), follow=True)
        assert answer.status_code == 200, (name, answer.status_code)
        told += [f"{name}: {scan.told}" for scan in plans.scans(over=MANY)]
    assert not told, "\n".join(told)


def _answers(plans: Plans, client: Client, address: str) -> Counter[str]:
    """How often the page asks each statement, once what is kept in memory is known."""
    assert client.get(address).status_code < 400, address
    plans.forget()
    client.get(address)
    return plans.times()


def _grown(few: Counter[str], many: Counter[str]) -> list[str]:
    return [
        f"{few[text]} and {count} times: {' '.join(text.split())[:300]}"
        for text, count in many.items()
        if count > max(2, few[text])
    ]


def of_few_and_of_many(world: World) -> Iterator[tuple[str, str, str, str]]:
    """Pages of a thing with few rows and of one with many: address, who asks, the two addresses."""
    olena, school = world.actor("olena"), world.institutions["school1"]
    sizes = Pupil.objects.filter(institution=school).values("class_group_id")
    sizes = sizes.annotate(n=Count("pk")).order_by("n", "class_group_id")
    small, large = (
        ClassGroup.objects.get(pk=one["class_group_id"]).uid
        for one in (sizes.first(), sizes.last())
    )
    for name in ("class_detail", "class_print", "group_new"):
        yield name, "olena", reverse(name, args=[small]), reverse(name, args=[large])
    drafts_of = [
        drafts.start(
            process="enrol",
            moment=moment(),
            actor=olena,
            institution_id=school.pk,
            rows=[GOOD | {"class": "5-А", "document": f"I-ТП 31{n:04d}", "given_name": "Іван" + "к" * n}
                  for n in range(rows)],
        )
        for rows in (1, 40)
    ]  # fmt: skip
    for name in ("draft_detail", "draft_problems", "order_prepare"):
        few, many = (reverse(name, args=["enrol", one.pk]) for one in drafts_of)
        yield name, "olena", few, many
    terms = {"effective_on": f"{max(clock.today(), FIRST_DAY):%d.%m.%Y}", "ground": "заяви"}
    terms |= {"issued_on": f"{clock.today():%d.%m.%Y}", "identity_shown": "on"}
    signed_of = [
        orders.prepare(
            actor=olena, draft_id=one.pk, fields=terms | {"number": f"{n}-К"}, moment=moment()
        )
        for n, one in enumerate(drafts_of)
    ]
    assert [one.rows_count for one in signed_of] == [1, 40]
    for name in ("order_detail", "order_manifest", "order_rows", "order_table", "order_paper"):
        few, many = (reverse(name, args=[one.pk]) for one in signed_of)
        yield name, "olena", few, many
    categories = PupilCategory.objects.filter(pupil__institution=school).values("pupil_id")
    counted = categories.annotate(n=Count("pk")).order_by("n", "pupil_id")
    few, many = (
        reverse("pupil_detail", args=[one["pupil_id"]]) for one in (counted.first(), counted.last())
    )
    yield "pupil_detail", "olena", few, many
    of_form = ReportRun.objects.filter(form="ZNZ1-1")
    community, oblast = (
        of_form.filter(unit_id=world.grants[who].unit_id).latest("created_at")
        for who in ("bohdan", "iryna")
    )
    for name in ("report_run", "report_xlsx"):
        yield name, "iryna", reverse(name, args=[community.pk]), reverse(name, args=[oblast.pk])


def test_statements_do_not_grow_with_rows(country: World, plans: Plans) -> None:
    """Lists of the smallest reach and of the largest; a thing of few rows and one of many; a page
    of the API of ten and of a hundred."""
    told = []
    clients = {who: Client() for who in country.grants}
    for who, client in clients.items():
        sign_in(client, country.grants[who])
    for name, row in sorted(ROWS.items()):
        if row.args or row.method != "GET" or row.token or row.api or row.public:
            continue
        opens = {who for who, met in row.expected().items() if met == "opens"}
        for small, large in (("nina", "olena"), ("hanna", "bohdan"), ("taras", "iryna")):
            if {small, large} <= opens:
                few, many = (
                    _answers(plans, clients[who], reverse(name) + row.query)
                    for who in (small, large)
                )
                told += [f"{name} as {large}: {one}" for one in _grown(few, many)]
    for name, who, few_of, many_of in of_few_and_of_many(country):
        few, many = (_answers(plans, clients[who], address) for address in (few_of, many_of))
        told += [f"{name}: {one}" for one in _grown(few, many)]
    made = things(country)
    key = {"Authorization": f"Bearer {made['secret']['of']}"}
    for name in (
        "api_pupils",
        "api_classes",
        "api_staff",
        "api_load",
        "api_enrolments",
        "api_quality_findings",
        "api_absences",
    ):
        few, many = (
            _answers(plans, Client(headers=key), f"{reverse(name)}?limit={size}")
            for size in (10, 100)
        )
        told += [f"{name}: {one}" for one in _grown(few, many)]
    assert not told, "\n".join(told)
