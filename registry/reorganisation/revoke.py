"""The counter-order of an authority: its own order about an institution is taken back whole, until the
first later change (ADR 0066). Everything that comes back, and what does not, is told before it is signed.

Sources: handbook D.6 (EFFECTIVE → CANCELLED by counter-order); ЦК, ст. 104 ч. 5: who ended in the state
register ends for good, so an order that ended an institution is taken back only while no entry says so.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from accounts.actors import Actor
from accounts.models import OrgUnit
from kernel.audit.events import Event
from kernel.tables import dates
from registry.certificates.models import StudyCertificate
from registry.institutions import policies as institution_policies
from registry.institutions.models.institutions import Institution
from registry.institutions.services import institutions
from registry.movements.events import MovementAnnulled, StaffOrderAnnulled
from registry.orders import texts
from registry.orders.events import OrderAnnulled
from registry.orders.models import OF_AUTHORITY, Order
from registry.orders.services.annulling import refusal_to_annul, rows_of
from registry.orders.states import TRANSITIONS
from registry.people.services.holding import hold
from registry.process import Conflict, NamedRow, SignedRow, TermField, Terms, Verdict, kind
from registry.reorganisation import authority, status, subordinate, undoing
from registry.reorganisation.effect import document_of, held
from registry.reorganisation.status import StatusRow
from registry.reorganisation.subordinate import PlaceRow

CODE = "revoke"
REGISTER = (
    "Встановлено, що запису про припинення закладу в Єдиному державному реєстрі не внесено або його "
    "скасовано."
)


class RevokeRow(authority.InstitutionRow, frozen=True, kw_only=True, tag="registry.revoke/1"):
    """The order that is taken back, and what comes back with it."""

    order: uuid.UUID
    order_number: str
    undone: tuple[str, ...]


class Revoke(authority.OfAuthority[RevokeRow]):
    """The counter-order; which order it takes back is chosen on that order's page."""

    code = CODE
    name = "Скасування наказу про заклад"
    about = "про скасування наказу про заклад"
    verb = "скасовано"
    order = 98
    keep = institution_policies.change_status
    sign = institution_policies.change_status
    undo_page = ""
    row = RevokeRow
    effective_label = "Дата скасування"
    text = Path(texts.__path__[0]) / "revoke.toml"
    paper = (("Що скасовується", lambda row: " ".join(row.undone)),)
    optional: ClassVar[frozenset[str]] = frozenset({"back", "register", "papers"})
    term_fields = (
        *authority.OfAuthority.term_fields,
        TermField(
            "unregistered",
            "Запису про припинення закладу в ЄДР немає або його скасовано",
            kind="check",
            required=False,
            hint="Позначте, якщо скасовуєте наказ, яким заклад припинено: внесений запис остаточний",
        ),
    )

    def words(self, terms: Terms, rows: Sequence[RevokeRow]) -> Mapping[str, str]:
        """Which order, and what comes back."""
        row = rows[0]
        return {
            "source": row.surname,
            "order_number": row.order_number,
            "order_date": terms.extra["order_date"],
            "order_about": terms.extra["order_about"],
            "day": dates.show(terms.effective_on),
            "back": " ".join(row.undone),
            "register": REGISTER if terms.extra["unregistered"] else "",
            "papers": terms.extra["papers"],
        }

    def signed(self, number: int, verdict: Verdict) -> RevokeRow:
        """The order and what comes back."""
        target, back = verdict.clean
        return RevokeRow(
            no=number,
            surname=target.institution.short_name,
            given_name="",
            patronymic="",
            institution=target.institution.uid,
            order=target.pk,
            order_number=target.number,
            undone=tuple(back),
        )

    def corrects(self, rows: Sequence[RevokeRow]) -> uuid.UUID | None:
        """The order that is taken back."""
        return rows[0].order

    def conflicts(self, order: Order, rows: Sequence[RevokeRow]) -> list[Conflict]:
        """What came to stand on it since; the order, the institution and the children are held."""
        row = rows[0]
        held(order.institution.uid)
        target = _held(row.order)
        hold(one.pupil for one in rows_of(target) if isinstance(one, SignedRow))
        return [Conflict(1, row.full_name, what) for what in standing(target, lock=True)]

    def effect(self, order: Order, rows: Sequence[RevokeRow]) -> None:
        """Everything the order wrote is taken back, and it is annulled."""
        target = _held(rows[0].order)
        undo, of = undoing.read(target), rows_of(target)[0]
        source = held(order.institution.uid)
        issuer = document_of(order)["terms"]["issuer"]
        undoing.take_back(undo, source, order)
        if isinstance(of, StatusRow):
            status.put_back(target, order, of, issuer)
        elif isinstance(of, PlaceRow):
            subordinate.put_back(target, order, of, issuer)
        elif (was := _status_before(undo, source)) != source.status:
            institutions.turn(
                source,
                was,
                since=order.effective_on,
                order_number=order.number,
                order_date=order.issued_on,
                issued_by=issuer,
                ground=f"Скасовано наказ № {target.number}",
            )
        target.state = TRANSITIONS[target.state]["annul"]
        target.save(update_fields=["state"])

    def events(self, order: Order, rows: Sequence[RevokeRow]) -> Iterable[Event]:
        """The order annulled; one of each child and post that comes back."""
        target = Order.objects.get(pk=rows[0].order)
        yield OrderAnnulled(
            subject=target.pk, unit=target.institution_id, number=target.number, by=order.pk
        )
        for row in rows_of(target):
            if isinstance(row, StatusRow | PlaceRow):
                continue
            tell = MovementAnnulled if isinstance(row, SignedRow) else StaffOrderAnnulled
            yield tell(
                subject=row.about,
                unit=target.institution_id,
                order=order.pk,
                annulled=target.pk,
                kind=target.kind,
            )

    def undone(self, order: Order, row: RevokeRow) -> str:
        """An undo is not undone: the order is given anew."""
        return f"скасування наказу № {row.order_number}"

    def outcome(self, count: int, day: object, *, done: bool) -> str:
        """«наказ буде скасовано з 24.11.2026»."""
        return f"наказ {'' if done else 'буде '}скасовано з {dates.show(day)}"  # type: ignore[arg-type]


