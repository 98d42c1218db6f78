"""Reading admission: a school's state, its applications, numbers of schools, draws in public."""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Collate

from accounts.actors import Actor
from kernel import audit
from kernel.clock import Moment
from kernel.errors import NotFound
from kernel.paging import Order, Page, keyset, ordered
from registry.admission import calendar, houses, policies
from registry.admission.models import Application, Draw, Intake, ServiceStreet
from registry.admission.services.places import WHOLE
from registry.admission.services.steps import days_of, free, school
from registry.admission.states import HOLDS, STANDS
from registry.institutions.models.institutions import Institution
from registry.people.models.guardians import Guardianship
from registry.people.models.pupils import Pupil
from registry.staff.models.posts import Post, lasting

PAGE = 50
STATES = {
    "SUBMITTED": "Подано",
    "CHECKED": "Перевірено",
    "RESERVE": "У черзі",
    "PLACED": "Надано місце",
    "ENROLLED": "Зараховано",
    "SUPERSEDED": "Місце за ближчим бажанням",
    "REFUSED": "Не розглядається",
    "WITHDRAWN": "Відкликано",
}


@dataclasses.dataclass(frozen=True)
class School:
    """A school's admission as its page shows it."""

    institution: Institution
    days: calendar.Calendar
    phase: calendar.Phase
    intake: Intake | None
    counts: dict[str, int]
    free: int
    streets: int
    by_right: int
    in_no_order: int

    @property
    def applications(self) -> int:
        """Applications that stand."""
        return sum(self.counts.get(state, 0) for state in STANDS)

    @property
    def placed(self) -> int:
        """Children who have a place."""
        return sum(self.counts.get(state, 0) for state in HOLDS)


def view(actor: Actor, institution_id: Any, moment: Moment) -> School:
    """One school's admission.

    Raises:
        NotFound, NotAllowed: not a school whose admission the actor keeps.
    """
    institution = school(actor, institution_id, policies.keep)
    days = days_of(institution, moment.today)
    intake = (
        Intake.objects.filter(institution=institution, school_year_id=days.school_year)
        .select_related("draw")
        .first()
    )
    rows = Application.objects.filter(intake=intake) if intake else Application.objects.none()
    return School(
        institution=institution,
        days=days,
        phase=days.phase(moment.now),
        intake=intake,
        counts=dict(rows.order_by().values_list("state").annotate(Count("pk"))),
        free=free(intake) if intake else 0,
        streets=ServiceStreet.objects.filter(institution=institution).count(),
        by_right=rows.filter(state="CHECKED").exclude(grounds=[]).count(),
        in_no_order=rows.filter(state="PLACED")
        .exclude(draft__state__in=["OPEN", "ORDERED"])
        .count(),
    )


_FEW = "applications to one school in a year: some hundreds, counted for the filters anyhow"
ORDERS = {
    "name": Order(("sort_key", "id"), "application_by_name application_list"),
    "number": Order(("candidate_id", "id"), _FEW),
    "wish": Order(("wish", "sort_key", "id"), _FEW),
    "state": Order(("state", "sort_key", "id"), _FEW),
    "turn": Order(("turn", "sort_key", "id"), _FEW),
    "submitted": Order(("submitted_at", "id"), _FEW),
}


def applications(
    actor: Actor,
    institution: Institution,
    year: str,
    state: str = "",
    *,
    order: str = "name",
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
    what: str = "заяви до 1 класу",
) -> Page[Application]:
    """A page of a school's applications of a year; the look is noted as `what`.

    Raises:
        NotAllowed: the actor does not keep the school's admission.
        BadCursor: the page mark was damaged.
    """
    policies.keep.require(actor, institution)
    rows = _of_year(institution, year, state).select_related("candidate")
    rows, fields = ordered(rows, ORDERS, order, "name")
    page = keyset(rows, order=fields, size=size, after=after, before=before)
    audit.looked_at(actor, "registry.application", [one.pk for one in page.rows], what)
    return page


