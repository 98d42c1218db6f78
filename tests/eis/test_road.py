"""The operator's road: every clause of п.18–30 with its guard, its term and what it leaves behind."""

from __future__ import annotations

import datetime

import pytest
from django.db import IntegrityError

from accounts import actors
from accounts.errors import CabinetOfOthers
from accounts.models import Grant, OrgUnit
from accounts.notices.models import Notice
from accounts.notices.services import FollowEvents
from integrations.eis import errors
from integrations.eis.models import Contract, EisSystem, Mandate, RoadStep, SchoolKey, Trial
from integrations.eis.road import selectors
from integrations.eis.road.services import (
    applications,
    attestations,
    contracts,
    daily,
    signing,
    testing,
    texts,
)
from integrations.eis.services import systems
from integrations.eis.states import STEPS, TRANSITIONS, Paper, SystemState
from kernel.audit import outbox
from kernel.clock import moment
from kernel.db import command
from kernel.errors import Invalid, NotAllowed, NotFound, StaleVersion
from signatures.errors import WrongSigner
from tests.eis.kit import get, grant
from tests.eis.operators import (
    PDF,
    acting,
    admin_signed,
    attested,
    cms,
    connected,
    described,
    filed,
    laid,
    of,
    on,
    opened,
    signed,
    trialled,
    with_contract,
)
from tests.kit.acts import noted

MONDAY = datetime.date(2026, 11, 2)
BY_ITSELF = actors.system("тест")


def state(system: EisSystem) -> str:
    return EisSystem.objects.get(pk=system.pk).state


def follow() -> None:
    """What happened is told. Inside one transaction this serves once: whoever follows twice commits."""
    outbox.settle()
    while outbox.advance(FollowEvents()) == outbox.BATCH:
        pass


def told(code: str) -> list[Notice]:
    follow()
    return list(Notice.objects.filter(code=code, closed_at=None))


# ── the whole road ───────────────────────────────────────────────────────────
def test_from_an_application_to_a_published_system_every_step_has_its_term_and_paper(world):
    now = on(MONDAY)
    with_contract(world, now)
    system = described(when=now)
    paper = laid(system, Paper.APPLICATION, when=now)
    assert state(system) == "DRAFT"
    wrong = cms(bytes(paper.signing.content), "oles", now.now, edrpou="59900143")
    with pytest.raises(WrongSigner):
        signing.sign(actor=acting(), paper_id=paper.pk, cms=wrong, moment=now)
    signed(paper, "oles", now)
    system.refresh_from_db()
    # Handbook H.1: submitted on Monday 02.11.2026 the test ends by 30.11, the conclusion three days on.
    assert (system.state, system.due_on) == ("SUBMITTED", datetime.date(2026, 11, 30))
    testing.start(**of(system, world, now))
    testing.end(**of(system, world, now))
    system.refresh_from_db()
    assert (system.state, system.due_on) == ("TEST_DONE", datetime.date(2026, 11, 5))
    conclusion = testing.conclude(**of(system, world, now), positive=True, findings=[])
    assert state(system) == "TEST_DONE"  # nothing is sent before the signature
    admin_signed(world, conclusion, now)
    assert state(system) == "AWAITING_KSZI"
    with pytest.raises(errors.NotOnTheRoad):
        laid(system, Paper.JOIN, when=now)
    attested(world, system, when=now)
    assert state(system) == "CONCLUSION_POSITIVE"
    filed(system, Paper.JOIN, when=now)
    with pytest.raises(errors.WrongTransition):
        contracts.publish(**of(system, world, now))
    made = contracts.conclude(**of(system, world, now))
    system.refresh_from_db()
    assert (system.state, system.due_on) == ("CONTRACTED", datetime.date(2026, 11, 9))
    assert (made.text.number, made.application.kind) == (1, "JOIN")
    assert system not in selectors.published()
    contracts.publish(**of(system, world, now))
    system.refresh_from_db()
    assert (system.state, system.due_on, system.published_on) == ("CONNECTED", None, MONDAY)
    assert [one.name for one in selectors.published()] == ["Зошит"]
    walked = list(
        RoadStep.objects.filter(system=system).order_by("pk").values_list("step", flat=True)
    )
    assert walked == [
        *("submit", "start_test", "end_test", "conclude_unattested", "attestation_told"),
        *("attestation_accepted", "attest", "join", "contract", "publish"),
    ]
    assert all(one.clause and one.by_id for one in RoadStep.objects.all())


