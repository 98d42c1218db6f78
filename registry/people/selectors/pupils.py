"""Reading pupils: lists at every level, the card, what is wrong in the data.

A list costs the same queries for one row and for a hundred, and the same time for a school and
for the ministry: one index range by the scope column. Where the actor works without names, rows
run by id and carry pseudonyms: an alphabetical order, or a page mark made of it, would tell them.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime
import hashlib
import re
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.actors import Actor
from accounts.roles import Role
from kernel import audit
from kernel.audit.models import EventRow, Look
from kernel.errors import NotFound
from kernel.paging import keyset
from kernel.text import clean, sort_key
from registry.classes.frames import classes_of, year_for
from registry.classes.models import ClassGroup
from registry.classifiers.selectors import classifiers
from registry.enrolments.models import ClassPlacement
from registry.fields.labels import label_sql
from registry.institutions.models.institutions import Institution
from registry.orders.models import Order
from registry.people import policies
from registry.people.models.guardians import Guardianship
from registry.people.models.pupils import Pupil, PupilCategory, PupilDocument
from registry.people.selectors.reach import by_name, communities
from signatures.models import SigningSession

PAGE = 100
EXPORT_LIMIT = 20_000
_LINE = (
    "id", "surname", "given_name", "patronymic", "sex", "born_on", "rnokpp", "rnokpp_state",
    "institution_id", "class_group_id", "grade", "form", "enrolled_on", "sort_key",
)  # fmt: skip
NOWHERE = "nowhere"
FLAGS = {
    "no_rnokpp": "Немає РНОКПП",
    "no_documents": "Немає документа",
    "age": "Вік не відповідає класу",
    "twins": "Можливо, дублікат",
}


# ── lists ────────────────────────────────────────────────────────────────────
@dataclasses.dataclass(frozen=True)
class Filters:
    """What a list is narrowed by; '' narrows nothing. `class_id` is a class's public id."""

    q: str = ""
    grade: str = ""
    class_id: str = ""
    sex: str = ""
    form: str = ""
    flag: str = ""
    institution: str = ""
    learns: str = ""  # "nowhere": who live within reach and learn nowhere

    def chosen(self) -> dict[str, str]:
        """The filters that are on."""
        return {k: v for k, v in dataclasses.asdict(self).items() if v}


@dataclasses.dataclass(frozen=True)
class Line:
    """One row of a list. By name `code` is '', without names `id` is None and `code` the pseudonym."""

    id: uuid.UUID | None
    code: str
    surname: str
    given_name: str
    patronymic: str
    sex: str
    born: str
    class_label: str
    form: str
    institution: str
    enrolled_on: datetime.date | None
    categories: tuple[str, ...]
    flag: str

    @property
    def full_name(self) -> str:
        """Surname, name and patronymic."""
        return " ".join(p for p in (self.surname, self.given_name, self.patronymic) if p)


@dataclasses.dataclass(frozen=True)
class Listing:
    """A page of pupils and the marks of its neighbours; `named` says whether names are shown."""

    rows: list[Line]
    next: str | None
    previous: str | None
    named: bool
    institution: Institution | None


def listing(
    actor: Actor,
    filters: Filters,
    *,
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
) -> Listing:
    """One page of the pupils within reach.

    Raises:
        NotAllowed: the actor's role sees no pupils, or keeps no register by residence.
        NotFound: the institution or class of a filter is out of reach.
    """
    policies.list_pupils.require(actor)
    institution = _chosen_institution(actor, filters)
    named = policies.see_names.allows(actor, institution)
    if filters.learns == NOWHERE:
        policies.see_residents.require(actor)
        named = True
    rows = _matching(actor, filters, institution, named=named)
    page = keyset(
        rows.values(*_LINE),
        order=("sort_key", "id") if named else ("id",),
        size=size,
        after=after,
        before=before,
    )
    lines = _lines(page.rows, named=named)
    if named:
        audit.looked_at(actor, "registry.pupil", [row["id"] for row in page.rows], "список")
    return Listing(lines, page.next, page.previous, named, institution)


def _chosen_institution(actor: Actor, filters: Filters) -> Institution | None:
    if not filters.institution:
        return None
    institution: Institution = (
        Institution.objects.visible_to(actor).select_related("unit").find(uid=filters.institution)
    )
    return institution


