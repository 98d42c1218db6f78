"""Closing a profile of a child who learns nowhere: death or adulthood (handbook D.6, D.7).

Who learns is withdrawn by an order; death as its ground closes the profile too.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import connection

from kernel import audit, clock
from kernel.clock import Moment
from kernel.db import command, part_of_command
from kernel.errors import Invalid, Problem
from kernel.tables.cells import storable
from registry.people.events import PupilClosed, PupilReopened
from registry.people.models.pupils import CLOSED_REASONS, Pupil
from registry.people.services.steps import kept

_OF_AGE = 18


@command
def close(
    *, actor: Any, pupil_id: Any, reason: str, closed_on: datetime.date, ground: str, moment: Moment
) -> Pupil:
    """Close the profile of a child who learns nowhere, on the ground of a document.

    Raises:
        NotFound, NotAllowed, ProfileMerged: not a child of an institution the actor keeps.
        Invalid: every reason why it cannot be closed so.
    """
    pupil = kept(actor, pupil_id)
    said: list[Problem] = []
    if not storable(ground):
        said.append(Problem("ground", "required", "Вкажіть документ, за яким закриваєте профіль."))
    if reason not in CLOSED_REASONS:
        said.append(Problem("reason", "unknown", "Виберіть причину: смерть або повноліття."))
    if pupil.closed_on is not None:
        said.append(Problem("", "closed", "Профіль уже закрито."))
    if pupil.institution_id is not None:
        said.append(Problem("", "learns", "Дитина навчається: спершу відрахуйте її наказом."))
    if closed_on > moment.today:
        said.append(Problem("closed_on", "in_future", "Ця дата ще не настала."))
    if closed_on < pupil.born_on:
        said.append(Problem("closed_on", "before_birth", "Дата раніша за народження."))
    elif reason == "MAJORITY" and clock.age(pupil.born_on, closed_on) < _OF_AGE:
        said.append(Problem("closed_on", "minor", "На цю дату дитині ще немає 18 років."))
    if said:
        raise Invalid(said)
    shut([pupil.pk], reason, closed_on)
    audit.record(PupilClosed(subject=pupil.pk, reason=reason, closed_on=closed_on))
    pupil.refresh_from_db()
    return pupil


@command
def reopen(*, actor: Any, pupil_id: Any, ground: str, moment: Moment) -> Pupil:
    """Open a profile closed by mistake.

    Raises:
        NotFound, NotAllowed, ProfileMerged: not a child of an institution the actor keeps.
        Invalid: it is not closed, or no ground.
    """
    pupil = kept(actor, pupil_id)
    said: list[Problem] = []
    if not storable(ground):
        said.append(Problem("ground", "required", "Вкажіть, чому профіль закрито помилково."))
    if pupil.closed_on is None:
        said.append(Problem("", "open", "Профіль не закрито."))
    if said:
        raise Invalid(said)
    reason = pupil.closed_reason
    opened([pupil.pk], reason)
    audit.record(PupilReopened(subject=pupil.pk, reason=reason))
    pupil.refresh_from_db()
    return pupil


@part_of_command
def shut(ids: Sequence[uuid.UUID], reason: str, closed_on: datetime.date) -> None:
    """Close profiles; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE registry_pupil SET closed_on = %s, closed_reason = %s, version = version + 1
            WHERE id = ANY(%s)
            """,
            [closed_on, reason, list(ids)],
        )


@part_of_command
def opened(ids: Sequence[uuid.UUID], reason: str) -> None:
    """Open again those closed for a reason; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE registry_pupil SET closed_on = NULL, closed_reason = '', version = version + 1
            WHERE id = ANY(%s) AND closed_reason = %s
            """,
            [list(ids), reason],
        )
