"""Documents of a child: added and never removed, for the search covers them all."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from accounts.actors import Actor
from kernel.db import command, violation
from kernel.tables import dates
from kernel.tables.cells import tidy
from registry.fields import documents
from registry.fields.reader import Reader
from registry.people.errors import DocumentTaken
from registry.people.events import DocumentAdded
from registry.people.models.pupils import (
    Pupil,
    PupilDocument,
)
from registry.people.services.steps import kept, tell


@command
def add_document(
    *, actor: Actor, pupil_id: Any, values: Mapping[str, str], today: datetime.date
) -> PupilDocument:
    """Add a document; it becomes the main one when asked. Earlier ones stay.

    Raises:
        NotFound, NotAllowed: not a child of an institution the actor keeps.
        Invalid: every wrong field.
        DocumentTaken: it is another child's.
    """
    pupil = kept(actor, pupil_id)
    read = Reader(values)
    kind = documents.type_of(read.text("type"))
    if kind is None:
        read.say("type", "unknown", "Виберіть тип документа.")
    document = read.keep(documents.check("document", read.text("document"), kind=kind))
    issued_on = read.keep(dates.parse("issued_on", read.text("issued_on"), required=False))
    valid_to = read.keep(dates.parse("valid_to", read.text("valid_to"), required=False))
    read.judge(
        {
            "document_number": document.number if document else None,
            "document_issued_on": issued_on,
            "document_valid_to": valid_to,
            "born_on": pupil.born_on,
            "today": today,
        },
        "document",
        "document_issued_on",
        "document_valid_to",
        document_number="document",
        document_issued_on="issued_on",
        document_valid_to="valid_to",
    )
    read.stop_if_wrong()
    primary = read.ticked("is_primary") or not pupil.documents.exists()
    if primary:
        for old in pupil.documents.filter(is_primary=True):
            old.is_primary = False
            old.save(update_fields=["is_primary"])
    with violation("one_pupil_per_document", lambda: _taken(pupil, document)):
        row = PupilDocument.objects.create(
            pupil=pupil,
            type=document.type,
            series=document.series,
            number=document.number,
            issued_by=tidy(read.text("issued_by")),
            issued_on=issued_on,
            valid_to=valid_to,
            is_primary=primary,
        )
    tell(DocumentAdded, pupil, document=row.pk, type=document.type, number=document.shown)
    return row


def _taken(pupil: Pupil, document: documents.Document) -> Any:
    own = pupil.documents.filter(
        type=document.type, series=document.series, number=document.number
    ).exists()
    if own:
        return DocumentTaken("Цей документ уже є в профілі дитини.", field="document")
    return DocumentTaken(
        "Такий документ записано на іншу дитину. Звірте серію і номер.", field="document"
    )
