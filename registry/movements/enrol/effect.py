"""What a signed order of enrolment does to the register: the rows are asked about once more, then
pupils, documents, representatives, addresses and enrolments are written."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from kernel.db import part_of_command, violation
from kernel.errors import DomainError
from kernel.text import plural
from registry.classes.models import ClassGroup
from registry.enrolments import services as enrolments
from registry.fields.documents import Document
from registry.identity import matches
from registry.movements.enrol import rows as rules
from registry.orders.models import Order
from registry.people.errors import EnrolledMeanwhile
from registry.people.models.pupils import Pupil, PupilAddress, PupilDocument, Representative


def refuse_conflicts(order: Order, rows: Sequence[Mapping[str, Any]]) -> None:
    conflicts = _conflicts(order, rows)
    if conflicts:
        count = len(conflicts)
        told = "; ".join(f"рядок {c['no']}, {c['name']}: {c['what']}" for c in conflicts[:5])
        more = f"; і ще {count - 5}" if count > 5 else ""
        raise EnrolledMeanwhile(
            f"Поки наказ чекав на підпис, {plural(count, 'змінився', 'змінилися', 'змінилося')} "
            f"{count} {plural(count, 'запис', 'записи', 'записів')} реєстру: {told}{more}. Нікого не зараховано. "
            "Поверніть наказ на доопрацювання: таблиця залишилася, виправте ці рядки і підпишіть знову.",
            rows=conflicts,
        )


def _conflicts(order: Order, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows that can no longer be written, and why, without telling where a child went."""
    keys = [
        rules.Keys(
            Document(*(row["document"][k] for k in ("type", "series", "number"))),
            row["rnokpp"],
            row["unzr"],
            "",
            "",
            "",
            None,
        )
        for row in rows
    ]
    known = {uuid.UUID(row["pupil"]) for row in rows if row["is_known"]}
    children = matches.by_id(known, order.effective_on)
    open_classes = set(
        ClassGroup.objects.filter(
            id__in={row["class"]["id"] for row in rows},
            institution_id=order.institution_id,
            closed_on=None,
        ).values_list("id", flat=True)
    )
    conflicts = []
    for row, matched in zip(rows, matches.find(keys, order.effective_on), strict=True):
        what = ""
        child = children.get(uuid.UUID(row["pupil"]))
        others = [m for m in matched if str(m.found.pupil_id) != row["pupil"]]
        if (child is not None and child.institution_id is not None) or any(
            m.found.institution_id is not None for m in others
        ):
            what = "дитину вже зараховано"
        elif others:
            what = "у реєстрі зʼявився профіль з таким документом або номером"
        elif row["class"]["id"] not in open_classes:
            what = f"клас {row['class']['label']} закрито"
        if what:
            conflicts.append({"no": row["no"], "name": _name(row), "what": what})
    return conflicts


def _name(row: Mapping[str, Any]) -> str:
    return " ".join(p for p in (row["surname"], row["given_name"], row["patronymic"]) if p)


# What a rival order may have taken while this one waited for its signature.
_ONE_CHILD_ONCE = (
    "one_pupil_per_rnokpp",
    "one_pupil_per_unzr",
    "one_pupil_per_document",
    "main_enrolments_never_overlap",
)


