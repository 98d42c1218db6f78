"""Attestation, qualification courses and deferments: facts of a career, many at once (handbook D.5, A.9)."""

from __future__ import annotations

import dataclasses
import datetime
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Model

from accounts.actors import Actor
from kernel import past
from kernel.audit.events import Event
from kernel.clock import Moment
from kernel.db import violation
from kernel.tables import dates
from kernel.tables.cells import tidy
from kernel.tables.findings import Problem, error
from kernel.tables.headings import Headings
from kernel.text import alike
from registry.classes.frames import first_day
from registry.classifiers.selectors import classifiers
from registry.drafts.models import Draft, DraftRow
from registry.institutions import policies
from registry.institutions.models.institutions import Institution
from registry.movements.staff.base import (
    COLUMNS,
    PostsFrame,
    StaffMovement,
    StaffRow,
    changed_that_day,
    chosen,
    code_typed,
    conflicts_of,
    day_of,
    labels_of,
    named_as,
    number_typed,
    own_key,
    posts_held,
    text_file,
    text_typed,
)
from registry.movements.staff.load import to_rows
from registry.movements.staff.matching import People
from registry.orders.errors import EnrolledMeanwhile
from registry.orders.models import Order
from registry.process import (
    Column,
    Conflict,
    Counted,
    Read,
    Say,
    Terms,
    Typed,
    Verdict,
)
from registry.staff.events import StaffAttested, StaffDeferred, StaffTrained
from registry.staff.models.careers import Attestation, Course, Deferment
from registry.staff.models.posts import MOST_GRADE, Post, PostPast, lasting
from registry.staff.selectors import deferment_refusals, hours_words

_KINDS = {"REGULAR": "Чергова", "EXTRAORDINARY": "Позачергова"}


def _voided(model: type[Model], order: Order, by: Order) -> None:
    """What an order brought never was."""
    model.objects.filter(opened_by=order, voided_by=None).update(voided_by=by)  # type: ignore[attr-defined]


# ── attestation ──────────────────────────────────────────────────────────────
class AttestRow(StaffRow, frozen=True, kw_only=True, omit_defaults=True, tag="registry.attest/1"):
    """A decision of the commission about one member of staff."""

    was: str = ""  # the category before
    kind: str
    category: str = ""
    title: str = ""
    grade: int | None = None
    protocol: str


@dataclasses.dataclass(frozen=True, slots=True)
class _Attested:
    post: Post
    kind: str
    category: str
    title: str
    grade: int | None
    protocol: str


