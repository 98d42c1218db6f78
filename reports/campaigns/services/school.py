"""What a school does with its report: generates it anew, explains, signs."""

from __future__ import annotations

import dataclasses
import datetime
import json
import uuid
from typing import Any

from accounts.actors import Actor
from kernel import audit
from kernel.clock import Moment
from kernel.db import command, part_of_command
from kernel.errors import Invalid, NotFound, Problem
from kernel.scoping import grant_of, person_of
from kernel.tables.cells import storable
from kernel.text import clean
from registry.models import Institution
from registry.orders.services import organisations_of, still_acting
from reports.campaigns import content, policies, selectors, states
from reports.campaigns.errors import PartMoved
from reports.campaigns.events import (
    ReportExplained,
    ReportGenerated,
    ReportPrepared,
    ReportSigned,
)
from reports.campaigns.models import CampaignPart, CampaignReport
from reports.campaigns.services import held
from reports.campaigns.services.gathering import judge
from reports.services import runs
from signatures.api import Package, build_package, load_package
from signatures.errors import AlreadySigned, WrongSigner
from signatures.models import SigningSession
from signatures.selectors.sessions import files_of
from signatures.services import sessions

PURPOSE = "reports.campaign"
WAITS = datetime.timedelta(days=30)
LONGEST = 1000
MOST = 100  # reports of one signature: a hub with its branches


@command
def generate(*, actor: Actor, part_id: int, version: int, moment: Moment) -> CampaignPart:
    """Count a school's report again as of the same day: another version, known as of now, unsigned.

    Raises:
        NotFound, NotAllowed: not in reach, or not the actor's school.
        StaleVersion, PartMoved, CampaignMoved: as `held.part`.
    """
    part = held.part(actor, part_id, "generate", policies.prepare, version=version)
    before = selectors.report(part)
    if before.signing_id is not None and before.signed_at is None:
        sessions.give_up(before.signing_id)
    made = {
        section.form: runs.counted(
            section.edition,
            part.unit,
            part.campaign.as_of,
            grant_id=actor.grant_id,
            now=moment.now,
        )
        for section in part.campaign.forms.select_related("edition").order_by("position")
    }
    judged = judge(made, None, part.unit_id)
    part.number += 1
    part.headline, part.broken = judged.headline, len(judged.broken)
    part.comment = ""
    CampaignReport.objects.create(
        part=part,
        number=part.number,
        runs={form: str(run.pk) for form, run in made.items()},
        broken=judged.broken,
        made_at=moment.now,
        made_by_id=grant_of(actor),
    )
    state = states.REPORT[part.state]["generate"]
    moved(part, state if judged.broken else states.REPORT[state]["check"], actor, moment.now)
    part.save(update_fields=["number", "headline", "broken", "comment"])
    audit.record(
        ReportGenerated(subject=part.pk, unit=part.unit_id, number=part.number, broken=part.broken)
    )
    return part


@part_of_command
def moved(part: CampaignPart, state: str, actor: Actor, now: datetime.datetime) -> None:
    """A part, held, comes to a state by an actor."""
    part.state, part.moved_at = state, now
    part.moved_by_id = actor.grant_id
    part.version += 1
    part.save(update_fields=["state", "moved_at", "moved_by", "version"])


@command
def explain(*, actor: Actor, part_id: int, version: int, text: str, moment: Moment) -> CampaignPart:
    """Say why a control does not hold though the data are right; the words are signed with the report.

    Raises:
        NotFound, NotAllowed: not in reach, or not the actor's school.
        Invalid: nothing is said.
        StaleVersion, PartMoved, CampaignMoved: as `held.part`.
    """
    part = held.part(actor, part_id, "explain", policies.prepare, version=version)
    text = clean(storable(text))
    if not text or len(text) > LONGEST:
        raise Invalid([Problem("text", "required", f"Поясніть, до {LONGEST} знаків.")])
    report = selectors.report(part)
    report.explanation = text
    report.save(update_fields=["explanation"])
    moved(part, states.REPORT[part.state]["explain"], actor, moment.now)
    audit.record(ReportExplained(subject=part.pk, unit=part.unit_id))
    return part


# ── signing ──────────────────────────────────────────────────────────────────
@command
def prepare(*, actor: Actor, part_id: int, moment: Moment) -> uuid.UUID:
    """Freeze the bytes of a checked report for the head, with those of the head's branches that wait
    for a signature too: one signature is enough for a hub. The id of the signing session.

    Raises:
        NotFound, NotAllowed: not in reach, or not the actor's to sign.
        PartMoved, CampaignMoved: the report is not ready to be signed.
    """
    first = held.part(actor, part_id, "sign", policies.sign, version=None)
    parts = [
        first,
        *CampaignPart.objects.select_for_update(of=("self",), no_key=True)
        .select_related("campaign", "unit")
        .filter(campaign_id=first.campaign_id, is_school=True, state=first.state)
        .filter(unit_id__in=actor.scope.keys)
        .exclude(pk=first.pk)
        .order_by("pk")[: MOST - 1],
    ]
    reports = [selectors.report(part) for part in parts]
    documents = []
    for report in reports:
        if report.signing_id is not None:
            sessions.give_up(report.signing_id)
        report.content = made = content.bytes_of(report, content.as_counted)
        documents.append(json.loads(made))
    package = build_package(_document(parts, actor), documents)
    session = sessions.prepare(
        user_id=person_of(actor),
        purpose=PURPOSE,
        content=package.manifest,
        now=moment.now,
        lifetime=WAITS,
        files=package.kept,
    )
    for report in reports:
        report.signing = session
    CampaignReport.objects.bulk_update(reports, ["content", "signing"])
    audit.record(
        *(ReportPrepared(subject=part.pk, unit=part.unit_id, number=part.number) for part in parts)
    )
    return session.pk