def _matching(
    actor: Actor, filters: Filters, institution: Institution | None, *, named: bool
) -> QuerySet[Pupil]:
    rows: QuerySet[Pupil] = Pupil.objects.visible_to(actor)
    if filters.learns == NOWHERE:
        rows = Pupil.objects.filter(institution=None, residence__in=communities(actor))
    elif actor.scope.level == "all":
        rows = rows.filter(institution__isnull=False)
    if institution is not None:
        rows = rows.filter(institution=institution)
    if filters.class_id:
        group = ClassGroup.objects.visible_to(actor).find(uid=filters.class_id)
        rows = rows.filter(class_group_id=group.id)
    if filters.grade:
        if not filters.grade.isdigit() or len(filters.grade) > 2:
            raise NotFound
        rows = rows.filter(grade=int(filters.grade))
    if filters.sex in {"M", "F"}:
        rows = rows.filter(sex=filters.sex)
    if filters.form and is_small(actor, institution):
        rows = rows.filter(form=filters.form)
    if filters.flag in FLAGS and is_small(actor, institution):
        rows = rows.filter(id__in=_flagged(_keys(actor, institution), filters.flag))
    if filters.q and named:
        rows = _sought(rows, filters.q)
    return rows


def is_small(actor: Actor, institution: Institution | None) -> bool:
    """Whether the list is of one institution (and its branches), so that all of it may be counted."""
    return institution is not None or actor.scope.level == "institution"


def _keys(actor: Actor, institution: Institution | None) -> list[int]:
    return [institution.unit_id] if institution is not None else list(actor.scope.keys)


def _sought(rows: QuerySet[Pupil], text: str) -> QuerySet[Pupil]:
    """Ten digits are a РНОКПП, other digits a document's number, letters the beginning of a name."""
    query = clean(text.replace("\x00", ""))[:100]
    digits = re.sub(r"\D", "", query)
    if len(digits) >= 5 and len(digits) >= len(query.replace(" ", "")) - 4:
        by_document = PupilDocument.objects.filter(pupil=OuterRef("pk"), number=digits)
        return rows.filter(Q(rnokpp=digits) | Q(Exists(by_document)))
    low = sort_key(query)
    return rows.filter(sort_key__gte=low, sort_key__lt=low + "~")


# What stands beside the pupils of a page and is kept elsewhere: one statement for the page.
_BESIDE = """
    SELECT x.id, LABEL,
           i.short_name,
           x.named AND EXISTS (SELECT FROM registry_pupildocument d WHERE d.pupil_id = x.id),
           CASE WHEN x.named THEN ARRAY(
               SELECT ARRAY[g.code, g.level::text] FROM registry_pupilcategory g
               WHERE g.pupil_id = x.id AND g.starts_on <= %(day)s
                   AND (g.ends_on IS NULL OR g.ends_on > %(day)s)
               ORDER BY g.code
           ) END
    FROM (
        SELECT p.id, p.class_group_id, p.institution_id, %(named)s AS named
        FROM unnest(%(ids)s::uuid[], %(classes)s::int[], %(institutions)s::int[])
            AS p(id, class_group_id, institution_id)
    ) x
    LEFT JOIN registry_classgroup c ON c.id = x.class_group_id
    LEFT JOIN registry_institution i ON i.institution_id = x.institution_id
""".replace("LABEL", label_sql("c"), 1)


def _lines(rows: Sequence[Mapping[str, Any]], *, named: bool) -> list[Line]:
    forms = classifiers.labels("education_form")
    lines = []
    for row, (label, institution, has_document, categories) in zip(
        rows, _beside(rows, named=named), strict=True
    ):
        form = forms.get(row["form"], row["form"])
        if named:
            line = Line(
                id=row["id"],
                code="",
                surname=row["surname"],
                given_name=row["given_name"],
                patronymic=row["patronymic"],
                sex=row["sex"],
                born=f"{row['born_on']:%d.%m.%Y}",
                class_label=label or "",
                form=form,
                institution=institution or "",
                enrolled_on=row["enrolled_on"],
                categories=tuple(_category(*one) for one in categories),
                flag=_flag_of(row, has_document=has_document),
            )
        else:
            line = Line(
                id=None,
                code=pseudonym(row["id"]),
                surname="",
                given_name="",
                patronymic="",
                sex=row["sex"],
                born=str(row["born_on"].year),
                class_label=label or "",
                form=form,
                institution=institution or "",
                enrolled_on=None,
                categories=(),
                flag="",
            )
        lines.append(line)
    return lines


