"""Reading grants and the ledger; and the one query that opens a call by key."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection, models
from django.db.models import Case, Count, F, Q, QuerySet, Value, When
from django.db.models.functions import Collate

from accounts import actors
from accounts.actors import Actor
from accounts.roles import Dataset, GrantState
from integrations.eis import errors, policies, rights
from integrations.eis.models import EisSystem, LedgerEntry, Mandate, SchoolKey
from integrations.eis.services.keys import secret_hash
from integrations.eis.states import WORKING, MandateState, SystemState
from integrations.http.ledger import Call
from kernel import paging
from kernel.kept import Kept
from kernel.paging import Order
from kernel.statements import prepared
from kernel.text import alike, alphabetically, readings, sort_key
from registry.models import Institution
from registry.parents.ports import Recipient


@dataclasses.dataclass(frozen=True)
class KeyHolder:
    """Who calls with a key: the actor its rights make, and what only the API and the ledger need."""

    actor: Actor
    key: uuid.UUID
    system_id: int
    institution_id: int
    granted: tuple[str, ...]
    fields: tuple[str, ...]  # the groups of fields that are opened
    mandate: uuid.UUID
    operator_id: int

    @property
    def is_authenticated(self) -> bool:
        """What DRF asks of a request's user."""
        return True


_OPEN = """
SELECT k.id, s.id, s.name, i.institution_id, i.short_name, m.fields, m.id, s.operator_id,
       k.revoked_at IS NULL AND (k.stops_at IS NULL OR k.stops_at > clock_timestamp()),
       g.state = 'ACTIVE', m.state = 'SIGNED' AND m.ended_at IS NULL, m.valid_from, m.valid_to,
       m.datasets, s.writes, s.state,
       u.is_active AND i.status NOT IN ('SUSPENDED', 'LIQUIDATED')
FROM eis_schoolkey k
JOIN eis_mandate m ON m.id = k.mandate_id
JOIN eis_eissystem s ON s.id = k.system_id
JOIN registry_institution i ON i.institution_id = k.institution_id
JOIN accounts_orgunit u ON u.id = i.institution_id
JOIN accounts_grant g ON g.id = m.granted_by_id
WHERE k.secret_sha256 = %s
"""


def open_by_secret(secret: str, today: datetime.date) -> KeyHolder:
    """Find who holds a key and what it opens (`rights.effective`). One indexed query, so a change of
    anything in the chain works on the next request.

    Raises:
        KeyUnknown, SystemNotConnected, InstitutionSuspended: as `rights.effective`.
    """
    with prepared(), connection.cursor() as cursor:
        cursor.execute(_OPEN, [secret_hash(secret)])
        row = cursor.fetchone()
    if row is None:
        raise errors.KeyUnknown("Ключ невідомий, відкликаний або його строк минув.")
    key, system_id, system_name, institution_id, institution, opened, mandate, operator, *facts = (
        row
    )
    chain = rights.Chain(*facts)
    actor = actors.partner(
        key_id=str(key),
        label=f"ОІС «{system_name}»",
        unit_id=institution_id,
        unit_name=institution,
        datasets=rights.effective(chain, today),
    )
    granted = tuple(chain.granted)
    return KeyHolder(
        actor, key, system_id, institution_id, granted, tuple(opened), mandate, operator
    )


# Pages already noted as looks today, by this process. The ledger has every call; that a key saw a
# child is noted once a day: a system asking for the same page all day long would otherwise write a
# hundred rows each time, which halves the pages served (2026-11-29: 198 to 95 a second).
_noted: set[tuple[datetime.date, uuid.UUID, str, int]] = set()
_MOST_NOTED = 100_000


