"""What a signed order of enrolment does to the register: the rows are asked about once more, then
pupils, documents, representatives, addresses and enrolments are written."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Protocol

import msgspec
from django.db import connection

from kernel.db import part_of_command, violation
from kernel.errors import DomainError
from kernel.kept import Kept
from kernel.text import sort_key
from registry.enrolments import selectors as enrolment_reads
from registry.enrolments import services as enrolments
from registry.enrolments.models import ClassPlacement, Enrolment
from registry.fields.documents import Document
from registry.identity import matches
from registry.identity.services import doubts
from registry.movements import targets
from registry.movements.enrol.rows import CleanRow
from registry.movements.enrol.signed import Applicant, EnrolRow
from registry.orders.errors import EnrolledMeanwhile
from registry.orders.models import Order, OrderRow
from registry.orders.refusals import refusal_of
from registry.people.models.pupils import Pupil, PupilDocument
from registry.people.selectors.reach import standing_for
from registry.people.services import addresses, guardians, residence
from registry.people.services.holding import hold
from registry.process import Conflict, SignedRow

CLOSED = {
    "MERGED": "профіль дитини обʼєднано з іншим",
    "DEATH": "профіль дитини закрито: смерть",
    "MAJORITY": "профіль закрито: повноліття",
}

# Of a child who learns here beside its main school and is to learn here mainly.
BESIDE = "дитина навчається у вас додатково: спершу завершіть додаткове навчання з цього дня"

# What a profile and a row may disagree about, in the words of the refusal; columns are named alike.
_PROFILE = {
    "surname": "прізвище",
    "given_name": "імʼя",
    "patronymic": "по батькові",
    "born_on": "дату народження",
    "sex": "стать",
    "citizenship": "громадянство",
    "rnokpp": "РНОКПП",
    "unzr": "УНЗР",
}


def differing(said: EnrolRow | CleanRow, profile: Pupil) -> list[str]:
    """Fields in which a row says other than the profile; what the row leaves out it does not say."""
    return [
        field
        for field in _PROFILE
        if (getattr(said, field) or (field == "rnokpp" and said.rnokpp_state == "REFUSED"))
        and getattr(profile, field)
        and getattr(said, field) != getattr(profile, field)
    ]


_SEEN = Kept[tuple[int, list[uuid.UUID]]](
    lambda order: OrderRow.objects.filter(order=order).values_list("position", "seen")
)


_SAID = Kept[tuple[int, list[uuid.UUID], dict[str, str]]](
    lambda order: OrderRow.objects.filter(order=order, seen__len__gt=0).values_list(
        "position", "seen", "said"
    )
)


def conflicts(order: Order, rows: Sequence[EnrolRow]) -> list[Conflict]:
    """Rows that can no longer be written, and why, without telling where a child went.

    Holds the classes, the known children and the persons who represent them until the order is in
    effect, so that none is closed, changed or renamed beside it.
    """
    keys = [
        matches.Keys(
            Document(row.document.type, row.document.series, row.document.number),
            row.rnokpp,
            row.unzr,
            row.surname,
            row.given_name,
            row.patronymic,
            row.born_on,
        )
        for row in rows
    ]
    _hold_names(rows)
    seen = dict(_SEEN.rows(order.pk))
    classes = targets.held(order.institution_id, [row.class_.id for row in rows])
    known = _known(rows)
    renamed = guardians.renamed(applicants(rows), known=known)
    children = matches.by_id(set(known), order.effective_on)
    profiles = Pupil.objects.in_bulk(known) if known else {}
    beside = enrolment_reads.learning_beside(order.institution_id, known, order.effective_on)
    found = []
    for row, matched in zip(rows, matches.find(keys, order.effective_on), strict=True):
        what = ""
        child = children.get(row.pupil)
        others = [m for m in matched if m.found.pupil_id != row.pupil]
        hard = [m for m in others if m.kind != "name"]
        enrolled = [
            m
            for m in others
            if m.found.institution_id is not None
            and (m.kind != "name" or m.found.pupil_id not in seen[row.no])
        ]
        if child is not None and child.closed_reason:
            what = CLOSED[child.closed_reason]
        elif (child is not None and child.institution_id is not None) or enrolled:
            what = "дитину вже зараховано"
        elif row.pupil in beside:
            what = BESIDE
        elif hard:
            what = "у реєстрі зʼявився профіль з таким документом або номером"
        elif now := targets.differs(row.class_, classes):
            what = now
        elif row.pupil in profiles and (
            other := [f for f in differing(row, profiles[row.pupil]) if f not in row.corrects]
        ):
            what = f"у профілі дитини змінено {', '.join(_PROFILE[field] for field in other)}"
        elif row.pupil in renamed:
            what = "РНОКПП заявника належить у реєстрі особі з іншим імʼям"
        if what:
            found.append(Conflict(row.no, row.full_name, what))
    return found


class _Applied(Protocol):
    """A signed row that says who applied for which child."""

    @property
    def pupil(self) -> uuid.UUID: ...
    @property
    def applicant(self) -> Applicant: ...


_NAME_LOCKS = 64


def _hold_names(rows: Sequence[EnrolRow]) -> None:
    """Let no order beside this one enrol a child of the same name meanwhile: with another document
    no constraint would meet. A few locks for all names, so that 5,000 rows do not fill the table of
    locks."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT pg_advisory_xact_lock(hashtextextended('registry.enrol.name', n)) FROM (
                SELECT DISTINCT abs(hashtext(name)) %% %s AS n FROM unnest(%s::text[]) AS name
                ORDER BY 1
            ) x
            """,
            [_NAME_LOCKS, [sort_key(f"{row.surname} {row.given_name}") for row in rows]],
        )


# What a rival order may have taken while this one waited for its signature.
_ONE_CHILD_ONCE = (
    "one_pupil_per_rnokpp",
    "one_pupil_per_unzr",
    "one_pupil_per_document",
    "one_guardian_per_rnokpp",
    "main_enrolments_never_overlap",
    "merged_pupil_learns_nowhere",
)


@part_of_command
def write(order: Order, rows: Sequence[EnrolRow]) -> None:
    """Write everything an order brings, sorted, so that rival orders wait and never deadlock."""
    fresh = sorted(
        (row for row in rows if not row.is_known),
        key=lambda r: (r.document.number, r.document.series, r.document.type),
    )
    known = [row for row in rows if row.is_known]

    def lost_the_race() -> DomainError:
        return refusal_of(conflicts(order, rows)) or EnrolledMeanwhile(
            "Дані в реєстрі змінилися. Спробуйте підписати ще раз."
        )

    with violation(_ONE_CHILD_ONCE, lost_the_race):
        _begin_profiles(fresh)
        _profiles_follow(known)
        _add_documents([*((row, True) for row in fresh), *_new_documents(known)])
        addresses.write([address for row in rows for address in _addresses(row)])
        if known:
            residence.settle([row.pupil for row in known])  # closed, when the child had left
        enrolments.enrol(
            order.institution_id,
            [
                enrolments.Place(row.pupil, row.class_.id, order.effective_on, row.form)
                for row in rows
            ],
            order=order.pk,
        )
        # Last: what is told of a child stands on the timeline of the institution it learns at now.
        guardians.represent(applicants(rows), known=_known(rows), ground=f"наказ № {order.number}")
    _remember_others(order, rows)


def _remember_others(order: Order, rows: Sequence[EnrolRow]) -> None:
    """Children whom the school said to be others: known with the reason from now on."""
    if order.signed_by_id is None or order.signed_at is None:
        return
    said = _SAID.rows(order.pk)
    children = {row.no: row.pupil for row in rows}
    doubts.entered(
        [(children[no], one, why.get(str(one), "")) for no, seen, why in said for one in seen],
        institution_id=order.institution_id,
        grant_id=order.signed_by_id,
        now=order.signed_at,
    )


def _known(rows: Sequence[EnrolRow]) -> frozenset[uuid.UUID]:
    return frozenset(row.pupil for row in rows if row.is_known)


@part_of_command
def _begin_profiles(rows: Sequence[EnrolRow]) -> None:
    if not rows:
        return
    fields = (
        *("surname", "given_name", "patronymic", "sex", "citizenship"),
        *("rnokpp", "rnokpp_state", "unzr"),
    )
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO registry_pupil (id, born_on, surname, given_name, patronymic, sex,
                citizenship, rnokpp, rnokpp_state, unzr, contact_status, version, created_at,
                closed_reason, form)
            SELECT x.*, 'OK', 1, now(), '', ''
            FROM unnest(%s::uuid[], %s::date[], %s::text[], %s::text[], %s::text[], %s::text[],
                        %s::text[], %s::text[], %s::text[], %s::text[]) AS x
            """,
            [
                [row.pupil for row in rows],
                [row.born_on for row in rows],
                *([getattr(row, field) for row in rows] for field in fields),
            ],
        )