def _document(parts: list[CampaignPart], actor: Actor) -> dict[str, Any]:
    campaign = parts[0].campaign
    names = Institution.objects.in_bulk([part.unit_id for part in parts])
    return {
        "type": "reports",
        "title": campaign.title,
        "date": campaign.as_of.isoformat(),
        "signer": {"name": actor.full_name},
        "institutions": [
            {
                "id": str(part.unit.uid),
                "name": names[part.unit_id].full_name,
                "edrpou": names[part.unit_id].edrpou or "",
            }
            for part in parts
        ],
    }


@dataclasses.dataclass(frozen=True)
class ToSign:
    """What waits for a signature, or was signed: the session, the versions in their order, the package."""

    session: SigningSession
    reports: list[CampaignReport]
    package: Package


def to_sign(actor: Actor, session_id: uuid.UUID) -> ToSign:
    """What a session of this room is about, every part of it checked.

    Raises:
        NotFound: no such session, or its reports are not in reach.
    """
    reports = list(
        CampaignReport.objects.filter(signing_id=session_id)
        .select_related("part__campaign", "part__unit", "signing")
        .order_by("part_id")
    )
    if not reports or reports[0].signing is None:
        raise NotFound
    for report in reports:
        policies.read_part.require(actor, selectors.part(actor, report.part_id))
    session = reports[0].signing
    order = json.loads(files_of(session)["document.json"])["document"]["institutions"]
    by_unit = {str(one.part.unit.uid): one for one in reports}
    # One whose report was generated anew since is no more among those that wait.
    if len(by_unit) != len(order):
        raise NotFound
    reports = [by_unit[one["id"]] for one in order]
    rows = [bytes(one.content or b"") for one in reports]
    return ToSign(session, reports, load_package(bytes(session.content), rows, files_of(session)))


def organisations(reports: list[CampaignReport]) -> list[str]:
    """The codes whose keys sign all of these: of the school, or of its hub."""
    schools = Institution.objects.filter(
        pk__in=[one.part.unit_id for one in reports]
    ).select_related("hub")
    codes = [set(organisations_of(one)) for one in schools]
    return sorted(set.intersection(*codes)) if codes else []


def sign(
    *, actor: Actor, session_id: uuid.UUID, cms: bytes, moment: Moment
) -> list[CampaignReport]:
    """Sign the reports of a session by one signature, in two phases as an order is.

    Raises:
        NotFound, NotAllowed: not in reach, or not the actor's to sign.
        PartMoved: a report was generated anew since, or is signed.
        SignatureRefused, WrongSigner, SigningExpired: the signature does not hold.
    """
    shown = to_sign(actor, session_id)
    for report in shown.reports:
        policies.sign.require(actor, report.part)
    try:
        verified = sessions.verify(
            session_id, cms, actor=actor, now=moment.now, rnokpp=actor.person_code
        )
    except AlreadySigned:  # by the same click a moment ago
        return shown.reports
    return _signed(actor=actor, session_id=session_id, verified_id=verified.pk, moment=moment)


@command
def _signed(
    *, actor: Actor, session_id: uuid.UUID, verified_id: uuid.UUID, moment: Moment
) -> list[CampaignReport]:
    """The second phase: every report is as it was shown, the head still acts.

    Raises:
        as `sign`.
    """
    shown = to_sign(actor, session_id)
    parts = {
        report.part_id: held.part(actor, report.part_id, "sign", policies.sign, version=None)
        for report in sorted(shown.reports, key=lambda one: one.part_id)
    }
    schools = Institution.objects.in_bulk(list({one.unit_id for one in parts.values()}))
    still_acting(actor, schools[shown.reports[0].part.unit_id])
    if any(parts[one.part_id].number != one.number for one in shown.reports):
        raise PartMoved("Звіт сформовано знову: підпишіть нову версію.")
    session = sessions.locked(session_id)
    if session.user_id != person_of(actor):
        raise PartMoved("Звіт підготовлено для підпису іншою особою: підготуйте знову.")
    signer = sessions.complete(session, verified_id, now=moment.now, rnokpp=actor.person_code)
    if signer.edrpou not in organisations(shown.reports):
        raise WrongSigner(
            "Ключ видано для іншої організації. Звіт підписують ключем керівника цього закладу.",
            field="signature",
        )
    for report in shown.reports:
        report.signed_at, report.signer = moment.now, signer.full_name
        report.save(update_fields=["signed_at", "signer"])
        part = parts[report.part_id]
        moved(part, states.REPORT[part.state]["sign"], actor, moment.now)
    audit.record(
        *(
            ReportSigned(
                subject=one.part_id,
                unit=one.part.unit_id,
                number=one.number,
                certificate=signer.serial,
            )
            for one in shown.reports
        )
    )
    return shown.reports
