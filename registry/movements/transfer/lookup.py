"""Finding a child of another school by its exact document and birth date, and nothing but that.

What the receiving school may see before it signs is `Seen`: whom it has a document of anyhow, and
where the child learns, so that the order can name it (handbook D.6; law 2297-VI: no more than the
purpose needs). Nobody browses by it: only an exact hit answers, each is noted as a look at the
child, and what hits nothing is counted against guessing.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import uuid
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Literal

from django.db import connection

from kernel.db import part_of_command
from registry.fields.documents import Document
from registry.fields.labels import label_sql
from registry.movements.transfer.models import MissedLookup

MISSES_A_DAY = (
    200  # of one institution: a table of a thousand with mistakes passes, guessing does not
)
TOO_MANY: Literal["too_many"] = "too_many"
_KEPT = datetime.timedelta(days=7)


@dataclasses.dataclass(frozen=True, slots=True)
class Seen:
    """What a school may see of a child it is about to take over."""

    pupil_id: uuid.UUID
    full_name: str
    born_on: datetime.date
    school: str
    class_label: str


@dataclasses.dataclass(frozen=True, slots=True)
class Child:
    """A child with its main enrolment that runs on a day or begins later: for rules, never shown
    but for what `seen` says."""

    pupil_id: uuid.UUID
    surname: str
    given_name: str
    patronymic: str
    born_on: datetime.date
    closed_reason: str
    enrolment_id: int | None
    institution_id: int | None
    institution: uuid.UUID | None
    school: str
    starts_on: datetime.date | None
    ends_on: datetime.date | None
    moves: bool  # it leaves by another transfer
    class_label: str
    grade: int | None

    @property
    def full_name(self) -> str:
        """Surname, name and patronymic, as in documents."""
        return " ".join(p for p in (self.surname, self.given_name, self.patronymic) if p)

    @property
    def seen(self) -> Seen:
        """What may be shown of it."""
        return Seen(self.pupil_id, self.full_name, self.born_on, self.school, self.class_label)


_CHILD = f"""
    p.id, p.surname, p.given_name, p.patronymic, p.born_on, p.closed_reason,
    e.id, e.institution_id, i.uid, coalesce(i.short_name, ''), e.starts_on, e.ends_on,
    coalesce(o.kind = 'transfer', false), coalesce({label_sql("g")}, ''), g.grade
"""
_LEARNING = """
    LEFT JOIN LATERAL (
        SELECT r.* FROM registry_enrolment r
        WHERE r.pupil_id = p.id AND r.kind = 'MAIN' AND r.voided_by_id IS NULL
          AND (r.ends_on IS NULL OR r.ends_on > %(day)s)
        ORDER BY r.starts_on LIMIT 1
    ) e ON true
    LEFT JOIN registry_institution i ON i.institution_id = e.institution_id
    LEFT JOIN registry_order o ON o.id = e.closed_by_id
    LEFT JOIN LATERAL (
        SELECT x.class_group_id FROM registry_classplacement x
        WHERE x.enrolment_id = e.id AND x.voided_by_id IS NULL AND x.starts_on < %(day)s
        ORDER BY x.starts_on DESC LIMIT 1
    ) c ON true
    LEFT JOIN registry_classgroup g ON g.id = c.class_group_id
"""
_BY_DOCUMENT = f"""
    SELECT x.ord, {_CHILD}
    FROM unnest(%(ord)s::int[], %(type)s::text[], %(series)s::text[], %(number)s::text[],
                %(born_on)s::date[]) AS x(ord, type, series, number, born_on)
    JOIN registry_pupildocument d
      ON d.number = x.number AND d.series = x.series AND d.type = x.type
    JOIN registry_pupil p ON p.id = d.pupil_id AND p.born_on = x.born_on
    {_LEARNING}
"""  # noqa: S608 - put together of our own words
_BY_ID = f"SELECT {_CHILD} FROM registry_pupil p {_LEARNING} WHERE p.id = ANY(%(pupils)s)"  # noqa: S608


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """One row's document and birth date; `known`: the child it was found to be before."""

    document: Document
    born_on: datetime.date
    known: uuid.UUID | None = None

    @property
    def digest(self) -> bytes:
        """What tells one question from another."""
        told = (self.document.type, self.document.series, self.document.number, f"{self.born_on}")
        return hashlib.sha256("\x1f".join(told).encode()).digest()


@part_of_command
def find(
    institution_id: int, asked: Sequence[Asked], day: datetime.date, today: datetime.date
) -> list[Child | Literal["too_many"] | None]:
    """For each question its child, None, or that too many hit nothing today: from then on new
    questions are not answered at all, so that hits cannot be told from misses."""
    if not asked:
        return []
    found = _by_document(asked, day)
    missed = {
        bytes(digest)
        for digest in MissedLookup.objects.filter(
            institution_id=institution_id, asked_on=today
        ).values_list("digest", flat=True)
    }
    fresh: set[bytes] = set()
    answers: list[Child | Literal["too_many"] | None] = []
    for place, one in enumerate(asked):
        child = found.get(place)
        if child is not None and child.pupil_id == one.known:
            answers.append(child)
        elif child is None and one.digest in missed | fresh:
            answers.append(None)
        elif len(missed) + len(fresh) >= MISSES_A_DAY:
            answers.append(TOO_MANY)
        else:
            if child is None:
                fresh.add(one.digest)
            answers.append(child)
    if fresh:
        _count(institution_id, fresh, today)
    return answers


def _by_document(asked: Sequence[Asked], day: datetime.date) -> dict[int, Child]:
    documents = [one.document for one in asked]
    with connection.cursor() as cursor:
        cursor.execute(
            _BY_DOCUMENT,
            {
                "ord": list(range(len(asked))),
                "born_on": [one.born_on for one in asked],
                "day": day,
                **{
                    field: [getattr(one, field) for one in documents]
                    for field in ("type", "series", "number")
                },
            },
        )
        return {row[0]: Child(*row[1:]) for row in cursor.fetchall()}


def by_id(pupils: Collection[uuid.UUID], day: datetime.date) -> dict[uuid.UUID, Child]:
    """The same of children known by their profiles: asked again when the order is signed."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_ID, {"pupils": list(pupils), "day": day})
        return {row[0]: Child(*row) for row in cursor.fetchall()}


def _count(institution_id: int, digests: Iterable[bytes], today: datetime.date) -> None:
    mine: Any = MissedLookup.objects.filter(institution_id=institution_id)
    mine.filter(asked_on__lt=today - _KEPT).delete()
    MissedLookup.objects.bulk_create(
        [
            MissedLookup(institution_id=institution_id, asked_on=today, digest=digest)
            for digest in sorted(digests)
        ],
        ignore_conflicts=True,
    )
