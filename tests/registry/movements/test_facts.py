"""What is so of children, written for many at once: the kinds, their tables, the way back."""

from __future__ import annotations

import datetime
from typing import Any, ClassVar

import pytest
from django.db import connection
from django.forms import model_to_dict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kernel.db import command
from registry.drafts import services as drafts
from registry.drafts import tasks
from registry.drafts.models import DraftRun
from registry.drafts.services import running
from registry.models import (
    ContactState,
    Draft,
    Guardian,
    Guardianship,
    Pupil,
    PupilAddress,
    PupilCategory,
)
from registry.orders import services as orders
from registry.orders.selectors import outcomes
from registry.people import services as pupils
from registry.process import kind
from tests.kit.acts import noted
from tests.registry.kit import MOMENT, TODAY, signature_of
from tests.registry.movements import contract
from tests.world import sign_in

DAY = "01.11.2026"
SINCE = datetime.date(2026, 11, 1)
NEEDS = {
    "code": "SEN",
    "level": "2",
    "document": "ІРЦ-14",
    "issued_on": "20.08.2026",
    "starts_on": "01.09.2026",
}


@pytest.fixture(autouse=True)
def _in_the_world(world):
    """Every test here stands in it, whatever else it asks for."""


def rows_of(model, *but):
    """Rows that stand, as they are, but for what only says how they came to be."""
    found = model.objects.all()
    if hasattr(model, "voided_at"):
        found = found.filter(voided_at=None)
    left = {"id", "version", "opened_by", "closed_by", *but}
    return sorted(
        sorted((k, str(v)) for k, v in model_to_dict(row).items() if k not in left) for row in found
    )


class Facts(contract.Movement):
    values: ClassVar[dict[str, str]] = {}
    fields = {"effective_on": DAY}
    model: ClassVar[Any]

    @pytest.fixture(autouse=True)
    def children(self, world, olena):
        self.pupils = [world.pupils[name].pk for name in ("ivan", "oksana")]
        self.before(world, olena)

    def before(self, world, olena):
        """What stands of the first child alone, so that one row changes it and the other is new."""

    def draft(self, world, actor):
        return contract.drafted(world, actor, self.process, self.pupils, DAY, **self.values)

    def facts(self, world):
        return rows_of(self.model)

    def test_what_a_signed_row_says_the_register_holds(self, world, olena):
        order = self.signed(olena, self.prepared(world, olena))
        process = kind(self.process)
        rows = [process.decode(bytes(row.content)) for row in order.rows.all()]
        held = process.standing_after(order, rows, {row.pupil: row.pupil for row in rows})
        assert {(row.pupil, row.key): row.now for row in rows} == {
            (row.pupil, row.key): held[row.pupil, row.key] for row in rows
        }

    def test_the_counter_order_says_what_becomes_again_and_nothing_of_health(self, world, olena):
        order = self.signed(olena, self.prepared(world, olena))
        process = kind(self.process)
        for row in (process.decode(bytes(row.content)) for row in order.rows.all()):
            told = process.undone(order, row)
            if self.process in {"needs", "benefits"}:
                assert told == f"записане наказом № {order.number}: знову так, як було до нього"
            else:
                assert told.endswith("—") or "→" in told


class TestNeeds(Facts):
    process = "needs"
    model = PupilCategory
    values = {"level": "3-й", "document": "ІРЦ-15", "issued_on": "15.10.2026"}

    def before(self, world, olena):
        pupils.add_category(actor=olena, pupil_id=self.pupils[0], values=NEEDS, today=TODAY)

    def test_what_was_stays_and_the_change_is_shown_from_old_to_new(self, world, olena):
        order = self.signed(olena, self.prepared(world, olena))
        ivan = PupilCategory.objects.filter(pupil=self.pupils[0]).order_by("starts_on")
        assert [(one.level, one.starts_on, one.ends_on) for one in ivan] == [
            (2, datetime.date(2026, 9, 1), SINCE),
            (3, SINCE, None),
        ]
        process = kind("needs")
        first, second = [
            process.changes_of(process.decode(bytes(row.content)))
            for row in order.rows.order_by("position")
        ]
        assert "рівень підтримки: 3-й; документ: ІРЦ-15" in first  # Ґудзь: new
        assert "рівень підтримки: 2-й → 3-й" in second


