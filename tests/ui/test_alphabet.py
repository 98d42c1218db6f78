"""Every list, choice and answer that runs by name runs in the Ukrainian order: names planted in a
tricky order are looked for wherever they come, on every page of the matrix, by API and in exports."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import actors
from accounts.models import Grant, OrgUnit, User
from accounts.roles import GrantState, Role, UnitKind
from integrations.eis.models import EisSystem, Operator
from integrations.eis.services import systems
from kernel.db import command
from kernel.text import natural, sort_key
from registry.classifiers.selectors import classifiers
from registry.groups.models import StudyGroup
from registry.models import ClassGroup, Institution, Pupil
from tests.architecture.matrix import rows
from tests.eis.test_api import get, grant
from tests.kit.acts import noted
from tests.world import FIRST_DAY, World, enrol, hire, sign_in

pytestmark = pytest.mark.django_db

# Right: Г Ґ Е Є Ж И І Ї Й. Written down and kept in no order, neither that of bytes nor of ICU's root.
PLANTED = [f"{letter}язюч" for letter in "ЇЖҐЙЕІГЄИ"]
RIGHT = [f"{letter}язюч" for letter in "ГҐЕЄЖИІЇЙ"]
LABELS = [(12, "Ж"), (10, "А"), (12, "Є"), (2, "А"), (12, "Ґ"), (12, "І"), (12, "Д")]
_NAME = re.compile("[ГҐЕЄЖИІЇЙ]язюч")
_LABEL = re.compile(r"^(?:Клас |Вибрати: )?(\d{1,2}-[А-ЯҐЄІЇ])\b")
# Lists that run otherwise say so in the caption, or are of things in time.
_OTHERWISE = re.compile("новіш|останні|спершу|від найновішого|за строком", re.IGNORECASE)


@command
def plant(world: World, *, actor: actors.Actor) -> None:
    """The same names for everything that has one, seen from the school and from above it."""
    school, city = world.institutions["school1"], world.units["chernivtsi"]
    year = world.classes["school1/5-А"].school_year
    for number, (grade, letter) in enumerate(LABELS):
        group = ClassGroup.objects.create(
            institution=school, school_year=year, grade=grade, letter=letter, opened_on=FIRST_DAY
        )
        hire(school, "Керівна", given_name=f"Класом{'аб'[number % 2]}")
        pupil = Pupil.objects.create(
            surname="Учень", given_name="Його", sex="M", born_on=FIRST_DAY.replace(year=2016)
        )
        enrol(pupil, group)
    operator = Operator.objects.create(name="Оператор")
    for name in PLANTED:
        pupil = Pupil.objects.create(
            surname=name, given_name="Лев", sex="M", born_on=FIRST_DAY.replace(year=2016)
        )
        enrol(pupil, world.classes["school1/5-А"])
        hire(school, name)
        unit = OrgUnit.objects.create(
            kind=UnitKind.INSTITUTION, name=name, parent=city, edrpou=None
        )
        Institution.objects.create(
            unit=unit, full_name=name, short_name=name, type="LYCEUM", ownership="COMMUNAL",
            status="ACTIVE",
        )  # fmt: skip
        OrgUnit.objects.create(kind=UnitKind.HROMADA, name=name, parent=world.units["raion"])
        user = User.objects.create(
            surname=name, given_name="Лев", person_code=f"30000000{PLANTED.index(name):02d}"
        )
        Grant.objects.create(
            user=user, unit=world.units["school1"], role=Role.DEPUTY, duties=["PUPILS"],
            state=GrantState.ACTIVE, given_by=world.grants["olena"], activated_at=timezone.now(),
        )  # fmt: skip
        EisSystem.objects.create(
            name=name, operator=operator, state="CONNECTED", state_since=FIRST_DAY
        )
        study = StudyGroup.objects.create(
            institution=school, school_year=year, subject="Хімія", name=name, opened_on=FIRST_DAY
        )
        study.classes.add(world.classes["school1/5-А"])
    noted()


class _Lists(HTMLParser):
    """The items of each list of a page: rows of a table by their heading, lines, options."""

    HOLDS = {"tbody", "ul", "ol", "select", "datalist", "fieldset"}
    ITEM = {"tr", "li", "option", "label"}

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, list[str]]] = []
        self.found: list[tuple[str, list[str]]] = []
        self.caption = ""
        self.in_caption = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "caption":
            self.caption, self.in_caption = "", True
        if tag in self.HOLDS:
            self.open.append((self.caption if tag == "tbody" else "", []))
        elif tag in self.ITEM and self.open:
            self.open[-1][1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "caption":
            self.in_caption = False
        if tag in self.HOLDS and self.open:
            self.found.append(self.open.pop())

    def handle_data(self, data: str) -> None:
        if self.in_caption:
            self.caption += data
        elif self.open and self.open[-1][1]:
            self.open[-1][1][-1] += data


def wrong_in(markup: str) -> tuple[list[str], int]:
    """What stands out of order on a page, and how many lists of planted names it has."""
    page = _Lists()
    page.feed(markup)
    told, met = [], 0
    for caption, items in page.found:
        if _OTHERWISE.search(caption):
            continue
        texts = [" ".join(item.split()) for item in items]
        names = [match[0] for text in texts if (match := _NAME.search(text[:80]))]
        labels = [match[1] for text in texts if (match := _LABEL.search(text))]
        for run, key in ((names, sort_key), (labels, natural)):
            if len(set(run)) > 2:
                met += 1
                if run != sorted(run, key=key):
                    told.append(f"{caption or 'a list'}: {' '.join(run)}")
    return told, met


PAGES = {
    name: row
    for name, row in rows().items()
    if row.method == "GET" and not row.api and not row.public and not row.token
}
# Addresses whose lists need a text to seek by.
ASKED = {"search": "?q=язюч", "search_suggest": "?q=12-Ж", "user_new_head": "?q=язюч"}


def test_every_page_that_lists_by_name_lists_in_the_ukrainian_order(world: World):
    plant(world, actor=actors.system("тест"))
    clients = {}
    for who in ("olena", "bohdan", "iryna", "admin", "maria"):
        clients[who] = Client()
        sign_in(clients[who], world.grants[who])
    told, lists = [], 0
    planted = transaction.savepoint()
    for name, row in PAGES.items():
        transaction.savepoint_rollback(planted)  # what another page made for itself is gone
        planted = transaction.savepoint()
        url = reverse(name, kwargs=row.args(world) if row.args else {})
        url += row.query or ASKED.get(name, "")
        for who in [one for one in row.expected() if row.expected()[one] == "opens"]:
            if who in clients:
                found, met = wrong_in(page_of(clients[who], url))
                lists += met
                told += [f"{name} as {who}: {one}" for one in found]
    assert not told, "Order by sort_key or kernel.text.alphabetically:\n" + "\n".join(told)
    assert lists > 25, f"only {lists} lists were met: the planted names are not shown"


def page_of(client: Client, url: str) -> str:
    answer = client.get(url)
    is_page = "text/html" in answer.get("Content-Type", "")
    return answer.content.decode() if is_page else ""


def test_every_resource_of_the_api_runs_so_too(client: Client, world: World):
    plant(world, actor=actors.system("тест"))
    systems.register_known(actor=actors.system("тест"))
    system = EisSystem.objects.get(name="Моя школа")
    secret = grant(world, system, datasets=["institution", "classes", "pupils", "staff"]).secret
    for resource, field in (("pupils", "surname"), ("staff", "surname"), ("classes", "label")):
        whole = get(client, f"{resource}?limit=100", secret).json()["items"]
        names = [one[field] for one in whole]
        planted = [one for one in names if _NAME.search(one)] if field == "surname" else names
        assert len(planted) > 6
        assert planted == sorted(planted, key=natural if field == "label" else sort_key)
        page = get(client, f"{resource}?limit=5", secret).json()
        rest = get(client, f"{resource}?limit=100&after={page['next']}", secret).json()["items"]
        assert [one["id"] for one in page["items"] + rest] == [one["id"] for one in whole]


def test_a_country_is_found_by_its_letter(world: World):
    """Dictionaries that are long are alphabetical; short ones run as the act that set them says."""
    names = [one.name for one in classifiers.items("country", FIRST_DAY)]
    assert names[0] == "Україна"
    assert names[-1] == "Особа без громадянства"
    assert names[1:-1] == sorted(names[1:-1], key=sort_key)


def test_labels_run_by_number_and_then_by_letter():
    right = ["2-А", "10-А", "12-Д", "12-Е", "12-Є", "12-Ж", "12-І", "12-Ї"]
    assert sorted(set(right), key=natural) == right
    assert sorted(PLANTED, key=natural) == RIGHT
