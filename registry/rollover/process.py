"""The order of the passage to the next year: promoted, repeating and leaving children of one school
in one list, the classes of the coming year opened, all by one signature (ADR 0051).

Sources: наказ МОН 14.07.2015 № 762; наказ МОН 16.04.2018 № 367, розд. IV; handbook A.7 F131, D.6.
"""

from __future__ import annotations

import datetime
import functools
import string
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from django.db import connection

from kernel import audit
from kernel.audit.events import Event
from kernel.clock import Moment
from kernel.db import part_of_command, violation
from kernel.tables import dates
from kernel.text import clean, plural, years
from registry.classes import ports as class_ports
from registry.classes import selectors as class_reads
from registry.classes.errors import ClassExists
from registry.classes.events import ClassClosed, ClassesOpened
from registry.classes.models import ClassGroup
from registry.classes.services.spec import led_from_within
from registry.classifiers.selectors import classifiers
from registry.enrolments.events import EnrolmentClosed, PlacementMoved
from registry.enrolments.models import ClassPlacement
from registry.fields.labels import label
from registry.institutions.models.institutions import Institution
from registry.movements import targets, withdraw
from registry.movements.movement import Movement
from registry.movements.placing import effect as placing
from registry.orders import texts
from registry.orders.errors import EnrolledMeanwhile
from registry.orders.models import Order
from registry.orders.refusals import refusal_of
from registry.process import (
    Chosen,
    Conflict,
    Say,
    SignedRow,
    TermField,
    Terms,
    Verdict,
    text_of,
)
from registry.rollover.events import RolloverSigned
from registry.rollover.plan import Class, Coming, Outcome
from registry.staff.models.posts import Post, lasting
from signatures.models import SessionFile
from signatures.packages import HEAD

CODE = "rollover"
_GRADUATE = "документ про повну загальну середню освіту"


class RolloverRow(SignedRow, frozen=True, kw_only=True, tag="registry.rollover/1"):
    """One child: promoted or left for the same course, to which class; or leaving, on what ground.
    A class with the id 0 is opened by this very order."""

    act: str  # promote, repeat, leave
    from_class: str
    from_form: str
    class_: targets.ClassOf | None = msgspec.field(name="class", default=None)
    form: str = ""
    reason: str = ""
    leaves_on: datetime.date | None = None
    document: str = ""


class OpenedClass(msgspec.Struct, frozen=True, omit_defaults=True):
    """A class that the order opens, as it is signed."""

    grade: int
    letter: str
    form: str
    type: str
    language: str
    shift: int
    profile: str = ""
    capacity: int | None = None
    teacher: uuid.UUID | None = None
    teacher_name: str = ""

    @property
    def label(self) -> str:
        """«5-А»."""
        return label(self.grade, self.letter)


_CLASSES = msgspec.json.Decoder(list[OpenedClass])


def told_of(coming: Iterable[Coming]) -> str:
    """The classes that an order opens, for its signed terms."""
    opened = [
        OpenedClass(
            one.grade, one.letter, one.form, one.type, one.language, one.shift, one.profile,
            one.capacity, one.teacher, one.teacher_name,
        )
        for one in (line.target for line in coming if line.is_new)
    ]  # fmt: skip
    return msgspec.json.encode(opened).decode()


def opened_by(order: Order) -> tuple[str, list[OpenedClass]]:
    """The year and the classes that an order opens, read from the very bytes that are signed."""
    return _opened(order.signing_id)


@functools.lru_cache(maxsize=16)  # asked twice of an order; what is signed never changes
def _opened(signing_id: uuid.UUID | None) -> tuple[str, list[OpenedClass]]:
    files = SessionFile.objects.filter(session_id=signing_id, name=HEAD)
    document = msgspec.json.decode(bytes(files.values_list("content", flat=True).get()))["document"]
    return document["school_year"], _CLASSES.decode(document["terms"]["classes"])