def _beside(
    rows: Sequence[Mapping[str, Any]], *, named: bool
) -> list[tuple[str, str, bool, list[tuple[str, str | None]]]]:
    """For each row: label of the class, name of the institution, whether a document is there, and
    categories of today as (code, level); the last two only for rows that are shown by name."""
    with connection.cursor() as cursor:
        cursor.execute(
            _BESIDE,
            {
                "ids": [row["id"] for row in rows],
                "classes": [row["class_group_id"] for row in rows],
                "institutions": [row["institution_id"] for row in rows],
                "named": named,
                "day": timezone.localdate(),
            },
        )
        found = {row[0]: row[1:] for row in cursor.fetchall()}
    return [
        (label or "", institution or "", has_document, [(*one,) for one in categories or []])
        for label, institution, has_document, categories in (found[row["id"]] for row in rows)
    ]


def _category(code: str, level: str | None) -> str:
    label = classifiers.short("pupil_category", code)
    return f"{label} {level}-й рівень" if level else label


def _flag_of(row: Mapping[str, Any], *, has_document: bool) -> str:
    if not has_document:
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


# ── counts ───────────────────────────────────────────────────────────────────
# The pupils of some institutions with what may be amiss in each. Documents are looked up by all
# ids at once (one walk along the index, where a search for each pupil took half of the time), and
# an age fits a class when the child was born between two first days of September.
_HERE = """
    WITH here AS MATERIALIZED (
        SELECT id, grade, class_group_id, sex, form, born_on, sort_key,
               rnokpp IS NULL AND rnokpp_state = 'NOT_ASSIGNED' AS no_rnokpp,
               born_on NOT BETWEEN make_date(%(year)s::int - 10 - grade, %(month)s, %(day)s) + 1
                   AND make_date(%(year)s::int - 4 - grade, %(month)s, %(day)s) AS age
        FROM registry_pupil WHERE institution_id = ANY(%(keys)s)
    ), judged AS (
        SELECT h.*,
               h.id NOT IN (
                   SELECT d.pupil_id FROM registry_pupildocument d
                   WHERE d.pupil_id = ANY(ARRAY(SELECT id FROM here))
               ) AS no_documents,
               (h.born_on, h.sort_key) IN (
                   SELECT born_on, sort_key FROM here GROUP BY 1, 2 HAVING count(*) > 1
               ) AS twins
        FROM here h
    )
"""
_FACETS = f"""
    {_HERE}
    SELECT grade, class_group_id, sex, form, no_rnokpp, no_documents, age, twins, count(*)
    FROM judged GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""  # noqa: S608 - put together of our own words
_FLAGGED = f"""
    {_HERE}
    SELECT id FROM judged
    WHERE CASE %(flag)s WHEN 'no_rnokpp' THEN no_rnokpp WHEN 'no_documents' THEN no_documents
          WHEN 'age' THEN age WHEN 'twins' THEN twins END
