"""The open register of ЄДЕБО into cards: shown first, then taken on confirmation, idempotent.

A row is taken whole or not at all; rows that cannot be taken are told with their reasons and
never stop the good ones, unless the caller asks for all or nothing. Cards are matched by the
register's ID, then by ЄДРПОУ with the name. Contacts typed by a head are never overwritten.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
import zlib
from typing import Any

from uuid_utils.compat import uuid7

from accounts.actors import Actor
from accounts.models import OrgUnit
from accounts.roles import UnitKind
from kernel import audit
from kernel.db import advisory_lock, command
from kernel.errors import Invalid, NotFound, Problem
from kernel.scoping import grant_of
from kernel.text import sort_key
from registry.classifiers.models import Territory
from registry.classifiers.selectors import classifiers
from registry.institutions import policies, ports
from registry.institutions.events import (
    InstitutionCreated,
    InstitutionsImported,
    InstitutionStatusChanged,
)
from registry.institutions.models.institutions import Institution, InstitutionStatus
from registry.institutions.models.uploads import StagedUpload
from registry.institutions.services import edebo
from registry.institutions.services import institution_card as card
from registry.institutions.services.institutions import CLOSED_STATES, STEPS, change

KIND = "edebo"
KEPT = datetime.timedelta(days=7)
_GROUND = "За даними відкритого реєстру ЄДЕБО"


@dataclasses.dataclass(frozen=True)
class Line:
    """One institution of the report: its name and what is or would be done."""

    row: int
    name: str
    detail: str = ""


@dataclasses.dataclass
class Report:
    """What an import did, or would do."""

    rows: int = 0
    new: list[Line] = dataclasses.field(default_factory=list)
    changed: list[Line] = dataclasses.field(default_factory=list)
    closed: list[Line] = dataclasses.field(default_factory=list)
    unchanged: int = 0
    # In the register here and not in the file; told, never touched.
    absent: list[Line] = dataclasses.field(default_factory=list)
    bad: list[Problem] = dataclasses.field(default_factory=list)
    notes: list[Problem] = dataclasses.field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """Numbers of each kind."""
        return {
            "rows": self.rows,
            "new": len(self.new),
            "changed": len(self.changed),
            "closed": len(self.closed),
            "unchanged": self.unchanged,
            "absent": len(self.absent),
            "bad": len(self.bad),
        }


@dataclasses.dataclass
class _Plan:
    report: Report
    create: list[tuple[edebo.Record, OrgUnit]]
    update: list[tuple[Institution, edebo.Record, dict[str, Any], str]]


@command
def stage(content: bytes, name: str, *, actor: Actor, now: datetime.datetime) -> StagedUpload:
    """Keep an uploaded file until it is confirmed; older ones than a week go.

    Raises:
        NotAllowed: anyone but the technical administrator.
        WrongFile: too big, not JSON, or JSON of something else.
    """
    policies.import_cards.require(actor)
    edebo.read(content, audit.today())
    StagedUpload.objects.filter(created_at__lt=now - KEPT).delete()
    staged: StagedUpload = StagedUpload.objects.create(
        kind=KIND,
        name=name[:200],
        content=zlib.compress(content, 1),
        grant_id=grant_of(actor),
        created_at=now,
    )
    return staged


def staged(actor: Actor, pk: uuid.UUID | str) -> StagedUpload:
    """A file the actor staged.

    Raises:
        NotFound: absent, or staged by somebody else.
    """
    policies.import_cards.require(actor)
    if actor.grant_id is None:
        raise NotFound
    try:
        found: StagedUpload = StagedUpload.objects.get(pk=pk, kind=KIND, grant_id=grant_of(actor))
    except (StagedUpload.DoesNotExist, ValueError):
        raise NotFound from None
    return found


def preview(actor: Actor, content: bytes, today: datetime.date) -> Report:
    """What taking this file would do; nothing is written.

    Raises:
        NotAllowed, WrongFile: as `take`.
    """
    policies.import_cards.require(actor)
    return _plan(edebo.read(content, today)).report


@command
def take_staged(
    *, actor: Actor, pk: uuid.UUID | str, today: datetime.date, now: datetime.datetime
) -> Report:
    """Take the good rows of a staged file; a second press of the button changes nothing more.

    Raises:
        NotFound: absent, or staged by somebody else.
    """
    waiting = staged(actor, pk)
    report = _take(zlib.decompress(bytes(waiting.content)), today)
    if waiting.used_at is None:
        waiting.used_at = now
        waiting.save(update_fields=["used_at"])
    return report


@command
def take(
    content: bytes, *, actor: Actor, today: datetime.date, all_or_nothing: bool = False
) -> Report:
    """Take the good rows of a file in one transaction under a lock.

    Raises:
        NotAllowed: anyone but the technical administrator or the installation itself.
        WrongFile: too big, not JSON, or JSON of something else.
        Invalid: `all_or_nothing` and some row is bad; all of them are listed, nothing was written.
    """
    policies.import_cards.require(actor)
    return _take(content, today, all_or_nothing=all_or_nothing)


def _take(content: bytes, today: datetime.date, *, all_or_nothing: bool = False) -> Report:
    advisory_lock("registry.institution_import")
    reading = edebo.read(content, today)
    plan = _plan(reading, for_update=True)
    if all_or_nothing and plan.report.bad:
        raise Invalid(plan.report.bad)
    _create(plan.create, today)
    for institution, record, changed, status in plan.update:
        if status:
            _move(institution, status, today)
        if changed:
            change(institution, changed, confirmed=institution.is_confirmed or record.is_confirmed)
    audit.record(InstitutionsImported(subject=KIND, counts=plan.report.counts))
    return plan.report


# ── deciding ─────────────────────────────────────────────────────────────────
def _plan(reading: edebo.Reading, *, for_update: bool = False) -> _Plan:
    report = Report(rows=reading.rows, bad=list(reading.bad), notes=list(reading.notes))
    plan = _Plan(report, [], [])
    known = _Known(for_update=for_update)
    places = _Places(reading.records)
    pending: dict[str, edebo.Record] = {}
    for record in sorted(reading.records, key=lambda one: one.is_branch):
        institution = known.match(record)
        if institution is None and record.lacks:
            detail = f"{record.name}: не вказано: {', '.join(record.lacks)}"
            report.bad.append(Problem(f"рядок {record.row}", "row", detail))
        elif institution is None:
            unit = places.authority(record)
            if unit is None:
                report.bad.append(
                    Problem(
                        f"рядок {record.row}",
                        "no_authority",
                        f"{record.name}: в області ще немає органу управління освітою в АІКОМ",
                    )
                )
                continue
            if twin := known.twin_of(record):
                report.notes.append(Problem(f"рядок {record.row}", "second_card", twin))
            pending[record.edebo_id] = record
            plan.create.append((record, unit))
            report.new.append(Line(record.row, record.name, unit.name))
        else:
            _compare(institution, record, plan)
    for record in reading.records:
        if (
            record.is_branch
            and record.parent_id not in pending
            and record.parent_id not in known.by_edebo
        ):
            report.notes.append(
                Problem(
                    f"рядок {record.row}",
                    "no_hub",
                    f"{record.name}: філія, а її головного закладу немає ні в АІКОМ, ні у файлі",
                )
            )
    report.absent = [
        Line(0, one.short_name, f"ID {one.edebo_id}") for one in known.unmatched(reading.spoilt)
    ]
    report.bad.sort(key=lambda problem: int(problem.field.removeprefix("рядок ")))
    return plan


def _compare(institution: Institution, record: edebo.Record, plan: _Plan) -> None:
    changed = {
        field: value
        for field, value in record.values.items()
        if getattr(institution, field) != value
        # What the head typed stays; the register fills only what is empty.
        and not (field in card.OWN_FIELDS and getattr(institution, field))
    }
    status = ""
    if record.status and record.status != institution.status:
        refusal = _why_not(institution, record.status)
        if refusal:
            plan.report.notes.append(
                Problem(f"рядок {record.row}", "status", f"{record.name}: {refusal}")
            )
        else:
            status = record.status
    if not changed and not status:
        plan.report.unchanged += 1
        return
    plan.update.append((institution, record, changed, status))
    told = [*sorted(changed), *(["status"] if status else [])]
    line = Line(record.row, record.name, ", ".join(told))
    (plan.report.closed if status == "LIQUIDATED" else plan.report.changed).append(line)


def _why_not(institution: Institution, status: str) -> str:
    now = classifiers.label("institution_status", institution.status)
    then = classifiers.label("institution_status", status)
    if institution.status == "DRAFT" or (
        institution.status == "VERIFIED" and status in {"ACTIVE", "SUSPENDED"}
    ):
        return ""
    if status not in STEPS[institution.status] and (institution.status, status) != (
        "ACTIVE",
        "LIQUIDATED",
    ):
        return f"у ЄДЕБО «{then}», в АІКОМ «{now}»: такий перехід роблять наказом у картці"
    if status == "LIQUIDATED" and ports.anybody_stays(institution.pk):
        return "у ЄДЕБО «Ліквідовано», а в АІКОМ тут ще навчаються діти"
    return ""


class _Known:
    """Cards at hand, by the keys they are matched by."""

    def __init__(self, *, for_update: bool):
        rows = Institution.objects.select_related("unit").order_by("pk")
        if for_update:
            rows = rows.select_for_update(of=("self",), no_key=True)
        self.by_edebo: dict[str, Institution] = {}
        self.by_name: dict[tuple[str, str], Institution] = {}
        self._matched: set[int] = set()
        # Names with what sets institutions of one name apart: the code, or the place.
        self._names: dict[tuple[str, str], str] = {}
        for one in rows:
            for key in _names_of(one.full_name, one.edrpou, one.territory_code):
                self._names[key] = f"картка з ID {one.edebo_id or 'без ID'} в АІКОМ"
            if one.edebo_id:
                self.by_edebo[one.edebo_id] = one
            elif one.edrpou:
                self.by_name[(one.edrpou, sort_key(one.full_name))] = one

    def match(self, record: edebo.Record) -> Institution | None:
        """The card of a record: by ID, else by ЄДРПОУ with the full name."""
        found = self.by_edebo.get(record.edebo_id)
        if found is None and record.values.get("edrpou"):
            key = (record.values["edrpou"], sort_key(record.values.get("full_name", "")))
            found = self.by_name.pop(key, None)
        if found is not None:
            self._matched.add(found.pk)
        return found

    def twin_of(self, record: edebo.Record) -> str:
        """What a new card would repeat: the same name with the same code or in the same place."""
        values = record.values
        keys = _names_of(values["full_name"], values.get("edrpou"), values["territory_code"])
        before = next((self._names[key] for key in keys if key in self._names), "")
        for key in keys:
            self._names.setdefault(key, f"рядок {record.row} цього файлу")
        if not before:
            return ""
        return (
            f"{record.name}: буде друга картка з такою самою назвою ({before}). Якщо це той самий "
            "заклад під новим ID, виправте ID в його картці і завантажте файл знову."
        )

    def unmatched(self, spoilt: frozenset[str]) -> list[Institution]:
        """Cards with an ID of the register that the file does not name, in bad rows either."""
        return [
            one
            for one in self.by_edebo.values()
            if one.pk not in self._matched
            and one.status != "LIQUIDATED"
            and not {one.edebo_id, sort_key(one.full_name)} & spoilt
        ]


def _names_of(full_name: str, edrpou: str | None, territory_code: str) -> list[tuple[str, str]]:
    name = sort_key(full_name)
    return [(name, code) for code in (edrpou, territory_code) if code]


class _Places:
    """Which authority manages a place: its city district's, settlement's or hromada's, else the
    oblast's."""

    def __init__(self, records: list[edebo.Record]):
        units = OrgUnit.objects.filter(
            kind__in=[
                UnitKind.CITY_DISTRICT,
                UnitKind.CITY,
                UnitKind.HROMADA,
                UnitKind.OBLAST,
            ],
            is_active=True,
        ).order_by("pk")
        self._units = {unit.territory_code: unit for unit in units if unit.territory_code}
        codes = {record.values.get("territory_code") for record in records}
        self._at = {
            one.code: one for one in Territory.objects.filter(code__in=codes, valid_to=None)
        }

    def authority(self, record: edebo.Record) -> OrgUnit | None:
        """The nearest authority that exists in the tree."""
        place = self._at[record.values["territory_code"]]
        for code in (
            record.values.get("city_district_code", ""),
            place.code,
            place.hromada_code,
            place.oblast_code,
        ):
            if code in self._units:
                return self._units[code]
        return None