class Attest(StaffMovement[AttestRow, _Attested]):
    """«Атестація педагогічних працівників»: categories, titles, tariff grades by the decision."""

    code = "attest"
    name = "Атестація педагогічних працівників"
    about = "про результати атестації"
    verb = "атестовано"
    order = 50
    columns = (
        *COLUMNS,
        Column("category", "Категорія", offered=True, hint="Порожнє — без категорії", width="w8"),
        Column("title", "Звання", offered=True, hint="За наявності", width="w8"),
        Column(
            "kind", "Атестація", choices=tuple((name, name) for name in _KINDS.values()),
            blank=_KINDS["REGULAR"], width="w4",
        ),
        Column("grade", "Тарифний розряд", hint="1–25", width="w4"),
        Column("protocol", "Протокол", required=True, hint="№ 3 від 25.03.2026", width="w7"),
    )  # fmt: skip
    source = chosen()
    row = AttestRow
    effective_label = "Дата рішення"
    effective_hint = "З цього дня діє категорія; наступна атестація — за пʼять років, дд.мм.рррр"
    default_ground = "рішення атестаційної комісії"
    text = text_file("attest")
    paper = (
        (
            "Категорія",
            lambda row: classifiers.label("staff_category", row.category) if row.category else "—",
        ),
        ("Звання", lambda row: classifiers.label("staff_title", row.title) if row.title else "—"),
        ("Протокол", lambda row: row.protocol),
    )

    def frame(self, draft: Draft, actor: Actor, moment: Moment) -> PostsFrame:
        """The posts chosen."""
        return PostsFrame.of(draft, moment)

    def options(self, institution_id: int, terms: Any, moment: Moment) -> Any:
        """Categories and titles."""
        return {
            "category": labels_of("staff_category", moment.today),
            "title": labels_of("staff_title", moment.today),
        }

    def read(self, row: DraftRow, frame: PostsFrame) -> Read:
        """A category or a title is given, by a protocol."""
        post, problems = frame.post_of(row)
        typed = row.values.get
        category = code_typed(
            "category", "staff_category", typed("category", ""), frame.today, problems
        )
        title = code_typed("title", "staff_title", typed("title", ""), frame.today, problems)
        said = alike(tidy(typed("kind", "")))
        kind = next((code for code, name in _KINDS.items() if alike(name) == said), "")
        if said and not kind:
            problems.append(error("kind", "unknown", "Атестація — чергова або позачергова."))
        grade = number_typed("grade", typed("grade", ""), MOST_GRADE, problems, whole=True)
        protocol = text_typed("protocol", typed("protocol", ""), "протокол: номер і дату", problems)
        if not problems and not (category or title):
            problems.append(error("category", "required", "Вкажіть категорію або звання."))
        clean = None
        if post is not None and not problems:
            clean = _Attested(
                post, kind or "REGULAR", category, title, int(grade) if grade else None, protocol
            )
        return Read(tuple(problems), clean, keys=own_key(row))

    def check_terms(self, institution: Institution, terms: Terms, say: Say, moment: Moment) -> None:
        """The decision is there already."""
        if terms.effective_on > moment.today:
            say("effective_on", "future", "Рішення ще немає: ця дата не настала.")

    def signed(self, number: int, verdict: Verdict) -> AttestRow:
        """The decision."""
        one: _Attested = verdict.clean
        return AttestRow(
            no=number, **named_as(one.post), was=one.post.category, kind=one.kind,
            category=one.category, title=one.title, grade=one.grade, protocol=one.protocol,
        )  # fmt: skip

    def conflicts(self, order: Order, rows: Sequence[AttestRow]) -> list[Conflict]:
        """Posts that ended, categories written since, another attestation of that day."""
        taken = set(
            Attestation.objects.filter(
                employee__posts__in=[row.post for row in rows],
                held_on=order.effective_on,
                voided_by=None,
            ).values_list("employee_id", flat=True)
        )

        touched = changed_that_day(order, rows)

        def what(row: AttestRow, post: Post) -> str:
            if post.category != row.was or post.pk in touched:
                return "категорію в реєстрі змінено"
            return "атестацію цього дня вже записано" if post.employee_id in taken else ""

        return conflicts_of(order, rows, what)

    def effect(self, order: Order, rows: Sequence[AttestRow]) -> None:
        """The attestation is the person's; the post has the category from the day on."""
        posts = posts_held(order, rows)
        with violation("one_attestation_of_a_day", EnrolledMeanwhile):
            Attestation.objects.bulk_create(
                Attestation(
                    employee_id=posts[row.post].employee_id, kind=row.kind, held_on=order.effective_on,
                    category=row.category, title=row.title, grade=row.grade, protocol=row.protocol,
                    opened_by=order,
                )
                for row in rows
            )  # fmt: skip
        for row in rows:
            _category(posts[row.post], row.category or row.was, order.effective_on)

    def events(self, order: Order, rows: Sequence[AttestRow]) -> Iterable[Event]:
        """One event a post."""
        return (
            StaffAttested(
                subject=row.post, unit=order.institution_id, order=order.pk, category=row.category,
                held_on=order.effective_on,
            )
            for row in rows
        )  # fmt: skip

    def undone(self, order: Order, row: AttestRow) -> str:
        """The decision."""
        name = classifiers.label("staff_category", row.category) if row.category else "звання"
        return f"атестацію з {dates.show(order.effective_on)}: {name}"

    def stands_on(self, order: Order, rows: Sequence[AttestRow]) -> list[Conflict]:
        """Categories that were changed since."""
        posts = posts_held(order, rows)
        return [
            Conflict(row.no, row.full_name, "категорію після наказу змінено")
            for row in rows
            if row.post not in posts or posts[row.post].category != (row.category or row.was)
        ]

    def annul(self, order: Order, by: Order, rows: Sequence[AttestRow]) -> None:
        """There was no decision; the category is what it was."""
        _voided(Attestation, order, by)
        PostPast.objects.filter(
            of_id__in=[row.post for row in rows], until=order.effective_on
        ).delete()
        posts = posts_held(order, rows)
        for row in rows:
            _set_category(posts[row.post], row.was)