def write_ledger(holder: KeyHolder, call: Call, today: datetime.date) -> None:
    """Note one call and whose personal data it showed (law 2297-VI), in one statement. The commit
    does not wait for the disk (0.1 ms instead of a flush): the last moments' entries may be lost
    with the power, never the data they tell of."""
    page = (today, holder.key, call.dataset, hash(call.seen))
    seen = "" if page in _noted else call.seen
    with prepared(), connection.cursor() as cursor:
        cursor.execute(
            """
            WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true) AS on_),
            looks AS (
                INSERT INTO audit_look (at, key_id, actor_label, subject_type, subject_id, what, request_id)
                SELECT clock_timestamp(), %(key)s, %(label)s, %(looks)s, seen, %(what)s, %(request)s
                FROM quick, unnest(string_to_array(%(seen)s, ',')) AS seen
            )
            INSERT INTO eis_ledger (at, key_id, system_id, institution_id, dataset, method, path, status, rows, request_id)
            SELECT clock_timestamp(), %(key)s::uuid, %(system)s, %(institution)s, %(dataset)s, %(method)s,
                   %(path)s, %(status)s, %(rows)s, %(request)s
            FROM quick
            """,
            {
                "key": str(holder.key),
                "label": holder.actor.label,
                "looks": call.looks,
                "seen": seen,
                "what": f"API: {call.dataset}",
                "system": holder.system_id,
                "institution": holder.institution_id,
                "dataset": call.dataset,
                "method": call.method,
                "path": call.path[:500],
                "status": call.status,
                "rows": call.rows,
                "request": call.request_id,
            },
        )
    if seen:
        if len(_noted) >= _MOST_NOTED:
            _noted.clear()
        _noted.add(page)


def granted(actor: Actor) -> Any:
    """Mandates within the actor's reach with their systems, newest first."""
    policies.see_keys.require(actor)
    return _granted(actor)


def _granted(actor: Any) -> Any:
    return (
        Mandate.objects.visible_to(actor)
        .exclude(state=MandateState.GIVEN_UP)
        .select_related("system__operator", "institution__hub", "granted_by__user", "signing")
        .order_by("-prepared_at")
    )


_FEW = "mandates: a few for each of 14,000 institutions, counted for the filters anyhow"
KEY_ORDERS = {
    "created": Order(("prepared_at", "id"), _FEW),
    "system": Order(
        ("system_of", "prepared_at", "id"), _FEW, {"system_of": alphabetically("system__name")}
    ),
    "institution": Order(
        ("school_of", "prepared_at", "id"),
        _FEW,
        {"school_of": Collate("institution__sort_key", "C")},
    ),
    "until": Order(("valid_to", "id"), _FEW),
    "state": Order(("state_of", "valid_to", "id"), _FEW, {"state_of": F("standing")}),
}
LATEST = "-created"


class Standing(models.TextChoices):
    """What a mandate is today."""

    WORKS = "works", "Діє"
    UNSIGNED = "unsigned", "Чекає на підпис"
    AHEAD = "ahead", "Ще не почав діяти"
    SUSPENDED = "suspended", "ОІС зупинено"
    ORPHANED = "orphaned", "Не діє: надав попередній керівник"
    ENDED = "ended", "Строк минув"
    REPLACED = "replaced", "Замінено новим"
    REVOKED = "revoked", "Відкликано"


def _standing(today: datetime.date) -> Case:
    """As `rights.effective` judges, in the order of its reasons."""
    return Case(
        When(state=MandateState.PREPARED, then=Value(Standing.UNSIGNED.value)),
        When(replaced_by__isnull=False, then=Value(Standing.REPLACED.value)),
        When(ended_at__isnull=False, then=Value(Standing.REVOKED.value)),
        When(~Q(granted_by__state=GrantState.ACTIVE), then=Value(Standing.ORPHANED.value)),
        When(~Q(system__state__in=WORKING), then=Value(Standing.SUSPENDED.value)),
        When(valid_to__lte=today, then=Value(Standing.ENDED.value)),
        When(valid_from__gt=today, then=Value(Standing.AHEAD.value)),
        default=Value(Standing.WORKS.value),
    )


@dataclasses.dataclass(frozen=True)
class KeyListing:
    """A page of mandates, each with `standing`, their last calls, and how many stand how."""

    page: paging.Page[Mandate]
    uses: dict[uuid.UUID, LedgerEntry]
    counts: dict[str, int]


