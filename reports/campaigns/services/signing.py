"""Signing: the head signs the school's report, with those of its branches; a level signs the summary it
has made, if it wishes. What was signed is frozen, and verified before the command that takes it."""

from __future__ import annotations

import dataclasses
import datetime
import json
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from accounts.actors import Actor
from accounts.roles import GrantState
from kernel import audit
from kernel.clock import Moment
from kernel.db import command, part_of_command
from kernel.errors import NotAllowed, NotFound
from kernel.kept import Kept, insert, update
from kernel.scoping import person_of
from registry.models import Institution
from registry.orders.services import organisations_of, still_acting
from reports.campaigns import content, policies, selectors
from reports.campaigns.errors import PartMoved
from reports.campaigns.events import ReportPrepared, ReportSigned
from reports.campaigns.models import CampaignPart, CampaignReport
from reports.campaigns.services import held
from reports.campaigns.services.school import moved
from signatures.api import Package, build_package, load_package
from signatures.errors import AlreadySigned, WrongSigner
from signatures.models import SigningSession
from signatures.selectors.sessions import files_of
from signatures.services import sessions

_OF_SESSION = Kept[CampaignReport](
    lambda session: (
        CampaignReport.objects.filter(signing=session)
        .select_related("part__campaign", "part__unit", "signing")
        .order_by("part")
    )
)
_SCHOOLS = Kept[Institution](
    lambda ids: Institution.objects.filter(pk__among=ids).select_related("hub")
)
_BESIDE = Kept[CampaignPart](
    lambda campaign, state, ids: (
        CampaignPart.objects.select_for_update(of=("self",), no_key=True)
        .select_related("campaign", "unit")
        .filter(campaign=campaign, is_school=True, state=state, unit__among=ids)
        .order_by("pk")
    )
)
PURPOSE = "reports.campaign"
WAITS = datetime.timedelta(days=30)
MOST = 100  # reports of one signature: a hub with its branches


@command(by_keys=True)
def prepare(*, actor: Actor, part_id: int, moment: Moment) -> uuid.UUID:
    """Freeze the bytes of a checked report for the head, with those of the head's branches that wait
    for a signature too: one signature is enough for a hub. Or of a summary, for its own level. The id
    of the signing session.

    Raises:
        NotFound, NotAllowed: not in reach, or not the actor's to sign.
        PartMoved, CampaignMoved: it is not ready to be signed, or a summary signed already.
    """
    first = held.part(actor, part_id, "sign", policies.sign, version=None)
    others = [one for one in actor.scope.keys if first.is_school and one != first.unit_id]
    parts = [first]
    if others:
        parts += _BESIDE.rows(first.campaign_id, first.state, others)[: MOST - 1]
    reports = [selectors.report(part) if part.is_school else _of_summary(part) for part in parts]
    documents = []
    for report in reports:
        if report.signing_id is not None:
            sessions.give_up(report.signing_id)
        made = content.bytes_of(report, content.as_counted)
        report.content = made
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
        update(report, "content", "signing")
    audit.record(
        *(ReportPrepared(subject=part.pk, unit=part.unit_id, number=part.number) for part in parts)
    )
    return session.pk


@part_of_command
def _of_summary(part: CampaignPart) -> CampaignReport:
    """The row that holds the bytes and the signature of a summary of this number."""
    found = part.reports.select_related("part__campaign", "part__unit", "signing")
    report = found.filter(number=part.number).first()
    if report is None:
        report = CampaignReport(
            part=part,
            number=part.number,
            runs={},
            made_at=part.moved_at,
            made_by_id=part.moved_by_id,
        )
        insert(report)
    if report.signed_at is not None:
        raise PartMoved("Цей зведений звіт уже підписано.")
    return report


