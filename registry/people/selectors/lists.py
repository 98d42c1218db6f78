"""Lists of pupils at every level, on the page and as a file.

A list costs the same queries for one row and for a hundred, and the same time for a school and
for the ministry: one index range by the scope column. Where the actor works without names, rows
run by id and carry pseudonyms: an alphabetical order, or a page mark made of it, would tell them.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime
import hashlib
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce, Collate

import kernel.lookups  # noqa: F401 - registers `among`
from accounts.actors import Actor
from kernel import audit, clock
from kernel.errors import NotAllowed, NotFound
from kernel.kept import Kept, found, key_of
from kernel.paging import KeptPages, Order, Page, keyset, offered
from kernel.text import UkSortKey, readings
from registry.classes.models import ClassGroup
from registry.classifiers.selectors import classifiers
from registry.fields import finding
from registry.fields.labels import label_sql
from registry.institutions.models.institutions import Institution
from registry.people import policies
from registry.people.models.pupils import SENSITIVE, Pupil, PupilDocument
from registry.people.selectors.facets import FLAGS, flagged
from registry.people.selectors.filters import (
    NOWHERE,
    Filters,
    chosen_institution,
    is_small,
    keys_of,
)
from registry.people.selectors.reach import communities

PAGE = 100

_FEW = "one school and its branches: some thousand rows, sorted as they are found"
_LETTER = Subquery(
    ClassGroup.objects.filter(pk=OuterRef("class_group_id")).values(key=UkSortKey("letter"))[:1],
    output_field=TextField(),
)
# Under a name alone a list of a hromada or a city stays one index range; four million rows with an
# index for each other column would make every enrolment twice as dear.
ORDERS = {
    "name": Order(
        ("sort_key", "id"), "pupil_inst pupil_class pupil_oblast pupil_raion pupil_hromada"
    ),
    "class": Order(
        ("grade_of", "letter_of", "sort_key", "id"),
        _FEW,
        {
            "grade_of": Coalesce("grade", Value(-1)),
            "letter_of": Collate(Coalesce(_LETTER, Value(""), output_field=TextField()), "C"),
        },
        few=True,
    ),
    "sex": Order(("sex", "sort_key", "id"), _FEW, few=True),
    "born": Order(("born_on", "sort_key", "id"), _FEW, few=True),
    "institution": Order(
        ("school_of", "sort_key", "id"),
        _FEW,
        {
            "school_of": Collate(
                Coalesce("institution__sort_key", Value(""), output_field=TextField()), "C"
            )
        },
        few=True,
    ),
    "enrolled": Order(
        ("enrolled_of", "sort_key", "id"),
        _FEW,
        {"enrolled_of": Coalesce("enrolled_on", Value(datetime.date(1, 1, 1)))},
        few=True,
    ),
}
_NAMELESS = {"name": Order(("id",), "pupil_oblast_id pupil_raion_id")}

_ADULT = 18  # years: the record of a child is closed at adulthood (handbook D.7)

_LINE = (
    "id", "surname", "given_name", "patronymic", "sex", "born_on", "rnokpp", "rnokpp_state",
    "institution_id", "residence_id", "class_group_id", "grade", "form", "enrolled_on",
    "sort_key",
)  # fmt: skip


class Line(msgspec.Struct, frozen=True):
    """One row of a list. By name `code` and `born` are '', without names `id` is None, `code` the
    pseudonym and `born` the year.
    `node` is the institution's, or the community's of a child who learns nowhere."""

    id: str | None
    code: str
    surname: str
    given_name: str
    patronymic: str
    sex: str
    born: str
    born_on: datetime.date | None
    class_label: str
    form: str
    institution: str
    node: int | None
    enrolled_on: datetime.date | None
    categories: tuple[str, ...]
    flag: str

    @property
    def full_name(self) -> str:
        """Surname, name and patronymic."""
        return " ".join(p for p in (self.surname, self.given_name, self.patronymic) if p)


@dataclasses.dataclass(frozen=True)
class Listing:
    """A page of pupils and the marks of its neighbours; `named` says whether names are shown.

    orders: those that the list is given: more than by name where it is of one school, none where
    names are hidden, since the order would tell them.
    """

    rows: list[Line]
    next: str | None
    previous: str | None
    named: bool
    institution: Institution | None
    orders: Mapping[str, Order]


def listing(
    actor: Actor,
    filters: Filters,
    *,
    today: datetime.date,
    order: str = "name",
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
    only: Sequence[str] | None = None,
    what: str = "список",
) -> Listing:
    """One page of the pupils within reach, as of a day.

    only: ids of those chosen among them. what: how the look is noted.

    Raises:
        NotAllowed: the actor's role sees no pupils, or keeps no register by residence.
        NotFound: the institution or class of a filter is out of reach.
    """
    policies.list_pupils.require(actor)
    institution = chosen_institution(actor, filters)
    named = policies.see_names.allows(actor, institution)
    if filters.learns == NOWHERE:
        policies.see_residents.require(actor)
        named = True
    orders = offered(ORDERS, few=is_small(actor, institution)) if named else _NAMELESS
    name = order if order.removeprefix("-") in orders else "name"
    fields = orders[name.removeprefix("-")].turned(down=name.startswith("-"))
    pages: dict[str, Any] = {"order": fields, "size": size, "after": after, "before": before}
    where = _where(actor, filters, institution, today)
    if only is not None:
        where["id__among"] = [uuid.UUID(one) for one in only]
    kind = _Kind(name.removeprefix("-"), named=named, everybody=actor.scope.level == "all")
    given = [today, list(hidden_from(actor))]
    page: Page[dict[str, Any]]
    if filters.learns == NOWHERE or filters.q:
        rows = _matching(actor, filters, where, named=named, today=today)
        page = keyset(_read(rows, kind), **pages, beside=(_beside(kind), given))
    else:
        page = _PAGES.page(actor, where, **pages, kind=kind, given=given)
    if named:
        audit.looked_at(actor, "registry.pupil", [row["id"] for row in page.rows], what)
    return Listing(
        _named(page.rows) if named else _nameless(page.rows),
        page.next,
        page.previous,
        named,
        institution,
        orders if named else {},
    )


@dataclasses.dataclass(frozen=True)
class _Kind:
    """What the rows of a list are read for: an order, names or none, the whole country or not."""

    order: str
    named: bool
    everybody: bool


def _read(rows: QuerySet[Pupil], kind: _Kind) -> QuerySet[Any]:
    of = (ORDERS if kind.named else _NAMELESS)[kind.order].of
    return rows.annotate(**of).values(*_LINE, *of)


def _rows(actor: Any, *, everybody: bool) -> QuerySet[Pupil]:
    rows: QuerySet[Pupil] = Pupil.objects.visible_to(actor)
    return rows.filter(institution__isnull=False) if everybody else rows


# What stands beside the pupils of a page and is kept elsewhere: read in the page's own statement.
# By name also whether a document is there, and categories of the day but the hidden.
_BESIDE = """
    SELECT page.*, LABEL AS class_label, i.short_name AS institution_name
    FROM page
    CROSS JOIN (SELECT %s::date AS day, %s::text[] AS hidden) told
    LEFT JOIN registry_classgroup c ON c.id = page.class_group_id
    LEFT JOIN registry_institution i ON i.institution_id = page.institution_id
