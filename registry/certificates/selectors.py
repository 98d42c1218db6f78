"""Reads of certificates: the school's register, one of them, and the public check."""

from __future__ import annotations

import dataclasses
import datetime
import json
import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from accounts.actors import Actor
from kernel import audit, clock
from kernel.errors import NotFound
from kernel.kept import Kept
from kernel.paging import Order, Page, keyset, ordered
from kernel.text import Alike, alike, code, readings
from registry.certificates import policies
from registry.certificates.models import CertificateIssue, StudyCertificate
from registry.drafts.models import Draft
from registry.fields.finding import named
from registry.institutions import selectors as institutions
from registry.people import policies as people
from signatures import exports
from signatures.api import Package, load_package
from signatures.models import SigningSession
from signatures.result import VerificationResult
from signatures.selectors.sessions import files_of, plain

PAGE = 50
MOST_WAITING = 20
STATES = {"ISSUED": "Чинна", "VOIDED": "Анульовано", "PREPARED": "Чекає на підпис"}

_FEW = "certificates of one school: some hundreds a year, sorted as they are found"
ORDERS = {
    "number": Order(("year", "number", "id"), _FEW),
    "name": Order(("sort_key", "id"), _FEW),
    "class": Order(("class_label", "sort_key", "id"), _FEW),
    "issued": Order(("issued_on", "id"), _FEW),
    "until": Order(("valid_until", "id"), _FEW),
    "recipient": Order(("recipient", "id"), _FEW),
    "state": Order(("state", "id"), _FEW),
}
LATEST = "-issued"


# ── the register of a school ─────────────────────────────────────────────────
def may_see(actor: Actor) -> None:
    """The register is a school's own book; who is above it reads the cards of children.

    Raises:
        NotAllowed: the actor is of no school, or a deputy without the duty.
    """
    institution = institutions.own(actor)
    policies.see.require(actor, institution)


def register(
    actor: Actor,
    state: str = "",
    text: str = "",
    *,
    order: str = LATEST,
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
    only: Sequence[str] | None = None,
    what: str = "журнал довідок",
) -> Page[StudyCertificate]:
    """A page of the register of certificates, latest first unless told otherwise; the look at the
    children is noted as `what`.

    Raises:
        NotAllowed: as `may_see`.
        BadCursor: the page mark was damaged.
    """
    rows = _matching(actor, state, text).select_related("institution")
    if only is not None:
        rows = rows.filter(pk__in=[uuid.UUID(one) for one in only])
    rows, fields = ordered(rows, ORDERS, order, LATEST)
    page = keyset(rows, order=fields, size=size, after=after, before=before)
    audit.looked_at(actor, "registry.pupil", {one.pupil_id for one in page.rows}, what)
    return page


def keys(actor: Actor, state: str = "", text: str = "") -> list[uuid.UUID]:
    """Ids of every certificate that matches."""
    return list(_matching(actor, state, text).values_list("pk", flat=True))


def counts(actor: Actor, text: str = "") -> dict[str, int]:
    """How many certificates are in each state."""
    rows = _matching(actor, "", text).order_by().values_list("state")
    return dict(rows.annotate(Count("pk")))


def _matching(actor: Actor, state: str, text: str) -> QuerySet[StudyCertificate]:
    may_see(actor)
    rows: QuerySet[StudyCertificate] = StudyCertificate.objects.visible_to(actor).exclude(
        state="GIVEN_UP"
    )
    if state:
        rows = rows.filter(state=state)
    said = text.strip().removeprefix("№").strip()
    if (number := code(said)) and len(number) < 9:
        return rows.filter(number=int(number))
    if not (keys := [key for one in readings(said) if (key := alike(one))]):
        return rows
    meant = Q(*(("key__contains", key) for key in keys), _connector=Q.OR)
    held = rows.alias(key=Alike("full_name")).filter(meant)
    return held if held.exists() else named(rows, said)


