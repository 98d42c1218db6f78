"""«Додаткове навчання»: a Saturday school or a school abroad takes in a child of another school
beside its main one, and lets it go.

The main enrolment stays where it is and counts alone; no other school is asked or told. Sources:
handbook D.6 (counted in exactly one institution, supplementary ones aside); ADR 0061.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from accounts.actors import Actor
from kernel import audit
from kernel.audit.events import Event
from kernel.clock import Moment
from kernel.tables import dates
from kernel.tables.findings import Problem, error, warning
from kernel.text import alike
from registry.classes.frames import first_day
from registry.drafts.models import Draft, DraftRow
from registry.enrolments.events import SupplementaryClosed, SupplementaryOpened
from registry.institutions.models.institutions import Institution
from registry.movements import roster, targets
from registry.movements.by_document import (
    ENROL,
    FOUND,
    ByDocument,
    Clean,
    Frame,
    applicant_of,
    columns_with,
)
from registry.movements.enrol import effect as enrol
from registry.movements.movement import Movement
from registry.movements.supplement import effect
from registry.movements.supplement.effect import Beside
from registry.movements.supplement.signed import SupplementEndRow, SupplementRow
from registry.movements.transfer import lookup
from registry.movements.transfer.signed import Shown
from registry.orders import texts
from registry.orders.models import Order
from registry.process import (
    Candidate,
    Chosen,
    Column,
    Conflict,
    Picked,
    Read,
    Say,
    Terms,
    Verdict,
    Wanted,
)

_LONGEST_DOCUMENT = 200
# Why it ends, and what shows it where something must.
REASONS: dict[str, tuple[str, str]] = {
    "BESIDE_COMPLETED": ("Завершено навчання", ""),
    "BESIDE_APPLIED": ("Заява батьків (інших законних представників)", "заява"),
    "BESIDE_MAIN": ("Дитину буде зараховано до цього закладу основно", "заява про зарахування"),
}
_WORDS = {words: code for code, (words, _) in REASONS.items()}


class Supplement(ByDocument[SupplementRow]):
    """«Зарахування на додаткове навчання»: rows name children by their documents."""

    code = "supplement"
    name = "Зарахування на додаткове навчання"
    about = "про зарахування на додаткове навчання"
    verb = "зараховано на додаткове навчання"
    order = 16
    columns = columns_with(FOUND)
    filled = frozenset({"pupil"})
    look = "пошук за документом для додаткового навчання"
    row = SupplementRow
    card = ""
    effective_label = "Перший день навчання"
    effective_hint = "Дитина й далі навчається у своєму закладі освіти, дд.мм.рррр"
    default_ground = "заяви батьків (інших законних представників)"
    text = Path(texts.__path__[0]) / "supplement.toml"
    paper = (
        ("Клас", lambda row: row.class_.label),
        ("Документ", lambda row: f"{row.document.series} {row.document.number}".strip()),
        ("Заява від", lambda row: dates.show(row.applied_on)),
    )

    def of_child(
        self, child: lookup.Child, frame: Frame, *, beside: bool = False
    ) -> Iterable[Problem]:
        """It learns here already, one way or the other."""
        if beside:
            yield error(
                "document", "learns_beside", "Ця дитина вже навчається у вашому закладі додатково."
            )
        elif child.institution_id == frame.institution_id:
            yield error(
                "document",
                "enrolled_here",
                "Ця дитина навчається у вашому закладі основно: додатково зараховують дітей інших "
                "закладів.",
            )

    def doubts(self, child: lookup.Child, clean: Clean | None, frame: Frame) -> Iterable[Problem]:
        """A child without a main school."""
        if child.institution_id is None:
            yield warning(
                "document",
                "learns_nowhere",
                "Дитина зараз не навчається основно в жодному закладі. Підтвердіть, якщо вона "
                f"навчається поза реєстром; інакше зарахуйте її послугою {ENROL}.",
            )

    def remarks(self, draft: Draft, moment: Moment) -> Sequence[str]:
        """Norms of classes are those of main learning (Закон 463-IX ст. 12): nothing is said."""
        return ()

    # ── the order
    def signed(self, number: int, verdict: Verdict) -> SupplementRow:
        """What the bytes say of one child."""
        clean: Clean = verdict.clean
        child = clean.child
        if child is None:  # pragma: no cover - judged READY
            raise ValueError("a ready row has its child")
        return SupplementRow(
            no=number,
            pupil=child.pupil_id,
            surname=child.surname,
            given_name=child.given_name,
            patronymic=child.patronymic,
            born_on=child.born_on,
            document=Shown(clean.document.type, clean.document.series, clean.document.number),
            class_=targets.told_of(clean.class_ref),
            form=clean.form,
            applicant=applicant_of(verdict),
            applied_on=clean.applied_on,
        )

    def conflicts(self, order: Order, rows: Sequence[SupplementRow]) -> list[Conflict]:
        """Children who came here meanwhile, and classes that changed."""
        return self.over(order, rows) or effect.conflicts(order, rows)

    def effect(self, order: Order, rows: Sequence[SupplementRow]) -> None:
        """An enrolment beside the main one begins."""
        effect.begin(order, rows)

    def events(self, order: Order, rows: Sequence[SupplementRow]) -> Iterable[Event]:
        """One supplementary enrolment opened per child."""
        return (
            SupplementaryOpened(
                subject=row.pupil,
                unit=order.institution_id,
                order=order.pk,
                class_label=row.class_.label,
                starts_on=order.effective_on,
            )
            for row in rows
        )

    def undone(self, order: Order, row: SupplementRow) -> str:
        """It never learnt here; its main school is as it was."""
        day = dates.show(order.effective_on)
        return f"додаткове навчання у класі {row.class_.label} з {day}: основне не змінюється"

    def stands_on(self, order: Order, rows: Sequence[SupplementRow]) -> list[Conflict]:
        """Children who ended since."""
        return enrol.stands_on(order, rows)

    def annul(self, order: Order, by: Order, rows: Sequence[SupplementRow]) -> None:
        """Enrolments and class placements are voided."""
        enrol.void(order, by)


# ── ending ───────────────────────────────────────────────────────────────────
def lines(
    actor: Actor, institution: Institution, wanted: Wanted, moment: Moment
) -> Sequence[Candidate]:
    """Children who learn here beside their main school, in alphabetical order."""
    sought = alike(wanted.text)
    found = [
        one
        for one in effect.learners(institution.pk).values()
        if sought in alike(one.pupil.full_name)
    ]
    audit.looked_at(actor, "registry.pupil", [one.pupil.pk for one in found], "вибір для наказу")
    return [
        Candidate(
            str(one.pupil.pk),
            one.pupil.full_name,
            (dates.show(one.pupil.born_on), one.class_label, dates.show(one.starts_on)),
        )
        for one in found
    ]


def pick(
    actor: Actor, institution: Institution, keys: Sequence[str], moment: Moment
) -> list[Picked]:
    """Rows of those chosen; whoever does not learn here beside is left out."""
    chosen = set(keys)
    return [
        Picked(
            {
                "pupil": one.pupil.full_name,
                "born_on": dates.show(one.pupil.born_on),
                "class": one.class_label,
            },
            one.pupil.pk,
        )
        for one in effect.learners(institution.pk).values()
        if str(one.pupil.pk) in chosen
    ]


@dataclasses.dataclass(frozen=True, slots=True)
class _EndFrame:
    children: Mapping[uuid.UUID, Beside]
    day: datetime.date


@dataclasses.dataclass(frozen=True, slots=True)
class _EndClean:
    child: Beside
    reason: str
    document: str


class SupplementEnd(Movement[SupplementEndRow, _EndClean]):
    """«Завершення додаткового навчання»: those who learn here beside are chosen."""

    code = "supplement_end"
    name = "Завершення додаткового навчання"
    about = "про завершення додаткового навчання"
    verb = "відраховано з додаткового навчання"
    order = 26
    icon = "users"
    columns = (
        *roster.COLUMNS,
        Column(
            "reason",
            "Причина",
            required=True,
            choices=tuple((words, words) for words in _WORDS),
            width="w8",
        ),
        Column(
            "document", "Документ", width="w8", hint="Назва, номер і дата: заява від 20.11.2026"
        ),
    )
    source = Chosen(headings=(*roster.HEADINGS, "Навчається з"), lines=lines, pick=pick)
    row = SupplementEndRow
    card = ""
    effective_label = "Дата завершення"
    effective_hint = "З цього дня дитина не навчається у вас додатково, дд.мм.рррр"
    default_ground = "заяви батьків (інших законних представників)"
    text = Path(texts.__path__[0]) / "supplement_end.toml"
    paper = (
        ("Клас", lambda row: row.class_label),
        ("Причина", lambda row: REASONS[row.reason][0]),
        ("Документ", lambda row: row.document),
    )

    def frame(self, draft: Draft, actor: Actor, moment: Moment) -> _EndFrame:
        """Every chosen child as the register has it, and the day.

        Raises:
            NoSchoolYear: no school year covers that day.
        """
        chosen = draft.rows.filter(pupil__isnull=False).values_list("pupil_id", flat=True)
        day, _ = first_day(draft.terms.get("effective_on"), moment.today)
        return _EndFrame(effect.learners(draft.institution_id, chosen), day)

    def usual_day(self, today: datetime.date, first: datetime.date) -> datetime.date:
        """Today, whatever the season."""
        return today

    def read(self, row: DraftRow, frame: _EndFrame) -> Read:
        """The child still learns here beside, the reason is one of those, shown where it must be."""
        problems: list[Problem] = []
        child = frame.children.get(row.pupil_id) if row.pupil_id else None
        reason = _WORDS.get(row.values.get("reason", "").strip(), "")
        document = row.values.get("document", "").strip()
        if child is None:
            problems.append(
                error("pupil", "not_here", "Ця дитина вже не навчається у закладі додатково.")
            )
        elif child.starts_on >= frame.day:
            problems.append(
                error(
                    "pupil",
                    "not_begun",
                    f"Дитина навчається лише з {dates.show(child.starts_on)}. Якщо її зараховано "
                    "помилково, скасуйте той наказ.",
                )
            )
        if not reason:
            problems.append(error("reason", "required", f"Виберіть причину: {'; '.join(_WORDS)}."))
        elif REASONS[reason][1] and not document:
            problems.append(
                error("document", "required", f"Вкажіть документ: {REASONS[reason][1]}.")
            )
        if len(document) > _LONGEST_DOCUMENT:
            problems.append(
                error("document", "too_long", f"Документ — до {_LONGEST_DOCUMENT} знаків.")
            )
        clean = None if problems or child is None else _EndClean(child, reason, document)
        return Read(tuple(problems), clean, keys=(f"pupil:{row.pupil_id}",))

    def check_terms(self, institution: Institution, terms: Terms, say: Say, moment: Moment) -> None:
        """An order does not reach back behind its own date."""
        if terms.effective_on < terms.issued_on:
            say(
                "effective_on",
                "before_order",
                "Дата завершення не може бути раніша за дату наказу.",
            )

    def signed(self, number: int, verdict: Verdict) -> SupplementEndRow:
        """What the bytes say of one child."""
        clean: _EndClean = verdict.clean
        pupil = clean.child.pupil
        return SupplementEndRow(
            no=number,
            pupil=pupil.pk,
            surname=pupil.surname,
            given_name=pupil.given_name,
            patronymic=pupil.patronymic,
            born_on=pupil.born_on,
            class_label=clean.child.class_label,
            reason=clean.reason,
            document=clean.document,
        )

    def conflicts(self, order: Order, rows: Sequence[SupplementEndRow]) -> list[Conflict]:
        """Children who ended or were named otherwise since."""
        return effect.end_conflicts(order, rows)

    def effect(self, order: Order, rows: Sequence[SupplementEndRow]) -> None:
        """The enrolments end."""
        effect.end(order, rows)

    def events(self, order: Order, rows: Sequence[SupplementEndRow]) -> Iterable[Event]:
        """One supplementary enrolment closed per child."""
        return (
            SupplementaryClosed(
                subject=row.pupil,
                unit=order.institution_id,
                order=order.pk,
                class_label=row.class_label,
                ends_on=order.effective_on,
                reason=row.reason,
            )
            for row in rows
        )

    def undone(self, order: Order, row: SupplementEndRow) -> str:
        """The child goes on learning here beside."""
        day = dates.show(order.effective_on)
        return f"завершення додаткового навчання у класі {row.class_label} з {day}"

    def stands_on(self, order: Order, rows: Sequence[SupplementEndRow]) -> list[Conflict]:
        """Children who learn here again, and classes closed since."""
        return effect.stands_on_end(order, rows)

    def annul(self, order: Order, by: Order, rows: Sequence[SupplementEndRow]) -> None:
        """The enrolments go on."""
        effect.go_on(order)


KINDS = (Supplement(), SupplementEnd())
