"""«Скасування наказу»: what a signed order wrote is taken back by another signed order (handbook D.6).

A counter-order is about one order and about all its rows; what would be undone of each, and what
stands in the way, is seen in the table before anything is signed. Nothing is deleted.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import operator
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.db.models import Q, QuerySet

from accounts.actors import Actor
from kernel import audit
from kernel.audit.events import Event
from kernel.clock import Moment
from kernel.tables import dates
from kernel.tables.findings import error
from kernel.text import Alike, alike, plural, readings
from registry.drafts.models import Draft, DraftRow
from registry.institutions.models.institutions import Institution
from registry.movements.events import ClassOrderAnnulled, MovementAnnulled, StaffOrderAnnulled
from registry.movements.movement import Movement
from registry.orders import texts
from registry.orders.models import Order
from registry.orders.services.annulling import annul, refusal_to_annul, rows_of
from registry.process import (
    Candidate,
    Chosen,
    Column,
    Conflict,
    Counted,
    NamedRow,
    Picked,
    Read,
    Say,
    SignedRow,
    Terms,
    Verdict,
    Wanted,
    kind,
    kinds,
)

CODE = "annul"
_SHOWN = 200  # latest orders to choose from; an older one is found by its number


class AnnulRow(SignedRow, frozen=True, kw_only=True, tag="registry.annul/1"):
    """One row of the order that is annulled, and what is undone of it."""

    order: uuid.UUID
    order_number: str
    order_date: datetime.date
    order_kind: str
    order_row: int
    undone: str


class AnnulStaffRow(NamedRow, frozen=True, kw_only=True, tag="registry.annul/2"):
    """The same of an order about staff: `post` is whose row it was."""

    post: uuid.UUID
    order: uuid.UUID
    order_number: str
    order_date: datetime.date
    order_kind: str
    order_row: int
    undone: str

    @property
    def about(self) -> uuid.UUID:
        """The post."""
        return self.post


class AnnulClassRow(NamedRow, frozen=True, kw_only=True, tag="registry.annul/3"):
    """The same of an order about classes: `group` is the class whose row it was."""

    group: uuid.UUID
    order: uuid.UUID
    order_number: str
    order_date: datetime.date
    order_kind: str
    order_row: int
    undone: str

    @property
    def about(self) -> uuid.UUID:
        """The class."""
        return self.group

    @property
    def about_kind(self) -> str:
        """A class."""
        return "registry.class"


AnyRow = AnnulRow | AnnulStaffRow | AnnulClassRow
# The event that tells of each, and the law that its counter-order names.
_EVENTS: dict[type[AnyRow], type[Event]] = {
    AnnulRow: MovementAnnulled,
    AnnulStaffRow: StaffOrderAnnulled,
    AnnulClassRow: ClassOrderAnnulled,
}
_TEXTS: dict[type[AnyRow], str] = {
    AnnulStaffRow: "annul_staff.toml",
    AnnulClassRow: "annul_classes.toml",
}


@dataclasses.dataclass(frozen=True, slots=True)
class _Target:
    order: Order
    rows: dict[int, Any]  # signed rows by their numbers
    standing: dict[int, str]  # what stands on each, by the number
    refusal: str  # why the order as a whole cannot be annulled


@dataclasses.dataclass(frozen=True, slots=True)
class _Frame:
    targets: dict[str, _Target]
    chosen: dict[str, int]  # rows of each order in the table, left out ones not counted


@dataclasses.dataclass(frozen=True, slots=True)
class _Clean:
    target: _Target
    row: Any


def _effective(actor: Actor, institution: Institution) -> Any:
    """Orders in effect of the kinds that the actor keeps: who keeps pupils alone undoes nothing of
    staff."""
    kept = [
        one.code
        for one in kinds().values()
        if not one.by_authority and one.keep.allows(actor, institution)
    ]
    rows = Order.objects.filter(institution_id=institution.pk, state="EFFECTIVE")
    return rows.filter(kind__in=kept).exclude(kind=CODE)


def _named(order: Order) -> str:
    return f"№ {order.number} від {dates.show(order.issued_on)}, {kind(order.kind).about}"


def lines(
    actor: Actor, institution: Institution, wanted: Wanted, moment: Moment
) -> Sequence[Candidate]:
    """Orders in effect, latest first; `wanted.text` is a part of the number, `group` a kind."""
    orders = _effective(actor, institution)
    if wanted.group:
        orders = orders.filter(kind=wanted.group)
    if wanted.text:
        held = [Q(key__contains=alike(one)) for one in readings(wanted.text)]
        orders = orders.alias(key=Alike("number")).filter(functools.reduce(operator.or_, held))
    return [
        Candidate(
            str(order.pk),
            _named(order),
            (
                dates.show(order.effective_on),
                kind(order.kind).rows_are.counted(order.rows_count),
            ),
        )
        for order in orders.order_by("-id")[:_SHOWN]
    ]


def groups(institution: Institution, moment: Moment) -> Sequence[tuple[str, str]]:
    """Kinds of orders, but for counter-orders: an undo is not undone."""
    return [
        (process.code, process.name)
        for process in kinds().values()
        if process.code != CODE and not process.finish and not process.by_authority
    ]


def pick(
    actor: Actor, institution: Institution, keys: Sequence[str], moment: Moment
) -> list[Picked]:
    """Every row of the orders chosen, with what would be undone of it."""
    found = []
    for order in _effective(actor, institution).filter(pk__in=_ids(keys)).order_by("id"):
        process = kind(order.kind)
        rows = rows_of(order)
        audit.looked_at(actor, process.subject, [row.about for row in rows], "скасування наказу")
        found += [
            Picked(
                {
                    "order": _named(order),
                    "pupil": row.full_name,
                    "born_on": dates.show(row.born_on) if isinstance(row, SignedRow) else "",
                    "undone": process.undone(order, row),
                    "order_id": str(order.pk),
                    "order_row": str(row.no),
                },
                row.pupil if isinstance(row, SignedRow) else None,
            )
            for row in rows
        ]
    return found


def _ids(keys: Iterable[str]) -> list[uuid.UUID]:
    found = []
    for key in keys:
        try:
            found.append(uuid.UUID(key))
        except ValueError:
            continue
    return found


class Annul(Movement[AnyRow, _Clean]):
    """«Скасування наказу»: an order in effect is chosen, all its rows come."""

    code = CODE
    name = "Скасування наказу"
    about = "про скасування наказу"
    verb = "скасовано"
    order = 90
    icon = "file"
    columns = (
        Column("order", "Наказ", fixed=True, width="w8", in_full="Наказ, що скасовується"),
        Column("pupil", "Кого стосується", fixed=True, width="w8"),
        Column("born_on", "Дата народж.", fixed=True, in_full="Дата народження", width="w3"),
        Column("undone", "Що скасовується", fixed=True, width="w8"),
        Column("order_id", "Код наказу", fixed=True, in_grid=False),
        Column("order_row", "Рядок наказу", fixed=True, in_grid=False),
    )
    source = Chosen(
        headings=("Наказ", "Діє з", "Рядків"),
        lines=lines,
        pick=pick,
        group_label="Вид наказу",
        groups=groups,
    )
    row = AnnulRow
    older = (AnnulStaffRow, AnnulClassRow)
    rows_are = Counted("Рядки", "Кого стосується", "рядок,рядки,рядків", "рядка,рядків,рядків")
    told = (
        ("Народження", lambda row: dates.show(row.born_on) if isinstance(row, AnnulRow) else ""),
    )
    effective_label = "Дата скасування"
    effective_hint = "Записи наказу, що скасовується, стають недійсними, дд.мм.рррр"
    text = Path(texts.__path__[0]) / "annul.toml"
    paper = (
        ("Наказ", lambda row: f"№ {row.order_number} від {dates.show(row.order_date)}"),
        ("Що скасовується", lambda row: row.undone),
    )

    def frame(self, draft: Draft, actor: Actor, moment: Moment) -> _Frame:
        """The orders named in the table, their signed rows and what stands on them now."""
        chosen: dict[str, int] = {}
        for values, state in draft.rows.values_list("values", "state"):
            if state != "EXCLUDED" and (order_id := values.get("order_id")):
                chosen[order_id] = chosen.get(order_id, 0) + 1
        targets = {}
        orders = Order.objects.filter(
            institution_id=draft.institution_id, pk__in=_ids(chosen)
        ).exclude(kind=CODE)
        for order in orders:
            rows = rows_of(order)
            refusal = refusal_to_annul(order)
            standing = [] if refusal else kind(order.kind).stands_on(order, rows)
            targets[str(order.pk)] = _Target(
                order,
                {row.no: row for row in rows},
                {one.no: one.what for one in standing},
                refusal,
            )
        return _Frame(targets, chosen)

    def read(self, row: DraftRow, frame: _Frame) -> Read:
        """The order is in effect, alone and whole, and nothing stands on the row."""
        order_id = row.values.get("order_id", "")
        target = frame.targets.get(order_id)
        number = int(row.values.get("order_row") or 0)
        problems = []
        if target is None or number not in target.rows:
            problems.append(error("order", "absent", "Такого наказу в закладі немає."))
        else:
            if target.refusal:
                problems.append(error("order", "not_in_effect", f"Цей {target.refusal}."))
            if len(frame.chosen) > 1:
                problems.append(
                    error(
                        "order",
                        "one_order",
                        "Одним наказом скасовують один наказ: залиште рядки лише одного.",
                    )
                )
            whole = target.order.rows_count
            if (here := frame.chosen[order_id]) != whole:
                problems.append(
                    error(
                        "order",
                        "not_whole",
                        f"Наказ скасовують цілком: у ньому {whole} "
                        f"{plural(whole, 'рядок', 'рядки', 'рядків')}, а в таблиці {here}.",
                    )
                )
            if what := target.standing.get(number):
                problems.append(error("undone", "stands", f"Скасувати не можна: {what}."))
        clean = _Clean(target, target.rows[number]) if target and not problems else None
        return Read(tuple(problems), clean, keys=(f"order:{order_id}",))

    def remarks(self, draft: Draft, moment: Moment) -> Sequence[str]:
        """What is undone, or stays, beside what the rows say."""
        chosen = set(
            draft.rows.exclude(state="EXCLUDED").values_list("values__order_id", flat=True)
        )
        return _beside(Order.objects.filter(institution_id=draft.institution_id), chosen - {None})

    def remarks_of_order(self, rows: Sequence[AnyRow]) -> Sequence[str]:
        """The same of a counter-order that waits for its signature."""
        return _beside(Order.objects.all(), {str(row.order) for row in rows})

    def check_terms(self, institution: Institution, terms: Terms, say: Say, moment: Moment) -> None:
        """A counter-order does not act before its own date."""
        if terms.effective_on < terms.issued_on:
            say(
                "effective_on",
                "before_order",
                "Дата скасування не може бути раніша за дату наказу.",
            )

    def signed(self, number: int, verdict: Verdict) -> AnyRow:
        """What the bytes say: whose row of which order, and what is undone."""
        clean: _Clean = verdict.clean
        order, row = clean.target.order, clean.row
        said: dict[str, Any] = {
            "no": number,
            "surname": row.surname,
            "given_name": row.given_name,
            "patronymic": row.patronymic,
            "order": order.pk,
            "order_number": order.number,
            "order_date": order.issued_on,
            "order_kind": order.kind,
            "order_row": row.no,
            "undone": kind(order.kind).undone(order, row),
        }
        if isinstance(row, SignedRow):
            return AnnulRow(**said, pupil=row.pupil, born_on=row.born_on)
        if kind(order.kind).subject == "registry.class":
            return AnnulClassRow(**said, group=row.about)
        return AnnulStaffRow(**said, post=row.about)

    def text_for(self, rows: Sequence[AnyRow]) -> Path:
        """The law named is that of what is annulled."""
        named = _TEXTS.get(type(rows[0])) if rows else None
        return self.text.with_name(named) if named else self.text

    def corrects(self, rows: Sequence[AnyRow]) -> uuid.UUID | None:
        """The one order that all rows are of."""
        return rows[0].order

    def conflicts(self, order: Order, rows: Sequence[AnyRow]) -> list[Conflict]:
        """What came to stand on the order since; the order itself is held."""
        target = (
            Order.objects.filter(pk=rows[0].order)
            .select_for_update(of=("self",), no_key=True)
            .first()
        )
        if target is None or (refusal := refusal_to_annul(target)):
            what = "наказу немає" if target is None else refusal
            return [Conflict(row.no, row.full_name, what) for row in rows]
        standing = kind(target.kind).stands_on(target, rows_of(target))
        mine = {row.order_row: row for row in rows}
        return [Conflict(mine[s.no].no, s.name, s.what) for s in standing if s.no in mine]

    def effect(self, order: Order, rows: Sequence[AnyRow]) -> None:
        """The order is annulled and everything it wrote taken back, as its own kind knows how.

        Raises:
            NotAnnullable: the register has moved on.
        """
        annul(rows[0].order, by=order)

    def events(self, order: Order, rows: Sequence[AnyRow]) -> Iterable[Event]:
        """One movement annulled per child, post or class."""
        return (
            _EVENTS[type(row)](  # type: ignore[call-arg] # all three have these fields
                subject=row.about,
                unit=order.institution_id,
                order=order.pk,
                annulled=row.order,
                kind=row.order_kind,
            )
            for row in rows
        )

    def outcome(self, count: int, day: datetime.date, *, done: bool) -> str:
        """«Наказ буде скасовано щодо 30 рядків з 24.11.2026»."""
        rows = f"{count} {self.rows_are.for_many(count)}"
        return f"наказ {'' if done else 'буде '}скасовано щодо {rows} з {dates.show(day)}"


def _beside(orders: QuerySet[Order], ids: Iterable[str]) -> list[str]:
    found = orders.filter(pk__in=_ids(ids)).exclude(kind=CODE).order_by("id")
    return [
        said for order in found for said in kind(order.kind).undone_beside(order, rows_of(order))
    ]


PROCESS = Annul()