"""  # noqa: S608 - put together of our own words


@dataclasses.dataclass(frozen=True)
class Facets:
    """How many pupils each filter would leave, the other filters staying; only for a school."""

    total: int
    shown: int
    grades: dict[int, int]
    classes: list[tuple[str, str, int]]  # public id, label, pupils
    sexes: dict[str, int]
    forms: dict[str, int]
    flags: dict[str, int]


def facets(actor: Actor, filters: Filters) -> Facets | None:
    """Counts for the filters of a list of one institution; None at larger levels, where counting
    millions would cost more than the list itself.

    Raises:
        NotFound: the institution of the filter is out of reach.
    """
    institution = _chosen_institution(actor, filters)
    if not is_small(actor, institution):
        return None
    with connection.cursor() as cursor:
        cursor.execute(_FACETS, {"keys": _keys(actor, institution), **_first_of_september()})
        groups = cursor.fetchall()
    chosen_class = (
        ClassGroup.objects.filter(uid=filters.class_id).values_list("id", flat=True).first()
        if filters.class_id
        else None
    )

    # One pass: a group counts for a facet when every other filter lets it through. The grades
    # are counted whatever class is chosen, for choosing another grade leaves the class.
    grades: Counter[int] = Counter()
    by_class: Counter[int | None] = Counter()
    sexes: Counter[str] = Counter()
    forms: Counter[str] = Counter()
    flags: Counter[str] = Counter()
    shown = 0
    flag_at = list(FLAGS).index(filters.flag) if filters.flag in FLAGS else None
    for grade, group, sex, form, *marks, number in groups:
        grade_off = bool(filters.grade) and str(grade) != filters.grade
        class_off = chosen_class is not None and group != chosen_class
        sex_off = bool(filters.sex) and sex != filters.sex
        form_off = bool(filters.form) and form != filters.form
        flag_off = flag_at is not None and not marks[flag_at]
        place_off = grade_off or class_off
        if not (sex_off or form_off or flag_off):
            if grade is not None:
                grades[grade] += number
            if not grade_off:
                by_class[group] += number
        if place_off:
            continue
        if not (form_off or flag_off):
            sexes[sex] += number
        if not (sex_off or flag_off):
            forms[form] += number
        if not (sex_off or form_off):
            for name, marked in zip(FLAGS, marks, strict=True):
                if marked:
                    flags[name] += number
        if not (sex_off or form_off or flag_off):
            shown += number
    ordered = sorted(
        ClassGroup.objects.filter(id__in=[c for c in by_class if c is not None]),
        key=lambda c: (c.grade, sort_key(c.letter)),
    )
    return Facets(
        total=sum(group[-1] for group in groups),
        shown=shown,
        grades=dict(sorted(grades.items())),
        classes=[(str(c.uid), c.label, by_class[c.id]) for c in ordered],
        sexes=dict(sexes),
        forms=dict(forms),
        flags=dict(flags),
    )


def _flagged(keys: list[int], flag: str) -> list[uuid.UUID]:
    with connection.cursor() as cursor:
        cursor.execute(_FLAGGED, {"keys": keys, "flag": flag, **_first_of_september()})
        return [row[0] for row in cursor.fetchall()]


def _first_of_september() -> dict[str, int]:
    day = year_for(timezone.localdate()).starts_on
    return {"year": day.year, "month": day.month, "day": day.day}


def about_how_many(actor: Actor) -> int | None:
    """The planner's idea of the number of pupils, for the whole country only."""
    if actor.scope.level != "all":
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'registry_pupil'::regclass"
        )
        return int(cursor.fetchone()[0])


def export(actor: Actor, filters: Filters) -> Iterator[Line]:
    """The filtered list by name, for a file; at most 20,000 rows.

    Raises:
        NotAllowed: the actor sees no names there.
        NotFound: the institution or class of a filter is out of reach.
    """
    institution = _chosen_institution(actor, filters)
    if filters.learns == NOWHERE:
        policies.see_residents.require(actor)
    else:
        policies.export.require(actor, institution)
    rows = list(
        _matching(actor, filters, institution, named=True)
        .order_by("sort_key", "id")
        .values(*_LINE)[:EXPORT_LIMIT]
    )
    audit.looked_at(actor, "registry.pupil", [row["id"] for row in rows], "файл зі списком")
    yield from _lines(rows, named=True)


def own_institution(actor: Actor) -> Institution | None:
    """The institution the actor heads or serves; None for authorities."""
    if not actor.holds(Role.HEAD, Role.DEPUTY) or actor.unit_id is None:
        return None
    return Institution.objects.select_related("unit").filter(pk=actor.unit_id).first()


def own_institutions(actor: Actor) -> list[Institution]:
    """The actor's institution and its branches, where pupils may be enrolled."""
    if not actor.holds(Role.HEAD, Role.DEPUTY):
        return []
    return list(
        Institution.objects.visible_to(actor).select_related("unit").order_by("hub_id", "sort_key")
    )


