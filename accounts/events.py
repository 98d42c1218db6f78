"""What happens in the room of accounts."""

from __future__ import annotations

import datetime
import uuid
from typing import Annotated

from kernel.audit.events import Event, Subject, Words, event

GrantId = Annotated[uuid.UUID, Subject("accounts.grant")]
UnitUid = Annotated[uuid.UUID, Subject("accounts.unit")]
UserId = Annotated[int, Subject("accounts.user")]
AttemptId = Annotated[int, Subject("accounts.sign_in")]
Attempts = Annotated[str, Subject("accounts.sign_in")]  # all of them: ""
ChallengeId = Annotated[uuid.UUID, Subject("accounts.challenge")]
NoticeId = Annotated[int, Subject("accounts.notice")]
AnnouncementId = Annotated[uuid.UUID, Subject("accounts.announcement")]
WaveId = Annotated[uuid.UUID, Subject("accounts.wave")]
Notices = Annotated[str, Subject("accounts.notice")]  # several at once: ""


# ── authorities ──────────────────────────────────────────────────────────────
@event("accounts.unit.created", version=1)
class UnitCreated(Event, frozen=True, kw_only=True):
    """An authority is added to the tree."""

    subject: UnitUid
    name: Words
    edrpou: str
    kind: str


@event("accounts.unit.moved", version=1)
class UnitMoved(Event, frozen=True, kw_only=True):
    """An authority with everything below it stands under another one."""

    subject: UnitUid
    left: int | None
    under: int
    ground: Words


# ── letters to parents ───────────────────────────────────────────────────────
@event("accounts.mail.asked", version=1)
class MailAsked(Event, frozen=True, kw_only=True):
    """A person in the parents' window left an address: a letter with a link goes there."""

    subject: UserId


@event("accounts.mail.asked_by_letter", version=1)
class MailLinkSent(Event, frozen=True, kw_only=True):
    """The letter with the link went out."""

    subject: UserId


@event("accounts.mail.confirmed", version=1)
class MailConfirmed(Event, frozen=True, kw_only=True):
    """The person opened the link: letters go to this address from now on."""

    subject: UserId


@event("accounts.mail.chosen", version=1)
class MailChosen(Event, frozen=True, kw_only=True):
    """What the person wants no letters about: codes of notices. `left`: no letters at all."""

    subject: UserId
    muted: tuple[str, ...]
    left: bool = False


# ── waves ────────────────────────────────────────────────────────────────────
@event("accounts.wave.planned", version=1)
class WavePlanned(Event, frozen=True, kw_only=True):
    """A wave of activation is planned or changed: its days, and how many regions come with it."""

    subject: WaveId
    name: Words
    opens_on: datetime.date
    closes_on: datetime.date
    units: int


@event("accounts.wave.withdrawn", version=1)
class WaveWithdrawn(Event, frozen=True, kw_only=True):
    """A wave is taken back: nobody waits for it."""

    subject: WaveId
    name: Words


@event("accounts.wave.reminded", version=1)
class WaveReminded(Event, frozen=True, kw_only=True):
    """Letters go again to whoever of a wave has not come."""

    subject: WaveId
    letters: int


# ── grants ───────────────────────────────────────────────────────────────────
@event("accounts.user.created", version=1)
class UserCreated(Event, frozen=True, kw_only=True):
    """A person is known to the system for the first time."""

    subject: UserId


@event("accounts.user.renamed", version=1)
class UserRenamed(Event, frozen=True, kw_only=True):
    """The name of the certificate is taken for the person's."""

    subject: GrantId
    before: Words
    name: Words


@event("accounts.grant.given", version=1)
class GrantGiven(Event, frozen=True, kw_only=True):
    """A person is given a role at a node."""

    subject: GrantId
    role: str
    ground: Words = ""
    duties: tuple[str, ...] = ()


@event("accounts.grant.activated", version=1)
class GrantActivated(Event, frozen=True, kw_only=True):
    """The invited person came with the right key."""

    subject: GrantId


@event("accounts.operator.opened", version=1)
class CabinetOpened(Event, frozen=True, kw_only=True):
    """Whoever came with an operator's own key has its cabinet from now on."""

    subject: GrantId
    certificate: str


@event("accounts.operator.opened_before", version=1)
class NothingOpened(Event, frozen=True, kw_only=True):
    """The operator's cabinet stands already."""

    subject: GrantId


@event("accounts.grant.duties_changed", version=1)
class DutiesChanged(Event, frozen=True, kw_only=True):
    """A deputy is entrusted with other duties."""

    subject: GrantId
    before: tuple[str, ...]
    duties: tuple[str, ...]


@event("accounts.grant.suspended", version=1)
class GrantSuspended(Event, frozen=True, kw_only=True):
    """A grant is stopped for a time; its visits ended."""

    subject: GrantId
    reason: Words
    sessions_ended: int


@event("accounts.grant.restored", version=1)
class GrantRestored(Event, frozen=True, kw_only=True):
    """A suspended grant acts again."""

    subject: GrantId
    reason: Words


