"""The pages: a school's plan from the button to the order, an authority over its schools."""

from __future__ import annotations

import uuid

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import Notice
from kernel import jobs
from kernel.audit import outbox
from registry.models import Institution
from registry.rollover import selectors, services, tasks
from registry.rollover.models import PlannedChild, RolloverCall, RolloverPlan
from tests.registry.kit import MOMENT
from tests.registry.rollover.kit import NEXT, begun, school
from tests.world import sign_in

CLASSES = {"1-А": 2, "4-А": 2, "11-А": 1}


@pytest.fixture(autouse=True)
def fixed_day(monkeypatch):
    """The coming year is that of the small world, whatever the day."""
    real = selectors.coming_year
    monkeypatch.setattr(selectors, "coming_year", lambda today: real(MOMENT.today))
    cache.clear()


@pytest.fixture
def client_of(world):
    def opened(who):
        client = Client()
        sign_in(client, world.grants[who])
        return client

    return opened


def shown(answer, status=200):
    assert answer.status_code == status, answer.content.decode()[:800]
    return answer.content.decode()


def test_a_head_begins_edits_and_forms_the_order(world, client_of):
    pupils = school(world, CLASSES)
    olena = client_of("olena")
    home = world.institutions["school1"]
    assert "Скласти план" in shown(olena.get(reverse("rollover_own")))
    olena.post(reverse("rollover_begin", args=[home.uid]))
    plan = RolloverPlan.objects.get()
    page = shown(olena.get(reverse("rollover_own"), follow=True))
    for words in ("→ 5-А", "випуск", "1-А", "наказом"):
        assert words in page
    # A class is renamed, a child left for the same course, another goes to a new class.
    at = reverse("rollover_class", args=[plan.pk, world.classes["school1/5-Б"].uid])
    typed = {"act": "CARRY", "letter": "В", "type": "GENERAL", "language": "uk", "shift": "1"}
    shown(olena.post(at, typed | {"version": "0"}), 303)
    assert "уже змінили" in shown(olena.post(at, typed | {"version": "0"}), 412)
    decide = reverse("rollover_decide", args=[plan.pk])
    one, other = (str(child.pk) for child in pupils["1-А"])
    assert "Рішення про 1 дитину" in shown(olena.post(decide, {"pick": one}))
    answer = {"pick": one, "decided": "1", "act": "REPEAT", "letter": "А"}
    assert "Вкажіть документ" in shown(olena.post(decide, answer), 422)
    shown(olena.post(decide, answer | {"document": "заява від 20.05.2027"}), 303)
    shown(olena.post(decide, {"pick": other, "decided": "1", "act": "CLASS", "letter": "Б"}), 303)
    everybody = reverse("rollover_children", args=[plan.pk])
    page = shown(olena.get(everybody))
    assert "повторний курс, 1-А" in page
    assert "2-Б" in page
    assert "Немає" not in shown(olena.get(everybody, {"show": "repeat"}))
    assert olena.get(everybody, {"file": "xlsx"}).status_code == 200
    # A class is added, and taken out.
    new = reverse("rollover_new", args=[plan.pk])
    fields = {"type": "GENERAL", "form": "FULL_TIME", "language": "uk", "shift": "1"}
    assert "уже є в плані" in shown(olena.post(new, fields | {"labels": "1-А"}), 422)
    shown(olena.post(new, fields | {"labels": "1-Б, 1-В"}), 303)
    key = plan.classes.get(grade=1, letter="В").pk
    shown(olena.post(reverse("rollover_take_out", args=[plan.pk]), {"class": key}), 303)
    assert (
        olena.post(reverse("rollover_take_out", args=[plan.pk]), {"class": "x"}).status_code == 404
    )
    # The order.
    order = reverse("rollover_order", args=[plan.pk])
    assert "01.09.2027" in shown(olena.get(order))
    wrong = shown(olena.post(order, {"number": "77"}), 422)
    assert "Вкажіть номер і дату протоколу" in wrong
    terms = {
        "number": "77-п",
        "issued_on": "20.11.2026",
        "effective_on": "01.09.2027",
        "ground": "рішення",
        "protocol": "№ 7 від 19.11.2026",
    }
    assert "перегляньте" in shown(olena.post(order, terms | {"expected": "1"}), 422)
    made = olena.post(order, terms, follow=True)
    page = shown(made)
    assert "повторний курс: 1-А" in page
    assert "перевести до 2-Б" in page
    assert "Утворити на 2027/2028 навчальний рік класи" in page
    assert "План уже в наказі" in shown(olena.get(reverse("rollover_plan", args=[plan.pk])))
    # Other pages of kinds lead here.
    assert olena.get("/services/rollover/").headers["Location"] == reverse("rollover_own")
    assert olena.get("/services/rollover/start/").headers["Location"] == reverse("rollover_own")


