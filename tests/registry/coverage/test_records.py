"""The children's register: who is recorded by whom, what the register closes by itself, terms, notices."""

from __future__ import annotations

import datetime
import uuid

import pytest
from django.test import Client
from django.urls import reverse

from accounts import actors
from accounts.models import Notice
from kernel.audit import outbox
from kernel.audit.models import Look
from kernel.db import command
from kernel.errors import Invalid, NotAllowed, NotFound, StaleVersion
from registry.coverage import notices, selectors, services
from registry.coverage.consumer import follow_all
from registry.coverage.errors import CaseDecided, CaseStands, GroundWanted, LetterDecided
from registry.coverage.models import CoverageCase, CoverageLetter, CoverageMonth, CoverageStep
from registry.coverage.services import absences, cases, letters
from registry.coverage.terms import terms
from registry.models import ContactState, Pupil
from registry.people.services import closing
from signatures.errors import WrongSigner
from signatures.models import SigningSession
from tests.kit.acts import noted
from tests.kit.racing import Held, beside
from tests.registry.coverage import kit
from tests.registry.coverage.kit import CITY, NOW, VILLAGE, on
from tests.world import World, enrol

SYSTEM = actors.system("перевірка")


def problems(no: Invalid) -> set[tuple[str, str]]:
    return {(one.field, one.code) for one in no.problems}


def follow(world: World, moment=NOW) -> int:
    return follow_all(SYSTEM, moment)


# ── recording ────────────────────────────────────────────────────────────────
def test_a_known_child_is_found_by_document_and_birth_date_and_a_term_begins(world):
    pupil = kit.nowhere(world)
    case = kit.recorded(world)
    assert (case.pupil_id, case.unit_id) == (pupil.pk, world.units["chernivtsi"].pk)
    assert case.due_on == datetime.date(2026, 12, 1)  # five working days after a Tuesday
    step = CoverageStep.objects.get(case=case)
    assert (step.ground, step.grant_id) == ("акт обстеження № 1", world.grants["bohdan"].pk)
    assert Look.objects.filter(subject_id=str(pupil.pk), what="облік дітей: запис").exists()


def test_a_child_unknown_to_the_register_gets_a_profile_that_a_school_will_find(world):
    case = kit.recorded(
        world, document="I-СГ 777777", born_on="05.05.2015", surname="Невідомий",
        given_name="Павло", sex="Ч", territory=CITY, line="вул. Дальня, 3",
    )  # fmt: skip
    pupil = case.pupil
    pupil.refresh_from_db()
    assert (pupil.full_name, pupil.residence_id) == ("Невідомий Павло", case.unit_id)
    assert pupil.documents.get().number == "777777"


def test_every_mistake_of_every_row_is_told_at_once_and_nothing_is_written(world):
    kit.nowhere(world)
    kit.nowhere(world, "oksana", VILLAGE)
    rows = [
        kit.row(),
        kit.row(),  # the same child again
        kit.row(document="X-ТЕ 000003", born_on="03.03.2016"),  # learns at school 2
        kit.row(document="X-ТЕ 000002", born_on="02.03.2016"),  # lives in the village
        kit.row(document="X-ТЕ 000002", born_on="02.03.2016", territory=VILLAGE),
        kit.row(document="I-СГ 888888"),  # unknown, and nothing told of it
        kit.row(born_on="31.02.2016", since="", ground="", reason="ніколи"),
        kit.row(document="I-СГ 888888", born_on="05.05.2005", since="01.01.2030"),
        kit.row(document="=A1", born_on="01.03.2016", since="01.03.2010"),
    ]
    with pytest.raises(Invalid) as no:
        services.record(
            actor=world.actor("bohdan"),
            kind="NOT_COVERED",
            unit=world.units["chernivtsi"],
            rows=rows,
            moment=NOW,
        )
    told = problems(no.value)
    assert {
        ("2.", "twice"), ("3.", "learns"), ("4.territory", "required"), ("5.territory", "elsewhere"),
        ("6.surname", "required"), ("6.given_name", "required"), ("6.sex", "required"),
        ("6.territory", "required"), ("7.ground", "required"), ("7.reason", "unknown"),
        ("7.since", "required"), ("8.since", "future"), ("9.document", "formula"),
        ("9.since", "before_birth"),
    } <= told  # fmt: skip
    assert any(field == "7.born_on" for field, _ in told)
    assert not any(field.startswith("1.") for field, _ in told)
    assert not CoverageCase.objects.exists()
    with pytest.raises(Invalid):
        services.record(
            actor=world.actor("bohdan"), kind="NOT_COVERED", unit=world.units["chernivtsi"],
            rows=[], moment=NOW,
        )  # fmt: skip


