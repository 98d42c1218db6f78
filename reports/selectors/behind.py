"""The rows behind a cell, as they were counted, and what has become of them since."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.db import connection

from accounts.actors import Actor
from accounts.models import OrgUnit
from kernel import audit
from kernel.errors import NotFound
from registry.classifiers.selectors import classifiers
from registry.fields import labels
from registry.fields.contacts import SEX_LETTERS
from registry.institutions import policies as institution_policies
from registry.models import ClassGroup, ClassPlacement, Institution, Order, Post
from registry.people import policies as pupil_policies
from registry.people.selectors.lists import pseudonym
from reports import compile as sql
from reports import definition
from reports.inputs import by_key
from reports.models import ReportInput, ReportRun
from reports.selectors import figures

# Rows of one cell shown on a page; more are walked by narrowing to a line of the axis.
MOST_ROWS = 500
# People shown without names: fewer of them would tell who each is (handbook K: small cells).
FEWEST = 5


@dataclasses.dataclass(frozen=True)
class Counted:
    """One kept row: its id, the key of the axis, the mask of lines that counted it, the amount."""

    id: Any
    key: str
    mask: int
    amount: int = 0


@dataclasses.dataclass(frozen=True)
class Shown:
    """A row on the page: what stands `beside` the name, with its head; `gone` when it would not be counted now, `new`
    when it was not counted then."""

    title: str
    beside: list[tuple[str, str]]
    code: bool = False
    page: tuple[str, Any] | None = None  # the name of its card's address, and whose
    order: Order | None = None  # by which it was there
    gone: bool = False
    new: bool = False


@dataclasses.dataclass(frozen=True)
class Behind:
    """The rows behind a cell of one institution: what was counted, then what would be now."""

    heads: list[str]
    rows: list[Shown]
    total: int
    gone: int
    new: int
    named: bool
    comparable: bool
    ordered: bool = False  # rows rest on orders
    hidden: bool = False  # too few people to be shown without names


def inputs(of_run: ReportRun, institution_id: int, source: str) -> list[Counted]:
    """The rows of a source that were counted at an institution."""
    kept = ReportInput.objects.filter(
        run=of_run, institution_id=institution_id, source=source
    ).first()
    return list(unpacked(kept, of_run.layout[source])) if kept else []


def unpacked(kept: ReportInput, layout: str) -> Iterator[Counted]:
    """The rows of one kept input."""
    for key, rows in by_key(kept, layout):
        for row in rows:
            yield Counted(row.id, key, row.mask, row.amount)


def recounted(of_run: ReportRun, institution_id: int) -> dict[str, list[int]]:
    """The counts of an institution computed anew from what was kept, the register not asked."""
    form = figures.form_of(of_run)
    counts: dict[str, list[int]] = {}
    for source in form.sources:
        for row in inputs(of_run, institution_id, source):
            found = counts.setdefault(row.key, [0] * len(form.measures))
            for bit, (place, line) in enumerate(form.bits(source)):
                if row.mask >> bit & 1:
                    found[place] += row.amount if line.sum else 1
    return counts


def behind(
    actor: Actor, of_run: ReportRun, unit: OrgUnit, row_code: str, column_code: str
) -> Behind:
    """The rows behind one cell of an institution; looking at named people is noted.

    They are the rows counted then. The same institution is counted again for the same day, so
    that the page says which would not be counted now and which would be besides.

    Raises:
        NotFound: the node is not an institution, no such cell, or one the register cannot fill.
    """
    form = figures.form_of(of_run)
    try:
        line, axis = form.crossing(row_code, column_code)
    except KeyError:
        raise NotFound from None
    institution = (
        Institution.objects.visible_to(actor).select_related("unit").filter(pk=unit.pk).first()
    )
    if institution is None or line.absent or axis.absent:
        raise NotFound
    bit = [measure for _, measure in form.bits(line.counts)].index(line)
    then = in_cell(inputs(of_run, unit.pk, line.counts), axis, bit)
    now = _now(of_run, form, unit.pk, line.counts)
    current = then if now is None else in_cell(now, axis, bit)
    shown_rows = shown(
        actor,
        institution,
        line.counts,
        dict.fromkeys([*then, *current]),
        gone=then - current,
        new=current - then,
        what=f"звіт {form.code}, клітинка {form.key(row_code, column_code)}",
    )
    return Behind(
        shown_rows.heads,
        sorted(shown_rows.rows, key=lambda row: row.new)[:MOST_ROWS],
        total=len(then),
        gone=len(then - current),
        new=len(current - then),
        named=shown_rows.named,
        comparable=now is not None,
        ordered=shown_rows.named and line.counts == "pupils",
        hidden=shown_rows.hidden,
    )


@dataclasses.dataclass(frozen=True)
class Look:
    """Rows as an actor may see them. `hidden`: fewer than `FEWEST` people without names would tell who
    they are, so that none is shown."""

    heads: list[str]
    rows: list[Shown]
    named: bool
    hidden: bool


def shown(
    actor: Actor,
    institution: Institution,
    source: str,
    ids: Collection[Any],
    *,
    gone: Collection[Any],
    new: Collection[Any],
    what: str,
) -> Look:
    """Kept rows by their ids: named to those allowed, which is noted as `what`; else by pseudonyms, and
    only where they are not too few."""
    named = _NAMES[source].allows(actor, institution)
    guarded = not named and source != "classes"
    if guarded and any(0 < len(few) < FEWEST for few in (gone, new)):
        # What a few of them were or became tells who they are: only those counted then, unmarked.
        ids, gone, new = [pk for pk in ids if pk not in new], (), ()
    hidden = guarded and 0 < len(ids) < FEWEST
    heads, rows, seen = _SHOWN[source]([] if hidden else ids, named)
    if named and seen:
        audit.looked_at(actor, *seen, what)
    return Look(
        heads,
        [
            Shown(
                title,
                list(zip(heads[1:], beside, strict=True)),
                guarded,
                about.page,
                about.order,
                pk in gone,
                pk in new,
            )
            for pk, title, beside, about in rows
        ],
        named,
        hidden,
    )


def in_cell(rows: Iterable[Counted], axis: definition.Line, bit: int) -> set[Any]:
    """Ids of the rows that a measure counted on a line of the axis."""
    return {r.id for r in rows if r.mask >> bit & 1 and (not axis.at or r.key in axis.at)}


def _now(
    of_run: ReportRun, form: definition.Form, institution_id: int, source: str
) -> list[Counted] | None:
    """What would be counted now; None when the form's words are no longer the vocabulary's."""
    try:
        text, params = sql.now_sql(form, source)
    except (KeyError, ValueError):
        return None
    with connection.cursor() as cursor:
        given = {"first": institution_id, "last": institution_id, "ids": None}
        cursor.execute(text, params | given | {"day": of_run.as_of})
        return [Counted(*found) for found in cursor.fetchall()]


# ── how rows of each source look: heads, (id, title, beside) in order, whose data was seen ────────
@dataclasses.dataclass(frozen=True)
class About:
    """Where a row leads: the name of its card's address and whose, the order it rests on."""

    page: tuple[str, Any] | None = None
    order: Order | None = None