def test_what_was_decided_is_forgotten_when_asked(world, client_of):
    pupils = school(world, CLASSES)
    plan = begun(world)
    olena = client_of("olena")
    answer = {"decided": "1", "act": "STAY", "pick": str(pupils["4-А"][0].pk)}
    olena.post(reverse("rollover_decide", args=[plan.pk]), answer)
    assert PlannedChild.objects.exists()
    assert "буде забуто" in shown(olena.get(reverse("rollover_anew", args=[plan.pk])))
    olena.post(reverse("rollover_anew", args=[plan.pk]))
    assert not PlannedChild.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_authority_begins_all_sees_states_and_reminds(world, client_of, monkeypatch):
    monkeypatch.setattr(jobs, "start", lambda *_: True)  # the broker takes it, nobody works yet
    school(world, CLASSES)
    begun(world)
    bohdan = client_of("bohdan")
    page = shown(bohdan.get(reverse("rollover_schools")))
    assert "Скласти плани всіх: 1" in page
    shown(bohdan.post(reverse("rollover_call")), 303)
    run = RolloverCall.objects.get()
    assert (run.total, run.state) == (1, "QUEUED")
    shown(bohdan.post(reverse("rollover_call")), 303)  # twice is once
    assert RolloverCall.objects.count() == 1
    # A worker that dies in a portion loses that portion alone; another takes the run up.
    tasks.begin_plans(str(run.pk))
    tasks.begin_plans(str(run.pk))
    run.refresh_from_db()
    assert (run.state, run.done) == ("DONE", 1)
    assert RolloverPlan.objects.count() == 2
    page = shown(bohdan.get(reverse("rollover_schools"), {"state": "draft"}))
    assert "Чернівецький ліцей № 1" in page
    assert "Чернівецька гімназія № 2" in page
    keys = [str(world.institutions[one].uid) for one in ("school1", "school2")]
    shown(bohdan.post(reverse("rollover_remind"), {"pick": keys}), 303)
    outbox.drain()
    told = Notice.objects.filter(code="registry.rollover.reminded", closed_at=None)
    heads = {world.grants["olena"].pk, world.grants["petro"].pk}
    assert {one.grant_id for one in told} == heads
    # Nobody else's school is reminded by a forged key.
    stranger = str(world.institutions["lviv_school"].uid)
    shown(bohdan.post(reverse("rollover_remind"), {"pick": [stranger, str(uuid.uuid4())]}), 303)
    outbox.drain()
    assert Notice.objects.count() == told.count()


@pytest.mark.django_db(transaction=True)
def test_a_job_killed_in_the_middle_goes_on_and_doubles_nothing(world, monkeypatch):
    school(world, CLASSES)
    run = services.ask_all(actor=world.actor("iryna"), to_year=NEXT, now=MOMENT.now)
    assert run.total == Institution.objects.filter(oblast_id=world.units["chernivetska"].pk).count()
    monkeypatch.setattr(services, "PORTION", 2)
    begin = services._begun
    times = iter(range(100))

    def dies(*args):
        if next(times) == 3:
            raise KeyboardInterrupt
        return begin(*args)

    monkeypatch.setattr(services, "_begun", dies)
    with pytest.raises(KeyboardInterrupt):
        tasks.begin_plans(str(run.pk))
    assert RolloverPlan.objects.count() == 2  # the whole portions, nothing half
    tasks.begin_plans(str(run.pk))
    run.refresh_from_db()
    assert (run.state, run.done) == ("DONE", run.total)
    assert RolloverPlan.objects.count() == run.total
