"""Reading open data: sets with their issues, files, and what may be published. Public: no actor."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Mapping, Sequence

from django.db.models import F, Prefetch, Q, QuerySet

from accounts.models import OrgUnit
from accounts.roles import UnitKind
from kernel import batch
from kernel.errors import NotFound
from kernel.paging import Page, keyset
from reports.models import OpenFile, OpenIssue, ReportRun
from reports.open import datasets
from reports.open.datasets import Dataset, Field

MOST = 200  # issues of a set on its page, a month each: sixteen years


@dataclasses.dataclass(frozen=True)
class Announced:
    """A set as it stands in public: its issues from the latest, with their files."""

    dataset: Dataset
    issues: Sequence[OpenIssue]

    @property
    def latest(self) -> OpenIssue | None:
        """The issue that is in force."""
        return next((one for one in self.issues if one.withdrawn_at is None), None)


def announced() -> list[Announced]:
    """Every set, two queries."""
    issues: dict[str, list[OpenIssue]] = {}
    for one in _public():
        issues.setdefault(one.dataset, []).append(one)
    return [Announced(one, issues.get(one.code, [])[:MOST]) for one in datasets.every()]


def of(code: str) -> Announced:
    """One set.

    Raises:
        NotFound: none such.
    """
    return Announced(dataset(code), list(_public().filter(dataset=code)[:MOST]))


def dataset(code: str) -> Dataset:
    """A set as it is announced.

    Raises:
        NotFound: none such.
    """
    try:
        return datasets.of(code)
    except KeyError:
        raise NotFound from None


def issue(code: str, number: int) -> tuple[Dataset, OpenIssue]:
    """An issue in public, withdrawn ones too.

    Raises:
        NotFound: none such.
    """
    found = _public().filter(dataset=code, number=number).first()
    if found is None:
        raise NotFound
    return dataset(code), found


def digest(of_issue: OpenIssue, kind: str) -> bytes:
    """What the file of a kind is told by, without reading it.

    Raises:
        NotFound: the issue has no such file.
    """
    return _bytes(of_issue, kind, "sha256")


def is_composed(of_issue: OpenIssue) -> bool:
    """Whether the files of an issue are there; they were committed with that and never change."""
    return OpenIssue.objects.filter(pk=of_issue.pk, state="DONE").exists()


def packed(of_issue: OpenIssue, kind: str) -> bytes:
    """The compressed file.

    Raises:
        NotFound: the issue has no such file.
    """
    return _bytes(of_issue, kind, "packed")


def _bytes(of_issue: OpenIssue, kind: str, column: str) -> bytes:
    found = OpenFile.objects.filter(issue=of_issue, kind=kind).values_list(column, flat=True)
    for one in found:
        return bytes(one)
    raise NotFound


def fields(of_issue: OpenIssue) -> list[Field]:
    """Columns as they were described when the issue was composed."""
    return [Field(**one) for one in of_issue.fields]


def _public() -> QuerySet[OpenIssue]:
    files = OpenFile.objects.defer("packed").order_by("kind")
    return (
        OpenIssue.objects.filter(number__isnull=False, state="DONE")
        # Descriptions of hundreds of columns: read where they are shown, of one issue.
        .defer("fields")
        .prefetch_related(Prefetch("files", queryset=files))
        .order_by("dataset", "-number")
    )


def runs_of(form: str) -> QuerySet[ReportRun]:
    """Finished runs of a form for the whole country whose day has come, the latest first."""
    return (
        ReportRun.objects.filter(
            form=form,
            state="DONE",
            put_away_at=None,
            unit__kind=UnitKind.OWNER,
            created_at__date__gte=F("as_of"),  # a date of Kyiv: TIME_ZONE
        )
        .select_related("unit")
        .order_by("-created_at")
    )


def same_as(dataset: str, digests: Mapping[str, bytes]) -> OpenIssue | None:
    """The issue in force, when its files are these."""
    last = (
        OpenIssue.objects.filter(dataset=dataset, number__isnull=False, withdrawn_at=None)
        .order_by("-number")
        .first()
    )
    if last is None:
        return None
    kept = {
        kind: bytes(sha)
        for kind, sha in OpenFile.objects.filter(issue=last).values_list("kind", "sha256")
    }
    return last if kept == dict(digests) else None


RECENT = datetime.timedelta(days=7)


def unfinished(now: datetime.datetime) -> list[OpenIssue]:
    """Issues that are being composed, and those of the last days that stopped on the way."""
    found = OpenIssue.objects.filter(
        Q(state__in=batch.UNDER_WAY)
        | Q(state__in=["FAILED", "CANCELLED"], created_at__gt=now - RECENT)
    )
    return list(found.order_by("-created_at")[:5])


def asked(size: int, after: str | None, before: str | None) -> Page[OpenIssue]:
    """What was asked for, the latest first, for whoever publishes.

    Raises:
        BadCursor: the page mark was damaged.
    """
    rows = OpenIssue.objects.select_related("requested_by__user", "same_as", "withdrawn_by__user")
    return keyset(rows, order=("-id",), size=size, after=after, before=before)


def withdrawable(issue_id: uuid.UUID | str) -> OpenIssue:
    """An issue that is in public and was not taken back.

    Raises:
        NotFound: none such.
    """
    found = _public().filter(pk=issue_id, withdrawn_at=None).first()
    if found is None:
        raise NotFound
    return found


def publisher() -> str:
    """Who answers for the sets: the owner of the register."""
    return OrgUnit.objects.values_list("name", flat=True).get(kind=UnitKind.OWNER)
