"""«Зміна підпорядкування»: an institution passes to another authority, becomes a branch of a hub, or
stands by itself again, by an order of who stands above both places.

Sources: handbook B.1, D.1; Закон «Про освіту», ст. 25.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from accounts.models import OrgUnit
from kernel import audit
from kernel.db import part_of_command
from kernel.errors import DomainError
from kernel.tables import dates
from registry.institutions import policies, ports
from registry.institutions.events import InstitutionPlaced
from registry.institutions.models.institutions import Institution
from registry.institutions.services import subordination
from registry.orders import texts
from registry.orders.models import Order
from registry.process import Conflict, Terms, Verdict
from registry.reorganisation import authority
from registry.reorganisation.effect import document_of, held

CODE = "subordinate"


class PlaceRow(authority.InstitutionRow, frozen=True, kw_only=True, tag="registry.subordinate/1"):
    """Whose an institution is, and whose it becomes; `left` and `under` are nodes of the tree."""

    left: int
    left_name: str
    under: int
    under_name: str
    was_branch: bool
    is_branch: bool


class Subordinate(authority.OfAuthority[PlaceRow]):
    """The order; the new place comes from the form of the card."""

    code = CODE
    name = "Зміна підпорядкування закладу"
    about = "про зміну підпорядкування закладу"
    verb = "підпорядковано"
    order = 97
    keep = policies.place
    sign = policies.place
    undone_by = policies.place
    row = PlaceRow
    effective_label = "Діє з"
    text = Path(texts.__path__[0]) / "subordinate.toml"
    paper = (
        ("Підпорядкований зараз", lambda row: row.left_name),
        ("Переходить до", lambda row: row.under_name),
    )
    optional: ClassVar[frozenset[str]] = frozenset({"keys"})

    def words(self, terms: Terms, rows: Sequence[PlaceRow]) -> Mapping[str, str]:
        """From whom to whom."""
        row = rows[0]
        keys = "Припинити доступ інформаційних систем, наданий попереднім керівником."
        return {
            "source": row.surname,
            "left": row.left_name,
            "under": row.under_name,
            "day": dates.show(terms.effective_on),
            "keys": keys if row.was_branch != row.is_branch else "",
        }

    def signed(self, number: int, verdict: Verdict) -> PlaceRow:
        """The institution and both places."""
        source, target, hub = verdict.clean
        return PlaceRow(
            no=number,
            surname=source.short_name,
            given_name="",
            patronymic="",
            institution=source.uid,
            left=source.unit.parent_id,
            left_name=source.unit.parent.name,
            under=target.pk,
            under_name=target.name,
            was_branch=source.hub_id is not None,
            is_branch=hub is not None,
        )

    def conflicts(self, order: Order, rows: Sequence[PlaceRow]) -> list[Conflict]:
        """It stands elsewhere by now, or the new place no longer takes it."""
        row, source = rows[0], held(order.institution.uid)
        target = _node(row.under)
        if source.unit.parent_id != row.left:
            return [Conflict(1, row.full_name, "заклад тим часом підпорядковано іншому")]
        try:
            subordination.refuse(source, target, subordination.hub_of(target))
        except DomainError as no:
            return [Conflict(1, row.full_name, str(no.detail))]
        return []

    def effect(self, order: Order, rows: Sequence[PlaceRow]) -> None:
        """The institution with its branches hangs there; triggers move every row of it."""
        authority.begin(order)
        row = rows[0]
        _hang(held(order.institution.uid), row.under, document_of(order)["terms"]["issuer"], order)
        if row.was_branch != row.is_branch:
            ports.end_keys(order.institution_id, f"Змінено підпорядкування: наказ № {order.number}")

    def undone(self, order: Order, row: PlaceRow) -> str:
        """Back to whose it was."""
        return f"підпорядкування: «{row.under_name}», знову «{row.left_name}»"

    def outcome(self, count: int, day: object, *, done: bool) -> str:
        """«підпорядкування буде змінено з 24.11.2026»."""
        return f"підпорядкування закладу {'' if done else 'буде '}змінено з {dates.show(day)}"  # type: ignore[arg-type]


PROCESS = Subordinate()


def _node(pk: int) -> OrgUnit:
    return OrgUnit.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)


@part_of_command
def _hang(source: Institution, under: int, issuer: str, by: Order) -> None:
    target, left = _node(under), source.unit.parent_id
    subordination.hang(source, target, hub=subordination.hub_of(target))
    audit.record(
        InstitutionPlaced(
            subject=source.uid,
            unit=source.unit_id,
            left=left,
            under=target.pk,
            name=target.name,
            document=f"№ {by.number} від {by.issued_on:%d.%m.%Y}, {issuer}; {by.ground}",
        )
    )


def stands(source: Institution, row: PlaceRow) -> list[str]:
    """Why the institution cannot go back where it was."""
    if source.unit.parent_id != row.under:
        return ["заклад відтоді ще раз підпорядковано іншому"]
    target = OrgUnit.objects.get(pk=row.left)
    try:
        subordination.refuse(source, target, subordination.hub_of(target))
    except DomainError as no:
        return [str(no.detail)]
    return []


@part_of_command
def put_back(order: Order, by: Order, row: PlaceRow, issuer: str) -> None:
    """Under whom it was, by the counter-order; keys given meanwhile end where another head answers."""
    _hang(held(order.institution.uid), row.left, issuer, by)
    if row.was_branch != row.is_branch:
        ports.end_keys(order.institution_id, f"Змінено підпорядкування: наказ № {by.number}")
