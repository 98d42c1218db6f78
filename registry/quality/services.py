"""Checking children against the pack: one statement asks every rule of a whole scope."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Count

from accounts.actors import Actor
from kernel import audit, clock
from kernel.db import advisory_lock, command, part_of_command
from registry.fields.rules.pack import current
from registry.fields.rules.sql import broken_sql
from registry.institutions.models.institutions import Institution
from registry.people.models.pupils import Pupil
from registry.quality import facts, policies
from registry.quality.events import QualityChecked, QualityRechecked
from registry.quality.models import QualityCheck, QualityFinding, QualityMonth


@command
def check_institution(
    *, actor: Actor, institution_id: int, now: datetime.datetime, today: datetime.date
) -> int:
    """Check every child of an institution; returns how many have problems.

    What is found again keeps the day it was first found; what is mended goes.

    Raises:
        NotFound: no such institution within reach.
        NotAllowed: the actor's role does not look after the data of children.
        NoSchoolYear: the classifier ends before the day.
    """
    institution = Institution.objects.visible_to(actor).find(pk=institution_id)
    policies.check.require(actor)
    advisory_lock(f"registry.quality.{institution.pk}")
    asked = facts.parameters(today, institutions=[institution.pk])
    standing = QualityFinding.objects.filter(institution=institution)
    found = _replace(standing, asked, today)
    pupils = Pupil.objects.filter(institution=institution).count()
    QualityCheck.objects.update_or_create(
        institution=institution,
        defaults={
            "checked_at": now,
            "checked_on": today,
            "pack": current().version,
            "pupils": pupils,
        },
    )
    QualityMonth.objects.update_or_create(
        institution=institution,
        month=clock.month_of(today),
        defaults={"found": dict(standing.values_list("rule").annotate(Count("pk")).order_by())},
    )
    audit.record(
        QualityChecked(
            subject=institution.uid,
            unit=institution.pk,
            pack=current().version,
            pupils=pupils,
            with_problems=found,
        )
    )
    return found


@command
def check_pupils(*, actor: Actor, pupil_ids: Sequence[uuid.UUID], today: datetime.date) -> int:
    """Check again the children whose data changed; returns how many of them have problems.

    Raises:
        NotAllowed: only the system does this, told by the log of changes.
        NoSchoolYear: the classifier ends before the day.
    """
    policies.recheck.require(actor)
    advisory_lock("registry.quality.pupils")
    asked = facts.parameters(today, pupils=pupil_ids)
    found = _replace(QualityFinding.objects.filter(pupil_id__in=pupil_ids), asked, today)
    audit.record(QualityRechecked(pupils=len(pupil_ids), with_problems=found))
    return found


@part_of_command
def _replace(standing: Any, asked: dict[str, Any], today: datetime.date) -> int:
    """Make the findings of a scope what the rules say now; returns how many children have any."""
    with connection.cursor() as cursor:
        cursor.execute(broken_sql(current(), facts.RELATION), asked)
        broken = cursor.fetchall()
        pairs = [(pupil_id, code) for pupil_id, codes in broken for code in codes]
        gone = _gone(standing, set(pairs))
        QualityFinding.objects.filter(pk__in=gone).delete()
        cursor.execute(
            """
            INSERT INTO registry_qualityfinding (pupil_id, institution_id, rule, found_on)
            SELECT x.pupil_id, p.institution_id, x.rule, %s
            FROM unnest(%s::uuid[], %s::text[]) AS x(pupil_id, rule)
            JOIN registry_pupil p ON p.id = x.pupil_id
            ON CONFLICT (pupil_id, rule) DO UPDATE SET institution_id = EXCLUDED.institution_id
            WHERE registry_qualityfinding.institution_id <> EXCLUDED.institution_id
            """,
            [today, [pupil_id for pupil_id, _ in pairs], [code for _, code in pairs]],
        )
    return len(broken)


def _gone(standing: Any, pairs: set[tuple[uuid.UUID, str]]) -> list[int]:
    return [
        row_id
        for row_id, pupil_id, rule in standing.values_list("id", "pupil_id", "rule")
        if (pupil_id, rule) not in pairs
    ]