def _document(parts: list[CampaignPart], actor: Actor) -> dict[str, Any]:
    campaign = parts[0].campaign
    names = {part.unit_id: _name(part) for part in parts}
    schools = schools_of(part.unit_id for part in parts if part.is_school)
    names |= {pk: (one.full_name, one.edrpou or "") for pk, one in schools.items()}
    return {
        "type": "reports",
        "title": campaign.title,
        "institution": {
            "name": names[parts[0].unit_id][0],
            "edrpou": names[parts[0].unit_id][1],
        },
        "number": str(campaign.pk)[-12:],
        "date": campaign.as_of.isoformat(),
        "signer": {"name": actor.full_name},
        "institutions": [
            {
                "id": str(part.unit.uid),
                "name": names[part.unit_id][0],
                "edrpou": names[part.unit_id][1],
            }
            for part in parts
        ],
    }


def _name(part: CampaignPart) -> tuple[str, str]:
    """What a node is called, and its code."""
    return part.unit.name, part.unit.edrpou or ""


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
    reports = _OF_SESSION.rows(session_id)
    if not reports or reports[0].signing is None:
        raise NotFound
    for report in reports:
        if not selectors.is_mine(actor, report.part):
            raise NotFound
        policies.read_part.require(actor, report.part)
    session = reports[0].signing
    files = files_of(session)
    order = json.loads(files["document.json"])["document"]["institutions"]
    by_unit = {str(one.part.unit.uid): one for one in reports}
    # One whose report was generated anew since is no more among those that wait.
    if len(by_unit) != len(order):
        raise NotFound
    reports = [by_unit[one["id"]] for one in order]
    rows = [bytes(one.content or b"") for one in reports]
    return ToSign(session, reports, load_package(bytes(session.content), rows, files))


def schools_of(ids: Iterable[int]) -> dict[int, Institution]:
    """Institutions by their ids, with their hubs."""
    return {one.pk: one for one in _SCHOOLS.rows(list(dict.fromkeys(ids)))}


def organisations(reports: list[CampaignReport]) -> list[str]:
    """The codes whose keys sign all of these: of the school, of its hub, or of the authority."""
    return _codes([one.part for one in reports])


def _codes(parts: Sequence[CampaignPart]) -> list[str]:
    if not parts[0].is_school:
        return [code for code in [parts[0].unit.edrpou] if code]
    schools = schools_of(one.unit_id for one in parts)
    codes = [set(organisations_of(one)) for one in schools.values()]
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


@command(by_keys=True)
def _signed(
    *, actor: Actor, session_id: uuid.UUID, verified_id: uuid.UUID, moment: Moment
) -> list[CampaignReport]:
    """The second phase: every report is as it was shown, the head (or the level's person) still acts.

    Raises:
        as `sign`.
    """
    shown = to_sign(actor, session_id)
    parts = {
        report.part_id: held.part(actor, report.part_id, "sign", policies.sign, version=None)
        for report in sorted(shown.reports, key=lambda one: one.part_id)
    }
    first = shown.reports[0].part
    if first.is_school:
        still_acting(actor, schools_of([first.unit_id])[first.unit_id])
    else:
        _still_holds(actor)
    if any(parts[one.part_id].number != one.number for one in shown.reports):
        raise PartMoved("Звіт сформовано знову: підпишіть нову версію.")
    session = sessions.locked(session_id)
    if session.user_id != person_of(actor):
        raise PartMoved("Звіт підготовлено для підпису іншою особою: підготуйте знову.")
    signer = sessions.complete(session, verified_id, now=moment.now, rnokpp=actor.person_code)
    if signer.edrpou not in _codes(list(parts.values())):
        whose = "керівника цього закладу" if first.is_school else "цього органу"
        raise WrongSigner(
            f"Ключ видано для іншої організації. Звіт підписують ключем {whose}.",
            field="signature",
        )
    for report in shown.reports:
        report.signed_at, report.signer = moment.now, signer.full_name
        update(report, "signed_at", "signer")
        part = parts[report.part_id]
        moved(part, selectors.table_of(part)[part.state]["sign"], actor, moment.now)
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


@part_of_command
def _still_holds(actor: Actor) -> None:
    """The grant of an authority's person as it is now, held.

    Raises:
        NotAllowed: it is over.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT state FROM accounts_grant WHERE id = %s FOR SHARE", [actor.grant_id])
        found = cursor.fetchone()
    if found is None or found[0] != GrantState.ACTIVE:
        raise NotAllowed("Ваші повноваження припинено, підписати не можна.")