@pytest.mark.parametrize("who", ["iryna", "taras", "maria", "olena", "dana", "admin"])
def test_nobody_but_the_community_records(world, who):
    kit.nowhere(world)
    with pytest.raises((NotAllowed, NotFound)):
        services.record(
            actor=world.actor(who), kind="NOT_COVERED", unit=world.units["chernivtsi"],
            rows=[kit.row()], moment=NOW,
        )  # fmt: skip
    with pytest.raises(NotFound):  # another community's register
        services.record(
            actor=world.actor("hanna"), kind="NOT_COVERED", unit=world.units["chernivtsi"],
            rows=[kit.row()], moment=NOW,
        )  # fmt: skip


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rival", ["authority", "school"])
def test_of_two_who_act_in_the_same_second_one_is_told(world, monkeypatch, rival):
    kit.nowhere(world)
    bohdan, hanna = world.actor("bohdan"), world.actor("hanna")
    city, village = world.units["chernivtsi"], world.units["hromada"]

    def one():
        services.record(actor=bohdan, kind="NOT_COVERED", unit=city, rows=[kit.row()], moment=NOW)

    def two():
        services.record(
            actor=hanna, kind="NOT_COVERED", unit=village, rows=[kit.row(territory=VILLAGE)],
            moment=NOW,
        )  # fmt: skip

    @command
    def school(*, actor):
        noted()
        enrol(world.pupils["ivan"], world.classes["school1/5-А"], starts_on=NOW.today)

    held = Held(cases.opened)
    monkeypatch.setattr(cases, "opened", held)
    told = beside(one, two if rival == "authority" else lambda: school(actor=SYSTEM), held)
    assert CoverageCase.objects.count() == 1
    if rival == "authority":
        assert told[0] == "done"
        assert told[1] in {"coverage_case_stands", "stands"}
    else:
        # The order waited, the record stood a moment, and the log closed it: nothing is stuck.
        assert told == ["done", "done"]
        follow(world)
        assert CoverageCase.objects.get().outcome == "ENROLLED"


# ── what the register says since ─────────────────────────────────────────────
@pytest.mark.django_db(transaction=True)
def test_enrolment_closes_the_record_by_the_log_and_a_later_one_when_it_begins(world):
    kit.nowhere(world)
    case = kit.recorded(world)

    @command
    def enrols(*, actor, day):
        noted()
        enrol(world.pupils["ivan"], world.classes["school1/5-А"], starts_on=day)

    later = NOW.today + datetime.timedelta(days=7)
    enrols(actor=SYSTEM, day=later)
    follow(world)
    case.refresh_from_db()
    assert case.state == "RECORDED"
    assert follow(world, on("01.12.2026")) == 1
    assert follow(world, on("01.12.2026")) == 0
    case.refresh_from_db()
    assert (case.state, case.outcome, case.due_on) == ("CLOSED", "ENROLLED", None)


