"""Attestations: told by the operator with a paper, taken or refused by the administrator (п.20)."""

from __future__ import annotations

import datetime
import uuid

from accounts.actors import Actor
from integrations.eis import errors, policies
from integrations.eis.events import AttestationJudged, AttestationTold
from integrations.eis.models import Attestation, EisSystem
from integrations.eis.road.services import operators, steps
from integrations.eis.road.services.applications import FILES, MOST_BYTES
from integrations.eis.states import Shield, SystemState
from kernel import audit
from kernel.clock import Moment
from kernel.db import command
from kernel.errors import Invalid, NotFound, Problem
from kernel.scoping import grant_of
from kernel.tables.cells import storable
from kernel.text import clean, clean_lines

TYPES = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png"}


@command
def tell(
    *,
    actor: Actor,
    system_uid: uuid.UUID,
    version: int,
    kind: str,
    number: str,
    issued_on: datetime.date,
    valid_to: datetime.date,
    paper: bytes,
    moment: Moment,
) -> Attestation:
    """Tell what attests that the system is protected; another that waits is taken back.

    Raises:
        NotAllowed, NotFound, StaleVersion.
        Invalid: what was typed or attached is wrong; every problem at once.
    """
    policies.operate.require(actor)
    system = operators.mine(actor, steps.held(system_uid, version))
    number = clean(storable(number))
    form = next((name for begins, name in FILES.items() if paper.startswith(begins)), "")
    problems = []
    if kind not in Shield.values:
        problems.append(Problem("kind", "required", "Виберіть, що це за документ."))
    if not number:
        problems.append(Problem("number", "required", "Впишіть номер."))
    if issued_on > moment.today:
        problems.append(Problem("issued_on", "ahead", "Цей день ще не настав."))
    if valid_to <= issued_on:
        problems.append(Problem("valid_to", "period", "Строк дії закінчується після видачі."))
    elif valid_to < moment.today:
        problems.append(Problem("valid_to", "past", "Строк дії вже минув."))
    if len(paper) > MOST_BYTES:
        problems.append(Problem("paper", "too_large", "Файл завеликий: можна до 3 МБ."))
    elif not form:
        problems.append(Problem("paper", "bad_file", "Додайте PDF, JPEG або PNG документа."))
    if problems:
        raise Invalid(problems)
    Attestation.objects.filter(system=system, accepted=None).update(
        accepted=False, judged_at=moment.now, refusal="Подано інший документ"
    )
    made = Attestation.objects.create(
        system=system,
        kind=kind,
        number=number,
        issued_on=issued_on,
        valid_to=valid_to,
        paper=paper,
        paper_name=f"Атестат.{form}",
        paper_type=TYPES[form],
        told_at=moment.now,
        told_by_id=grant_of(actor),
    )
    steps.note(system, "attestation_told", actor, moment.today, document=number)
    audit.record(
        AttestationTold(
            subject=system.pk, uid=str(system.uid), name=system.name, kind=kind, valid_to=valid_to
        )
    )
    return made


@command
def judge(
    *,
    actor: Actor,
    system_uid: uuid.UUID,
    version: int,
    attestation_id: int,
    accepted: bool,
    refusal: str = "",
    moment: Moment,
) -> EisSystem:
    """Take an attestation, or say why not. Taken, it lets a tested system join the contract.

    Raises:
        NotAllowed, NotFound, StaleVersion.
        PaperDecided: it is judged already.
        Invalid: refused without a reason; taken after its time.
    """
    policies.govern_systems.require(actor)
    system = steps.held(system_uid, version)
    found = Attestation.objects.filter(pk=attestation_id, system=system).first()
    if found is None:
        raise NotFound
    if found.accepted is not None:
        raise errors.PaperDecided
    refusal = clean_lines(storable(refusal))
    if not accepted and not refusal:
        raise Invalid([Problem("refusal", "required", "Поясніть, чому документ не прийнято.")])
    if accepted and found.valid_to < moment.today:
        raise Invalid([Problem("accepted", "past", "Строк дії цього документа вже минув.")])
    found.accepted, found.refusal = accepted, "" if accepted else refusal
    found.judged_at, found.judged_by_id = moment.now, grant_of(actor)
    found.save(update_fields=["accepted", "refusal", "judged_at", "judged_by"])
    if accepted:
        best = steps.attested(system, moment.today)
        assert best is not None  # noqa: S101 - the one just taken holds
        system.kszi_number, system.kszi_valid_to = best.number, best.valid_to
    step = "attestation_accepted" if accepted else "attestation_refused"
    steps.note(system, step, actor, moment.today, document=found.number, words=found.refusal)
    if accepted and system.state == SystemState.AWAITING_KSZI:
        steps.move(system, "attest", actor, moment.today, document=found.number)
    audit.record(
        AttestationJudged(
            subject=system.pk,
            uid=str(system.uid),
            name=system.name,
            accepted=accepted,
            valid_to=found.valid_to,
            refusal=found.refusal,
        )
    )
    return system