def test_a_negative_conclusion_says_what_and_how_and_the_operator_applies_again(world):
    system = described()
    filed(system, Paper.APPLICATION)
    testing.start(**of(system, world))
    with pytest.raises(errors.WrongTransition):
        testing.conclude(**of(system, world), positive=True, findings=[])
    testing.end(**of(system, world))
    for findings in ([], [("Немає TLS", "")], [("", "Увімкнути")]):
        with pytest.raises(Invalid):
            testing.conclude(**of(system, world), positive=False, findings=findings)
    with pytest.raises(Invalid):
        testing.conclude(**of(system, world), positive=True, findings=[("Немає TLS", "Увімкнути")])
    paper = testing.conclude(
        **of(system, world), positive=False, findings=[("Немає TLS", "Увімкнути")]
    )
    admin_signed(world, paper, moment())
    assert state(system) == "CONCLUSION_NEGATIVE"
    (moved,) = told("eis.road.moved")
    assert moved.facts["state"] == "Негативний висновок"
    filed(system, Paper.APPLICATION)
    assert state(system) == "SUBMITTED"
    assert Trial.objects.filter(system=system).count() == 2


def test_only_steps_of_the_table_are_taken_and_only_by_whose_they_are(world):
    system = described()
    for name in (testing.start, testing.end, contracts.conclude, contracts.publish):
        with pytest.raises(errors.WrongTransition):
            name(**of(system, world))
        with pytest.raises(NotAllowed):
            name(**(of(system, world) | {"actor": acting()}))
        with pytest.raises(NotAllowed):
            name(**(of(system, world) | {"actor": world.actor("olena")}))
    with pytest.raises(StaleVersion):
        testing.start(**(of(system, world) | {"version": 0}))
    with pytest.raises(NotAllowed):
        applications.prepare(
            actor=world.actor("admin"),
            system_uid=system.uid,
            version=system.version,
            kind="APPLICATION",
            moment=moment(),
        )
    with pytest.raises(NotFound):  # another operator's system reads as absent
        laid(system, Paper.APPLICATION, "solomiya")
    assert set(TRANSITIONS) == set(SystemState.values)
    assert {one for steps in STEPS.values() for one in steps} <= set(SystemState.values)


def test_an_application_wants_its_papers_and_one_sent_twice_is_one(world):
    system = described()
    for attached in ([], [applications.Attached("ownership", b"MZ")]):
        with pytest.raises(Invalid):
            laid(system, Paper.APPLICATION, attached=attached)
    old = laid(system, Paper.APPLICATION)
    new = laid(system, Paper.APPLICATION)
    with pytest.raises(errors.PaperDecided):
        signed(old, "oles", moment())
    signed(new, "oles", moment())
    assert signed(new, "oles", moment()).state == "SIGNED"
    assert Trial.objects.filter(system=system).count() == 1
    applications.withdraw(
        actor=acting(), system_uid=system.uid, version=of(system, world)["version"], moment=moment()
    )
    assert (state(system), Trial.objects.get().dropped_on is not None) == ("DRAFT", True)


def test_the_contract_is_the_owner_s_to_approve_and_never_changes(world):
    system = described()
    filed(system, Paper.APPLICATION)
    trialled(world, system)
    attested(world, system)
    with pytest.raises(errors.NoContractText):
        laid(system, Paper.JOIN)
    made = texts.draft_contract(
        actor=world.actor("admin"),
        title="Договір",
        body="Текст",
        effective_on=moment().today,
        moment=moment(),
    )
    with pytest.raises(errors.NoContractText):
        laid(system, Paper.JOIN)
    how = {"number": made.number, "approval": "№ 1 від 01.09.2026", "moment": moment()}
    with pytest.raises(NotAllowed):
        texts.approve_contract(actor=world.actor("admin"), **how)
    texts.approve_contract(actor=world.actor("maria"), **how)
    with pytest.raises(errors.PaperDecided):
        texts.approve_contract(actor=world.actor("maria"), **how)
    filed(system, Paper.JOIN)
    assert state(system) == "JOIN_APPLIED"