@part_of_command
def _add_documents(rows: Sequence[tuple[EnrolRow, bool]]) -> None:
    """The document that was shown of each child; whether it is the primary one."""
    if not rows:
        return
    fields = ("type", "series", "number", "issued_by", "issued_on")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO registry_pupildocument (pupil_id, is_primary, type, series, number,
                issued_by, issued_on, verification)
            SELECT x.*, 'NOT_CHECKED'
            FROM unnest(%s::uuid[], %s::bool[], %s::text[], %s::text[], %s::text[], %s::text[],
                        %s::date[]) AS x
            """,
            [
                [row.pupil for row, _ in rows],
                [primary for _, primary in rows],
                *([getattr(row.document, field) for row, _ in rows] for field in fields),
            ],
        )


def _new_documents(known: Sequence[EnrolRow]) -> list[tuple[EnrolRow, bool]]:
    """Documents that known children's profiles do not have yet: added, never replaced (C.4)."""
    if not known:
        return []
    have = set(
        PupilDocument.objects.filter(pupil_id__in=[row.pupil for row in known]).values_list(
            "pupil_id", "type", "series", "number"
        )
    )
    with_any = {pupil_id for pupil_id, *_ in have}
    return [
        (row, row.pupil not in with_any)
        for row in known
        if (
            row.pupil,
            *(getattr(row.document, k) for k in ("type", "series", "number")),
        )
        not in have
    ]


