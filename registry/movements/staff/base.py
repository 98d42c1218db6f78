"""What movements of staff share: whom their rows name, who keeps them, posts as lines to choose."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Generic, cast

from accounts.actors import Actor
from accounts.roles import Duty
from kernel import audit
from kernel.clock import Moment
from kernel.scoping import ScopedQuerySet
from kernel.tables import dates
from kernel.tables.cells import common, tidy
from kernel.tables.findings import Problem, error
from kernel.text import alike
from registry.classes.frames import first_day
from registry.classifiers.selectors import classifiers
from registry.drafts.models import Draft, DraftRow
from registry.fields import finding
from registry.institutions import policies
from registry.institutions.models.institutions import Institution
from registry.movements.movement import Movement
from registry.orders import texts
from registry.orders.models import Order
from registry.process import (
    Candidate,
    Chosen,
    Clean,
    Column,
    Compared,
    Conflict,
    Counted,
    NamedRow,
    Picked,
    Read,
    Row,
    Say,
    Terms,
    Wanted,
)
from registry.staff.models.posts import Post, PostPast, lasting
from registry.staff.selectors import named

STAFF = Counted(
    "Працівники",
    "Працівник",
    "працівник,працівники,працівників",
    "працівника,працівників,працівників",
)


class StaffRow(NamedRow, frozen=True, kw_only=True, tag="registry.staff/1"):
    """A signed row about a post: whose it is, and which position it was then, in words."""

    post: uuid.UUID
    position: str

    @property
    def about(self) -> uuid.UUID:
        """The post."""
        return self.post


def named_as(post: Post) -> dict[str, Any]:
    """What every signed row says of a post and who holds it."""
    person = post.employee
    return {
        "post": post.pk,
        "position": classifiers.label("position", post.position),
        "surname": person.surname,
        "given_name": person.given_name,
        "patronymic": person.patronymic,
    }


def text_file(code: str) -> Path:
    """Where the legal text of a kind lies."""
    return Path(texts.__path__[0]) / f"{code}.toml"


def day_of(draft: Draft, moment: Moment) -> datetime.date:
    """The day that the draft's order acts from, as typed so far."""
    return first_day(draft.terms.get("effective_on"), moment.today)[0]


def posts_held(order: Order, rows: Iterable[StaffRow]) -> dict[uuid.UUID, Post]:
    """The posts that rows name, as they are now, held until the order is in effect."""
    found = (
        Post.objects.filter(institution_id=order.institution_id, pk__in={row.post for row in rows})
        .select_related("employee")
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
    )
    return {post.pk: post for post in found}


def differs(row: StaffRow, post: Post | None, day: datetime.date) -> str:
    """Why a row is of no working post any more; empty when it is."""
    if post is None or not post.lasts(day):
        return "вже не працює у закладі"
    if post.employee.full_name != row.full_name:
        return "імʼя в реєстрі змінено"
    if classifiers.label("position", post.position) != row.position:
        return "посаду в реєстрі змінено"
    return ""


class StaffMovement(Movement[Row, Clean], Generic[Row, Clean]):
    """A kind of movement of staff: kept by whoever keeps the staff, signed by the head."""

    keep = policies.keep_staff
    see = policies.see_staff_names
    duty = Duty.STAFF
    subject = "registry.staff"
    rows_are = STAFF
    card = "staff_detail"
    people_list = "staff_list"
    to_people = "Переглянути працівників"
    told = (("Посада", lambda row: row.position),)

    def usual_day(self, today: datetime.date, first: datetime.date) -> datetime.date:
        """Today: staff work in holidays too."""
        return today

    def judge(
        self,
        rows: Sequence[DraftRow],
        reads: Sequence[Read],
        frame: Any,
        first_with: Mapping[str, int],
    ) -> list[Compared]:
        """No two rows say the same: the kind's `own:` keys tell."""
        return [
            Compared(self.twice(row, read, first_with))
            for row, read in zip(rows, reads, strict=True)
        ]

    def twice(
        self, row: DraftRow, read: Read, first_with: Mapping[str, int]
    ) -> list[dict[str, Any]]:
        """The error of a row whose `own:` key a row above has."""
        above = [first_with[key] for key in read.keys if key.startswith("own:")]
        if not above or min(above) >= row.position:
            return []
        field = self.columns[0].name
        detail = f"Те саме вже сказано в рядку {min(above)}."
        return [error(field, "twice", detail).as_json()]

    def check_terms(self, institution: Institution, terms: Terms, say: Say, moment: Moment) -> None:
        """An order does not reach back behind its own date: past figures stay."""
        if terms.effective_on < terms.issued_on:
            say("effective_on", "before_order", "Ця дата не може бути раніша за дату наказу.")