def _category(post: Post, category: str, day: datetime.date) -> None:
    if post.category != category:
        past.change(PostPast, post, {"category": category}, since=day, first_day=post.starts_on)
        _set_category(post, category)


def _set_category(post: Post, category: str) -> None:
    post.category = category
    post.version += 1
    post.save(update_fields=["category", "version"])


# ── courses ──────────────────────────────────────────────────────────────────
class CourseRow(StaffRow, frozen=True, kw_only=True, tag="registry.courses/1"):
    """Courses that a member of staff finished."""

    title: str
    provider: str
    hours: str
    ended_on: datetime.date
    document: str


@dataclasses.dataclass(frozen=True, slots=True)
class _Finished:
    post: Post
    title: str
    provider: str
    hours: Decimal
    ended_on: datetime.date
    document: str


@dataclasses.dataclass(frozen=True, slots=True)
class _Courses:
    people: People
    known: frozenset[tuple[uuid.UUID, str, datetime.date]]
    today: datetime.date


class Courses(StaffMovement[CourseRow, _Finished]):
    """«Підвищення кваліфікації»: a table of certificates."""

    code = "courses"
    name = "Підвищення кваліфікації"
    about = "про визнання результатів підвищення кваліфікації"
    verb = "визнано"
    order = 60
    icon = "grid"
    rows_are = Counted(
        "Курси",
        "Працівник",
        "сертифікат,сертифікати,сертифікатів",
        "сертифікат,сертифікати,сертифікатів",
    )
    columns = (
        Column("teacher", "Працівник", required=True, offered=True, width="w8"),
        Column("title", "Тема", required=True, width="w8"),
        Column("provider", "Хто провів", required=True, width="w8"),
        Column("hours", "Годин", required=True, hint="Зразок: 30", width="w4"),
        Column("ended_on", "Завершено", required=True, hint="дд.мм.рррр", width="w3"),
        Column("document", "Документ", required=True, hint="Сертифікат № 15", width="w7"),
    )
    source = Typed(
        headings=Headings(
            words={
                "teacher": "працівник|вчитель|учитель|піб|прізвище, імʼя, по батькові|педагог",
                "title": "тема|назва|курс|тема курсів|назва курсів",
                "provider": "хто провів|заклад|субʼєкт|провайдер|організатор|надавач",
                "hours": "годин|години|кількість годин|обсяг|год",
                "ended_on": "завершено|дата|дата завершення|дата видачі",
                "document": "документ|сертифікат|свідоцтво|номер документа|номер сертифіката",
            },
            shapes=(("ended_on", re.compile(r"\d{1,2}[./]\d{1,2}[./]\d{2,4}")),),
            needed=(frozenset({"teacher"}), frozenset({"hours"})),
        ),
        extra={},
        to_rows=to_rows,
        needed="Працівник, тема, хто провів, годин, дата завершення, сертифікат.",
    )
    row = CourseRow
    effective_label = "Дата визнання"
    default_ground = "рішення педагогічної ради, документи про підвищення кваліфікації"
    text = text_file("courses")
    paper = (
        ("Тема", lambda row: row.title),
        ("Годин", lambda row: hours_words(Decimal(row.hours))),
        ("Документ", lambda row: f"{row.document} від {dates.show(row.ended_on)}"),
    )

    def frame(self, draft: Draft, actor: Actor, moment: Moment) -> _Courses:
        """Who works there, and the certificates that they have."""
        day = day_of(draft, moment)
        posts = Post.objects.filter(lasting(day), institution_id=draft.institution_id)
        people = People(posts.select_related("employee").order_by("sort_key", "id"))
        known = Course.objects.filter(
            employee__in={post.employee_id for post in people.posts}, voided_by=None
        ).values_list("employee_id", "document", "ended_on")
        return _Courses(people, frozenset(known), moment.today)

    def options(self, institution_id: int, terms: Mapping[str, str], moment: Moment) -> Any:
        """The staff by name."""
        day, _ = first_day(terms.get("effective_on"), moment.today)
        posts = Post.objects.filter(lasting(day), institution_id=institution_id)
        return {
            "teacher": People(posts.select_related("employee").order_by("sort_key", "id")).labels
        }

    def read(self, row: DraftRow, frame: _Courses) -> Read:
        """A person, a certificate that is not counted yet."""
        problems: list[Problem] = []
        typed = row.values.get
        checked = frame.people.check("teacher", typed("teacher", ""))
        problems += checked.problems
        title = text_typed("title", typed("title", ""), "тему", problems)
        provider = text_typed("provider", typed("provider", ""), "хто провів", problems)
        document = text_typed("document", typed("document", ""), "документ і його номер", problems)
        hours = number_typed("hours", typed("hours", ""), 1000, problems, required=True)
        ended = dates.parse("ended_on", typed("ended_on", ""), today=frame.today)
        problems += ended.problems
        post = checked.value
        if post and ended.value and ended.value > frame.today:
            problems.append(error("ended_on", "future", "Ця дата ще не настала."))
        if post and (post.employee_id, document, ended.value) in frame.known:
            problems.append(error("document", "known", "Цей документ уже зараховано."))
        clean = None
        keys: tuple[str, ...] = ()
        if post and ended.value and hours and not problems:
            clean = _Finished(post, title, provider, hours, ended.value, document)
            keys = (f"own:{post.employee_id}|{document}|{ended.value}",)
        return Read(tuple(problems), clean, keys=keys)

    def signed(self, number: int, verdict: Verdict) -> CourseRow:
        """The certificate."""
        one: _Finished = verdict.clean
        return CourseRow(
            no=number, **named_as(one.post), title=one.title, provider=one.provider,
            hours=f"{one.hours.normalize():f}", ended_on=one.ended_on, document=one.document,
        )  # fmt: skip

    def conflicts(self, order: Order, rows: Sequence[CourseRow]) -> list[Conflict]:
        """Posts that ended, certificates that were counted since."""
        known = set(
            Course.objects.filter(
                employee__posts__in=[row.post for row in rows], voided_by=None
            ).values_list("employee_id", "document", "ended_on")
        )

        def what(row: CourseRow, post: Post) -> str:
            again = (post.employee_id, row.document, row.ended_on) in known
            return "цей документ уже зараховано" if again else ""

        return conflicts_of(order, rows, what)

    def effect(self, order: Order, rows: Sequence[CourseRow]) -> None:
        """The hours are the person's, in every school."""
        posts = posts_held(order, rows)
        with violation("one_course_of_a_document", EnrolledMeanwhile):
            Course.objects.bulk_create(
                Course(
                    employee_id=posts[row.post].employee_id, title=row.title, provider=row.provider,
                    hours=Decimal(row.hours), ended_on=row.ended_on, document=row.document,
                    opened_by=order,
                )
                for row in rows
            )  # fmt: skip

    def events(self, order: Order, rows: Sequence[CourseRow]) -> Iterable[Event]:
        """One event a certificate."""
        return (
            StaffTrained(
                subject=row.post, unit=order.institution_id, order=order.pk, ended_on=row.ended_on
            )
            for row in rows
        )

    def undone(self, order: Order, row: CourseRow) -> str:
        """The certificate."""
        return f"{row.document}, {hours_words(Decimal(row.hours))} год"

    def stands_on(self, order: Order, rows: Sequence[CourseRow]) -> list[Conflict]:
        """Nothing stands on hours."""
        return []

    def annul(self, order: Order, by: Order, rows: Sequence[CourseRow]) -> None:
        """The certificates are not counted."""
        _voided(Course, order, by)


