"""Kinds of movement within an institution, as the service names them («Тип наказу», handbook D.6).

A child goes on at its institution: another class of the parallel, the next grade or the same once
more, an individual form of education and back. Each is a declaration over one mechanism.

Sources: наказ МОН 16.04.2018 № 367, розділ III; наказ МОН 14.07.2015 № 762; наказ МОН 12.01.2016
№ 8; handbook D.3, D.6.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from accounts.actors import Actor
from kernel.audit.events import Event
from kernel.clock import Moment
from kernel.tables import dates
from kernel.tables.findings import Problem, error
from kernel.text import alike, plural, years
from registry.classes import selectors as class_reads
from registry.classes.frames import classes_of, first_day, year_for
from registry.classes.models import ClassGroup
from registry.classifiers.errors import NoSchoolYear
from registry.classifiers.models import SchoolYear
from registry.classifiers.selectors import classifiers
from registry.drafts.models import Draft, DraftRow
from registry.enrolments.events import PlacementMoved
from registry.fields import forms, labels
from registry.fields.labels import Classes, ClassRef
from registry.institutions.models.institutions import Institution
from registry.movements import roster, targets
from registry.movements.movement import Movement
from registry.movements.placing import effect
from registry.movements.placing.effect import Learner
from registry.movements.placing.signed import (
    IndividualRow,
    InstitutionalRow,
    MoveRow,
    PlacedRow,
    PromoteRow,
    RepeatRow,
)
from registry.orders import texts
from registry.orders.models import Order
from registry.people.models.pupils import Pupil
from registry.process import (
    Candidate,
    Chosen,
    Column,
    Conflict,
    Picked,
    Read,
    Say,
    TermField,
    Terms,
    Verdict,
)

_LONGEST_DOCUMENT = 200


@dataclasses.dataclass(frozen=True, slots=True)
class _Frame:
    learners: Mapping[uuid.UUID, Learner]
    day: datetime.date
    classes: Classes  # of the school year of the day


@dataclasses.dataclass(frozen=True, slots=True)
class _Clean:
    learner: Learner
    target: ClassRef
    form: str
    document: str


def _next_year(today: datetime.date) -> SchoolYear:
    """The school year to come: after the one that lasts, or the first to begin.

    Raises:
        NoSchoolYear: the classifier does not reach it.
    """
    year = year_for(today)
    if year.starts_on > today:
        return year
    coming = classifiers.next_year(year)
    if coming is None:
        raise NoSchoolYear("У довіднику ще немає наступного навчального року.")
    return coming


class Placing(Movement[PlacedRow, _Clean]):
    """What all of them share. A kind says of which year the class is, how many grades away, and
    whether the form of education changes."""

    next_year: ClassVar[bool] = False  # the class is of the year to come
    step: ClassVar[int] = 0  # grades from the class now to the one to be
    of_forms: ClassVar[Collection[str] | None] = None  # whom it is about; None: everybody
    to_forms: ClassVar[Collection[str]] = ()  # what may be chosen; none: the form is the class's
    class_required: ClassVar[bool] = True  # otherwise the child stays in its class
    # What shows it, row by row: «чия заява …»; empty, the order's ground does.
    document_asked: ClassVar[str] = ""
    document_required: ClassVar[bool] = True
    row: ClassVar[type[PlacedRow]]
    icon = "users"
    effective_label = "Дата переведення"
    effective_hint = "Перший день у новому класі, дд.мм.рррр"

    # ── the draft
    def usual_day(self, today: datetime.date, first: datetime.date) -> datetime.date:
        """To the next grade children go on the first day of the coming year."""
        return _next_year(today).starts_on if self.next_year else first

    def _day(self, terms: Mapping[str, str], today: datetime.date) -> datetime.date:
        typed = dates.parse("effective_on", terms.get("effective_on") or "", required=False).value
        return typed or self.usual_day(today, first_day(None, today)[0])

    def frame(self, draft: Draft, actor: Actor, moment: Moment) -> _Frame:
        """Every chosen child as the register has it, and the classes of the year of that day.

        Raises:
            NoSchoolYear: no school year covers that day.
        """
        day = self._day(draft.terms, moment.today)
        chosen = draft.rows.filter(pupil__isnull=False).values_list("pupil_id", flat=True)
        return _Frame(
            effect.learners(draft.institution_id, chosen),
            day,
            classes_of(draft.institution_id, year_for(day)),
        )

    def options(
        self, institution_id: int, terms: Mapping[str, str], moment: Moment
    ) -> Mapping[str, Sequence[tuple[str, str]]]:
        """The open classes of that year.

        Raises:
            NoSchoolYear: no school year covers the day.
        """
        day = self._day(terms, moment.today)
        refs = classes_of(institution_id, year_for(day)).refs
        return {"to_class": [(ref.label, ref.label) for ref in refs]}

    def read(self, row: DraftRow, frame: _Frame) -> Read:
        """The child learns here by a form that this kind is about; class, form and document are of
        those that may be."""
        problems: list[Problem] = []
        learner = frame.learners.get(row.pupil_id) if row.pupil_id else None
        problems += self._of_child(learner, frame)
        target, found = self._target(row, learner, frame)
        problems += found
        form, found = self._form(row, learner, target)
        problems += found
        document, found = self._document(row)
        problems += found
        wrong = any(problem.level == "error" for problem in problems)
        clean = None
        if learner is not None and target is not None and form is not None and not wrong:
            clean = _Clean(learner, target, form, document)
        return Read(tuple(problems), clean, keys=(f"pupil:{row.pupil_id}",))

    def _of_child(self, learner: Learner | None, frame: _Frame) -> list[Problem]:
        if learner is None:
            return [error("pupil", "not_here", "Ця дитина вже не навчається у закладі.")]
        place = learner.place
        if place.starts_on >= frame.day:
            since = dates.show(place.starts_on)
            return [
                error(
                    "pupil",
                    "not_begun",
                    f"З {since} дитина вже переведена до класу {learner.class_label}. Вкажіть "
                    "пізнішу дату або скасуйте той наказ.",
                )
            ]
        if self.of_forms is not None and place.form not in self.of_forms:
            return [
                error(
                    "pupil",
                    "other_form",
                    f"Дитина здобуває освіту за такою формою: {forms.FORMS[place.form].lower()}.",
                )
            ]
        if not self.next_year and place.class_group.school_year_id != frame.classes.year:
            return [
                error(
                    "pupil",
                    "other_year",
                    f"Клас {learner.class_label} — {years(place.class_group.school_year_id)} "
                    "навчального року. Спершу переведіть дитину до наступного класу.",
                )
            ]
        if self.next_year and place.class_group.school_year_id >= frame.classes.year:
            return [
                error(
                    "pupil",
                    "same_year",
                    f"Клас {learner.class_label} — того самого навчального року "
                    f"{years(frame.classes.year)}. Перевірте дату переведення.",
                )
            ]
        return []

    def _target(
        self, row: DraftRow, learner: Learner | None, frame: _Frame
    ) -> tuple[ClassRef | None, Sequence[Problem]]:
        typed = row.values.get("to_class", "")
        if not typed.strip() and not self.class_required:
            if learner is None:
                return None, ()
            label = learner.class_label
            stays = frame.classes.exactly(label)
            closed = error("to_class", "closed", f"Клас {label} закрито. Виберіть інший клас.")
            return stays, () if stays else (closed,)
        checked = labels.check("to_class", typed, frame.classes)
        target = checked.value
        if target is None or learner is None:
            return target, checked.problems
        group = learner.place.class_group
        meant = group.grade + self.step
        if target.grade != meant:
            return target, (
                error(
                    "to_class",
                    "other_grade",
                    f"З класу {group.label} тут переводять до {meant} класу, а {target.label} — ні.",
                ),
            )
        if target.id == group.pk and self.class_required:
            return target, (
                error("to_class", "same_class", f"Дитина вже навчається у класі {group.label}."),
            )
        return target, checked.problems

    def _form(
        self, row: DraftRow, learner: Learner | None, target: ClassRef | None
    ) -> tuple[str | None, Sequence[Problem]]:
        """By which form the child will learn: chosen, else as in the new class, unless the child
        learns otherwise than its class does."""
        if not self.to_forms:
            if learner is None or target is None:
                return None, ()
            place = learner.place
            return target.form if place.form == place.class_group.form else place.form, ()
        typed = row.values.get("form", "")
        if not typed.strip():
            return None, (error("form", "required", "Виберіть форму здобуття освіти."),)
        checked = forms.check("form", typed, self.to_forms)
        now = learner.place.form if learner else ""
        if checked.value == now and (self.of_forms is None or now in self.of_forms):
            return None, (error("form", "same_form", "Дитина вже навчається за цією формою."),)
        return checked.value, checked.problems

    def _document(self, row: DraftRow) -> tuple[str, Sequence[Problem]]:
        if not self.document_asked:
            return "", ()
        document = row.values.get("document", "").strip()
        if not document and self.document_required:
            return "", (error("document", "required", f"Вкажіть, {self.document_asked}."),)
        if len(document) > _LONGEST_DOCUMENT:
            return "", (error("document", "too_long", f"До {_LONGEST_DOCUMENT} знаків."),)
        return document, ()

    def remarks(self, draft: Draft, moment: Moment) -> Sequence[str]:
        """Classes brought near their norm (Закон 463-IX ст. 12), and groups that are left."""
        try:
            day = self._day(draft.terms, moment.today)
            classes = classes_of(draft.institution_id, year_for(day))
        except NoSchoolYear:  # told with the rows
            return ()
        more: Counter[int] = Counter()
        rows = draft.rows.exclude(state__in=["EXCLUDED", "EMPTY"]).order_by()
        pupils = []
        for values, pupil_id in rows.values_list("values", "pupil_id"):
            if pupil_id is not None:
                pupils.append(pupil_id)
            if (typed := values.get("to_class")) and (
                ref := labels.check("to_class", typed, classes).value
            ):
                more[ref.id] += 1
        return [*class_reads.filling(more), *_of_groups(pupils, day)]

    # ── the order
    def check_terms(self, institution: Institution, terms: Terms, say: Say, moment: Moment) -> None:
        """An order does not reach back behind its own date; to the next grade children go when the
        year begins, not in the middle of one."""
        if terms.effective_on < terms.issued_on:
            say(
                "effective_on",
                "before_order",
                "Дата переведення не може бути раніша за дату наказу.",
            )
        elif not terms.year_starts_on <= terms.effective_on < terms.year_ends_on:
            last = terms.year_ends_on - datetime.timedelta(days=1)
            say(
                "effective_on",
                "outside_year",
                f"{dates.show(terms.effective_on)} — канікули: навчальний рік "
                f"{years(terms.year_code)} триває з {dates.show(terms.year_starts_on)} до "
                f"{dates.show(last)}.",
            )

    def signed(self, number: int, verdict: Verdict) -> PlacedRow:
        """What the bytes say of one child."""
        clean: _Clean = verdict.clean
        pupil = clean.learner.pupil
        return self.row(
            no=number,
            pupil=pupil.pk,
            surname=pupil.surname,
            given_name=pupil.given_name,
            patronymic=pupil.patronymic,
            born_on=pupil.born_on,
            from_class=clean.learner.class_label,
            from_form=clean.learner.place.form,
            class_=targets.told_of(clean.target),
            form=clean.form,
            document=clean.document,
        )

    def remarks_of_order(self, rows: Sequence[PlacedRow]) -> Sequence[str]:
        """Classes that the order brings near their norm or past it."""
        # The same label in the year to come is another class.
        moved = [row for row in rows if self.next_year or row.class_.label != row.from_class]
        return class_reads.filling(Counter(row.class_.id for row in moved))

    def conflicts(self, order: Order, rows: Sequence[PlacedRow]) -> list[Conflict]:
        """Children and classes changed since the order was formed."""
        return effect.conflicts(order, rows)

    def effect(self, order: Order, rows: Sequence[PlacedRow]) -> None:
        """One place in a class ends, the next begins."""
        effect.move(order, rows)

    def events(self, order: Order, rows: Sequence[PlacedRow]) -> Iterable[Event]:
        """One move per child."""
        return (
            PlacementMoved(
                subject=row.pupil,
                unit=order.institution_id,
                order=order.pk,
                kind=self.code,
                from_class=row.from_class,
                class_label=row.class_.label,
                form=row.form,
                starts_on=order.effective_on,
            )
            for row in rows
        )

    def undone(self, order: Order, row: PlacedRow) -> str:
        """The child stays where it was before the order."""
        day = dates.show(order.effective_on)
        return f"{self._moved} з класу {row.from_class} до класу {row.class_.label} з {day}"

    _moved: ClassVar[str] = "переведення"

    def stands_on(self, order: Order, rows: Sequence[PlacedRow]) -> list[Conflict]:
        """Children who left or were moved on since."""
        return effect.stands_on(order, rows)

    def annul(self, order: Order, by: Order, rows: Sequence[PlacedRow]) -> None:
        """Places that began are voided, those that ended go on."""
        effect.put_back(order, by)


def _of_groups(pupils: Sequence[uuid.UUID], day: datetime.date) -> list[str]:
    count, names = effect.leave_groups(pupils, day)
    if not count:
        return []
    told = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
    return [
        f"{count} {plural(count, 'учень виходить', 'учні виходять', 'учнів виходять')} з груп свого "
        f"класу ({told}): після наказу розподіліть їх між групами знову"
    ]


# ── choosing ─────────────────────────────────────────────────────────────────
def _lines(forms_of: Collection[str] | None) -> functools.partial[Sequence[Candidate]]:
    return functools.partial(roster.lines, forms=forms_of)


def _pick_with_class(
    actor: Actor, institution: Institution, keys: Sequence[str], moment: Moment, *, step: int
) -> list[Picked]:
    """Rows of the pupils chosen, each with the class of the same letter in the year to come, when
    there is one."""
    picked = roster.pick(actor, institution, keys, moment)
    try:
        classes = classes_of(institution.pk, _next_year(moment.today))
    except NoSchoolYear:  # told when the table is judged
        return picked
    ids = [one.pupil_id for one in picked if one.pupil_id is not None]
    groups = dict(Pupil.objects.filter(pk__in=ids).values_list("pk", "class_group_id"))
    now = ClassGroup.objects.in_bulk({pk for pk in groups.values() if pk is not None})
    found = []
    for one in picked:
        group = now.get(groups.get(one.pupil_id) or 0)
        next_one = classes.named(group.grade + step, group.letter) if group else None
        more = {"to_class": next_one.label} if next_one else {}
        found.append(dataclasses.replace(one, values=one.values | more))
    return found


def _pick_within(
    actor: Actor, institution: Institution, keys: Sequence[str], moment: Moment
) -> list[Picked]:
    """Rows of the pupils chosen; where the parallel has one other class, that is the class."""
    picked = roster.pick(actor, institution, keys, moment)
    classes = classes_of(institution.pk, first_day(None, moment.today)[1])
    found = []
    for one in picked:
        label = one.values["class"]
        parsed = labels.parse(label)
        others = [
            ref.label
            for ref in (classes.of_grade(parsed[0]) if parsed else ())
            if alike(ref.label) != alike(label)
        ]
        more = {"to_class": others[0]} if len(others) == 1 else {}
        found.append(dataclasses.replace(one, values=one.values | more))
    return found


def _chosen(pick: object, forms_of: Collection[str] | None = None) -> Chosen:
    return Chosen(
        headings=roster.HEADINGS,
        of_pupils=True,
        lines=_lines(forms_of),
        pick=pick,  # type: ignore[arg-type]
        groups=roster.groups,
    )


def _to_class(required: bool = True) -> Column:
    return Column(
        "to_class",
        "До класу",
        required=required,
        width="w3",
        offered=True,
        blank="Виберіть" if required else "Лишається у своєму",
    )


def _form_column(among: Collection[str]) -> Column:
    words = [forms.FORMS[code] for code in forms.FORMS if code in among]
    return Column(
        "form",
        "Форма здобуття освіти",
        required=True,
        choices=tuple((one, one) for one in words),
        width="w8",
    )


def _document(label: str, hint: str, required: bool = True) -> Column:
    return Column("document", label, required=required, width="w8", hint=hint)


_PAPER = (
    ("З класу", lambda row: row.from_class),
    ("До класу", lambda row: row.class_.label),
)
_COUNCIL = TermField(
    "protocol",
    "Протокол засідання педагогічної ради",
    hint="Номер і дата: № 7 від 28.05.2027",
    missing="Вкажіть номер і дату протоколу педагогічної ради.",
)


def _text(name: str) -> Path:
    return Path(texts.__path__[0]) / f"{name}.toml"


# ── the kinds ────────────────────────────────────────────────────────────────
class Promote(Placing):
    """«Переведення учнів до наступного класу»: whole classes are chosen, in May for September."""

    code = "promote"
    name = "Переведення учнів до наступного класу"
    about = "про переведення до наступного класу"
    verb = "переведено до наступного класу"
    order = 30
    next_year, step = True, 1
    row = PromoteRow
    columns = (*roster.COLUMNS, _to_class())
    source = _chosen(functools.partial(_pick_with_class, step=1))
    term_fields = (_COUNCIL,)
    default_ground = "рішення педагогічної ради про переведення учнів"
    text = _text("promote")
    paper = _PAPER


class Repeat(Placing):
    """«Залишення на повторний курс навчання»: only at the written request of the parents."""

    code = "repeat"
    name = "Залишення на повторний курс навчання"
    about = "про залишення на повторний курс навчання"
    verb = "залишено на повторний курс навчання"
    order = 31
    next_year = True
    row = RepeatRow
    document_asked = "від якої дати заява батьків (інших законних представників)"
    columns = (
        *roster.COLUMNS,
        _to_class(),
        _document("Заява батьків", "Дата заяви: заява від 25.05.2027"),
    )
    source = _chosen(functools.partial(_pick_with_class, step=0))
    term_fields = (_COUNCIL,)
    default_ground = "заяви батьків (інших законних представників), рішення педагогічної ради"
    text = _text("repeat")
    paper = (*_PAPER, ("Заява", lambda row: row.document))
    _moved = "залишення на повторний курс:"


class Move(Placing):
    """«Переведення з класу в клас в межах паралелі»."""

    code = "move"
    name = "Переведення з класу в клас в межах паралелі"
    about = "про переведення в межах паралелі"
    verb = "переведено до іншого класу"
    order = 32
    row = MoveRow
    columns = (*roster.COLUMNS, _to_class())
    source = _chosen(_pick_within)
    default_ground = "заяви батьків (інших законних представників)"
    text = _text("move")
    paper = _PAPER


class Individual(Placing):
    """«Переведення на індивідуальну форму навчання»: externate, family, pedagogical patronage."""

    code = "individual"
    name = "Переведення на індивідуальну форму навчання"
    about = "про переведення на індивідуальну форму навчання"
    verb = "переведено на індивідуальну форму навчання"
    order = 33
    row = IndividualRow
    to_forms = forms.INDIVIDUAL
    class_required = False
    document_asked = "чия заява і від якої дати"
    columns = (
        *roster.COLUMNS,
        _form_column(forms.INDIVIDUAL),
        _document("Заява", "Чия і від якої дати; для патронажу — висновок"),
        _to_class(required=False),
    )
    source = _chosen(roster.pick)
    effective_hint = "З цього дня учень здобуває освіту за індивідуальною формою, дд.мм.рррр"
    default_ground = "заяви батьків (інших законних представників) та подані до них документи"
    text = _text("individual")
    paper = (
        ("Клас", lambda row: row.class_.label),
        ("Форма", lambda row: forms.FORMS[row.form]),
        ("Заява", lambda row: row.document),
    )
    _moved = "переведення на індивідуальну форму:"


class Institutional(Placing):
    """«Повернення з індивідуальної форми навчання»: back to lessons with the class."""

    code = "institutional"
    name = "Повернення з індивідуальної форми навчання"
    about = "про повернення з індивідуальної форми навчання"
    verb = "переведено на інституційну форму навчання"
    order = 34
    row = InstitutionalRow
    of_forms, to_forms = forms.INDIVIDUAL, forms.INSTITUTIONAL
    class_required = False
    document_asked = "чия заява і від якої дати"
    document_required = False
    columns = (
        *roster.COLUMNS,
        _form_column(forms.INSTITUTIONAL),
        _document("Заява", "Чия і від якої дати", required=False),
        _to_class(required=False),
    )
    source = _chosen(roster.pick, forms.INDIVIDUAL)
    effective_hint = "З цього дня учень навчається разом із класом, дд.мм.рррр"
    default_ground = "заяви батьків (інших законних представників)"
    text = _text("institutional")
    paper = (
        ("Клас", lambda row: row.class_.label),
        ("Форма", lambda row: forms.FORMS[row.form]),
    )
    _moved = "повернення з індивідуальної форми:"


KINDS = (Promote(), Repeat(), Move(), Individual(), Institutional())
