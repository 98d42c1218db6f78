"""Reading waves: whose turn comes when, and how far each wave is."""

from __future__ import annotations

import dataclasses
import datetime
import re
import uuid
from collections.abc import Iterable

from django.db import connection
from django.db.models import QuerySet

from accounts import policies
from accounts.actors import Actor
from accounts.models import Grant, OrgUnit, Wave, WaveUnit
from accounts.roles import GrantState, UnitKind
from kernel.errors import NotFound

# What a wave may name: authorities; institutions come with theirs.
REGIONS = (UnitKind.OBLAST, UnitKind.RAION, UnitKind.HROMADA, UnitKind.CITY, UnitKind.CITY_DISTRICT)


def waves_of(units: Iterable[OrgUnit]) -> dict[int, Wave]:
    """The wave that each node comes with: its own, or that of the nearest node above; one query."""
    rows = list(units)
    chains = {unit.pk: [int(part) for part in unit.path.split(".") if part] for unit in rows}
    named = {
        one.unit_id: one.wave
        for one in WaveUnit.objects.filter(
            unit__in={part for chain in chains.values() for part in chain}
        ).select_related("wave")
    }
    found = {}
    for pk, chain in chains.items():
        near = next((named[part] for part in reversed(chain) if part in named), None)
        if near is not None:
            found[pk] = near
    return found


def not_yet(unit: OrgUnit, today: datetime.date) -> Wave | None:
    """The wave that a node waits for; None when nothing holds it back."""
    wave = waves_of([unit]).get(unit.pk)
    return wave if wave is not None and wave.opens_on > today else None


# Each node with the wave of the nearest node at or above it that one names: nodes of a path are looked
# up, where comparing every path with every named one took seven times as long.
_PLACED = """
    SELECT DISTINCT ON (u.id) u.id, u.kind, u.is_active, w.wave_id
    FROM accounts_orgunit u
    CROSS JOIN LATERAL unnest(string_to_array(u.path, '.')) WITH ORDINALITY AS above (node, depth)
    JOIN accounts_waveunit w ON w.unit_id::text = above.node
    ORDER BY u.id, above.depth DESC
"""
_NODES = f"SELECT id FROM ({_PLACED}) place WHERE wave_id = %s"  # noqa: S608 - our own words


def waiting(wave: Wave) -> QuerySet[Grant]:
    """Who of a wave was invited and has not come in yet."""
    with connection.cursor() as cursor:
        cursor.execute(_NODES, [wave.pk])
        nodes = [row[0] for row in cursor.fetchall()]
    return Grant.objects.filter(state=GrantState.INVITED, unit__in=nodes)


@dataclasses.dataclass(frozen=True)
class Progress:
    """A wave with what became of its people."""

    wave: Wave
    regions: list[OrgUnit]
    institutions: int
    headless: int  # institutions that work and have no head invited or active
    invited: int
    active: int

    @property
    def share(self) -> int:
        """How many of a hundred invited have come."""
        every = self.invited + self.active
        return round(100 * self.active / every) if every else 0

    def state(self, today: datetime.date) -> str:
        """`ahead`, `open` or `over`."""
        if today < self.wave.opens_on:
            return "ahead"
        return "open" if today <= self.wave.closes_on else "over"


_PROGRESS = f"""
    WITH place AS MATERIALIZED ({_PLACED}), granted AS (
        SELECT unit_id, count(*) FILTER (WHERE state = 'INVITED') AS invited,
               count(*) FILTER (WHERE state = 'ACTIVE') AS active,
               bool_or(role = 'HEAD' AND state <> 'INACTIVE') AS headed
        FROM accounts_grant GROUP BY unit_id
    )
    SELECT p.wave_id, count(*) FILTER (WHERE p.kind = 'INSTITUTION' AND p.is_active),
           count(*) FILTER (WHERE p.kind = 'INSTITUTION' AND p.is_active
                            AND g.headed IS DISTINCT FROM true),
           coalesce(sum(g.invited), 0)::bigint, coalesce(sum(g.active), 0)::bigint
    FROM place p LEFT JOIN granted g ON g.unit_id = p.id
    GROUP BY p.wave_id
"""  # noqa: S608 - our own words


def progress(actor: Actor) -> list[Progress]:
    """Every wave by its first day, with how many were invited, came, and who has no head yet.

    Raises:
        NotAllowed: anyone but the technical administrator.
    """
    policies.plan_waves.require(actor)
    with connection.cursor() as cursor:
        cursor.execute(_PROGRESS)
        counted = {row[0]: row[1:] for row in cursor.fetchall()}
    regions: dict[uuid.UUID, list[OrgUnit]] = {}
    for one in WaveUnit.objects.select_related("unit").order_by("unit__path"):
        regions.setdefault(one.wave_id, []).append(one.unit)
    return [
        Progress(wave, regions.get(wave.pk, []), *counted.get(wave.pk, (0, 0, 0, 0)))
        for wave in Wave.objects.order_by("opens_on", "pk")
    ]


def find(actor: Actor, wave: uuid.UUID | str) -> Wave:
    """One wave.

    Raises:
        NotAllowed: anyone but the technical administrator.
        NotFound: absent.
    """
    policies.plan_waves.require(actor)
    found = Wave.objects.filter(pk=wave).first()
    if found is None:
        raise NotFound
    return found


def regions_to_choose(actor: Actor, besides: Wave | None = None) -> list[tuple[str, str]]:
    """Oblasts, then raions and communities below them, that no other wave has named.

    Raises:
        NotAllowed: anyone but the technical administrator.
    """
    policies.plan_waves.require(actor)
    taken = WaveUnit.objects.exclude(wave=besides.pk if besides else None).values("unit")
    rows = OrgUnit.objects.filter(kind=UnitKind.OBLAST, is_active=True).exclude(pk__in=taken)
    mine = OrgUnit.objects.filter(wave__wave=besides.pk) if besides else OrgUnit.objects.none()
    every = {one.pk: one for one in (*rows, *mine)}
    return [(str(one.uid), one.name) for one in sorted(every.values(), key=lambda one: one.path)]


def by_codes(text: str) -> tuple[list[str], list[str]]:
    """Public ids of the authorities whose ЄДРПОУ are named, and the codes that none has."""
    codes = list(dict.fromkeys(part for part in re.split(r"[\s,;]+", text) if part))
    rows = OrgUnit.objects.filter(edrpou__in=codes, kind__in=REGIONS, is_active=True)
    found: dict[str, str] = {one.edrpou or "": str(one.uid) for one in rows.order_by("depth")}
    return [found[one] for one in codes if one in found], [one for one in codes if one not in found]


def regions_of(wave: Wave, offered: set[str]) -> tuple[list[str], list[str]]:
    """The regions of a wave: public ids of those that are offered, codes of the others."""
    rows = [one.unit for one in wave.regions.select_related("unit").order_by("unit__path")]
    chosen = [str(one.uid) for one in rows if str(one.uid) in offered]
    return chosen, [one.edrpou or "" for one in rows if str(one.uid) not in offered]