PROCESS = Revoke()


def _held(pk: uuid.UUID) -> Order:
    return (
        Order.objects.select_for_update(of=("self",), no_key=True)
        .select_related("institution__unit")
        .get(pk=pk)
    )


def _status_before(undo: undoing.Undo, source: Institution) -> str:
    old = undo.changed["registry.institution"].get(str(source.pk))
    return str(old["status"]) if old else source.status


def effects(target: Order) -> tuple[list[str], list[str]]:
    """What comes back, and what does not, in sentences.

    Raises:
        NotAnnullable: it took effect before orders of authorities could be taken back.
    """
    undo, of = undoing.read(target), rows_of(target)[0]
    source = held(target.institution.uid, lock=False)
    back = undoing.told(undo, source)
    if isinstance(of, StatusRow | PlaceRow):
        back.insert(0, f"Скасовується: {kind(target.kind).undone(target, of)}.")
    elif _status_before(undo, source) != source.status:
        back.append("Заклад знову працює.")
    return back, [*undoing.stays(undo), *_papers(undoing.papers(undo, target))]


def _papers(issued: Sequence[StudyCertificate]) -> Iterable[str]:
    """What is said of certificates that tell where a child learnt meanwhile: a signed paper stays."""
    for one in issued:
        yield (
            f"Довідка № {one.number} від {dates.show(one.issued_on)} ({one.full_name}, "
            f"{one.institution.short_name}) лишається чинною, доки її не анулює керівник "
            "правонаступника: дитина там більше не навчатиметься."
        )


def to_annul(target: Order) -> str:
    """The point of the counter-order about certificates that successors issued; empty when none did."""
    issued = undoing.papers(undoing.read(target), target)
    named = [
        f"№ {one.number} від {dates.show(one.issued_on)} («{one.institution.short_name}»)"
        for one in issued
    ]
    if not named:
        return ""
    return f"Керівникам правонаступників анулювати довідки про навчання: {', '.join(named)}."


def standing(target: Order, *, lock: bool) -> list[str]:
    """Why the order cannot be taken back; empty when it can."""
    if refusal := refusal_to_annul(target):
        return [refusal]
    undo, of = undoing.read(target), rows_of(target)[0]
    source = held(target.institution.uid, lock=lock)
    found = undoing.standing(undo, source)
    return [*found, *(subordinate.stands(source, of) if isinstance(of, PlaceRow) else ())]


def target_of(actor: Actor, order_id: Any) -> Order:
    """The order to be taken back.

    Raises:
        NotFound: no such order of an authority within reach.
        NotAllowed: another authority's.
    """
    found: Order = (
        Order.objects.visible_to(actor)
        .select_related("institution__unit")
        .filter(kind__in=[one for one in OF_AUTHORITY if kind(one).undo_page])
        .exclude(state__in=["PREPARED", "GIVEN_UP"])
        .find(pk=order_id)
    )
    kind(found.kind).undone_by.require(actor, found.institution)
    row = rows_of(found)[0]
    if isinstance(row, PlaceRow):
        institution_policies.place.require(
            actor, found.institution, OrgUnit.objects.get(pk=row.left)
        )
    return found


def ends_institution(target: Order) -> bool:
    """Whether the institution ended by the order."""
    last: NamedRow = rows_of(target)[0]
    if isinstance(last, StatusRow):
        return last.to == "LIQUIDATED"
    return target.kind == "reorganise" and document_of(target)["terms"]["way_code"] != "SPIN"


__all__ = ["CODE", "PROCESS", "effects", "standing", "target_of", "to_annul"]