def open_class_labels(institution_id: int, today: datetime.date) -> list[str]:
    """Labels of the classes a child may be enrolled to now.

    Raises:
        NoSchoolYear: the classifier ends before that day.
    """
    return [ref.label for ref in classes_of(institution_id, year_for(today)).refs]


def problems_of(actor: Actor) -> dict[str, int]:
    """How many pupils of the actor's own institution have which problem; empty for authorities."""
    if actor.scope.level != "institution":
        return {}
    found = facets(actor, Filters())
    return found.flags if found else {}


# ── the card ─────────────────────────────────────────────────────────────────
@dataclasses.dataclass(frozen=True)
class Moment:
    """One line of a child's timeline."""

    when: datetime.datetime | datetime.date
    who: str
    title: str
    text: str
    kind: str  # act, data
    icon: str
    order_id: uuid.UUID | None = None
    proof: str = ""


@dataclasses.dataclass(frozen=True)
class Card:
    """Everything of one child that its page shows."""

    pupil: Pupil
    institution: Institution | None
    class_label: str
    class_teacher: str
    age: int
    form: str
    place: ClassPlacement | None
    documents: list[PupilDocument]
    addresses: list[Any]
    guardianships: list[Guardianship]
    categories: list[PupilCategory]
    timeline: list[Moment]
    looks: list[Look]
    may_edit: bool


def find(actor: Actor, pupil_id: Any) -> Pupil:
    """One child by name.

    Raises:
        NotFound: absent, or out of reach: the two read the same.
        NotAllowed: within reach of a role that works without names.
    """
    pupil, _ = by_name(actor, pupil_id)
    return pupil


def card(actor: Actor, pupil_id: Any, *, today: datetime.date) -> Card:
    """The card of one child; the look is noted.

    Raises:
        NotFound, NotAllowed: as `find`.
    """
    pupil, institution = by_name(actor, pupil_id)
    places = _places(pupil)
    now = next(
        (
            place
            for place in reversed(places)
            if place.enrolment.kind == "MAIN" and place.lasts(today)
        ),
        None,
    )
    teacher = now.class_group.teacher if now else None
    found = Card(
        pupil=pupil,
        institution=pupil.institution,
        class_label=now.class_group.label if now else "",
        class_teacher=(
            f"{teacher.surname} {teacher.given_name[:1]}. {teacher.patronymic[:1]}."
            if teacher
            else ""
        ),
        age=today.year
        - pupil.born_on.year
        - ((today.month, today.day) < (pupil.born_on.month, pupil.born_on.day)),
        form=classifiers.label("education_form", pupil.form) if pupil.form else "",
        place=now,
        documents=list(pupil.documents.order_by("-is_primary", "-id")),
        addresses=list(pupil.addresses.order_by("kind")),
        guardianships=list(
            pupil.guardianships.select_related("guardian").order_by(
                F("ends_on").desc(nulls_first=True), "id"
            )
        ),
        categories=list(pupil.categories.order_by("ends_on", "starts_on")),
        timeline=_timeline(pupil, places),
        looks=list(
            Look.objects.filter(subject_type="registry.pupil", subject_id=str(pupil.pk)).order_by(
                "-id"
            )[:20]
        ),
        may_edit=institution is not None and policies.keep.allows(actor, institution),
    )
    audit.looked_at(actor, "registry.pupil", [pupil.pk], "картка")
    return found


def _places(pupil: Pupil) -> list[ClassPlacement]:
    """Every place in a class the child ever had, voided ones too, the latest first."""
    return list(
        ClassPlacement.objects.filter(enrolment__pupil=pupil)
        .select_related(
            "class_group__teacher",
            "opened_by",
            "enrolment__institution",
            "enrolment__opened_by",
            "enrolment__closed_by",
        )
        .order_by("-enrolment__starts_on", "-starts_on", "-id")
    )


_TITLES = {
    "registry.pupil.corrected": "Виправлено профіль",
    "registry.pupil.document_added": "Додано документ",
    "registry.pupil.guardian_saved": "Змінено відомості про представника",
    "registry.pupil.guardianship_ended": "Завершено представництво",
    "registry.pupil.address_written": "Змінено адресу",
    "registry.pupil.residence_moved": "Облік за місцем проживання веде інша громада",
    "registry.pupil.category_added": "Додано категорію",
    "registry.pupil.category_ended": "Завершено дію категорії",
}
_LABELS = {
    "surname": "прізвище", "given_name": "імʼя", "patronymic": "по батькові",
    "born_on": "дата народження", "sex": "стать", "rnokpp": "РНОКПП", "unzr": "УНЗР",
    "citizenship": "громадянство", "contact_status": "звʼязок",
}  # fmt: skip