def _decision(row: RolloverRow) -> str:
    if row.act == "leave":
        ground = withdraw.GROUNDS[row.reason][0]
        return (
            f"відрахувати з {dates.show(row.leaves_on)}: {ground.lower()}" if row.leaves_on else ""
        )
    name = row.class_.label if row.class_ else ""
    return f"повторний курс: {name}" if row.act == "repeat" else f"перевести до {name}"


class Rollover(Movement[RolloverRow, Outcome]):
    """«Переведення на наступний навчальний рік»: the order of a plan (registry.rollover.plan)."""

    code = CODE
    name = "Переведення на наступний навчальний рік"
    about = "про переведення на наступний навчальний рік"
    verb = "охоплено переведенням на наступний навчальний рік"
    order = 29
    icon = "up"
    page = "rollover_own"
    source = Chosen(headings=(), lines=lambda *_: (), pick=lambda *_: [])
    row = RolloverRow
    effective_label = "Перший день у нових класах"
    effective_hint = "Зазвичай 1 вересня, дд.мм.рррр"
    default_ground = "рішення педагогічної ради, заяви батьків (інших законних представників)"
    term_fields = (
        TermField(
            "protocol",
            "Протокол засідання педагогічної ради",
            hint="Номер і дата: № 7 від 28.05.2027",
            missing="Вкажіть номер і дату протоколу педагогічної ради.",
        ),
        TermField(
            "leaves_on",
            "Дата відрахування випускників",
            hint="З цього дня вони не навчаються у закладі, дд.мм.рррр",
            required=False,
        ),
        TermField(
            "certificate",
            "Документ випускників",
            hint="Що показує здобуття повної загальної середньої освіти",
            required=False,
        ),
    )
    text = Path(texts.__path__[0]) / "rollover.toml"
    paper = (
        ("З класу", lambda row: row.from_class),
        ("Рішення", _decision),
        ("Документ", lambda row: row.document),
    )

    # ── the order
    def check_terms(self, institution: Institution, terms: Terms, say: Say, moment: Moment) -> None:
        """Children come to new classes while the year lasts, and graduates leave before that; neither
        reaches back behind the order's own date."""
        if terms.effective_on < terms.issued_on:
            say("effective_on", "before_order", "Перший день не може бути раніший за дату наказу.")
        elif not terms.year_starts_on <= terms.effective_on < terms.year_ends_on:
            say(
                "effective_on",
                "outside_year",
                f"{dates.show(terms.effective_on)} — не навчальний день {years(terms.year_code)} року.",
            )
        typed = terms.extra.get("leaves_on", "")
        read = dates.parse("leaves_on", typed, required=False)
        if read.problems:
            say("leaves_on", read.problems[0].code, read.problems[0].detail)
        elif read.value and not terms.issued_on <= read.value <= terms.effective_on:
            say(
                "leaves_on",
                "outside_order",
                "Випускники вибувають не раніше за дату наказу й не пізніше за перший день нових "
                "класів.",
            )

    def wording(self, terms: Terms, count: int, rows: Sequence[RolloverRow] = ()) -> dict[str, Any]:
        """Points about what the order has none of are left out."""
        edition = text_of(self.text).on(terms.issued_on)
        words = {
            **terms.extra,
            "day": dates.show(terms.effective_on),
            "year": years(terms.year_code),
            "count": str(count),
            "pupils": plural(count, "учня", "учнів", "учнів"),
        }
        points = [
            point.format_map(words)
            for point in edition.points
            if all(words.get(name) for _, name, _, _ in string.Formatter().parse(point) if name)
        ]
        return {
            "title": edition.title.format_map(words),
            "preamble": edition.preamble,
            "points": points,
        }

    def signed(self, number: int, verdict: Verdict) -> RolloverRow:
        """What the bytes say of one child."""
        outcome: Outcome = verdict.clean
        child, target = outcome.child, outcome.target
        return RolloverRow(
            no=number,
            pupil=child.id,
            surname=child.surname,
            given_name=child.given_name,
            patronymic=child.patronymic,
            born_on=child.born_on,
            act=outcome.act,
            from_class=child.class_label,
            from_form=child.form,
            class_=_told_of(target) if target else None,
            form=outcome.form,
            reason=outcome.reason,
            leaves_on=outcome.leaves_on,
            document=outcome.document,
        )

    def remarks_of_order(self, rows: Sequence[RolloverRow]) -> Sequence[str]:
        """Classes of the coming year past their norm, by those whom the order brings."""
        more = Counter((row.class_.grade, row.class_.label) for row in rows if row.class_)
        hints = [
            (name, class_reads.hint(ClassGroup(grade=grade), count))
            for (grade, name), count in more.items()
        ]
        return [f"{name}: {hint}" for name, hint in hints if hint]

    def conflicts(self, order: Order, rows: Sequence[RolloverRow]) -> list[Conflict]:
        """Children who left, were moved or named otherwise since, classes that are there or are not
        there any more, teachers who left. Children, places and classes are held."""
        found = _of_classes(order, rows)
        standing = targets.held(
            order.institution_id, [row.class_.id for row in rows if row.class_ and row.class_.id]
        )
        now = _held(order, [row.pupil for row in rows])
        for row in rows:
            if what := _changed(row, now.get(row.pupil), order, standing):
                found.append(Conflict(row.no, row.full_name, what))
        return found

    def effect(self, order: Order, rows: Sequence[RolloverRow]) -> None:
        """Classes are opened, places end and begin, graduates leave; each in one statement."""
        opened = _open(order)
        moves = [
            placing.Move(row.pupil, row.class_.id or opened[row.class_.label], row.form)
            for row in rows
            if row.class_ is not None
        ]
        done = placing.place(order, moves)
        leaving: dict[datetime.date, dict[uuid.UUID, str]] = {}
        for row in rows:
            if row.act == "leave":
                leaving.setdefault(row.leaves_on or order.effective_on, {})[row.pupil] = row.reason
        done += sum(withdraw.leave(order, who, day) for day, who in leaving.items())
        if done != len(rows):
            raise refusal_of(self.conflicts(order, rows)) or EnrolledMeanwhile(
                "Дані в реєстрі змінилися. Спробуйте підписати ще раз."
            )

    def events(self, order: Order, rows: Sequence[RolloverRow]) -> Iterable[Event]:
        """One move or departure per child, told as the kinds of their own orders are."""
        for row in rows:
            if row.class_ is None:
                yield EnrolmentClosed(
                    subject=row.pupil,
                    unit=order.institution_id,
                    order=order.pk,
                    class_label=row.from_class,
                    ends_on=row.leaves_on or order.effective_on,
                    reason=row.reason,
                )
            else:
                yield PlacementMoved(
                    subject=row.pupil,
                    unit=order.institution_id,
                    order=order.pk,
                    kind=row.act,
                    from_class=row.from_class,
                    class_label=row.class_.label,
                    form=row.form,
                    starts_on=order.effective_on,
                )

    def undone(self, order: Order, row: RolloverRow) -> str:
        """The child stays where it was before the order."""
        if row.class_ is None:
            day = dates.show(row.leaves_on or order.effective_on)
            return f"відрахування з {day} з класу {row.from_class}"
        day = dates.show(order.effective_on)
        what = "залишення на повторний курс:" if row.act == "repeat" else "переведення"
        return f"{what} з класу {row.from_class} до класу {row.class_.label} з {day}"

    def undone_beside(self, order: Order, rows: Sequence[RolloverRow]) -> Sequence[str]:
        """The classes it opened are closed."""
        _, opens = opened_by(order)
        names = ", ".join(one.label for one in opens)
        return (f"Класи, які відкрив наказ, буде закрито: {names}.",) if names else ()

    def stands_on(self, order: Order, rows: Sequence[RolloverRow]) -> list[Conflict]:
        """Children who left, came back or were moved on since, and others in classes it opened."""
        moved = [row for row in rows if row.class_ is not None]
        found = placing.stands_on(order, moved)  # type: ignore[arg-type] # asks no more of a row
        left = withdraw.stood_on(
            order, {row.pupil: row.from_class for row in rows if row.class_ is None}
        )
        found += [
            Conflict(row.no, row.full_name, left[row.pupil]) for row in rows if row.pupil in left
        ]
        for group, others in _others_in(order):
            first = rows[0]
            more = plural(others, "інша дитина", "інші дитини", "інших дітей")
            what = f"у відкритому ним класі {group} вже {others} {more}"
            found.append(Conflict(first.no, first.full_name, what))
        return found

    @part_of_command
    def annul(self, order: Order, by: Order, rows: Sequence[RolloverRow]) -> None:
        """Places that began are voided, those that ended go on, who left learns again; the classes
        it opened are closed."""
        placing.put_back(order, by)
        withdraw.come_back(order, [row.pupil for row in rows if row.class_ is None])
        _close(order)

    def outcome(self, count: int, day: datetime.date, *, done: bool) -> str:
        """«312 учнів буде переведено, залишено на повторний курс або відраховано з 01.09.2027»."""
        pupils = plural(count, "учня", "учнів", "учнів")
        will = "" if done else "буде "
        return (
            f"{count} {pupils} {will}переведено, залишено на повторний курс або випущено; нові класи "
            f"діють з {dates.show(day)}"
        )