@part_of_command
def write(order: Order, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write everything an order brings, sorted, so that rival orders wait and never deadlock."""
    fresh = sorted(
        (row for row in rows if not row["is_known"]),
        key=lambda r: (r["document"]["number"], r["document"]["series"], r["document"]["type"]),
    )
    known = [row for row in rows if row["is_known"]]

    def lost_the_race() -> DomainError:
        try:
            refuse_conflicts(order, rows)
        except EnrolledMeanwhile as refusal:
            return refusal
        return EnrolledMeanwhile("Дані в реєстрі змінилися. Спробуйте підписати ще раз.")

    with violation(_ONE_CHILD_ONCE, lost_the_race):
        Pupil.objects.bulk_create(
            [
                Pupil(
                    id=uuid.UUID(row["pupil"]),
                    surname=row["surname"],
                    given_name=row["given_name"],
                    patronymic=row["patronymic"],
                    sex=row["sex"],
                    born_on=datetime.date.fromisoformat(row["born_on"]),
                    citizenship=row["citizenship"],
                    rnokpp=row["rnokpp"],
                    rnokpp_state=row["rnokpp_state"],
                    unzr=row["unzr"],
                )
                for row in fresh
            ],
            batch_size=1000,
        )
        PupilDocument.objects.bulk_create(
            [_document_of(row, is_primary=True) for row in fresh] + _new_documents(known),
            batch_size=1000,
        )
        Representative.objects.bulk_create(
            [
                _representative(row)
                for row in [*fresh, *_without_representative(known)]
                if row["applicant"]["relation"] != "SELF"
            ],
            batch_size=1000,
        )
        PupilAddress.objects.bulk_create(
            [address for row in rows for address in _addresses(row)],
            batch_size=1000,
            update_conflicts=True,
            unique_fields=["pupil", "kind"],
            update_fields=["country", "territory_code", "line"],
        )
        enrolments.enrol(
            order.institution_id,
            [
                enrolments.Place(
                    uuid.UUID(row["pupil"]), row["class"]["id"], order.effective_on, row["form"]
                )
                for row in rows
            ],
            order=order.pk,
        )
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE registry_orderrow r SET pupil_id = x.pupil_id
            FROM unnest(%s::int[], %s::uuid[]) AS x(position, pupil_id)
            WHERE r.order_id = %s AND r.position = x.position AND r.pupil_id IS NULL
            """,
            [[row["no"] for row in rows], [row["pupil"] for row in rows], order.pk],
        )


def _document_of(row: Mapping[str, Any], *, is_primary: bool) -> PupilDocument:
    document = row["document"]
    issued_on = document["issued_on"]
    return PupilDocument(
        pupil_id=uuid.UUID(row["pupil"]),
        type=document["type"],
        series=document["series"],
        number=document["number"],
        issued_by=document["issued_by"],
        issued_on=datetime.date.fromisoformat(issued_on) if issued_on else None,
        is_primary=is_primary,
    )


def _new_documents(known: Sequence[Mapping[str, Any]]) -> list[PupilDocument]:
    """Documents that known children's profiles do not have yet: added, never replaced (C.4)."""
    have = set(
        PupilDocument.objects.filter(pupil_id__in=[row["pupil"] for row in known]).values_list(
            "pupil_id", "type", "series", "number"
        )
    )
    with_any = {pupil_id for pupil_id, *_ in have}
    return [
        _document_of(row, is_primary=uuid.UUID(row["pupil"]) not in with_any)
        for row in known
        if (
            uuid.UUID(row["pupil"]),
            *(row["document"][k] for k in ("type", "series", "number")),
        )
        not in have
    ]


def _without_representative(known: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Known children whose applicant is not among their representatives yet."""
    have = set(
        Representative.objects.filter(pupil_id__in=[row["pupil"] for row in known]).values_list(
            "pupil_id", "relation", "surname", "given_name"
        )
    )
    return [
        row
        for row in known
        if (
            uuid.UUID(row["pupil"]),
            *(row["applicant"][k] for k in ("relation", "surname", "given_name")),
        )
        not in have
    ]


def _representative(row: Mapping[str, Any]) -> Representative:
    applicant = row["applicant"]
    return Representative(pupil_id=uuid.UUID(row["pupil"]), identity_shown=True, **applicant)


def _addresses(row: Mapping[str, Any]) -> list[PupilAddress]:
    address, found = row["address"], []
    pupil_id = uuid.UUID(row["pupil"])
    if address["line"] or address["territory"] or address["country"] != "UA":
        found.append(
            PupilAddress(
                pupil_id=pupil_id,
                kind="ACTUAL",
                country=address["country"],
                territory_code=address["territory"],
                line=address["line"],
            )
        )
    if address["registered"]:
        found.append(PupilAddress(pupil_id=pupil_id, kind="REGISTERED", line=address["registered"]))
    return found