# ── writing ──────────────────────────────────────────────────────────────────
def _create(planned: list[tuple[edebo.Record, OrgUnit]], today: datetime.date) -> None:
    """New cards in two waves, hubs before branches; a few statements for thousands of rows."""
    for wave in (False, True):
        records = [(record, unit) for record, unit in planned if record.is_branch is wave]
        if not records:
            continue
        hubs = {
            one.edebo_id: one
            for one in Institution.objects.filter(
                edebo_id__in={record.parent_id for record, _ in records if record.is_branch},
                hub=None,
            ).select_related("unit")
        }
        nodes = OrgUnit.objects.bulk_create(
            (
                OrgUnit(
                    parent_id=hubs[record.parent_id].unit_id
                    if wave and record.parent_id in hubs
                    else unit.id,
                    kind=UnitKind.INSTITUTION,
                    name=record.name,
                    edrpou=record.values.get("edrpou"),
                    territory_code=record.values["territory_code"],
                    is_active=record.status not in CLOSED_STATES,
                )
                for record, unit in records
            ),
            batch_size=1000,
        )
        cards = Institution.objects.bulk_create(
            (
                Institution(
                    unit=node,
                    uid=uuid7(),
                    hub=hubs.get(record.parent_id) if wave else None,
                    status=record.status,
                    is_confirmed=record.is_confirmed,
                    **{
                        "kind": "ZZSO",
                        "short_name": record.values["full_name"],
                        **record.values,
                    },
                )
                for node, (record, _) in zip(nodes, records, strict=True)
            ),
            batch_size=1000,
        )
        InstitutionStatus.objects.bulk_create(
            (
                InstitutionStatus(institution=one, status=one.status, since=today, ground=_GROUND)
                for one in cards
            ),
            batch_size=1000,
        )
        audit.record(
            *(
                InstitutionCreated(
                    subject=one.uid,
                    unit=one.unit_id,
                    name=one.short_name,
                    status=one.status,
                    branch=one.hub_id is not None,
                    source=KIND,
                )
                for one in cards
            )
        )


def _move(institution: Institution, status: str, today: datetime.date) -> None:
    before = institution.status
    institution.status = status
    institution.save(update_fields=["status"])
    OrgUnit.objects.filter(pk=institution.unit_id).update(is_active=status not in CLOSED_STATES)
    InstitutionStatus.objects.create(
        institution=institution, status=status, since=today, ground=_GROUND
    )
    audit.record(
        InstitutionStatusChanged(
            subject=institution.uid,
            unit=institution.unit_id,
            before=before,
            to=status,
            since=today,
            source=KIND,
        )
    )