def keys(institution: Institution, year: str, state: str) -> list[str]:
    """Ids of all that match."""
    return [str(pk) for pk in _of_year(institution, year, state).values_list("pk", flat=True)]


def counts(institution: Institution, year: str) -> dict[str, int]:
    """How many applications are in each state."""
    rows = _of_year(institution, year, "").order_by().values_list("state")
    return dict(rows.annotate(Count("pk")))


def _of_year(institution: Institution, year: str, state: str) -> QuerySet[Application]:
    rows: QuerySet[Application] = Application.objects.filter(
        intake__institution=institution, intake__school_year_id=year
    )
    return rows.filter(state=state) if state else rows


def find(actor: Actor, application_id: Any) -> Application:
    """One application with its school; the look is noted.

    Raises:
        NotFound: absent or out of reach.
        NotAllowed: the actor does not keep the school's admission.
    """
    found: Application = (
        Application.objects.visible_to(actor)
        .select_related(
            "institution__unit", "institution__hub", "candidate", "intake__draw", "draft"
        )
        .find(pk=application_id)
    )
    policies.keep.require(actor, found.institution)
    audit.looked_at(actor, "registry.application", [found.pk], "заява до 1 класу")
    return found


def other_wishes(application: Application) -> list[int]:
    """Numbers of the child's other wishes that stand; where they lead is another school's matter."""
    rows = Application.objects.filter(candidate=application.candidate_id, state__in=STANDS)
    return list(rows.exclude(pk=application.pk).order_by("wish").values_list("wish", flat=True))


def evidence(application: Application, today: datetime.date) -> dict[str, str]:
    """What the register of this very school says for each ground of the first turn: a line of its
    territory that the address falls on, a pupil with the same representative or surname, a post."""
    said: dict[str, str] = {}
    values = application.values
    line = values.get("registered_address") or values.get("address") or ""
    if street := _street_of(application.institution_id, line, values.get("address_territory", "")):
        said["TERRITORY"] = f"{street.street or 'уся територія'}: {street.houses or 'усі будинки'}"
    number = values.get("applicant_rnokpp", "")
    pupils = Pupil.objects.filter(institution=application.institution_id)
    same = (
        Guardianship.objects.filter(
            guardian__rnokpp=number, pupil__institution=application.institution_id, ends_on=None
        )
        .select_related("pupil")
        .first()
        if number
        else None
    )
    if same is not None:
        said["SIBLING"] = f"{same.pupil.full_name}: той самий представник"
    else:
        namesake = pupils.filter(surname=application.surname).order_by("sort_key").first()
        if namesake is not None:
            said["SIBLING"] = f"{namesake.full_name}: таке саме прізвище, звірте"
    if number:
        post = (
            Post.objects.filter(
                lasting(today),
                institution=application.institution_id,
                employee__rnokpp=number,
            )
            .select_related("employee")
            .first()
        )
        if post is not None:
            said["STAFF"] = f"{post.employee.full_name}: той самий РНОКПП"
    return said


def _street_of(institution_id: int, line: str, code: str) -> ServiceStreet | None:
    place = houses.place_of(line)
    rows = ServiceStreet.objects.filter(institution=institution_id)
    if code:
        rows = rows.filter(territory_code=code)
    keys = {"", place[0]} if place else {""}
    for one in rows.filter(street_key__in=keys).order_by("-street_key", "pk"):
        spans = houses.read(one.houses)
        if not spans and (one.street_key or code):
            return one
        if place and any(span.has(place[1], place[2]) for span in spans):
            return one
    return None


def streets_text(institution: Institution) -> str:
    """The territory of a school as its form has it."""
    own = institution.city_district_code or institution.territory_code
    lines = []
    for one in ServiceStreet.objects.filter(institution=institution).order_by("pk"):
        cells = [
            one.street or WHOLE,
            one.houses,
            "" if one.territory_code == own else one.territory_code,
        ]
        lines.append(" | ".join(cells).rstrip(" |"))
    return "\n".join(lines)


