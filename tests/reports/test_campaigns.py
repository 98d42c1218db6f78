"""A campaign of reporting from its announcement to the closed 76-РВК, and what may go wrong between."""

from __future__ import annotations

import base64
import datetime
import hashlib
import io
import json
import uuid

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from accounts.models import OrgUnit
from accounts.notices.models import Notice
from kernel import batch
from kernel.clock import Moment
from kernel.db import command
from kernel.errors import DomainError, Invalid, NotFound
from registry.models import Institution, Pupil
from reports import tasks
from reports.campaigns import content, differences, selectors
from reports.campaigns.events import (
    CampaignOpened,
    CampaignReminded,
    PartReturned,
    ReportSigned,
)
from reports.campaigns.models import CampaignPart, CampaignReport, FormCampaign
from reports.campaigns.services import gathering, leading, levels, school, signing
from reports.selectors import figures
from tests.accounts.test_notices import tell
from tests.kit.acts import noted
from tests.reports import DAY, campaigns
from tests.reports.campaigns import (
    DUES,
    MOMENT,
    SYSTEM,
    accept,
    consolidate,
    part_of,
    refusal,
    sign,
)
from tests.world import sign_in

SIGNERS = {"school1": "olena", "school2": "petro", "hub": "nina", "branch": "nina"}


def act(command_, world, who, part, **values):
    part.refresh_from_db()
    return command_(
        actor=world.actor(who), part_id=part.pk, version=part.version, moment=MOMENT, **values
    )


def settled(world, campaign, unit):
    """A level of the oblast done: its schools signed and taken, its summary made; the part."""
    top = part_of(campaign, world, unit)
    for part in top.children.filter(is_school=True).order_by("pk"):
        key = next(key for key, one in world.units.items() if one.pk == part.unit_id)
        part.refresh_from_db()
        if part.state == "CHECKED":
            sign(world, part, SIGNERS[key])
        if part.state != "ACCEPTED":
            accept(world, part, "iryna")
    top.refresh_from_db()
    if top.state in {"COLLECTING", "RETURNED"}:
        top = consolidate(world, top, "iryna")
    return top


def everything(world, campaign):
    """Every level of the oblast in its turn; the oblast's part."""
    for unit in ("chernivtsi", "hromada", "raion"):
        part = settled(world, campaign, unit)
        if part.state != "ACCEPTED":
            accept(world, part, "iryna")
    return settled(world, campaign, "chernivetska")