def _told_of(target: Class) -> targets.ClassOf:
    return targets.ClassOf(
        target.id, target.label, target.grade, target.form, target.language, target.shift
    )


def certificate_of(terms: Mapping[str, str]) -> str:
    """What shows that graduates have their education, as the terms say or as it is usual."""
    return clean(terms.get("certificate", "")) or _GRADUATE


# ── what the register says when the order is signed ──────────────────────────
_NOW = """
    SELECT p.id, concat_ws(' ', p.surname, nullif(p.given_name, ''), nullif(p.patronymic, '')),
           p.born_on, c.grade, c.letter, t.form, t.starts_on, e.starts_on
    FROM registry_enrolment e
    JOIN registry_classplacement t ON t.enrolment_id = e.id AND t.ends_on IS NULL
        AND t.voided_by_id IS NULL
    JOIN registry_classgroup c ON c.id = t.class_group_id
    JOIN registry_pupil p ON p.id = e.pupil_id
    WHERE e.pupil_id = ANY(%s) AND e.institution_id = %s AND e.kind = 'MAIN'
      AND e.ends_on IS NULL AND e.voided_by_id IS NULL
    ORDER BY e.id FOR NO KEY UPDATE OF e, t
"""


@part_of_command
def _held(order: Order, pupil_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[Any, ...]]:
    """Each child's name, birth date and last place, held until the order is in effect."""
    ids = list(pupil_ids)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM registry_pupil WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [ids]
        )
        cursor.execute(_NOW, [ids, order.institution_id])
        return {row[0]: row[1:] for row in cursor.fetchall()}