def test_no_contract_is_concluded_on_an_attestation_that_has_run_out(world):
    now = on(MONDAY)
    with_contract(world, now)
    system = described(when=now)
    filed(system, Paper.APPLICATION, when=now)
    trialled(world, system, now)
    attested(world, system, when=now, days=10)
    filed(system, Paper.JOIN, when=now)
    later = on(MONDAY + datetime.timedelta(days=11))
    with pytest.raises(errors.NotAttested):
        contracts.conclude(**of(system, world, later))
    contracts.conclude(**of(system, world, now))


def test_an_attestation_is_judged_with_a_reason(world):
    system = described()
    when = moment()
    how = {
        "actor": acting(),
        "system_uid": system.uid,
        "version": system.version,
        "kind": "KSZI",
        "number": "1",
        "issued_on": when.today,
        "valid_to": when.today + datetime.timedelta(days=30),
        "paper": PDF,
        "moment": when,
    }
    for wrong in (
        {"paper": b"x"},
        {"number": " "},
        {"valid_to": when.today},
        {"issued_on": when.today + datetime.timedelta(days=1)},
        {"kind": "?"},
    ):
        with pytest.raises(Invalid):
            attestations.tell(**(how | wrong))
    one = attestations.tell(**how)
    with pytest.raises(Invalid):
        attestations.judge(**of(system, world), attestation_id=one.pk, accepted=False)
    attestations.judge(
        **of(system, world), attestation_id=one.pk, accepted=False, refusal="Нечитабельна копія"
    )
    with pytest.raises(errors.PaperDecided):
        attestations.judge(**of(system, world), attestation_id=one.pk, accepted=True)
    assert EisSystem.objects.get(pk=system.pk).kszi_number == ""


# ── what happens to a system that works ──────────────────────────────────────
def test_changed_functions_are_tested_while_the_system_works_and_hold_when_they_fit(client, world):
    system = connected(world)
    secret = grant(world, system).secret
    wanted = {"functions": ["JOURNAL"], "writes": [], "about": "Щоденник вимкнено"}
    filed(system, Paper.FUNCTIONS, **wanted)
    assert state(system) == "RETEST_PENDING"
    assert get(client, "classes", secret).status_code == 200
    assert EisSystem.objects.get(pk=system.pk).functions == ["JOURNAL", "DIARY"]
    trialled(world, system, positive=False, findings=[("Журнал", "Виправити")])
    system.refresh_from_db()
    assert (system.state, system.functions) == ("CONNECTED", ["JOURNAL", "DIARY"])
    filed(system, Paper.FUNCTIONS, **wanted)
    trialled(world, system)
    system.refresh_from_db()
    assert (system.state, system.functions, system.writes) == ("CONNECTED", ["JOURNAL"], [])


def test_functions_that_need_a_contract_hold_from_its_day(world):
    system = connected(world)
    filed(system, Paper.FUNCTIONS, functions=["SITE"], writes=[], about="Сайт")
    trialled(world, system, needs_contract=True)
    system.refresh_from_db()
    assert (system.state, system.functions) == ("CONNECTED", ["JOURNAL", "DIARY"])
    with pytest.raises(errors.NotOnTheRoad):
        laid(system, Paper.FUNCTIONS, functions=["DIARY"], writes=[], about="Ще")
    filed(system, Paper.JOIN)
    contracts.conclude(**of(system, world))
    system.refresh_from_db()
    assert (system.state, system.functions) == ("CONNECTED", ["SITE"])
    assert Contract.objects.filter(system=system, ended_on=None).count() == 1
    with pytest.raises(errors.NotOnTheRoad):
        laid(system, Paper.JOIN)