def test_reports_go_from_schools_to_the_closed_summary_and_every_cell_adds_up(richer):
    campaign = campaigns.opened(richer, unit="chernivetska")
    assert campaign.state == "OPEN"
    states = dict(campaign.parts.filter(is_school=True).values_list("unit__name", "state"))
    assert set(states.values()) == {"CHECKED"}
    assert "Львівський ліцей № 1" not in states

    oblast = everything(richer, campaign)
    assert refusal(
        leading.close, actor=richer.actor("maria"), campaign_id=campaign.pk, moment=MOMENT
    ) == "not_all_accepted"  # fmt: skip
    accept(richer, oblast, "maria")
    top = consolidate(richer, part_of(campaign, richer, "mon"), "maria")
    closed = leading.close(actor=richer.actor("maria"), campaign_id=campaign.pk, moment=MOMENT)
    assert closed.state == "CLOSED"

    def table(unit, section, split=""):
        part = part_of(campaign, richer, unit)
        if part.is_school:
            return selectors.of_report(selectors.report(part), section)[1].values
        return selectors.of_summary(part, section, split).values

    def plus(*tables):
        return [
            [None if None in cells else sum(cells) for cells in zip(*rows, strict=True)]
            for rows in zip(*tables, strict=True)
        ]

    for section in selectors.sections(campaign):
        of = {unit: table(unit, section) for unit in ("mon", "chernivetska", "raion", "chernivtsi", "hromada", "school1", "school2", "hub", "branch")}  # fmt: skip
        assert of["chernivtsi"] == plus(of["school1"], of["school2"])
        assert of["hromada"] == plus(of["hub"], of["branch"])
        assert of["raion"] == plus(of["chernivtsi"], of["hromada"])
        assert of["mon"] == of["chernivetska"] == of["raion"]
        assert of["mon"] == plus(table("mon", section, "URBAN"), table("mon", section, "RURAL"))
        assert of["mon"] == table("mon", section, "LYCEUM")
    top.refresh_from_db()
    assert top.places == {
        "": [4, 1, 1, 1, 0],
        "URBAN": [2, 0, 0, 0, 0],
        "RURAL": [2, 1, 1, 1, 0],
        "LYCEUM": [4, 1, 1, 1, 0],
    }
    whole = selectors.whole_summary(top)
    for section in selectors.sections(campaign):
        for split in ("", "URBAN", "RURAL", "LYCEUM"):
            assert whole[section.form, split].values == table("mon", section, split)
    first = selectors.sections(campaign)[0]
    parts = selectors.cell_parts(part_of(campaign, richer, "chernivtsi"), first, "1.12", "1")
    assert [(one.unit.name, value) for one, value in parts] == [
        ("Чернівецький ліцей № 1", 4),
        ("Чернівецька гімназія № 2", 1),
    ]
    # Nothing moves any more.
    done = part_of(campaign, richer, "school1")
    assert refusal(
        act, levels.send_back, richer, "maria", done, comment="Ні"
    ) == "campaign_moved"  # fmt: skip


def test_a_signed_report_gives_the_same_bytes_whatever_the_register_says_later(richer):
    campaign = campaigns.opened(richer, unit="chernivetska")
    part = sign(richer, part_of(campaign, richer, "school1"), "olena")
    report = selectors.report(part)
    before = bytes(report.content)
    assert json.loads(before)["forms"][0]["values"]["1.12"][0] == 4
    assert content.bytes_of(report) == before
    by_code = Client().get(reverse("verify_document", args=[report.signing.code]))
    assert campaign.title in by_code.content.decode()

    @command
    def change(*, actor):
        Pupil.objects.filter(pk=richer.pupils["ivan"].pk).update(sex="F", surname="Інший")
        Institution.objects.filter(pk=part.unit_id).update(full_name="Інша назва", is_rural=True)
        noted()

    change(actor=SYSTEM)
    fresh = selectors.report(CampaignPart.objects.get(pk=part.pk))
    assert content.bytes_of(fresh) == before
    assert content.bytes_of(fresh, content.as_counted) == before
    with pytest.raises(Exception, match="signed_stays"):
        CampaignReport.objects.filter(pk=report.pk).update(explanation="ні")


def test_a_returned_report_is_generated_anew_unsigned_and_the_summary_above_is_made_again(richer):
    campaign = campaigns.opened(richer, unit="chernivetska")
    everything(richer, campaign)
    part = part_of(campaign, richer, "school1")
    assert refusal(act, levels.send_back, richer, "maria", part, comment=" ") == "invalid"
    act(levels.send_back, richer, "maria", part, comment="Перевірте стать учнів")
    states = dict(campaign.parts.values_list("unit__name", "state"))
    assert {states[name] for name in (
        "Управління освіти Чернівецької міської ради", "Відділ освіти Чернівецької РВА",
        "Департамент освіти Чернівецької ОВА",
    )} == {"COLLECTING"}  # fmt: skip
    assert states["Відділ освіти Мамаївської сільської ради"] == "ACCEPTED"

    assert refusal(act, school.generate, richer, "petro", part) == "not_found"
    assert refusal(act, school.generate, richer, "bohdan", part) == "not_your_school"
    act(school.generate, richer, "olena", part)
    part.refresh_from_db()
    assert (part.state, part.number) == ("CHECKED", 2)
    assert selectors.report(part).signed_at is None
    assert selectors.report(part, 1).signed_at is not None
    assert refusal(act, levels.accept, richer, "bohdan", part) == "part_moved"
    sign(richer, part, "olena")
    everything(richer, campaign)