@pytest.mark.django_db(transaction=True)
def test_the_record_follows_a_child_that_moves_and_the_new_office_is_told(world):
    kit.nowhere(world)
    case = kit.recorded(world)
    outbox.drain()
    kit.lives(world, "ivan", VILLAGE, version=1)
    outbox.drain()
    case.refresh_from_db()
    assert case.unit_id == world.units["hromada"].pk
    with pytest.raises(NotFound):
        selectors.view(world.actor("bohdan"), case.pk, NOW)
    assert selectors.view(world.actor("hanna"), case.pk, NOW).may_keep
    open_ = Notice.objects.filter(code=notices.OPENED, closed_at=None)
    assert [one.grant_id for one in open_] == [world.grants["hanna"].pk]


@pytest.mark.parametrize("reason", ["DEATH", "MAJORITY", "age"])
def test_death_and_adulthood_close_the_record(world, reason):
    kit.nowhere(world)
    case = kit.recorded(world)
    if reason == "DEATH":
        closing.close(
            actor=world.actor("olena"), pupil_id=case.pupil_id, reason="DEATH",
            closed_on=NOW.today, ground="свідоцтво про смерть", moment=NOW,
        )  # fmt: skip
        follow(world)
    else:
        follow(world, on("28.02.2034"))
        case.refresh_from_db()
        assert case.state == "RECORDED"  # eighteen tomorrow

        @command
        def ages(*, actor):
            noted()
            Pupil.objects.filter(pk=case.pupil_id).update(born_on=datetime.date(2008, 11, 24))

        ages(actor=SYSTEM)
        follow(world)
    case.refresh_from_db()
    assert case.outcome == ("DEATH" if reason == "DEATH" else "MAJORITY")


# ── steps ────────────────────────────────────────────────────────────────────
def step(world, case, do, who="bohdan", version=None, moment=NOW, **values):
    given = {"on": f"{moment.today:%d.%m.%Y}", "ground": "акт № 2", **values}
    return services.step(
        actor=world.actor(who),
        case_id=case.pk,
        do=do,
        version=case.version if version is None else version,
        values=given,
        moment=moment,
    )


def test_steps_keep_their_dates_and_grounds_and_a_stale_page_is_told(world):
    kit.nowhere(world)
    case = kit.recorded(world)
    with pytest.raises(Invalid) as no:
        step(world, case, "establish", reason="ніяка", ground=" ", on="01.01.2020")
    assert problems(no.value) == {("reason", "unknown"), ("ground", "required"), ("on", "range")}
    case = step(world, case, "establish", reason="FAMILY")
    assert (case.state, case.reason, case.due_on) == (
        "ESTABLISHED",
        "FAMILY",
        datetime.date(2026, 12, 8),
    )
    with pytest.raises(StaleVersion):
        step(world, case, "close", version=1, outcome="ABROAD")
    with pytest.raises(CaseDecided):
        step(world, case, "reopen")
    case = step(world, case, "close", outcome="ABROAD")
    with pytest.raises(CaseDecided):
        step(world, case, "close", outcome="ABROAD")
    kit.recorded(world)  # the child is there again
    with pytest.raises(CaseStands):
        step(world, case, "reopen")
    told = CoverageStep.objects.filter(case=case).order_by("pk").values_list("step", "reason")
    assert list(told) == [("record", "UNKNOWN"), ("establish", "FAMILY"), ("close", "ABROAD")]


# ── absences ─────────────────────────────────────────────────────────────────
def test_ten_working_days_with_lessons_are_counted(world):
    count = terms().missed
    assert count(datetime.date(2026, 11, 10), datetime.date(2026, 11, 23)) == 10
    assert count(datetime.date(2026, 10, 19), datetime.date(2026, 11, 6)) == 10  # over vacations
    with pytest.raises(Invalid) as no:
        kit.absent(world, until="20.11.2026")
    assert problems(no.value) == {("1.until", "short")}
    case = kit.absent(world)
    assert (case.institution_id, case.unit_id, case.due_on) == (
        world.institutions["school1"].pk,
        world.units["chernivtsi"].pk,
        datetime.date(2026, 11, 25),
    )
    with pytest.raises(Invalid) as no:  # it is there already
        kit.absent(world)
    assert problems(no.value) == {("1.", "stands")}
    with pytest.raises(Invalid):  # not a child of theirs
        kit.absent(world, "petro")
    with pytest.raises(NotAllowed):  # the authority sees it and does not write it
        step(world, case, "close", outcome="RETURNED")
    assert selectors.view(world.actor("bohdan"), case.pk, NOW).days == 10


