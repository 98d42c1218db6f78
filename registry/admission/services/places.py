"""Places of a school and the streets it serves, as the school says them."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Sequence
from typing import Any

from accounts import identifiers
from accounts.actors import Actor
from kernel import audit
from kernel.clock import Moment
from kernel.db import command, violation
from kernel.errors import Invalid, Problem, StaleVersion
from kernel.text import clean
from registry.admission import houses, policies
from registry.admission.errors import PlacesNotSet
from registry.admission.events import IntakeSet, TerritorySet
from registry.admission.houses import Span
from registry.admission.models import Intake, ServiceStreet
from registry.admission.services.steps import days_of, school
from registry.classes.frames import year_for
from registry.classifiers.models import Territory
from registry.institutions.models.institutions import Institution

MOST_STREETS = 5000
WHOLE = "весь населений пункт"


@command
def set_places(
    *,
    actor: Actor,
    institution_id: Any,
    classes: int,
    in_class: int,
    documents_by: datetime.date | None = None,
    version: int = 0,
    moment: Moment,
) -> Intake:
    """Say how many first classes there will be and how many places in each.

    Raises:
        NotFound, NotAllowed: not an institution whose admission the actor keeps.
        NoSchoolYear: the classifier ends before the year.
        StaleVersion: somebody said otherwise meanwhile.
    """
    institution = school(actor, institution_id, policies.keep)
    days = days_of(institution, moment.today)
    year = year_for(datetime.date(days.year, 9, 1))
    said = {"classes": classes, "in_class": in_class, "documents_by": documents_by}
    found = Intake.objects.select_for_update().filter(institution=institution, school_year=year)
    intake = found.first()
    if (intake.version if intake else 0) != version:
        raise StaleVersion("Кількість місць уже змінили. Перегляньте й повторіть свою зміну.")
    if intake is None:
        intake = Intake(institution=institution, school_year=year, **said)
        with violation("one_intake_of_a_year", StaleVersion):
            intake.save()
    else:
        for name, value in said.items():
            setattr(intake, name, value)
        intake.version += 1
        intake.save()
    audit.record(
        IntakeSet(
            subject=intake.pk,
            unit=institution.pk,
            year=year.code,
            classes=classes,
            places=intake.places,
        )
    )
    return intake


@dataclasses.dataclass(frozen=True, slots=True)
class Street:
    """A line of a service territory as it is kept."""

    territory_code: str
    street: str
    houses: str

    @property
    def key(self) -> str:
        """The street as it is compared."""
        return houses.street_key(self.street)

    @property
    def spans(self) -> tuple[Span, ...]:
        """Its houses."""
        return houses.read(self.houses)


def read_streets(institution: Institution, text: str) -> list[Street]:
    """Lines of a territory as typed or pasted from a table: street, houses, and the КАТОТТГ code of
    the settlement where it is not the school's own. Every problem is told with its line.

    Raises:
        Invalid: a line is not understood, or there are too many.
    """
    problems: list[Problem] = []
    found: list[Street] = []

    def say(line: int, code: str, detail: str) -> None:
        problems.append(Problem("streets", code, f"Рядок {line}: {detail}"))

    for number, line in enumerate(text.replace("\x00", "").splitlines(), start=1):
        cells = [clean(cell) for cell in line.split("\t" if "\t" in line else "|")]
        if not any(cells):
            continue
        if cells[0].lower().startswith("весь "):
            cells[0] = ""
        elif len(cells) == 1:
            street, _, rest = line.partition(",")
            cells = [clean(street), clean(rest)]
        code = identifiers.territory(cells[2]) if len(cells) > 2 and cells[2] else ""
        code = code or institution.city_district_code or institution.territory_code
        if len(" ".join(cells)) > 2000:
            say(number, "too_long", "скоротіть до 2000 знаків.")
            continue
        if len(code) != 19 or not code.startswith("UA") or not code[2:].isdigit():
            say(number, "territory", "код КАТОТТГ — UA і 17 цифр.")
            continue
        if cells[0] and not houses.street_key(cells[0]):
            say(number, "street", "назвіть вулицю.")
            continue
        try:
            spans = houses.read(cells[1] if len(cells) > 1 else "")
        except houses.BadHouses as no:
            say(number, "houses", f"{no}.")
            continue
        found.append(Street(code, cells[0], houses.written(spans)))
        if len(found) > MOST_STREETS:
            raise Invalid([Problem("streets", "too_many", f"Найбільше {MOST_STREETS} рядків.")])
    codes = {one.territory_code for one in found}
    known = set(
        Territory.objects.filter(code__in=codes, valid_to=None).values_list("code", flat=True)
    )
    problems += [
        Problem("streets", "territory", f"Коду {one} у КАТОТТГ немає.")
        for one in sorted(codes - known)
    ]
    if problems:
        raise Invalid(problems[:50])
    return found


@command
def set_territory(
    *, actor: Actor, institution_id: Any, text: str, version: int, moment: Moment
) -> list[ServiceStreet]:
    """Write the streets and houses a school serves, all anew.

    Raises:
        NotFound, NotAllowed: as `set_places`.
        PlacesNotSet: the school has not said how many places it has.
        StaleVersion: places or territory were said otherwise meanwhile.
        Invalid: lines that are not understood, all at once.
    """
    institution = school(actor, institution_id, policies.keep)
    days = days_of(institution, moment.today)
    intake = (
        Intake.objects.select_for_update(no_key=True)
        .filter(institution=institution, school_year_id=days.school_year)
        .first()
    )
    if intake is None:
        raise PlacesNotSet
    if intake.version != version:
        raise StaleVersion("Місця або територію вже змінили. Перегляньте й повторіть свою зміну.")
    streets = read_streets(institution, text)
    before = ServiceStreet.objects.filter(institution=institution)
    kept = {(one.territory_code, one.street, one.houses): one for one in before}
    said = {(one.territory_code, one.street, one.houses): one for one in streets}
    before.filter(pk__in=[one.pk for key, one in kept.items() if key not in said]).delete()
    ServiceStreet.objects.bulk_create(
        ServiceStreet(
            institution=institution,
            territory_code=one.territory_code,
            street=one.street,
            street_key=one.key,
            houses=one.houses,
        )
        for key, one in said.items()
        if key not in kept
    )
    intake.version += 1
    intake.save(update_fields=["version"])
    audit.record(TerritorySet(subject=intake.pk, unit=institution.pk, streets=len(said)))
    return list(ServiceStreet.objects.filter(institution=institution).order_by("pk"))


@dataclasses.dataclass(frozen=True, slots=True)
class Overlap:
    """Two lines that serve one house: here and here, or here and at another school."""

    mine: ServiceStreet
    other: ServiceStreet


def overlaps(institution: Institution, most: int = 100) -> Sequence[Overlap]:
    """Lines of the school's territory that meet one of its own or of another school's. Territories
    are published by law, so whose they are is told."""
    mine = list(ServiceStreet.objects.filter(institution=institution).order_by("pk"))
    keys = {(one.territory_code, one.street_key) for one in mine}
    there = (
        ServiceStreet.objects.filter(territory_code__in={code for code, _ in keys})
        .select_related("institution")
        .order_by("pk")
    )
    by_key: dict[tuple[str, str], list[ServiceStreet]] = {}
    for one in there:
        by_key.setdefault((one.territory_code, one.street_key), []).append(one)
    found = []
    for one in mine:
        whole = by_key.get((one.territory_code, ""), []) if one.street_key else []
        for other in [*by_key.get((one.territory_code, one.street_key), []), *whole]:
            again = other.institution_id == one.institution_id and other.pk <= one.pk
            if not again and houses.overlap(houses.read(one.houses), houses.read(other.houses)):
                found.append(Overlap(one, other))
                if len(found) == most:
                    return found
    return found