def test_only_the_head_signs_with_the_schools_key_what_is_still_so(richer):
    campaign = campaigns.opened(richer, unit="chernivetska")
    part = part_of(campaign, richer, "school1")
    olena = richer.actor("olena")
    for who, code in (("petro", "not_found"), ("bohdan", "not_your_school")):
        assert refusal(
            signing.prepare, actor=richer.actor(who), part_id=part.pk, moment=MOMENT
        ) == code  # fmt: skip
    session = signing.prepare(actor=olena, part_id=part.pk, moment=MOMENT)
    how = {"session_id": session, "moment": MOMENT}
    assert refusal(signing.sign, actor=olena, cms=b"x", **how) == "signature_refused"
    foreign = campaigns.signature(session, "olena", "99000130")
    assert refusal(signing.sign, actor=olena, cms=foreign, **how) == "wrong_signer"
    cms = campaigns.signature(session, "olena")
    act(school.generate, richer, "olena", part)
    assert refusal(signing.sign, actor=olena, cms=cms, **how) == "signing_expired"
    sign(richer, part, "olena")
    assert part.state == "SIGNED"


def test_a_level_signs_its_own_summary_which_names_what_it_took(richer, client):
    campaign = campaigns.opened(richer, unit="chernivetska")
    city = settled(richer, campaign, "chernivtsi")
    ask = {"part_id": city.pk, "moment": MOMENT}
    assert refusal(signing.prepare, actor=richer.actor("iryna"), **ask) == "not_your_level"
    sign(richer, city, "bohdan")
    assert city.state == "CONSOLIDATED"
    signed = selectors.signed_summary(city)
    said = json.loads(bytes(signed.content))
    assert said["forms"]["ZNZ1-1"]["values"][""]["1.12"][0] == 5
    assert said["institutions"][""][0] == 2
    schools = {
        one.part.unit.uid: one for one in CampaignReport.objects.filter(part__is_school=True)
    }
    for below in said["below"]:
        own = schools[uuid.UUID(below["id"])]
        assert below["sha256"] == hashlib.sha256(bytes(own.content)).hexdigest()
    assert content.bytes_of(signed) == bytes(signed.content)
    assert refusal(signing.prepare, actor=richer.actor("bohdan"), **ask) == "part_moved"
    sign_in(client, richer.grants["bohdan"])
    page = client.get(reverse("campaign_part", args=[city.pk])).content.decode()
    assert "Завантажити зведений звіт із підписом" in page
    assert client.get(reverse("campaign_container", args=[signed.signing_id])).status_code == 200
    # What was signed stays; the summary made after a return is another one, not signed yet.
    act(levels.send_back, richer, "bohdan", part_of(campaign, richer, "school1"), comment="Звірте")
    act(school.generate, richer, "olena", part_of(campaign, richer, "school1"))
    again = settled(richer, campaign, "chernivtsi")
    assert selectors.signed_summary(again) is None
    assert selectors.report(again, 1).signed_at is not None


def test_a_hub_signs_its_branches_by_the_same_signature(richer):
    campaign = campaigns.opened(richer, unit="chernivetska")
    sign(richer, part_of(campaign, richer, "hub"), "nina")
    assert part_of(campaign, richer, "branch").state == "SIGNED"
    assert part_of(campaign, richer, "school1").state == "CHECKED"


