"""What happens to systems and to the keys schools give them."""

from __future__ import annotations

import datetime
import uuid
from typing import Annotated

from kernel.audit.events import Event, Subject, Words, event

SystemId = Annotated[int, Subject("eis.system")]
Systems = Annotated[str, Subject("eis.system")]  # the register of them: ""
PaperId = Annotated[uuid.UUID, Subject("eis.paper")]
Texts = Annotated[int, Subject("eis.text")]
MandateId = Annotated[uuid.UUID, Subject("eis.mandate")]
KeyId = Annotated[uuid.UUID, Subject("eis.key")]
HookId = Annotated[uuid.UUID, Subject("eis.hook")]


@event("eis.system.registered", version=1)
class SystemRegistered(Event, frozen=True, kw_only=True):
    """A system is taken into the register, in the state it is known to be in."""

    subject: SystemId
    name: Words
    state: str


@event("eis.system.nothing_new", version=1)
class NothingNew(Event, frozen=True, kw_only=True):
    """Every known system is in the register already."""

    subject: Systems = ""


@event("eis.system.writes_declared", version=1)
class WritesDeclared(Event, frozen=True, kw_only=True):
    """It is said which data a system was declared and tested to write."""

    subject: SystemId
    name: Words
    before: tuple[str, ...]
    writes: tuple[str, ...]


@event("eis.system.suspended", version=1)
class SystemSuspended(Event, frozen=True, kw_only=True):
    """A system is suspended on a ground of п.28; all its keys stop."""

    subject: SystemId
    name: Words
    before: str
    ground: str
    explanation: Words


@event("eis.system.restored", version=1)
class SystemRestored(Event, frozen=True, kw_only=True):
    """The violations are removed, the system works again (п.30)."""

    subject: SystemId
    name: Words
    explanation: Words


@event("eis.mandate.prepared", version=1)
class MandatePrepared(Event, frozen=True, kw_only=True):
    """What a head means to let a system do lies before the head to be signed."""

    subject: MandateId
    system: Words


@event("eis.mandate.signed", version=1)
class MandateSigned(Event, frozen=True, kw_only=True):
    """A head lets a system read, and where said write, data of the school."""

    subject: MandateId
    system: Words
    institution: Words
    datasets: tuple[str, ...]
    fields: tuple[str, ...]
    valid_from: datetime.date
    valid_to: datetime.date
    certificate: str


@event("eis.mandate.given_up", version=1)
class MandateGivenUp(Event, frozen=True, kw_only=True):
    """It was put away unsigned."""

    subject: MandateId
    system: Words


@event("eis.mandate.ended", version=1)
class MandateEnded(Event, frozen=True, kw_only=True):
    """Access is taken back before its time, or another mandate took its place; `keys` stopped with it."""

    subject: MandateId
    system: Words
    reason: Words
    keys: int


@event("eis.key.issued", version=1)
class KeyIssued(Event, frozen=True, kw_only=True):
    """A secret for a mandate is made and shown once; others of it stop at `others_stop` (ISO), if said."""

    subject: KeyId
    system: Words
    others_stop: str = ""


@event("eis.key.revoked", version=1)
class KeyRevoked(Event, frozen=True, kw_only=True):
    """A key is stopped before its time."""

    subject: KeyId
    system: Words
    reason: Words


# ── the road ─────────────────────────────────────────────────────────────────
@event("eis.road.described", version=1)
class SystemDescribed(Event, frozen=True, kw_only=True):
    """An operator says what its system is and does."""

    subject: SystemId
    name: Words


@event("eis.road.moved", version=1)
class RoadMoved(Event, frozen=True, kw_only=True):
    """A step of the road: the state may stay (`before` is `after`)."""

    subject: SystemId
    uid: str
    name: Words
    step: str
    before: str
    after: str


@event("eis.road.late", version=1)
class StepLate(Event, frozen=True, kw_only=True):
    """The term of a step has passed and the step is not done."""

    subject: SystemId
    uid: str
    name: Words
    state: str
    due_on: datetime.date


@event("eis.road.passed_on", version=1)
class SystemPassedOn(Event, frozen=True, kw_only=True):
    """Another operator has the system from now on; what heads opened to the former one ends."""

    subject: SystemId
    name: Words
    operator: Words
    mandates: int


