"""«Відрахування протягом року»: pupils leave on a legal ground, each shown by its document.

Sources: наказ МОН 16.04.2018 № 367, розділ IV (four grounds); death by ДРАЦС; handbook D.6.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from django.db.models import QuerySet

from accounts.actors import Actor
from kernel import audit
from kernel.audit.events import Event
from kernel.clock import Moment
from kernel.db import part_of_command, violation
from kernel.tables import dates
from kernel.tables.findings import Problem, error
from registry.classes.frames import first_day
from registry.classes.models import ClassGroup
from registry.drafts.models import Draft, DraftRow
from registry.enrolments import leaving
from registry.enrolments.events import EnrolmentClosed
from registry.enrolments.models import ClassPlacement, Enrolment
from registry.institutions.models.institutions import Institution
from registry.movements import roster
from registry.movements.grounds import (
    GROUNDS,
    Destination,
    destination_of,
    document_problems,
    doubts,
    ground_of,
    schools_of,
)
from registry.movements.movement import Movement
from registry.orders import texts
from registry.orders.errors import EnrolledMeanwhile, NotAnnullable
from registry.orders.models import Order
from registry.orders.refusals import refusal_of
from registry.people.events import PupilClosed, PupilReopened
from registry.people.models.pupils import Pupil
from registry.people.selectors.reach import standing_for
from registry.people.services import closing, residence
from registry.people.services.holding import hold
from registry.process import (
    Chosen,
    Column,
    Conflict,
    Read,
    Say,
    SignedRow,
    Terms,
    Verdict,
)


class FirstWithdrawRow(SignedRow, frozen=True, kw_only=True, tag="registry.withdraw/1"):
    """One child who leaves: from which class, on what ground, by what document."""

    class_label: str
    reason: str
    document: str


class WithdrawRow(FirstWithdrawRow, frozen=True, kw_only=True, tag="registry.withdraw/2"):
    """The same, and where the child goes: a name, with a country's code or an ЄДРПОУ."""

    destination: str
    destination_code: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Child:
    """A child who learns at the institution: its profile and its enrolment as they are now."""

    pupil: Pupil
    starts_on: datetime.date
    class_label: str
    grade: int | None


@dataclasses.dataclass(frozen=True, slots=True)
class _Frame:
    children: dict[uuid.UUID, Child]
    moved: set[uuid.UUID]
    leaves_on: datetime.date
    schools: Mapping[str, tuple[int, str]]  # those named by their ЄДРПОУ
    own: int
    today: datetime.date


@dataclasses.dataclass(frozen=True, slots=True)
class _Clean:
    child: Child
    reason: str
    document: str
    destination: Destination


def children_of(institution_id: int, pupil_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Child]:
    """Who of these learns at the institution with no day of leaving set."""
    ids = list(pupil_ids)
    begun = dict(
        _open(institution_id).filter(pupil_id__in=ids).values_list("pupil_id", "starts_on")
    )
    pupils = Pupil.objects.filter(pk__in=begun)
    groups = ClassGroup.objects.in_bulk([p.class_group_id for p in pupils if p.class_group_id])
    found = {}
    for pupil in pupils:
        group = groups.get(pupil.class_group_id) if pupil.class_group_id else None
        found[pupil.pk] = Child(
            pupil, begun[pupil.pk], group.label if group else "", group.grade if group else None
        )
    return found


def _open(institution_id: int) -> QuerySet[Enrolment]:
    found: QuerySet[Enrolment] = Enrolment.objects.filter(
        institution_id=institution_id, kind="MAIN", ends_on=None, voided_by=None
    )
    return found


RELEASE = "Відрахування у звʼязку з переведенням до іншого ЗЗСО"