def listing(
    actor: Actor,
    standing: str,
    *,
    today: datetime.date,
    order: str = LATEST,
    after: str | None = None,
    before: str | None = None,
    size: int = 50,
) -> KeyListing:
    """Mandates within reach that stand so ('' all), newest first unless told otherwise.

    Raises:
        NotAllowed: the actor may not see keys.
        BadCursor: the page mark was damaged.
    """
    rows = granted(actor).annotate(standing=_standing(today))
    counts = dict(rows.order_by().values_list("standing").annotate(Count("pk")))
    if standing in Standing.values:
        rows = rows.filter(standing=standing)
    rows, fields = paging.ordered(rows, KEY_ORDERS, order, LATEST)
    page = paging.keyset(rows, order=fields, size=size, after=after, before=before)
    return KeyListing(page, last_uses(page.rows), counts)


def ending(actor: Actor, today: datetime.date, days: int) -> list[Mandate]:
    """Mandates that stand and end within so many days, the soonest first."""
    policies.see_keys.require(actor)
    return _ENDING.rows(actor, today, today + datetime.timedelta(days=days))


_ENDING = Kept[Mandate](
    lambda actor, after, until: (
        _granted(actor)
        .filter(state="SIGNED", ended_at=None, valid_to__gt=after, valid_to__lte=until)
        .order_by("valid_to", "pk")
    )
)


def reading(institution_id: int, today: datetime.date) -> list[Recipient]:
    """Systems that may read a school's data today, for parents of its children: the rest of the chain
    is asked as `rights.effective` asks it."""
    rows = (
        Mandate.objects.filter(institution_id=institution_id)
        .annotate(standing=_standing(today))
        .filter(standing=Standing.WORKS)
        .select_related("system__operator")
        .order_by("-prepared_at", "pk")
    )
    return [
        Recipient(
            one.system.name,
            one.system.operator.name,
            [Dataset(name).label for name in one.datasets],
            one.valid_from,
            one.valid_to,
        )
        for one in rows
    ]


def last_uses(mandates: list[Mandate]) -> dict[uuid.UUID, LedgerEntry]:
    """The latest call with any key of each of these mandates: one index step a key, one query."""
    entries = LedgerEntry.objects.raw(
        """
        SELECT DISTINCT ON (k.mandate_id) l.*, k.mandate_id FROM eis_schoolkey k
        CROSS JOIN LATERAL (SELECT * FROM eis_ledger WHERE key_id = k.id ORDER BY id DESC LIMIT 1) l
        WHERE k.mandate_id = ANY(%s::uuid[]) ORDER BY k.mandate_id, l.id DESC
        """,
        [[one.pk for one in mandates]],
    )
    return {entry.mandate_id: entry for entry in entries}  # type: ignore[attr-defined]


def mandate(actor: Actor, mandate_id: uuid.UUID | str, today: datetime.date) -> Mandate:
    """One mandate with `standing`.

    Raises:
        NotFound: none such within reach.
        NotAllowed: the actor may not see keys.
    """
    return granted(actor).annotate(standing=_standing(today)).find(pk=mandate_id)


@dataclasses.dataclass(frozen=True)
class KeyUse:
    """A key of a mandate and the last call with it."""

    key: SchoolKey
    last: LedgerEntry | None


def keys_of(mandate: Mandate) -> list[KeyUse]:
    """Keys of a mandate, the latest first, each with its last call."""
    keys = list(mandate.keys.order_by("-created_at", "pk"))
    entries = LedgerEntry.objects.raw(
        """
        SELECT l.* FROM unnest(%s::uuid[]) AS wanted(id)
        CROSS JOIN LATERAL (SELECT * FROM eis_ledger WHERE key_id = wanted.id ORDER BY id DESC LIMIT 1) l
        """,
        [[key.pk for key in keys]],
    )
    last = {entry.key_id: entry for entry in entries}
    return [KeyUse(key, last.get(key.pk)) for key in keys]