# ── posts chosen from the list ───────────────────────────────────────────────
COLUMNS = (
    Column("person", "Працівник", fixed=True, width="w8"),
    Column("position", "Посада", fixed=True, width="w8"),
    Column("post", "Код посади", fixed=True, in_grid=False),
)
HEADINGS = ("Працівник", "Посада", "Ставка", "Категорія")
WhyNot = Callable[[Sequence[Post], datetime.date], Mapping[uuid.UUID, str]]


def rate_words(post: Post) -> str:
    """«1», «0,5»; «сумісник» beside it when the post is not the main one."""
    rate = f"{post.rate.normalize():f}".replace(".", ",")
    return rate if post.is_main else f"{rate}, сумісник"


def _working(actor: Actor, institution: Institution, day: datetime.date) -> ScopedQuerySet:
    rows = named(actor).filter(lasting(day), institution_id=institution.pk)
    return cast("ScopedQuerySet", rows)


def chosen(why_not: WhyNot | None = None) -> Chosen:
    """Posts of the institution as lines; `why_not` says which may not be chosen, and why."""

    def lines(
        actor: Actor, institution: Institution, wanted: Wanted, moment: Moment
    ) -> Sequence[Candidate]:
        rows = _working(actor, institution, moment.today)
        if wanted.group:
            rows = rows.filter(position=wanted.group)
        if wanted.text:
            rows = cast("ScopedQuerySet", finding.named(rows, wanted.text))
        found = list(rows.select_related("employee").order_by("sort_key", "id"))
        audit.looked_at(actor, "registry.staff", [one.pk for one in found], "вибір для наказу")
        refused = why_not(found, moment.today) if why_not else {}
        return [
            Candidate(
                str(one.pk),
                one.employee.full_name,
                (
                    classifiers.label("position", one.position),
                    rate_words(one),
                    classifiers.label("staff_category", one.category) if one.category else "",
                ),
                refused.get(one.pk, ""),
            )
            for one in found
        ]

    def pick(
        actor: Actor, institution: Institution, keys: Sequence[str], moment: Moment
    ) -> list[Picked]:
        ids = [one for key in keys if (one := uuid_of(key)) is not None]
        rows = _working(actor, institution, moment.today).filter(pk__in=ids)
        found = list(rows.select_related("employee").order_by("sort_key", "id"))
        refused = why_not(found, moment.today) if why_not else {}
        return [
            Picked(
                {
                    "post": str(one.pk),
                    "person": one.employee.full_name,
                    "position": classifiers.label("position", one.position),
                }
            )
            for one in found
            if one.pk not in refused
        ]

    def groups(institution: Institution, moment: Moment) -> Sequence[tuple[str, str]]:
        return classifiers.choices("position", moment.today)

    return Chosen(
        headings=HEADINGS, key="post", lines=lines, pick=pick, group_label="Посада", groups=groups
    )


