"""«Переведення учня між школами протягом року» (handbook D.6): the kind itself.

The receiving school's signed order ends the enrolment at the sending one and begins its own on the
same day, in one transaction, and asks the sending school for its own order, which documents what
is done already. The sending school may object within the term; silence harms nobody.

Sources: наказ МОН 16.04.2018 № 367, розділ III.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from accounts.actors import Actor
from kernel import audit
from kernel.audit.events import Event
from kernel.clock import Moment
from kernel.tables import dates
from kernel.tables.findings import Problem, error, warning
from kernel.text import sort_key, years
from registry.classes import selectors as class_reads
from registry.classes.frames import classes_of, first_day, year_for
from registry.classifiers.errors import NoSchoolYear
from registry.drafts.models import Draft, DraftRow
from registry.enrolments.events import EnrolmentClosed, EnrolmentOpened
from registry.fields import contacts, documents, forms, labels, names
from registry.fields.labels import ClassRef
from registry.institutions.models.institutions import Institution
from registry.movements import targets
from registry.movements.enrol import comparing
from registry.movements.enrol import rows as enrol_rows
from registry.movements.enrol.effect import CLOSED
from registry.movements.enrol.signed import Applicant
from registry.movements.movement import Movement
from registry.movements.transfer import effect, headings, lookup
from registry.movements.transfer.signed import From, Shown, TransferRow
from registry.orders import texts
from registry.orders.models import Order
from registry.people.services import guardians
from registry.process import Column, Compared, Conflict, Read, Say, TermField, Terms, Typed, Verdict

ENROL = "«Зарахування учня (учень не має звʼязку зі школою)»"
_LOOK = "пошук за документом для переведення"


@dataclasses.dataclass(frozen=True, slots=True)
class _Frame:
    actor: Actor
    institution_id: int
    today: datetime.date
    day: datetime.date
    classes: labels.Classes


@dataclasses.dataclass(frozen=True, slots=True)
class _Clean:
    document: documents.Document
    class_ref: ClassRef
    form: str
    applicant: enrol_rows.Applicant
    applied_on: datetime.date
    child: lookup.Child | None = None


class Transfer(Movement[TransferRow, _Clean]):
    """«Переведення учня між школами протягом року»: rows name children by their documents."""

    code = "transfer"
    name = "Переведення учня між школами протягом року"
    about = "про переведення з іншого закладу"
    verb = "переведено з інших закладів"
    order = 15
    icon = "users"
    columns = (
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
        Column("pupil", "Знайдені дані", fixed=True, width="w8"),
        Column("school", "Навчається зараз", fixed=True, width="w8"),
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
    row = TransferRow
    term_fields = (
        TermField(
            "identity_shown",
            "Ознака предʼявлення документу, що посвідчує особу",
            kind="check",
            hint="Кожен заявник показав документ, що посвідчує особу",
            missing="Позначте, що заявники предʼявили документи, що посвідчують особу.",
        ),
    )
    effective_label = "Дата зарахування"
    effective_hint = "З цього дня учень навчається у вас, а не в попередньому закладі, дд.мм.рррр"
    default_ground = "заяви батьків (інших законних представників) про переведення"
    text = Path(texts.__path__[0]) / "transfer.toml"
    paper = (
        ("Клас", lambda row: row.class_.label),
        ("Звідки", lambda row: f"{row.from_.name}, {row.from_.class_label}".rstrip(", ")),
        ("Документ", lambda row: f"{row.document.series} {row.document.number}".strip()),
        ("Заява від", lambda row: dates.show(row.applied_on)),
    )

    # ── the draft
    def frame(self, draft: Draft, actor: Actor, moment: Moment) -> _Frame:
        """The classes of the school year in which the first day is.

        Raises:
            NoSchoolYear: the classifier ends before that day.
        """
        day, year = first_day(draft.terms.get("effective_on"), moment.today)
        classes = classes_of(draft.institution_id, year)
        return _Frame(actor, draft.institution_id, moment.today, day, classes)

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

    def read(self, row: DraftRow, frame: _Frame) -> Read:
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
            clean = _Clean(document, class_ref, form, applicant, applied_on)
        keys = comparing.applicant_keys(clean)
        if document is not None:
            keys += (f"document:{document.type}|{document.series}|{document.number}",)
        return Read(tuple(problems), clean, keys, asked)

    def judge(
        self,
        rows: Sequence[DraftRow],
        reads: Sequence[Read],
        frame: _Frame,
        first_with: Mapping[str, int],
    ) -> list[Compared]:
        """Rows against rows, then each against the child of its document: two queries a table."""
        sought = [read.looked_for for read in reads if read.looked_for is not None]
        answers = iter(lookup.find(frame.institution_id, sought, frame.day, frame.today))
        numbers = {
            read.clean.applicant.rnokpp
            for read in reads
            if read.clean is not None and read.clean.applicant.rnokpp
        }
        known = guardians.of_numbers(numbers) if numbers else {}
        judged = []
        looks = []
        for row, read in zip(rows, reads, strict=True):
            answer = next(answers) if read.looked_for is not None else None
            problems = list(comparing.repeated(row, read.keys, first_with))
            child = answer if isinstance(answer, lookup.Child) else None
            if read.looked_for is not None:
                problems += _of_child(answer, frame)
            seen = child.seen if child is not None and child.school else None
            if child is not None:
                problems += _doubts(child, row, read.clean, frame)
                if seen is not None and row.pupil_id != child.pupil_id:
                    looks.append(child.pupil_id)
            if read.clean is not None and read.clean.applicant.rnokpp:
                who = known.get(read.clean.applicant.rnokpp)
                problems += comparing.doubted_applicant(read.clean, who)
            judged.append(
                Compared(
                    [problem.as_json() for problem in problems],
                    child.pupil_id if child is not None else None,
                    filled={
                        "pupil": seen.full_name if seen else "",
                        "school": ", ".join(filter(None, (seen.school, seen.class_label)))
                        if seen
                        else "",
                    },
                    clean=dataclasses.replace(read.clean, child=child) if read.clean else None,
                )
            )
        if looks:
            audit.looked_at(frame.actor, "registry.pupil", looks, _LOOK)
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
                f"Навчальний рік {years(terms.year_code)} завершено: переведення протягом нього вже "
                "не оформити.",
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

    def signed(self, number: int, verdict: Verdict) -> TransferRow:
        """What the bytes say of one child."""
        clean: _Clean = verdict.clean
        child, applicant = clean.child, clean.applicant
        if child is None or child.institution is None:  # pragma: no cover - judged READY
            raise ValueError("a ready row has its child")
        return TransferRow(
            no=number,
            pupil=child.pupil_id,
            surname=child.surname,
            given_name=child.given_name,
            patronymic=child.patronymic,
            born_on=child.born_on,
            document=Shown(clean.document.type, clean.document.series, clean.document.number),
            from_=From(child.institution, child.school, child.class_label),
            class_=targets.told_of(clean.class_ref),
            form=clean.form,
            applicant=Applicant(
                applicant.relation,
                applicant.surname,
                applicant.given_name,
                applicant.patronymic,
                applicant.phone,
                applicant.email,
                applicant.rnokpp,
                renamed=any(one["code"] == comparing.RENAMED for one in verdict.problems),
            ),
            applied_on=clean.applied_on,
        )

    def remarks_of_order(self, rows: Sequence[TransferRow]) -> Sequence[str]:
        """Classes that the order brings near their norm or past it."""
        return class_reads.filling(Counter(row.class_.id for row in rows))

    def conflicts(self, order: Order, rows: Sequence[TransferRow]) -> list[Conflict]:
        """Children who left, moved or were named otherwise since, and classes that changed."""
        if year_for(order.effective_on).ends_on <= audit.today():
            over = "навчальний рік відтоді завершено"
            return [Conflict(row.no, row.full_name, over) for row in rows]
        return effect.conflicts(order, rows)

    def effect(self, order: Order, rows: Sequence[TransferRow]) -> None:
        """One enrolment ends, the next begins; the sending schools are asked for their orders."""
        effect.write(order, rows)

    def events(self, order: Order, rows: Sequence[TransferRow]) -> Iterable[Event]:
        """Of each child: it left there, it came here."""
        left = effect.units_of(row.from_.institution for row in rows)
        for row in rows:
            yield EnrolmentClosed(
                subject=row.pupil,
                unit=left[row.from_.institution],
                order=order.pk,
                class_label=row.from_.class_label,
                ends_on=order.effective_on,
                reason="TRANSFER",
            )
            yield EnrolmentOpened(
                subject=row.pupil,
                unit=order.institution_id,
                order=order.pk,
                class_label=row.class_.label,
                starts_on=order.effective_on,
            )

    def undone(self, order: Order, row: TransferRow) -> str:
        """The child goes on learning where it did."""
        return (
            f"переведення з {dates.show(order.effective_on)}: дитина й далі навчається у закладі "
            f"«{row.from_.name}», {row.from_.class_label}".rstrip(", ")
        )

    def stands_on(self, order: Order, rows: Sequence[TransferRow]) -> list[Conflict]:
        """Children who left or changed their class since, here; schools and classes closed, there."""
        return effect.stands_on(order, rows)

    def annul(self, order: Order, by: Order, rows: Sequence[TransferRow]) -> None:
        """The enrolment here never was, the one there goes on; nothing is asked any more."""
        effect.take_back(order, by)


def _of_child(answer: lookup.Child | str | None, frame: _Frame) -> Iterable[Problem]:
    """Why the child of a document cannot be taken over, if so."""
    if answer is None:
        yield error(
            "document",
            "not_found",
            "Дитини з таким документом і датою народження в реєстрі немає: звірте тип, серію, номер "
            f"і дату. Нову дитину зараховують послугою {ENROL}.",
        )
        return
    if isinstance(answer, str):
        yield error(
            "document",
            "too_many_lookups",
            "Сьогодні надто багато пошуків нічого не знайшли: нові документи перевіримо завтра.",
        )
        return
    child, since = answer, answer.starts_on
    if child.closed_reason:
        yield error("document", "profile_closed", f"{CLOSED[child.closed_reason].capitalize()}.")
    elif child.institution_id is None or since is None:
        yield error(
            "document",
            "learns_nowhere",
            f"Дитина зараз не навчається в жодному закладі: зарахуйте її послугою {ENROL}.",
        )
    elif child.institution_id == frame.institution_id:
        yield error(
            "document",
            "enrolled_here",
            "Ця дитина вже навчається у вашому закладі. Не включайте рядок.",
        )
    elif child.ends_on is not None and child.moves:
        yield error(
            "document",
            "moves_already",
            f"З {dates.show(child.ends_on)} дитину вже переведено наказом іншого закладу.",
        )
    elif child.ends_on is not None:
        yield error(
            "document",
            "leaves_already",
            f"Заклад уже відрахував дитину з {dates.show(child.ends_on)}: з цього дня зарахуйте її "
            f"послугою {ENROL}.",
        )
    elif since >= frame.day:
        yield error(
            "document",
            "not_begun",
            f"Дитина навчається у своєму закладі лише з {dates.show(since)}: вкажіть пізнішу дату "
            "зарахування.",
        )


def _doubts(
    child: lookup.Child, row: DraftRow, clean: _Clean | None, frame: _Frame
) -> Iterable[Problem]:
    """What may be a mistake although the child was found."""
    typed = row.values.get("full_name", "")
    if typed.strip():
        surname, given, _ = names.split(typed)
        if not sort_key(child.full_name).startswith(sort_key(f"{surname} {given}".strip())):
            yield warning(
                "full_name",
                "other_name",
                "За цим документом у реєстрі інше імʼя. Звірте: чи та це дитина?",
            )
    if clean is not None and child.grade is not None and clean.class_ref.grade != child.grade:
        yield warning(
            "class",
            "other_grade",
            f"Зараз дитина навчається у класі {child.class_label}, а ви зараховуєте її до класу "
            f"{clean.class_ref.label}.",
        )


PROCESS = Transfer()
