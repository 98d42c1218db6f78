"""An order that an authority gives about an institution, signed with its own key: what all have alike.

Its number is the authority's, it takes effect at once, and it is taken back by a counter-order of the
same authority (`registry.reorganisation.revoke`). Sources: handbook B.1, D.1; постанова 1255 п. 28.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, ClassVar, Generic

from accounts.actors import Actor
from accounts.selectors import units
from kernel import audit
from kernel.clock import Moment
from kernel.db import part_of_command
from kernel.scoping import person_of
from registry.institutions.models.institutions import Institution
from registry.movements.movement import Movement
from registry.orders import services as orders
from registry.orders.models import OF_AUTHORITY, Order
from registry.orders.selectors.issuers import Issuer
from registry.process import (
    Chosen,
    Counted,
    NamedRow,
    Row,
    Say,
    TermField,
    Terms,
    Verdict,
    text_of,
)
from registry.reorganisation import policies
from registry.reorganisation.errors import NotReorganised
from registry.reorganisation.events import OrderTakenUp


class InstitutionRow(NamedRow, frozen=True, kw_only=True, tag="registry.of-institution"):
    """A signed row about the institution itself; its name stands where others have a surname."""

    institution: uuid.UUID

    @property
    def about(self) -> uuid.UUID:
        """The institution."""
        return self.institution

    @property
    def about_kind(self) -> str:
        """A card."""
        return "registry.institution"


class OfAuthority(Movement[Row, Any], Generic[Row]):
    """A kind of order that the authority gives and signs. A subclass names its day and its words."""

    by_authority = True
    undo_page = "order_revoke"
    page = "institution_list"
    icon = "school"
    source = Chosen(headings=(), lines=lambda *_: (), pick=lambda *_: [])
    subject: ClassVar[str] = "registry.institution"
    card = "institution_detail"
    people_list = "institution_list"
    to_people = "Переглянути заклади освіти"
    see = policies.see_acts
    rows_are = Counted("Заклад", "Заклад", "заклад,заклади,закладів", "заклад,заклади,закладів")
    told: ClassVar[Sequence[tuple[str, Callable[[Any], str]]]] = ()
    term_fields: ClassVar[Sequence[TermField]] = (
        TermField(
            "issuer",
            "Хто видав",
            hint="Повна назва органу, чий це наказ або рішення",
            missing="Вкажіть, хто видав документ.",
        ),
    )

    def signed_with(self, actor: Actor) -> Collection[str]:
        """With the key of the authority whose administrator signs."""
        unit = units.own(actor)
        return [unit.edrpou] if unit.edrpou else []

    def check_terms(self, institution: Institution, terms: Terms, say: Say, moment: Moment) -> None:
        """It takes effect on the day: neither before the document, nor to come."""
        if terms.effective_on < terms.issued_on:
            say("effective_on", "before_order", "Ця дата не може бути раніша за дату документа.")
        elif terms.effective_on > moment.today:
            say(
                "effective_on",
                "future",
                "Наказ діє одразу після підпису: дата не може бути пізніша за сьогодні.",
            )

    def wording(self, terms: Terms, count: int, rows: Sequence[Row] = ()) -> dict[str, Any]:
        """Points whose words there are none of are left out."""
        edition = text_of(self.text).on(terms.issued_on)
        words = {**terms.extra, **self.words(terms, rows)}
        points = [
            point.format_map(words)
            for point in edition.points
            if all(words[name] for name in self.optional if f"{{{name}}}" in point)
        ]
        return {
            "title": edition.title.format_map(words),
            "preamble": edition.preamble.format_map(words),
            "points": points,
        }

    # Words of points: a point with one that is empty is left out.
    optional: ClassVar[frozenset[str]] = frozenset()

    def words(self, terms: Terms, rows: Sequence[Row]) -> Mapping[str, str]:
        """What the text names beside the terms."""
        return {}


@part_of_command
def require_none_waits(source: Institution) -> None:
    """One order of the authority about an institution at a time.

    Raises:
        NotReorganised: one waits for its signature already.
    """
    if (one := waiting_of(source)) is not None:
        raise NotReorganised(
            f"Наказ № {one.number} щодо цього закладу вже чекає на підпис: підпишіть або поверніть його."
        )


def waiting_of(source: Institution) -> Order | None:
    """The order of an authority about the institution that waits for a signature, if any."""
    return Order.objects.filter(
        institution=source.pk, kind__in=OF_AUTHORITY, state="PREPARED"
    ).first()


@part_of_command
def freeze(
    code: str,
    source: Institution,
    rows: Sequence[Verdict],
    terms: Terms,
    told: Mapping[str, str],
    *,
    actor: Actor,
    moment: Moment,
) -> Order:
    """The order of these rows, waiting for the signature of whoever prepares it."""
    unit = units.own(actor)
    return orders.freeze(
        code,
        source,
        rows,
        dataclasses.replace(terms, extra={**terms.extra, **told}),
        Issuer(
            superior="",
            edrpou=unit.edrpou or "",
            place="",
            head_id=person_of(actor),
            head_name=actor.full_name,
            head_position="Керівник органу управління освітою",
            name=terms.extra["issuer"],
        ),
        actor=actor,
        moment=moment,
    )


@part_of_command
def begin(order: Order) -> None:
    """Note in the log where what the order writes begins; its signature is where it ends."""
    audit.record(OrderTakenUp(subject=order.pk, unit=order.institution_id, number=order.number))