def uuid_of(text: str) -> uuid.UUID | None:
    """The id that a text is, if it is one."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


@dataclasses.dataclass(frozen=True, slots=True)
class PostsFrame:
    """The posts that rows were chosen for, as the register has them, and the day of the order."""

    posts: dict[uuid.UUID, Post]
    day: datetime.date
    today: datetime.date

    @classmethod
    def of(cls, draft: Draft, moment: Moment) -> PostsFrame:
        """Read it for a draft."""
        said = draft.rows.values_list("values__post", flat=True)
        ids = [key for one in said if (key := uuid_of(one or ""))]
        posts = Post.objects.filter(institution_id=draft.institution_id, pk__in=ids).select_related(
            "employee"
        )
        return cls({post.pk: post for post in posts}, day_of(draft, moment), moment.today)

    def post_of(self, row: DraftRow) -> tuple[Post | None, list[Problem]]:
        """The post of a row, with what is wrong with it on the day."""
        key = uuid_of(row.values.get("post", ""))
        post = self.posts.get(key) if key else None
        if post is None or not post.lasts(self.day):
            return None, [error("person", "not_here", "Ця особа вже не працює у закладі.")]
        if post.starts_on > self.day:
            told = f"Працює лише з {dates.show(post.starts_on)}."
            return None, [error("person", "not_begun", told)]
        return post, []


def own_key(row: DraftRow) -> tuple[str, ...]:
    """Two rows of one post meet."""
    return (f"own:{row.values.get('post', '')}",)


def conflicts_of(
    order: Order, rows: Sequence[Any], what: Callable[[Any, Post], str]
) -> list[Conflict]:
    """Rows whose post is gone, is another, or of which `what` says why not."""
    posts = posts_held(order, rows)
    found = []
    for row in rows:
        post = posts.get(row.post)
        told = differs(row, post, order.effective_on)
        if not told and post is not None:
            told = what(row, post)
        if told:
            found.append(Conflict(row.no, row.full_name, told))
    return found


def changed_that_day(order: Order, rows: Iterable[StaffRow]) -> set[uuid.UUID]:
    """Posts whose facts changed on that very day already: taken back, the day would have two pasts."""
    past = PostPast.objects.filter(of_id__in=[row.post for row in rows], until=order.effective_on)
    return set(past.values_list("of_id", flat=True))


def main_elsewhere(post: Post, day: datetime.date) -> bool:
    """Whether the person has another main post at a day or later, in any school."""
    others = Post.objects.filter(lasting(day), employee_id=post.employee_id, is_main=True)
    return others.exclude(pk=post.pk).exists()


# ── cells ────────────────────────────────────────────────────────────────────
YES, NO = "так", "ні"
_LONGEST = 300


def yes_or_no(text: str) -> bool | None:
    """What a cell says; nothing is neither."""
    value = alike(tidy(text))
    return None if not value else value in {alike(one) for one in (YES, "+", "1", "yes")}


def labels_of(classifier: str, today: datetime.date) -> list[tuple[str, str]]:
    """Names of a dictionary, for a list to pick from."""
    return [(name, name) for _, name in classifiers.choices(classifier, today)]


def code_typed(
    field: str,
    classifier: str,
    text: str,
    today: datetime.date,
    problems: list[Problem],
    *,
    required: bool = False,
) -> str:
    """The code of what a cell names."""
    value = tidy(text)
    if not value:
        if required:
            problems.append(error(field, "required", "Виберіть зі списку."))
        return ""
    code = classifiers.code_of(classifier, value, today)
    if code is None:
        problems.append(error(field, "unknown", "Такого в довіднику немає: виберіть зі списку."))
    return code or ""


def number_typed(
    field: str,
    text: str,
    most: int,
    problems: list[Problem],
    *,
    whole: bool = False,
    required: bool = False,
) -> Decimal | None:
    """A number above nought, with a comma or a point."""
    value = tidy(text).replace(",", ".")
    if not value:
        if required:
            problems.append(error(field, "required", "Вкажіть число."))
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal(0)
    places = 0 if whole else 2
    if not number.is_finite() or not 0 < number <= most or number != round(number, places):
        problems.append(error(field, "wrong", f"Тут має бути число до {most}."))
        return None
    return number


def text_typed(field: str, text: str, what: str, problems: list[Problem]) -> str:
    """A line of text that must be there."""
    if found := common(field, text):
        problems.append(found)
        return ""
    value = tidy(text)
    if not value or len(value) > _LONGEST:
        problems.append(error(field, "required", f"Вкажіть {what}, до {_LONGEST} знаків."))
    return value