class TestMeals(Facts):
    process = "meals"
    model = PupilCategory
    values = {"document": "малозабезпечена родина", "ends_on": "31.05.2027"}


class TestBenefits(Facts):
    process = "benefits"
    model = PupilCategory
    values = {"code": "Дитина з багатодітної родини", "document": "посвідчення 12"}


class TestDisplacement(Facts):
    process = "displacement"
    model = PupilCategory
    values = {"code": "Перебуває за кордоном", "country": "Польща", "studies_there": "так"}


class TestContact(Facts):
    process = "contact"
    model = ContactState
    values = {"status": "Втрачено звʼязок з учнем", "attempts": "дзвінки", "actions": "ССД"}

    def before(self, world, olena):
        lost = {"status": "LOST_BOTH", "starts_on": "01.10.2026", "attempts": "дзвінки"}
        pupils.note_contact(actor=olena, pupil_id=self.pupils[0], values=lost, today=TODAY)

    def facts(self, world):
        return [rows_of(ContactState), sorted(Pupil.objects.values_list("pk", "contact_status"))]


class TestAddresses(Facts):
    process = "addresses"
    model = PupilAddress
    values = {"actual_line": "вул. Нова, 7", "registered_line": "вул. Стара, 1"}

    def before(self, world, olena):
        values = {"line": "вул. Давня, 3", "country": "UA"}
        at = {"kind": "ACTUAL", "version": 0, "values": values}
        pupils.save_address(actor=olena, pupil_id=self.pupils[0], **at)


class TestPhones(Facts):
    process = "phones"
    model = Guardian
    values = {"phone": "(000) 123-45-67"}

    def before(self, world, olena):
        @command
        def mothers(*, actor):
            for place, pupil in enumerate(self.pupils):
                phone = "+380000000001" if place else ""
                one = Guardian.objects.create(surname="М", given_name=f"А{place}", phone=phone)
                Guardianship.objects.create(
                    pupil_id=pupil, guardian=one, relation="MOTHER", starts_on=SINCE
                )
            noted()

        mothers(actor=olena)


class TestRepresentatives(Facts):
    process = "representatives"
    model = Guardianship
    values = {"relation": "Опікун", "person": "Опікун Олег Ілліч", "phone": "0001234567"}

    def facts(self, world):
        people = ("surname", "given_name", "patronymic", "phone", "email", "rnokpp")
        ties = Guardianship.objects.values_list(*(f"guardian__{name}" for name in people))
        return [rows_of(Guardianship, "guardian"), sorted(map(str, ties))]

    def test_one_person_of_a_number_represents_both_and_a_last_day_ends_it(self, world, olena):
        self.values = {**self.values, "rnokpp": "7304999992"}
        self.signed(olena, self.prepared(world, olena, "1"))
        assert Guardian.objects.filter(rnokpp="7304999992").count() == 1
        self.values = {"relation": "Опікун", "person": "Опікун Олег Ілліч", "ends_on": "15.11.2026"}
        before = self.facts(world)
        order = self.prepared(world, olena, "2")
        self.signed(olena, order)
        assert {tie.ends_on for tie in Guardianship.objects.filter(relation="GUARDIAN")} == {
            datetime.date(2026, 11, 15)
        }
        process = kind("representatives")
        rows = [process.decode(bytes(row.content)) for row in order.rows.all()]

        @command
        def back(*, actor):
            process.annul(order, order, rows)
            noted()

        back(actor=olena)
        assert self.facts(world) == before


# ── a table ──────────────────────────────────────────────────────────────────
def pasted(world, process, text):
    return drafts.start_from_paste(
        actor=world.actor("olena"),
        institution_id=world.units["school1"].id,
        process=process,
        text=text,
        moment=MOMENT,
    )


def said(draft):
    return [
        [(one["field"], one["code"], one["fix"]) for one in row.problems]
        for row in draft.rows.order_by("position")
    ]


