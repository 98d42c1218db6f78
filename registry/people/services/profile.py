"""Correcting a child's profile («Оновлення освітнього профілю дитини», handbook D.2, D.6).

Where a child learns changes by signed orders only; here are identity, documents and categories.
Documents are added and never removed: the search covers them all. The version of the child's row
is of what identifies the child; every other part of the card has its own, so two people who
correct different parts never refuse each other.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from accounts.actors import Actor
from kernel import audit
from kernel.db import command, violation
from kernel.errors import Invalid, NotFound
from kernel.errors import Problem as FieldProblem
from kernel.tables import dates
from kernel.tables.cells import storable, tidy
from registry.classifiers.selectors import classifiers
from registry.fields import contacts, documents, names, numbers
from registry.fields.primitives import sex_of_patronymic
from registry.people.errors import DocumentTaken, NumberTaken
from registry.people.models.pupils import Pupil, PupilCategory, PupilDocument
from registry.people.services.reading import Reader, held, require_version

CONTACT_STATES = ("OK", "LOST_PUPIL", "LOST_REPRESENTATIVES", "LOST_BOTH", "RESTORED")


@command
def correct(
    *,
    actor: Actor,
    pupil_id: Any,
    version: int,
    values: Mapping[str, str],
    ground: str,
    today: datetime.date,
) -> Pupil:
    """Correct what identifies a child: names, birth date, sex, numbers; with the ground for it.

    Raises:
        NotFound, NotAllowed: not a child of an institution the actor keeps.
        StaleVersion: somebody saved the profile after it was read.
        Invalid: every wrong field; doubts until `confirmed` is set among the values.
        NumberTaken: РНОКПП or УНЗР is another child's.
    """
    pupil = held(actor, pupil_id)
    require_version(pupil, version)
    read = Reader(values)
    surname = read.keep(names.check("surname", read.text("surname"), required=False))
    given = read.keep(names.check("given_name", read.text("given_name"), required=False))
    patronymic = read.keep(names.check("patronymic", read.text("patronymic"), required=False))
    born_on = read.keep(dates.parse("born_on", read.text("born_on"), required=False))
    told = sex_of_patronymic(patronymic) if patronymic else None
    sex = read.keep(contacts.check_sex("sex", read.text("sex"), told_by_patronymic=told))
    read.judge(
        {
            "surname": surname,
            "given_name": given,
            "patronymic": patronymic,
            "born_on": born_on,
            "sex": sex,
            "today": today,
        },
        "surname",
        "given_name",
        "sex",
        "born_on",
    )
    number = read.keep(
        numbers.check_rnokpp("rnokpp", read.text("rnokpp"), born_on=born_on, sex=sex)
    )
    unzr = read.keep(numbers.check_unzr("unzr", read.text("unzr"), born_on=born_on))
    citizenship = read.text("citizenship").upper() or "UA"
    if not (len(citizenship) == 2 and citizenship.isascii() and citizenship.isalpha()):
        read.say("citizenship", "shape", "Код країни з двох латинських літер: UA, PL, DE.")
    contact = read.text("contact_status") or pupil.contact_status
    if contact not in CONTACT_STATES:
        read.say("contact_status", "unknown", "Виберіть стан звʼязку зі списку.")
    ground = storable(ground)
    if not ground:
        read.say("ground", "required", "Вкажіть підставу: документ, за яким виправляєте.")
    read.stop_if_wrong()
    fresh = {
        "surname": surname,
        "given_name": given,
        "patronymic": patronymic,
        "born_on": born_on,
        "sex": sex,
        "rnokpp": number[0],
        "rnokpp_state": number[1],
        "unzr": unzr or None,
        "citizenship": citizenship,
        "contact_status": contact,
    }
    changed = {
        name: (getattr(pupil, name), value)
        for name, value in fresh.items()
        if getattr(pupil, name) != value
    }
    if not changed:
        return pupil
    for name, (_, value) in changed.items():
        setattr(pupil, name, value)
    pupil.version += 1
    with (
        violation("one_pupil_per_rnokpp", lambda: NumberTaken(field="rnokpp")),
        violation("one_pupil_per_unzr", lambda: NumberTaken(field="unzr")),
    ):
        pupil.save(update_fields=[*changed, "version"])
    _tell(
        "registry.pupil.corrected",
        pupil,
        changed={
            name: [_shown(was), _shown(now)]
            for name, (was, now) in changed.items()
            if name != "rnokpp_state"
        },
        ground=ground,
    )
    return pupil


def _shown(value: Any) -> str:
    return dates.show(value) if isinstance(value, datetime.date) else str(value or "")


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
    pupil = held(actor, pupil_id)
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
    _tell(
        "registry.pupil.document_added",
        pupil,
        text=f"{documents.NAMES[document.type]} {document.shown}",
        document=row.pk,
    )
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


@command
def add_category(
    *, actor: Actor, pupil_id: Any, values: Mapping[str, str], today: datetime.date
) -> PupilCategory:
    """Add a category from a day, with what that category asks: document, level, country.

    Raises:
        NotFound, NotAllowed: not a child of an institution the actor keeps.
        Invalid: every wrong field.
    """
    pupil = held(actor, pupil_id)
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
    country = read.text("country").upper() if asks.get("country") else ""
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
    _tell(
        "registry.pupil.category_added",
        pupil,
        text=f"{item.name} з {dates.show(starts_on)}",  # type: ignore[union-attr]
        category=row.pk,
    )
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
    pupil = held(actor, pupil_id)
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
    _tell(
        "registry.pupil.category_ended",
        pupil,
        text=f"{classifiers.label('pupil_category', row.code)} до {dates.show(ends_on)}",
        category=row.pk,
    )
    return row


def _tell(code: str, pupil: Pupil, **payload: Any) -> None:
    audit.record(
        audit.Event(code, "registry.pupil", str(pupil.pk), payload, unit_id=pupil.institution_id)
    )
