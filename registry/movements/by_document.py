"""Rows that name children of other schools by their documents: the base of kinds whose school takes
in a child that the register knows and the school does not reach.

A kind says what may be done with the child of a document (`of_child`), what is doubtful
(`doubts`), and what the row shows of it before the signature (`shown`: no more than the purpose
needs).
"""

from __future__ import annotations

import dataclasses
import datetime
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar, Generic

from accounts.actors import Actor
from kernel import audit
from kernel.clock import Moment
from kernel.tables import dates
from kernel.tables.findings import Problem, error, warning
from kernel.text import sort_key, years
from registry.classes import selectors as class_reads
from registry.classes.frames import classes_of, first_day, year_for
from registry.classifiers.errors import NoSchoolYear
from registry.drafts.models import Draft, DraftRow
from registry.enrolments import selectors as enrolment_reads
from registry.fields import contacts, documents, forms, labels, names
from registry.fields.labels import ClassRef
from registry.institutions.models.institutions import Institution
from registry.movements.enrol import comparing
from registry.movements.enrol import rows as enrol_rows
from registry.movements.enrol.effect import CLOSED
from registry.movements.enrol.signed import Applicant
from registry.movements.movement import Movement
from registry.movements.transfer import headings, lookup
from registry.orders.models import Order
from registry.people.services import guardians
from registry.process import (
    Column,
    Compared,
    Conflict,
    Read,
    Row,
    Say,
    TermField,
    Terms,
    Typed,
    Verdict,
)

ENROL = "«Зарахування учня (учень не має звʼязку зі школою)»"
# The columns of a row that are filled with what the register says of the child found.
FOUND = Column("pupil", "Знайдені дані", fixed=True, width="w8")


@dataclasses.dataclass(frozen=True, slots=True)
class Frame:
    """What the rules must know beside the rows."""

    actor: Actor
    institution_id: int
    today: datetime.date
    day: datetime.date
    classes: labels.Classes


@dataclasses.dataclass(frozen=True, slots=True)
class Clean:
    """A row that every rule of cells agreed with, and the child of its document."""

    document: documents.Document
    class_ref: ClassRef
    form: str
    applicant: enrol_rows.Applicant
    applied_on: datetime.date
    child: lookup.Child | None = None


def columns_with(*found: Column) -> tuple[Column, ...]:
    """The columns of such a table; `found` are those filled with what the register says."""
    return (
        Column(
            "document",
            "Документ",
            required=True,
            hint="Серія і номер: I-СГ 123456",
            width="w5",
        ),
        Column(
            "born_on",
            "Дата народж.",
            required=True,
            hint="дд.мм.рррр",
            in_full="Дата народження",
            width="w3",
        ),
        *found,
        Column("class", "Клас", required=True, offered=True, hint="Зразок: 5-А", width="w7"),
        Column(
            "applicant", "Заявник", required=True, hint="Прізвище, імʼя, по батькові", width="w8"
        ),
        Column(
            "relation",
            "Тип відносин з дитиною",
            required=True,
            hint="Мати, батько, опікун…",
            width="w1",
        ),
        Column("phone", "Контактний телефон", hint="(000) 000-00-00", width="w9"),
        Column("applied_on", "Дата подання заяви", required=True, hint="дд.мм.рррр", width="w3"),
        Column("document_type", "Тип документа", in_grid=False, blank="Визначити за номером"),
        Column(
            "full_name",
            "Прізвище, імʼя, по батькові для звірки",
            in_grid=False,
            hint="Якщо вписати, звіримо зі знайденими даними",
        ),
        Column("form", "Форма навчання", in_grid=False, blank="Як у класі"),
        Column("email", "Електронна пошта заявника", in_grid=False),
        Column("applicant_rnokpp", "РНОКПП заявника", in_grid=False),
    )