def test_a_table_names_its_children_and_every_mistake_stands_beside_its_row(world):
    ivan = world.pupils["ivan"]
    born = f"{ivan.born_on:%d.%m.%Y}"
    lines = [
        "ПІБ\tДата народження\tРівень\tВисновок ІРЦ\tДата висновку",
        f"{ivan.full_name}\t{born}\t2\tІРЦ-1\t01.09.2026",
        f"{ivan.full_name}\t{born}\t2\tІРЦ-1\t01.09.2026",
        f"{ivan.surname} {ivan.given_name}\t\t2\tІРЦ-1\t01.09.2026",
        f"{ivan.full_name}\t01.01.2001\t2\tІРЦ-1\t01.09.2026",
        "Сусіда Петро\t01.01.2015\t2\tІРЦ-1\t01.09.2026",
        f"Ґудзь Оксана\t{world.pupils['oksana'].born_on:%d.%m.%Y}\t7\tІРЦ-1\t",
    ]
    draft = pasted(world, "needs", "\n".join(lines))
    assert not draft.waiting
    assert said(draft) == [
        [],
        [("pupil", "twice", None)],
        [("born_on", "required", born)],
        [("born_on", "other_date", born)],
        [("pupil", "not_here", None)],
        [("level", "required", None), ("issued_on", "required", None)],
    ]
    first, *_, last = draft.rows.order_by("position")
    assert (first.pupil_id, first.state, first.stands) == (ivan.pk, "READY", {"class": "5-А"})
    # Mended there: the class stands aside, the row is ready; the wrong ones stay in the draft.
    drafts.save_row(
        actor=world.actor("olena"), draft_id=draft.pk, row_id=last.pk, version=last.version,
        values={"level": "1", "document": ""}, moment=MOMENT,
    )  # fmt: skip
    order = orders.prepare(
        actor=world.actor("olena"), draft_id=draft.pk,
        fields=contract.TERMS | {"effective_on": DAY}, moment=MOMENT,
    )  # fmt: skip
    orders.sign(
        actor=world.actor("olena"), order_id=order.pk,
        cms=signature_of(order, "olena"), moment=MOMENT,
    )  # fmt: skip
    assert sorted(PupilCategory.objects.values_list("level", flat=True)) == [1, 2]
    draft.refresh_from_db()
    assert (draft.state, draft.rows.count()) == ("OPEN", 4)


def test_what_became_of_every_row_is_a_report_to_keep(world, client):
    ivan, olena = world.pupils["ivan"], world.actor("olena")
    born = f"{ivan.born_on:%d.%m.%Y}"
    lines = [
        "ПІБ\tДата народження\tПідстава",
        f"{ivan.full_name}\t{born}\tродина",
        "Хтось Інший\t\tх",
    ]
    draft = pasted(world, "meals", "\n".join(lines))
    order = orders.prepare(
        actor=olena, draft_id=draft.pk, fields=contract.TERMS | {"effective_on": DAY}, moment=MOMENT
    )
    orders.sign(actor=olena, order_id=order.pk, cms=signature_of(order, "olena"), moment=MOMENT)
    draft.refresh_from_db()
    assert [(one.name, one.outcome) for one in outcomes.of_draft(draft)] == [
        (ivan.full_name, "Підписано наказом № 112-у від 20.11.2026"),
        ("Хтось Інший", "Треба виправити"),
    ]
    sign_in(client, world.grants["olena"])
    for name, kind_of in (("draft_report", "spreadsheet"), ("draft_report_pdf", "application/pdf")):
        answer = client.get(reverse(name, args=["meals", draft.pk]))
        assert kind_of in answer["Content-Type"]


def test_the_list_of_pupils_begins_any_service_with_the_chosen(world, client):
    sign_in(client, world.grants["olena"])
    picked = {"pick": [str(world.pupils["ivan"].pk), str(world.pupils["oksana"].pk)]}
    page = client.post(reverse("draft_for_chosen"), picked).content.decode()
    begin = reverse("draft_start_chosen", args=["meals"])
    assert begin in page
    assert reverse("draft_start_chosen", args=["annul"]) not in page
    client.post(begin, picked)
    assert Draft.objects.get(process="meals").rows.count() == 2