def test_a_school_merged_after_the_day_is_taken_on_a_ground_and_its_children_stay(richer):
    campaign = campaigns.opened(richer, unit="chernivetska")
    part = part_of(campaign, richer, "school2")
    assert refusal(act, levels.settle, richer, "bohdan", part, ground="рішення") == "part_moved"

    @command
    def merge(*, actor):
        Institution.objects.filter(pk=part.unit_id).update(status="LIQUIDATED")
        noted()

    merge(actor=SYSTEM)
    assert refusal(act, levels.settle, richer, "bohdan", part, ground="") == "invalid"
    act(levels.settle, richer, "bohdan", part, ground="Рішення від 06.09.2026 № 5")
    everything(richer, campaign)
    found = selectors.of_summary(
        part_of(campaign, richer, "chernivtsi"), selectors.sections(campaign)[0]
    )
    assert found.cell("1.12", "1") == 5


def test_a_control_that_does_not_hold_is_mended_or_explained_before_the_signature(
    richer, monkeypatch
):
    odd = [figures.Violation("Рядок 1.13 не може бути більше за 1.12", "графа 1")]
    monkeypatch.setattr(figures, "violations", lambda found: odd)
    campaign = campaigns.opened(richer, unit="chernivetska")
    part = part_of(campaign, richer, "school2")
    assert (part.state, part.broken) == ("GENERATED", 2)
    petro = richer.actor("petro")
    ask = {"actor": petro, "part_id": part.pk, "moment": MOMENT}
    assert refusal(signing.prepare, **ask) == "part_moved"
    assert refusal(act, school.explain, richer, "petro", part, text=" ") == "invalid"
    act(school.explain, richer, "petro", part, text="Клас-комплект, дані звірено")
    signed = sign(richer, part, "petro")
    said = json.loads(bytes(selectors.report(signed).content))
    assert said["explanation"] == "Клас-комплект, дані звірено"
    monkeypatch.undo()
    other = part_of(campaign, richer, "school1")
    act(school.generate, richer, "olena", other)
    other.refresh_from_db()
    assert (other.state, other.broken) == ("CHECKED", 0)


def test_generating_killed_half_way_goes_on_and_a_stopped_one_resumes(richer, monkeypatch, client):
    monkeypatch.setattr(gathering, "PORTION", 2)
    campaign = campaigns.announced(richer)
    run = selectors.gathering(campaign)
    for _ in range(3):  # two sections, two schools
        batch.portion(actor=SYSTEM, work=gathering.WORK, run_id=run.pk, now=MOMENT.now)
    run.refresh_from_db()
    assert (run.state, run.done, run.total) == ("RUNNING", 2, 5)
    sign_in(client, richer.grants["maria"])
    page = client.get(reverse("campaign", args=[campaign.pk])).content.decode()
    assert "Сформовано звітів: 2 із 5" in page
    gathering.stop(actor=richer.actor("maria"), campaign_id=campaign.pk, now=MOMENT.now)
    assert refusal(
        gathering.go_on, actor=richer.actor("iryna"), campaign_id=campaign.pk, now=MOMENT.now
    ) == "not_allowed"  # fmt: skip
    gathering.go_on(actor=richer.actor("maria"), campaign_id=campaign.pk, now=MOMENT.now)
    campaign = campaigns.gathered(campaign)
    assert campaign.state == "OPEN"
    assert campaign.parts.filter(is_school=True).count() == 5
    assert CampaignReport.objects.count() == 5


def test_a_campaign_begins_on_its_day_in_kyiv(richer, time_machine):
    later = DAY + datetime.timedelta(days=3)
    campaign = campaigns.announced(richer, opens_on=later)
    time_machine.move_to(datetime.datetime(2026, 9, 7, 20, 30, tzinfo=datetime.UTC), tick=False)
    tasks.take_up_campaigns()
    assert FormCampaign.objects.get().state == "PLANNED"
    time_machine.move_to(datetime.datetime(2026, 9, 7, 21, 30, tzinfo=datetime.UTC), tick=False)
    tasks.take_up_campaigns()
    campaign.refresh_from_db()
    assert campaign.state == "OPEN"