@event("eis.road.disconnected", version=1)
class SystemDisconnected(Event, frozen=True, kw_only=True):
    """A system is taken off the database for good; every mandate of it ends."""

    subject: SystemId
    name: Words
    ground: str
    mandates: int


@event("eis.road.paper_prepared", version=1)
class PaperPrepared(Event, frozen=True, kw_only=True):
    """A paper of the road lies before whoever signs it."""

    subject: PaperId
    kind: str
    system: Words


@event("eis.road.paper_signed", version=1)
class PaperSigned(Event, frozen=True, kw_only=True):
    """A paper of the road is signed, and what it asks for is under way."""

    subject: PaperId
    kind: str
    system: Words
    system_uid: str
    certificate: str


@event("eis.road.paper_given_up", version=1)
class PaperGivenUp(Event, frozen=True, kw_only=True):
    """A paper was put away unsigned."""

    subject: PaperId
    kind: str
    system: Words


@event("eis.road.attestation_told", version=1)
class AttestationTold(Event, frozen=True, kw_only=True):
    """An operator tells what attests that its system is protected."""

    subject: SystemId
    uid: str
    name: Words
    kind: str
    valid_to: datetime.date


@event("eis.road.attestation_judged", version=1)
class AttestationJudged(Event, frozen=True, kw_only=True):
    """The administrator takes an attestation, or says why not."""

    subject: SystemId
    uid: str
    name: Words
    accepted: bool
    valid_to: datetime.date
    refusal: Words


@event("eis.road.attestation_over", version=1)
class AttestationOver(Event, frozen=True, kw_only=True):
    """The attestation of a connected system has run out and no other is taken."""

    subject: SystemId
    uid: str
    name: Words
    valid_to: datetime.date


@event("eis.road.contract_drafted", version=1)
class ContractDrafted(Event, frozen=True, kw_only=True):
    """A version of the contract lies before the owner."""

    subject: Texts
    title: Words


@event("eis.road.contract_approved", version=1)
class ContractApproved(Event, frozen=True, kw_only=True):
    """The owner approved a version of the contract."""

    subject: Texts
    title: Words
    approval: Words


@event("eis.road.requirements_published", version=1)
class RequirementsPublished(Event, frozen=True, kw_only=True):
    """Other technical requirements are published, a month before they are asked for (п.25)."""

    subject: Texts
    title: Words
    effective_on: datetime.date


@event("eis.road.requirements_applied", version=1)
class RequirementsApplied(Event, frozen=True, kw_only=True):
    """The day of new requirements has come: so many systems are to be tested again."""

    subject: Texts
    systems: int


@event("eis.road.nothing_due", version=1)
class NothingDue(Event, frozen=True, kw_only=True):
    """Somebody did meanwhile what the day would have done."""

    subject: Systems = ""


@event("eis.hook.registered", version=1)
class HookRegistered(Event, frozen=True, kw_only=True):
    """A system is to be woken at an address when a feed moves."""

    subject: HookId
    system: Words
    url: Words


@event("eis.hook.secret_issued", version=1)
class HookSecretIssued(Event, frozen=True, kw_only=True):
    """Another secret signs messages to an address; those before it sign until `others_stop` (ISO)."""

    subject: HookId
    system: Words
    others_stop: str


@event("eis.hook.tried", version=1)
class HookTried(Event, frozen=True, kw_only=True):
    """A message of no school is to be sent to an address."""

    subject: HookId
    system: Words


@event("eis.hook.replayed", version=1)
class HookReplayed(Event, frozen=True, kw_only=True):
    """Messages that were not delivered are to be sent again."""

    subject: HookId
    system: Words
    messages: int


@event("eis.hook.disabled", version=1)
class HookDisabled(Event, frozen=True, kw_only=True):
    """An address is switched off: it failed for long, or wants no more."""

    subject: HookId
    system: Words
    system_id: int
    url: Words
    why: Words


@event("eis.hook.enabled", version=1)
class HookEnabled(Event, frozen=True, kw_only=True):
    """An address is switched on again."""

    subject: HookId
    system: Words


@event("eis.hook.removed", version=1)
class HookRemoved(Event, frozen=True, kw_only=True):
    """A system is woken at an address no more."""

    subject: HookId
    system: Words
    url: Words