def test_requirements_are_published_a_month_ahead_and_order_re_tests_on_their_day(world):
    system = connected(world)
    now = moment()
    how = {"actor": world.actor("admin"), "title": "Вимоги", "body": "TLS", "moment": now}
    texts.publish_requirements(**how, effective_on=now.today)
    with pytest.raises(Invalid):
        texts.publish_requirements(**how, effective_on=now.today + datetime.timedelta(days=27))
    day = now.today + datetime.timedelta(days=31)
    texts.publish_requirements(**how, effective_on=day)
    assert [one.subject for one in told("eis.road.requirements")] == ["1", "2"]
    daily.of_the_day(actor=BY_ITSELF, moment=on(day - datetime.timedelta(days=1)))
    assert state(system) == "CONNECTED"
    with pytest.raises(NotAllowed):
        daily.apply_requirements(actor=world.actor("admin"), number=2, moment=on(day))
    daily.of_the_day(actor=BY_ITSELF, moment=on(day))
    assert state(system) == "RETEST_PENDING"
    assert daily.of_the_day(actor=BY_ITSELF, moment=on(day)) == 0
    trialled(world, system, on(day), positive=False, findings=[("TLS", "Оновити")])
    assert state(system) == "RETEST_PENDING"  # it works, and what it lacks is known
    filed(system, Paper.APPLICATION, when=on(day))
    trialled(world, system, on(day))
    assert state(system) == "CONNECTED"


def test_an_additional_test_stops_nothing(client, world):
    system = connected(world)
    secret = grant(world, system).secret
    with pytest.raises(Invalid):
        testing.order_more(**of(system, world), ground=" ")
    testing.order_more(**of(system, world), ground="Скарга школи")
    with pytest.raises(errors.WrongTransition):
        testing.order_more(**of(system, world), ground="Ще")
    assert (state(system), get(client, "classes", secret).status_code) == ("CONNECTED", 200)
    trialled(world, system, positive=False, findings=[("Втрачає рядки", "Виправити")])
    assert state(system) == "CONNECTED"


def passed(world, system, when, to: str = "59900143"):
    return systems.transfer_system(
        **of(system, world, when),
        to_code=to,
        to_name="ТОВ «Абетка»",
        transferred_on=when.today,
        ground="Договір купівлі-продажу № 7",
    )


def test_a_system_passes_to_a_new_operator_without_a_test_and_heads_grant_anew(client, world):
    system = connected(world)
    secret = grant(world, system).secret
    now = moment()
    passed(world, system, now)
    assert (state(system), get(client, "classes", secret).status_code) == ("TRANSFER_PENDING", 200)
    with pytest.raises(NotFound):
        laid(system, Paper.TRANSFER)  # the former operator takes nothing over
    filed(system, Paper.TRANSFER, "solomiya")
    contracts.conclude(**of(system, world))
    system.refresh_from_db()
    assert (system.state, system.operator.name) == ("CONNECTED", "ТОВ «Абетка»")
    assert get(client, "classes", secret).status_code == 401
    assert [one.facts["operator"] for one in told("eis.system.passed_on")] == ["ТОВ «Абетка»"]
    assert get(client, "classes", grant(world, system).secret).status_code == 200
    with pytest.raises(NotFound):
        selectors.of_operator(acting(), system.uid, now.today)


def test_a_new_operator_who_does_not_apply_in_ten_working_days_loses_the_system(client, world):
    now = moment()
    system = connected(world)
    secret = grant(world, system).secret
    due = passed(world, system, now).due_on
    daily.of_the_day(actor=BY_ITSELF, moment=on(due))
    assert state(system) == "TRANSFER_PENDING"
    after = on(due + datetime.timedelta(days=1))
    with pytest.raises(errors.NotOnTheRoad):
        laid(system, Paper.TRANSFER, "solomiya", after)
    daily.of_the_day(actor=BY_ITSELF, moment=after)
    assert (state(system), get(client, "classes", secret).status_code) == ("DISCONNECTED", 401)
    assert daily.of_the_day(actor=BY_ITSELF, moment=after) == 0