def _changed(
    row: RolloverRow, now: tuple[Any, ...] | None, order: Order, standing: dict[int, Any]
) -> str:
    """What of a child is no longer as the row was signed to say; empty when all is."""
    if now is None:
        return "вже не навчається у закладі"
    name, born_on, grade, letter, form, since, enrolled = now
    here = label(grade, letter)
    if here != row.from_class:
        return f"тепер навчається у класі {here}"
    if form != row.from_form:
        return "змінено форму здобуття освіти"
    if (name, born_on) != (row.full_name, row.born_on):
        return "у профілі змінено імʼя або дату народження"
    ends = order.effective_on if row.class_ is not None else row.leaves_on or order.effective_on
    if max(since, enrolled) >= ends:
        return f"навчається у цьому класі лише з {dates.show(max(since, enrolled))}"
    if row.class_ is not None and row.class_.id:
        return targets.differs(row.class_, standing)
    return ""


def _named(order: Order, year: str, opens: Iterable[OpenedClass]) -> dict[str, ClassGroup]:
    """Open classes of a year with the names of these, held, by label."""
    wanted = {one.label for one in opens}
    groups = ClassGroup.objects.filter(
        institution_id=order.institution_id, school_year_id=year, closed_on=None
    ).order_by("pk")
    return {one.label: one for one in groups.select_for_update(no_key=True) if one.label in wanted}