# ── deferment ────────────────────────────────────────────────────────────────
class DeferRow(StaffRow, frozen=True, kw_only=True, tag="registry.defer/1"):
    """A deferment that is prolonged: until when it was, until when it is."""

    was_until: datetime.date
    until: datetime.date


@dataclasses.dataclass(frozen=True, slots=True)
class _Prolonged:
    post: Post
    was: datetime.date
    until: datetime.date


@dataclasses.dataclass(frozen=True, slots=True)
class _Deferments:
    posts: PostsFrame
    refused: Mapping[uuid.UUID, str]
    until: Mapping[uuid.UUID, datetime.date]


class Defer(StaffMovement[DeferRow, _Prolonged]):
    """«Продовження відстрочки»: only what is there is prolonged, by the head alone (handbook A.9)."""

    code = "defer"
    name = "Продовження відстрочки"
    about = "про продовження відстрочки"
    verb = "подано на продовження відстрочки"
    order = 70
    keep = policies.keep_deferments
    see = policies.keep_deferments
    columns = (
        *COLUMNS,
        Column(
            "until", "Відстрочка до", required=True, hint="Останній день, дд.мм.рррр", width="w3"
        ),
    )
    source = chosen(deferment_refusals)
    row = DeferRow
    effective_label = "Дата подання"
    default_ground = "постанова Кабінету Міністрів України від 27.01.2023 № 76"
    text = text_file("defer")
    paper = (
        ("Була до", lambda row: dates.show(row.was_until)),
        ("Продовжено до", lambda row: dates.show(row.until)),
    )

    def frame(self, draft: Draft, actor: Actor, moment: Moment) -> _Deferments:
        """The posts chosen, which of them fall short of the conditions, and their days."""
        posts = PostsFrame.of(draft, moment)
        until = dict(
            Deferment.objects.filter(post__in=posts.posts, voided_by=None)
            .order_by("until")
            .values_list("post_id", "until")
        )
        refused = deferment_refusals(list(posts.posts.values()), posts.day)
        return _Deferments(posts, refused, until)

    def read(self, row: DraftRow, frame: _Deferments) -> Read:
        """The conditions hold, and the day is later than the present one."""
        post, problems = frame.posts.post_of(row)
        if post is not None and (why := frame.refused.get(post.pk)):
            problems.append(error("person", "conditions", f"{why}."))
        until = dates.parse("until", row.values.get("until", ""))
        problems += until.problems
        was = frame.until.get(post.pk) if post is not None else None
        if was and until.value and until.value <= was:
            problems.append(error("until", "not_later", f"Відстрочка вже є до {dates.show(was)}."))
        if post is None or was is None or until.value is None or problems:
            return Read(tuple(problems), keys=own_key(row))
        return Read((), _Prolonged(post, was, until.value), keys=own_key(row))

    def signed(self, number: int, verdict: Verdict) -> DeferRow:
        """Until when it was and is."""
        one: _Prolonged = verdict.clean
        return DeferRow(no=number, **named_as(one.post), was_until=one.was, until=one.until)

    def conflicts(self, order: Order, rows: Sequence[DeferRow]) -> list[Conflict]:
        """Posts that no longer meet the conditions, deferments prolonged since."""
        posts = posts_held(order, rows)
        refused = deferment_refusals(list(posts.values()), order.effective_on)
        until = dict(
            Deferment.objects.filter(post__in=posts, voided_by=None)
            .order_by("until")
            .values_list("post_id", "until")
        )

        def what(row: DeferRow, post: Post) -> str:
            if why := refused.get(post.pk):
                return why.lower()
            return "" if until.get(post.pk) == row.was_until else "відстрочку вже продовжено"

        return conflicts_of(order, rows, what)

    def effect(self, order: Order, rows: Sequence[DeferRow]) -> None:
        """A new deferment follows the one before."""
        Deferment.objects.bulk_create(
            Deferment(
                post_id=row.post, starts_on=order.effective_on, until=row.until, opened_by=order
            )
            for row in rows
        )

    def events(self, order: Order, rows: Sequence[DeferRow]) -> Iterable[Event]:
        """One event a post; until when is nobody's else."""
        return (
            StaffDeferred(subject=row.post, unit=order.institution_id, order=order.pk)
            for row in rows
        )

    def undone(self, order: Order, row: DeferRow) -> str:
        """The prolongation."""
        return f"продовження відстрочки до {dates.show(row.until)}"

    def stands_on(self, order: Order, rows: Sequence[DeferRow]) -> list[Conflict]:
        """Deferments prolonged once more since."""
        later = set(
            Deferment.objects.filter(
                post__in=[row.post for row in rows],
                voided_by=None,
                until__gt=max(r.until for r in rows),
            ).values_list("post_id", flat=True)
        )
        return [
            Conflict(row.no, row.full_name, "відстрочку продовжено ще раз")
            for row in rows
            if row.post in later
        ]

    def annul(self, order: Order, by: Order, rows: Sequence[DeferRow]) -> None:
        """It was not prolonged."""
        _voided(Deferment, order, by)


KINDS = (Attest(), Courses(), Defer())
