"""«Переведення на іншу посаду» and «Звільнення»: posts chosen from the list, one order, one signature."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from accounts.actors import Actor
from kernel import past
from kernel.audit.events import Event
from kernel.clock import Moment
from kernel.tables import dates
from kernel.tables.findings import error
from registry.classifiers.selectors import classifiers
from registry.drafts.models import Draft, DraftRow
from registry.movements.staff.base import (
    COLUMNS,
    NO,
    YES,
    PostsFrame,
    StaffMovement,
    StaffRow,
    changed_that_day,
    chosen,
    code_typed,
    conflicts_of,
    labels_of,
    main_elsewhere,
    named_as,
    number_typed,
    own_key,
    posts_held,
    text_file,
    yes_or_no,
)
from registry.orders.models import Order
from registry.process import Column, Conflict, Read, Verdict
from registry.staff.events import StaffCorrected, StaffDismissed
from registry.staff.models.posts import MOST_GRADE, MOST_RATE, Post, PostPast
from registry.staff.selectors import hours_words

_DAY = datetime.timedelta(days=1)
FACTS = ("position", "is_main", "rate", "is_full", "grade")


# ── another post ─────────────────────────────────────────────────────────────
class PostFacts(StaffRow, frozen=True, kw_only=True, tag="registry.repost/1"):
    """What the post was, and what it is from the day of the order on."""

    was: dict[str, Any]
    becomes: dict[str, Any]


@dataclasses.dataclass(frozen=True, slots=True)
class _Changed:
    post: Post
    becomes: dict[str, Any]


def facts_of(post: Post) -> dict[str, Any]:
    """What of a post an order may change, as it is signed: numbers as text."""
    return {
        "position": post.position,
        "is_main": post.is_main,
        "rate": f"{post.rate.normalize():f}",
        "is_full": post.is_full,
        "grade": post.grade,
    }


def told_of(facts: dict[str, Any]) -> str:
    words = [
        classifiers.label("position", facts["position"]),
        f"ставка {hours_words(Decimal(facts['rate']))}",
        "основна робота" if facts["is_main"] else "за сумісництвом",
    ]
    if facts["is_full"]:
        words.append("повне залучення")
    if facts["grade"]:
        words.append(f"{facts['grade']} розряд")
    return ", ".join(words)


class Repost(StaffMovement[PostFacts, _Changed]):
    """«Переведення на іншу посаду»: another position, rate, kind of work or tariff grade."""

    code = "repost"
    name = "Переведення на іншу посаду"
    about = "про переведення працівників"
    verb = "переведено"
    order = 30
    columns = (
        *COLUMNS,
        Column("to_position", "Нова посада", offered=True, hint="Порожнє — без змін", width="w8"),
        Column("rate", "Ставка", hint="Порожнє — без змін", width="w4"),
        Column(
            "is_main",
            "Основна робота",
            choices=((YES, YES), (NO, NO)),
            blank="Без змін",
            width="w4",
        ),
        Column(
            "is_full",
            "Повне залучення",
            choices=((YES, YES), (NO, NO)),
            blank="Без змін",
            width="w4",
        ),
        Column("grade", "Тарифний розряд", hint="Порожнє — без змін", width="w4"),
    )
    source = chosen()
    row = PostFacts
    effective_label = "Переведено з"
    default_ground = "заяви працівників"
    text = text_file("repost")
    paper = (("Стає", lambda row: told_of(row.becomes)),)

    def frame(self, draft: Draft, actor: Actor, moment: Moment) -> PostsFrame:
        """The posts chosen."""
        return PostsFrame.of(draft, moment)

    def options(self, institution_id: int, terms: Any, moment: Moment) -> Any:
        """Positions."""
        return {"to_position": labels_of("position", moment.today)}

    def read(self, row: DraftRow, frame: PostsFrame) -> Read:
        """The post works, and something of it changes."""
        post, problems = frame.post_of(row)
        typed = row.values.get
        position = code_typed(
            "to_position", "position", typed("to_position", ""), frame.today, problems
        )
        rate = number_typed("rate", typed("rate", ""), MOST_RATE, problems)
        grade = number_typed("grade", typed("grade", ""), MOST_GRADE, problems, whole=True)
        said = {
            "position": position or None,
            "rate": f"{rate.normalize():f}" if rate else None,
            "grade": int(grade) if grade else None,
            "is_main": yes_or_no(typed("is_main", "")),
            "is_full": yes_or_no(typed("is_full", "")),
        }
        if post is None:
            return Read(tuple(problems), keys=own_key(row))
        was = facts_of(post)
        becomes = was | {name: value for name, value in said.items() if value is not None}
        if not problems and becomes == was:
            problems.append(error("to_position", "no_change", "Вкажіть, що саме змінюється."))
        if becomes["is_main"] and not was["is_main"] and main_elsewhere(post, frame.day):
            problems.append(
                error(
                    "is_main", "main_post_elsewhere", "Ця особа має основну роботу на іншій посаді."
                )
            )
        return Read(
            tuple(problems), None if problems else _Changed(post, becomes), keys=own_key(row)
        )

    def signed(self, number: int, verdict: Verdict) -> PostFacts:
        """What was and what becomes."""
        one: _Changed = verdict.clean
        return PostFacts(
            no=number, **named_as(one.post), was=facts_of(one.post), becomes=one.becomes
        )

    def conflicts(self, order: Order, rows: Sequence[PostFacts]) -> list[Conflict]:
        """Posts that ended or were changed since."""

        touched = changed_that_day(order, rows)

        def what(row: PostFacts, post: Post) -> str:
            if facts_of(post) != row.was or post.pk in touched:
                return "посаду в реєстрі змінено"
            if (
                row.becomes["is_main"]
                and not post.is_main
                and main_elsewhere(post, order.effective_on)
            ):
                return "має основну роботу на іншій посаді"
            return ""

        return conflicts_of(order, rows, what)

    def effect(self, order: Order, rows: Sequence[PostFacts]) -> None:
        """The facts are other from the day on; the former are kept for the days before."""
        _write(
            posts_held(order, rows), order.effective_on, ((row.post, row.becomes) for row in rows)
        )

    def events(self, order: Order, rows: Sequence[PostFacts]) -> Iterable[Event]:
        """One correction a post."""
        posts = Post.objects.in_bulk([row.post for row in rows])
        return (
            StaffCorrected(
                subject=row.post,
                unit=order.institution_id,
                employee=posts[row.post].employee_id,
                changed=tuple(name for name in FACTS if row.was[name] != row.becomes[name]),
                since=order.effective_on,
            )
            for row in rows
        )

    def undone(self, order: Order, row: PostFacts) -> str:
        """What it was before."""
        return f"переведення з {dates.show(order.effective_on)}; знову: {told_of(row.was)}"

    def stands_on(self, order: Order, rows: Sequence[PostFacts]) -> list[Conflict]:
        """Posts that ended or were changed once more since."""
        posts = posts_held(order, rows)
        return [
            Conflict(row.no, row.full_name, "посаду після наказу змінено ще раз")
            for row in rows
            if row.post not in posts or facts_of(posts[row.post]) != row.becomes
        ]

    def annul(self, order: Order, by: Order, rows: Sequence[PostFacts]) -> None:
        """It never was otherwise: the facts before are put back and their past row goes."""
        PostPast.objects.filter(
            of_id__in=[row.post for row in rows], until=order.effective_on
        ).delete()
        posts = posts_held(order, rows)
        for row in rows:
            _set(posts[row.post], row.was)


def _write(
    posts: dict[uuid.UUID, Post],
    day: datetime.date,
    said: Iterable[tuple[uuid.UUID, dict[str, Any]]],
) -> None:
    for key, facts in said:
        post = posts[key]
        fresh = _typed(facts)
        other = {name: value for name, value in fresh.items() if getattr(post, name) != value}
        past.change(PostPast, post, other, since=day, first_day=post.starts_on)
        _set(post, facts)


def _typed(facts: dict[str, Any]) -> dict[str, Any]:
    return {**facts, "rate": Decimal(facts["rate"])}


def _set(post: Post, facts: dict[str, Any]) -> None:
    for name, value in _typed(facts).items():
        setattr(post, name, value)
    post.version += 1
    post.save(update_fields=[*FACTS, "version"])


# ── dismissal ────────────────────────────────────────────────────────────────
class DismissRow(StaffRow, frozen=True, kw_only=True, tag="registry.dismiss/1"):
    """Who leaves and on what ground of the labour code."""

    reason: str
    document: str


@dataclasses.dataclass(frozen=True, slots=True)
class _Leaves:
    post: Post
    reason: str
    document: str


class Dismiss(StaffMovement[DismissRow, _Leaves]):
    """«Звільнення працівників»."""

    code = "dismiss"
    name = "Звільнення працівників"
    about = "про звільнення"
    verb = "звільнено"
    order = 40
    columns = (
        *COLUMNS,
        Column("reason", "Підстава звільнення", required=True, offered=True, width="w8"),
        Column("document", "Документ", required=True, hint="Заява від 20.11.2026", width="w8"),
    )
    source = chosen()
    row = DismissRow
    effective_label = "Останній робочий день"
    default_ground = "заяви працівників"
    text = text_file("dismiss")
    paper = (
        ("Підстава", lambda row: classifiers.label("dismissal_ground", row.reason)),
        ("Документ", lambda row: row.document),
    )

    def frame(self, draft: Draft, actor: Actor, moment: Moment) -> PostsFrame:
        """The posts chosen."""
        return PostsFrame.of(draft, moment)

    def options(self, institution_id: int, terms: Any, moment: Moment) -> Any:
        """Grounds of the labour code."""
        return {"reason": labels_of("dismissal_ground", moment.today)}

    def read(self, row: DraftRow, frame: PostsFrame) -> Read:
        """The post works with no last day set; the ground and its document are told."""
        post, problems = frame.post_of(row)
        if post is not None and post.ends_on is not None:
            problems.append(
                error("person", "ends", f"Останній день уже є: {dates.show(post.ends_on - _DAY)}.")
            )
        reason = code_typed(
            "reason",
            "dismissal_ground",
            row.values.get("reason", ""),
            frame.today,
            problems,
            required=True,
        )
        document = row.values.get("document", "").strip()
        if not document or len(document) > 300:
            problems.append(error("document", "required", "Вкажіть документ, до 300 знаків."))
        clean = None if problems or post is None else _Leaves(post, reason, document)
        return Read(tuple(problems), clean, keys=own_key(row))

    def signed(self, number: int, verdict: Verdict) -> DismissRow:
        """Who, on what ground."""
        one: _Leaves = verdict.clean
        return DismissRow(no=number, **named_as(one.post), reason=one.reason, document=one.document)

    def conflicts(self, order: Order, rows: Sequence[DismissRow]) -> list[Conflict]:
        """Posts that ended or have a last day since."""
        return conflicts_of(
            order, rows, lambda row, post: "останній день уже вказано" if post.ends_on else ""
        )

    def effect(self, order: Order, rows: Sequence[DismissRow]) -> None:
        """The posts end after the day; what they taught ends with them."""
        for post in posts_held(order, rows).values():
            post.ends_on = order.effective_on + _DAY
            post.version += 1
            post.save(update_fields=["ends_on", "version"])

    def events(self, order: Order, rows: Sequence[DismissRow]) -> Iterable[Event]:
        """One dismissal a post."""
        posts = Post.objects.in_bulk([row.post for row in rows])
        return (
            StaffDismissed(
                subject=row.post,
                unit=order.institution_id,
                employee=posts[row.post].employee_id,
                ends_on=order.effective_on + _DAY,
                reason=row.reason,
            )
            for row in rows
        )

    def undone(self, order: Order, row: DismissRow) -> str:
        """The dismissal."""
        return f"звільнення з {dates.show(order.effective_on)}"

    def stands_on(self, order: Order, rows: Sequence[DismissRow]) -> list[Conflict]:
        """Posts whose last day is another now; people who found a main post elsewhere since."""
        posts = posts_held(order, rows)
        found = []
        for row in rows:
            post = posts.get(row.post)
            if post is None or post.ends_on != order.effective_on + _DAY:
                what = "останній день змінено"
            elif post.is_main and main_elsewhere(post, post.ends_on):
                what = "має вже іншу основну роботу"
            else:
                continue
            found.append(Conflict(row.no, row.full_name, what))
        return found

    def annul(self, order: Order, by: Order, rows: Sequence[DismissRow]) -> None:
        """The posts go on."""
        for post in posts_held(order, rows).values():
            post.ends_on = None
            post.version += 1
            post.save(update_fields=["ends_on", "version"])


KINDS = (Repost(), Dismiss())