def test_a_suspension_stops_keys_and_what_stood_comes_back_with_the_restoration(client, world):
    system = connected(world)
    works = grant(world, system)
    how = {"actor": world.actor("admin"), "system_uid": system.uid, "on": moment().today}
    for ground, document in (("29.1", ""), ("28.7", "")):
        with pytest.raises(Invalid):
            systems.suspend_system(**how, ground=ground, explanation="", document=document)
    systems.suspend_system(**how, ground="28.7", explanation="", document="№ 5 від 01.09.2026")
    assert get(client, "classes", works.secret).status_code == 403
    assert RoadStep.objects.get(step="suspend").document == "№ 5 від 01.09.2026"
    assert not selectors.published()
    with pytest.raises(Invalid):
        systems.restore_system(**how, explanation=" ")
    systems.restore_system(**how, explanation="акт № 6")
    assert get(client, "classes", works.secret).status_code == 200


def test_no_access_comes_back_on_an_attestation_that_ran_out_meanwhile(world):
    now = on(MONDAY)
    system = connected(world, when=now)
    how = {"actor": world.actor("admin"), "system_uid": system.uid}
    systems.suspend_system(**how, ground="28.2", explanation="", on=MONDAY)
    later = on(MONDAY + datetime.timedelta(days=401))
    with pytest.raises(errors.NotAttested):
        systems.restore_system(**how, explanation="усунено", on=later.today)
    attested(world, system, when=later)
    systems.restore_system(**how, explanation="усунено", on=later.today)
    assert state(system) == "CONNECTED"


def test_what_is_disconnected_has_no_key_no_mandate_and_comes_back_by_a_new_road(client, world):
    system = connected(world)
    secret = grant(world, system).secret
    for ground, document in (("28.1", ""), ("29.3", ""), ("29.1", "")):
        with pytest.raises(Invalid):
            systems.disconnect_system(
                **of(system, world), ground=ground, explanation="", document=document
            )
    filed(system, Paper.LEAVE, about="Закриваємо")
    systems.disconnect_system(**of(system, world), ground="29.1", explanation="")
    assert state(system) == "DISCONNECTED"
    assert get(client, "classes", secret).status_code == 401
    assert not SchoolKey.objects.filter(revoked_at=None).exists()
    assert not Mandate.objects.filter(state="SIGNED", ended_at=None).exists()
    assert not Contract.objects.filter(ended_on=None).exists()
    assert len(told("eis.system.disconnected")) == 1
    with pytest.raises(errors.WrongTransition):
        systems.restore_system(
            actor=world.actor("admin"),
            system_uid=system.uid,
            explanation="усунено",
            on=moment().today,
        )
    filed(system, Paper.APPLICATION)
    trialled(world, system)
    assert state(system) == "CONCLUSION_POSITIVE"
    assert get(client, "classes", secret).status_code == 401


# ── terms ────────────────────────────────────────────────────────────────────
@pytest.mark.django_db(transaction=True)
def test_a_term_that_passed_is_told_once_to_both_sides_and_goes_with_the_step(world):
    now = on(MONDAY)
    system = described(when=now)
    filed(system, Paper.APPLICATION, when=now)
    due = EisSystem.objects.get(pk=system.pk).due_on
    assert daily.of_the_day(actor=BY_ITSELF, moment=on(due)) == 0
    late = on(due + datetime.timedelta(days=1))
    assert daily.of_the_day(actor=BY_ITSELF, moment=late) == 1
    assert daily.of_the_day(actor=BY_ITSELF, moment=late) == 0
    both = (told("eis.road.late"), told("eis.road.late_of_operator"))
    assert [len(one) for one in both] == [1, 1]
    assert both[0][0].grant_id == world.grants["admin"].pk
    testing.start(**of(system, world, late))
    # The term of the test runs on: begun late, it is late still, and nobody is told anew.
    assert daily.of_the_day(actor=BY_ITSELF, moment=late) == 0
    testing.end(**of(system, world, late))
    assert not told("eis.road.late")