def test_an_absence_that_a_document_explains_asks_nothing_of_anybody(world):
    with pytest.raises(Invalid):
        kit.absent(world, reason="ILLNESS")
    case = kit.absent(world, reason="ILLNESS", ground="довідка № 3")
    assert (case.state, case.outcome, case.due_on) == ("CLOSED", "EXPLAINED", None)


def test_the_port_of_journals_opens_prolongs_and_closes(world):
    def report(until, reason="UNKNOWN", **more):
        given = {
            "pupil_id": world.pupils["oksana"].pk,
            "institution_id": world.institutions["school1"].pk,
            "since": datetime.date(2026, 11, 10),
            "until": until,
            "reason": reason,
            "ground": "",
            "moment": on("27.11.2026"),
            **more,
        }
        return services.report_absence(actor=SYSTEM, **given)

    assert report(datetime.date(2026, 11, 20)) is None
    case = report(datetime.date(2026, 11, 23))
    assert report(datetime.date(2026, 11, 24)).pk == case.pk
    assert CoverageCase.objects.get().until == datetime.date(2026, 11, 24)
    closed = report(datetime.date(2026, 11, 24), "ILLNESS", ground="довідка № 3")
    assert (closed.pk, closed.outcome) == (case.pk, "EXPLAINED")
    with pytest.raises(Invalid):
        report(datetime.date(2026, 12, 30), "ніяка")
    with pytest.raises(NotFound):
        report(datetime.date(2026, 11, 24), pupil_id=world.pupils["marko"].pk)


@pytest.mark.django_db(transaction=True)
def test_two_journals_that_tell_of_one_child_at_once_open_one_record(world, monkeypatch):
    """Without the child held, the second would meet the constraint instead of the record."""

    def report():
        services.report_absence(
            actor=SYSTEM, pupil_id=world.pupils["oksana"].pk,
            institution_id=world.institutions["school1"].pk, since=datetime.date(2026, 11, 10),
            until=datetime.date(2026, 11, 23), reason="UNKNOWN", ground="", moment=NOW,
        )  # fmt: skip

    held = Held(absences.opened)
    monkeypatch.setattr(absences, "opened", held)
    assert beside(report, report, held) == ["done", "done"]
    assert CoverageCase.objects.get().steps.count() == 1


# ── notices ──────────────────────────────────────────────────────────────────
def test_a_notice_is_signed_once_sent_and_answered_and_its_records_go_on(world):
    kit.nowhere(world)
    case = kit.recorded(world)
    letter = kit.prepared(world, case, "bohdan")
    with pytest.raises(WrongSigner):  # the key of another organisation
        services.sign(
            actor=world.actor("bohdan"), letter_id=letter.pk,
            cms=kit.signature(letter, "bohdan", edrpou="99000028"), moment=NOW,
        )  # fmt: skip
    with pytest.raises(LetterDecided):
        deliver(world, letter, "send")
    cms = kit.signature(letter, "bohdan")
    for _ in range(2):  # a double press
        letter = services.sign(
            actor=world.actor("bohdan"), letter_id=letter.pk, cms=cms, moment=NOW
        )
    assert (letter.state, letter.send_by) == ("SIGNED", datetime.date(2026, 11, 25))
    case.refresh_from_db()
    assert (case.state, case.due_on) == ("NOTIFIED", datetime.date(2026, 12, 8))
    session = SigningSession.objects.get(pk=letter.signing_id)
    assert Client().get(reverse("verify_document", args=[session.code])).status_code == 200
    package = letters.package_of(letter, session)
    assert b"%PDF" in package.files[letters.PAPER][:8]
    with pytest.raises(LetterDecided):  # an answer before it was sent
        deliver(world, letter, "answer")
    with pytest.raises(Invalid) as no:
        deliver(world, letter, "send", how="голуб", on="01.01.2020")
    assert problems(no.value) == {("how", "unknown"), ("on", "range")}
    sent = deliver(world, letter, "send")
    assert sent.answer_by == datetime.date(2026, 12, 8)
    with pytest.raises(StaleVersion):
        deliver(world, letter, "send")
    deliver(world, letter, "answer", version=2)
    case.refresh_from_db()
    assert case.state == "ANSWERED"


