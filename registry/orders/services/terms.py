"""The terms of an order as typed: read, and checked all at once."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from kernel.clock import Moment
from kernel.errors import Invalid
from kernel.errors import Problem as FieldProblem
from kernel.kept import Kept
from kernel.tables import dates
from kernel.tables.cells import storable
from kernel.text import Alike, alike
from registry.classes.frames import year_for
from registry.classifiers.errors import NoSchoolYear
from registry.institutions.models.institutions import Institution
from registry.orders.models import OF_AUTHORITY, Order
from registry.process import Terms, kind


def terms_of(
    process_code: str, institution: Institution, fields: Mapping[str, str], moment: Moment
) -> Terms:
    """Read and check what was typed of the order; every problem at once.

    Raises:
        Invalid: something is wrong.
    """
    process = kind(process_code)
    problems: list[FieldProblem] = []

    def say(field: str, code: str, detail: str) -> None:
        problems.append(FieldProblem(field, code, detail))

    number = " ".join(storable(fields.get("number", "")).split()).removeprefix("№").strip()
    if not number:
        say("number", "required", "Вкажіть номер наказу.")
    elif len(number) > 20:
        say("number", "too_long", "Номер наказу — до 20 знаків, наприклад 112-у.")
    elif number[0] in "=@+":
        say("number", "formula", "Номер наказу не може починатися з цього знака.")
    issued = _day("issued_on", fields, say, "Вкажіть дату наказу.")
    effective = _day("effective_on", fields, say, f"{process.effective_label}: вкажіть дату.")
    if issued is not None and issued > moment.today:
        say("issued_on", "future", f"Дата наказу {dates.show(issued)} ще не настала.")
        issued = None
    year = None
    if effective is not None:
        try:
            year = year_for(effective)
        except NoSchoolYear as no:
            say("effective_on", no.code, no.detail)
    ground = storable(fields.get("ground", ""))
    if not ground:
        say("ground", "required", "Вкажіть підставу наказу.")
    elif len(ground) > 500:
        say("ground", "too_long", "Підстава — до 500 знаків.")
    extra: dict[str, str] = {}
    for term in process.term_fields:
        value = storable(fields.get(term.name, ""))
        if term.kind == "check":
            value = "on" if value in {"on", "1", "true", "так"} else ""
        if term.kind == "choice" and value not in dict(term.choices):
            value = ""
        if not value and term.required:
            say(term.name, "required", term.missing)
        elif len(value) > 500:
            say(term.name, "too_long", "До 500 знаків.")
        extra[term.name] = value
    if (
        number
        and issued is not None
        and not process.by_authority
        and (taken := _of_number(institution, issued.year, number)) is not None
    ):
        say(
            "number",
            "number_taken",
            f"Наказ № {taken} у {issued.year} році вже є. Вкажіть інший номер.",
        )
    if issued is not None and effective is not None and year is not None:
        terms = Terms(
            number,
            issued,
            effective,
            ground,
            year.code,
            year.starts_on,
            year.ends_on,
            extra,
        )
        process.check_terms(institution, terms, say, moment)
        if not problems:
            return terms
    raise Invalid(problems)


_NUMBERED = Kept[tuple[str]](
    lambda institution, year, key: (
        Order.objects.alias(key=Alike("number"))
        .filter(institution=institution, year=year, key=key)
        .exclude(state="GIVEN_UP")
        .exclude(kind__in=OF_AUTHORITY)
        .values_list("number")[:1]
    )
)


def _of_number(institution: Institution, year: int, number: str) -> str | None:
    """The number, as it was written, of an order that has this one already."""
    taken = _NUMBERED.first(institution.pk, year, alike(number))
    return taken[0] if taken else None


def _day(field: str, fields: Mapping[str, str], say: Any, missing: str) -> datetime.date | None:
    text = storable(fields.get(field, ""))
    if not text:
        say(field, "required", missing)
        return None
    read = dates.parse(field, text)
    if read.problems:
        say(field, read.problems[0].code, read.problems[0].detail)
        return None
    return read.value