Row = tuple[Any, str, list[str], About]
Drawn = tuple[list[str], list[Row], tuple[str, list[Any]] | None]


def _pupils(ids: Iterable[Any], named: bool) -> Drawn:
    found = list(
        ClassPlacement.objects.filter(pk__in=ids)
        .select_related("enrolment__pupil", "class_group", "opened_by", "enrolment__opened_by")
        .order_by("enrolment__pupil__sort_key" if named else "enrolment__pupil_id", "pk")[
            : 2 * MOST_ROWS
        ]
    )
    pupils = [each.enrolment.pupil for each in found]
    rows = [
        (
            each.pk,
            pupil.full_name if named else pseudonym(pupil.pk),
            [
                f"{pupil.born_on:%d.%m.%Y}" if named else str(pupil.born_on.year),
                SEX_LETTERS.get(pupil.sex, ""),
                each.class_group.label,
            ],
            # Who has left since has no card here; the order stays.
            About(
                ("pupil_detail", pupil.pk)
                if pupil.institution_id == each.enrolment.institution_id
                else None,
                each.opened_by or each.enrolment.opened_by,
            )
            if named
            else About(),
        )
        for each, pupil in zip(found, pupils, strict=True)
    ]
    who = ["Прізвище, імʼя, по батькові", "Дата народження"] if named else ["Код", "Рік народження"]
    return [*who, "Стать", "Клас"], rows, ("registry.pupil", [pupil.pk for pupil in pupils])


def _classes(ids: Iterable[Any], named: bool) -> Drawn:
    found = (
        ClassGroup.objects.filter(pk__in=ids)
        .select_related("teacher__employee")
        .order_by(*labels.ORDER, "pk")[: 2 * MOST_ROWS]
    )
    rows = [
        (
            each.pk,
            each.label,
            [
                (each.teacher.employee.full_name if named else "призначено")
                if each.teacher
                else "не вказано"
            ],
            About(("class_detail", each.uid)),
        )
        for each in found
    ]
    return ["Клас", "Класний керівник"], rows, None


def _posts(ids: Iterable[Any], named: bool) -> Drawn:
    found = list(
        Post.objects.filter(pk__in=ids)
        .select_related("employee")
        .order_by("sort_key" if named else "pk", "pk")[: 2 * MOST_ROWS]
    )
    rows = [
        (
            each.pk,
            each.employee.full_name if named else str(each.pk)[-8:],
            [
                classifiers.label("position", each.position),
                "основна" if each.is_main else "за сумісництвом",
                f"{each.rate}".replace(".", ","),
            ],
            About(("staff_detail", each.pk)) if named else About(),
        )
        for each in found
    ]
    heads = ["Прізвище, імʼя, по батькові" if named else "Код", "Посада", "Робота", "Ставка"]
    return heads, rows, ("registry.staff", [e.pk for e in found])


# Whose names are open is asked of these. A class is told by its label whoever asks.
_NAMES = {
    "pupils": pupil_policies.see_names,
    "finished": pupil_policies.see_names,
    "classes": institution_policies.see_class_teacher,
    "posts": institution_policies.see_staff_names,
}
_SHOWN = {"pupils": _pupils, "finished": _pupils, "classes": _classes, "posts": _posts}