class ByDocument(Movement[Row, Clean], Generic[Row]):
    """What all of them share."""

    icon = "users"
    filled = frozenset({"pupil", "school"})
    source = Typed(
        headings=headings.HEADINGS,
        needed="Документ (серія і номер), дата народження, клас, заявник і ким він є дитині, дата "
        "подання заяви. Прізвище й імʼя — для звірки.",
        extra=headings.EXTRA,
        to_rows=headings.to_rows,
        groups=(
            ("Дитина", ("document_type", "document", "born_on", "full_name")),
            ("Навчання", ("class", "form")),
            (
                "Хто подає заяву",
                (
                    *("applicant", "relation", "phone", "applied_on"),
                    *("email", "applicant_rnokpp"),
                ),
            ),
        ),
        choices={
            "document_type": list(documents.NAMES.items()),
            "form": list(forms.FORMS.items()),
            "relation": list(contacts.RELATIONS.items()),
        },
        codes={"relation": contacts.relation_of, "document_type": documents.type_of},
    )
    identity = frozenset({"document", "document_type", "born_on"})
    judged_with = MappingProxyType({"applicant": "applicant_rnokpp"})
    term_fields = (
        TermField(
            "identity_shown",
            "Ознака предʼявлення документу, що посвідчує особу",
            kind="check",
            hint="Кожен заявник показав документ, що посвідчує особу",
            missing="Позначте, що заявники предʼявили документи, що посвідчують особу.",
        ),
    )
    look: ClassVar[str]  # how a child found is noted as a look at it

    def of_child(
        self, child: lookup.Child, frame: Frame, *, beside: bool = False
    ) -> Iterable[Problem]:
        """Why nothing can be done with the child of a document, if so; `beside`: it learns here
        beside a main school."""
        raise NotImplementedError

    def doubts(self, child: lookup.Child, clean: Clean | None, frame: Frame) -> Iterable[Problem]:
        """What may be a mistake although the child was found."""
        return ()

    def shown(self, child: lookup.Child | None) -> Mapping[str, str]:
        """What stands in the columns `found` of a row; of no child, nothing in each."""
        return {"pupil": child.full_name if child else ""}

    # ── the draft
    def frame(self, draft: Draft, actor: Actor, moment: Moment) -> Frame:
        """The classes of the school year in which the first day is.

        Raises:
            NoSchoolYear: the classifier ends before that day.
        """
        day, year = first_day(draft.terms.get("effective_on"), moment.today)
        classes = classes_of(draft.institution_id, year)
        return Frame(actor, draft.institution_id, moment.today, day, classes)

    def options(
        self, institution_id: int, terms: Mapping[str, str], moment: Moment
    ) -> Mapping[str, Sequence[tuple[str, str]]]:
        """The open classes.

        Raises:
            NoSchoolYear: no school year covers the first day.
        """
        _, year = first_day(terms.get("effective_on"), moment.today)
        refs = classes_of(institution_id, year).refs
        return {"class": [(ref.label, ref.label) for ref in refs]}

    def read(self, row: DraftRow, frame: Frame) -> Read:
        """All rules of cells; by document and birth date together the child is looked for."""
        problems: list[Problem] = []
        get = row.values.get

        def keep(checked):  # type: ignore[no-untyped-def]
            problems.extend(checked.problems)
            return checked.value

        kind, wrong = enrol_rows.document_type_of(get("document_type", ""))
        problems.extend(wrong)
        document = keep(documents.check("document", get("document", ""), kind=kind))
        born_on = keep(dates.parse("born_on", get("born_on", ""), today=frame.today))
        class_ref = keep(labels.check("class", get("class", ""), frame.classes))
        form = keep(enrol_rows.form_of(get("form", ""), class_ref))
        applicant = enrol_rows.applicant_of(row.values, keep)
        applied_on = keep(dates.parse("applied_on", get("applied_on", ""), today=frame.today))
        if applied_on is not None and applied_on > frame.today:
            problems.append(error("applied_on", "future", "Дата подання заяви ще не настала."))
        asked = None
        if document is not None and born_on is not None:
            asked = lookup.Asked(document, born_on, row.pupil_id)
        clean = None
        if applicant is not None and not any(one.level == "error" for one in problems):
            clean = Clean(document, class_ref, form, applicant, applied_on)
        keys = comparing.applicant_keys(clean)
        if document is not None:
            keys += (f"document:{document.type}|{document.series}|{document.number}",)
        return Read(tuple(problems), clean, keys, asked)

    def judge(
        self,
        rows: Sequence[DraftRow],
        reads: Sequence[Read],
        frame: Frame,
        first_with: Mapping[str, int],
    ) -> list[Compared]:
        """Rows against rows, then each against the child of its document: three queries a table."""
        sought = [read.looked_for for read in reads if read.looked_for is not None]
        answers = lookup.find(frame.institution_id, sought, frame.day, frame.today)
        numbers = {
            read.clean.applicant.rnokpp
            for read in reads
            if read.clean is not None and read.clean.applicant.rnokpp
        }
        known = guardians.of_numbers(numbers) if numbers else {}
        beside = enrolment_reads.learning_beside(
            frame.institution_id,
            [one.pupil_id for one in answers if isinstance(one, lookup.Child)],
            frame.day,
        )
        judged = []
        looks = []
        told = iter(answers)
        for row, read in zip(rows, reads, strict=True):
            answer = next(told) if read.looked_for is not None else None
            problems = list(comparing.repeated(row, read.keys, first_with))
            child = answer if isinstance(answer, lookup.Child) else None
            if read.looked_for is not None:
                problems += _answered(answer)
            shown = self.shown(child)
            if child is not None:
                if not child.closed_reason:
                    problems += self.of_child(child, frame, beside=child.pupil_id in beside)
                problems += _named_otherwise(child, row)
                problems += self.doubts(child, read.clean, frame)
                if any(shown.values()) and row.pupil_id != child.pupil_id:
                    looks.append(child.pupil_id)
            if read.clean is not None and read.clean.applicant.rnokpp:
                who = known.get(read.clean.applicant.rnokpp)
                problems += comparing.doubted_applicant(read.clean, who)
            judged.append(
                Compared(
                    [problem.as_json() for problem in problems],
                    child.pupil_id if child is not None else None,
                    filled=shown,
                    clean=dataclasses.replace(read.clean, child=child) if read.clean else None,
                )
            )
        if looks:
            audit.looked_at(frame.actor, "registry.pupil", looks, self.look)
        return judged

    def remarks(self, draft: Draft, moment: Moment) -> Sequence[str]:
        """Classes that the table brings near their norm or past it (Закон 463-IX ст. 12)."""
        try:
            _, year = first_day(draft.terms.get("effective_on"), moment.today)
        except NoSchoolYear:  # told with the rows
            return ()
        classes = classes_of(draft.institution_id, year)
        more: Counter[int] = Counter()
        live = draft.rows.exclude(state__in=["EXCLUDED", "EMPTY"]).order_by()
        for typed in live.values_list("values__class", flat=True):
            if (ref := labels.check("class", typed or "", classes).value) is not None:
                more[ref.id] += 1
        return class_reads.filling(more)

    # ── the order
    def check_terms(self, institution: Institution, terms: Terms, say: Say, moment: Moment) -> None:
        """Within a school year that lasts, and not behind the order's own date: the figures of the
        other school's past are not this one's to change."""
        if terms.effective_on < terms.issued_on:
            say(
                "effective_on",
                "before_order",
                "Дата зарахування не може бути раніша за дату наказу.",
            )
        elif terms.year_ends_on <= moment.today:
            say(
                "effective_on",
                "closed_year",
                f"Навчальний рік {years(terms.year_code)} завершено: зарахувати протягом нього "
                "вже не можна.",
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

    @staticmethod
    def over(order: Order, rows: Sequence[Row]) -> list[Conflict]:
        """The school year ended while the order waited for its signature."""
        if year_for(order.effective_on).ends_on > audit.today():
            return []
        said = "навчальний рік відтоді завершено"
        return [Conflict(row.no, row.full_name, said) for row in rows]


def applicant_of(verdict: Verdict) -> Applicant:
    """Who applied, as it is signed."""
    clean: Clean = verdict.clean
    one = clean.applicant
    return Applicant(
        one.relation,
        one.surname,
        one.given_name,
        one.patronymic,
        one.phone,
        one.email,
        one.rnokpp,
        renamed=any(problem["code"] == comparing.RENAMED for problem in verdict.problems),
    )


def _answered(answer: lookup.Child | str | None) -> Iterable[Problem]:
    """Nobody was found, or was not looked for, or the profile is closed."""
    if answer is None:
        yield error(
            "document",
            "not_found",
            "Дитини з таким документом і датою народження в реєстрі немає: звірте тип, серію, номер "
            f"і дату. Нову дитину зараховують послугою {ENROL}.",
        )
    elif isinstance(answer, str):
        yield error(
            "document",
            "too_many_lookups",
            "Сьогодні надто багато пошуків нічого не знайшли: нові документи перевіримо завтра.",
        )
    elif answer.closed_reason:
        yield error("document", "profile_closed", f"{CLOSED[answer.closed_reason].capitalize()}.")


def _named_otherwise(child: lookup.Child, row: DraftRow) -> Iterable[Problem]:
    """The name typed to be checked is another one than the document's child has."""
    typed = row.values.get("full_name", "")
    if typed.strip():
        surname, given, _ = names.split(typed)
        if not sort_key(child.full_name).startswith(sort_key(f"{surname} {given}".strip())):
            yield warning(
                "full_name",
                "other_name",
                "За цим документом у реєстрі інше імʼя. Звірте: чи та це дитина?",
            )