def test_days_are_only_prolonged_and_what_is_asked_never_changes(richer):
    campaign = campaigns.opened(richer, unit="chernivetska")
    how = {"actor": richer.actor("maria"), "campaign_id": campaign.pk, "title": campaign.title}
    sooner = (DUES[0] - datetime.timedelta(1), *DUES[1:])
    with pytest.raises(Invalid) as wrong:
        leading.prolong(**how, version=1, dues=sooner)
    assert [(one.field, one.code) for one in wrong.value.problems] == [("due_school", "sooner")]
    later = (DUES[1], DUES[2], DUES[2])
    assert leading.prolong(**how, version=1, dues=later).due_school == DUES[1]
    assert refusal(leading.prolong, **how, version=1, dues=later) == "stale_version"
    assert refusal(
        leading.prolong, **{**how, "actor": richer.actor("iryna")}, version=2, dues=later
    ) == "not_allowed"  # fmt: skip
    with pytest.raises(Exception, match="what_is_asked_stays"):
        FormCampaign.objects.filter(pk=campaign.pk).update(as_of=DUES[0])


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": " "}, "title"),
        ({"forms": []}, "forms"),
        ({"forms": ["ZNZ1-1", "НЕМА"]}, "forms"),
        ({"as_of": None}, "as_of"),
        ({"as_of": datetime.date(2010, 9, 5)}, "as_of"),
        ({"opens_on": DAY - datetime.timedelta(1)}, "opens_on"),
        ({"dues": (DUES[1], DUES[0], DUES[2])}, "due_local"),
        ({"dues": (*DUES[:2], DAY + datetime.timedelta(400))}, "due_oblast"),
    ],
)
def test_a_campaign_that_makes_no_sense_is_refused_at_the_field(richer, wrong, field):
    with pytest.raises(Invalid) as no:
        campaigns.announced(richer, **wrong)
    assert field in [one.field for one in no.value.problems]


def test_who_announces_what(richer):
    assert refusal(campaigns.announced, richer, who="bohdan") == "not_allowed"
    with pytest.raises(NotFound):
        campaigns.announced(richer, who="iryna", unit="lvivska")
    campaign = campaigns.opened(richer, unit="chernivetska", who="iryna")
    assert part_of(campaign, richer, "chernivetska").parent is None
    assert list(selectors.campaigns(richer.actor("taras"))) == []
    assert list(selectors.campaigns(richer.actor("olena"))) == [campaign]
    with pytest.raises(DomainError):
        list(selectors.campaigns(richer.actor("dana")))  # not entrusted with reports


def test_those_late_are_reminded_once_a_day(richer):
    campaign = campaigns.opened(richer, unit="chernivetska")
    sign(richer, part_of(campaign, richer, "school1"), "olena")
    how = {"actor": SYSTEM, "campaign_id": campaign.pk}
    on_time = Moment(MOMENT.now, DUES[0])
    assert refusal(leading.remind, **how, moment=on_time) == "nobody_late"
    after = Moment(MOMENT.now, DUES[0] + datetime.timedelta(1))
    assert leading.remind(**how, moment=after) == 3
    assert refusal(leading.remind, **how, moment=after) == "nobody_late"
    end = Moment(MOMENT.now, DUES[2] + datetime.timedelta(1))
    assert leading.remind(**how, moment=end) == 3 + 4


def test_a_school_that_entered_the_register_later_is_added_and_summaries_are_made_again(richer):
    campaign = campaigns.opened(richer, unit="chernivetska")
    everything(richer, campaign)

    @command
    def enter(*, actor):
        unit = OrgUnit.objects.create(
            kind="INSTITUTION",
            name="Нова гімназія",
            parent=richer.units["chernivtsi"],
            edrpou="99000259",
        )
        Institution.objects.create(
            unit=unit, full_name=unit.name, short_name=unit.name, type="GYMNASIUM",
            ownership="COMMUNAL", status="ACTIVE", territory_code="UA73060610010033137",
        )  # fmt: skip
        noted()

    enter(actor=SYSTEM)
    leading.gather_again(actor=richer.actor("maria"), campaign_id=campaign.pk, moment=MOMENT)
    campaigns.gathered(campaign)
    names = campaign.parts.filter(is_school=True).values_list("unit__name", flat=True)
    assert "Нова гімназія" in names
    assert part_of(campaign, richer, "chernivtsi").state == "COLLECTING"
    assert part_of(campaign, richer, "hromada").state == "ACCEPTED"


