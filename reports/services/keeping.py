"""Nights past their time: what they counted is put away by the rule of `reports.keeping`, one by one.

What anything else rests on stays whatever the rule says (an issue of open data, a subvention, a
campaign: whatever names the run), and so does the newest night of each form.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import PROTECT, Exists, ForeignObjectRel, Max, OuterRef, QuerySet

from accounts.actors import Actor
from kernel import audit
from kernel.batch import UNDER_WAY
from kernel.db import command
from reports import events, keeping
from reports.models import ReportCount, ReportInput, ReportRun, ReportSum


def _gone(today: datetime.date) -> QuerySet[ReportRun]:
    """Nights whose time is over, but for the days of the rule."""
    nights = ReportRun.objects.filter(purpose="NIGHTLY", put_away_at=None).exclude(
        state__in=UNDER_WAY
    )
    newest = (
        ReportRun.objects.filter(purpose="NIGHTLY", state="DONE", put_away_at=None)
        .order_by()
        .values("form")
        .annotate(day=Max("as_of"))
    )
    found = nights.filter(as_of__lte=keeping.last_gone(today))
    for one in newest:
        found = found.exclude(form=one["form"], as_of=one["day"], state="DONE")
    for relation in ReportRun._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel) and relation.on_delete is PROTECT:
            resting: Any = relation.related_model
            name = relation.field.attname
            found = found.exclude(Exists(resting._base_manager.filter(**{name: OuterRef("pk")})))
    return found


def due(today: datetime.date) -> list[Any]:
    """Ids of nights to put away, the oldest first."""
    rows = _gone(today).order_by("as_of", "pk").values_list("pk", "as_of")
    return [pk for pk, day in rows if not keeping.stays(day)]


@command
def put_away(*, actor: Actor, run_id: Any, today: datetime.date, now: datetime.datetime) -> bool:
    """Delete what one night counted; that it was counted stays. False when it is to stay after all.

    The run is held meanwhile: whoever begins to rest on it waits, and is told that it is put away.
    """
    ReportRun.objects.select_for_update().filter(pk=run_id).first()
    run = _gone(today).filter(pk=run_id).first()
    if run is None or keeping.stays(run.as_of):
        return False
    for rows in (ReportInput, ReportCount, ReportSum):
        rows.objects.filter(run=run)._raw_delete("default")  # type: ignore[attr-defined]
    run.put_away_at = now
    run.save(update_fields=["put_away_at"])
    audit.record(
        events.RunPutAway(subject=run.pk, unit=run.unit_id, form=run.form, as_of=run.as_of)
    )
    return True
