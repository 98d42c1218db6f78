"""Every address of the matrix over a filled country: none walks over a big table, none asks more
statements when there are more rows.

The country is small and sequential scans are made dear, so a walk that is left has no index, or
does work for every row; of a larger one `PLANS_PUPILS=100000 make test ARGS=tests/plans` asks the
same. A walk that must be has its reason in WALKS.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts import actors
from integrations.eis.models import EisSystem, SchoolKey
from integrations.eis.services import systems
from registry.groups import services as groups
from registry.models import Guardianship, Post, PupilCategory
from tests.architecture.test_permission_matrix import ROWS
from tests.eis.test_api import grant
from tests.plans.country import found
from tests.plans.plans import Plans, watched
from tests.registry.movements import test_annul
from tests.reports import generate
from tests.world import World, sign_in

# More rows of one table than a page of a hundred lines may walk over by one step of a plan.
MANY = 600
# One persona a level, from the ministry to a school; the administrator where nobody else may.
LEVELS = ("maria", "iryna", "bohdan", "olena")

_INSTITUTIONS = "14,000 in the country, counted for the two who see them all: 2 ms"
_TREE = "the technical administrator, and an oblast of itself, chooses among all nodes of its reach"
_WORDS = "the dictionary of names: 27,000 words, sought by trigrams"
# (address, table): why the walk must be.
WALKS = {
    ("home", "registry_tallysum"): "sums by oblast, type and code: some 4,000 rows, 2 ms",
    ("concern", "registry_tallysum"): "sums by oblast, type and code: some 4,000 rows, 2 ms",
    ("home", "registry_tally"): "an oblast's figure by community: one row for each of its schools",
    (
        "concern",
        "registry_tally",
    ): "an oblast's figure by community: one row for each of its schools",
    ("concern_file", "registry_tally"): "every institution of the list, once each",
    ("concern_file", "registry_institution"): "every institution of the list, once each",
    ("institution_list", "registry_institution"): _INSTITUTIONS,
    ("quality", "registry_institution"): _INSTITUTIONS,
    ("institution_list", "registry_pupil"): "pupils of fifty institutions, by the index alone",
    ("institution_new", "accounts_orgunit"): _TREE,
    ("user_new_administrator", "accounts_orgunit"): _TREE,
    ("user_new_head", "accounts_orgunit"): _TREE,
    ("users", "accounts_grant"): "the technical administrator sees every grant: 16,000",
    ("pupil_list", "registry_pupil"): "a hundred of one grade are a tenth of those walked over",
    ("pupil_list", "registry_nameword"): _WORDS,
    ("search", "registry_nameword"): _WORDS,
    ("staff_list", "registry_nameword"): _WORDS,
    ("staff_list", "registry_postcount"): "counts by position of every authority: 13,000",
    ("territory_list", "registry_territory"): "names like the one sought, by trigrams",
}

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
    ),
    "institution_list": ("?q=ліцей", "?order=-name", "?type=LYCEUM", "?unconfirmed=1"),
    "staff_list": ("?q=Шевченко", "?position=TEACHER", "?left=1"),
    "users": ("?q=Шевченко", "?role=HEAD", "?state=ACTIVE"),
    "territory_list": ("?q=Чернівці",),
    "search": ("?q=Шевченко", "?q=Шевчнеко", "?q=X-МИ 387427", "?q=100100", "?q=ліцей"),
    "user_new_head": ("?q=ліцей",),
    "user_new_administrator": ("?q=відділ",),
    "order_list": ("?state=EFFECTIVE",),
    "report_run": ("?own=1",),
    "report_cell": ("?row=1.1&column=2",),
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
    systems.register_known(actor=actors.system("тест"))
    system = EisSystem.objects.get(name="Моя школа")
    key = grant(world, system, datasets=["institution", "classes", "pupils", "staff"])
    run = generate(world, "bohdan", "chernivtsi")
    group = groups.open_group(
        groups.GroupRow(
            "Англійська мова",
            "1 група",
            frozenset({next(iter(world.classes.values())).uid}),
        ),
        actor=world.actor("olena"),
        institution=world.institutions["school1"].uid,
    )
    school1, any_class = world.units["school1"].pk, next(iter(world.classes.values()))
    guardianship = Guardianship.objects.filter(pupil__institution_id=school1)[0]
    category = PupilCategory.objects.filter(pupil__institution_id=school1)[0]
    of_guardian = {"pupil_id": guardianship.pupil_id, "guardianship_id": guardianship.pk}
    of_key, of_run = {"key_id": SchoolKey.objects.get().pk}, {"run_id": run.pk}
    return {
        "secret": {"of": key.secret},
        "eis_key_revoke": of_key,
        "eis_key_ledger": of_key,
        "eis_system": {"uid": system.uid},
        "eis_system_writes": {"uid": system.uid},
        "report_run": of_run,
        "report_progress": of_run,
        "report_cell": of_run,
        "report_xlsx": of_run,
        "group_detail": {"uid": group.uid},
        "group_close": {"uid": group.uid},
        "pupil_guardian_edit": of_guardian,
        "pupil_guardian_end": of_guardian,
        "pupil_category_end": {"pupil_id": category.pupil_id, "category_id": category.pk},
        "staff_detail": {"pk": Post.objects.filter(institution_id=school1)[0].pk},
        "api_class": {"uid": any_class.uid},
        "api_group": {"uid": group.uid},
    }


def asked(world: World, plans: Plans) -> Iterator[tuple[str, str, HttpResponse]]:
    """Every address as each level, bare and filtered; the plans are those of this answer."""
    made = things(world)
    key = {"Authorization": f"Bearer {made.pop('secret')['of']}"}
    nothing_done = transaction.savepoint()
    for name, row in sorted(ROWS.items()):
        transaction.savepoint_rollback(nothing_done)  # what another row made for itself is gone
        nothing_done = transaction.savepoint()
        if row.token:
            continue
        arguments = made.get(name) or (row.args(world) if row.args else {})
        address = reverse(name, kwargs=arguments) + row.query
        one = row.public or row.api  # the same for everybody, or asked by a key
        opens = {} if one else {who for who, met in row.expected().items() if met == "opens"}
        several = [who for who in LEVELS if who in opens]
        for who in several or ["admin" if "admin" in opens else "olena"]:
            client = Client()
            sign_in(client, world.grants[who])
            for query in ("", *QUERIES.get(name, ())):
                plans.forget()
                ask = client.post if row.method == "POST" else client.get
                yield name, who, ask(address + query, headers=key if row.api else None)


def test_no_address_walks_over_a_big_table(country: World, plans: Plans) -> None:
    told: dict[tuple[str, str], set[str]] = defaultdict(set)
    answered = defaultdict(int)
    for name, who, answer in asked(country, plans):
        answered[answer.status_code // 100] += 1
        for scan in plans.scans(over=MANY):
            told[name, scan.table].add(f"as {who}: {scan.told}")
    assert answered[2] > 150
    unsaid = set(told) - set(WALKS)
    listed = "\n".join(f"{key}\n    " + "\n    ".join(told[key]) for key in sorted(unsaid))
    assert not unsaid, f"Add an index, ask for less, or say why in WALKS:\n{listed}"


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


def test_statements_do_not_grow_with_rows(country: World, plans: Plans) -> None:
    """What a head asks in the largest school, and the head of the smallest."""
    told = []
    for name, row in sorted(ROWS.items()):
        if row.args or row.method != "GET" or row.token or row.api or row.public:
            continue
        if not {"olena", "nina"} <= {who for who, met in row.expected().items() if met == "opens"}:
            continue
        times = {}
        for who in ("nina", "olena"):
            client = Client()
            sign_in(client, country.grants[who])
            client.get(reverse(name))
            plans.forget()
            client.get(reverse(name))
            times[who] = plans.times()
        told += [
            f"{name}: {times['nina'][text]} and {count} times: {' '.join(text.split())[:300]}"
            for text, count in times["olena"].items()
            if count > max(2, times["nina"][text])
        ]
    assert not told, "\n".join(told)
