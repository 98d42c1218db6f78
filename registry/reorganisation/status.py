"""«Зміна стану закладу»: work begins, stops, goes on or ends by an order of the authority.

Sources: handbook D.1; Закон «Про освіту», ст. 25; постанова 1255 п. 28.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from kernel.clock import Moment
from kernel.db import part_of_command
from kernel.errors import DomainError
from kernel.tables import dates
from registry.classifiers.selectors import classifiers
from registry.institutions import policies, ports
from registry.institutions.models.institutions import Institution
from registry.institutions.services import institutions
from registry.orders import texts
from registry.orders.models import Order
from registry.process import Conflict, Say, Terms, Verdict
from registry.reorganisation import authority
from registry.reorganisation.effect import document_of, held

CODE = "status"
ACTS = {
    "ACTIVE": "Розпочати роботу закладу освіти",
    "SUSPENDED": "Призупинити роботу закладу освіти",
    "REORGANISING": "Розпочати реорганізацію закладу освіти",
    "LIQUIDATED": "Ліквідувати заклад освіти",
}
ACCESS = {
    "SUSPENDED": "Припинити на цей час вхід до кабінету закладу та доступ його інформаційних систем.",
    "LIQUIDATED": "Закрити класи, облікові записи закладу та доступ до його даних, наданий "
    "інформаційним системам.",
}


class StatusRow(authority.InstitutionRow, frozen=True, kw_only=True, tag="registry.status/1"):
    """The state of one institution: what it was, what it becomes."""

    was: str
    to: str


class ChangeStatus(authority.OfAuthority[StatusRow]):
    """The order; its step and the document come from the form of the card."""

    code = CODE
    name = "Зміна стану закладу"
    about = "про зміну стану закладу"
    verb = "змінено стан"
    order = 96
    keep = policies.change_status
    sign = policies.change_status
    undone_by = policies.change_status
    row = StatusRow
    effective_label = "Діє з"
    text = Path(texts.__path__[0]) / "status.toml"
    paper = (
        ("Був стан", lambda row: _label(row.was)),
        ("Стає", lambda row: _label(row.to)),
    )
    optional: ClassVar[frozenset[str]] = frozenset({"access"})

    def words(self, terms: Terms, rows: Sequence[StatusRow]) -> Mapping[str, str]:
        """What is done, and to whom."""
        row = rows[0]
        act = ACTS[row.to]
        if row.to == "ACTIVE" and row.was in {"SUSPENDED", "REORGANISING"}:
            act = "Відновити роботу закладу освіти"
        return {
            "act": act,
            "source": row.surname,
            "day": dates.show(terms.effective_on),
            "access": ACCESS.get(row.to, ""),
            "to": _label(row.to).lower(),
        }

    def check_terms(self, institution: Institution, terms: Terms, say: Say, moment: Moment) -> None:
        """Nor before the state that stands now began."""
        super().check_terms(institution, terms, say, moment)
        if (last := institutions.last_step(institution)) and terms.effective_on < last.since:
            say("effective_on", "before_last", f"Попередній стан діє з {last.since:%d.%m.%Y}.")

    def signed(self, number: int, verdict: Verdict) -> StatusRow:
        """The institution and its step."""
        source, to = verdict.clean
        return StatusRow(
            no=number,
            surname=source.short_name,
            given_name="",
            patronymic="",
            institution=source.uid,
            was=source.status,
            to=to,
        )

    def conflicts(self, order: Order, rows: Sequence[StatusRow]) -> list[Conflict]:
        """The state has changed, or somebody came, since the order was made."""
        row, source = rows[0], held(order.institution.uid)
        try:
            if source.status != row.was:
                return [Conflict(1, row.full_name, f"стан тепер «{_label(source.status)}»")]
            institutions.require_step(source, row.to, order.effective_on)
        except DomainError as no:
            return [Conflict(1, row.full_name, str(no.detail))]
        return []

    def effect(self, order: Order, rows: Sequence[StatusRow]) -> None:
        """The state turns; with a liquidation everything that ends with an institution ends."""
        authority.begin(order)
        to = rows[0].to
        if to == "LIQUIDATED":
            ports.closed(
                order.institution_id,
                order.effective_on,
                f"Заклад ліквідовано: наказ № {order.number}",
                order.pk,
            )
        institutions.turn(
            held(order.institution.uid),
            to,
            since=order.effective_on,
            order_number=order.number,
            order_date=order.issued_on,
            issued_by=document_of(order)["terms"]["issuer"],
            ground=order.ground,
        )

    def undone(self, order: Order, row: StatusRow) -> str:
        """Back to the state before."""
        return (
            f"стан «{_label(row.to)}» з {dates.show(order.effective_on)}, знову «{_label(row.was)}»"
        )

    def outcome(self, count: int, day: object, *, done: bool) -> str:
        """«стан закладу буде змінено з 24.11.2026»."""
        return f"стан закладу {'' if done else 'буде '}змінено з {dates.show(day)}"  # type: ignore[arg-type]


def _label(code: str) -> str:
    return classifiers.label("institution_status", code)


PROCESS = ChangeStatus()


@part_of_command
def put_back(order: Order, by: Order, row: StatusRow, issuer: str) -> None:
    """The state before, by the counter-order."""
    institutions.turn(
        held(order.institution.uid),
        row.was,
        since=by.effective_on,
        order_number=by.number,
        order_date=by.issued_on,
        issued_by=issuer,
        ground=f"Скасовано наказ № {order.number}",
    )
