"""Taking back what an order of an authority wrote: the log says what it was, row by row, and whether
anybody changed a row since; the first later change stands in the way.

Enrolments, places and the rest are put back by the columns that the order writes. Rows that it began
are voided, classes that it opened never were; posts that nobody touched are deleted, for the posts they
carried on go on themselves. Everything stays in the history of rows.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import F, Q

from kernel.audit.written import Written, between
from kernel.db import part_of_command, violation
from kernel.text import plural
from registry.certificates.models import StudyCertificate
from registry.classes.models import ClassGroup
from registry.classes.services.spec import led_from_within
from registry.enrolments.models import ClassPlacement, Enrolment
from registry.groups.models import GroupClass
from registry.institutions.models.institutions import Institution
from registry.institutions.services import subordination
from registry.orders.errors import NotAnnullable
from registry.orders.models import Order, OrderTask
from registry.people.models.pupils import Pupil
from registry.staff.models.load import Load, LoadClass
from registry.staff.models.posts import Post
from registry.staff.models.vacancies import Vacancy

# What an order of an authority writes: the columns that go back, in the order they do.
_BACK: Mapping[Any, tuple[str, ...]] = {
    Enrolment: ("ends_on", "end_reason", "closed_by_id", "voided_by_id"),
    ClassPlacement: ("ends_on", "closed_by_id", "voided_by_id"),
    ClassGroup: ("closed_on",),
    Post: ("ends_on", "institution_id"),
    Load: ("ends_on", "closed_by_id", "voided_by_id"),
    Vacancy: ("closed_on", "institution_id"),
    OrderTask: ("state",),
}
_STAYS = {
    "accounts.grant": "Облікові записи закладу лишаються неактивними: керівника призначають знову.",
    "registry.draft": "Вилучені чернетки керівник повертає сам у переліку чернеток.",
    "registry.order": "Накази, що чекали на підпис, лишаються поверненими: їх складають знову.",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Undo:
    """What one order wrote: keys of rows it changed and of rows it made, by resource."""

    written: Written
    changed: Mapping[str, Mapping[str, dict[str, Any]]]
    made: Mapping[str, Sequence[str]]

    def of(self, model: Any) -> Mapping[str, dict[str, Any]]:
        """Rows that it changed, with what they were."""
        return self.changed[model._meta.label_lower]

    def new(self, model: Any) -> Sequence[str]:
        """Rows that it made."""
        return self.made[model._meta.label_lower]


def read(order: Order) -> Undo:
    """What the order wrote, from the log.

    Raises:
        NotAnnullable: it took effect before its writing was marked in the log.
    """
    written = between(
        "registry.order", order.pk, "registry.order.taken_up", "registry.order.signed"
    )
    if written is None:
        raise NotAnnullable(
            f"Наказ № {order.number} підписано до того, як накази стали скасовними."
        )
    changed, made = {}, {}
    for resource in (*(one._meta.label_lower for one in _BACK), *_STAYS, _INSTITUTION):
        rows = written.rows(resource)
        changed[resource] = {one.key: one.old or {} for one in rows if one.op == "U"}
        made[resource] = [one.key for one in rows if one.op == "I"]
    return Undo(written, changed, made)


_INSTITUTION = "registry.institution"


def branches_of(undo: Undo, source: Institution) -> list[Institution]:
    """Branches that the order gave to another hub."""
    ids = [
        int(key)
        for key, old in undo.changed[_INSTITUTION].items()
        if old.get("hub_id") == source.unit_id
    ]
    return list(Institution.objects.filter(pk__in=ids).select_related("unit").order_by("pk"))


def told(undo: Undo, source: Institution) -> list[str]:
    """Everything that comes back, in sentences."""
    found = []

    def say(count: int, words: str, rest: str) -> None:
        if count:
            found.append(f"{count} {plural(count, *words.split(','))} {rest}")

    begun = sum(old["voided_by_id"] is None and old["ends_on"] is None for old in undo.of(Enrolment).values())  # fmt: skip
    say(len(undo.of(Enrolment)), "дитина,дитини,дітей", f"знову у «{source.short_name}».")
    if begun != len(undo.of(Enrolment)):
        found.append("Кінцеві дати, призначені раніше, діють знову.")
    say(len(undo.of(ClassGroup)), "клас,класи,класів", "відкрито знову.")
    say(
        len(undo.new(ClassGroup)),
        "клас,класи,класів",
        "у правонаступника вважатимуться невідкритими.",
    )
    say(len(undo.of(Post)), "посада,посади,посад", "із навантаженням знову в закладі.")
    say(len(undo.of(Vacancy)), "вакансія,вакансії,вакансій", "знову в закладі.")
    say(
        len(undo.of(OrderTask)),
        "завдання,завдання,завдань",
        "інших закладів знову чекають на відповідь.",
    )
    say(len(branches_of(undo, source)), "філія,філії,філій", "знову підпорядковано закладу.")
    return found


def stays(undo: Undo) -> list[str]:
    """What does not come back by itself, and what to do about it."""
    return [
        *(words for resource, words in _STAYS.items() if undo.changed[resource]),
        "Доступ інформаційних систем не відновлюється: керівник надає його знову.",
    ]


def papers(undo: Undo, order: Order) -> list[StudyCertificate]:
    """Certificates that hold, which a successor issued since to the children who passed to it."""
    passed = Enrolment.objects.filter(pk__in=map(int, undo.new(Enrolment))).values(
        "pupil", "institution"
    )
    at: dict[int, list[Any]] = {}
    for one in passed:
        at.setdefault(one["institution"], []).append(one["pupil"])
    rows = StudyCertificate.objects.filter(state="ISSUED", issue__signed_at__gte=order.signed_at)
    return [
        one
        for heir, children in sorted(at.items())
        for one in rows.filter(institution=heir, pupil__in=children)
        .select_related("institution")
        .order_by("year", "number")
    ]


def standing(undo: Undo, source: Institution) -> list[str]:
    """What others did since that stands in the way."""
    since = {
        model: undo.written.changed_since(
            model._meta.label_lower, [*undo.of(model), *undo.new(model)]
        )
        for model in _BACK
    }
    found: list[str] = []
    children = Pupil.objects.filter(
        Q(enrolments__in=map(int, since[Enrolment]))
        | Q(enrolments__placements__in=map(int, since[ClassPlacement]))
    )
    found += [
        f"{one.full_name}: запис про навчання відтоді змінено"
        for one in children.distinct().order_by("sort_key", "pk")
    ]
    groups = ClassGroup.objects.filter(pk__in=map(int, since[ClassGroup])).order_by("pk")
    found += [f"клас {group.label}: його відтоді змінено" for group in groups]
    posts = Post.objects.filter(pk__in=since[Post]).select_related("employee").order_by("pk")
    found += [f"{one.employee.full_name}: посаду відтоді змінено" for one in posts]
    if count := len(since[Load]):
        found.append(f"навантаження відтоді змінено: рядків {count}")
    if count := len(since[Vacancy]):
        found.append(f"вакансії відтоді змінено або закрито: {count}")
    return list(dict.fromkeys([*found, *_others(undo), *_elsewhere(undo, source)]))


def _others(undo: Undo) -> Iterable[str]:
    """What others hung on the classes and posts that the order made."""
    groups = ClassGroup.objects.in_bulk([int(key) for key in undo.new(ClassGroup)])
    mine = set(map(int, undo.new(ClassPlacement)))
    there = ClassPlacement.objects.filter(class_group_id__in=groups, voided_by=None)
    for group in {one.class_group_id for one in there if one.pk not in mine}:
        yield f"клас {groups[group].label}: у ньому вже інші діти"
    loads = LoadClass.objects.filter(class_group_id__in=groups, load__voided_by=None)
    for group in {
        one.class_group_id for one in loads if str(one.load_id) not in set(undo.new(Load))
    }:
        yield f"клас {groups[group].label}: для нього записано навантаження"
    divided = GroupClass.objects.filter(class_group_id__in=groups, group__closed_on=None)
    for group in set(divided.values_list("class_group_id", flat=True)):
        yield f"клас {groups[group].label}: його поділено на групи"
    own: dict[Any, set[str]] = {Load: set(undo.new(Load)), ClassGroup: set(undo.new(ClassGroup))}
    for relation in Post._meta.related_objects:
        rows = relation.related_model._base_manager.filter(
            **{f"{relation.field.name}__in": undo.new(Post)}
        )
        kept = own.get(relation.related_model, set())
        if any(str(pk) not in kept for pk in rows.values_list("pk", flat=True)):
            yield "за посадами, що перейшли, відтоді записано інше (навантаження, атестацію, відстрочку)"


def _elsewhere(undo: Undo, source: Institution) -> Iterable[str]:
    """The institution or its branches are something else by now."""
    last = source.statuses.order_by("-since", "-id").first()
    made = undo.written.rows("registry.institutionstatus")
    if made and (last is None or str(last.pk) != made[-1].key):
        yield f"{source.short_name}: стан закладу відтоді змінено"
    for branch in branches_of(undo, source):
        if (
            branch.hub_id is None
            or branch.hub_id == source.unit_id
            or branch.status == "LIQUIDATED"
        ):
            yield f"{branch.short_name}: підпорядкування або стан філії відтоді змінено"


@part_of_command
def take_back(undo: Undo, source: Institution, by: Order) -> None:
    """Put everything back; `standing` was asked just before, in the same transaction.

    Raises:
        NotAnnullable: the name of a class is taken by now.
    """
    with violation("one_class_of_a_name", _name_taken), led_from_within():
        ClassPlacement.objects.filter(pk__in=map(int, undo.new(ClassPlacement))).update(
            voided_by=by
        )
        Enrolment.objects.filter(pk__in=map(int, undo.new(Enrolment))).update(voided_by=by)
        Load.objects.filter(pk__in=undo.new(Load)).update(voided_by=by)
        for group in ClassGroup.objects.filter(pk__in=map(int, undo.new(ClassGroup))).order_by(
            "pk"
        ):
            group.closed_on, group.teacher = group.opened_on, None
            group.version += 1
            group.save(update_fields=["closed_on", "teacher", "version"])
        # A post that never was ends on the day it begins (ADR 0065).
        Post.objects.filter(pk__in=undo.new(Post)).update(voided_by=by, ends_on=F("starts_on"))
        for model in (Enrolment, ClassPlacement, Post, ClassGroup, Load, Vacancy, OrderTask):
            _restore(model, list(undo.of(model).values()))
    for branch in branches_of(undo, source):
        subordination.hang(branch, source.unit, hub=source)


@part_of_command
def _restore(model: Any, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    table, key = model._meta.db_table, model._meta.pk.column
    columns = list(_BACK[model])
    if any(field.name == "version" for field in model._meta.local_fields):
        told = [f"{one} = x.{one}" for one in columns] + ["version = t.version + 1"]
    else:
        told = [f"{one} = x.{one}" for one in columns]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} t SET {', '.join(told)}"  # noqa: S608 - our own words
            f" FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb) x WHERE t.{key} = x.{key}",
            [json.dumps(rows)],
        )


def _name_taken() -> NotAnnullable:
    return NotAnnullable("Скасувати не можна: у закладі вже відкрито інший клас з такою назвою.")