# ── schools of an authority ──────────────────────────────────────────────────
_SCHOOLS = "schools with an intake in a year: 12,000 in the country, sorted as they are counted"
SCHOOL_ORDERS = {
    "name": Order(
        ("school_of", "id"), _SCHOOLS, {"school_of": Collate("institution__sort_key", "C")}
    ),
    "places": Order(("places_of", "id"), _SCHOOLS),
    "applications": Order(("stand", "id"), _SCHOOLS),
    "placed": Order(("held", "id"), _SCHOOLS),
    "left": Order(("left", "id"), _SCHOOLS),
}


def schools(
    actor: Actor,
    year: str,
    *,
    order: str = "name",
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
) -> Page[Any]:
    """Schools within reach that take children in, with places against applications.

    Raises:
        NotAllowed: the actor sees no such numbers.
        BadCursor: the page mark was damaged.
    """
    policies.see_numbers.require(actor)
    rows = (
        Intake.objects.visible_to(actor)
        .filter(school_year_id=year)
        .select_related("institution", "draw")
        .annotate(
            places_of=F("classes") * F("in_class"),
            stand=Count("applications", filter=Q(applications__state__in=STANDS)),
            held=Count("applications", filter=Q(applications__state__in=HOLDS)),
        )
        .annotate(left=F("places_of") - F("held"))
    )
    rows, fields = ordered(rows, SCHOOL_ORDERS, order, "name")
    return keyset(rows, order=fields, size=size, after=after, before=before)


# ── draws ────────────────────────────────────────────────────────────────────
def public(draw_id: Any) -> Draw:
    """A draw as anybody may see it: without names, and without the secret until it is held.

    Raises:
        NotFound: there is none.
    """
    found = Draw.objects.select_related("unit", "signing").filter(pk=draw_id).first()
    if found is None:
        raise NotFound
    return found


def school_of(draw: Draw) -> Institution | None:
    """The school that holds a draw; None of an authority's."""
    return Institution.objects.select_related("unit", "hub").filter(pk=draw.unit_id).first()


def parts(draw: Draw) -> list[Intake]:
    """The schools of a draw, each with whether its head signed its part."""
    return list(draw.intakes.select_related("institution").order_by("institution__sort_key", "pk"))


def drawn_together(actor: Actor, year: str) -> list[Draw]:
    """Draws of a year that the actor's authority holds, the latest first."""
    return list(
        Draw.objects.visible_to(actor)
        .filter(school_year_id=year, unit_id=actor.unit_id)
        .annotate(schools=Count("intakes"))
        .order_by("-announced_at")
    )


def undrawn(actor: Actor, year: str) -> list[Intake]:
    """Schools within reach that said their places and have no draw yet.

    Raises:
        NotAllowed: the actor draws for nobody.
    """
    policies.draw_together.require(actor)
    rows = Intake.objects.visible_to(actor).filter(school_year_id=year, draw=None)
    return list(rows.select_related("institution").order_by("institution__sort_key", "pk"))


@dataclasses.dataclass(frozen=True)
class Line:
    """A school's line in a draw: the numbers in turn, and who got a place."""

    name: str
    places: int
    rows: Sequence[tuple[int, str, bool]]


def lines(draw: Draw) -> list[Line]:
    """What a draw came to, or who takes part in it, by school."""
    if draw.inputs is None:
        return []
    inputs = json.loads(bytes(draw.inputs))
    places = dict(inputs["places"])
    names = dict(Institution.objects.filter(uid__in=list(places)).values_list("uid", "short_name"))
    told = {str(uid): name for uid, name in names.items()}
    if draw.result is None:
        asked: dict[str, list[str]] = {place: [] for place in places}
        for number, wishes in inputs["applicants"]:
            for place, _ in wishes:
                asked[place].append(number)
        return [
            Line(told.get(place, place), places[place], [(0, number, False) for number in line])
            for place, line in asked.items()
        ]
    result = json.loads(bytes(draw.result))
    placed = dict(result["placed"])
    return [
        Line(
            told.get(place, place),
            places[place],
            [
                (turn, number, placed.get(number) == place)
                for turn, number in enumerate(line, start=1)
            ],
        )
        for place, line in result["lines"]
    ]