@event("accounts.grant.ended", version=1)
class GrantEnded(Event, frozen=True, kw_only=True):
    """A grant ended for good; its visits ended."""

    subject: GrantId
    reason: Words
    sessions_ended: int


@event("accounts.grant.name_differs", version=1)
class NameDiffers(Event, frozen=True, kw_only=True):
    """The invited person came with a certificate of another name."""

    subject: GrantId
    certificate_name: Words


@event("accounts.invitation.created", version=1)
class InvitationCreated(Event, frozen=True, kw_only=True):
    """A person is invited to take up a grant; a letter with the link follows."""

    subject: GrantId
    invitation: int
    email: str


@event("accounts.invitation.sent", version=1)
class InvitationSent(Event, frozen=True, kw_only=True):
    """The letter with the link has gone out."""

    subject: GrantId
    invitation: int


@event("accounts.invitation.withdrawn", version=1)
class InvitationWithdrawn(Event, frozen=True, kw_only=True):
    """An invitation nobody used is taken back, and its grant ended."""

    subject: GrantId
    reason: Words


# ── signing in ───────────────────────────────────────────────────────────────
@event("accounts.sign_in.answered", version=1)
class ChallengeAnswered(Event, frozen=True, kw_only=True):
    """A challenge of the sign-in page is answered and serves no second time."""

    subject: ChallengeId


@event("accounts.sign_in.verified", version=1)
class SignInVerified(Event, frozen=True, kw_only=True):
    """A person proved who they are, before it is told whether they may enter."""

    subject: UserId
    way: str
    certificate: str
    edrpou: str


@event("accounts.sign_in.refused", version=1)
class SignInRefused(Event, frozen=True, kw_only=True):
    """An attempt to enter was refused; it counts towards the limit."""

    subject: AttemptId
    outcome: str
    way: str
    address: str | None
    certificate: str


@event("accounts.sign_in.forgotten", version=1)
class AttemptsForgotten(Event, frozen=True, kw_only=True):
    """Old attempts and answered challenges were dropped."""

    subject: Attempts = ""
    rows: int


@event("accounts.visit.opened", version=1)
class VisitOpened(Event, frozen=True, kw_only=True):
    """A person came in; `evidence` is what the provider of identity told about the proof."""

    subject: UserId
    way: str
    certificate: str
    edrpou: str
    address: str | None
    evidence: dict[str, Words | bool] | None = None


@event("accounts.visit.grant_chosen", version=1)
class GrantChosen(Event, frozen=True, kw_only=True):
    """A person acts under another of their grants."""

    subject: UserId
    grant: uuid.UUID


@event("accounts.visit.window_chosen", version=1)
class WindowChosen(Event, frozen=True, kw_only=True):
    """A person acts for their own children, under no grant."""

    subject: UserId


@event("accounts.visit.ended", version=1)
class VisitsEnded(Event, frozen=True, kw_only=True):
    """A person ended visits of their own."""

    subject: UserId
    only: uuid.UUID | None
    count: int


# ── notices ──────────────────────────────────────────────────────────────────
@event("accounts.notices.followed", version=1)
class NoticesFollowed(Event, frozen=True, kw_only=True):
    """Notices were opened and closed by what happened."""

    subject: Notices = ""
    opened: int
    closed: int


@event("accounts.notices.read", version=1)
class NoticesRead(Event, frozen=True, kw_only=True):
    """A person has read notices of their own."""

    subject: Notices = ""
    notices: int


@event("accounts.notices.passed_on", version=1)
class NoticesPassedOn(Event, frozen=True, kw_only=True):
    """Unread notices of former heads went to their successors."""

    subject: Notices = ""
    notices: int


@event("accounts.notices.not_due", version=1)
class NoticeNotDue(Event, frozen=True, kw_only=True):
    """A letter was not sent: the notice is read, closed or sent already."""

    subject: NoticeId


@event("accounts.notices.mailed", version=1)
class NoticeMailed(Event, frozen=True, kw_only=True):
    """A notice went out by e-mail."""

    subject: NoticeId
    code: str


# ── announcements ────────────────────────────────────────────────────────────
@event("accounts.announcement.sent", version=1)
class AnnouncementSent(Event, frozen=True, kw_only=True):
    """A level told everybody of certain roles below it something."""

    subject: AnnouncementId
    readers: int
    asks: bool


@event("accounts.announcement.reminded", version=1)
class AnnouncementReminded(Event, frozen=True, kw_only=True):
    """Whoever has not read it, or not confirmed, is told once more."""

    subject: AnnouncementId
    waiting: int


@event("accounts.announcement.withdrawn", version=1)
class AnnouncementWithdrawn(Event, frozen=True, kw_only=True):
    """What was announced no longer holds."""

    subject: AnnouncementId
    why: Words


@event("accounts.announcement.read", version=1)
class AnnouncementRead(Event, frozen=True, kw_only=True):
    """The holder of a grant opened an announcement for the first time."""

    subject: AnnouncementId


@event("accounts.announcement.confirmed", version=1)
class AnnouncementConfirmed(Event, frozen=True, kw_only=True):
    """The holder of a grant confirmed that they know what was announced."""

    subject: AnnouncementId