def key(actor: Actor, key_id: uuid.UUID | str) -> SchoolKey:
    """One key.

    Raises:
        NotFound: none such within reach.
        NotAllowed: the actor may not see keys.
    """
    policies.see_keys.require(actor)
    rows = SchoolKey.objects.visible_to(actor).select_related("system", "institution", "mandate")
    return rows.find(pk=key_id)


LEDGER_ORDERS = {"at": Order(("id",), "ledger_by_key")}


def ledger(
    actor: Actor,
    *,
    key_id: uuid.UUID | str,
    order: str = "-at",
    after: str | None = None,
    before: str | None = None,
    size: int = 50,
) -> paging.Page[LedgerEntry]:
    """Calls made with one key, newest first unless told otherwise.

    Raises:
        NotFound: no such key within reach.
    """
    found = key(actor, key_id)
    entries = LedgerEntry.objects.filter(key_id=found.pk)
    entries, fields = paging.ordered(entries, LEDGER_ORDERS, order, "-at")
    return paging.keyset(entries, order=fields, size=size, after=after, before=before)


def institutions(actor: Actor) -> list[Institution]:
    """The schools a head may open: their own and branches."""
    return list(Institution.objects.visible_to(actor).order_by("sort_key", "pk")[:200])


def connected_systems() -> list[EisSystem]:
    """Systems to which access may be granted (public knowledge: п.21)."""
    return list(
        EisSystem.objects.filter(state__in=WORKING)
        .select_related("operator")
        .order_by(alphabetically("name"), "id")
    )


def all_systems(actor: Actor) -> list[EisSystem]:
    """Every system with its state, for the technical administrator.

    Raises:
        NotAllowed: the actor does not govern systems.
    """
    policies.govern_systems.require(actor)
    return list(EisSystem.objects.select_related("operator").order_by(alphabetically("name"), "id"))


_SYSTEM_KEYS: dict[str, Callable[[EisSystem], Any]] = {
    "name": lambda system: sort_key(system.name),
    "operator": lambda system: sort_key(system.operator.name),
    "state": lambda system: SystemState.values.index(system.state),
    "since": lambda system: system.state_since,
    "due": lambda system: system.due_on or datetime.date.max,
}
SYSTEM_ORDERS = {
    name: Order((name,), "a few dozen in the country, sorted in memory", few=True)
    for name in _SYSTEM_KEYS
}


def in_order(systems: Iterable[EisSystem], order: str) -> list[EisSystem]:
    """Systems, which stand by name, by another column."""
    return sorted(systems, key=_SYSTEM_KEYS[order.removeprefix("-")], reverse=order.startswith("-"))


def systems_called(actor: Actor, text: str, limit: int) -> list[EisSystem]:
    """Systems whose name, or whose operator's, holds a text in any alphabet; for whoever governs them."""
    if not policies.govern_systems.allows(actor):
        return []
    return _called(EisSystem.objects.select_related("operator"), text)[:limit]


def keys_called(actor: Actor, text: str, limit: int) -> list[Mandate]:
    """Standing mandates within reach of such systems, newest first; for whoever sees keys."""
    if not policies.see_keys.allows(actor):
        return []
    systems = _called(EisSystem.objects.select_related("operator"), text)
    if not systems:
        return []
    rows = granted(actor).filter(system_id__in=[one.pk for one in systems], ended_at=None)
    return list(rows[:limit])


def _called(rows: QuerySet[EisSystem], text: str) -> list[EisSystem]:
    # A few dozen in the whole country (handbook H.1): they are read and compared here.
    wanted = [key for one in readings(text) if (key := alike(one))]
    return [
        one
        for one in rows.order_by(alphabetically("name"), "id")
        if any(key in alike(f"{one.name}|{one.operator.name}") for key in wanted)
    ]


def system(actor: Actor, uid: uuid.UUID | str) -> EisSystem:
    """One system, for the technical administrator.

    Raises:
        NotAllowed, NotFound.
    """
    policies.govern_systems.require(actor)
    found = EisSystem.objects.filter(uid=uid).select_related("operator").first()
    if found is None:
        from kernel.errors import NotFound

        raise NotFound
    return found