def applicants(rows: Sequence[_Applied]) -> list[guardians.Represents]:
    """Who represents each child; nobody where the child applied personally."""
    return [
        guardians.Represents(row.pupil, **msgspec.structs.asdict(row.applicant))
        for row in rows
        if row.applicant.relation != "SELF"
    ]


def _addresses(row: EnrolRow) -> list[addresses.Lives]:
    address, found = row.address, []
    if address.line or address.territory or address.country != "UA":
        found.append(
            addresses.Lives(row.pupil, "ACTUAL", address.country, address.territory, address.line)
        )
    if address.registered:
        found.append(addresses.Lives(row.pupil, "REGISTERED", "UA", "", address.registered))
    return found


@part_of_command
def _profiles_follow(known: Sequence[EnrolRow]) -> None:
    """What signed rows say of returning children is what their profiles hold from now on; what they
    leave out stays. Each difference was doubted in the draft, or filled what was empty."""
    if not known:
        return
    rows = sorted(known, key=lambda row: row.pupil)
    fields = ("surname", "given_name", "patronymic", "sex", "citizenship", "rnokpp_state", "rnokpp")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH said AS (
                SELECT * FROM unnest(%s::uuid[], %s::date[], %s::text[], %s::text[], %s::text[],
                                     %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
                    AS x(id, born_on, unzr, surname, given_name, patronymic, sex, citizenship,
                         rnokpp_state, rnokpp)
            ), held AS (
                SELECT p.* FROM registry_pupil p JOIN said USING (id) ORDER BY p.id
                FOR NO KEY UPDATE OF p
            ), merged AS (
                SELECT id, x.surname, x.given_name, coalesce(nullif(x.patronymic, ''), h.patronymic) AS patronymic,
                    x.sex, coalesce(nullif(x.citizenship, ''), h.citizenship) AS citizenship,
                    x.born_on, coalesce(x.unzr, h.unzr) AS unzr,
                    CASE WHEN x.rnokpp_state = 'NOT_ASSIGNED' THEN h.rnokpp ELSE x.rnokpp END AS rnokpp,
                    CASE WHEN x.rnokpp_state = 'NOT_ASSIGNED' THEN h.rnokpp_state ELSE x.rnokpp_state END
                        AS rnokpp_state
                FROM said x JOIN held h USING (id)
            )
            UPDATE registry_pupil p
            SET surname = m.surname, given_name = m.given_name, patronymic = m.patronymic, sex = m.sex,
                citizenship = m.citizenship, born_on = m.born_on, unzr = m.unzr, rnokpp = m.rnokpp,
                rnokpp_state = m.rnokpp_state, version = p.version + 1
            FROM merged m
            WHERE p.id = m.id AND (p.surname, p.given_name, p.patronymic, p.sex, p.citizenship, p.born_on,
                                   p.unzr, p.rnokpp, p.rnokpp_state)
                IS DISTINCT FROM (m.surname, m.given_name, m.patronymic, m.sex, m.citizenship, m.born_on,
                                  m.unzr, m.rnokpp, m.rnokpp_state)
            """,
            [
                [row.pupil for row in rows],
                [row.born_on for row in rows],
                [row.unzr for row in rows],
                *([getattr(row, field) for row in rows] for field in fields),
            ],
        )
        cursor.execute(
            """
            UPDATE registry_pupildocument d
            SET issued_by = coalesce(nullif(x.issued_by, ''), d.issued_by),
                issued_on = coalesce(x.issued_on, d.issued_on)
            FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::date[])
                AS x(pupil_id, type, series, number, issued_by, issued_on)
            WHERE (d.pupil_id, d.type, d.series, d.number) = (x.pupil_id, x.type, x.series, x.number)
              AND (coalesce(nullif(x.issued_by, ''), d.issued_by), coalesce(x.issued_on, d.issued_on))
                  IS DISTINCT FROM (d.issued_by, d.issued_on)
            """,
            [
                [row.pupil for row in rows],
                *(
                    [getattr(row.document, field) for row in rows]
                    for field in ("type", "series", "number", "issued_by", "issued_on")
                ),
            ],
        )


def stands_on(order: Order, rows: Sequence[SignedRow]) -> list[Conflict]:
    """Children whose enrolment by this order was ended, or who were placed in another class since;
    the enrolments are held."""
    who = standing_for(row.pupil for row in rows)
    hold(who.values())
    untouched = {
        enrolment.pupil_id
        for enrolment in Enrolment.objects.filter(opened_by=order, closed_by=None, voided_by=None)
        .order_by("id")
        .select_for_update(of=("self",), no_key=True)
    }
    moved = set(
        ClassPlacement.objects.filter(enrolment__opened_by=order, voided_by=None)
        .exclude(opened_by=order, closed_by=None)
        .values_list("enrolment__pupil_id", flat=True)
    )
    return [
        Conflict(
            row.no,
            row.full_name,
            "після наказу переведено до іншого класу"
            if who[row.pupil] in untouched
            else "після наказу вибуття або інша зміна",
        )
        for row in rows
        if who[row.pupil] not in untouched or who[row.pupil] in moved
    ]


@part_of_command
def void(order: Order, by: Order) -> None:
    """What the order opened never was: enrolments and their placements, two statements."""
    ClassPlacement.objects.filter(opened_by=order, voided_by=None).update(voided_by=by)
    Enrolment.objects.filter(opened_by=order, voided_by=None).update(voided_by=by)