@pytest.mark.django_db(transaction=True)
def test_the_end_of_an_attestation_is_recalled_ahead_and_told(world):
    now = moment()
    connected(world)
    follow()
    ahead = Notice.objects.filter(code__regex="attestation_(admin|operator)_")
    assert {one.code.rpartition("_")[2] for one in ahead} == {"30", "7", "1"}
    assert len(ahead) == 6
    end = now.today + datetime.timedelta(days=400)
    assert daily.of_the_day(actor=BY_ITSELF, moment=on(end)) == 0
    after = on(end + datetime.timedelta(days=1))
    assert daily.of_the_day(actor=BY_ITSELF, moment=after) == 1
    assert daily.of_the_day(actor=BY_ITSELF, moment=after) == 0
    assert len(told("eis.road.attestation_over")) == 1


# ── cabinets ─────────────────────────────────────────────────────────────────
def test_a_cabinet_is_opened_by_the_operator_s_own_key_once_and_reaches_nothing(world):
    first = opened()
    assert opened().pk == first.pk
    actor = acting()
    assert (actor.role, actor.scope.keys) == ("OPERATOR", ())
    assert not Mandate.objects.visible_to(actor).exists()
    assert not OrgUnit.objects.visible_to(actor).exists()
    node = OrgUnit.objects.get(kind="OPERATOR")
    assert (node.parent_id, node.edrpou, node.name) == (None, "59900138", "ТОВ «Зошит»")
    trader = acting("trader")
    assert Grant.objects.get(pk=trader.grant_id).unit.edrpou is None
    from tests.eis import operators

    operators.PEOPLE["colleague"] = (
        "Колега Інна Ярославівна",
        operators.code(904),
        *operators.PEOPLE["oles"][2:],
    )
    with pytest.raises(CabinetOfOthers):
        opened("colleague")
    del operators.PEOPLE["colleague"]


def test_an_operator_known_before_is_tied_to_its_cabinet_by_the_code_alone(world):
    systems.register_known(actor=BY_ITSELF)
    known = EisSystem.objects.get(name="НІТ")
    actor = acting()
    assert not selectors.cabinet(actor).systems
    with pytest.raises(Invalid):
        systems.name_operator(**of(known, world), code="59900139", name="ТОВ «НІТ»")
    systems.name_operator(**of(known, world), code="59900138", name="ТОВ «НІТ»")
    assert [one.name for one in selectors.cabinet(actor).systems] == ["НІТ"]
    with_contract(world)
    attested(world, known)
    assert state(known) == "CONCLUSION_POSITIVE"
    filed(known, Paper.JOIN)
    with pytest.raises(errors.WrongTransition):
        systems.name_operator(**of(known, world), code="59900143", name="Інший")


def test_every_system_of_the_public_documents_stands_with_its_state_and_source(world):
    assert systems.register_known(actor=BY_ITSELF) == 11
    assert systems.register_known(actor=BY_ITSELF) == 0
    rows = {one.name: one for one in EisSystem.objects.all()}
    assert set(rows) == {
        *("Eddy", "Єдина школа", "Human школа", "Моя школа", "Нові знання", "Smart школа"),
        *("Всеосвіта", "НІТ", "Smart School", "КУРС: Школа", "Мрія"),
    }
    waiting = {name for name, one in rows.items() if one.state == "AWAITING_KSZI"}
    assert waiting == {"НІТ", "Smart School"}
    assert all(one.source for one in rows.values())
    assert [name for name, one in rows.items() if one.is_mriya] == ["Мрія"]
    assert len(selectors.published()) == 9


def test_the_database_itself_keeps_one_open_test_and_a_conclusion_s_reasons(world):
    system = described()
    filed(system, Paper.APPLICATION)

    @command
    def broken(*, actor, **changes):
        noted()
        Trial.objects.filter(system=system).update(**changes)

    for changes in (
        {"positive": False},
        {"concluded_on": MONDAY},
    ):
        with pytest.raises(IntegrityError):
            broken(actor=BY_ITSELF, **changes)
