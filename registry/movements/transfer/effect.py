"""What a signed transfer does: one enrolment ends and the next begins on one day, and the sending
schools are asked for their own orders. And how it is taken back."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from kernel import audit
from kernel.db import part_of_command, violation
from kernel.tables import dates
from registry.classifiers.working_days import term_ends
from registry.enrolments import leaving
from registry.enrolments import selectors as enrolment_reads
from registry.enrolments import services as enrolments
from registry.enrolments.models import Enrolment
from registry.institutions.models.institutions import Institution
from registry.movements import targets
from registry.movements.enrol import effect as enrol
from registry.movements.transfer import lookup
from registry.movements.transfer.signed import TransferRow
from registry.orders.errors import EnrolledMeanwhile, NotAnnullable
from registry.orders.models import Order
from registry.orders.services import asking
from registry.people.selectors.reach import standing_for
from registry.people.services import guardians
from registry.people.services.holding import hold
from registry.process import Conflict

ANSWER = "release"  # the process by which the sending school answers


def conflicts(order: Order, rows: Sequence[TransferRow]) -> list[Conflict]:
    """Rows that can no longer be written, and why, without telling where else a child went.

    The classes, the profiles and the enrolments are held until the order is in effect: of two
    schools at the same second, or of a transfer and a withdrawal, the second waits here and then
    finds what the first did.
    """
    classes = targets.held(order.institution_id, [row.class_.id for row in rows])
    ids = hold(row.pupil for row in rows)
    list(_open(ids).order_by("id").select_for_update(of=("self",), no_key=True).values_list("id"))
    now = lookup.by_id(ids, order.effective_on)
    beside = enrolment_reads.learning_beside(order.institution_id, ids, order.effective_on)
    renamed = guardians.renamed(enrol.applicants(rows), known=frozenset(ids))
    found = []
    for row in rows:
        child = now.get(row.pupil)
        if child is None or child.closed_reason:
            what = enrol.CLOSED[child.closed_reason] if child else "профілю вже немає"
        elif child.institution_id is None:
            what = "дитина вже ніде не навчається: її зараховують, а не переводять"
        elif child.institution != row.from_.institution or child.ends_on is not None:
            what = "заклад, з якого переводять, уже відрахував дитину"
        elif child.starts_on is not None and child.starts_on >= order.effective_on:
            what = f"навчається у своєму закладі лише з {dates.show(child.starts_on)}"
        elif child.class_label != row.from_.class_label:
            what = f"у своєму закладі тепер навчається у класі {child.class_label}"
        elif (child.full_name, child.born_on) != (row.full_name, row.born_on):
            what = "у профілі змінено імʼя або дату народження"
        elif row.pupil in renamed:
            what = "РНОКПП заявника належить у реєстрі особі з іншим імʼям"
        elif row.pupil in beside:
            what = enrol.BESIDE
        else:
            what = targets.differs(row.class_, classes)
        if what:
            found.append(Conflict(row.no, row.full_name, what))
    return found


def _open(pupils: Sequence[uuid.UUID]):  # type: ignore[no-untyped-def]
    return Enrolment.objects.filter(pupil_id__in=pupils, kind="MAIN", ends_on=None, voided_by=None)


@part_of_command
def write(order: Order, rows: Sequence[TransferRow]) -> None:
    """`conflicts` held and judged everything a moment ago, in this transaction."""
    left = list(
        _open([row.pupil for row in rows])
        .order_by("id")
        .values_list("id", "pupil_id", "institution_id")
    )
    leaving.end(order.pk, order.effective_on, {number: "TRANSFER" for number, _, _ in left})
    with violation("main_enrolments_never_overlap", _lost):
        enrolments.enrol(
            order.institution_id,
            [
                enrolments.Place(row.pupil, row.class_.id, order.effective_on, row.form)
                for row in rows
            ],
            order=order.pk,
        )
    guardians.represent(
        enrol.applicants(rows),
        known=frozenset(row.pupil for row in rows),
        ground=f"наказ № {order.number}",
    )
    number = {row.pupil: row.no for row in rows}
    asked: dict[int, list[int]] = {}
    for _, pupil, institution in left:
        asked.setdefault(institution, []).append(number[pupil])
    asking.ask(order, process=ANSWER, due_on=term_ends("transfer_answer", audit.today()), of=asked)


def _lost() -> EnrolledMeanwhile:
    return EnrolledMeanwhile("Дані в реєстрі змінилися. Спробуйте підписати ще раз.")


def units_of(institutions: Iterable[uuid.UUID]) -> dict[uuid.UUID, int]:
    """The nodes of these institutions."""
    return dict(Institution.objects.filter(uid__in=set(institutions)).values_list("uid", "unit_id"))


def stands_on(order: Order, rows: Sequence[TransferRow]) -> list[Conflict]:
    """What stands on the enrolments begun here (as of an enrolment), and whether each child can go
    back to its class; the enrolments are held."""
    found = {one.no: one for one in enrol.stands_on(order, rows)}  # holds the profiles
    left = {
        one.pupil_id: one
        for one in Enrolment.objects.filter(closed_by=order, voided_by=None)
        .select_related("institution")
        .order_by("id")
        .select_for_update(of=("self",), no_key=True)
    }
    closed = leaving.in_closed_classes([one.pk for one in left.values()])
    who = standing_for(row.pupil for row in rows)
    for row in rows:
        before = left.get(who[row.pupil])
        if before is None:
            what = "попереднє навчання відтоді змінено"
        elif before.institution.status == "LIQUIDATED":
            what = "заклад, з якого переведено, ліквідовано"
        elif before.pk in closed:
            what = f"клас {row.from_.class_label} у попередньому закладі закрито"
        else:
            continue
        found.setdefault(row.no, Conflict(row.no, row.full_name, what))
    return [found[number] for number in sorted(found)]


@part_of_command
def take_back(order: Order, by: Order) -> None:
    """Void first: both enrolments would hold the day of the order.

    Raises:
        NotAnnullable: the register has moved on.
    """
    with violation("main_enrolments_never_overlap", NotAnnullable):
        enrol.void(order, by)
        leaving.go_on(order.pk)
    asking.call_off(order)
