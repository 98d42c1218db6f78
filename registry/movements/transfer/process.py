"""«Переведення учня між школами протягом року» (handbook D.6): the kind itself.

The receiving school's signed order ends the enrolment at the sending one and begins its own on the
same day, in one transaction, and asks the sending school for its own order, which documents what
is done already. The sending school may object within the term; silence harms nobody.

Sources: наказ МОН 16.04.2018 № 367, розділ III.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from kernel.audit.events import Event
from kernel.tables import dates
from kernel.tables.findings import Problem, error, warning
from registry.classes import selectors as class_reads
from registry.enrolments.events import EnrolmentClosed, EnrolmentOpened
from registry.movements import targets
from registry.movements.by_document import (
    ENROL,
    FOUND,
    ByDocument,
    Clean,
    Frame,
    applicant_of,
    columns_with,
)
from registry.movements.enrol.effect import BESIDE
from registry.movements.transfer import effect, lookup
from registry.movements.transfer.signed import From, Shown, TransferRow
from registry.orders import texts
from registry.orders.models import Order
from registry.process import Column, Conflict, Verdict


class Transfer(ByDocument[TransferRow]):
    """«Переведення учня між школами протягом року»: rows name children by their documents."""

    code = "transfer"
    name = "Переведення учня між школами протягом року"
    about = "про переведення з іншого закладу"
    verb = "переведено з інших закладів"
    order = 15
    columns = columns_with(FOUND, Column("school", "Навчається зараз", fixed=True, width="w8"))
    look = "пошук за документом для переведення"
    row = TransferRow
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
    def shown(self, child: lookup.Child | None) -> Mapping[str, str]:
        """Whom the order is about and where it learns, so that the order can name it."""
        seen = child.seen if child is not None and child.school else None
        if seen is None:
            return {"pupil": "", "school": ""}
        where = ", ".join(filter(None, (seen.school, seen.class_label)))
        return {"pupil": seen.full_name, "school": where}

    def of_child(
        self, child: lookup.Child, frame: Frame, *, beside: bool = False
    ) -> Iterable[Problem]:
        """Why the child cannot be taken over, if so."""
        since = child.starts_on
        if child.institution_id is None or since is None:
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
        elif beside:
            yield error("document", "learns_beside", f"{BESIDE.capitalize()}.")

    def doubts(self, child: lookup.Child, clean: Clean | None, frame: Frame) -> Iterable[Problem]:
        """Another grade than the child learns in now."""
        if clean is not None and child.grade is not None and clean.class_ref.grade != child.grade:
            yield warning(
                "class",
                "other_grade",
                f"Зараз дитина навчається у класі {child.class_label}, а ви зараховуєте її до класу "
                f"{clean.class_ref.label}.",
            )

    # ── the order
    def signed(self, number: int, verdict: Verdict) -> TransferRow:
        """What the bytes say of one child."""
        clean: Clean = verdict.clean
        child = clean.child
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
            applicant=applicant_of(verdict),
            applied_on=clean.applied_on,
        )

    def remarks_of_order(self, rows: Sequence[TransferRow]) -> Sequence[str]:
        """Classes that the order brings near their norm or past it."""
        return class_reads.filling(Counter(row.class_.id for row in rows))

    def conflicts(self, order: Order, rows: Sequence[TransferRow]) -> list[Conflict]:
        """Children who left, moved or were named otherwise since, and classes that changed."""
        return self.over(order, rows) or effect.conflicts(order, rows)

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

    def undone_beside(self, order: Order, rows: Sequence[TransferRow]) -> Sequence[str]:
        """The other schools are asked for nothing any more; who applied stays known."""
        return (
            "Заклади, з яких переведено, буде повідомлено: накази від них більше не потрібні.",
            "Відомості про представників дітей лишаються в реєстрі.",
        )

    def stands_on(self, order: Order, rows: Sequence[TransferRow]) -> list[Conflict]:
        """Children who left or changed their class since, here; schools and classes closed, there."""
        return effect.stands_on(order, rows)

    def annul(self, order: Order, by: Order, rows: Sequence[TransferRow]) -> None:
        """The enrolment here never was, the one there goes on; nothing is asked any more."""
        effect.take_back(order, by)


PROCESS = Transfer()
