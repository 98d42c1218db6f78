"""Which text of a form holds on a day: the one published last for it, or the file that came with us."""

from __future__ import annotations

import datetime

from django.db import connection
from django.db.models import Max

from accounts.models import OrgUnit
from accounts.selectors import placements
from registry.models import Institution
from reports import compile as sql
from reports import definition
from reports.models import PublishedForm
from reports.selectors import figures


def text_on(code: str, day: datetime.date) -> str:
    """The text of a form for a day.

    Raises:
        KeyError: no such form.
    """
    found = (
        PublishedForm.objects.filter(code=code, since__lte=day)
        .order_by("-since", "-version")
        .values_list("text", flat=True)
        .first()
    )
    return found or definition.text_of(code)


def form_on(code: str, day: datetime.date) -> definition.Form:
    """The form for a day.

    Raises:
        KeyError: no such form.
    """
    return definition.kept(text_on(code, day))


def published(code: str) -> list[PublishedForm]:
    """Versions of a form that were published, the latest first."""
    return list(
        PublishedForm.objects.filter(code=code)
        .select_related("published_by__user")
        .order_by("-version")
    )


def latest(code: str) -> tuple[str, int]:
    """The text to begin an edit with, and the highest version there is.

    Raises:
        KeyError: no such form.
    """
    last = PublishedForm.objects.filter(code=code).order_by("-version").first()
    if last is not None:
        return last.text, last.version
    text = definition.text_of(code)
    return text, definition.kept(text).version


def last_day(code: str) -> datetime.date | None:
    """From which day the last published version holds."""
    return PublishedForm.objects.filter(code=code).aggregate(Max("since"))["since__max"]


def preview(form: definition.Form, unit: OrgUnit, day: datetime.date) -> figures.Figures:
    """A form that nobody published yet, counted for a node as of a day; nothing is kept."""
    ids = list(
        Institution.objects.filter(unit__in=placements.below_on(day, unit))
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    by_key: dict[str, list[int]] = {}
    if ids:
        given = {"first": ids[0], "last": ids[-1], "ids": ids, "day": day}
        with connection.cursor() as cursor:
            for source in form.sources:
                text, params = sql.totals_sql(form, source)
                cursor.execute(text, params | given)
                places = [place for place, _ in form.bits(source)]
                for key, *values in cursor.fetchall():
                    counts = by_key.setdefault(key, [0] * len(form.measures))
                    for place, value in zip(places, values, strict=True):
                        counts[place] = value
    return figures.cells(form, by_key)