MISTAKES = (
    "{name}\t{born}\tродина\t\t",
    "{name}\t{born}\t\t\t",  # nothing to change, and told twice
    "{name}\t\tродина\t\t",
    "{name}\t31.02.2016\tродина\t\t",
    "{name}\t{born}\t=1+1\t\t",
    "Невідома Особа\t{born}\tродина\t\t",
    "\t{born}\tродина\t\t",
    "{name}\t{born}\tродина\t2026\t",
    "{name}\t{born}\tродина\t01.09.2026\t31.08.2026",
    "{name}\t{born}\t#REF!\t\t",
)


def test_a_table_of_5000_rows_tells_every_mistake_beside_its_row(world):
    ivan = world.pupils["ivan"]
    given = {"name": ivan.full_name, "born": f"{ivan.born_on:%d.%m.%Y}"}
    lines = ["ПІБ\tДата народження\tПідстава\tДіє з\tДіє до"]
    lines += [line.format(**given) for line in MISTAKES * 500]
    draft = pasted(world, "meals", "\n".join(lines))
    # A table of more than a thousand rows is a worker's, in portions.
    run = DraftRun.objects.get(draft=draft)
    with CaptureQueriesContext(connection) as asked:
        tasks.carry_on(str(run.pk))
    assert len(asked) < 40 * (len(lines) // running.PORTION + 1)
    states = list(draft.rows.order_by("position").values_list("state", "problems"))
    assert [state for state, _ in states].count("READY") == 1
    assert all(problems for _, problems in states[1:])
    ready, *_ = draft.rows.filter(state="READY")
    assert ready.position == 1


def test_blank_cells_change_nothing_and_a_last_day_alone_ends_what_lasts(world):
    ivan, olena = world.pupils["ivan"], world.actor("olena")
    row = pupils.add_category(actor=olena, pupil_id=ivan.pk, values=NEEDS, today=TODAY)
    draft = contract.drafted(world, olena, "needs", [ivan.pk], DAY)
    assert said(draft) == [[("level", "nothing_new", None)]]
    stands = draft.rows.get().stands
    assert (stands["level"], stands["starts_on"]) == ("2-й", "01.09.2026")

    def typed(**values):
        found = draft.rows.get()
        drafts.save_row(
            actor=olena, draft_id=draft.pk, row_id=found.pk, version=found.version,
            values={"starts_on": "", "ends_on": "", "level": "", **values}, moment=MOMENT,
        )  # fmt: skip
        return said(draft)[0]

    assert typed(level="2") == [("level", "nothing_new", None)]
    assert typed(level="4", starts_on="01.08.2026") == [("starts_on", "before_last", None)]
    assert typed(ends_on="01.09.2026") == [("ends_on", "before_start", None)]
    assert typed(ends_on="01.12.2026") == []
    order = orders.prepare(
        actor=olena, draft_id=draft.pk, fields=contract.TERMS | {"effective_on": DAY}, moment=MOMENT
    )
    orders.sign(actor=olena, order_id=order.pk, cms=signature_of(order, "olena"), moment=MOMENT)
    row.refresh_from_db()
    assert (row.ends_on, PupilCategory.objects.count()) == (datetime.date(2026, 12, 1), 1)


def test_needs_signed_for_many_are_read_by_the_school_alone(world, client):
    olena = world.actor("olena")
    draft = contract.drafted(world, olena, "needs", [world.pupils["ivan"].pk], DAY, level="1")
    sign_in(client, world.grants["olena"])
    page = reverse("draft_detail", args=["needs", draft.pk])
    assert "Вибрати ще" in client.get(page).content.decode()
    for name, args in (("draft_start", ["needs"]), ("draft_template", ["needs"])):
        assert client.get(reverse(name, args=args)).status_code == 200
    order = orders.prepare(
        actor=olena, draft_id=draft.pk, fields=contract.TERMS | {"effective_on": DAY}, moment=MOMENT
    )
    shown = reverse("order_detail", args=[order.pk])
    assert "рівень підтримки: 1-й" in client.get(shown).content.decode()
    sign_in(client, world.grants["bohdan"])
    assert client.get(shown).status_code == 403