@part_of_command
def _of_classes(order: Order, rows: Sequence[RolloverRow]) -> list[Conflict]:
    """Classes to be opened that somebody opened meanwhile, or whose teacher left."""
    year, opens = opened_by(order)
    first = {row.class_.label: row.no for row in reversed(rows) if row.class_ is not None}
    there = _named(order, year, opens)
    teachers = {one.teacher for one in opens if one.teacher is not None}
    posts = Post.objects.filter(lasting(order.effective_on), institution_id=order.institution_id)
    working = set(posts.filter(pk__in=teachers).values_list("pk", flat=True))
    found = []
    for one in opens:
        what = ""
        if one.label in there:
            what = "його вже відкрито окремо"
        elif one.teacher is not None and one.teacher not in working:
            what = f"{one.teacher_name} вже не працює на початок року"
        if what:
            found.append(Conflict(first.get(one.label, rows[0].no), f"клас {one.label}", what))
    return found


# ── what the order writes ────────────────────────────────────────────────────
@part_of_command
def _open(order: Order) -> dict[str, int]:
    """Open the classes of the order from the first day of their year; their ids by label.

    Raises:
        ClassExists, Invalid: somebody opened one, or its teacher left, a moment ago.
    """
    year, opens = opened_by(order)
    first_day = classifiers.year(year).starts_on
    with violation("one_class_of_a_name", ClassExists), led_from_within():
        groups = ClassGroup.objects.bulk_create(
            ClassGroup(
                institution_id=order.institution_id,
                school_year_id=year,
                grade=one.grade,
                letter=one.letter,
                form=one.form,
                type=one.type,
                language=one.language,
                shift=one.shift,
                profile=one.profile,
                capacity=one.capacity,
                teacher_id=one.teacher,
                opened_on=first_day,
            )
            for one in opens
        )
    subject = order.institution.uid
    if groups:
        audit.record(
            ClassesOpened(
                subject=subject,
                unit=order.institution_id,
                year=year,
                labels=tuple(group.label for group in groups),
            )
        )
    audit.record(
        RolloverSigned(subject=subject, unit=order.institution_id, year=year, order=order.pk)
    )
    return {group.label: group.pk for group in groups}


def _others_in(order: Order) -> list[tuple[str, int]]:
    """Classes that the order opened with how many learn there by other orders."""
    groups = _named(order, *opened_by(order))
    placed = class_ports.placed_in([group.pk for group in groups.values()], order.effective_on)
    ours = Counter(
        ClassPlacement.objects.filter(opened_by=order, voided_by=None).values_list(
            "class_group_id", flat=True
        )
    )
    return [
        (name, placed[group.pk] - ours[group.pk])
        for name, group in groups.items()
        if placed.get(group.pk, 0) > ours[group.pk]
    ]


@part_of_command
def _close(order: Order) -> None:
    for group in _named(order, *opened_by(order)).values():
        group.closed_on = max(audit.today(), group.opened_on)
        group.version += 1
        group.save(update_fields=["closed_on", "version"])
        audit.record(
            ClassClosed(
                subject=group.uid,
                unit=group.institution_id,
                year=group.school_year_id,
                label=group.label,
            )
        )


PROCESS = Rollover()