def deliver(world, letter, do, version=1, **values):
    command_ = services.deliver if do == "send" else services.answered
    given = {
        "on": "24.11.2026",
        "how": "SEV",
        "number": "77",
        "answer": "Візит здійснено",
        **values,
    }
    return command_(
        actor=world.actor("bohdan"), letter_id=letter.pk, recipient="SSD", version=version,
        values=given, moment=NOW,
    )  # fmt: skip


def test_a_school_signs_its_own_notice_its_deputy_prepares_and_others_find_none(world):
    case = kit.absent(world, "dana")
    letter = kit.prepared(world, case, "dana")
    with pytest.raises(NotAllowed):
        services.sign(actor=world.actor("dana"), letter_id=letter.pk, cms=b"", moment=NOW)
    again = services.prepare_again(actor=world.actor("olena"), letter_id=letter.pk, moment=NOW)
    done = services.sign(
        actor=world.actor("olena"), letter_id=letter.pk, cms=kit.signature(again, "olena"),
        moment=NOW,
    )  # fmt: skip
    assert done.state == "SIGNED"
    for who in ("petro", "hanna", "nina", "taras", "iryna", "maria", "admin"):
        with pytest.raises((NotFound, NotAllowed)):
            selectors.letter(world.actor(who), letter.pk, NOW)
    assert selectors.letter(world.actor("bohdan"), letter.pk, NOW).pk == letter.pk


def test_a_notice_of_health_tells_no_health_and_one_given_up_is_signed_no_more(world):
    kit.nowhere(world)
    case = kit.recorded(world, reason="HEALTH")
    letter = kit.prepared(world, case, "bohdan")
    (said,) = selectors.rows_of(letter)
    assert "здоров" not in said.decode()
    services.give_up(actor=world.actor("bohdan"), letter_id=letter.pk, moment=NOW)
    assert CoverageLetter.objects.get().state == "GIVEN_UP"
    with pytest.raises(LetterDecided):
        services.prepare_again(actor=world.actor("bohdan"), letter_id=letter.pk, moment=NOW)


# ── children who may be missing ──────────────────────────────────────────────
@command
def lost(*, actor, world, child="oksana"):
    noted()
    ContactState.objects.create(
        pupil=world.pupils[child],
        status="LOST_BOTH",
        attempts="дзвінки",
        starts_on=datetime.date(2026, 10, 1),
    )


def test_who_may_be_missing_is_found_once_and_is_there_only_for_those_who_may_look(world):
    lost(actor=SYSTEM, world=world)
    kit.nowhere(world)  # left, and nobody enrolled it: no trace
    kit.lives(world, "oksana")
    assert len(services.seek_missing(actor=SYSTEM, moment=NOW)) == 2
    assert services.seek_missing(actor=SYSTEM, moment=NOW) == []
    case = CoverageCase.objects.get(reason="LOST_CONTACT")
    for who in ("iryna", "taras", "maria", "admin", "dana"):
        with pytest.raises(NotFound):
            services.enter_missing(actor=world.actor(who), ground="доручення № 12", moment=NOW)
    for who in ("hanna", "petro", "nina"):
        services.enter_missing(actor=world.actor(who), ground="доручення № 12", moment=NOW)
        with pytest.raises(NotFound):
            selectors.view(world.actor(who), case.pk, NOW)
    bohdan = world.actor("bohdan")
    with pytest.raises(GroundWanted):
        selectors.view(bohdan, case.pk, NOW)
    with pytest.raises(Invalid):
        services.enter_missing(actor=bohdan, ground="так", moment=NOW)
    services.enter_missing(actor=bohdan, ground="доручення № 12 від 20.11.2026", moment=NOW)
    assert len(selectors.listing(bohdan, "MISSING", "", moment=NOW).rows) == 2
    look = Look.objects.filter(subject_id=str(case.pupil_id), grant_id=world.grants["bohdan"].pk)
    assert "доручення № 12 від 20.11.2026" in look.latest("pk").what
    with pytest.raises(GroundWanted):  # half an hour later
        selectors.view(bohdan, case.pk, on("25.11.2026"))
    services.count(actor=SYSTEM, units=None, moment=NOW)
    row = CoverageMonth.objects.get(unit=world.units["chernivtsi"])
    assert (row.recorded, row.absent, row.overdue) == (0, 0, 0)  # counts tell of them to nobody