def test_two_versions_differ_cell_by_cell_down_to_the_child_that_left(richer, client):
    campaign = campaigns.opened(richer, unit="chernivetska")
    part = part_of(campaign, richer, "school1")

    @command
    def mend(*, actor):
        Pupil.objects.filter(pk=richer.pupils["oksana"].pk).update(sex="M")
        noted()

    mend(actor=SYSTEM)
    act(school.generate, richer, "olena", part)
    part.refresh_from_db()
    older, newer = selectors.report(part, 1), selectors.report(part, 2)
    first, fifth = differences.between(older, newer)
    assert [(one.row.code, one.column.code, one.before, one.after, one.left, one.came) for one in first.cells] == [
        ("1.13", "1", 2, 1, 1, 0),
        ("1.13", "7", 1, 0, 1, 0),
    ]  # fmt: skip
    assert fifth.cells == []

    base = reverse("campaign_compare", args=[part.pk])
    sign_in(client, richer.grants["olena"])
    page = client.get(base).content.decode()
    assert "1.13. з них дівчата" in page
    cell = {"form": "ZNZ1-1", "row": "1.13", "column": "1"}
    assert "Ґудзь Оксана" in client.get(base, cell).content.decode()
    sign_in(client, richer.grants["maria"])
    guarded = client.get(base, cell).content.decode()
    assert "Рядки не показано" in guarded
    assert "Ґудзь" not in guarded


