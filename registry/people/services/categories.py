"""Categories of a child: from a day to a day, with what each asks."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from accounts.actors import Actor
from kernel.db import command
from kernel.errors import Invalid, NotFound
from kernel.errors import Problem as FieldProblem
from kernel.tables import dates
from kernel.tables.cells import tidy
from kernel.text import latin
from registry.classifiers.selectors import classifiers
from registry.fields.reader import Reader
from registry.people.events import CategoryAdded, CategoryEnded
from registry.people.models.pupils import (
    PupilCategory,
)
from registry.people.services.steps import kept, require_version, tell


def _document(*, values: Mapping[str, str], **_: Any) -> str:
    return tidy(values.get("document", ""))


@command(ground=_document)
def add_category(
    *, actor: Actor, pupil_id: Any, values: Mapping[str, str], today: datetime.date
) -> PupilCategory:
    """Add a category from a day, with what that category asks: document, level, country.

    Raises:
        NotFound, NotAllowed: not a child of an institution the actor keeps.
        Invalid: every wrong field.
    """
    pupil = kept(actor, pupil_id)
    read = Reader(values)
    item = classifiers.find("pupil_category", read.text("code"), today)
    if item is None or not item.is_valid(today):
        read.say("code", "unknown", "Виберіть категорію.")
    asks = item.attributes if item else {}
    level = None
    if asks.get("level"):
        level = int(read.text("level")) if read.text("level") in set("12345") else None
        if level is None:
            read.say("level", "required", "Вкажіть рівень підтримки: від 1-го до 5-го.")
    country = latin(read.text("country").upper()) if asks.get("country") else ""
    if asks.get("country") and not country:
        read.say("country", "required", "Вкажіть країну перебування.")
    document = tidy(read.text("document"))
    if asks.get("document") and not document:
        read.say("document", "required", "Вкажіть документ, що підтверджує категорію.")
    starts_on = read.keep(dates.parse("starts_on", read.text("starts_on")))
    ends_on = read.keep(dates.parse("ends_on", read.text("ends_on"), required=False))
    if starts_on and ends_on and ends_on <= starts_on:
        read.say("ends_on", "before_start", "Дата закінчення раніше за початок.")
    if item and starts_on:
        overlapping = pupil.categories.filter(code=item.code).exclude(ends_on__lte=starts_on)
        if ends_on:
            overlapping = overlapping.filter(starts_on__lt=ends_on)
        if overlapping.exists():
            read.say(
                "code", "overlaps", "Ця категорія в дитини вже є. Завершіть її або змініть дати."
            )
    read.stop_if_wrong()
    row = PupilCategory.objects.create(
        pupil=pupil,
        code=item.code,  # type: ignore[union-attr]
        level=level,
        country=country,
        document=document,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    tell(CategoryAdded, pupil, category=row.pk, code=row.code, starts_on=starts_on)
    return row


@command
def end_category(
    *, actor: Actor, pupil_id: Any, category_id: int, version: int, ends_on: datetime.date
) -> PupilCategory:
    """End a category on a day; what was stays in the history.

    Raises:
        NotFound, NotAllowed: not a child of an institution the actor keeps, or not its category.
        StaleVersion: somebody ended or corrected the category after it was read.
        Invalid: the day is not after the first one.
    """
    pupil = kept(actor, pupil_id)
    try:
        row: PupilCategory = pupil.categories.get(pk=category_id)
    except (PupilCategory.DoesNotExist, ValueError, TypeError):
        raise NotFound from None
    require_version(row, version)
    if ends_on <= row.starts_on:
        raise Invalid(
            [FieldProblem("ends_on", "before_start", "Дата закінчення раніше за початок.")]
        )
    row.ends_on = ends_on
    row.version += 1
    row.save(update_fields=["ends_on", "version"])
    tell(CategoryEnded, pupil, category=row.pk, code=row.code, ends_on=ends_on)
    return row