def taken_over(institution_id: int, pupil_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Who of these left the institution by another school's transfer: its order is `release`."""
    return set(
        Enrolment.objects.filter(
            institution_id=institution_id,
            pupil_id__in=list(pupil_ids),
            voided_by=None,
            closed_by__kind="transfer",
        ).values_list("pupil_id", flat=True)
    )


class Withdraw(Movement[WithdrawRow, _Clean]):
    """«Відрахування протягом року»: pupils who learn here are chosen."""

    code = "withdraw"
    name = "Відрахування протягом року"
    about = "про відрахування"
    verb = "відраховано"
    order = 20
    icon = "users"
    columns = (
        *roster.COLUMNS,
        Column(
            "reason",
            "Тип відрахування",
            required=True,
            choices=tuple((ground.words, ground.words) for ground in GROUNDS.values()),
            width="w8",
        ),
        Column(
            "destination",
            "Куди вибуває",
            width="w8",
            in_full="Заклад або країна, куди вибуває дитина",
            hint="Назва або ЄДРПОУ закладу; за кордон — країна",
        ),
        Column(
            "document",
            "Документ",
            required=True,
            width="w8",
            in_full="Документ, що підтверджує підставу",
            hint="Назва, номер і дата: довідка № 12 від 20.11.2026",
        ),
    )
    source = Chosen(
        headings=roster.HEADINGS,
        of_pupils=True,
        lines=roster.lines,
        pick=roster.pick,
        groups=roster.groups,
    )
    row = WithdrawRow
    older = (FirstWithdrawRow,)
    effective_label = "Дата відрахування"
    effective_hint = "З цього дня учень не навчається у закладі, дд.мм.рррр"
    default_ground = "заяви батьків (інших законних представників) та подані до них документи"
    text = Path(texts.__path__[0]) / "withdraw.toml"
    paper = (
        ("Клас", lambda row: row.class_label),
        ("Підстава", lambda row: GROUNDS[row.reason].words),
        ("Куди", lambda row: getattr(row, "destination", "")),
        ("Документ", lambda row: row.document),
    )

    def frame(self, draft: Draft, actor: Actor, moment: Moment) -> _Frame:
        """Every chosen child as the register has it, and the day of leaving.

        Raises:
            NoSchoolYear: no school year covers that day.
        """
        chosen = draft.rows.filter(pupil__isnull=False).values_list("pupil_id", flat=True)
        leaves_on = dates.parse(
            "effective_on", draft.terms.get("effective_on") or "", required=False
        ).value
        if leaves_on is None:
            leaves_on, _ = first_day(None, moment.today)
        ids = list(chosen)
        return _Frame(
            children_of(draft.institution_id, ids),
            taken_over(draft.institution_id, ids),
            leaves_on,
            schools_of(draft.rows.values_list("values__destination", flat=True)),
            draft.institution_id,
            moment.today,
        )

    def read(self, row: DraftRow, frame: _Frame) -> Read:
        """The child still learns here, the ground is one of the law's, a document shows it."""
        problems: list[Problem] = []
        reason = ground_of(row.values.get("reason", ""))
        document = row.values.get("document", "").strip()
        child = frame.children.get(row.pupil_id) if row.pupil_id else None
        if child is None and row.pupil_id in frame.moved:
            problems.append(
                error(
                    "pupil",
                    "taken_over",
                    f"Дитину вже перевів інший заклад: видайте наказ послугою «{RELEASE}».",
                )
            )
        elif child is None:
            problems.append(error("pupil", "not_here", "Ця дитина вже не навчається у закладі."))
        elif child.starts_on >= frame.leaves_on:
            problems.append(
                error(
                    "pupil",
                    "not_begun",
                    f"Дитина навчається лише з {dates.show(child.starts_on)}. Якщо її зараховано "
                    "помилково, скасуйте наказ про зарахування.",
                )
            )
        destination = Destination()
        if not reason:
            words = "; ".join(ground.words for ground in GROUNDS.values())
            problems.append(error("reason", "required", f"Виберіть тип відрахування: {words}."))
        else:
            if child is not None:
                problems += doubts(reason, child.grade, child.class_label)
            found = destination_of(
                row.values.get("destination", ""),
                reason,
                frame.schools,
                own=frame.own,
                today=frame.today,
            )
            if isinstance(found, Problem):
                problems.append(found)
            else:
                destination = found
        problems += document_problems(
            document, reason, born_on=child.pupil.born_on if child else None, today=frame.today
        )
        wrong = child is None or any(problem.level == "error" for problem in problems)
        clean = None if wrong else _Clean(child, reason, document, destination)  # type: ignore[arg-type]
        named = destination.name if destination.code else ""
        return Read(
            tuple(problems),
            clean,
            keys=(f"pupil:{row.pupil_id}",),
            stands={"destination": named} if named else {},
        )

    def check_terms(self, institution: Institution, terms: Terms, say: Say, moment: Moment) -> None:
        """An order does not reach back behind its own date: past figures stay."""
        if terms.effective_on < terms.issued_on:
            say(
                "effective_on",
                "before_order",
                "Дата відрахування не може бути раніша за дату наказу.",
            )

    def signed(self, number: int, verdict: Verdict) -> WithdrawRow:
        """What the bytes say of one child."""
        clean: _Clean = verdict.clean
        pupil = clean.child.pupil
        return WithdrawRow(
            no=number,
            pupil=pupil.pk,
            surname=pupil.surname,
            given_name=pupil.given_name,
            patronymic=pupil.patronymic,
            born_on=pupil.born_on,
            class_label=clean.child.class_label,
            reason=clean.reason,
            document=clean.document,
            destination=clean.destination.name,
            destination_code=clean.destination.code,
        )

    def conflicts(self, order: Order, rows: Sequence[WithdrawRow]) -> list[Conflict]:
        """Children who left, changed their class or were named otherwise since; their profiles
        and enrolments are held."""
        ids = hold(row.pupil for row in rows)
        list(
            _open(order.institution_id)
            .filter(pupil_id__in=ids)
            .order_by("id")
            .select_for_update(of=("self",), no_key=True)
            .values_list("id")
        )
        children = children_of(order.institution_id, ids)
        moved = taken_over(order.institution_id, ids)
        found = []
        for row in rows:
            child = children.get(row.pupil)
            if child is None:
                gone = "вже не навчається у закладі"
                if row.pupil in moved:
                    gone = f"переведено наказом іншого закладу: оформіть послугою «{RELEASE}»"
                found.append(Conflict(row.no, row.full_name, gone))
            elif child.starts_on >= order.effective_on:
                day = dates.show(child.starts_on)
                found.append(Conflict(row.no, row.full_name, f"навчається лише з {day}"))
            elif (child.pupil.full_name, child.pupil.born_on) != (row.full_name, row.born_on):
                found.append(
                    Conflict(row.no, row.full_name, "у профілі змінено імʼя або дату народження")
                )
            elif child.class_label != row.class_label:
                now = child.class_label or "без класу"
                found.append(Conflict(row.no, row.full_name, f"тепер навчається у класі {now}"))
        return found

    def effect(self, order: Order, rows: Sequence[WithdrawRow]) -> None:
        """The enrolments end on the day of the order, each for its reason; death closes the profile.
        The register by residence is closed for those about whom nobody need ask any more."""
        reasons = {row.pupil: row.reason for row in rows}
        if leave(order, reasons, order.effective_on) != len(rows):
            raise refusal_of(self.conflicts(order, rows)) or EnrolledMeanwhile(
                "Дані в реєстрі змінилися. Спробуйте підписати ще раз."
            )
        if died := _died(rows):
            _end_beside(order, died)
            closing.shut(died, "DEATH", order.effective_on)
            audit.record(
                *(
                    PupilClosed(
                        subject=one,
                        unit=order.institution_id,
                        reason="DEATH",
                        closed_on=order.effective_on,
                    )
                    for one in died
                )
            )

    def events(self, order: Order, rows: Sequence[WithdrawRow]) -> Iterable[Event]:
        """One enrolment closed per child."""
        return (
            EnrolmentClosed(
                subject=row.pupil,
                unit=order.institution_id,
                order=order.pk,
                class_label=row.class_label,
                ends_on=order.effective_on,
                reason=row.reason,
            )
            for row in rows
        )

    def undone(self, order: Order, row: WithdrawRow) -> str:
        """The child goes on learning in its class."""
        return f"відрахування з {dates.show(order.effective_on)} з класу {row.class_label}"

    def undone_beside(self, order: Order, rows: Sequence[WithdrawRow]) -> Sequence[str]:
        """Whoever was said to be dead lives, and learns on wherever it did beside."""
        if not _died(rows):
            return ()
        said = "Профілі, закриті через смерть, буде знову відкрито, додаткове навчання триватиме."
        return (said,)

    def stands_on(self, order: Order, rows: Sequence[WithdrawRow]) -> list[Conflict]:
        """Children enrolled anew since, wherever, or whose class was closed."""
        stands = stood_on(order, {row.pupil: row.class_label for row in rows})
        return [
            Conflict(row.no, row.full_name, stands[row.pupil])
            for row in rows
            if row.pupil in stands
        ]

    @part_of_command
    def annul(self, order: Order, by: Order, rows: Sequence[WithdrawRow]) -> None:
        """The enrolments go on as if nobody had closed them, and whoever was said to be dead lives;
        the history of rows keeps that they were."""
        come_back(order, [row.pupil for row in rows])
        if died := _died(rows):
            closing.opened(died, "DEATH")
            _begin_beside_again(order)
            audit.record(
                *(
                    PupilReopened(subject=one, unit=order.institution_id, reason="DEATH")
                    for one in died
                )
            )


@part_of_command
def leave(order: Order, reasons: Mapping[uuid.UUID, str], day: datetime.date) -> int:
    """The enrolments end on a day, each for its reason, by an order; the register by residence is
    closed for those about whom nobody need ask any more. Returns how many ended: fewer when the
    register has moved on."""
    ended = {
        enrolment: reasons[pupil]
        for enrolment, pupil in _open(order.institution_id)
        .filter(pupil_id__in=list(reasons))
        .order_by("id")
        .values_list("id", "pupil_id")
    }
    leaving.end(order.pk, day, ended)
    if over := [pupil for pupil, reason in reasons.items() if reason in residence.CLOSING]:
        residence.close(over)
    return len(ended)


def stood_on(order: Order, left: Mapping[uuid.UUID, str]) -> dict[uuid.UUID, str]:
    """Those of the children who left by an order, each with its class, who cannot be brought back,
    and why: enrolled anew since, wherever, or the class was closed. Their enrolments are held."""
    who = standing_for(left)
    ids = hold(who.values())
    ours = {
        enrolment.pupil_id: enrolment
        for enrolment in Enrolment.objects.filter(closed_by=order, pupil_id__in=ids, kind="MAIN")
        .order_by("id")
        .select_for_update(of=("self",), no_key=True)
    }
    later = {
        pupil
        for pupil, starts_on in Enrolment.objects.filter(
            pupil_id__in=ids, kind="MAIN", voided_by=None
        ).values_list("pupil_id", "starts_on")
        if (one := ours.get(pupil)) is not None and one.ends_on and starts_on >= one.ends_on
    }
    closed = leaving.in_closed_classes([one.pk for one in ours.values()])
    found: dict[uuid.UUID, str] = {}
    for pupil, label in left.items():
        enrolment = ours.get(who[pupil])
        if enrolment is None or who[pupil] in later:
            found[pupil] = "після наказу дитину зараховано знову"
        elif enrolment.pk in closed:
            found[pupil] = f"клас {label} відтоді закрито"
    return found


@part_of_command
def come_back(order: Order, pupil_ids: Sequence[uuid.UUID]) -> None:
    """The reverse: the enrolments that an order ended go on as if nobody had closed them.

    Raises:
        NotAnnullable: somebody was enrolled anew meanwhile.
    """
    with violation("main_enrolments_never_overlap", NotAnnullable):
        leaving.go_on(order.pk)
    residence.settle(sorted(set(standing_for(pupil_ids).values())))


def _end_beside(order: Order, died: Sequence[uuid.UUID]) -> None:
    """Wherever the dead learnt beside, they do no more, and what was to begin never begins: the same
    order says so."""
    beside = Enrolment.objects.filter(
        pupil_id__in=died, kind="SUPPLEMENTARY", ends_on=None, voided_by=None
    ).order_by("id")
    ended = list(beside.filter(starts_on__lt=order.effective_on).values_list("id", flat=True))
    never = list(beside.filter(starts_on__gte=order.effective_on).values_list("id", flat=True))
    leaving.end(order.pk, order.effective_on, dict.fromkeys(ended, "DEATH"))
    ClassPlacement.objects.filter(enrolment__in=never, voided_by=None).update(voided_by=order)
    Enrolment.objects.filter(pk__in=never).update(voided_by=order)


def _begin_beside_again(order: Order) -> None:
    """What was never to begin begins on its day after all; what had ended goes on by `go_on`."""
    never = Enrolment.objects.filter(voided_by=order, kind="SUPPLEMENTARY")
    ids = list(never.values_list("id", flat=True))
    Enrolment.objects.filter(pk__in=ids).update(voided_by=None)
    ClassPlacement.objects.filter(enrolment__in=ids, voided_by=order).update(voided_by=None)


def _died(rows: Sequence[WithdrawRow]) -> list[uuid.UUID]:
    return sorted(row.pupil for row in rows if row.reason == "DEATH")


PROCESS = Withdraw()