# ── pages ────────────────────────────────────────────────────────────────────
def test_a_campaign_goes_through_its_pages(client, richer, time_machine):
    time_machine.move_to(MOMENT.now, tick=False)
    sign_in(client, richer.grants["maria"])
    new = reverse("campaign_new")
    assert "05.09.2026" in client.get(new).content.decode()
    asked = {
        "title": "ЗНЗ-1", "forms": ["ZNZ1-1", "ZNZ1-5"], "as_of": "05.09.2026",
        "territory": str(richer.units["chernivetska"].uid), "opens_on": "05.09.2026",
        "due_school": "10.09.2026", "due_local": "16.09.2026", "due_oblast": "23.09.2026",
    }  # fmt: skip
    wrong = client.post(new, {**asked, "due_local": "01.09.2026"})
    assert wrong.status_code == 422
    assert "строки йдуть один за одним" in wrong.content.decode()
    where = client.post(new, asked)["Location"]
    campaign = FormCampaign.objects.get()
    page = client.get(where).content.decode()
    assert "Чернівецький ліцей № 1" in page
    assert "Підписано звітів за областями" in page
    xlsx = client.get(where, {"file": "xlsx"})
    assert xlsx.status_code == 200

    part = part_of(campaign, richer, "school1")
    at = reverse("campaign_part", args=[part.pk])
    assert client.get(at).status_code == 200
    sign_in(client, richer.grants["olena"])
    home = client.get(reverse("home")).content.decode()
    assert "звіт чекає на підпис керівника" in home
    signing = client.post(at, {"do": "sign"})["Location"]
    assert "Файловий ключ" in client.get(signing).content.decode()
    refused = client.post(f"{signing}take/", {"signature": "eA=="})
    assert refused.status_code >= 400
    session = uuid.UUID(signing.rstrip("/").rsplit("/", 1)[1])
    cms = base64.b64encode(campaigns.signature(session, "olena")).decode()
    assert client.post(f"{signing}take/", {"signature": cms})["Location"] == at
    assert "Підписано" in client.get(at).content.decode()
    assert client.get(f"{signing}container/").status_code == 200
    again = client.post(at, {"do": "recheck"}, follow=True)
    assert "байт у байт" in again.content.decode()
    assert client.get(reverse("campaign_part", args=[part_of(campaign, richer, "school2").pk])).status_code == 404  # fmt: skip

    sign_in(client, richer.grants["bohdan"])
    assert "Звітів чекає на прийняття: 1" in client.get(reverse("home")).content.decode()
    part.refresh_from_db()
    empty = client.post(at, {"do": "return", "return-version": part.version, "return-comment": ""})
    assert empty.status_code == 422
    client.post(at, {"do": "return", "return-version": part.version, "return-comment": "Звірте стать"})  # fmt: skip
    stale = client.post(at, {"do": "accept", "version": part.version})
    assert stale.status_code == 412
    sign_in(client, richer.grants["olena"])
    assert "Звірте стать" in client.get(reverse("home")).content.decode()
    part.refresh_from_db()
    client.post(at, {"do": "generate", "version": part.version})
    sign(richer, part, "olena")
    sign_in(client, richer.grants["bohdan"])
    sign(richer, part_of(campaign, richer, "school2"), "petro")
    city = reverse("campaign_part", args=[part_of(campaign, richer, "chernivtsi").pk])
    assert "Прийняти всі готові" in client.get(city).content.decode()
    assert client.post(city, {"do": "accept_all", "seen": "1"}).status_code == 409
    client.post(city, {"do": "accept_all", "seen": "2"})
    version = part_of(campaign, richer, "chernivtsi").version
    client.post(city, {"do": "consolidate", "version": version})
    table = client.get(city).content.decode()
    assert "Закладів, усього" in table
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"{city}xlsx/").content))
    assert book.sheet_names[:4] == ["Заклади", "розділ I", "розділ V", "розділ I, Міські"]
    rows = book.get_sheet_by_name("розділ I").to_python()
    assert next(r[:3] for r in rows if r[0] == "1.12") == ["1.12", "Кількість учнів, усього", 5]
    own = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"{at}xlsx/").content))
    assert own.sheet_names == ["розділ I", "розділ V"]
    cell = {"form": "ZNZ1-1", "row": "1.12", "column": "1"}
    parts = client.get(f"{city}cell/", cell).content.decode()
    assert "Чернівецький ліцей № 1" in parts
    sign_in(client, richer.grants["olena"])
    assert "Яна Іда" in client.get(f"{at}cell/", cell).content.decode()
    sign_in(client, richer.grants["iryna"])
    below = client.get(where, {"unit": str(richer.units["raion"].uid)}).content.decode()
    assert "Підписано звітів за органами управління, %" in below
    assert 'class="ak-tiles"' in below
    sign_in(client, richer.grants["admin"])
    assert client.get(where).status_code == 200
    assert client.get(at).status_code == 403


def test_heads_are_told_when_reports_wait_come_back_and_are_late(richer):
    def told(grant):
        return set(
            Notice.objects.filter(grant=richer.grants[grant], closed_at=None).values_list(
                "code", flat=True
            )
        )

    campaign = campaigns.opened(richer, unit="chernivetska")
    tell(CampaignOpened, campaign.pk, schools=4)
    assert "reports.part.opened" in told("olena")
    assert "reports.part.opened" in told("nina")
    part = sign(richer, part_of(campaign, richer, "school1"), "olena")
    tell(ReportSigned, part.pk, number=1, certificate="1")
    assert told("olena") == set()
    act(levels.send_back, richer, "bohdan", part, comment="Звірте")
    tell(PartReturned, part.pk, number=1)
    assert told("olena") == {"reports.part.came_back"}
    after = Moment(MOMENT.now, DUES[1] + datetime.timedelta(1))
    leading.remind(actor=SYSTEM, campaign_id=campaign.pk, moment=after)
    tell(CampaignReminded, campaign.pk, number=1, parts=6)
    assert "reports.part.late" in told("olena")
    assert "reports.part.late" in told("bohdan")
    assert told("taras") == set()