# ── one issue, one certificate ───────────────────────────────────────────────
@dataclasses.dataclass(frozen=True)
class Issue:
    """Certificates of one signature, as they were frozen."""

    issue: CertificateIssue
    session: SigningSession
    package: Package
    certificates: list[StudyCertificate]

    @property
    def document(self) -> dict[str, Any]:
        """The head that was signed."""
        return self.package.document

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows that were signed."""
        return [json.loads(row) for row in self.package.rows]


def issue(actor: Actor, issue_id: Any) -> Issue:
    """Certificates of one signature, every byte checked; the look is noted.

    Raises:
        NotFound: absent or out of reach.
        NotAllowed: the actor sees no names there.
        BrokenPackage: what is kept is not what was frozen.
    """
    found: CertificateIssue = (
        CertificateIssue.objects.visible_to(actor)
        .select_related(
            "institution__hub", "institution__unit", "signing", "prepared_by__user", "draft"
        )
        .find(pk=issue_id)
    )
    policies.see.require(actor, found.institution)
    shown = opened(found)
    audit.looked_at(
        actor,
        "registry.pupil",
        {one.pupil_id for one in shown.certificates},
        "довідки про навчання",
    )
    return shown


def issue_of(draft: Draft) -> uuid.UUID | None:
    """Certificates of a draft that wait for the signature."""
    rows = CertificateIssue.objects.filter(draft=draft, state="PREPARED").values_list(
        "pk", flat=True
    )
    return rows.first()


def opened(found: CertificateIssue) -> Issue:
    """The package read back, every part checked against the frozen bytes."""
    certificates = list(found.certificates.order_by("position"))
    rows = [bytes(one.content) for one in certificates]
    package = load_package(bytes(found.signing.content), rows, files_of(found.signing))
    return Issue(found, found.signing, package, certificates)


@dataclasses.dataclass(frozen=True)
class Shown:
    """One certificate with the head it was signed under."""

    certificate: StudyCertificate
    issue: Issue

    @property
    def document(self) -> dict[str, Any]:
        """The head that was signed."""
        return self.issue.document

    @property
    def row(self) -> dict[str, Any]:
        """The row that was signed."""
        return dict(json.loads(bytes(self.certificate.content)))


def certificate(actor: Actor, certificate_id: Any, *, taken: str = "довідка") -> Shown:
    """One certificate; the look is noted as `taken`.

    Raises:
        NotFound: absent, given up or out of reach.
        NotAllowed: the actor sees no names there.
    """
    found: StudyCertificate = (
        StudyCertificate.objects.visible_to(actor)
        .exclude(state="GIVEN_UP")
        .select_related("institution__unit", "issue__signing", "voided_by__user")
        .find(pk=certificate_id)
    )
    policies.see.require(actor, found.institution)
    audit.looked_at(actor, "registry.pupil", [found.pupil_id], taken)
    return Shown(found, opened(found.issue))


def waiting(actor: Actor) -> list[CertificateIssue]:
    """Issues that wait for the head of the actor's schools."""
    if actor.scope.level != "institution" or not people.list_pupils.allows(actor):
        return []
    return _WAITING.rows(actor)


_WAITING = Kept[CertificateIssue](
    lambda actor: (
        CertificateIssue.objects.visible_to(actor)
        .filter(state="PREPARED")
        .select_related("prepared_by__user", "institution")
        .order_by("-prepared_at")[:MOST_WAITING]
    )
)


def of_pupil(ids: Sequence[uuid.UUID]) -> list[StudyCertificate]:
    """Certificates a child was issued under any of its ids, latest first; who reads them was asked
    by the card."""
    return _OF_PUPIL.rows(list(ids))


_OF_PUPIL = Kept[StudyCertificate](
    lambda ids: (
        StudyCertificate.objects.filter(pupil_id__among=ids, state__in=["ISSUED", "VOIDED"])
        .select_related("institution__unit")
        .defer("content")
        .order_by("-issued_on", "-id")[:100]
    )
)


def next_number(institution_id: int, year: int) -> int:
    """The number that follows the last of the year in the school's register."""
    last = (
        StudyCertificate.objects.filter(institution_id=institution_id, year=year)
        .exclude(state="GIVEN_UP")
        .order_by("-number")
        .values_list("number", flat=True)
        .first()
    )
    return (last or 0) + 1


# ── in public ────────────────────────────────────────────────────────────────
@dataclasses.dataclass(frozen=True)
class Checked:
    """What anybody who holds the paper may learn: what it says, whether it holds, who signed."""

    shown: Shown
    result: VerificationResult
    at: datetime.datetime

    @property
    def is_over(self) -> bool:
        """Whether the last day it is valid on has passed."""
        until = self.shown.certificate.valid_until
        return until is not None and until < clock.day_of(self.at)


def check(printed: str, at: datetime.datetime) -> Checked:
    """A signed certificate by the code printed on it, its signature judged now.

    Raises:
        NotFound: no such code, or nothing was signed under it.
        BrokenPackage: what is kept is not what was signed.
    """
    found = _by_code(plain(printed))
    if found is None:
        raise NotFound
    shown = Shown(found, opened(found.issue))
    return Checked(shown, exports.recheck(shown.issue.session, at), at)


def address_of_code(printed: str) -> str:
    """Where a plain code of a signed certificate leads; nothing for another's."""
    return reverse("certificate_check", args=[printed]) if _by_code(printed) is not None else ""


def _by_code(printed: str) -> StudyCertificate | None:
    return (
        StudyCertificate.objects.filter(code=printed, state__in=["ISSUED", "VOIDED"])
        .select_related("issue__signing", "issue__institution")
        .first()
    )