def _timeline(pupil: Pupil, places: Sequence[ClassPlacement]) -> list[Moment]:
    steps = [step for place in places for step in _steps(place)]
    steps += [
        (order, order.issued_on, f"Скасовано наказ № {order.corrects.number}", "out")
        for order in Order.objects.filter(
            rows__pupil=pupil, state="EFFECTIVE", corrects__isnull=False
        ).select_related("corrects")
    ]
    orders = [order for order, *_ in steps if order is not None]
    sessions = {
        session.pk: session
        for session in SigningSession.objects.filter(pk__in={o.signing_id for o in orders}).only(
            "signer_name", "certificate_serial", "signed_at"
        )
    }
    moments = [_of_order(order, sessions, day, title, way) for order, day, title, way in steps]
    events = (
        EventRow.objects.filter(
            subject_type="registry.pupil", subject_id=str(pupil.pk), code__in=_TITLES
        )
        .select_related("act")
        .order_by("-id")[:50]
    )
    moments += [
        Moment(
            event.act.at,
            event.act.actor_label,
            _TITLES[event.code],
            _changes(event.payload),
            "data",
            "pen",
        )
        for event in events
    ]
    return sorted(moments, key=lambda m: _as_date(m.when), reverse=True)


def _steps(place: ClassPlacement) -> Iterator[tuple[Order | None, datetime.date, str, str]]:
    """What orders did to a place, the latest first: the order, the day, the words, in or out."""
    enrolment = place.enrolment
    label = f"{place.class_group.label}, {enrolment.institution.short_name}"
    if place.is_last and enrolment.ends_on is not None:
        yield enrolment.closed_by, enrolment.ends_on, f"Вибуття з {label}", "out"
    if place.starts_on == enrolment.starts_on:
        yield enrolment.opened_by, enrolment.starts_on, f"Зараховано до {label}", "in"
    else:
        yield place.opened_by, place.starts_on, f"Переведено до {label}", "in"


def _as_date(when: datetime.datetime | datetime.date) -> datetime.date:
    return timezone.localtime(when).date() if isinstance(when, datetime.datetime) else when


def _of_order(
    order: Order | None,
    sessions: Mapping[uuid.UUID, SigningSession],
    day: datetime.date,
    title: str,
    way: str,
) -> Moment:
    icon = "plus" if way == "in" else "minus"
    if order is None:
        return Moment(day, "", title, "Перенесено під час наповнення реєстру", "act", icon)
    session = sessions.get(order.signing_id) if order.signing_id else None
    proof = ""
    if session is not None and session.signed_at is not None:
        proof = (
            f"КЕП {session.signer_name}, сертифікат {session.certificate_serial}, "
            f"{timezone.localtime(session.signed_at):%d.%m.%Y %H:%M:%S}, перевірено. Підстава: {order.ground}."
        )
    many = f", разом із {order.rows_count - 1} іншими" if order.rows_count > 1 else ""
    return Moment(
        day,
        session.signer_name if session else "",
        title,
        f"Наказ № {order.number} від {order.issued_on:%d.%m.%Y}{many}",
        "act",
        icon,
        order.pk,
        proof,
    )


def _changes(payload: Mapping[str, Any]) -> str:
    changed = payload.get("changed")
    if isinstance(changed, dict):
        return "; ".join(
            f"{_LABELS.get(field, field)}: {was or '—'} → {now or '—'}"
            for field, (was, now) in changed.items()
        )
    if "relation" in payload:
        relation = classifiers.label("relation", payload["relation"])
        return f"{relation}: {payload['name']}"
    if "kind" in payload and "now" in payload:
        was = payload["was"]["line"] if payload["was"] else ""
        return f"{was or '—'} → {payload['now']['line'] or '—'}"
    return str(payload.get("text", ""))