def test_what_was_cleared_is_not_named_again_for_the_same(world):
    lost(actor=SYSTEM, world=world)
    kit.lives(world, "oksana")
    services.seek_missing(actor=SYSTEM, moment=NOW)
    services.enter_missing(actor=world.actor("bohdan"), ground="доручення № 12", moment=NOW)
    step(world, CoverageCase.objects.get(), "close", outcome="FOUND")
    assert services.seek_missing(actor=SYSTEM, moment=NOW) == []


# ── merged profiles, counts, children of a community ─────────────────────────
def test_records_go_with_a_merged_profile_and_a_second_open_one_is_closed(world):
    kit.nowhere(world)
    kit.nowhere(world, "oksana")
    first = kit.recorded(world)
    second = kit.recorded(world, document="X-ТЕ 000002", born_on="02.03.2016")

    @command
    def merged(*, actor):
        noted()
        Pupil.objects.filter(pk=second.pupil_id).update(
            merged_into=first.pupil, closed_on=NOW.today, closed_reason="MERGED"
        )

    merged(actor=SYSTEM)
    follow(world)
    second.refresh_from_db()
    assert (second.state, second.outcome) == ("CLOSED", "DUPLICATE")


def test_counts_of_a_community_are_those_of_its_children(world):
    kit.nowhere(world)
    kit.lives(world, "oksana")
    kit.lives(world, "marko", VILLAGE, "petro")
    kit.recorded(world, moment=on("10.11.2026"))
    services.count(actor=SYSTEM, units=None, moment=NOW)
    services.count(actor=world.actor("bohdan"), units=[world.units["chernivtsi"].pk], moment=NOW)
    city = CoverageMonth.objects.get(unit=world.units["chernivtsi"])
    assert (city.children, city.learning, city.elsewhere, city.here, city.unplaced) == (
        2,
        1,
        0,
        2,
        0,
    )
    assert (city.recorded, city.reasons, city.overdue) == (1, {"UNKNOWN": 1}, 1)
    village = CoverageMonth.objects.get(unit=world.units["hromada"])
    assert (village.children, village.learning, village.elsewhere, village.unplaced) == (1, 1, 1, 1)
    total = selectors.overview(world.actor("iryna"), NOW.today)
    assert (total.total.children, total.total.nowhere) == (3, 1)
    assert total.reasons == {"UNKNOWN": 1}
    found = selectors.children(
        world.actor("bohdan"), world.units["chernivtsi"], "", today=NOW.today
    )
    assert [(one.surname, one.institution is None) for one in found.rows] == [
        ("Ґудзь", False),
        ("Іваненко", True),
    ]
    for who in ("iryna", "maria", "olena"):
        with pytest.raises((NotAllowed, NotFound)):
            selectors.community(world.actor(who))


def test_nothing_is_found_by_an_id_of_nobody(world):
    with pytest.raises(NotFound):
        selectors.view(world.actor("bohdan"), uuid.uuid4(), NOW)
    with pytest.raises(NotFound):
        selectors.cases(world.actor("bohdan"), "OTHER", NOW)