""".replace("LABEL", label_sql("c"), 1)
_BY_NAME = """
    , page.id::text AS key,
    -- LIMIT: an EXISTS may be answered by a hash of every document there is.
    (SELECT true FROM registry_pupildocument d WHERE d.pupil_id = page.id LIMIT 1) AS has_document,
    (SELECT string_agg(concat_ws(' ', g.code, g.level), ',')
     FROM registry_pupilcategory g
     WHERE g.pupil_id = page.id AND g.voided_at IS NULL AND g.starts_on <= told.day
         AND g.code <> ALL(told.hidden)
         AND (g.ends_on IS NULL OR g.ends_on > told.day)) AS categories
    FROM page
"""


def _beside(kind: _Kind) -> str:
    return _BESIDE.replace("FROM page", _BY_NAME, 1) if kind.named else _BESIDE


_PAGES = KeptPages[dict[str, Any]](
    lambda actor, kind: _read(_rows(actor, everybody=kind.everybody), kind),
    beside=_beside,
    # A school or a class by name: half of what the database did for a class was planning.
    one_plan=lambda names, kind: (
        kind.order == "name" and names <= {"institution", "class_group_id"}
    ),
)


def keys(actor: Actor, filters: Filters, *, today: datetime.date) -> list[uuid.UUID]:
    """Ids of all pupils by name who match; only of one school and its branches.

    Raises:
        NotAllowed: the actor sees no names there, or the list is longer than a school's.
        NotFound: the institution or class of a filter is out of reach.
    """
    institution = chosen_institution(actor, filters)
    may_take(actor, filters)
    if not is_small(actor, institution):
        raise NotAllowed("Усіх одразу вибирають у списку одного закладу.")
    where = _where(actor, filters, institution, today)
    rows = _matching(actor, filters, where, named=True, today=today)
    return list(rows.values_list("pk", flat=True))


def may_take(actor: Actor, filters: Filters) -> None:
    """Whether the list may be taken out by name.

    Raises:
        NotAllowed: the actor sees no names there.
        NotFound: the institution of a filter is out of reach.
    """
    institution = chosen_institution(actor, filters)
    if filters.learns == NOWHERE:
        policies.see_residents.require(actor)
    else:
        policies.export.require(actor, institution)


_CLASS = Kept[int](
    lambda actor, uid: (
        ClassGroup.objects.visible_to(actor).filter(uid=uid).values_list("id", flat=True)
    )
)


def _where(
    actor: Actor, filters: Filters, institution: Institution | None, today: datetime.date
) -> dict[str, Any]:
    """The filters as look-ups, but for what is typed and where nobody learns."""
    where: dict[str, Any] = {}
    if institution is not None:
        where["institution"] = institution.pk
    if filters.class_id:
        group = _CLASS.first(actor, key_of(ClassGroup, filters.class_id, "uid"))
        where["class_group_id"] = found(group)
    if filters.grade:
        if not filters.grade.isdigit() or len(filters.grade) > 2:
            raise NotFound
        where["grade"] = int(filters.grade)
    if filters.sex in {"M", "F"}:
        where["sex"] = filters.sex
    if is_small(actor, institution):
        if filters.form:
            where["form"] = filters.form
        if filters.flag in FLAGS:
            where["pk__among"] = flagged(keys_of(actor, institution), filters.flag, today)
    return where


def _matching(
    actor: Actor,
    filters: Filters,
    where: Mapping[str, Any],
    *,
    named: bool,
    today: datetime.date,
) -> QuerySet[Pupil]:
    rows: QuerySet[Pupil]
    if filters.learns == NOWHERE:
        rows = Pupil.objects.filter(
            institution=None,
            closed_on=None,
            residence__in=communities(actor),
            born_on__gt=clock.years_after(today, -_ADULT),
        )
    else:
        rows = _rows(actor, everybody=actor.scope.level == "all")
    rows = rows.filter(**where)
    return sought(rows, filters.q) if filters.q and named else rows


def sought(rows: QuerySet[Pupil], text: str) -> QuerySet[Pupil]:
    """Which of these pupils are sought by a number or a name, as tolerantly as in the header."""
    read = readings(text)
    if (said := finding.numbered(read[0])) is not None:
        if said.rnokpp:
            return rows.filter(rnokpp=said.rnokpp, merged_into=None)
        if said.unzr:
            return rows.filter(unzr=said.unzr, merged_into=None)
        of_number = PupilDocument.objects.filter(pupil=OuterRef("pk"), number=said.number)
        if said.series:
            of_number = of_number.filter(series=said.series)
        return rows.filter(Exists(of_number))
    return finding.named(rows, text)


def hidden_from(actor: Actor) -> Sequence[str]:
    """Categories that the actor is not told of, though children are shown by name."""
    return () if policies.see_needs.allows(actor) else sorted(SENSITIVE)


def _named(rows: Sequence[Mapping[str, Any]]) -> list[Line]:
    forms = classifiers.labels("education_form")
    known: dict[str | None, tuple[str, ...]] = {None: ()}
    lines = []
    for row in rows:
        if (categories := known.get(row["categories"])) is None:
            told = sorted(one.split(" ") for one in row["categories"].split(","))
            categories = known[row["categories"]] = tuple(_category(*one) for one in told)
        lines.append(
            Line(
                id=row["key"],
                code="",
                surname=row["surname"],
                given_name=row["given_name"],
                patronymic=row["patronymic"],
                sex=row["sex"],
                born="",
                born_on=row["born_on"],
                class_label=row["class_label"] or "",
                form=forms.get(row["form"], row["form"]),
                institution=row["institution_name"] or "",
                node=row["institution_id"] or row["residence_id"],
                enrolled_on=row["enrolled_on"],
                categories=categories,
                flag=_flag_of(row),
            )
        )
    return lines


def _nameless(rows: Sequence[Mapping[str, Any]]) -> list[Line]:
    forms = classifiers.labels("education_form")
    return [
        Line(
            id=None,
            code=pseudonym(row["id"]),
            surname="",
            given_name="",
            patronymic="",
            sex=row["sex"],
            born=str(row["born_on"].year),
            born_on=None,
            class_label=row["class_label"] or "",
            form=forms.get(row["form"], row["form"]),
            institution=row["institution_name"] or "",
            node=row["institution_id"] or row["residence_id"],
            enrolled_on=None,
            categories=(),
            flag="",
        )
        for row in rows
    ]


def _category(code: str, level: str = "") -> str:
    label = classifiers.short("pupil_category", code)
    return f"{label} {level}-й рівень" if level else label


def _flag_of(row: Mapping[str, Any]) -> str:
    if not row["has_document"]:
        return "no_documents"
    if row["rnokpp"] is None and row["rnokpp_state"] == "NOT_ASSIGNED":
        return "no_rnokpp"
    return ""


def pseudonym(pupil_id: uuid.UUID) -> str:
    """A short code that is the same for a child each time and tells nothing of it: «7KQ4-M2XD»."""
    digest = hashlib.blake2b(
        pupil_id.bytes, key=settings.SECRET_KEY.encode()[:64], digest_size=5
    ).digest()
    text = base64.b32encode(digest).decode()
    return f"{text[:4]}-{text[4:8]}"
